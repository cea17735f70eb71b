//! The supervisor of the connection: when to try, how long to wait, which generation may speak, and what is known
//! about how it goes. Pure: time and randomness are passed in, links and requests are made by who asks it.
//!
//! An *attempt* is everything up to a connected namespace (signing in, where that is due, and opening the
//! link); a *generation* is its number. What a generation says after a newer one has begun is not heard.
//! Whatever asks for attempts, two of them never begin within [`ATTEMPT_GAP`] of each other.

use crate::{display_name::clean, link::Transport};
use jiff::{SignedDuration, Timestamp};
use rand::{Rng, RngExt};
use std::time::Duration;
use tokio::time::Instant;

/// The shortest time between the beginnings of two attempts, so that there are never more than 60 in a minute.
pub const ATTEMPT_GAP: Duration = Duration::from_secs(1);
/// The shortest wait after a failure.
pub const BACKOFF_MIN: Duration = Duration::from_secs(1);
/// The longest wait after a failure.
pub const BACKOFF_MAX: Duration = Duration::from_secs(30);
/// How long a connection must hold before its loss counts as the first failure again.
pub const STABLE_AFTER: Duration = Duration::from_secs(60);
/// The wall clock running this far ahead of the monotonic one means that the machine slept.
pub const SLEEP_GAP: Duration = Duration::from_secs(10);
/// A newer round trip is taken no sooner than this after the last: what it is shown on should be quiet.
pub const ROUND_TRIP_EVERY: Duration = Duration::from_secs(5);

/// Who loses a connection and has it back so soon is not told.
pub const TROUBLE_SHOWS_AFTER: Duration = Duration::from_secs(2);

/// The longest reason that is kept, in characters.
const MAX_REASON_CHARS: usize = 200;

/// The number of an attempt and of the link it opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Generation(u64);

/// Where the connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not wanted. Entered at the start and by [`Supervisor::stop`]; left by [`Supervisor::start`].
    Idle,
    /// An attempt is under way. Entered from `Waiting` when its time comes, and by `start`, `again` and `kick` if
    /// the last attempt is long enough ago; left by `opened`, `failed`, `again`, `halt`, `kick` and `stop`.
    Connecting,
    /// The namespace is connected. Entered by `opened`; left by `failed` (the loss of it), `halt`, `kick` and `stop`.
    Online {
        /// Since when.
        since: Instant,
    },
    /// The next attempt waits for its time. Entered by `failed`, and by `start`, `again` and `kick` that come too
    /// soon after the last attempt; left when the time comes, and by `start`, `kick`, `halt` and `stop`.
    Waiting {
        /// When the next attempt begins.
        until: Instant,
    },
    /// Only a person can go on. Entered by `halt`; left by `start` and `stop`.
    Halted,
}

/// What is known about a connection, for whoever looks into why it is as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionDetails {
    /// Since when we have been connected, or have not been; by the wall clock, whole seconds.
    pub since: Timestamp,
    /// How bytes travel on the connection that stands, or travelled on the one that was lost.
    pub transport: Option<Transport>,
    /// How long the server took to answer last, on the same connection.
    pub round_trip: Option<Duration>,
    /// Attempts since we were online last; while we are, how many it took.
    pub attempts: u32,
    /// Why the last connection ended or the last attempt failed: a few English words, for logs and experts.
    pub last_reason: Option<String>,
}

/// Decides about attempts.
#[derive(Debug)]
pub struct Supervisor {
    state: State,
    generation: Generation,
    failures: u32,
    since: Instant,
    attempts: u32,
    /// When the connection was lost, as long as it may come back before anybody is told.
    lost: Option<Instant>,
    last_attempt: Option<Instant>,
    last_reason: Option<String>,
    transport: Option<Transport>,
    round_trip: Option<(Duration, Instant)>,
}

