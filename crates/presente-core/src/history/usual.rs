//! When somebody usually is there: of the time that was watched, how much they were, by hour and weekday. Pure.

use super::past::{Interval, Past, common, merged};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// Over how many weeks that is looked at.
pub const USUAL_WEEKS: u8 = 8;
/// Less than this, in seconds, and an hour of the week says nothing.
const ENOUGH_OF_AN_HOUR: i64 = 15 * 60;
/// Less than this, in seconds, and nothing is said at all.
const ENOUGH: i64 = 12 * 3600;
/// The share of the watched time, in per cent, from which on somebody is usually there.
const USUALLY: u8 = 50;

/// Hours of the day, each with a share in per cent; `None` where hardly anything was watched.
pub type Hours = [Option<u8>; 24];

/// When somebody usually is there. Away is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usual {
    /// By hour of the day.
    pub hours: Hours,
    /// By weekday, from Monday on, and hour.
    pub weekdays: [Hours; 7],
    /// The same in short.
    pub habit: Habit,
}

/// When somebody usually is there, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Habit {
    /// Too little was watched to say anything.
    Unknown,
    /// Never.
    Never,
    /// At no hours in particular.
    Irregular,
    /// On these weekdays, from Monday on, and in these hours: each from one, until another that is no part of it and
    /// may be on the next day.
    At {
        /// On which weekdays.
        days: [bool; 7],
        /// In which hours; one that is `(0, 24)` is all of them.
        hours: Vec<(u8, u8)>,
    },
}

/// Seconds by weekday and hour.
type Seconds = [[i64; 24]; 7];

/// When somebody usually is there, by the last [`USUAL_WEEKS`] before `now` and the hours of this zone.
pub fn usual(past: &Past, now: Timestamp, zone: &TimeZone) -> Usual {
    let window = [(begins(now), now)];
    let watched = merged(past.watched.iter().map(|watch| (watch.from, watch.until)).collect());
    let watched = common(&watched, &window);
    let here = past.ended_spans().filter(|(state, _)| state.is_here()).map(|(_, interval)| interval);
    let here = common(&merged(here.collect()), &watched);
    let (watched, here) = (by_hour(&watched, zone), by_hour(&here, zone));
    let mut hours = [None; 24];
    for (hour, share_of) in hours.iter_mut().enumerate() {
        let sum = |seconds: &Seconds| seconds.iter().filter_map(|day| day.get(hour)).sum();
        *share_of = share(sum(&here), sum(&watched));
    }
    let mut weekdays = [[None; 24]; 7];
    for ((shares, here), watched) in weekdays.iter_mut().zip(&here).zip(&watched) {
        for ((share_of, here), watched) in shares.iter_mut().zip(here).zip(watched) {
            *share_of = share(*here, *watched);
        }
    }
    let total = |seconds: &Seconds| seconds.iter().flatten().sum::<i64>();
    let habit = match (total(&watched), total(&here)) {
        (..ENOUGH, _) => Habit::Unknown,
        (_, 0) => Habit::Never,
        _ => habit(&weekdays),
    };
    Usual { hours, weekdays, habit }
}

/// Since when is looked at what is usual.
pub(crate) fn begins(now: Timestamp) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(24 * 7 * i64::from(USUAL_WEEKS))).unwrap_or(Timestamp::MIN)
}

fn share(here: i64, watched: i64) -> Option<u8> {
    if watched < ENOUGH_OF_AN_HOUR {
        return None;
    }
    // Rounded to the nearest.
    u8::try_from(((200 * here + watched) / (2 * watched)).clamp(0, 100)).ok()
}

/// How long these times last in each hour of each weekday.
fn by_hour(intervals: &[Interval], zone: &TimeZone) -> Seconds {
    let mut seconds = [[0; 24]; 7];
    for (from, until) in intervals {
        let mut from = *from;
        while from < *until {
            let local = from.to_zoned(zone.clone());
            let into = i64::from(local.minute()) * 60 + i64::from(local.second());
            let next = from.checked_add(SignedDuration::from_secs(3600 - into)).unwrap_or(*until).min(*until);
            let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
            let hour = usize::try_from(local.hour()).unwrap_or(0);
            if let Some(sum) = seconds.get_mut(day).and_then(|day| day.get_mut(hour)) {
                *sum += next.duration_since(from).as_secs();
            }
            from = next;
        }
    }
    seconds
}

/// The weekdays on which somebody is usually there, and the hours that most of these have in common.
fn habit(weekdays: &[Hours; 7]) -> Habit {
    let usually = weekdays.map(|day| day.map(|share| share.is_some_and(|share| share >= USUALLY)));
    let days = usually.map(|day| day.contains(&true));
    let mut hours = [false; 24];
    for (hour, is_usual) in hours.iter_mut().enumerate() {
        let on = usually.iter().filter(|day| day.get(hour) == Some(&true)).count();
        *is_usual = on > 0 && 2 * on >= days.iter().filter(|day| **day).count();
    }
    // A day that has little of these hours is not one of them.
    let of_hours =
        |day: &[bool; 24]| day.iter().zip(&hours).filter(|(here, usual)| **here && **usual).count();
    let count = hours.iter().filter(|hour| **hour).count();
    let days = usually.map(|day| count > 0 && 2 * of_hours(&day) >= count);
    if days.contains(&true) { Habit::At { days, hours: runs(&hours) } } else { Habit::Irregular }
}

/// The two longest runs of hours, in the order of their beginnings. One may go on past midnight.
fn runs(hours: &[bool; 24]) -> Vec<(u8, u8)> {
    let is_usual = |hour: u8| hours.get(usize::from(hour % 24)) == Some(&true);
    if !hours.contains(&false) {
        return vec![(0, 24)];
    }
    let begins = (0..24).filter(|hour| is_usual(*hour) && !is_usual(hour + 23));
    let mut runs: Vec<(u8, u8)> =
        begins.map(|hour| (hour, (1..24).find(|length| !is_usual(hour + length)).unwrap_or(24))).collect();
    runs.sort_by_key(|(_, length)| std::cmp::Reverse(*length));
    runs.truncate(2);
    runs.sort_unstable();
    let until = |end: u8| if end > 24 { end - 24 } else { end };
    runs.into_iter().map(|(hour, length)| (hour, until(hour + length))).collect()
}

#[cfg(test)]
#[path = "usual_tests.rs"]
mod tests;
