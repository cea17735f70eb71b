//! A client of the field: the real `socket.io-client`, told what to do line by line.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use super::{SeedUser, node};
use crate::{
    process::Process,
    wait::{PATIENCE, until_with_state},
};

/// What the client connects by first; it may upgrade from polling afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// HTTP long-polling, then an upgrade, as browsers do.
    #[default]
    Polling,
    /// WebSocket from the start.
    WebSocket,
}

/// One line of the client. Which fields are filled depends on `kind`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Heard {
    /// `signed-in`, `signed-out`, `refused`, `connected`, `upgraded`, `disconnected`, `connect-error`, `event`, `ack`
    /// or `failed`.
    pub kind: String,
    /// Of `event` and `ack`: the event's name.
    #[serde(default)]
    pub event: String,
    /// Of `event` and `ack`: its arguments; bytes are `{"$binary": base64}`.
    #[serde(default)]
    pub args: Vec<Value>,
    /// Of `refused`, `connect-error` and `failed`.
    #[serde(default)]
    pub message: Option<String>,
    /// Of `disconnected`: the reason in `socket.io-client`'s words.
    #[serde(default)]
    pub reason: Option<String>,
    /// Of `connected` and `upgraded`.
    #[serde(default)]
    pub transport: Option<String>,
}

/// What to start a [`FieldClient`] with.
#[derive(Debug, Clone)]
pub struct FieldClientBuilder {
    url: String,
    user: SeedUser,
    transport: Transport,
    token: bool,
    request_event: Option<String>,
}

impl FieldClientBuilder {
    /// What to connect by first.
    #[must_use]
    pub fn first_transport(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// Shows the token when it connects, for servers that want one.
    #[must_use]
    pub fn with_token(mut self) -> Self {
        self.token = true;
        self
    }

    /// The event to ask for the list by; `user list` unless told.
    #[must_use]
    pub fn request_event(mut self, name: &str) -> Self {
        self.request_event = Some(name.to_owned());
        self
    }

    /// Starts the client and waits until it is signed in and connected.
    ///
    /// # Errors
    /// When it is refused, or cannot connect.
    pub async fn start(self) -> Result<FieldClient> {
        let mut client = self.launch()?;
        client.wait_for("the sign-in", |heard| heard.kind == "signed-in").await?;
        client.wait_for("the connection", |heard| heard.kind == "connected").await?;
        Ok(client)
    }

    /// Starts the client without waiting for anything; for a sign-in that is to be refused.
    ///
    /// # Errors
    /// When Node or its packages are missing.
    pub fn launch(self) -> Result<FieldClient> {
        let mut command = node("client.mjs")?;
        command.arg("--url").arg(&self.url).arg("--email").arg(&self.user.email);
        command.arg("--first-transport").arg(match self.transport {
            Transport::Polling => "polling",
            Transport::WebSocket => "websocket",
        });
        if self.token {
            command.arg("--token");
        }
        if let Some(name) = &self.request_event {
            command.arg("--event").arg(name);
        }
        command.env("PRESENTE_PASSWORD", &self.user.password);
        let process = Process::start("the field client", &mut command)?;
        Ok(FieldClient { process, read: 0 })
    }
}

/// A running field client. What it hears is kept in order; [`next`](Self::next) and [`wait_for`](Self::wait_for)
/// read on from where the last of them stopped.
#[derive(Debug)]
pub struct FieldClient {
    process: Process,
    read: usize,
}

impl FieldClient {
    /// A client of the server at `url` that signs in as `user`, in everything else as most of the field.
    #[must_use]
    pub fn builder(url: &str, user: &SeedUser) -> FieldClientBuilder {
        FieldClientBuilder {
            url: url.to_owned(),
            user: user.clone(),
            transport: Transport::default(),
            token: false,
            request_event: None,
        }
    }

    /// [`builder`](Self::builder) and [`FieldClientBuilder::start`] in one.
    ///
    /// # Errors
    /// When it is refused, or cannot connect.
    pub async fn start(url: &str, user: &SeedUser) -> Result<Self> {
        Self::builder(url, user).start().await
    }

