//! What is wrong with a profile file, and where: the line, the field, and why.

use std::{fmt, ops::Range};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// What is wrong with a profile file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1; `None` where it is about the file as a whole.
    pub line: Option<usize>,
    /// The field, as in `roster.user.id`; `None` where the text is not TOML there.
    pub field: Option<String>,
    /// Why it cannot be.
    pub reason: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map(|line| format!("line {line}"));
        for part in line.iter().chain(&self.field) {
            write!(f, "{part}: ")?;
        }
        f.write_str(&self.reason)
    }
}

impl Mistake {
    /// What the reader of TOML says, with the field that it does not name.
    pub(super) fn found(text: &str, error: &toml::de::Error) -> Self {
        let reason = in_words_of_toml(&error.message().trim().replace('\n', ", "));
        let missing = reason.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        // What the file itself lacks is on no line.
        let span = error.span().filter(|span| missing.is_none() || !span.is_empty());
        let (table, _) = DeTable::parse_recoverable(text);
        let mut path = span.as_ref().map(|span| path_to(table.get_ref(), span)).unwrap_or_default();
        path.extend(missing.map(ToOwned::to_owned));
        let field = (!path.is_empty()).then(|| path.join("."));
        Self { line: span.map(|span| line_of(text, span.start)), field, reason }
    }

    /// What makes no sense at a place: names of fields, and numbers for elements of arrays, with dots between.
    pub(super) fn at(text: &str, place: &str, reason: String) -> Self {
        let (table, _) = DeTable::parse_recoverable(text);
        let line = span_of(table.get_ref(), place).map(|span| line_of(text, span.start));
        let names = place.split('.').filter(|name| name.parse::<usize>().is_err());
        Self { line, field: Some(names.collect::<Vec<_>>().join(".")), reason }
    }
}

/// The reader speaks of its own types; who writes a file knows lists and tables.
fn in_words_of_toml(reason: &str) -> String {
    let Some((found, expected)) = reason.rsplit_once(", expected ") else { return reason.to_owned() };
    let expected = match expected {
        "a sequence" => "a list in brackets",
        "a map" => "a table",
        kind if kind.starts_with("struct ") => "a table",
        other => other,
    };
    format!("{found}, expected {expected}")
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// The names on the way to what lies most closely around `span`.
fn path_to(table: &DeTable<'_>, span: &Range<usize>) -> Vec<String> {
    let mut best = (usize::MAX, Vec::new());
    search_table(table, span, &mut Vec::new(), &mut best);
    best.1
}

/// The shortest span that holds the one looked for, and the way to it.
type Best = (usize, Vec<String>);

fn search_table(table: &DeTable<'_>, span: &Range<usize>, path: &mut Vec<String>, best: &mut Best) {
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        offer(&key.span(), span, path, best);
        search_value(value, span, path, best);
        path.pop();
    }
}

fn search_value(value: &Spanned<DeValue<'_>>, span: &Range<usize>, path: &mut Vec<String>, best: &mut Best) {
    offer(&value.span(), span, path, best);
    match value.get_ref() {
        DeValue::Table(table) => search_table(table, span, path, best),
        DeValue::Array(items) => items.iter().for_each(|item| search_value(item, span, path, best)),
        _ => {}
    }
}

fn offer(around: &Range<usize>, span: &Range<usize>, path: &[String], best: &mut Best) {
    if around.start <= span.start && span.end <= around.end && around.len() <= best.0 {
        *best = (around.len(), path.to_vec());
    }
}

/// Where a place is, or the nearest that there is on the way to it.
fn span_of(table: &DeTable<'_>, place: &str) -> Option<Range<usize>> {
    let (mut table, mut value, mut span): (_, Option<&Spanned<DeValue<'_>>>, _) = (Some(table), None, None);
    for name in place.split('.') {
        if let Ok(number) = name.parse::<usize>() {
            value = value?.get_ref().as_array().and_then(|items| items.get(number));
            span = value.map(Spanned::span).or(span);
        } else if let Some((key, inner)) = table.and_then(|table| table.get_key_value(name)) {
            (value, span) = (Some(inner), Some(key.span()));
        } else {
            break;
        }
        table = value.and_then(|value| value.get_ref().as_table());
    }
    span
}
