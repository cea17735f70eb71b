//! How the two sides find out about each other, and what one says about oneself.

use serde::{Deserialize, Serialize};

use crate::{digest::Epoch, row::OwnAvailability};

/// The version of all this.
pub const VERSION: u32 = 1;

/// What a client offers in its CONNECT payload, under [`crate::OFFER`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The highest version that the client knows.
    pub v: u32,
    /// What the client can do; words that the server does not know are none of its business.
    #[serde(default)]
    pub caps: Vec<Capability>,
    /// Where the client's proven list stands, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Position>,
}

/// Something that one side can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Capability {
    /// Changes instead of lists.
    Delta,
    /// Snapshots compressed with zstd.
    Zstd,
    /// Saying how one wants to be seen.
    Set,
    /// A window of the list instead of changes, where the list is very large.
    View,
    /// Something of a later version.
    #[serde(other)]
    Unknown,
}

/// A point in the history of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The run of the server.
    pub e: Epoch,
    /// The sequence in it.
    pub s: u64,
}

/// `presence:hello`: the server's answer to an [`Offer`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The version that both will speak.
    pub v: u32,
    /// The run of the server.
    pub e: Epoch,
    /// The sequence at which the list stands.
    pub s: u64,
    /// What the server can do.
    #[serde(default)]
    pub caps: Vec<Capability>,
    /// Path of the snapshot, on the server's own origin.
    pub snap: String,
    /// Whether the client's list is taken up where it stands: what is missing follows as a delta.
    #[serde(default)]
    pub resumed: bool,
    /// After a loss that was not announced, reconnect within a random part of this, in milliseconds.
    #[serde(default)]
    pub jitter: u64,
    /// Whether the list is so large that this client, which offered it, hears of nothing but what it asks to see by
    /// [`crate::event::VIEW`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub view: bool,
    /// How others see the person whose socket this is; nothing for a socket that only listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub me: Option<Me>,
}

/// How somebody is seen by others: what [`crate::event::ME`] says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Me {
    /// All devices taken together.
    pub a: OwnAvailability,
    /// The status line, or nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub t: String,
}

/// `presence:set`: how this device, or for `invisible` and the status line the person, is to be seen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SetPresence {
    /// Nothing: as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub a: Option<OwnAvailability>,
    /// Nothing: as before; an empty text removes the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub t: Option<String>,
}
