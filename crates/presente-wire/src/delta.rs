//! Lists and their changes as they travel.

use serde::{Deserialize, Serialize};

use crate::{
    digest::{Digest, Epoch},
    row::Row,
};

/// `presence:delta`: what has changed from one sequence to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// The run of the server.
    pub e: Epoch,
    /// The sequence before.
    pub f: u64,
    /// The sequence after.
    pub t: u64,
    /// Who joined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub j: Vec<Row>,
    /// Whose row is another one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub u: Vec<Row>,
    /// Ids of those who left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub l: Vec<String>,
    /// How many are online after it.
    pub c: u64,
    /// The digest of the list after it.
    pub h: Digest,
}

/// The whole list at a sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The run of the server.
    pub e: Epoch,
    /// The sequence.
    pub s: u64,
    /// How many are online.
    pub c: u64,
    /// The digest of the rows.
    pub h: Digest,
    /// Who is online, in no order.
    pub rows: Vec<Row>,
}

/// The answer to a GET of the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// The whole list.
    Snapshot(Snapshot),
    /// What has changed since the sequence that was named.
    Delta(Delta),
}

impl Answer {
    /// The run of the server that it comes from.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        match self {
            Self::Snapshot(snapshot) => snapshot.e,
            Self::Delta(delta) => delta.e,
        }
    }
}

/// `presence:stale`: too much has changed to be told in changes; the list is to be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stale {
    /// The run of the server.
    pub e: Epoch,
    /// The sequence that the list has now.
    pub t: u64,
    /// Fetch it after a random part of this, in milliseconds, so that not all come at once.
    #[serde(default)]
    pub jitter: u64,
}

/// `presence:bye`: the server stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bye {
    /// Come back after a random part of this, in milliseconds.
    #[serde(default)]
    pub jitter: u64,
}
