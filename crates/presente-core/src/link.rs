//! The socket connection as the core sees it: a [`Link`] is one connection and lives once. Who reconnects is
//! the supervisor in [`crate::connection`], never the link.

pub mod own;
#[cfg(feature = "rust_socketio")]
pub mod rust_socketio;

pub use presente_link::{Payload, Transport, Transports};

use crate::server_url::ServerUrl;
use futures_util::future::{BoxFuture, FutureExt};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};
use std::{fmt, time::Duration};
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
    /// Which transports to use, where the server takes not all of them.
    pub transports: Option<Transports>,
    /// How the socket proves itself.
    pub proof: Proof,
}

/// How the socket proves itself: any of these may hold the token.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// The payload of CONNECT: JSON text.
    pub auth: Option<SecretString>,
    /// Headers of the handshake.
    pub headers: Vec<(String, SecretString)>,
    /// Query parameters of the handshake.
    pub query: Vec<(String, SecretString)>,
}

impl Proof {
    /// Adds a field to the payload of CONNECT; `false`, and nothing added, where the payload is no object or has such
    /// a field of its own.
    pub(crate) fn add<T: Serialize>(&mut self, key: &str, value: &T) -> bool {
        let auth = match &self.auth {
            None => Ok(Map::new()),
            Some(auth) => serde_json::from_str(auth.expose_secret()),
        };
        let (Ok(mut fields), Ok(value)) = (auth, serde_json::to_value(value)) else { return false };
        if fields.contains_key(key) {
            return false;
        }
        fields.insert(key.to_owned(), value);
        self.auth = Some(SecretString::from(Value::Object(fields).to_string()));
        true
    }
}

impl PartialEq for Proof {
    fn eq(&self, other: &Self) -> bool {
        let exposed = |fields: &[(String, SecretString)]| -> Vec<(String, String)> {
            fields.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned())).collect()
        };
        self.auth.as_ref().map(ExposeSecret::expose_secret)
            == other.auth.as_ref().map(ExposeSecret::expose_secret)
            && exposed(&self.headers) == exposed(&other.headers)
            && exposed(&self.query) == exposed(&other.query)
    }
}

/// What a link says. After `Refused` or `Closed` it says nothing more.
#[derive(Debug)]
pub enum LinkEvent {
    /// The namespace is connected: events may be sent.
    Connected {
        /// The id that the server has given our socket, where the link tells it.
        sid: Option<String>,
        /// How bytes travel.
        transport: Transport,
        /// The server took up the connection before this one where it had ended; nothing was missed.
        recovered: bool,
    },
    /// Bytes travel another way now: polling was upgraded to WebSocket.
    TransportChanged(Transport),
    /// How long the server took to answer.
    RoundTrip(Duration),
    /// The server refused the namespace (CONNECT_ERROR).
    Refused {
        /// The server's words.
        message: String,
        /// What the server added to them.
        data: Option<Box<RawValue>>,
    },
    /// The server sent an event.
    Event {
        /// Its name.
        name: String,
        /// Its arguments, unread.
        payload: Payload,
        /// By which to answer, where the server asks for an acknowledgement.
        ack: Option<Box<dyn Answer>>,
    },
    /// The connection is over, or never came about.
    Closed {
        /// Why, for the log.
        reason: String,
    },
}

/// A server's event that waits for an acknowledgement. Dropping it answers nothing.
pub trait Answer: Send + fmt::Debug {
    /// Acknowledges; on a connection that has ended this does nothing.
    fn answer(self: Box<Self>, payload: Payload);
}

/// The link cannot take the event: its queue is full or it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection takes no more events")]
pub struct EmitError;

/// An acknowledgement that will not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AckError {
    /// Not within the time given.
    #[error("the server did not acknowledge in time")]
    TimedOut,
    /// The connection ended first; the event may have arrived.
    #[error("the connection closed before the acknowledgement")]
    Closed,
    /// The event was not sent.
    #[error("not sent: {0}")]
    NotSent(#[from] EmitError),
    /// This link has no acknowledgements.
    #[error("this link has no acknowledgements")]
    NotOffered,
}

/// One connection. Dropping it closes it at once.
pub trait Link: Send {
    /// Queues an event; returns at once. A failure to send it ends the link.
    ///
    /// # Errors
    /// The queue is full or the link is closed.
    fn emit(&self, event: &str, payload: Payload) -> Result<(), EmitError>;

    /// Queues an event at once and resolves to the server's acknowledgement of it.
    fn emit_with_ack(
        &self,
        event: &str,
        payload: Payload,
        within: Duration,
    ) -> BoxFuture<'static, Result<Payload, AckError>>;

    /// Asks the server for a sign of life; none within that time closes the link. Does nothing where the link
    /// cannot ask.
    fn check(&self, within: Duration);
}

/// Opens links.
pub trait Connector: Send + Sync {
    /// Starts a connection; what becomes of it arrives in `events`.
    fn open(&self, request: LinkRequest, events: mpsc::Sender<LinkEvent>) -> Box<dyn Link>;

    /// Resolves when the links that were dropped have said goodbye to their servers, where dropping one does not wait
    /// for that.
    fn settled(&self) -> BoxFuture<'_, ()> {
        async {}.boxed()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn a_field_is_added_to_whatever_is_an_object_and_to_nothing_else() {
        for (before, after) in [
            (None, Some(r#"{"presence":1}"#)),
            (Some(r#"{"token":"t"}"#), Some(r#"{"presence":1,"token":"t"}"#)),
            (Some(r#"{"presence":"theirs"}"#), None),
            (Some(r#""token""#), None),
            (Some("[]"), None),
            (Some("no JSON"), None),
        ] {
            let auth = before.map(SecretString::from);
            let mut proof = Proof { auth, ..Proof::default() };
            assert_eq!(proof.add("presence", &1), after.is_some(), "{before:?}");
            let now = proof.auth.as_ref().map(|auth| auth.expose_secret().to_owned());
            let expected = after.or(before).map(|text| serde_json::from_str::<Value>(text).map_err(drop));
            let now = now.map(|text| serde_json::from_str::<Value>(&text).map_err(drop));
            assert_eq!(now, expected, "{before:?}");
        }
    }
}
