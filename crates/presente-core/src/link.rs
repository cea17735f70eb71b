//! The socket connection as the core sees it: a [`Link`] is one connection and lives once. Who reconnects is
//! the supervisor in [`crate::connection`], never the link.

pub mod rust_socketio;

use crate::server_url::ServerUrl;
use secrecy::SecretString;
use serde_json::{Value, value::RawValue};
use tokio::sync::mpsc;

/// How many events a link may be ahead of the core before it waits or gives up.
pub const EVENT_QUEUE: usize = 256;

/// What to open.
#[derive(Debug, Clone)]
pub struct LinkRequest {
    /// The server.
    pub server: ServerUrl,
    /// The Engine.IO path.
    pub path: String,
    /// The Socket.IO namespace.
    pub namespace: String,
    /// The payload of CONNECT: JSON text, secret because it may hold the token.
    pub auth: Option<SecretString>,
}

/// What a link says. After `Refused` or `Closed` it says nothing more.
#[derive(Debug)]
pub enum LinkEvent {
    /// The namespace is connected: events may be sent.
    Connected,
    /// The server refused the namespace (CONNECT_ERROR).
    Refused {
        /// The server's words.
        message: String,
    },
    /// The server sent an event.
    Event {
        /// Its name.
        name: String,
        /// Its arguments, unread.
        args: Vec<Box<RawValue>>,
    },
    /// The connection is over, or never came about.
    Closed {
        /// Why, for the log.
        reason: String,
    },
}

/// The link cannot take the event: its queue is full or it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection takes no more events")]
pub struct EmitError;

/// One connection. Dropping it closes it at once.
pub trait Link: Send {
    /// Queues an event; returns at once. A failure to send it ends the link.
    ///
    /// # Errors
    /// The queue is full or the link is closed.
    fn emit(&self, event: &str, args: Vec<Value>) -> Result<(), EmitError>;
}

/// Opens links.
pub trait Connector: Send + Sync {
    /// Starts a connection; what becomes of it arrives in `events`.
    fn open(&self, request: LinkRequest, events: mpsc::Sender<LinkEvent>) -> Box<dyn Link>;
}
