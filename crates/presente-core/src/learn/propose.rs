//! Which of the events is the roster, and how its rows are to be read: proposals with reasons, best first.

use super::{
    Mapping, Observed, Sample, Seen,
    fields::{self, Fields},
    increments,
    words::{About, about, is_speech},
};
use crate::{display_name::clean_name, profile::Pointer};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// How deep lists are looked for.
const MAX_DEPTH: usize = 6;
/// More lists than these are not looked at in one event.
const MAX_LISTS: usize = 32;
/// More proposals than these are no help.
const MAX_PROPOSALS: usize = 12;

/// A way to read the roster.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal {
    /// The way.
    pub mapping: Mapping,
    /// How likely it is the right one, 0 to 100.
    pub score: u32,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// What speaks for a proposal, or against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// The latest list has so many rows.
    Rows {
        /// How many.
        count: usize,
    },
    /// The event, or the place of the list in it, is called as people would be.
    SoundsLikePeople {
        /// The name.
        name: String,
    },
    /// It is called as something else would be. Speaks against it.
    SoundsLikeThings {
        /// The name.
        name: String,
    },
    /// Each row is a text of its own.
    BareNames {
        /// One of them.
        example: String,
    },
    /// Each row is a number, which says little. Speaks against it.
    BareNumbers,
    /// The field is different in each row, and the same from list to list.
    Identity {
        /// The field.
        field: String,
    },
    /// The field reads like a name.
    Name {
        /// The field.
        field: String,
        /// One of the names.
        example: String,
    },
    /// No field reads like a name. Speaks against it.
    NoName,
    /// The field is an e-mail address.
    Email {
        /// The field.
        field: String,
    },
    /// The field says whether somebody is online.
    Online {
        /// The field.
        field: String,
    },
    /// The rows have a field of messages. Speaks against it.
    LooksLikeMessages {
        /// The field.
        field: String,
    },
    /// The event came more than once.
    Repeated {
        /// How often.
        count: usize,
    },
    /// The event came after this was asked, and not before.
    Answered {
        /// The event that asked.
        request: String,
    },
    /// Another event tells of one who came.
    TellsWhoCame {
        /// The event.
        event: String,
    },
    /// Another event tells of one who went.
    TellsWhoWent {
        /// The event.
        event: String,
    },
}

impl Reason {
    /// A name for it that does not change.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rows { .. } => "rows",
            Self::SoundsLikePeople { .. } => "sounds_like_people",
            Self::SoundsLikeThings { .. } => "sounds_like_things",
            Self::BareNames { .. } => "bare_names",
            Self::BareNumbers => "bare_numbers",
            Self::Identity { .. } => "identity",
            Self::Name { .. } => "name",
            Self::NoName => "no_name",
            Self::Email { .. } => "email",
            Self::Online { .. } => "online",
            Self::LooksLikeMessages { .. } => "looks_like_messages",
            Self::Repeated { .. } => "repeated",
            Self::Answered { .. } => "answered",
            Self::TellsWhoCame { .. } => "tells_who_came",
            Self::TellsWhoWent { .. } => "tells_who_went",
        }
    }

    /// Whether it speaks against the proposal.
    pub fn is_against(&self) -> bool {
        matches!(
            self,
            Self::SoundsLikeThings { .. } | Self::BareNumbers | Self::NoName | Self::LooksLikeMessages { .. }
        )
    }
}

/// Ways to read the roster from what was observed, best first. None where there was no list with somebody in it.
pub fn propose(observed: &Observed) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    for seen in observed.events() {
        for place in places(seen) {
            proposals.extend(Candidate::new(seen, &place).and_then(|candidate| candidate.proposal(observed)));
        }
    }
    // Stable: of equal ones the first that came is first.
    proposals.sort_by_key(|proposal| std::cmp::Reverse(proposal.score));
    // Who is to confirm it has to see somebody.
    let readable = |proposal: &Proposal| !proposal.mapping.preview(observed).is_empty();
    proposals.into_iter().filter(readable).take(MAX_PROPOSALS).collect()
}

