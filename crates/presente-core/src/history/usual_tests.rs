//! Weeks of people with habits and without, and anything that may be known of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking"
)]

use super::*;
use crate::history::{Span, SpanState, Watch};
use jiff::civil::{Date, Weekday};
use proptest::prelude::*;

const WORKDAYS: [bool; 7] = [true, true, true, true, true, false, false];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Four weeks, watched all day long, with somebody who is online on these days from one hour to another.
fn weeks(zone: &TimeZone, state: SpanState, days: impl Fn(Weekday) -> bool, hours: &[(i8, i8)]) -> Past {
    let began = Date::constant(2026, 3, 9);
    let hour = |date: Date, hour: i8| {
        let date = if hour >= 24 { date.tomorrow().unwrap() } else { date };
        date.at(hour % 24, 0, 0, 0).to_zoned(zone.clone()).unwrap().timestamp()
    };
    let dates = || (0..28).map(|day| began.checked_add(SignedDuration::from_hours(24 * day)).unwrap());
    let online = dates().filter(|date| days(date.weekday()));
    Past {
        spans: online
            .flat_map(|date| {
                hours.iter().map(move |(from, until)| Span {
                    state,
                    from: hour(date, *from),
                    until: Some(hour(date, *until)),
                })
            })
            .collect(),
        watched: dates().map(|date| Watch { from: hour(date, 0), until: hour(date, 24) }).collect(),
    }
}

const NOW: &str = "2026-04-06T12:00:00Z";

fn is_workday(day: Weekday) -> bool {
    !matches!(day, Weekday::Saturday | Weekday::Sunday)
}

#[test]
fn a_habit_is_found_in_local_hours_also_across_a_change_of_clocks() {
    for name in ["Europe/Madrid", "America/Bogota", "Asia/Kolkata"] {
        let zone = TimeZone::get(name).unwrap();
        let told = usual(&weeks(&zone, SpanState::Online, is_workday, &[(9, 14)]), at(NOW), &zone);
        assert_eq!(told.habit, Habit::At { days: WORKDAYS, hours: vec![(9, 14)] }, "{name}");
        assert_eq!(
            told.weekdays[0][8..15],
            [Some(0), Some(100), Some(100), Some(100), Some(100), Some(100), Some(0)]
        );
        assert_eq!(told.hours[10], Some(71), "on five of seven days");
        assert_eq!(told.weekdays[6][10], Some(0));
    }
}

#[test]
fn habits_of_all_kinds_are_told_in_short() {
    let zone = TimeZone::UTC;
    let every_day = [true; 7];
    for (past, habit) in [
        (
            weeks(&zone, SpanState::Busy, |_| true, &[(9, 14), (16, 19)]),
            Habit::At { days: every_day, hours: vec![(9, 14), (16, 19)] },
        ),
        (
            weeks(&zone, SpanState::Online, |_| true, &[(22, 26)]),
            Habit::At { days: every_day, hours: vec![(22, 2)] },
        ),
        (
            weeks(&zone, SpanState::Online, |_| true, &[(0, 24)]),
            Habit::At { days: every_day, hours: vec![(0, 24)] },
        ),
        (
            weeks(&zone, SpanState::Online, |_| true, &[(20, 24)]),
            Habit::At { days: every_day, hours: vec![(20, 24)] },
        ),
        (weeks(&zone, SpanState::Online, |_| false, &[]), Habit::Never),
        (weeks(&zone, SpanState::Away, |_| true, &[(9, 14)]), Habit::Never),
        (Past::default(), Habit::Unknown),
    ] {
        assert_eq!(usual(&past, at(NOW), &zone).habit, habit);
    }
}

#[test]
fn somebody_who_looks_in_now_and_then_has_no_usual_hours() {
    let zone = TimeZone::UTC;
    let mut past = weeks(&zone, SpanState::Online, |_| true, &[(9, 14)]);
    past.spans.truncate(3);
    assert_eq!(usual(&past, at(NOW), &zone).habit, Habit::Irregular);
}

#[test]
fn an_hour_that_was_not_watched_says_nothing_and_none_counts_that_is_long_ago() {
    let zone = TimeZone::UTC;
    let past = weeks(&zone, SpanState::Online, |_| true, &[(9, 14)]);
    let mornings = Past {
        watched: past
            .watched
            .iter()
            .map(|day| Watch { until: day.from + SignedDuration::from_hours(12), ..*day })
            .collect(),
        ..past.clone()
    };
    let told = usual(&mornings, at(NOW), &zone);
    assert_eq!((told.hours[10], told.hours[13]), (Some(100), None));
    assert_eq!(told.habit, Habit::At { days: [true; 7], hours: vec![(9, 12)] });
    let much_later = usual(&past, at("2026-12-06T12:00:00Z"), &zone);
    assert_eq!((much_later.habit, much_later.hours), (Habit::Unknown, [None; 24]));
}

proptest! {
    #[test]
    fn shares_are_shares_whatever_is_known(
        spans in prop::collection::vec((0_i64..2_000_000, prop::option::of(-100_i64..500_000), any::<bool>()), 0..30),
        watched in prop::collection::vec((0_i64..2_000_000, -100_i64..900_000), 0..8),
        name in prop::sample::select(vec!["UTC", "Europe/Madrid", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    ) {
        let moment = |seconds: i64| at("2026-03-20T00:00:00Z") + SignedDuration::from_secs(seconds);
        let past = Past {
            spans: spans.into_iter().map(|(from, length, away)| Span {
                state: if away { SpanState::Away } else { SpanState::Online },
                from: moment(from),
                until: length.map(|length| moment(from + length)),
            }).collect(),
            watched: watched.into_iter().map(|(from, length)| Watch { from: moment(from), until: moment(from + length) }).collect(),
        };
        let told = usual(&past, moment(2_500_000), &TimeZone::get(name).unwrap());
        for share in told.hours.into_iter().chain(told.weekdays.into_iter().flatten()).flatten() {
            prop_assert!(share <= 100);
        }
        let Habit::At { days, hours } = told.habit else { return Ok(()) };
        prop_assert!(days.contains(&true) && (1..=2).contains(&hours.len()));
        prop_assert!(hours.iter().all(|(from, until)| *from < 24 && (1..=24).contains(until)));
    }
}
