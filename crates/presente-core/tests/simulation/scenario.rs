//! What a seed stands for: a network, a server, a client, and what befalls them until all is well again.

use crate::{
    context::{MS, Micros, SECOND},
    network::BAD_FATES,
};
use presente_link::{Limits, Transports};
use rand::{RngExt, SeedableRng, rngs::StdRng};

pub const MINUTE: Micros = 60 * SECOND;
pub const HOUR: Micros = 60 * MINUTE;
pub const DAY: Micros = 24 * HOUR;

/// How it stands with WebSockets, for as long as the seed lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sockets {
    Work,
    /// 400.
    Refused,
    /// The request is never answered.
    Swallowed,
    /// They open, but nothing comes through.
    Deaf,
}

/// What befalls the client, its network or the server. Times are how long it lasts.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// Connections break; both ends are told, or none.
    Cut { all: bool, noticed: bool },
    /// No way to the server: refused at once, or nobody answers. What stood breaks, noticed or not, or stays.
    Outage { lasts: Micros, refuses: bool, cuts: Option<bool> },
    /// Some of the new connections fail, each in a way of its own or all in the same.
    Weather { lasts: Micros, probability: f64, choice: Option<usize> },
    /// Nothing gets through one way.
    Stall { lasts: Micros, up: bool },
    /// Everything takes longer.
    Slow { lasts: Micros, extra: Micros },
    /// Who takes the events takes none.
    SlowConsumer { lasts: Micros },
    /// The machine sleeps; its connections are gone when it wakes, without a word, or are not.
    Sleep { lasts: Micros, gone: bool },
    /// The server ends and comes again.
    Restart { lasts: Micros, noticed: bool },
    /// The server stands still and goes on.
    Freeze { lasts: Micros },
    /// The token is good no more; a new one is.
    ExpireToken,
    /// No token is good.
    RefuseAll { lasts: Micros },
    /// The server closes the connection in order.
    CloseSession,
    /// The server ends the namespace.
    Disconnect,
    /// The server says what it may not.
    Garbage,
    /// The machine is told that its network is another one.
    NetworkChanged,
    /// The wall clock is set.
    WallClock { by: i64 },
    /// A person stops, and starts again.
    Pause { lasts: Micros },
}

impl Fault {
    fn lasts(self) -> Micros {
        match self {
            Self::Outage { lasts, .. }
            | Self::Weather { lasts, .. }
            | Self::Stall { lasts, .. }
            | Self::Slow { lasts, .. }
            | Self::SlowConsumer { lasts }
            | Self::Sleep { lasts, .. }
            | Self::Restart { lasts, .. }
            | Self::Freeze { lasts }
            | Self::RefuseAll { lasts }
            | Self::Pause { lasts } => lasts,
            _ => 0,
        }
    }

    fn any(rng: &mut StdRng) -> Self {
        let lasts = brief(rng);
        match rng.random_range(0..20) {
            0..3 => Self::Cut { all: rng.random(), noticed: rng.random() },
            3..5 => {
                let cuts = [None, Some(true), Some(false)][rng.random_range(0..3)];
                Self::Outage { lasts, refuses: rng.random(), cuts }
            }
            5 => Self::Weather { lasts, probability: rng.random_range(0.2..=1.0), choice: None },
            6 => Self::Weather { lasts, probability: 1.0, choice: Some(rng.random_range(0..BAD_FATES)) },
            7 => Self::Stall { lasts, up: rng.random() },
            8 => Self::Slow { lasts, extra: rng.random_range(100 * MS..4 * SECOND) },
            9 => Self::SlowConsumer { lasts },
            10 => {
                let lasts = if rng.random() { lasts } else { rng.random_range(MINUTE..12 * HOUR) };
                Self::Sleep { lasts, gone: lasts > 5 * MINUTE || rng.random() }
            }
            11 => Self::Restart { lasts, noticed: rng.random() },
            12 => Self::Freeze { lasts },
            13 => Self::ExpireToken,
            14 => Self::RefuseAll { lasts },
            15 => Self::CloseSession,
            16 => Self::Disconnect,
            17 => {
                [Self::Garbage, Self::WallClock { by: rng.random_range(-100..100) }][rng.random_range(0..2)]
            }
            18 => Self::NetworkChanged,
            _ => Self::Pause { lasts },
        }
    }
}

