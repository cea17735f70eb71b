//! What a server says and hears, as data: the spellings of a dialect live in a profile file and nowhere else.
//!
//! A profile names the requests of the session, how the socket proves itself, what makes somebody present, which
//! events carry the roster and where in them the fields are. docs/PROFILES.md tells the same to who writes one.

mod any_json;
mod check;
mod library;
mod mistake;
mod reading;
mod rows;
mod rules;
mod spelling;

pub use library::{Library, ProfileProblem, SaveError};
pub use mistake::Mistake;
pub use reading::{Meaning, Message, PictureSource, Row};
pub use rules::{Increment, MessageKind, MessageRule, PictureRule, Renaming, RosterRules, Send, UserFields};
pub use spelling::{Body, Field, Fill, PLACEHOLDERS, Place, Pointer, Template};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The longest text of a greeting or an announcement that is shown, in characters.
pub const MAX_TEXT_CHARS: usize = 2_000;

/// A longer identity is none: it would cross to the page with every row.
pub(crate) const MAX_ID_BYTES: usize = 256;

/// The presets that come with the app, by name.
const PRESETS: [(&str, &str); 3] = [
    ("usersconected", include_str!("../profiles/usersconected.toml")),
    ("usuarios-activos", include_str!("../profiles/usuarios-activos.toml")),
    ("nickname", include_str!("../profiles/nickname.toml")),
];

/// What is as it would be without a word is not written.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A dialect of presence servers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name people choose it by.
    #[cfg_attr(test, schemars(extend("pattern" = r"\S")))]
    pub name: String,
    /// The request that signs in; without one there are no accounts, and people have nicknames at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<Request>,
    /// The request that gives a fresh token for one that is still good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew: Option<Request>,
    /// The request that signs out, where the server has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_out: Option<Request>,
    /// The request that makes an account, where the server offers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_up: Option<Request>,
    /// How the socket is opened and proves itself.
    #[serde(default, skip_serializing_if = "is_default")]
    pub socket: Socket,
    /// What makes somebody present.
    #[serde(default)]
    pub presence: PresenceRules,
    /// How the roster is asked for and read.
    pub roster: RosterRules,
    /// What else is read from the socket.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageRule>,
    /// What people may send.
    #[serde(default, skip_serializing_if = "is_default")]
    pub send: Send,
    /// Events that carry a picture of somebody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<PictureRule>,
}

/// An HTTP request with `{placeholders}`, and where its answer says what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// The path below the server's address; values are percent-encoded.
    pub path: Template,
    /// Headers; one whose placeholder has no value is left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Template>,
    /// The JSON body; none where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// Where the answer says what.
    #[serde(default, skip_serializing_if = "is_default")]
    pub answer: Answer,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "they are HTTP's")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// As HTTP writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// JSON pointers into the answer of a request; of each list the first that leads somewhere counts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Answer {
    /// A boolean: `false` there is a refusal, whatever the HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<Pointer>,
    /// The server's own words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub message: Vec<Pointer>,
    /// The session token.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub token: Vec<Pointer>,
    /// The record of the person who signed in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub user: Vec<Pointer>,
}

/// How the socket is opened and proves itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Socket {
    /// The Engine.IO path.
    #[cfg_attr(test, schemars(extend("pattern" = "^/")))]
    pub path: String,
    /// The Socket.IO namespace.
    #[cfg_attr(test, schemars(extend("pattern" = "^/")))]
    pub namespace: String,
    /// How bytes may travel.
    pub transports: Transports,
    /// The payload of CONNECT, with `{placeholders}`; left out while one of them has no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<Body>,
    /// Headers of the handshake, each left out while a placeholder of it has no value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Template>,
    /// Parameters of the handshake, on the same terms. Servers and proxies write these into their logs: a header is
    /// the better place for a token.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, Template>,
}

impl Default for Socket {
    fn default() -> Self {
        Self {
            path: "/socket.io/".to_owned(),
            namespace: "/".to_owned(),
            transports: Transports::default(),
            auth: None,
            headers: BTreeMap::new(),
            query: BTreeMap::new(),
        }
    }
}

