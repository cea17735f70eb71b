//! The supervisor of the connection: when to try, how long to wait, which generation may speak. Pure: time and
//! randomness are passed in, links and requests are made by who asks it.
//!
//! An *attempt* is everything up to a connected namespace (signing in, where that is due, and opening the
//! link); a *generation* is its number. What a generation says after a newer one has begun is not heard.

use jiff::Timestamp;
use rand::{Rng, RngExt};
use std::time::Duration;
use tokio::time::Instant;

/// The shortest wait between two attempts.
pub const BACKOFF_MIN: Duration = Duration::from_secs(1);
/// The longest wait between two attempts.
pub const BACKOFF_MAX: Duration = Duration::from_secs(30);
/// How long a connection must hold before its loss counts as the first failure again.
pub const STABLE_AFTER: Duration = Duration::from_secs(60);
/// The wall clock running this far ahead of the monotonic one means that the machine slept.
pub const SLEEP_GAP: Duration = Duration::from_secs(10);

/// The number of an attempt and of the link it opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Generation(u64);

/// Where the connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not wanted. Entered at the start and by [`Supervisor::stop`]; left by [`Supervisor::start`].
    Idle,
    /// An attempt is under way. Entered from `Idle`, `Waiting` and `Halted`; left by `opened`, `failed`, `halt`.
    Connecting,
    /// The namespace is connected. Entered by `opened`; left by `failed` (the loss of it), `halt`, `stop`.
    Online {
        /// Since when.
        since: Instant,
    },
    /// The next attempt waits for its time. Entered by `failed`; left when the time comes or by a kick.
    Waiting {
        /// When the next attempt begins.
        until: Instant,
    },
    /// Only a person can go on. Entered by `halt`; left by `start` and `stop`.
    Halted,
}

/// Decides about attempts.
#[derive(Debug)]
pub struct Supervisor {
    state: State,
    generation: Generation,
    failures: u32,
}

impl Default for Supervisor {
    fn default() -> Self {
        Self { state: State::Idle, generation: Generation::default(), failures: 0 }
    }
}

impl Supervisor {
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

    /// Begins an attempt now; does nothing while one is under way or the connection stands.
    pub fn start(&mut self) {
        if matches!(self.state, State::Idle | State::Waiting { .. } | State::Halted) {
            self.begin();
        }
    }

    /// Ends everything; what is still under way is not heard any more.
    pub fn stop(&mut self) {
        self.generation.0 += 1;
        self.state = State::Idle;
        self.failures = 0;
    }

    /// The attempt reached a connected namespace.
    pub fn opened(&mut self, now: Instant) {
        if self.state == State::Connecting {
            self.state = State::Online { since: now };
        }
    }

    /// The attempt failed, or the connection was lost: the next attempt waits, longer each time.
    pub fn failed(&mut self, now: Instant, rng: &mut dyn Rng) {
        match self.state {
            State::Online { since } if now.duration_since(since) >= STABLE_AFTER => self.failures = 0,
            State::Online { .. } | State::Connecting => {}
            State::Idle | State::Waiting { .. } | State::Halted => return,
        }
        self.failures = self.failures.saturating_add(1);
        self.generation.0 += 1;
        self.state = State::Waiting { until: now + backoff(self.failures, rng) };
    }

    /// Trying again would not help: a person must do something.
    pub fn halt(&mut self) {
        self.generation.0 += 1;
        self.state = State::Halted;
    }

    /// The world has changed (woken from sleep, another network): a connection that stands is not to be
    /// trusted, and waiting is pointless.
    pub fn kick(&mut self) {
        if !matches!(self.state, State::Idle | State::Halted) {
            self.failures = 0;
            self.begin();
        }
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
            self.begin();
        }
        due
    }

    fn begin(&mut self) {
        self.generation.0 += 1;
        self.state = State::Connecting;
    }
}

