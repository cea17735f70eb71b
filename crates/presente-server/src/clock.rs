//! The time of day, for what is stored or told: when a token ends, when an announcement was made.
//!
//! What happens within one run is measured with `Instant`, which nobody can set back.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Tells the time; tests have one that they set.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// The clock of this computer.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is given")]
    pub(crate) fn system() -> Self {
        Self(Arc::new(SystemTime::now))
    }

    /// A clock that says what `now` says.
    #[cfg(test)]
    pub(crate) fn of(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time.
    pub(crate) fn now(&self) -> SystemTime {
        (self.0)()
    }

    /// The time as a timestamp.
    pub(crate) fn timestamp(&self) -> String {
        timestamp(self.now())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// A time for people and programs, such as `2026-03-01T09:30:00.000Z`.
pub(crate) fn timestamp(time: SystemTime) -> String {
    jiff::Timestamp::try_from(time).map_or_else(|_| String::new(), |time| format!("{time:.3}"))
}

/// Whole seconds since the epoch, the form in which times are stored.
pub(crate) fn to_seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// The time that was stored as `seconds`.
pub(crate) fn from_seconds(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_for_everybody_and_survives_storing() {
        let clock = Clock::of(|| from_seconds(1_772_357_400));
        assert_eq!(clock.timestamp(), "2026-03-01T09:30:00.000Z");
        assert_eq!(to_seconds(clock.now()), 1_772_357_400);
    }
}