/// Events with a list in which there was never anybody, and where: one of them may be the roster once somebody is there.
pub fn empty_lists(observed: &Observed) -> Vec<(String, Pointer)> {
    let mut found = Vec::new();
    for seen in observed.events() {
        for place in places(seen) {
            let path: Vec<&str> = place.iter().map(String::as_str).collect();
            let pointer = Pointer::to(&path);
            let mut lists = seen.samples.iter().filter_map(|sample| list_at(sample, &pointer));
            if lists.all(Vec::is_empty) {
                found.push((seen.name.clone(), pointer));
            }
        }
    }
    found
}

/// Where an event has lists, over all its samples.
fn places(seen: &Seen) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for sample in &seen.samples {
        if let Some(argument) = sample.arguments.first() {
            collect_lists(argument, &mut Vec::new(), &mut found);
        }
    }
    found
}

fn collect_lists(value: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match value {
        Value::Array(items) => {
            if !found.contains(path) && found.len() < MAX_LISTS {
                found.push(path.clone());
            }
            // A list of one thing may be a wrapper.
            if let ([only], true) = (items.as_slice(), path.len() < MAX_DEPTH) {
                path.push("0".to_owned());
                collect_lists(only, path, found);
                path.pop();
            }
        }
        Value::Object(fields) if path.len() < MAX_DEPTH => {
            for (name, value) in fields {
                path.push(name.clone());
                collect_lists(value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// The list at a place of a sample.
pub(super) fn list_at<'s>(sample: &'s Sample, pointer: &Pointer) -> Option<&'s Vec<Value>> {
    pointer.get(sample.arguments.first()?)?.as_array()
}

/// A list that may be the roster, and what is found out about it.
struct Candidate<'o> {
    seen: &'o Seen,
    pointer: Pointer,
    /// The last name on the way to the list, if there is one that is no number.
    place_name: Option<String>,
    /// The lists by sample; those without a row are left out.
    lists: Vec<&'o Vec<Value>>,
    score: i32,
    reasons: Vec<Reason>,
}

impl<'o> Candidate<'o> {
    fn new(seen: &'o Seen, place: &[String]) -> Option<Self> {
        let path: Vec<&str> = place.iter().map(String::as_str).collect();
        let pointer = Pointer::to(&path);
        let lists = seen.samples.iter().filter_map(|sample| list_at(sample, &pointer));
        let lists: Vec<_> = lists.filter(|list| !list.is_empty()).collect();
        let count = lists.last()?.len();
        let place_name = path.iter().rev().find(|name| name.parse::<usize>().is_err());
        let place_name = place_name.map(|name| (*name).to_owned());
        Some(Self { seen, pointer, place_name, lists, score: 24, reasons: vec![Reason::Rows { count }] })
    }

    fn weigh(&mut self, weight: i32, reason: impl Into<Option<Reason>>) {
        self.score += weight;
        self.reasons.extend(reason.into());
    }

    fn proposal(mut self, observed: &Observed) -> Option<Proposal> {
        let rows = |list: &&'o Vec<Value>| list.iter().filter_map(Value::as_object).collect::<Vec<_>>();
        let objects: Vec<Vec<&Map<String, Value>>> = self.lists.iter().map(rows).collect();
        let records: usize = objects.iter().map(Vec::len).sum();
        let all: usize = self.lists.iter().map(|list| list.len()).sum();
        let mut mapping =
            Mapping { event: self.seen.name.clone(), list: self.pointer.clone(), ..Mapping::default() };
        match records * 2 >= all {
            true => self.weigh_records(&objects, records, &mut mapping)?,
            false => self.weigh_bare()?,
        }
        self.weigh_names();
        if self.seen.count > 1 {
            self.weigh(3, Reason::Repeated { count: self.seen.count });
        }
        // Alone on a list one sees only oneself; the fields show little.
        self.weigh(if all > self.lists.len() { 4 } else { 0 }, None);
        if let Some(request) = observed.request_before(self.seen) {
            self.weigh(3, Reason::Answered { request: request.to_owned() });
            mapping.request = Some(request.to_owned());
        }
        (mapping.joined, mapping.left) = increments::find(observed, &mapping);
        let came = mapping.joined.iter().map(|rule| Reason::TellsWhoCame { event: rule.event.clone() });
        let went = mapping.left.iter().map(|rule| Reason::TellsWhoWent { event: rule.event.clone() });
        let told: Vec<Reason> = came.chain(went).collect();
        self.weigh(if told.is_empty() { 0 } else { 6 }, None);
        self.reasons.extend(told);
        let score = u32::try_from(self.score.clamp(0, 100)).unwrap_or(0);
        Some(Proposal { mapping, score, reasons: self.reasons })
    }

    /// Rows that are records; `None` if nothing tells them apart.
    fn weigh_records(
        &mut self,
        objects: &[Vec<&'o Map<String, Value>>],
        records: usize,
        mapping: &mut Mapping,
    ) -> Option<()> {
        let columns = fields::columns(objects);
        let Fields { id, name, email, online, id_score, name_score, example } =
            fields::choose(&columns, records);
        let id = id?;
        let text = |field: &crate::profile::Field| String::from(field.clone());
        self.weigh(id_score / 4, Reason::Identity { field: text(&id) });
        match example {
            Some(example) if !name.is_empty() => {
                let field = name.iter().map(text).collect::<Vec<_>>().join(" ");
                let example = clean_name(example).into_owned();
                self.weigh(name_score / 3, Reason::Name { field, example });
            }
            _ => self.weigh(-20, Reason::NoName),
        }
        if let Some(email) = &email {
            self.weigh(14, Reason::Email { field: text(email) });
        }
        if let Some(online) = &online {
            self.weigh(8, Reason::Online { field: text(online) });
        }
        let speech = columns.iter().find_map(|column| column.path.iter().find(|name| is_speech(name)));
        if let Some(field) = speech {
            self.weigh(-16, Reason::LooksLikeMessages { field: (*field).to_owned() });
        }
        (mapping.id, mapping.name, mapping.email, mapping.online) = (Some(id), name, email, online);
        Some(())
    }

    /// Rows that are texts or numbers; `None` if they are neither, or not people's.
    fn weigh_bare(&mut self) -> Option<()> {
        let rows: Vec<&Value> = self.lists.iter().copied().flatten().collect();
        let texts: Vec<&str> = rows.iter().filter_map(|row| row.as_str()).collect();
        let numbers = rows.iter().filter(|row| row.is_i64() || row.is_u64()).count();
        if texts.len() + numbers < rows.len()
            || rows.iter().any(|row| row.as_str().is_some_and(str::is_empty))
        {
            return None;
        }
        let is_distinct = self.lists.iter().all(|list| {
            let distinct: BTreeSet<String> = list.iter().map(ToString::to_string).collect();
            distinct.len() * 10 >= list.len() * 9
        });
        if !is_distinct {
            return None;
        }
        match texts.first() {
            Some(example) if numbers * 2 < rows.len() => {
                let human = rows.iter().filter(|row| fields::is_human(row) || fields::is_email(row)).count();
                let weight = if human * 2 >= rows.len() { 16 } else { 6 };
                self.weigh(weight, Reason::BareNames { example: clean_name(*example).into_owned() });
            }
            _ => self.weigh(-16, Reason::BareNumbers),
        }
        Some(())
    }

    fn weigh_names(&mut self) {
        // The name at the list itself says more than that of the event around it.
        let names = [(self.place_name.clone(), 12), (Some(self.seen.name.clone()), 10)];
        for (name, weight) in names.into_iter().filter_map(|(name, weight)| Some((name?, weight))) {
            match about(&name) {
                About::People => self.weigh(weight, Reason::SoundsLikePeople { name }),
                About::Things => self.weigh(-2 * weight, Reason::SoundsLikeThings { name }),
                About::Neither => {}
            }
        }
    }
}