impl Supervisor {
    /// One that is idle.
    pub fn new(now: Instant) -> Self {
        Self {
            state: State::Idle,
            generation: Generation::default(),
            failures: 0,
            since: now,
            attempts: 0,
            lost: None,
            last_attempt: None,
            last_reason: None,
            transport: None,
            round_trip: None,
        }
    }

    /// Where the connection stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The generation that may speak.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Failed attempts since the last stable connection.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether the namespace is connected.
    pub fn is_online(&self) -> bool {
        matches!(self.state, State::Online { .. })
    }

    /// What is known, told at `now` on the one clock and `wall` on the other.
    pub fn details(&self, now: Instant, wall: Timestamp) -> ConnectionDetails {
        let ago = SignedDuration::try_from(now.saturating_duration_since(self.since)).unwrap_or_default();
        let since = wall.checked_sub(ago).unwrap_or(wall);
        ConnectionDetails {
            since: Timestamp::from_second(since.as_second()).unwrap_or(since),
            transport: self.transport,
            round_trip: self.round_trip.map(|(round_trip, _)| round_trip),
            attempts: self.attempts,
            last_reason: self.last_reason.clone(),
        }
    }

    /// Begins an attempt; does nothing while one is under way or the connection stands.
    pub fn start(&mut self, now: Instant) {
        if matches!(self.state, State::Idle | State::Waiting { .. } | State::Halted) {
            self.begin(now);
        }
    }

    /// Ends everything; what is still under way is not heard any more.
    pub fn stop(&mut self, now: Instant) {
        self.enter(State::Idle, now);
        (self.failures, self.attempts) = (0, 0);
    }

    /// The attempt reached a connected namespace.
    pub fn opened(&mut self, transport: Transport, now: Instant) {
        if self.state == State::Connecting {
            // The same generation goes on.
            (self.state, self.since) = (State::Online { since: now }, now);
            self.lost = None;
            self.transport = Some(transport);
        }
    }

    /// Bytes travel another way now.
    pub fn transport_changed(&mut self, transport: Transport) {
        self.transport = Some(transport);
    }

    /// The server answered in that time. What comes sooner than [`ROUND_TRIP_EVERY`] after the last is passed over.
    pub fn answered(&mut self, round_trip: Duration, now: Instant) {
        if self.round_trip.is_none_or(|(_, at)| now.duration_since(at) >= ROUND_TRIP_EVERY) {
            self.round_trip = Some((round_trip, now));
        }
    }

    /// The attempt failed, or the connection was lost: the next attempt waits, longer each time.
    pub fn failed(&mut self, reason: &str, now: Instant, rng: &mut dyn Rng) {
        match self.state {
            State::Online { since } if now.duration_since(since) >= STABLE_AFTER => self.failures = 0,
            State::Online { .. } | State::Connecting => {}
            State::Idle | State::Waiting { .. } | State::Halted => return,
        }
        self.failures = self.failures.saturating_add(1);
        self.note(reason);
        self.enter(State::Waiting { until: now + backoff(self.failures, rng) }, now);
    }

    /// The connection, or the attempt, ends as was announced: the next attempt begins then, and nothing has failed.
    pub fn pause(&mut self, reason: &str, until: Instant, now: Instant) {
        if matches!(self.state, State::Online { .. } | State::Connecting) {
            self.note(reason);
            self.enter(State::Waiting { until }, now);
        }
    }

    /// The next attempt, if one is waiting, begins no sooner than then.
    pub fn put_off(&mut self, not_before: Instant) {
        if let State::Waiting { until } = &mut self.state {
            *until = not_before.max(*until);
        }
    }

    /// The attempt under way has to be made once more, with something put right: no failure of the network's.
    pub fn again(&mut self, reason: &str, now: Instant) {
        if self.state == State::Connecting {
            self.note(reason);
            self.begin(now);
        }
    }

    /// Trying again would not help: a person must do something.
    pub fn halt(&mut self, reason: &str, now: Instant) {
        self.note(reason);
        self.enter(State::Halted, now);
    }

