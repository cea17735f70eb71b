//! Days of all lengths, and anything that may be known of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking"
)]

use super::*;
use crate::history::{Span, Watch};
use proptest::prelude::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn span(state: SpanState, from: &str, until: Option<&str>) -> Span {
    Span { state, from: at(from), until: until.map(at) }
}

fn shown(day: &Day) -> Vec<(SegmentState, u16, u16)> {
    day.segments.iter().map(|segment| (segment.state, segment.from, segment.until)).collect()
}

#[test]
fn a_day_is_told_from_its_beginning_to_its_end() {
    use SegmentState::{Away, Busy, Future, Offline, Online, Unknown};
    let past = Past {
        spans: vec![
            span(SpanState::Online, "2026-11-16T08:00:00Z", Some("2026-11-16T09:30:00Z")),
            span(SpanState::Away, "2026-11-16T09:30:00Z", Some("2026-11-16T10:00:00Z")),
            span(SpanState::Busy, "2026-11-16T11:00:00Z", None),
        ],
        watched: vec![Watch { from: at("2026-11-16T07:00:00Z"), until: at("2026-11-16T11:59:40Z") }],
    };
    let told = timeline(&past, TimelineSpan::Today, at("2026-11-16T12:00:00Z"), &TimeZone::UTC);
    let [day] = told.days.as_slice() else { panic!("not one day: {told:?}") };
    assert_eq!((day.minutes, day.now), (1440, Some(720)));
    assert_eq!(
        shown(day),
        [
            (Unknown, 0, 420),
            (Offline, 420, 480),
            (Online, 480, 570),
            (Away, 570, 600),
            (Offline, 600, 660),
            (Busy, 660, 720),
            (Future, 720, 1440),
        ]
    );
}

#[test]
fn somebody_who_looked_in_for_seconds_is_seen_and_a_connection_lost_for_seconds_is_not() {
    use SegmentState::{Future, Offline, Online};
    let past = Past {
        spans: vec![span(SpanState::Online, "2026-11-16T08:00:58Z", Some("2026-11-16T08:01:02Z"))],
        watched: vec![
            Watch { from: at("2026-11-16T00:00:00Z"), until: at("2026-11-16T10:00:10Z") },
            Watch { from: at("2026-11-16T10:00:20Z"), until: at("2026-11-16T11:00:00Z") },
        ],
    };
    let told = timeline(&past, TimelineSpan::Today, at("2026-11-16T11:00:00Z"), &TimeZone::UTC);
    assert_eq!(
        shown(&told.days[0]),
        [(Offline, 0, 480), (Online, 480, 482), (Offline, 482, 660), (Future, 660, 1440)]
    );
}

#[test]
fn a_week_is_seven_days_that_end_today() {
    let told =
        timeline(&Past::default(), TimelineSpan::Week, at("2026-03-02T12:00:00Z"), &zone("America/Bogota"));
    let dates: Vec<String> = told.days.iter().map(|day| day.date.to_string()).collect();
    assert_eq!(dates.first().map(String::as_str), Some("2026-02-24"));
    assert_eq!((dates.last().map(String::as_str), dates.len()), (Some("2026-03-02"), 7));
    assert_eq!(told.days.iter().filter(|day| day.now.is_some()).count(), 1);
    let began = begins(TimelineSpan::Week, at("2026-03-02T12:00:00Z"), &zone("America/Bogota"));
    assert_eq!(began, at("2026-02-24T05:00:00Z"));
}

#[test]
fn days_on_which_the_clocks_are_changed_are_shorter_or_longer() {
    for (name, now, minutes) in [
        ("Europe/Madrid", "2026-03-29T20:00:00Z", 23 * 60),
        ("Europe/Madrid", "2026-10-25T20:00:00Z", 25 * 60),
        ("Australia/Lord_Howe", "2026-04-04T20:00:00Z", 24 * 60 + 30),
        // Midnight does not exist on this day.
        ("America/Asuncion", "2023-10-01T20:00:00Z", 23 * 60),
        ("Europe/Madrid", "2026-11-21T20:00:00Z", 24 * 60),
    ] {
        let told = timeline(&Past::default(), TimelineSpan::Today, at(now), &zone(name));
        assert_eq!(told.days[0].minutes, minutes, "{name}, {now}");
        let week = timeline(&Past::default(), TimelineSpan::Week, at(now), &zone(name));
        let whole = week
            .days
            .windows(2)
            .all(|days| days[0].began + SignedDuration::from_mins(days[0].minutes.into()) == days[1].began);
        assert!(whole, "{name}, {now}: {week:?}");
    }
}

#[test]
fn somebody_who_comes_and_goes_all_day_is_drawn_in_few_pieces() {
    let began = at("2026-11-16T00:00:00Z");
    let minute = |minute: i64| began + SignedDuration::from_mins(minute);
    let spans = (0..720).map(|n| Span {
        state: SpanState::Online,
        from: minute(2 * n),
        until: Some(minute(2 * n + 1)),
    });
    // Also such that pauses are longer than the finest steps.
    let rare = (0..90).map(|n| Span {
        state: SpanState::Online,
        from: minute(16 * n),
        until: Some(minute(16 * n + 1)),
    });
    for spans in [spans.collect::<Vec<_>>(), rare.collect()] {
        let past = Past { spans, watched: vec![Watch { from: began, until: minute(1440) }] };
        for (span, most) in [(TimelineSpan::Today, 60), (TimelineSpan::Week, 20)] {
            let told = timeline(&past, span, minute(1439), &TimeZone::UTC);
            let day = told.days.last().unwrap();
            assert!(day.segments.len() <= most, "{} pieces", day.segments.len());
            assert!(day.segments.iter().any(|segment| segment.state == SegmentState::Online));
        }
    }
}

fn any_state() -> impl Strategy<Value = SpanState> {
    prop::sample::select(vec![SpanState::Online, SpanState::Away, SpanState::Busy])
}

proptest! {
    #[test]
    fn segments_never_overlap_and_are_all_of_the_day(
        spans in prop::collection::vec((any_state(), -400_i64..800_000, prop::option::of(-10_i64..90_000)), 0..40),
        watched in prop::collection::vec((-400_i64..800_000, 0_i64..400_000), 0..8),
        now in 0_i64..900_000,
        name in prop::sample::select(vec!["UTC", "Europe/Madrid", "Australia/Lord_Howe", "America/St_Johns"]),
        span in prop::sample::select(vec![TimelineSpan::Today, TimelineSpan::Week]),
    ) {
        // The week in which the clocks are changed in Europe.
        let moment = |seconds: i64| at("2026-10-20T00:00:00Z") + SignedDuration::from_secs(seconds);
        let past = Past {
            spans: spans.into_iter().map(|(state, from, length)| Span {
                state, from: moment(from), until: length.map(|length| moment(from + length)),
            }).collect(),
            watched: watched.into_iter().map(|(from, length)| Watch { from: moment(from), until: moment(from + length) }).collect(),
        };
        let told = timeline(&past, span, moment(now), &zone(name));
        for day in &told.days {
            let mut next = 0;
            for segment in &day.segments {
                prop_assert_eq!(segment.from, next);
                prop_assert!(segment.until > segment.from);
                next = segment.until;
            }
            prop_assert_eq!(next, day.minutes);
            prop_assert!(day.segments.windows(2).all(|pair| pair[0].state != pair[1].state));
        }
    }
}
