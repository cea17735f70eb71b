//! When a contact was online, and when they usually are: as a drawing, and as a table that says the same.

use crate::{
    history::{Day, Habit, Segment, SegmentState, Timeline, TimelineSpan, USUAL_WEEKS, Usual},
    texts::{Arg, Texts},
};
use jiff::{SignedDuration, civil::Date, tz::TimeZone};
use serde::Serialize;

/// The names of weekdays in the ids of texts, from Monday on.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// When a contact was online.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimelineView {
    /// What it shows.
    pub span: TimelineSpan,
    /// The days, the oldest first.
    pub rows: Vec<DayView>,
    /// The same in words.
    pub table: TableView,
    /// What to say in its place, where nothing is known.
    pub empty: Option<String>,
}

/// A day. Where no segment is, the contact was offline, or it has not come yet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DayView {
    /// The day in short, e.g. `Mon`.
    pub label: String,
    /// The day, e.g. `Monday 16 November`.
    pub title: String,
    /// What is known of it, in order.
    pub segments: Vec<SegmentView>,
    /// How many minutes it has: not all days have as many.
    pub minutes: u16,
    /// The minute that it is now, if it is this day.
    pub now: Option<u16>,
}

/// A piece of a day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentView {
    /// `online`, `away`, `busy`, or `unknown` for what was not watched.
    pub state: &'static str,
    /// Its first minute, counted from the beginning of the day.
    pub from: u16,
    /// The minute after its last.
    pub until: u16,
    /// The same in words.
    pub words: String,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct TableView {
    /// The heads of its columns.
    pub head: Vec<String>,
    /// Its rows: as many cells as there are heads.
    pub rows: Vec<Vec<String>>,
}

/// When a contact usually is online.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UsualView {
    /// By hour of the day: of the time that was watched, how much, in per cent.
    pub hours: [Option<u8>; 24],
    /// The same by weekday, from Monday on, and hour.
    pub weekdays: [[Option<u8>; 24]; 7],
    /// The same in short.
    pub sentence: String,
    /// The same as a table: a row for each hour, a column for each weekday.
    pub table: TableView,
    /// What to say in its place, where too little is known.
    pub empty: Option<String>,
}

impl TimelineView {
    /// Puts a timeline into words.
    pub fn new(timeline: &Timeline, zone: &TimeZone, texts: &Texts) -> Self {
        let is_known = |segment: &Segment| segment.state > SegmentState::Unknown;
        let nothing = !timeline.days.iter().flat_map(|day| &day.segments).any(is_known);
        let table = match timeline.span {
            TimelineSpan::Today => table_of_pieces(timeline, zone, texts),
            TimelineSpan::Week => table_of_days(timeline, zone, texts),
        };
        Self {
            span: timeline.span,
            rows: timeline.days.iter().map(|day| day_view(day, zone, texts)).collect(),
            table,
            empty: nothing.then(|| texts.get("timeline-empty")),
        }
    }
}

fn day_view(day: &Day, zone: &TimeZone, texts: &Texts) -> DayView {
    let shown = day.segments.iter().filter_map(|segment| {
        let state = match segment.state {
            SegmentState::Online => "online",
            SegmentState::Away => "away",
            SegmentState::Busy => "busy",
            SegmentState::Unknown => "unknown",
            SegmentState::Offline | SegmentState::Future => return None,
        };
        let time = hours_of(day, segment, zone, texts);
        let words = texts.with(
            "timeline-segment",
            &[("time", Arg::from(&time)), ("state", Arg::from(&state_words(segment.state, texts)))],
        );
        Some(SegmentView { state, from: segment.from, until: segment.until, words })
    });
    DayView {
        label: texts.get(&format!("timeline-{}", weekday(day.date))),
        title: title(day.date, texts),
        segments: shown.collect(),
        minutes: day.minutes,
        now: day.now,
    }
}

fn weekday(date: Date) -> &'static str {
    let day = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
    WEEKDAYS.get(day).copied().unwrap_or_default()
}

fn title(date: Date, texts: &Texts) -> String {
    let weekday = texts.get(&format!("timeline-weekday-{}", weekday(date)));
    let (day, month) = (date.day().to_string(), texts.get(&format!("timeline-month-{}", date.month())));
    let values = [("weekday", Arg::from(&weekday)), ("day", Arg::from(&day)), ("month", Arg::from(&month))];
    texts.with("timeline-title", &values)
}

fn state_words(state: SegmentState, texts: &Texts) -> String {
    texts.get(match state {
        SegmentState::Online => "timeline-state-online",
        SegmentState::Away => "timeline-state-away",
        SegmentState::Busy => "timeline-state-busy",
        SegmentState::Offline => "timeline-state-offline",
        SegmentState::Unknown | SegmentState::Future => "timeline-state-unknown",
    })
}

/// The time of day at a minute of a day; its end is 24:00.
fn time_at(day: &Day, minute: u16, zone: &TimeZone) -> String {
    if minute >= day.minutes {
        return "24:00".to_owned();
    }
    let at = day.began.checked_add(SignedDuration::from_mins(minute.into())).unwrap_or(day.began);
    super::time_of_day(at, zone)
}

