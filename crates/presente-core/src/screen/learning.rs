//! The assistant, as it is shown.

use crate::{
    display_name::clean,
    learn::{Mapping, Observed, Proposal, Seen},
    model::Learning,
    profile::{Field, Row},
    texts::{Arg, Texts},
    view::{LearnField, LearnPerson, LearnPhase, LearnProposal, LearnView, LearntEvent},
};
use serde_json::Value;

/// How much of each is shown: what crosses to the page stays small.
const EVENTS: usize = 10;
const PROPOSALS: usize = 5;
const FIELDS: usize = 24;
const PEOPLE: usize = 5;
const SAMPLE_CHARS: usize = 160;
const FIELD_CHARS: usize = 40;
/// How deep fields are looked for, and in how many rows.
const DEPTH: usize = 4;
const ROWS: usize = 20;

pub(super) fn view(learning: &Learning, texts: &Texts) -> LearnView {
    let phase = match (&learning.failed, learning.proposals.is_empty()) {
        (Some(_), _) => LearnPhase::Failed,
        (None, true) => LearnPhase::Listening,
        (None, false) => LearnPhase::Choosing,
    };
    let heard: usize = learning.observed.events().iter().map(|seen| seen.count).sum();
    let status = match (&learning.failed, phase) {
        (Some(reason), _) => texts.with("learn-failed", &[("reason", Arg::from(reason))]),
        (None, LearnPhase::Choosing) => texts.with("learn-choosing", &[("count", Arg::Count(heard))]),
        (None, _) => texts.with("learn-listening", &[("count", Arg::Count(heard))]),
    };
    let mapping = learning.mapping();
    let people = mapping.map(|mapping| mapping.preview(&learning.observed)).unwrap_or_default();
    let field = |field: &Field| String::from(field.clone());
    LearnView {
        server: learning.server.clone(),
        phase,
        status,
        events: learning.observed.events().iter().take(EVENTS).map(event).collect(),
        proposals: learning.proposals.iter().take(PROPOSALS).map(|it| proposal(it, texts)).collect(),
        chosen: learning.chosen,
        fields: mapping.map(|mapping| fields(mapping, &learning.observed)).unwrap_or_default(),
        id: mapping.and_then(|mapping| mapping.id.as_ref()).map(field).unwrap_or_default(),
        name: mapping.map(|mapping| mapping.name.iter().map(field).collect()).unwrap_or_default(),
        email: mapping.and_then(|mapping| mapping.email.as_ref()).map(field),
        people: people.len(),
        preview: people.into_iter().take(PEOPLE).map(person).collect(),
        profile_name: learning.profile_name.clone(),
    }
}

fn person(row: Row<'static>) -> LearnPerson {
    LearnPerson {
        id: clean(&row.id, FIELD_CHARS),
        name: row.name.into_owned(),
        email: row.email.map(|email| clean(&email, FIELD_CHARS)),
    }
}

fn event(seen: &Seen) -> LearntEvent {
    let sample = seen.samples.last().map(|sample| sample.text(SAMPLE_CHARS)).unwrap_or_default();
    LearntEvent { name: clean(&seen.name, FIELD_CHARS), count: seen.count, sample }
}

fn proposal(proposal: &Proposal, texts: &Texts) -> LearnProposal {
    let list = String::from(proposal.mapping.list.clone());
    let event = Arg::from(&proposal.mapping.event);
    let label = match list.is_empty() {
        true => texts.with("learn-proposal", &[("event", event)]),
        false => texts.with("learn-proposal-in", &[("event", event), ("list", Arg::from(&list))]),
    };
    let reasons = proposal.reasons.iter().map(|reason| reason.sentence(texts)).collect::<Vec<_>>().join(" ");
    LearnProposal { label, reasons }
}

/// The fields of the rows of the list, each with what it holds in the first row that has it.
fn fields(mapping: &Mapping, observed: &Observed) -> Vec<LearnField> {
    let samples = observed.event(&mapping.event).map(|seen| seen.samples.as_slice()).unwrap_or_default();
    let lists =
        samples.iter().rev().filter_map(|sample| mapping.list.get(sample.arguments.first()?)?.as_array());
    let mut fields = Vec::new();
    for row in lists.flatten().take(ROWS) {
        collect(row, &mut Vec::new(), &mut fields);
    }
    fields.truncate(FIELDS);
    fields
}

fn collect(value: &Value, path: &mut Vec<String>, fields: &mut Vec<LearnField>) {
    let text = match value {
        Value::Object(inner) if path.len() < DEPTH => {
            for (name, value) in inner {
                path.push(name.clone());
                collect(value, path, fields);
                path.pop();
            }
            return;
        }
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        _ => return,
    };
    let Some(path) = Field::at(path).map(String::from) else { return };
    if fields.iter().all(|field| field.path != path) {
        fields.push(LearnField { path, sample: clean(&text, FIELD_CHARS) });
    }
}
