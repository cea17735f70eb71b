//! Timelines and habits as people read them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking"
)]

use super::*;
use crate::history::{Past, Span, SpanState, Watch, timeline, usual};
use jiff::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn past() -> Past {
    let span = |state, from, until: Option<&str>| Span { state, from: at(from), until: until.map(at) };
    Past {
        spans: vec![
            span(SpanState::Online, "2026-11-16T08:00:00Z", Some("2026-11-16T11:30:00Z")),
            span(SpanState::Away, "2026-11-16T22:30:00Z", Some("2026-11-16T23:30:00Z")),
            span(SpanState::Busy, "2026-11-17T11:00:00Z", None),
        ],
        watched: vec![Watch { from: at("2026-11-16T07:00:00Z"), until: at("2026-11-17T12:00:00Z") }],
    }
}

fn view(span: TimelineSpan, now: &str, language: &str) -> TimelineView {
    let zone = TimeZone::get("Europe/Madrid").unwrap();
    TimelineView::new(&timeline(&past(), span, at(now), &zone), &zone, &Texts::for_locale(language))
}

#[test]
fn a_day_is_told_in_local_time_and_what_goes_on_has_no_end() {
    let today = view(TimelineSpan::Today, "2026-11-17T12:00:00Z", "en");
    let [row] = today.rows.as_slice() else { panic!("not one day") };
    assert_eq!((row.label.as_str(), row.title.as_str()), ("Tue", "Tuesday 17 November"));
    let words: Vec<&str> = row.segments.iter().map(|segment| segment.words.as_str()).collect();
    assert_eq!(words, ["00:00–00:30 away", "12:00–now do not disturb"]);
    assert_eq!((row.segments[1].state, row.segments[1].from, row.segments[1].until), ("busy", 720, 780));
    assert_eq!(today.table.head, ["Time", "State"]);
    assert_eq!(
        today.table.rows,
        [["00:00–00:30", "away"], ["00:30–12:00", "offline"], ["12:00–now", "do not disturb"]]
    );
    assert_eq!(today.empty, None);
}

#[test]
fn a_week_is_a_row_for_each_day_and_says_what_is_not_known() {
    let week = view(TimelineSpan::Week, "2026-11-17T12:00:00Z", "es");
    assert_eq!(week.rows.len(), 7);
    assert_eq!(week.rows[5].title, "lunes 16 de noviembre");
    assert_eq!(week.rows[5].segments[0].words, "00:00–08:00 no se sabe");
    assert_eq!(week.table.rows[4], ["domingo 15 de noviembre", "no se sabe", "", ""]);
    assert_eq!(week.table.rows[5], ["lunes 16 de noviembre", "4 h 0 min", "09:00", "24:00"]);
    let before = view(TimelineSpan::Week, "2026-11-10T12:00:00Z", "es");
    assert!(before.empty.is_some(), "nothing is known: {before:?}");
}

#[test]
fn what_is_usual_is_one_sentence_in_both_languages() {
    let at = |days: [u8; 7], hours: &[(u8, u8)]| Habit::At {
        days: days.map(|day| day == 1),
        hours: hours.to_vec(),
    };
    for (habit, en, es) in [
        (at([1, 1, 1, 1, 1, 0, 0], &[(9, 14)]), "Mon–Fri, 9–14 h", "lun–vie, 9–14 h"),
        (
            at([1, 0, 1, 0, 0, 1, 1], &[(9, 12), (22, 2)]),
            "Mon, Wed, Sat, Sun, 9–12 h and 22–2 h",
            "lun, mié, sáb, dom, 9–12 h y 22–2 h",
        ),
        (at([1; 7], &[(0, 24)]), "every day, at all hours", "todos los días, a todas horas"),
        (Habit::Irregular, "No usual hours", "Sin horas habituales"),
        (
            Habit::Never,
            "Not once here in the last 8 weeks, as far as was watched",
            "Ni una vez aquí en las últimas 8 semanas, que se haya visto",
        ),
    ] {
        let usual = Usual { hours: [None; 24], weekdays: [[None; 24]; 7], habit };
        let said = ["en", "es"].map(|language| UsualView::new(&usual, &Texts::for_locale(language)).sentence);
        assert_eq!(said, [en, es]);
    }
}

#[test]
fn the_table_of_what_is_usual_has_a_row_for_each_hour_and_a_cell_for_each_weekday() {
    let texts = Texts::for_locale("en");
    let view = UsualView::new(&usual(&past(), at("2026-11-17T12:00:00Z"), &TimeZone::UTC), &texts);
    assert_eq!((view.table.head.len(), view.table.rows.len()), (8, 24));
    assert!(view.table.rows.iter().all(|row| row.len() == 8));
    assert_eq!(view.table.rows[9][..4], ["09:00", "100 %", "0 %", "–"]);
    assert_eq!(view.empty, None);
    let nothing =
        UsualView::new(&usual(&Past::default(), at("2026-11-17T12:00:00Z"), &TimeZone::UTC), &texts);
    assert!(nothing.empty.is_some() && nothing.sentence.is_empty());
}

#[test]
fn what_the_page_gets_is_spelt_as_it_expects() {
    let json = serde_json::to_value(view(TimelineSpan::Today, "2026-11-17T12:00:00Z", "en")).unwrap();
    assert_eq!(json["span"], "today");
    assert_eq!(json["rows"][0]["segments"][1]["state"], "busy");
    assert_eq!(
        (json["rows"][0]["minutes"].as_u64(), json["rows"][0]["now"].as_u64()),
        (Some(1440), Some(780))
    );
    assert!(json["table"]["head"].is_array() && json["empty"].is_null());
}
