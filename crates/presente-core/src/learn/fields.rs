//! Which fields of a list's rows are the identity, the name, the address and the sign of being online.

use super::words::{is_other, is_rest_of_name, like_id, like_name, says_online};
use crate::profile::Field;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// How deep fields are looked for inside a row.
const MAX_DEPTH: usize = 3;
/// More fields than these are not looked at.
const MAX_COLUMNS: usize = 80;

/// One field of the rows.
#[derive(Debug)]
pub(super) struct Column<'v> {
    pub(super) path: Vec<&'v str>,
    /// Its values by sample; rows without one are left out.
    values: Vec<Vec<&'v Value>>,
}

/// What the fields of the rows are taken for.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) id: Option<Field>,
    pub(super) name: Vec<Field>,
    pub(super) email: Option<Field>,
    pub(super) online: Option<Field>,
    /// How sure the identity is, 0 to 60.
    pub(super) id_score: i32,
    /// How sure the name is, 0 to 60.
    pub(super) name_score: i32,
    /// Somebody's name, for people to recognise.
    pub(super) example: Option<String>,
}

impl<'v> Column<'v> {
    fn last_name(&self) -> &'v str {
        self.path.last().copied().unwrap_or_default()
    }

    fn field(&self) -> Option<Field> {
        Field::at(&self.path)
    }

    fn all(&self) -> impl Iterator<Item = &'v Value> {
        self.values.iter().flatten().copied()
    }

    fn count(&self) -> usize {
        self.values.iter().map(Vec::len).sum()
    }

    /// Whether each of the values is so; there has to be one.
    fn each(&self, is: impl Fn(&Value) -> bool) -> bool {
        self.count() > 0 && self.all().all(is)
    }

    /// Which part of the values, in percent, is so.
    fn percent(&self, is: impl Fn(&Value) -> bool) -> usize {
        self.all().filter(|value| is(value)).count() * 100 / self.count().max(1)
    }

    /// How many of a sample's values are different, in percent, in the worst sample.
    fn percent_distinct(&self) -> usize {
        let distinct = |values: &Vec<&Value>| {
            values.iter().map(ToString::to_string).collect::<BTreeSet<_>>().len() * 100 / values.len()
        };
        self.values.iter().filter(|values| !values.is_empty()).map(distinct).min().unwrap_or(0)
    }

    /// Whether somebody of one sample is found again in the next; also if there is no next one.
    fn is_stable(&self) -> bool {
        let texts = |values: &Vec<&Value>| values.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let sets: Vec<_> = self.values.iter().map(texts).filter(|set| !set.is_empty()).collect();
        sets.iter().zip(sets.iter().skip(1)).all(|(one, next)| !one.is_disjoint(next))
    }
}

/// The fields of the rows, by sample.
pub(super) fn columns<'v>(samples: &[Vec<&'v Map<String, Value>>]) -> Vec<Column<'v>> {
    let mut columns = Vec::new();
    for (number, rows) in samples.iter().enumerate() {
        for row in rows {
            collect(row, &mut Vec::new(), (number, samples.len()), &mut columns);
        }
    }
    columns
}

fn collect<'v>(
    object: &'v Map<String, Value>,
    path: &mut Vec<&'v str>,
    (sample, samples): (usize, usize),
    columns: &mut Vec<Column<'v>>,
) {
    for (name, value) in object {
        if name.is_empty() || (path.is_empty() && name.starts_with('/')) {
            continue;
        }
        path.push(name);
        match value {
            Value::Object(inner) if path.len() < MAX_DEPTH => {
                collect(inner, path, (sample, samples), columns);
            }
            Value::Object(_) | Value::Array(_) | Value::Null => {}
            scalar => {
                let at = columns.iter().position(|column| column.path == *path);
                if at.is_none() && columns.len() < MAX_COLUMNS {
                    columns.push(Column { path: path.clone(), values: vec![Vec::new(); samples] });
                }
                let column = match at {
                    Some(at) => columns.get_mut(at),
                    None => columns.last_mut().filter(|column| column.path == *path),
                };
                if let Some(values) = column.and_then(|column| column.values.get_mut(sample)) {
                    values.push(scalar);
                }
            }
        }
        path.pop();
    }
}

