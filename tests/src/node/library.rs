//! The libraries that clients of the field stand on, and the transports that they get through by.

use std::process::Command;

use anyhow::Result;

use super::node;
use crate::binaries::{RUST_SOCKETIO, binary};

/// What the client connects by first; it may upgrade from polling afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// HTTP long-polling, then an upgrade, as browsers do.
    #[default]
    Polling,
    /// WebSocket from the start.
    WebSocket,
}

impl Transport {
    pub(super) fn flag(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::WebSocket => "websocket",
        }
    }
}

/// The library that the client stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Release {
    /// `socket.io-client` 2, which speaks Engine.IO 3.
    Two,
    /// `socket.io-client` 3.
    Three,
    /// `socket.io-client` 4.
    #[default]
    Four,
    /// `rust_socketio`; the reference dialect alone, with a token of one's own.
    RustSocketio,
}

impl Release {
    pub(super) fn command(self) -> Result<Command> {
        let number = match self {
            Self::Two => "2",
            Self::Three => "3",
            Self::Four => "4",
            Self::RustSocketio => return Ok(Command::new(binary(RUST_SOCKETIO)?)),
        };
        let mut command = node("client.mjs")?;
        command.arg("--release").arg(number);
        Ok(command)
    }
}