    /// The world has changed (woken from sleep, another network): a connection that stands is not to be
    /// trusted, and waiting is pointless.
    pub fn kick(&mut self, reason: &str, now: Instant) {
        if !matches!(self.state, State::Idle | State::Halted) {
            self.failures = 0;
            self.note(reason);
            self.begin(now);
            // The monotonic clock may have stood still meanwhile, so what was since before cannot be told from it.
            self.since = now;
        }
    }

    /// A connection that stood was lost so little ago that nobody is told yet.
    pub fn is_lost_briefly(&self) -> bool {
        self.lost.is_some()
    }

    /// When [`Self::end_grace`] wants to be called, if ever.
    pub fn grace_ends(&self) -> Option<Instant> {
        self.lost.map(|lost| lost + TROUBLE_SHOWS_AFTER)
    }

    /// People are told of the loss now, if it has lasted long enough.
    pub fn end_grace(&mut self, now: Instant) {
        self.lost.take_if(|lost| now >= *lost + TROUBLE_SHOWS_AFTER);
    }

    /// When [`Self::tick`] wants to be called, if ever.
    pub fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Waiting { until } => Some(until),
            _ => None,
        }
    }

    /// Begins the next attempt if its time has come; says whether it did.
    pub fn tick(&mut self, now: Instant) -> bool {
        let due = matches!(self.state, State::Waiting { until } if now >= until);
        if due {
            self.begin(now);
        }
        due
    }

    fn note(&mut self, reason: &str) {
        // It may hold words of the server's.
        self.last_reason = Some(clean(reason, MAX_REASON_CHARS));
    }

    /// Begins an attempt, or has it wait for the rest of the gap after the last one.
    fn begin(&mut self, now: Instant) {
        let may = self.last_attempt.map(|last| last + ATTEMPT_GAP).filter(|may| *may > now);
        if let Some(until) = may {
            return self.enter(State::Waiting { until }, now);
        }
        self.enter(State::Connecting, now);
        self.last_attempt = Some(now);
        self.attempts = self.attempts.saturating_add(1);
        (self.transport, self.round_trip) = (None, None);
    }

    /// Leaves the state for another in a new generation.
    fn enter(&mut self, state: State, now: Instant) {
        let trying = |state| matches!(state, State::Connecting | State::Waiting { .. });
        if self.is_online() {
            self.attempts = 0;
            self.lost = Some(now);
        }
        self.lost.take_if(|_| !trying(state));
        // Trying is one thing to who waits for it, however many attempts it takes.
        if !(trying(self.state) && trying(state)) {
            self.since = now;
        }
        self.generation.0 += 1;
        self.state = state;
    }
}

/// Full jitter: anywhere between the minimum and a ceiling that doubles with each failure.
pub(crate) fn backoff(failures: u32, rng: &mut dyn Rng) -> Duration {
    let ceiling = BACKOFF_MIN.saturating_mul(2_u32.saturating_pow(failures)).min(BACKOFF_MAX);
    rng.random_range(BACKOFF_MIN..=ceiling)
}

/// Notices that the machine slept: the wall clock went on, the monotonic one did not.
#[derive(Debug)]
pub struct SleepWatch {
    wall: Timestamp,
    monotonic: Instant,
}

impl SleepWatch {
    /// Starts watching.
    pub fn new(wall: Timestamp, monotonic: Instant) -> Self {
        Self { wall, monotonic }
    }

    /// Whether the machine slept since the last call. A clock set backwards is not sleep.
    pub fn woke(&mut self, wall: Timestamp, monotonic: Instant) -> bool {
        let by_wall = wall.duration_since(self.wall);
        let by_monotonic = monotonic.saturating_duration_since(self.monotonic);
        *self = Self::new(wall, monotonic);
        Duration::try_from(by_wall).is_ok_and(|by_wall| by_wall > by_monotonic + SLEEP_GAP)
    }
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
