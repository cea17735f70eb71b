//! What a socket said, kept within bounds: of each event its name, how often it came, and a few samples.

use crate::{display_name::clean, link::Payload};
use serde::Serialize;
use serde_json::{Map, Value};

/// Events of more names are counted, not kept.
const MAX_EVENTS: usize = 100;
/// Samples kept of an event: the first and the latest ones.
const MAX_SAMPLES: usize = 4;
/// The longest sample, in bytes of JSON.
const MAX_SAMPLE_BYTES: usize = 8 * 1024;
/// A longer name is none that somebody would write into a profile, in bytes.
const MAX_NAME_BYTES: usize = 200;
/// Deeper values are cut off.
const MAX_DEPTH: usize = 12;

/// What a socket said.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Observed {
    events: Vec<Seen>,
    /// What was asked, and when in the order of things.
    asked: Vec<(u64, String)>,
    /// Counts what happened, so that samples of different events can be put in order.
    moment: u64,
    /// Events that came and are not kept.
    dropped: usize,
}

/// An event as it was seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// How often it came.
    pub count: usize,
    /// The first sample and the latest ones, in their order.
    pub samples: Vec<Sample>,
}

/// What an event carried once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sample {
    /// When, in the order of all that was observed.
    pub moment: u64,
    /// Its arguments, shortened if they were long.
    pub arguments: Vec<Value>,
    /// How many binary attachments it had.
    pub attachments: usize,
    /// Something of the arguments was cut away.
    pub cut: bool,
}

impl Observed {
    /// Notes an event.
    pub fn add(&mut self, name: &str, arguments: &[Value], attachments: usize) {
        self.moment += 1;
        let known = self.events.iter().position(|seen| seen.name == name);
        let at = match known {
            Some(at) => at,
            None if self.events.len() >= MAX_EVENTS || name.len() > MAX_NAME_BYTES => {
                self.dropped += 1;
                return;
            }
            None => {
                self.events.push(Seen { name: name.to_owned(), count: 0, samples: Vec::new() });
                self.events.len() - 1
            }
        };
        let Some(seen) = self.events.get_mut(at) else { return };
        seen.count += 1;
        if seen.samples.len() >= MAX_SAMPLES {
            seen.samples.remove(1);
        }
        let (arguments, cut) = cut_to_size(arguments);
        seen.samples.push(Sample { moment: self.moment, arguments, attachments, cut });
    }

    /// Notes an event as it came; one that is no JSON is noted without arguments.
    pub fn add_payload(&mut self, name: &str, payload: &Payload) {
        let arguments: Vec<Value> = payload.read().unwrap_or_default();
        self.add(name, &arguments, payload.attachments().len());
    }

    /// Notes that an event was sent, to which what comes next may be the answer.
    pub fn asked(&mut self, event: &str) {
        self.moment += 1;
        self.asked.push((self.moment, event.to_owned()));
    }

    /// The events seen, in the order in which they came first.
    pub fn events(&self) -> &[Seen] {
        &self.events
    }

    /// The event of that name.
    pub fn event(&self, name: &str) -> Option<&Seen> {
        self.events.iter().find(|seen| seen.name == name)
    }

    /// Whether nothing came at all.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// How many events came that are not kept, because there were too many different ones.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// What had been asked last when this event came for the first time.
    pub(super) fn request_before(&self, seen: &Seen) -> Option<&str> {
        let first = seen.samples.first()?.moment;
        let asked = self.asked.iter().rev().find(|(moment, _)| *moment < first);
        asked.map(|(_, event)| event.as_str())
    }
}

impl Sample {
    /// One line of JSON to show, at most `max_chars` long: the arguments with commas between.
    pub fn text(&self, max_chars: usize) -> String {
        let arguments: Vec<String> = self.arguments.iter().map(ToString::to_string).collect();
        clean(&arguments.join(", "), max_chars)
    }
}

/// How much of a value is kept.
#[derive(Debug, Clone, Copy)]
struct Limits {
    items: usize,
    chars: usize,
    cut: bool,
}

/// Shortens lists and texts evenly until all fits: a long list before the one that is looked for hides nothing.
fn cut_to_size(arguments: &[Value]) -> (Vec<Value>, bool) {
    let (mut items, mut chars) = (512, 512);
    loop {
        let mut limits = Limits { items, chars, cut: arguments.len() > items };
        let kept: Vec<Value> =
            arguments.iter().take(items).map(|value| shorten(value, 0, &mut limits)).collect();
        let size: usize = kept.iter().map(|value| value.to_string().len()).sum();
        if size <= MAX_SAMPLE_BYTES {
            return (kept, limits.cut);
        }
        if items <= 1 {
            return (Vec::new(), true);
        }
        (items, chars) = (items / 2, (chars / 2).max(16));
    }
}

fn shorten(value: &Value, depth: usize, limits: &mut Limits) -> Value {
    match value {
        Value::Array(_) | Value::Object(_) if depth >= MAX_DEPTH => {
            limits.cut = true;
            Value::Null
        }
        Value::Array(items) => {
            limits.cut |= items.len() > limits.items;
            let kept = items.iter().take(limits.items);
            Value::Array(kept.map(|item| shorten(item, depth + 1, limits)).collect())
        }
        Value::Object(fields) => {
            // Records are wide, seldom wider than this.
            let most = limits.items.max(24);
            limits.cut |= fields.len() > most;
            let kept = fields.iter().take(most);
            let short = |(name, value): (&String, &Value)| (name.clone(), shorten(value, depth + 1, limits));
            Value::Object(kept.map(short).collect::<Map<_, _>>())
        }
        Value::String(text) if text.chars().nth(limits.chars).is_some() => {
            limits.cut = true;
            Value::String(text.chars().take(limits.chars).chain(['…']).collect())
        }
        other => other.clone(),
    }
}