/// What the columns of so many rows are taken for.
pub(super) fn choose(columns: &[Column<'_>], rows: usize) -> Fields {
    let id = best(columns, |column| id_score(column, rows));
    let name = best(columns, |column| name_score(column, rows));
    let mut fields = Fields::default();
    if let Some((column, score)) = id {
        (fields.id, fields.id_score) = (column.field(), score.clamp(0, 60));
    }
    if let Some((column, score)) = name {
        let is_rest = |other: &&Column<'_>| {
            other.path.split_last().map(|(_, parents)| parents)
                == column.path.split_last().map(|(_, parents)| parents)
                && is_rest_of_name(column.last_name(), other.last_name())
                && other.each(Value::is_string)
        };
        let parts = std::iter::once(column).chain(columns.iter().find(is_rest));
        fields.name = parts.filter_map(Column::field).collect();
        fields.name_score = score.clamp(0, 60);
        fields.example = column.all().find_map(Value::as_str).map(ToOwned::to_owned);
    }
    let email = columns.iter().find(|column| column.percent(is_email) >= 80);
    fields.email = email.and_then(Column::field);
    // Only by its name: who took another flag for it would hide people.
    let online =
        columns.iter().find(|column| says_online(column.last_name()) && column.each(Value::is_boolean));
    fields.online = online.and_then(Column::field);
    fields
}

/// The column with the highest score; of equal ones the first.
fn best<'c, 'v>(
    columns: &'c [Column<'v>],
    score: impl Fn(&Column<'v>) -> Option<i32>,
) -> Option<(&'c Column<'v>, i32)> {
    let scored = columns.iter().filter_map(|column| Some((column, score(column)?)));
    scored.reduce(|best, next| if next.1 > best.1 { next } else { best })
}

fn depth_penalty(column: &Column<'_>) -> i32 {
    i32::try_from(column.path.len()).unwrap_or(0) * 3 - 3
}

/// An identity is there in nearly every row, different in each, and the same the next time.
fn id_score(column: &Column<'_>, rows: usize) -> Option<i32> {
    let is_id = |value: &Value| match value {
        Value::String(text) => !text.trim().is_empty() && text.len() <= 256 && !text.starts_with("data:"),
        Value::Number(number) => !number.is_f64(),
        _ => false,
    };
    let name = like_id(column.last_name());
    let (filled, distinct) = (column.count() * 100 / rows.max(1), column.percent_distinct());
    // Some servers list somebody twice.
    if !column.each(is_id) || filled < 80 || distinct < if name > 0 { 50 } else { 90 } {
        return None;
    }
    let mut score = name - depth_penalty(column);
    if name == 0 {
        score += if column.each(Value::is_u64) { 12 } else { 8 };
        score += if column.percent(is_code) >= 80 { 12 } else { 0 };
        score -= if column.percent(has_space) > 0 { 6 } else { 0 };
        score -= if is_other(column.last_name()) { 30 } else { 0 };
    }
    score -= if column.is_stable() { 0 } else { 20 };
    score -= i32::try_from((100 - distinct) / 4).unwrap_or(0);
    Some(score)
}

/// A name is text that people would write, and mostly another one in each row.
fn name_score(column: &Column<'_>, rows: usize) -> Option<i32> {
    let hint = like_name(column.last_name());
    let (human, distinct) = (column.percent(is_human), column.percent_distinct());
    if column.count() * 2 < rows || !column.each(Value::is_string) {
        return None;
    }
    let is_constant = rows > 2 && distinct < 50;
    if hint == 0 && (human < 70 || is_constant || is_other(column.last_name())) {
        return None;
    }
    let mut score = if hint > 0 { hint } else { 10 };
    score += if column.percent(has_space) >= 50 { 4 } else { 0 };
    score -= if human < 50 { 25 } else { 0 };
    score -= if is_constant { 20 } else { 0 };
    Some(score - depth_penalty(column))
}

pub(super) fn is_email(value: &Value) -> bool {
    let Some((name, host)) = value.as_str().and_then(|text| text.split_once('@')) else { return false };
    !name.is_empty() && !host.is_empty() && !host.contains('@') && !has_space(value)
}

fn has_space(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains(char::is_whitespace))
}

/// Made by a machine: hexadecimal, or letters and digits mixed.
fn is_code(value: &Value) -> bool {
    let Some(text) = value.as_str() else { return false };
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    text.len() >= 8 && is_plain && text.contains(|c: char| c.is_ascii_digit())
}

pub(super) fn is_human(value: &Value) -> bool {
    let Some(text) = value.as_str() else { return false };
    let is_link = text.contains("://") || text.starts_with("data:") || text.starts_with('/');
    text.contains(char::is_alphabetic)
        && text.chars().count() <= 128
        && !is_link
        && !is_email(value)
        && !is_code(value)
}
