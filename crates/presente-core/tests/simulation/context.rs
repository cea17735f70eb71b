//! What everybody in a simulation shares: the clock, the queue of what will happen, chance, the network's lines,
//! the judge, and the record of what happened.

use crate::{
    judge::Judge,
    network::{Network, WireId},
    scenario::{Fault, Scenario},
};
use jiff::{SignedDuration, Timestamp};
use presente_core::connection::Generation;
use presente_link::{Failure, proto::Frame};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    sync::LazyLock,
    time::{Duration, Instant},
};

/// Time in a simulation, from its beginning, in microseconds.
pub type Micros = u64;
pub const MS: Micros = 1_000;
pub const SECOND: Micros = 1_000 * MS;

/// How many happenings a failing seed shows.
const RECORD: usize = 40;

/// What a server hears on a line.
#[derive(Debug)]
pub enum Up {
    Request(Request),
    Frame(Frame),
    /// The client's end is gone.
    Gone,
}

/// The HTTP request that begins a line.
#[derive(Debug)]
pub enum Request {
    Get { sid: Option<String> },
    Post { sid: Option<String>, body: String },
    WebSocket { sid: Option<String> },
}

/// What a client hears on a line.
#[derive(Debug)]
pub enum Down {
    /// The WebSocket is open.
    Opened,
    Frame(Frame),
    Answer(Result<String, Failure>),
    /// The line is broken.
    Lost(Failure),
}

/// What a server does by itself when it is time, for one of its sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    Ping,
    PingTimeout,
    UpgradeCheck(WireId),
    UpgradeTimeout(WireId),
    ConnectTimeout,
    Emit,
}

/// What will happen.
#[derive(Debug)]
pub enum What {
    AtServer(WireId, Up),
    AtClient(WireId, Down),
    /// The network has taken what the client wrote.
    Taken(WireId),
    /// A server's timer; valid for this turn of it.
    Timer {
        session: u64,
        timer: Timer,
        turn: u64,
    },
    /// The session request is answered, with a token or not.
    SignedIn(Option<u32>),
    /// Who takes the client's events has a look.
    Consume(usize),
    /// What a link that was dropped had still said arrives.
    Stale(Generation, usize),
    ClientEmit,
    Fault(Fault),
    /// The machine wakes up.
    Wake,
    ServerGoesOn,
    ServerStarts,
    /// A person starts what was stopped or halted.
    Person,
    /// From here on the client has to be connected.
    Settled,
    /// From here on nobody sends anything.
    Quiet,
}

struct Due {
    at: Micros,
    order: u64,
    what: What,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

pub struct Context {
    pub now: Micros,
    pub rng: StdRng,
    pub net: Network,
    pub judge: Judge,
    pub scenario: Scenario,
    /// For how long the machine has slept altogether, and whether it does.
    pub slept: Micros,
    pub asleep: bool,
    /// What the wall clock is ahead, or behind, by being set.
    pub wall_offset: i64,
    /// The token that is good.
    pub token: u32,
    /// Nobody has anything to say any more.
    pub quiet: bool,
    queue: BinaryHeap<Reverse<Due>>,
    order: u64,
    recording: bool,
    record: VecDeque<String>,
}

impl Context {
    pub fn new(seed: u64, scenario: Scenario, recording: bool) -> Self {
        Self {
            now: 0,
            // Another stream than the scenario's.
            rng: StdRng::seed_from_u64(!seed),
            net: Network::new(&scenario),
            judge: Judge::new(&scenario),
            scenario,
            slept: 0,
            asleep: false,
            wall_offset: 0,
            token: 1,
            quiet: false,
            queue: BinaryHeap::new(),
            order: 0,
            recording,
            record: VecDeque::new(),
        }
    }

    /// Has something happen at a time.
    pub fn at(&mut self, at: Micros, what: What) {
        self.order += 1;
        self.queue.push(Reverse(Due { at: at.max(self.now), order: self.order, what }));
    }

    /// Has something happen after a time.
    pub fn after(&mut self, wait: Micros, what: What) {
        self.at(self.now + wait, what);
    }

    /// When the next thing happens.
    pub fn next_at(&self) -> Option<Micros> {
        self.queue.peek().map(|due| due.0.at)
    }

    pub fn next(&mut self) -> Option<What> {
        self.queue.pop().map(|due| due.0.what)
    }

    /// The client's monotonic clock, which stands still while the machine sleeps.
    pub fn instant(&self) -> Instant {
        *BASE + Duration::from_micros(self.now - self.slept)
    }

    /// When that clock will show this.
    pub fn time_of(&self, instant: Instant) -> Micros {
        // Up, or it would be a little too early, again and again.
        let micros = instant.saturating_duration_since(*BASE).as_nanos().div_ceil(1000);
        u64::try_from(micros).unwrap_or(u64::MAX / 2) + self.slept
    }

    /// The client's wall clock.
    pub fn wall(&self) -> Timestamp {
        let since = i64::try_from(self.now).unwrap() + self.wall_offset;
        Timestamp::from_second(1_800_000_000).unwrap() + SignedDuration::from_micros(since)
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability)
    }

    /// Somewhere between the half and one and a half of it.
    pub fn about(&mut self, time: Micros) -> Micros {
        self.rng.random_range(time / 2..=time + time / 2)
    }

    /// Writes down what happened, if somebody will read it.
    pub fn note(&mut self, what: impl FnOnce() -> String) {
        if self.recording {
            if self.record.len() == RECORD {
                self.record.pop_front();
            }
            #[allow(clippy::cast_precision_loss, reason = "for reading")]
            let seconds = self.now as f64 / SECOND as f64;
            self.record.push_back(format!("{seconds:>12.4}  {}", what()));
        }
    }

    pub fn record(&self) -> String {
        Vec::from_iter(self.record.iter().map(String::as_str)).join("\n")
    }
}

/// Where all clocks begin: an instant cannot be made from nothing.
static BASE: LazyLock<Instant> = LazyLock::new(Instant::now);