    /// Signs in again, which also asks for the list; waits for the answer.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn sign_in(&mut self) -> Result<()> {
        self.process.write_line("sign-in")?;
        let answer = self.wait_for("an answer to the sign-in", |heard| {
            ["signed-in", "refused", "failed"].contains(&heard.kind.as_str())
        });
        let answer = answer.await?;
        if answer.kind != "signed-in" {
            bail!("the field client could not sign in: {}", answer.message.unwrap_or_default());
        }
        Ok(())
    }

    /// Signs out over HTTP and asks for the list, as the field does; stays connected.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn sign_out(&mut self) -> Result<()> {
        self.process.write_line("sign-out")?;
        self.wait_for("the sign-out", |heard| heard.kind == "signed-out").await?;
        Ok(())
    }

    /// Asks for the list; it comes as an event.
    ///
    /// # Errors
    /// When the client has ended.
    pub fn list(&mut self) -> Result<()> {
        self.process.write_line("list")
    }

    /// Sends any event with one argument; an acknowledgement is heard as `ack`.
    ///
    /// # Errors
    /// When the client has ended.
    pub fn emit(&mut self, event: &str, argument: &Value) -> Result<()> {
        self.process.write_line(&format!("emit \"{event}\" {argument}"))
    }

    /// Ends the client: its socket is closed, but nobody signs out.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn quit(mut self) -> Result<()> {
        self.process.write_line("quit")?;
        self.process.ended(PATIENCE).await?;
        Ok(())
    }

    /// The process, to kill or freeze it.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Everything that it heard since it started, read or not.
    ///
    /// # Errors
    /// When a line is not what `client.mjs` promises.
    pub fn heard(&self) -> Result<Vec<Heard>> {
        let lines = self.process.stdout().all();
        let parse =
            |line: &String| serde_json::from_str(line).with_context(|| format!("not of client.mjs: {line}"));
        lines.iter().map(parse).collect()
    }

    /// Forgets what was not read yet: the next look begins now.
    ///
    /// # Errors
    /// As [`heard`](Self::heard).
    pub fn skip_heard(&mut self) -> Result<()> {
        self.read = self.heard()?.len();
        Ok(())
    }

    /// The next line, whatever it is.
    ///
    /// # Errors
    /// When nothing is heard for 20 s.
    pub async fn next(&mut self) -> Result<Heard> {
        self.wait_for("anything", |_| true).await
    }

    /// The arguments of the next event called `event`; what comes before it is passed over.
    ///
    /// # Errors
    /// When none is heard within 20 s.
    pub async fn next_event(&mut self, event: &str) -> Result<Vec<Value>> {
        let what = format!("the event {event:?}");
        Ok(self.wait_for(&what, |heard| heard.kind == "event" && heard.event == event).await?.args)
    }

    /// Reads on to the first line that `fits`.
    ///
    /// # Errors
    /// When none does within 20 s.
    pub async fn wait_for(&mut self, what: &str, fits: impl Fn(&Heard) -> bool) -> Result<Heard> {
        self.wait_for_within(what, PATIENCE, fits).await
    }

    /// [`wait_for`](Self::wait_for) with less patience.
    ///
    /// # Errors
    /// When no line fits within `timeout`; with what was heard instead.
    pub async fn wait_for_within(
        &mut self,
        what: &str,
        timeout: Duration,
        fits: impl Fn(&Heard) -> bool,
    ) -> Result<Heard> {
        let (index, heard) =
            until_with_state(&format!("the field client to hear {what}"), timeout, async || {
                let all = self.heard().map_err(|error| error.to_string())?;
                let found = all.iter().enumerate().skip(self.read).find(|(_, heard)| fits(heard));
                found.map(|(index, heard)| (index, heard.clone())).ok_or_else(|| {
                    let unread = all.get(self.read..).unwrap_or_default();
                    format!("{unread:?} {}", self.process.stderr().text())
                })
            })
            .await?;
        self.read = index + 1;
        Ok(heard)
    }
}
