//! What somebody has noted of the people they know: a name of their own for them, a note, a group, a rule. Kept on
//! this machine only; no server hears of it.

use crate::{alerts::Rule, server_url::ServerUrl, settings::OpenSession};
use serde::{Deserialize, Serialize};

/// The most characters of an alias or of a group's name.
pub const MAX_ALIAS_CHARS: usize = 60;
/// The most characters of a note.
pub const MAX_NOTE_CHARS: usize = 500;

/// By which a person is known from one run to the next.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PersonKey {
    /// The server on which.
    pub server: ServerUrl,
    /// Through which account of ours there.
    pub login: String,
    /// The identity there.
    pub id: String,
}

impl PersonKey {
    /// The person with this identity, as a session knows them.
    pub fn new(session: &OpenSession, id: &str) -> Self {
        Self { server: session.server.clone(), login: session.email.clone(), id: id.to_owned() }
    }

    /// Whether the session is the one that the person is known through.
    pub fn is_of(&self, session: &OpenSession) -> bool {
        self.server == session.server && self.login == session.email
    }
}

/// What is noted of a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    #[serde(flatten)]
    pub key: PersonKey,
    /// What they are called here; empty where their own name serves.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub alias: String,
    /// Some words about them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Stands at the top of the list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub favourite: bool,
    /// The group they stand in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// When to be told of them, where that differs from their group and from everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// Their history is not kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_history: bool,
}

impl Person {
    /// Somebody of whom nothing is noted.
    pub fn new(key: PersonKey) -> Self {
        Self {
            key,
            alias: String::new(),
            note: String::new(),
            favourite: false,
            group: None,
            rule: None,
            no_history: false,
        }
    }

    /// Nothing is noted of them any more.
    pub fn is_blank(&self) -> bool {
        *self == Self::new(self.key.clone())
    }
}
