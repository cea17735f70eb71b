//! What is shown of the past.

use crate::{
    model::Model,
    texts::{Arg, Texts},
    view::{TimelineView, UsualView},
};

/// When the contact of the page was online, and when they usually are.
pub(super) fn timeline_and_usual(model: &Model) -> (Option<TimelineView>, Option<UsualView>) {
    (model.remembered.timeline.clone(), model.remembered.usual.clone())
}

/// How much of the past is kept, and where, in words.
pub(super) fn history_words(model: &Model, texts: &Texts) -> String {
    let remembered = &model.remembered;
    let (Some(bytes), Some(path)) = (remembered.bytes, &remembered.path) else { return String::new() };
    let (unit, count) = match bytes {
        0..1_000_000 => ("kB", bytes.div_ceil(1_000)),
        _ => ("MB", bytes.div_ceil(1_000_000)),
    };
    let (size, path) = (format!("{count} {unit}"), path.display().to_string());
    let values = [("size", Arg::from(&size)), ("path", Arg::from(&path))];
    let id = if model.settings.history.enabled { "history-size" } else { "history-size-off" };
    let words = texts.with(id, &values);
    remembered.exported.as_ref().map_or(words.clone(), |exported| format!("{words} {exported}"))
}