/// Full jitter: anywhere between the minimum and a ceiling that doubles with each failure.
fn backoff(failures: u32, rng: &mut dyn Rng) -> Duration {
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
mod tests {
    use super::*;
    use jiff::ToSpan;
    use proptest::prelude::*;
    use rand::{SeedableRng, rngs::StdRng};

    #[test]
    fn the_wait_grows_to_its_cap_and_never_beyond() {
        let mut rng = StdRng::seed_from_u64(1);
        for failures in 1..200 {
            for _ in 0..50 {
                let wait = backoff(failures, &mut rng);
                assert!((BACKOFF_MIN..=BACKOFF_MAX).contains(&wait), "after {failures} failures: {wait:?}");
            }
        }
        let longest = (0..100).map(|_| backoff(1, &mut rng)).max().unwrap();
        assert!(longest <= Duration::from_secs(2), "the first wait is short: {longest:?}");
    }

    #[test]
    fn only_a_stable_connection_forgives_earlier_failures() {
        let mut rng = StdRng::seed_from_u64(2);
        for (held, failures) in [(Duration::from_secs(5), 4), (STABLE_AFTER, 1)] {
            let now = Instant::now();
            let mut supervisor = Supervisor::default();
            supervisor.start();
            for i in 0..3 {
                supervisor.failed(now, &mut rng);
                assert!(supervisor.tick(now + BACKOFF_MAX), "attempt {i} is due");
            }
            supervisor.opened(now);
            supervisor.failed(now + held, &mut rng);
            assert_eq!(supervisor.failures(), failures, "after holding {held:?}");
        }
    }

    #[test]
    fn a_halted_connection_waits_for_a_person() {
        let mut rng = StdRng::seed_from_u64(3);
        let now = Instant::now();
        let mut supervisor = Supervisor::default();
        supervisor.start();
        supervisor.halt();
        supervisor.kick();
        supervisor.failed(now, &mut rng);
        assert!(!supervisor.tick(now + BACKOFF_MAX));
        assert_eq!((supervisor.state(), supervisor.deadline()), (State::Halted, None));
        supervisor.start();
        assert_eq!(supervisor.state(), State::Connecting);
    }

    #[test]
    fn sleep_is_noticed_and_a_clock_set_back_is_not_sleep() {
        let (wall, monotonic) = (Timestamp::UNIX_EPOCH, Instant::now());
        for (wall_moves, monotonic_moves, slept) in
            [(5, 5, false), (14, 5, false), (3600, 5, true), (-3600, 5, false), (3600, 3600, false)]
        {
            let mut watch = SleepWatch::new(wall + 10_000.seconds(), monotonic);
            let woke = watch.woke(
                wall + 10_000.seconds() + wall_moves.seconds(),
                monotonic + Duration::from_secs(monotonic_moves),
            );
            assert_eq!(woke, slept, "wall {wall_moves} s, monotonic {monotonic_moves} s");
        }
    }

    proptest! {
        #[test]
        fn whatever_happens_generations_only_grow_and_attempts_are_rare(
            steps in prop::collection::vec((0_u8..6, 0_u64..40_000), 1..300), seed: u64,
        ) {
            let mut rng = StdRng::seed_from_u64(seed);
            let mut now = Instant::now();
            let mut supervisor = Supervisor::default();
            let mut attempts_by_failure = 0_u64;
            let began = now;
            for (step, millis) in steps {
                now += Duration::from_millis(millis);
                let before = supervisor.generation();
                match step {
                    0 => supervisor.start(),
                    1 => supervisor.opened(now),
                    2 => supervisor.failed(now, &mut rng),
                    3 => attempts_by_failure += u64::from(supervisor.tick(now)),
                    4 => supervisor.halt(),
                    _ => supervisor.stop(),
                }
                prop_assert!(supervisor.generation() >= before);
            }
            prop_assert!(attempts_by_failure <= now.duration_since(began).as_secs() + 1, "at most one a second");
        }
    }
}
