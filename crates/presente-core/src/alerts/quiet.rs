//! When nobody is to be told of anything: quiet hours and snooze.

use super::{AlertSettings, QuietHours, Weekday, log::Reason};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

/// Why alerts are quiet now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hush {
    pub(super) reason: Reason,
    /// When that ends.
    pub(super) until: Timestamp,
}

impl Hush {
    /// Whether alerts are quiet, and why.
    pub(super) fn at(now: Timestamp, zone: &TimeZone, settings: &AlertSettings) -> Option<Self> {
        if let Some(until) = settings.snoozed_until.filter(|until| now < *until) {
            return Some(Self { reason: Reason::Snoozed, until });
        }
        let hours = settings.quiet.iter().filter(|hours| hours.enabled);
        let until = hours.filter_map(|hours| hours.end_at(now, zone)).max()?;
        Some(Self { reason: Reason::QuietHours, until })
    }
}

impl QuietHours {
    /// When the quiet hours end in which this moment lies, if it lies in any. Where clocks are put forward or back the
    /// hours are rather too long than too short.
    pub fn end_at(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let today = now.to_zoned(zone.clone()).date();
        let yesterday = today.yesterday().ok();
        // Clocks that are put back over midnight let a day begin twice.
        let tomorrow = today.tomorrow().ok();
        let days = [yesterday, Some(today), tomorrow].into_iter().flatten();
        days.filter_map(|day| self.on(day, zone))
            .filter(|(from, until)| (*from..*until).contains(&now))
            .map(|(_, until)| until)
            .max()
    }

    /// From when until when they last that begin on this day, if any do.
    fn on(&self, day: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        if !self.weekdays.contains(&Weekday::from(day.weekday())) {
            return None;
        }
        let last_day = if self.from < self.until { day } else { day.checked_add(1.day()).ok()? };
        let from = zone.to_ambiguous_timestamp(day.to_datetime(self.from)).earlier().ok()?;
        let until = zone.to_ambiguous_timestamp(last_day.to_datetime(self.until)).later().ok()?;
        Some((from, until))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;
    use jiff::civil::{Time, time};
    use proptest::prelude::*;

    fn hours(from: Time, until: Time, weekdays: &[Weekday]) -> QuietHours {
        QuietHours { from, until, weekdays: weekdays.iter().copied().collect(), enabled: true }
    }

    fn zoned(text: &str) -> (Timestamp, TimeZone) {
        let zoned: jiff::Zoned = text.parse().unwrap();
        (zoned.timestamp(), zoned.time_zone().clone())
    }

    #[test]
    fn quiet_hours_wrap_midnight_and_belong_to_the_day_on_which_they_begin() {
        use Weekday::{Fri, Sat, Sun};
        let night = |days: &[Weekday]| hours(time(22, 0, 0, 0), time(7, 30, 0, 0), days);
        let noon = hours(time(12, 0, 0, 0), time(13, 0, 0, 0), &Weekday::ALL);
        let whole_days = hours(time(0, 0, 0, 0), time(0, 0, 0, 0), &[Sat, Sun]);
        // 2026-11-20 is a Friday.
        for (quiet, at, is_quiet) in [
            (night(&[Fri]), "2026-11-20T21:59:59[Europe/Madrid]", false),
            (night(&[Fri]), "2026-11-20T22:00[Europe/Madrid]", true),
            (night(&[Fri]), "2026-11-21T07:29:59[Europe/Madrid]", true),
            (night(&[Fri]), "2026-11-21T07:30[Europe/Madrid]", false),
            (night(&[Fri]), "2026-11-20T05:00[Europe/Madrid]", false),
            (night(&[Fri]), "2026-11-21T23:00[Europe/Madrid]", false),
            (night(&[]), "2026-11-20T23:00[Europe/Madrid]", false),
            (noon.clone(), "2026-11-20T12:30[America/Mexico_City]", true),
            (noon, "2026-11-20T13:00[America/Mexico_City]", false),
            (whole_days.clone(), "2026-11-21T00:00[Asia/Kathmandu]", true),
            (whole_days.clone(), "2026-11-22T23:59[Asia/Kathmandu]", true),
            (whole_days, "2026-11-23T00:00[Asia/Kathmandu]", false),
        ] {
            let (now, zone) = zoned(at);
            assert_eq!(quiet.end_at(now, &zone).is_some(), is_quiet, "{quiet:?} at {at}");
        }
    }

    #[test]
    fn where_clocks_change_the_hours_are_rather_too_long() {
        // In Madrid clocks go from 2 to 3 on 2026-03-29, and from 3 to 2 on 2026-10-25.
        let into_the_gap = hours(time(22, 0, 0, 0), time(2, 30, 0, 0), &Weekday::ALL);
        let (now, zone) = zoned("2026-03-29T01:59[Europe/Madrid]");
        assert_eq!(into_the_gap.end_at(now, &zone), Some(zoned("2026-03-29T03:30[Europe/Madrid]").0));
        let (now, zone) = zoned("2026-10-25T02:15+02:00[Europe/Madrid]");
        assert_eq!(into_the_gap.end_at(now, &zone), Some(zoned("2026-10-25T02:30+01:00[Europe/Madrid]").0));
    }

    #[test]
    fn a_snooze_is_quiet_too_and_what_is_turned_off_is_not() {
        let (now, zone) = zoned("2026-11-20T23:00[Europe/Madrid]");
        let night = hours(time(22, 0, 0, 0), time(7, 30, 0, 0), &Weekday::ALL);
        let off = QuietHours { enabled: false, ..night.clone() };
        let with = |quiet| AlertSettings { quiet: vec![quiet], ..AlertSettings::default() };
        let reason = |settings: &AlertSettings, snoozed| {
            let settings = AlertSettings { snoozed_until: snoozed, ..settings.clone() };
            Hush::at(now, &zone, &settings).map(|hush| hush.reason)
        };
        assert_eq!(reason(&with(night), None), Some(Reason::QuietHours));
        assert_eq!(reason(&with(off.clone()), None), None);
        assert_eq!(reason(&with(off.clone()), Some(now + 1.second())), Some(Reason::Snoozed));
        assert_eq!(reason(&with(off), Some(now)), None, "a snooze ends");
    }

    proptest! {
        #[test]
        fn whenever_the_clock_on_the_wall_is_within_the_hours_it_is_quiet(
            zone in prop::sample::select(vec!["Europe/Madrid", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Gaza", "America/Nuuk", "Pacific/Apia", "UTC"]),
            from in 0_i8..24, until in 0_i8..24, minute in 0_i8..60, at in 1_767_225_600_i64..1_830_297_600,
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let quiet = hours(time(from, minute, 0, 0), time(until, minute, 0, 0), &Weekday::ALL);
            let now = Timestamp::from_second(at).unwrap();
            let wall = now.to_zoned(zone.clone()).time();
            let within = match quiet.from.cmp(&quiet.until) {
                std::cmp::Ordering::Less => (quiet.from..quiet.until).contains(&wall),
                std::cmp::Ordering::Equal => true,
                std::cmp::Ordering::Greater => wall >= quiet.from || wall < quiet.until,
            };
            let end = quiet.end_at(now, &zone);
            prop_assert!(!within || end.is_some(), "{wall} in {quiet:?}");
            prop_assert!(end.is_none_or(|end| end > now));
        }
    }
}
