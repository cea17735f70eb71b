//! One Socket.IO connection, as much of it as the measurements need: open, connect, ask, hear, answer pings.

use super::line::{Counted, Line};
use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use presente_wire::{Capability, OFFER, Offer, VERSION};
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, Utf8Bytes},
};

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connected socket.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<Counted>,
}

/// What a server has said.
#[derive(Debug)]
pub struct Heard(Utf8Bytes);

impl Heard {
    /// An event as it would have come.
    #[cfg(test)]
    pub(super) fn of(name: &str, argument: &impl serde::Serialize) -> Self {
        Self(format!("42{}", json!([name, argument])).into())
    }

    /// The event: an array of its name and its arguments, in JSON.
    pub fn event(&self) -> &str {
        // Only what begins so is made one.
        self.0.get(2..).unwrap_or_default()
    }
}

impl Socket {
    /// Opens one and connects with this token; with `offer` it says that it knows how to hear changes.
    ///
    /// # Errors
    /// The server does not let it in.
    pub async fn open(line: &Line, token: &str, offer: bool) -> Result<Self> {
        timeout(PATIENCE, Self::connect(line, token, offer)).await.context("connecting took too long")?
    }

    async fn connect(line: &Line, token: &str, offer: bool) -> Result<Self> {
        let mut socket = Self { stream: line.websocket().await? };
        let open = socket.packet().await?;
        ensure!(open.starts_with("0{"), "the server opens with {open}");
        let mut auth = json!({ "token": token });
        if offer {
            let caps = vec![Capability::Delta, Capability::Zstd];
            let offer = serde_json::to_value(Offer { v: VERSION, caps, resume: None })?;
            if let Some(auth) = auth.as_object_mut() {
                auth.insert(OFFER.to_owned(), offer);
            }
        }
        socket.send(format!("40{auth}")).await?;
        loop {
            match socket.packet().await? {
                answer if answer.starts_with("40") => return Ok(socket),
                ping if ping == "2" => socket.send("3".to_owned()).await?,
                other => bail!("not connected: {other}"),
            }
        }
    }

    /// Asks for the list.
    ///
    /// # Errors
    /// The connection is broken.
    pub async fn ask(&mut self) -> Result<()> {
        self.send(r#"42["user list"]"#.to_owned()).await
    }

    /// The next event. Pings are answered meanwhile. To stop waiting for it loses nothing.
    ///
    /// # Errors
    /// The connection has ended.
    pub async fn next(&mut self) -> Result<Heard> {
        loop {
            let packet = self.packet().await?;
            if packet.starts_with("42") {
                return Ok(Heard(packet));
            }
            ensure!(packet == "2", "the server says {packet}");
            self.send("3".to_owned()).await?;
        }
    }

    async fn packet(&mut self) -> Result<Utf8Bytes> {
        loop {
            match self.stream.next().await.context("the server has closed the connection")?? {
                Message::Text(text) => return Ok(text),
                Message::Close(frame) => bail!("the server has closed the connection: {frame:?}"),
                _ => {}
            }
        }
    }

    async fn send(&mut self, packet: String) -> Result<()> {
        Ok(self.stream.send(Message::text(packet)).await?)
    }
}
