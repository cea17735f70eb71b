//! Wall-clock time, passed in so that tests own it. Monotonic time is tokio's, which tests pause.

use jiff::{Timestamp, tz::TimeZone};

/// Tells the time of day.
pub trait Clock: Send + Sync {
    /// Now, by the wall clock: it may jump, and it goes on while the machine sleeps.
    fn now(&self) -> Timestamp;

    /// The time zone in which people are told times.
    fn time_zone(&self) -> TimeZone {
        TimeZone::system()
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is given")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
