//! What nodes say to each other.

use std::{fmt, sync::Arc};

use presente_wire::Row;
use serde::{Deserialize, Serialize};

use crate::presence::{Change, SessionId};

/// One run of one node. The least of those that live writes down who is connected.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct NodeId(Arc<str>);

impl NodeId {
    /// A new run of the node of this name.
    pub(crate) fn new(name: &str) -> Self {
        Self(format!("{name}-{:016x}", rand::random::<u64>()).into())
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something that a node says to all.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Envelope {
    pub(crate) node: NodeId,
    /// Counts what this node has said; a beat repeats the last number.
    pub(crate) number: u64,
    pub(crate) said: Said,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Said {
    /// I live.
    Beat,
    /// I stop, and my people are gone.
    Leave,
    /// Tell me everything: this node, or all.
    Tell { who: Option<NodeId> },
    /// My people have changed.
    Changed { is: Vec<Row>, left: Vec<String> },
    /// A part of everything.
    Whole { part: u32, last: bool, rows: Vec<Row> },
    /// These sessions have signed out; until then (seconds since the epoch) their tokens may listen.
    SignedOut { sessions: Vec<i64>, listen_until: i64 },
    /// This session is signed in again, until then (seconds since the epoch).
    Resumed { session: i64, expires: i64 },
    /// These sessions do not exist any more.
    Revoked { sessions: Vec<i64> },
    /// Somebody has chosen how to be seen on all devices.
    Chosen { user: String, invisible: bool, status_line: String },
    /// An event for everybody's sockets.
    Emitted { event: String, payload: rmpv::Value },
}

impl Said {
    /// Whether it is counted: a gap in these is a loss.
    pub(crate) fn is_numbered(&self) -> bool {
        !matches!(self, Self::Beat | Self::Leave | Self::Tell { .. })
    }

    /// The changes of our own people, as others are told.
    pub(crate) fn changed(changes: &[Change]) -> Self {
        let is = changes.iter().filter_map(super::row_of).map(|row| Row::clone(&row)).collect();
        let left = changes.iter().filter(|change| change.shown.is_none());
        Self::Changed { is, left: left.map(|change| change.account.id.to_string()).collect() }
    }

    /// The numbers of sessions as they travel.
    pub(crate) fn numbers(sessions: &[SessionId]) -> Vec<i64> {
        sessions.iter().map(|session| session.0).collect()
    }
}