/// From when to when a piece of a day is, e.g. `09:00–12:30`.
fn hours_of(day: &Day, segment: &Segment, zone: &TimeZone, texts: &Texts) -> String {
    // Of what is known of today, the last piece.
    let last = day.segments.iter().rfind(|segment| segment.state != SegmentState::Future);
    let goes_on = day.now.is_some() && last == Some(segment);
    let until = if goes_on { texts.get("timeline-now") } else { time_at(day, segment.until, zone) };
    format!("{}–{until}", time_at(day, segment.from, zone))
}

/// Of the one day, its pieces.
fn table_of_pieces(timeline: &Timeline, zone: &TimeZone, texts: &Texts) -> TableView {
    let rows = timeline.days.iter().flat_map(|day| {
        let come = day.segments.iter().filter(|segment| segment.state != SegmentState::Future);
        come.map(|segment| vec![hours_of(day, segment, zone, texts), state_words(segment.state, texts)])
    });
    let head = ["timeline-head-time", "timeline-head-state"];
    TableView { head: head.map(|id| texts.get(id)).to_vec(), rows: rows.collect() }
}

/// Of several days, for how long each and from when to when.
fn table_of_days(timeline: &Timeline, zone: &TimeZone, texts: &Texts) -> TableView {
    let rows = timeline.days.iter().map(|day| {
        let online: Vec<&Segment> = day.segments.iter().filter(|segment| segment.state.is_online()).collect();
        let minutes: u16 = online.iter().map(|segment| segment.until - segment.from).sum();
        let (first, last) = match (online.first(), online.last()) {
            (Some(first), Some(last)) => (time_at(day, first.from, zone), time_at(day, last.until, zone)),
            _ => (String::new(), String::new()),
        };
        let watched = day.segments.iter().any(|segment| segment.state > SegmentState::Unknown);
        let words = match (watched, minutes) {
            (false, _) => texts.get("timeline-state-unknown"),
            (true, 0) => texts.get("timeline-state-offline"),
            (true, _) => duration(minutes, texts),
        };
        vec![title(day.date, texts), words, first, last]
    });
    let head = ["timeline-head-day", "timeline-head-online", "timeline-head-first", "timeline-head-last"];
    TableView { head: head.map(|id| texts.get(id)).to_vec(), rows: rows.collect() }
}

fn duration(minutes: u16, texts: &Texts) -> String {
    let (hours, minutes) = (usize::from(minutes / 60), usize::from(minutes % 60));
    let values = [("hours", Arg::Count(hours)), ("minutes", Arg::Count(minutes))];
    texts.with(if hours == 0 { "timeline-minutes" } else { "timeline-hours" }, &values)
}

impl UsualView {
    /// Puts what is usual into words.
    pub fn new(usual: &Usual, texts: &Texts) -> Self {
        let weeks = [("weeks", Arg::Count(USUAL_WEEKS.into()))];
        let sentence = match &usual.habit {
            Habit::Unknown => String::new(),
            Habit::Never => texts.with("usual-never", &weeks),
            Habit::Irregular => texts.get("usual-irregular"),
            Habit::At { days, hours } => texts.with(
                "usual-sentence",
                &[
                    ("days", Arg::from(&days_words(days, texts))),
                    ("hours", Arg::from(&hours_words(hours, texts))),
                ],
            ),
        };
        let mut head = vec![texts.get("usual-head-hour")];
        head.extend(WEEKDAYS.map(|day| texts.get(&format!("timeline-{day}"))));
        let rows = (0..24).map(|hour| {
            let share = |day: &[Option<u8>; 24]| day.get(hour).copied().flatten();
            let cells = usual.weekdays.iter().map(|day| match share(day) {
                Some(share) => texts.with("usual-share", &[("share", Arg::Count(share.into()))]),
                None => "–".to_owned(),
            });
            std::iter::once(format!("{hour:02}:00")).chain(cells).collect()
        });
        Self {
            hours: usual.hours,
            weekdays: usual.weekdays,
            sentence,
            table: TableView { head, rows: rows.collect() },
            empty: (usual.habit == Habit::Unknown).then(|| texts.get("usual-empty")),
        }
    }
}

/// Weekdays: three and more in a row as from one to another.
fn days_words(days: &[bool; 7], texts: &Texts) -> String {
    if !days.contains(&false) {
        return texts.get("usual-every-day");
    }
    let name = |day: &str| texts.get(&format!("timeline-{day}"));
    let marked: Vec<(&str, bool)> = WEEKDAYS.into_iter().zip(*days).collect();
    let runs = marked.chunk_by(|one, next| one.1 == next.1).filter(|run| run.iter().all(|(_, on)| *on));
    let words = runs.flat_map(|run| match run {
        [(first, _), _, .., (last, _)] => vec![format!("{}–{}", name(first), name(last))],
        few => few.iter().map(|(day, _)| name(day)).collect(),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn hours_words(hours: &[(u8, u8)], texts: &Texts) -> String {
    let run = |(from, until): &(u8, u8)| match (from, until) {
        (0, 24) => texts.get("usual-all-day"),
        (from, until) => {
            let (from, until) = (Arg::Count((*from).into()), Arg::Count((*until).into()));
            texts.with("usual-hours", &[("from", from), ("until", until)])
        }
    };
    match hours {
        [one, other] => {
            texts.with("usual-and", &[("one", Arg::from(&run(one))), ("other", Arg::from(&run(other)))])
        }
        several => several.iter().map(run).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