/// From tenths of a second to about two minutes.
fn brief(rng: &mut StdRng) -> Micros {
    let most = [SECOND, 10 * SECOND, 30 * SECOND, 2 * MINUTE][rng.random_range(0..4)];
    rng.random_range(100 * MS..most)
}

/// All that is decided before it begins.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub transports: Transports,
    pub sockets: Sockets,
    /// One trip up and down, and by how much it varies.
    pub latency: (Micros, Micros),
    pub jitter: Micros,
    /// How many trips up it takes until a new line has brought its request.
    pub trips: u64,
    pub interval: Micros,
    pub timeout: Micros,
    pub limits: Limits,
    /// How late timers of the client are.
    pub lateness: Micros,
    /// How often either side has something to say, on average.
    pub pace: Micros,
    pub faults: Vec<(Micros, Fault)>,
    /// From here on nothing is wrong.
    pub healthy_from: Micros,
}

impl Scenario {
    pub fn of(seed: u64) -> Self {
        let rng = &mut StdRng::seed_from_u64(seed);
        let transports =
            [Transports::Auto, Transports::Upgrade, Transports::WebSocketOnly, Transports::PollingOnly];
        let transports = transports[rng.random_range(0..4)];
        let sockets = match transports {
            Transports::WebSocketOnly => Sockets::Work,
            _ => [
                Sockets::Work,
                Sockets::Work,
                Sockets::Work,
                Sockets::Refused,
                Sockets::Swallowed,
                Sockets::Deaf,
            ][rng.random_range(0..6)],
        };
        let seconds = [(25, 20), (10, 5), (5, 5), (3, 4)][rng.random_range(0..4)];
        let most = if rng.random_bool(0.1) { 300 * MS } else { 80 * MS };
        let latency = (rng.random_range(MS..=most), rng.random_range(MS..=most));
        let limits = Limits::default();
        let limits = match rng.random() {
            true => Limits { read_ahead_events: 8, ..limits },
            false => limits,
        };
        let mut scenario = Self {
            transports,
            sockets,
            latency,
            jitter: rng.random_range(0..=latency.0 / 2),
            trips: rng.random_range(1..=3),
            interval: seconds.0 * SECOND,
            timeout: seconds.1 * SECOND,
            limits,
            lateness: rng.random_range(0..=3 * MS),
            pace: rng.random_range(2 * SECOND..20 * SECOND),
            faults: Vec::new(),
            healthy_from: 0,
        };
        scenario.befall(seed, rng);
        scenario
    }

    fn befall(&mut self, seed: u64, rng: &mut StdRng) {
        let mut at = 0;
        for _ in 0..rng.random_range(0..8) {
            at += rng.random_range(0..40 * SECOND);
            self.faults.push((at, Fault::any(rng)));
        }
        // A few seeds have what takes long to simulate.
        let long = match seed {
            _ if seed % 2500 == 1 => rng.random_range(20 * DAY..30 * DAY),
            _ if seed % 250 == 2 => rng.random_range(16 * MINUTE..12 * HOUR),
            _ => 0,
        };
        if long > 0 {
            self.faults
                .push((at, Fault::Outage { lasts: long, refuses: rng.random(), cuts: Some(rng.random()) }));
        }
        // Sleep makes everything after it come later by as much.
        self.healthy_from = self.faults.iter().map(|(at, fault)| at + fault.lasts()).max().unwrap_or(0);
    }

    /// For how long without a ping the server is believed to be there.
    pub fn patience(&self) -> Micros {
        self.interval + self.timeout
    }

    /// When the client has to be connected: what is half-open has been noticed, the attempt that was under way has
    /// run into its deadlines (sign-in, WebSocket tried first, handshake, namespace), the longest wait is over, and a few
    /// attempts have been made in peace, for a fresh token and for a person who looks.
    pub fn settled_by(&self) -> Micros {
        let attempt = (15 + 5 + 20 + 15) * SECOND;
        self.healthy_from + self.patience() + attempt + 30 * SECOND + 4 * 5 * SECOND
    }

    /// When nobody says anything any more.
    pub fn quiet_from(&self) -> Micros {
        self.settled_by() + 2 * self.patience()
    }

    /// When it is over: what was said last has arrived.
    pub fn end(&self) -> Micros {
        self.quiet_from() + 15 * SECOND
    }
}
