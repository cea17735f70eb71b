//! Who is judged, on which way, and what they do not offer.

use std::process::Command;

use anyhow::Result;

use crate::{
    binaries::{SUBJECT, binary},
    node::node,
};

/// A client that is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    /// Our own link under our supervisor.
    PresenteLink,
    /// `rust_socketio` 0.6, fenced, under the same supervisor.
    RustSocketio,
    /// The reference client in Node, left to its own defaults.
    Reference,
}

/// How a client gets to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// WebSocket and nothing else.
    Websocket,
    /// HTTP long-polling and nothing else.
    Polling,
    /// Long-polling first, then an upgrade to WebSocket.
    Upgrade,
    /// WebSocket first, long-polling when that does not work.
    Fallback,
}

/// What a row needs of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// Bytes in events.
    Binary,
    /// Asking the server for acknowledgements.
    Asking,
    /// Answering the server's acknowledgements.
    Answering,
    /// A proxy that is named to it.
    Proxy,
    /// A private certificate authority.
    PrivateAuthority,
    /// Connection-state recovery.
    Recovery,
    /// A limit for what is read.
    ReadLimit,
    /// Many events at once from the client.
    DeepQueue,
}

impl Client {
    /// All of them, ours first.
    pub const ALL: [Self; 3] = [Self::PresenteLink, Self::RustSocketio, Self::Reference];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PresenteLink => "presente-link",
            Self::RustSocketio => "rust_socketio",
            Self::Reference => "socket.io-client",
        }
    }

    /// The ways on which it is judged at all.
    #[must_use]
    pub fn ways(self) -> &'static [Way] {
        match self {
            Self::RustSocketio => &[Way::Websocket],
            Self::PresenteLink | Self::Reference => &Way::ALL,
        }
    }

    /// Why it cannot play a row that needs this; `None` when it can.
    #[must_use]
    pub fn lacks(self, need: Need) -> Option<&'static str> {
        match (self, need) {
            (Self::RustSocketio, Need::Binary) => Some("JSON only"),
            (Self::RustSocketio, Need::Asking) => Some("the fence asks for no acknowledgements"),
            (Self::RustSocketio, Need::Answering) => Some("cannot answer acknowledgements"),
            (Self::RustSocketio, Need::Proxy) => Some("no proxy for its WebSocket"),
            (Self::RustSocketio, Need::PrivateAuthority) => Some("no private authority"),
            (Self::RustSocketio, Need::Recovery) => Some("no recovery"),
            (Self::RustSocketio, Need::DeepQueue) => Some("the fence queues 64 events"),
            (Self::Reference, Need::Proxy) => Some("needs an agent of another package"),
            (Self::RustSocketio | Self::Reference, Need::ReadLimit) => Some("no limit to what it reads"),
            (Self::PresenteLink | Self::Reference, _) => None,
        }
    }

    /// The program that is it.
    ///
    /// # Errors
    /// It was not built or installed.
    pub(super) fn command(self) -> Result<Command> {
        let mut command = match self {
            Self::Reference => return node("link-subject.mjs"),
            Self::PresenteLink | Self::RustSocketio => Command::new(binary(SUBJECT)?),
        };
        command.args(["--link", self.name()]).env("RUST_BACKTRACE", "0");
        Ok(command)
    }
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Websocket, Self::Polling, Self::Upgrade, Self::Fallback];

    /// Its name, as subjects read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Websocket => "websocket",
            Self::Polling => "polling",
            Self::Upgrade => "upgrade",
            Self::Fallback => "fallback",
        }
    }

    /// How many handshakes one attempt may take: where there is a choice, each transport may have its own.
    #[must_use]
    pub fn handshakes_per_attempt(self) -> usize {
        if matches!(self, Self::Upgrade | Self::Fallback) { 2 } else { 1 }
    }
}
