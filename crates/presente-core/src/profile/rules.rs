//! How what a server says is read, and what people may say: the parts of a profile about the socket's events.

use super::{Emission, Field, Place, Pointer, is_default};
use serde::{Deserialize, Serialize};

/// How the roster is asked for and read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RosterRules {
    /// Events that ask for the list, in the order in which they are tried; none where it comes by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request: Vec<String>,
    /// Events that carry the whole list.
    pub snapshot: Vec<String>,
    /// Where the list is inside the first argument; the first that is an array wins.
    pub list: Vec<Pointer>,
    /// Where a row has its fields.
    #[serde(default, skip_serializing_if = "is_default")]
    pub user: UserFields,
    /// Events that tell of one who came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<Increment>,
    /// Events that tell of one who went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Increment>,
    /// Events that tell of one who has another identity now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renamed: Vec<Renaming>,
}

/// An event that tells of one person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Increment {
    /// The event's name.
    pub event: String,
    /// Where the person's row is, or the identity alone; the first place with one wins.
    #[serde(default = "first_argument")]
    pub user: Vec<Place>,
}

fn first_argument() -> Vec<Place> {
    Place::try_from(String::new()).into_iter().collect()
}

/// An event that tells of one who has another identity now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Renaming {
    /// The event's name.
    pub event: String,
    /// Where the old identity is.
    pub old: Vec<Place>,
    /// Where the new one is, or a whole row.
    pub new: Vec<Place>,
}

/// Where a row of the roster has its fields, with fallbacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct UserFields {
    /// The identity.
    pub id: Vec<Field>,
    /// The name: lists of fields that are joined; the first that gives something wins.
    pub name: Vec<Vec<Field>>,
    /// The e-mail address.
    pub email: Vec<Field>,
    /// A boolean that may say that a listed user is *not* online.
    pub online: Vec<Field>,
    /// A picture: bytes, or a `data:` URL.
    pub picture: Vec<Field>,
}

impl Default for UserFields {
    /// What the field's servers call them.
    fn default() -> Self {
        let fields = |names: &[&str]| -> Vec<Field> {
            names.iter().filter_map(|name| Field::try_from((*name).to_owned()).ok()).collect()
        };
        Self {
            id: fields(&["_id", "uid", "id", "email", "correo"]),
            name: vec![
                fields(&["firstName", "lastName"]),
                fields(&["nombre"]),
                fields(&["name"]),
                fields(&["email"]),
                fields(&["correo"]),
            ],
            email: fields(&["email", "correo"]),
            online: fields(&["isConected", "isConnected", "online"]),
            picture: fields(&["picture", "img"]),
        }
    }
}

/// What a message event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// The server's own word on connecting.
    Greeting,
    /// Somebody's word to everybody.
    Announcement,
    /// Somebody's word to us alone.
    Private,
    /// Somebody has just made an account.
    NewUser,
}

/// An event that carries a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MessageRule {
    /// What it is.
    pub kind: MessageKind,
    /// The event's name.
    pub event: String,
    /// Where a list of the last messages is, for events that repeat them; `from`, `text` and `user` are then places in
    /// each of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<Place>,
    /// Where the sender is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<Place>,
    /// Where the text is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub text: Vec<Place>,
    /// Where the row of a new user is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub user: Vec<Place>,
}

/// What people may send.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Send {
    /// A word to everybody: `{text}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announcement: Option<Emission>,
    /// A word to one: `{text}`, `{to}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private: Option<Emission>,
}

/// An event that carries a picture of somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PictureRule {
    /// The event's name.
    pub event: String,
    /// Where the identity is whose picture it is.
    pub user: Vec<Place>,
    /// Where the bytes, or a `data:` URL, are.
    pub picture: Vec<Place>,
}