/// How bytes may travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Transports {
    /// WebSocket, and polling where that does not work.
    #[default]
    Auto,
    /// WebSocket only.
    WebSocket,
    /// HTTP long-polling only.
    Polling,
}

/// What makes somebody present.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PresenceRules {
    /// Which act it is.
    pub by: PresenceModel,
    /// Sent once the socket is connected; where presence is by event, it says that we are online.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub online: Option<Emission>,
    /// Where presence is by event: says that we are not any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offline: Option<Emission>,
}

/// Which act makes somebody present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum PresenceModel {
    /// Signing in and out by HTTP; the socket only watches.
    Http,
    /// Being connected.
    #[default]
    Connection,
    /// Events of the socket.
    Event,
}

/// An event that is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Emission {
    /// The event's name.
    pub event: String,
    /// Its arguments, with `{placeholders}`; not sent while one of them has no value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<Body>,
    /// The server acknowledges it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ack: bool,
}

impl Emission {
    /// Its arguments with values in them; `None` where one is missing.
    pub fn fill(&self, values: &Fill<'_>) -> Option<Vec<serde_json::Value>> {
        self.arguments.iter().map(|argument| argument.fill(values)).collect()
    }
}

/// A profile that cannot be had.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProfileError {
    /// There is no preset of that name.
    #[error("there is no profile {name:?}; there is: {known}")]
    UnknownPreset {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The file is no profile; the text names line and field.
    #[error("the profile cannot be used: {0}")]
    Mistaken(Mistake),
    /// It cannot be written as TOML.
    #[error("the profile cannot be written: {0}")]
    Unwritable(#[from] toml::ser::Error),
}

impl Profile {
    /// The names of the presets.
    pub fn preset_names() -> impl Iterator<Item = &'static str> {
        PRESETS.iter().map(|(name, _)| *name)
    }

    /// The preset of that name.
    ///
    /// # Errors
    /// There is none; the error lists those that there are.
    pub fn preset(name: &str) -> Result<Self, ProfileError> {
        match PRESETS.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => Self::from_toml(text),
            None => Err(ProfileError::UnknownPreset {
                name: name.to_owned(),
                known: Self::preset_names().collect::<Vec<_>>().join(", "),
            }),
        }
    }

    /// Reads a profile file.
    ///
    /// # Errors
    /// The text is not TOML or not a profile; line and field are named.
    pub fn from_toml(text: &str) -> Result<Self, ProfileError> {
        let mistaken = |mistake| Err(ProfileError::Mistaken(mistake));
        let profile: Self = match toml::from_str(text) {
            Ok(profile) => profile,
            Err(error) => return mistaken(Mistake::found(text, &error)),
        };
        match profile.slip() {
            Ok(()) => Ok(profile),
            Err((place, reason)) => mistaken(Mistake::at(text, &place, reason)),
        }
    }

    /// The profile as a file.
    ///
    /// # Errors
    /// A body holds what TOML has no word for (`null`).
    pub fn to_toml(&self) -> Result<String, ProfileError> {
        Ok(toml::to_string_pretty(self)?)
    }

    /// A profile of nothing but a roster, without a name: no accounts, and being connected is being present.
    pub fn of_roster(roster: RosterRules) -> Self {
        Self {
            name: String::new(),
            sign_in: None,
            renew: None,
            sign_out: None,
            sign_up: None,
            socket: Socket::default(),
            presence: PresenceRules::default(),
            roster,
            messages: Vec::new(),
            send: Send::default(),
            pictures: Vec::new(),
        }
    }

    /// Whether people sign in.
    pub fn has_accounts(&self) -> bool {
        self.sign_in.is_some()
    }

    /// Whether the server may believe that we are there after we are gone.
    pub fn leaves_ghosts(&self) -> bool {
        self.sign_out.is_some() && self.presence.by == PresenceModel::Http
    }
}

#[cfg(test)]
#[path = "profile_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "profile/format_tests.rs"]
mod format_tests;

#[cfg(test)]
#[path = "profile/published_tests.rs"]
mod published_tests;
