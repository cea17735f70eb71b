//! How views travel to the page: first everything, then what has become different, in frames of a bounded size.
//!
//! A view is taken apart into units: the fields of its objects, and the rows of its lists by their `key`. A unit is sent
//! when it is not as it was sent last. All units of one view are one text, which is cut into frames; the page puts it
//! together again and changes its copy at once (`ui/js/copy.js`).

use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The longest frame in bytes, as JSON. What is longer than 8 KiB Tauri does not hand over but has fetched.
pub const MAX_FRAME: usize = 8_000;
/// Objects are taken apart to this depth; what lies deeper is sent whole.
const DEPTH: usize = 2;
/// What stands in a path before the key of a row.
const KEYED: char = '#';

/// What the page has been sent.
#[derive(Debug, Default)]
pub struct Frames {
    sent: BTreeMap<String, Value>,
}

/// The difference of two views.
#[derive(Debug, Serialize)]
struct Difference<'a> {
    revision: u64,
    /// New values, each after its path. As fields of an object the paths would make the page's engine keep a shape for
    /// every set of contacts that ever changed together.
    set: Vec<(&'a str, &'a Value)>,
    /// Paths that are no more.
    gone: Vec<&'a str>,
}

impl Frames {
    /// The frames after which the page has this view; none where it has it already. `revision` is to grow.
    pub fn next(&mut self, revision: u64, view: &impl Serialize) -> Vec<String> {
        let mut units = BTreeMap::new();
        // A view that is no JSON would be a mistake of ours; nothing is shown of it.
        if let Ok(Value::Object(fields)) = serde_json::to_value(view) {
            take_apart("", fields, DEPTH, &mut units);
        }
        let set: Vec<(&str, &Value)> = units
            .iter()
            .filter(|(path, value)| self.sent.get(*path) != Some(value))
            .map(|(path, value)| (path.as_str(), value))
            .collect();
        let gone: Vec<&str> =
            self.sent.keys().filter(|path| !units.contains_key(*path)).map(String::as_str).collect();
        if set.is_empty() && gone.is_empty() {
            return Vec::new();
        }
        let text = serde_json::to_string(&Difference { revision, set, gone }).unwrap_or_default();
        self.sent = units;
        cut(&text)
    }
}

fn take_apart(path: &str, fields: Map<String, Value>, depth: usize, units: &mut BTreeMap<String, Value>) {
    for (name, value) in fields {
        let path = if path.is_empty() { name } else { format!("{path}.{name}") };
        match value {
            Value::Object(fields) if depth > 1 => {
                // That there is an object is a unit too: it may be empty, or take the place of nothing.
                units.insert(path.clone(), Value::Object(Map::new()));
                take_apart(&path, fields, depth - 1, units);
            }
            Value::Array(rows) if !rows.is_empty() && rows.iter().all(has_key) => {
                let mut order = Vec::with_capacity(rows.len());
                for row in rows {
                    if let Some(key) = row.get("key").and_then(Value::as_str) {
                        order.push(Value::from(key));
                        units.insert(format!("{path}{KEYED}{key}"), row);
                    }
                }
                units.insert(path, Value::Array(order));
            }
            value => {
                units.insert(path, value);
            }
        }
    }
}

fn has_key(row: &Value) -> bool {
    row.get("key").is_some_and(Value::is_string)
}

/// Cuts a text into frames: `+` stands before a part that is followed by another one, `.` before the last.
fn cut(text: &str) -> Vec<String> {
    let mut frames = Vec::new();
    let mut frame = String::from("+");
    // The frame is sent as a JSON string, which takes more for some characters.
    let mut size = 3;
    for c in text.chars() {
        let c_size = match c {
            '"' | '\\' => 2,
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => 6,
            c => c.len_utf8(),
        };
        if size + c_size > MAX_FRAME {
            frames.push(std::mem::replace(&mut frame, String::from("+")));
            size = 3;
        }
        frame.push(c);
        size += c_size;
    }
    frame.replace_range(..1, ".");
    frames.push(frame);
    frames
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// What the page does with frames.
    #[derive(Default)]
    struct Copy {
        text: String,
        units: BTreeMap<String, Value>,
    }

    impl Copy {
        fn take(&mut self, frames: &[String]) {
            for frame in frames {
                assert!(serde_json::to_string(frame).unwrap().len() <= MAX_FRAME, "a frame is too long");
                let (more, part) = frame.split_at(1);
                self.text.push_str(part);
                if more == "." {
                    let difference: Value = serde_json::from_str(&std::mem::take(&mut self.text)).unwrap();
                    for path in difference["gone"].as_array().unwrap() {
                        self.units.remove(path.as_str().unwrap());
                    }
                    for pair in difference["set"].as_array().unwrap() {
                        self.units.insert(pair[0].as_str().unwrap().to_owned(), pair[1].clone());
                    }
                }
            }
            assert_eq!(self.text, "", "a difference has no end");
        }
    }

    #[test]
    fn only_what_has_become_different_is_sent() {
        let mut frames = Frames::default();
        let view = |words: &str, rows: Value| json!({"lang": "en", "roster": {"footer": words, "rows": rows, "banner": null}});
        let (ana, beto) = (json!({"key": "c1", "name": "Ana"}), json!({"key": "c2", "name": "Beto"}));
        let first = frames.next(1, &view("2 online", json!([ana, beto])));
        assert!(first[0].contains("Ana") && first[0].contains("Beto"), "{first:?}");
        assert_eq!(frames.next(2, &view("2 online", json!([ana, beto]))), Vec::<String>::new());
        let second = frames.next(3, &view("1 online", json!([beto])));
        assert_eq!(
            second,
            [
                r#".{"revision":3,"set":[["roster.footer","1 online"],["roster.rows",["c2"]]],"gone":["roster.rows#c1"]}"#
            ]
        );
    }

    #[test]
    fn any_text_travels_in_frames_that_are_short_enough() {
        let mut copy = Copy::default();
        let words = "\u{1F600}\u{2028}\"\\\u{0}ñ".repeat(5_000);
        copy.take(&Frames::default().next(1, &json!({"text": words})));
        assert_eq!(copy.units["text"], json!(words));
    }

    proptest! {
        #[test]
        fn the_copy_of_the_page_is_always_the_view(
            views in prop::collection::vec(prop::collection::vec((0_u8..9, any::<bool>(), ".{0,40}"), 0..9), 1..9),
        ) {
            let (mut frames, mut copy) = (Frames::default(), Copy::default());
            for (revision, rows) in (0..).zip(views) {
                let mut seen = std::collections::BTreeSet::new();
                let rows: Vec<_> = rows.into_iter().filter(|(key, ..)| seen.insert(*key)).collect();
                let contact = rows.first().map(|(_, _, words)| json!({"note": words}));
                let view = json!({"contact": contact, "roster": {"rows": rows.iter()
                    .map(|(key, on, words)| json!({"key": format!("c{key}"), "on": on, "words": words})).collect::<Vec<_>>()}});
                copy.take(&frames.next(revision, &view));
                let mut fresh = Copy::default();
                fresh.take(&Frames::default().next(revision, &view));
                prop_assert_eq!(&copy.units, &fresh.units);
            }
        }
    }
}
