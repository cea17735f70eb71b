//! What a session tells, and how it is told to send.

use crate::{
    options::Transport,
    payload::Payload,
    reason::{AckError, CloseReason},
};
use serde_json::value::RawValue;
use std::time::Duration;

/// A namespace of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NamespaceId(pub(super) usize);

impl NamespaceId {
    /// Namespaces are numbered from zero in the order in which they were added.
    pub fn index(self) -> usize {
        self.0
    }
}

/// What happened in a session.
#[derive(Debug)]
pub enum Incident {
    /// The Engine.IO session stands; events travel by this transport.
    Opened(Transport),
    /// Events travel by this transport from now on.
    TransportChanged(Transport),
    /// The session stays with polling, because of this.
    NotUpgraded(String),
    /// The first plan failed for this reason; the other one is tried now.
    FellBack(CloseReason),
    /// How long something took to the server and back.
    RoundTrip(Duration),
    /// A namespace is connected.
    Connected {
        /// Which.
        namespace: NamespaceId,
        /// The id of our socket there.
        sid: String,
        /// The server took up the state of an earlier connection.
        recovered: bool,
    },
    /// The server refused a namespace; it has ended.
    Refused {
        /// Which.
        namespace: NamespaceId,
        /// The server's words.
        message: String,
        /// What else the server said.
        data: Option<Box<RawValue>>,
    },
    /// An event came.
    Event {
        /// In which namespace.
        namespace: NamespaceId,
        /// Its name.
        name: String,
        /// Its arguments.
        payload: Payload,
        /// By which [`Session::answer`] acknowledges it, where the server asks for that.
        ack: Option<i64>,
    },
    /// An event of ours was acknowledged, or will not be.
    Acknowledged {
        /// In which namespace.
        namespace: NamespaceId,
        /// The number that [`Session::emit`] gave it.
        id: u64,
        /// The server's answer.
        result: Result<Payload, AckError>,
    },
    /// A namespace has ended.
    Ended {
        /// Which.
        namespace: NamespaceId,
        /// Why.
        reason: CloseReason,
    },
    /// The session has ended; nothing follows.
    Closed(CloseReason),
}

/// How an event is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Emit {
    /// The server is to acknowledge it within this time.
    pub ack_within: Option<Duration>,
    /// Drop it rather than let it wait.
    pub volatile: bool,
}
