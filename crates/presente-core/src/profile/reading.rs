//! What an event of the socket means in a dialect. Nothing here fails: what cannot be read is said so.

use super::{
    Increment, MAX_TEXT_CHARS, MessageKind, MessageRule, PictureRule, Place, Profile, Renaming, RosterRules,
    UserFields,
    rows::{FirstArgument, List},
};
use crate::{display_name::clean, link::Payload, roster::Availability};
use serde_json::Value;
use std::borrow::Cow;

/// One row of a list as the server sent it, read but not yet compared with anything. It borrows from the list's text
/// where it can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// The identity within this server, never empty.
    pub id: Cow<'a, str>,
    /// The name to show, never empty.
    pub name: Cow<'a, str>,
    /// The e-mail address, where the row has one.
    pub email: Option<Cow<'a, str>>,
    /// Whether the row says that the user is online.
    pub online: bool,
    /// How the user can be reached, where the server says.
    pub availability: Option<Availability>,
    /// The user's own line about what they are doing, where there is one.
    pub status_line: Option<Box<str>>,
    /// Where the picture is, if the row has one.
    pub picture: Option<Box<PictureSource<'a>>>,
}

/// Where a picture is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PictureSource<'a> {
    /// The event's attachment of this number.
    Attachment(usize),
    /// A `data:` URL.
    DataUrl(Cow<'a, str>),
}

impl PictureSource<'_> {
    /// The source without what it borrows from.
    pub fn into_owned(self) -> PictureSource<'static> {
        match self {
            Self::Attachment(number) => PictureSource::Attachment(number),
            Self::DataUrl(url) => PictureSource::DataUrl(Cow::Owned(url.into_owned())),
        }
    }
}

impl Row<'_> {
    /// The row without what it borrows from.
    pub fn into_owned(self) -> Row<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Row {
            id: own(self.id),
            name: own(self.name),
            email: self.email.map(own),
            online: self.online,
            availability: self.availability,
            status_line: self.status_line,
            picture: self.picture.map(|picture| Box::new(picture.into_owned())),
        }
    }

    /// Whether the server sent nothing but a name.
    pub fn is_bare_name(&self) -> bool {
        self.email.is_none() && self.id == self.name
    }
}

/// A message as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: MessageKind,
    /// The sender, or the new user; empty where the event does not name one.
    pub from: String,
    /// The text; empty for a new user.
    pub text: String,
}

/// What an event of the socket means in this dialect.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning<'a> {
    /// The whole list; `unreadable` rows had no identity and were left out.
    Roster {
        /// The rows that could be read, in the server's order.
        rows: Vec<Row<'a>>,
        /// How many rows could not be read.
        unreadable: usize,
    },
    /// The event should carry the list, and there is none in it.
    MalformedRoster,
    /// One came.
    Joined(Row<'static>),
    /// One went: the identity.
    Left(String),
    /// One has another identity: the old one, and the row with the new.
    Renamed(String, Row<'static>),
    /// A message for people.
    Message(Message),
    /// The last messages, which may have been told before.
    Messages(Vec<Message>),
    /// A picture of the one with this identity.
    Picture(String, PictureSource<'static>),
    /// Nothing that this dialect knows, or nothing that can be read as what it should be.
    Unknown,
}

impl Profile {
    /// What an event says in this dialect. Never fails: what cannot be read is said so.
    pub fn read<'a>(&self, event: &str, payload: &'a Payload) -> Meaning<'a> {
        if self.roster.snapshot.iter().any(|name| name == event) {
            return self.roster.read(payload);
        }
        if !self.knows(event) {
            return Meaning::Unknown;
        }
        let Ok(arguments) = payload.read::<Vec<Value>>() else { return Meaning::Unknown };
        self.read_arguments(event, &arguments).unwrap_or(Meaning::Unknown)
    }

    /// Whether an event besides the lists means something.
    fn knows(&self, event: &str) -> bool {
        let RosterRules { joined, left, renamed, .. } = &self.roster;
        joined.iter().chain(left).any(|rule| rule.event == event)
            || renamed.iter().any(|rule| rule.event == event)
            || self.messages.iter().any(|rule| rule.event == event)
            || self.pictures.iter().any(|rule| rule.event == event)
    }

    fn read_arguments(&self, event: &str, arguments: &[Value]) -> Option<Meaning<'static>> {
        let user = &self.roster.user;
        let named = |rules: &[Increment]| -> Option<Row<'static>> {
            rules
                .iter()
                .filter(|rule| rule.event == event)
                .find_map(|rule| row_at(&rule.user, arguments, user))
        };
        if let Some(row) = named(&self.roster.joined) {
            return Some(Meaning::Joined(row));
        }
        if let Some(row) = named(&self.roster.left) {
            return Some(Meaning::Left(row.id.into_owned()));
        }
        let mut renamed = self.roster.renamed.iter().filter(|rule| rule.event == event);
        if let Some((old, new)) = renamed.find_map(|rule: &Renaming| {
            Some((row_at(&rule.old, arguments, user)?.id, row_at(&rule.new, arguments, user)?))
        }) {
            return Some(Meaning::Renamed(old.into_owned(), new));
        }
        let mut messages = self.messages.iter().filter(|rule| rule.event == event);
        if let Some(meaning) = messages.find_map(|rule| rule.read(arguments, user)) {
            return Some(meaning);
        }
        let mut pictures = self.pictures.iter().filter(|rule| rule.event == event);
        pictures.find_map(|rule: &PictureRule| {
            let picture = rule.picture.iter().find_map(|place| picture_source(place.get(arguments)?))?;
            Some(Meaning::Picture(row_at(&rule.user, arguments, user)?.id.into_owned(), picture))
        })
    }
}

