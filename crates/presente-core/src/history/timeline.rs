//! When somebody was online, day by day, in the minutes of the local day: a day on which the clocks are changed has 23
//! or 25 hours. Pure.

use super::past::{Interval, Past, SpanState};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// How fine a day is drawn, in minutes: as fine as its pieces are few enough.
const STEPS: [u16; 6] = [1, 5, 15, 30, 60, 120];
/// The most pieces of the one day of a timeline.
const PIECES_OF_TODAY: usize = 60;
/// The most pieces of each of its days, where they are several.
const PIECES_OF_A_DAY: usize = 20;
/// The minutes of nearly every day.
const MINUTES: u16 = 24 * 60;

/// What a timeline shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimelineSpan {
    /// Today.
    #[default]
    Today,
    /// The last seven days, today included.
    Week,
}

/// What is known of a piece of a day. The later holds where two are true of the same minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SegmentState {
    /// Has not come yet.
    Future,
    /// Not watched.
    Unknown,
    /// Watched, and not there.
    Offline,
    /// Signed in, and not at the machine.
    Away,
    /// Not to be disturbed.
    Busy,
    /// To be reached.
    Online,
}

impl SegmentState {
    /// Whether the person was online.
    pub fn is_online(self) -> bool {
        self > Self::Offline
    }
}

/// A piece of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// What is known of it.
    pub state: SegmentState,
    /// Its first minute, counted from the beginning of the day.
    pub from: u16,
    /// The minute after its last.
    pub until: u16,
}

/// A day. Its segments are all of it, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Which.
    pub date: Date,
    /// When it began.
    pub began: Timestamp,
    /// How many minutes it has.
    pub minutes: u16,
    /// The minute that it is now, if it is this day.
    pub now: Option<u16>,
    /// What is known.
    pub segments: Vec<Segment>,
}

/// When somebody was online.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// What it shows.
    pub span: TimelineSpan,
    /// The days, the oldest first.
    pub days: Vec<Day>,
}

/// When somebody was online in the span that ends `now`, by the days of this zone.
pub fn timeline(past: &Past, span: TimelineSpan, now: Timestamp, zone: &TimeZone) -> Timeline {
    let (days, most) = match span {
        TimelineSpan::Today => (1, PIECES_OF_TODAY),
        TimelineSpan::Week => (7, PIECES_OF_A_DAY),
    };
    let today = now.to_zoned(zone.clone()).date();
    let dates =
        (0..days).rev().filter_map(|ago| today.checked_sub(SignedDuration::from_hours(24 * ago)).ok());
    let days = dates.filter_map(|date| day(past, date, most, now, zone)).collect();
    Timeline { span, days }
}

/// The beginning of the span that ends `now`: nothing of before is on the timeline.
pub(crate) fn begins(span: TimelineSpan, now: Timestamp, zone: &TimeZone) -> Timestamp {
    timeline(&Past::default(), span, now, zone).days.first().map_or(now, |day| day.began)
}

fn day(past: &Past, date: Date, most: usize, now: Timestamp, zone: &TimeZone) -> Option<Day> {
    let start_of = |date: Date| Some(date.to_zoned(zone.clone()).ok()?.start_of_day().ok()?.timestamp());
    let (began, ends) = (start_of(date)?, start_of(date.tomorrow().ok()?)?);
    let minutes = minutes_up(began, ends).clamp(1, 2 * MINUTES);
    let mut segments = Vec::new();
    for step in STEPS {
        segments = pieces(&paint(past, (began, ends), step, now), step, minutes);
        if segments.len() <= most {
            break;
        }
    }
    let is_today = (began..ends).contains(&now);
    let minute = u16::try_from(now.duration_since(began).as_mins()).unwrap_or(0);
    Some(Day { date, began, minutes, now: is_today.then_some(minute), segments })
}

/// The state of each step of a day: the strongest that was true in it, so that nobody who was there is overlooked.
fn paint(past: &Past, (began, ends): Interval, step: u16, now: Timestamp) -> Vec<SegmentState> {
    let steps_until = |moment: Timestamp| usize::from(minutes_up(began, moment).div_ceil(step));
    let step_of = |moment: Timestamp| usize::from(minutes_down(began, moment) / step);
    let mut steps = vec![SegmentState::Future; steps_until(ends)];
    let mut put = |state: SegmentState, (from, until): Interval| {
        let (from, until) = (from.max(began), until.min(ends).min(now));
        if from < until {
            let range = step_of(from)..steps_until(until);
            for known in steps.get_mut(range).unwrap_or_default() {
                *known = state.max(*known);
            }
        }
    };
    put(SegmentState::Unknown, (began, now));
    for watch in &past.watched {
        put(SegmentState::Offline, (watch.from, watch.until));
    }
    for (state, interval) in past.ended_spans() {
        let state = match state {
            SpanState::Online => SegmentState::Online,
            SpanState::Away => SegmentState::Away,
            SpanState::Busy => SegmentState::Busy,
        };
        put(state, interval);
    }
    steps
}

/// Steps of the same state as one piece.
fn pieces(steps: &[SegmentState], step: u16, minutes: u16) -> Vec<Segment> {
    let mut from = 0_u16;
    let runs = steps.chunk_by(PartialEq::eq).filter_map(|run| {
        let length = u16::try_from(run.len()).unwrap_or(u16::MAX).saturating_mul(step);
        let until = from.saturating_add(length).min(minutes);
        let segment = Segment { state: *run.first()?, from, until };
        from = until;
        Some(segment)
    });
    runs.collect()
}

/// Whole minutes from one moment to another, rounded down; 0 where that is earlier.
fn minutes_down(from: Timestamp, to: Timestamp) -> u16 {
    u16::try_from(to.duration_since(from).as_secs().max(0) / 60).unwrap_or(u16::MAX)
}

/// The same, rounded up.
fn minutes_up(from: Timestamp, to: Timestamp) -> u16 {
    let millis = to.duration_since(from).as_millis().max(0);
    u16::try_from((millis + 59_999) / 60_000).unwrap_or(u16::MAX)
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
