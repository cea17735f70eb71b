//! What a server says and hears, as data: the spellings of a dialect live in a profile file and nowhere else.
//!
//! A profile names the requests of the session, how the socket proves itself, which event carries the roster
//! and where in it the fields are. Places inside JSON are JSON pointers (RFC 6901).

mod any_json;
mod rows;

use crate::{display_name::clean, link::Payload};
use rows::{FirstArgument, List};
use serde::Deserialize;
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap};

/// The longest text of a greeting or an announcement that is shown, in characters.
const MAX_TEXT_CHARS: usize = 2_000;

/// A longer identity is none: it would cross to the page with every row.
const MAX_ID_BYTES: usize = 256;

/// The presets that come with the app, by name.
const PRESETS: [(&str, &str); 1] = [("usersconected", include_str!("../profiles/usersconected.toml"))];

/// A dialect of presence servers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name people choose it by.
    pub name: String,
    /// The request that signs in.
    pub sign_in: Request,
    /// The request that signs out.
    pub sign_out: Request,
    /// The request that makes an account, where the server offers it.
    pub sign_up: Option<Request>,
    /// How the socket is opened.
    pub socket: Socket,
    /// How the roster is asked for and read.
    pub roster: RosterRules,
    /// What else is read from the socket.
    #[serde(default)]
    pub messages: Vec<MessageRule>,
}

/// An HTTP request with `{placeholders}`, and where its answer says what.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The HTTP method.
    pub method: String,
    /// The path below the server's address.
    pub path: String,
    /// Headers; one whose placeholder has no value is left out.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The JSON body.
    pub body: Value,
    /// Where the answer says what.
    pub answer: Answer,
}

/// JSON pointers into the answer of a [`Request`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// A boolean: `false` there is a refusal.
    pub success: Option<String>,
    /// The server's own words.
    pub message: Option<String>,
    /// The session token.
    pub token: Option<String>,
    /// The record of the person who signed in.
    pub user: Option<String>,
}

/// How the socket is opened.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Socket {
    /// The Engine.IO path.
    pub path: String,
    /// The Socket.IO namespace.
    pub namespace: String,
    /// The payload of CONNECT, with `{placeholders}`; left out while one of them has no value.
    pub auth: Option<Value>,
}

/// How the roster is asked for and read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterRules {
    /// Events that ask for the list, in the order in which they are tried.
    pub request: Vec<String>,
    /// Events that carry the whole list.
    pub snapshot: Vec<String>,
    /// Where the list is inside the first argument; the first that is an array wins.
    pub list: Vec<String>,
    /// Where a row has its fields.
    pub user: UserFields,
}

/// Field names of a row of the roster, with fallbacks.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserFields {
    /// The identity.
    pub id: Vec<String>,
    /// The name: lists of fields that are joined; the first that gives something wins.
    pub name: Vec<Vec<String>>,
    /// The e-mail address.
    pub email: Vec<String>,
    /// A boolean that may say that a listed user is *not* online.
    pub online: Vec<String>,
}

/// What a message event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// The server's own word on connecting.
    Greeting,
    /// Somebody's word to everybody.
    Announcement,
}

/// An event that carries a message.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageRule {
    /// What it is.
    pub kind: MessageKind,
    /// The event's name.
    pub event: String,
    /// Where the sender is named.
    pub from: Vec<String>,
    /// Where the text is.
    pub text: Vec<String>,
}

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
}

impl Row<'_> {
    /// The row without what it borrows from.
    pub fn into_owned(self) -> Row<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Row { id: own(self.id), name: own(self.name), email: self.email.map(own), online: self.online }
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
    /// The sender, empty where the event does not name one.
    pub from: String,
    /// The text.
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
    /// A message for people.
    Message(Message),
    /// Nothing that this dialect knows.
    Unknown,
}

/// A profile file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// There is no preset of that name.
    #[error("there is no profile {name:?}; there is: {known}")]
    UnknownPreset {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The file says something else than a profile; the text names line and field.
    #[error("the profile cannot be read: {0}")]
    Malformed(#[from] toml::de::Error),
}

/// Values for the `{placeholders}` of a request. Short-lived: it holds a password.
pub type Fill<'a> = BTreeMap<&'a str, &'a str>;

impl Profile {
    /// The preset of that name.
    ///
    /// # Errors
    /// There is none; the error lists those that there are.
    pub fn preset(name: &str) -> Result<Self, ProfileError> {
        match PRESETS.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => Self::from_toml(text),
            None => Err(ProfileError::UnknownPreset {
                name: name.to_owned(),
                known: PRESETS.map(|(known, _)| known).join(", "),
            }),
        }
    }

    /// Reads a profile file.
    ///
    /// # Errors
    /// The text is not TOML or not a profile; line and field are named.
    pub fn from_toml(text: &str) -> Result<Self, ProfileError> {
        Ok(toml::from_str(text)?)
    }

    /// What an event says in this dialect. Never fails: what cannot be read is said so.
    pub fn read<'a>(&self, event: &str, payload: &'a Payload) -> Meaning<'a> {
        if self.roster.snapshot.iter().any(|name| name == event) {
            return self.roster.read(payload);
        }
        match self.messages.iter().find(|rule| rule.event == event) {
            Some(rule) => rule.read(payload).map_or(Meaning::Unknown, Meaning::Message),
            None => Meaning::Unknown,
        }
    }
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
        let (argument,): (Value,) = payload.read().ok()?;
        let list = self.list.iter().find_map(|pointer| argument.pointer(pointer)?.as_array())?;
        let rows: Vec<_> = list.iter().filter_map(|user| self.user.read(user)).map(Row::into_owned).collect();
        Some(List { unreadable: list.len() - rows.len(), rows })
    }
}

impl MessageRule {
    fn read(&self, payload: &Payload) -> Option<Message> {
        let (argument,): (Value,) = payload.read().ok()?;
        let text = |pointers: &[String]| {
            let found = pointers.iter().find_map(|pointer| scalar(argument.pointer(pointer)?));
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

/// Puts values into the `{placeholders}` of a template. A placeholder is a whole string, so that no value
/// can break out of its place. `None` where one has no value: nothing incomplete is ever sent.
pub fn fill(template: &Value, values: &Fill<'_>) -> Option<Value> {
    Some(match template {
        Value::String(text) => Value::String(fill_text(text, values)?.to_owned()),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| fill(item, values)).collect::<Option<_>>()?)
        }
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(key, value)| Some((key.clone(), fill(value, values)?)))
                .collect::<Option<_>>()?,
        ),
        other => other.clone(),
    })
}

/// The same for one string.
pub fn fill_text<'a>(template: &'a str, values: &Fill<'a>) -> Option<&'a str> {
    match template.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(placeholder) => values.get(placeholder).copied(),
        None => Some(template),
    }
}

#[cfg(test)]
#[path = "profile_tests.rs"]
mod tests;