/// The row at the first of the places that has one.
fn row_at(places: &[Place], arguments: &[Value], user: &UserFields) -> Option<Row<'static>> {
    places.iter().find_map(|place| user.read(place.get(arguments)?)).map(Row::into_owned)
}

/// What a picture is given by.
fn picture_source(value: &Value) -> Option<PictureSource<'static>> {
    match value {
        Value::String(text) => is_data_url(text).then(|| PictureSource::DataUrl(Cow::Owned(text.clone()))),
        Value::Object(fields) if fields.get("_placeholder") == Some(&Value::Bool(true)) => {
            let number = fields.get("num")?.as_u64()?;
            usize::try_from(number).ok().map(PictureSource::Attachment)
        }
        _ => None,
    }
}

/// Whether a text holds a picture itself. One that is somewhere else is not fetched: that would tell its host who
/// looks at whom.
pub(super) fn is_data_url(text: &str) -> bool {
    text.starts_with("data:image/")
}

impl RosterRules {
    fn read<'a>(&self, payload: &'a Payload) -> Meaning<'a> {
        let list = match FirstArgument::new(&self.list, &self.user) {
            Some(argument) => payload.read_with(argument).ok().flatten(),
            None => self.read_by_pointers(payload),
        };
        match list {
            Some(List { rows, unreadable }) if unreadable == 0 || !rows.is_empty() => {
                Meaning::Roster { rows, unreadable }
            }
            _ => Meaning::MalformedRoster,
        }
    }

    /// The same for places inside arrays: dearer, and no server known needs it.
    fn read_by_pointers(&self, payload: &Payload) -> Option<List<'static>> {
        let arguments: Vec<Value> = payload.read().ok()?;
        let argument = arguments.first()?;
        let list = self.list.iter().find_map(|pointer| pointer.get(argument)?.as_array())?;
        let rows: Vec<_> = list.iter().filter_map(|user| self.user.read(user)).map(Row::into_owned).collect();
        Some(List { unreadable: list.len() - rows.len(), rows })
    }
}

impl MessageRule {
    fn read(&self, arguments: &[Value], user: &UserFields) -> Option<Meaning<'static>> {
        let Some(list) = &self.list else {
            return self.read_one(arguments, user).map(Meaning::Message);
        };
        let list = list.get(arguments)?.as_array()?;
        Some(Meaning::Messages(
            list.iter().filter_map(|one| self.read_one(std::slice::from_ref(one), user)).collect(),
        ))
    }

    fn read_one(&self, arguments: &[Value], user: &UserFields) -> Option<Message> {
        if self.kind == MessageKind::NewUser {
            let from = row_at(&self.user, arguments, user)?.name.into_owned();
            return Some(Message { kind: self.kind, from, text: String::new() });
        }
        let text = |places: &[Place]| {
            let found = places.iter().find_map(|place| scalar(place.get(arguments)?));
            clean(&found.unwrap_or_default(), MAX_TEXT_CHARS)
        };
        let message = Message { kind: self.kind, from: text(&self.from), text: text(&self.text) };
        (!message.text.is_empty()).then_some(message)
    }
}

/// Text or a number as text, not empty.
fn scalar(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}
