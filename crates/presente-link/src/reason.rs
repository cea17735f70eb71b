//! Why a connection ended, and why something could not be sent.

use crate::options::Transport;
use std::time::Duration;

/// Why a connection, or a namespace on it, has ended or never came about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// We closed it.
    #[error("closed by us")]
    Local,
    /// The server closed the connection in order.
    #[error("the server closed the connection")]
    Server,
    /// The server ended the namespace (`socket.disconnect()`).
    #[error("the server ended the namespace")]
    Disconnected,
    /// Nothing was heard for the time that the server had promised to speak within.
    #[error("nothing was heard from the server for {0:?}")]
    Silent(Duration),
    /// A step took longer than its deadline.
    #[error("{0} took too long")]
    TooSlow(Stage),
    /// A transport failed.
    #[error("{transport}: {failure}")]
    Failed {
        /// Which.
        transport: Transport,
        /// How.
        failure: Failure,
    },
    /// The server said something that the protocol does not allow.
    #[error("the server broke the protocol: {0}")]
    Protocol(String),
    /// The callback for the auth payload had none to give.
    #[error("no auth payload: {0}")]
    NoAuth(String),
}

impl CloseReason {
    /// Whether another transport may get through where this happened to the first one.
    pub(crate) fn may_be_the_transport(&self) -> bool {
        match self {
            Self::TooSlow(Stage::Open) | Self::Protocol(_) => true,
            Self::Failed { failure, .. } => {
                !matches!(failure, Failure::Unreachable(_) | Failure::Tls(_) | Failure::TooLarge(_))
            }
            _ => false,
        }
    }
}

/// How a transport failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// There is no way to the server: no such name, refused, no network.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// The server's certificate is not to be trusted, or TLS failed otherwise.
    #[error("TLS: {0}")]
    Tls(String),
    /// The proxy did not let us through.
    #[error("proxy: {0}")]
    Proxy(String),
    /// The answer had another HTTP status than it should.
    #[error("HTTP status {status}{}{message}", if message.is_empty() { "" } else { ": " })]
    Status {
        /// The status.
        status: u16,
        /// The server's own words, shortened; may be empty.
        message: String,
    },
    /// The server, or something in between, wants us elsewhere.
    #[error("redirected to {0}")]
    Redirected(String),
    /// The connection broke.
    #[error("lost: {0}")]
    Lost(String),
    /// More came than the limit allows.
    #[error("more than {0} bytes came at once")]
    TooLarge(usize),
}

/// A step with a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Stage {
    /// The Engine.IO handshake.
    #[error("the handshake")]
    Open,
    /// The answer to CONNECT.
    #[error("the answer to CONNECT")]
    Namespace,
    /// Writing.
    #[error("writing")]
    Write,
    /// The attachments of a packet.
    #[error("an attachment")]
    Attachments,
    /// The callback for the auth payload.
    #[error("the auth payload")]
    Auth,
    /// The sign of life that was asked for.
    #[error("a sign of life")]
    Check,
}

/// An event was not taken for sending.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmitError {
    /// As much waits to be sent as may.
    #[error("too much waits to be sent")]
    Full,
    /// The server takes no message of that size.
    #[error("larger than the {0} bytes that the server takes")]
    TooLarge(u64),
    /// The arguments cannot be written.
    #[error("{0}")]
    Payload(String),
    /// The namespace or the connection has ended.
    #[error("the connection is closed")]
    Closed,
}

/// An acknowledgement did not come.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AckError {
    /// Not within the time given.
    #[error("the server did not acknowledge in time")]
    TimedOut,
    /// The connection ended first; the event may have arrived.
    #[error("the connection closed before the acknowledgement")]
    Closed,
    /// The event was not sent.
    #[error("{0}")]
    NotSent(#[from] EmitError),
}
