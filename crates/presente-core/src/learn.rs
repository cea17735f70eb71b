//! Learning a dialect that nobody has a profile for: what the socket says is collected, a mapping is proposed (which
//! event is the roster, which fields are the identity and the name), and what a person confirms becomes a profile.
//!
//! All but [`listen`] is pure.

mod fields;
mod increments;
mod listen;
mod observed;
mod propose;
mod sentences;
mod words;

pub use listen::{CONNECT_WITHIN, Heard, ListenError, known_requests, listen};
pub use observed::{Observed, Sample, Seen};
pub use propose::{Proposal, Reason, empty_lists, propose};

use crate::{
    link::Payload,
    profile::{Field, Increment, Meaning, Pointer, Profile, RosterRules, Row, UserFields},
};
use serde::{Deserialize, Serialize};

/// What a person has confirmed, or is asked to: where the roster is and how its rows are read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mapping {
    /// The event that carries the whole list.
    pub event: String,
    /// The event that asks for it; `None` where it comes by itself.
    pub request: Option<String>,
    /// Where the list is in the event's first argument.
    pub list: Pointer,
    /// The identity; `None` where a row is a bare name.
    pub id: Option<Field>,
    /// The fields that make the name together; none where people are shown by their address or identity.
    pub name: Vec<Field>,
    /// The e-mail address.
    pub email: Option<Field>,
    /// A boolean that says who of the list is online; `None` where all are.
    pub online: Option<Field>,
    /// Events that tell of one who came.
    pub joined: Vec<Increment>,
    /// Events that tell of one who went.
    pub left: Vec<Increment>,
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            event: String::new(),
            request: None,
            list: Pointer::whole(),
            id: None,
            name: Vec::new(),
            email: None,
            online: None,
            joined: Vec::new(),
            left: Vec::new(),
        }
    }
}

impl Mapping {
    /// The profile that reads the roster so. From `base`, a profile whose sign-in and socket worked at this server, it
    /// takes all but the roster; without one there are no accounts, and being connected is being present.
    pub fn profile(&self, name: &str, base: Option<&Profile>) -> Profile {
        let roster = RosterRules {
            request: self.request.iter().cloned().collect(),
            snapshot: vec![self.event.clone()],
            list: vec![self.list.clone()],
            user: self.user_fields(),
            joined: self.joined.clone(),
            left: self.left.clone(),
            renamed: Vec::new(),
        };
        let mut profile = match base {
            Some(base) => Profile { roster, ..base.clone() },
            None => Profile::of_roster(roster),
        };
        name.trim().clone_into(&mut profile.name);
        let is_taken = |event: &String| {
            let mut increments = self.joined.iter().chain(&self.left);
            *event == self.event || increments.any(|increment| increment.event == *event)
        };
        profile.messages.retain(|rule| !is_taken(&rule.event));
        profile.pictures.retain(|rule| !is_taken(&rule.event));
        profile
    }

    fn user_fields(&self) -> UserFields {
        let Some(id) = &self.id else { return UserFields::default() };
        let email: Vec<Field> = self.email.iter().cloned().collect();
        let names = [self.name.clone(), email.clone()].into_iter();
        UserFields {
            id: vec![id.clone()],
            name: names.filter(|parts| !parts.is_empty()).collect(),
            email,
            online: self.online.iter().cloned().collect(),
            ..UserFields::default()
        }
    }

    /// The people as this mapping reads them from the latest list that was observed, so that a person can check. Long
    /// lists were shortened when they were observed.
    pub fn preview(&self, observed: &Observed) -> Vec<Row<'static>> {
        let profile = self.profile("preview", None);
        let samples = observed.event(&self.event).map(|seen| seen.samples.as_slice()).unwrap_or_default();
        let read = |sample: &Sample| {
            let payload = Payload::from_values(&sample.arguments).ok()?;
            match profile.read(&self.event, &payload) {
                Meaning::Roster { rows, .. } => Some(rows.into_iter().map(Row::into_owned).collect()),
                _ => None,
            }
        };
        samples.iter().rev().find_map(read).unwrap_or_default()
    }
}

#[cfg(test)]
#[path = "learn_tests.rs"]
mod tests;
