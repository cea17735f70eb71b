//! What people choose about history.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The fewest days that history is kept for: shorter, and it could not tell of a week.
pub const MIN_KEEP_DAYS: u32 = 7;
/// The most.
pub const MAX_KEEP_DAYS: u32 = 3_650;

/// What people choose about history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HistorySettings {
    /// Whether it is kept who was online when.
    pub enabled: bool,
    /// For how many days, from [`MIN_KEEP_DAYS`] to [`MAX_KEEP_DAYS`].
    pub keep_days: u32,
}

impl Default for HistorySettings {
    fn default() -> Self {
        Self { enabled: true, keep_days: 90 }
    }
}

impl HistorySettings {
    /// What is older than this is not kept.
    pub fn kept_since(&self, now: Timestamp) -> Timestamp {
        let days = i64::from(self.keep_days.clamp(MIN_KEEP_DAYS, MAX_KEEP_DAYS));
        now.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_is_kept_for_a_week_at_least_and_ten_years_at_most() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        for (keep_days, since) in
            [(90, "2026-08-23T12:00:00Z"), (0, "2026-11-14T12:00:00Z"), (u32::MAX, "2016-11-23T12:00:00Z")]
        {
            let settings = HistorySettings { keep_days, ..HistorySettings::default() };
            assert_eq!(settings.kept_since(now), since.parse().unwrap(), "{keep_days} days");
        }
    }
}
