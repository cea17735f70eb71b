//! A client of the field: the real `socket.io-client`, told what to do line by line.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use super::{Dialect, Release, SeedUser, TokenPlace, Transport};
use crate::{
    process::Process,
    wait::{PATIENCE, until_with_state},
};

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
    /// Of `connected`: the socket's id.
    #[serde(default)]
    pub id: Option<String>,
    /// Of `signed-in`: what the server says about the one who is signed in.
    #[serde(default, rename = "userData")]
    pub user: Value,
}

/// What to start a [`FieldClient`] with.
#[derive(Debug, Clone)]
pub struct FieldClientBuilder {
    url: String,
    user: Option<SeedUser>,
    dialect: Dialect,
    release: Release,
    transport: Transport,
    place: Option<TokenPlace>,
    token: Option<String>,
    authority: Option<PathBuf>,
    flags: Vec<String>,
}

impl FieldClientBuilder {
    /// What to connect by first.
    #[must_use]
    pub fn first_transport(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// What it stands on; the newest `socket.io-client` unless told.
    #[must_use]
    pub fn release(mut self, release: Release) -> Self {
        self.release = release;
        self
    }

    /// The one transport that it may use.
    #[must_use]
    pub fn only(self, transport: Transport) -> Self {
        self.flag("--only", transport.flag())
    }

    /// Shows the token in the payload of CONNECT, for servers that want one there.
    #[must_use]
    pub fn with_token(self) -> Self {
        self.token_in(TokenPlace::Auth)
    }

    /// Where it shows its token; where its dialect does unless told.
    #[must_use]
    pub fn token_in(mut self, place: TokenPlace) -> Self {
        self.place = Some(place);
        self
    }

    /// A token to show that no sign-in of this client has given; it makes none then.
    #[must_use]
    pub fn own_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Trusts the authority in this file, too.
    #[must_use]
    pub fn trusting(mut self, authority: &Path) -> Self {
        self.authority = Some(authority.to_owned());
        self
    }

    /// Where Socket.IO is found; `/socket.io/` unless told.
    #[must_use]
    pub fn path(self, path: &str) -> Self {
        self.flag("--path", path)
    }

    /// The namespace to be in; `/` unless told.
    #[must_use]
    pub fn namespace(self, namespace: &str) -> Self {
        self.flag("--namespace", namespace)
    }

    /// The event to ask for the list by; `user list` unless told.
    #[must_use]
    pub fn request_event(self, name: &str) -> Self {
        self.flag("--event", name)
    }

    fn flag(mut self, flag: &str, value: &str) -> Self {
        self.flags.push(format!("{flag}={value}"));
        self
    }

    /// Starts the client and waits until it is signed in, where one signs in, and connected.
    ///
    /// # Errors
    /// When it is refused, or cannot connect.
    pub async fn start(self) -> Result<FieldClient> {
        let signs_in = self.dialect.has_accounts() && self.token.is_none();
        let mut client = self.launch()?;
        if signs_in {
            client.user = client.wait_for("the sign-in", |heard| heard.kind == "signed-in").await?.user;
        }
        client.id = client.wait_for("the connection", |heard| heard.kind == "connected").await?.id;
        Ok(client)
    }

    /// Starts the client without waiting for anything; for a sign-in that is to be refused.
    ///
    /// # Errors
    /// When Node or its packages are missing.
    pub fn launch(self) -> Result<FieldClient> {
        let mut command = self.release.command()?;
        command.arg("--url").arg(&self.url).arg("--dialect").arg(self.dialect.name());
        command.arg("--first-transport").arg(self.transport.flag());
        if let Some(place) = self.place {
            command.arg("--token").arg(place.flag());
        }
        command.args(&self.flags);
        if let Some(user) = &self.user {
            command.arg("--email").arg(&user.email).env("PRESENTE_PASSWORD", &user.password);
        }
        if let Some(token) = &self.token {
            command.env("PRESENTE_TOKEN", token);
        }
        if let Some(authority) = &self.authority {
            command.env("NODE_EXTRA_CA_CERTS", authority);
        }
        let process = Process::start("the field client", &mut command)?;
        Ok(FieldClient { process, read: 0, user: Value::Null, id: None })
    }
}

/// A running field client. What it hears is kept in order; [`next`](Self::next) and [`wait_for`](Self::wait_for)
/// read on from where the last of them stopped.
#[derive(Debug)]
pub struct FieldClient {
    process: Process,
    read: usize,
    user: Value,
    id: Option<String>,
}

impl FieldClient {
    /// A client of the server of the reference dialect at `url` that signs in as `user`, in everything else as most of
    /// the field.
    #[must_use]
    pub fn builder(url: &str, user: &SeedUser) -> FieldClientBuilder {
        Self::of(Dialect::Reference, url, Some(user))
    }

    /// A client of a server of any dialect that has clients; without a `user` where nobody signs in.
    #[must_use]
    pub fn of(dialect: Dialect, url: &str, user: Option<&SeedUser>) -> FieldClientBuilder {
        FieldClientBuilder {
            url: url.to_owned(),
            user: user.cloned(),
            dialect,
            release: Release::default(),
            transport: Transport::default(),
            place: None,
            token: None,
            authority: None,
            flags: Vec::new(),
        }
    }

    /// What the server said at the sign-in about the one who signed in: `uid`, `key`, …
    #[must_use]
    pub fn user(&self) -> &Value {
        &self.user
    }

    /// The socket's id, as it was when the client had started; empty for one that did not wait for that.
    #[must_use]
    pub fn id(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
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

    /// Shows its token over HTTP for a fresh one (`usuarios-activos`); `signed-in` or `refused` is heard.
    ///
    /// # Errors
    /// When the client has ended.
    pub fn renew(&mut self) -> Result<()> {
        self.process.write_line("renew")
    }

    /// A message to everybody, in the words of the dialect; an acknowledgement is heard as `ack`.
    ///
    /// # Errors
    /// When the client has ended.
    pub fn say(&mut self, text: &str) -> Result<()> {
        self.process.write_line(&format!("say {text}"))
    }

    /// A message to the one with this identity (`usuarios-activos`).
    ///
    /// # Errors
    /// When the client has ended.
    pub fn tell(&mut self, uid: &str, text: &str) -> Result<()> {
        self.process.write_line(&format!("tell {uid} {text}"))
    }

    /// Calls itself by another name (`nickname`, `invented`), and again after every connect.
    ///
    /// # Errors
    /// When the client has ended.
    pub fn nickname(&mut self, name: &str) -> Result<()> {
        self.process.write_line(&format!("nickname {name}"))
    }

    /// Closes its socket and stays.
    ///
    /// # Errors
    /// When the client has ended.
    pub fn close(&mut self) -> Result<()> {
        self.process.write_line("close")
    }

    /// Opens the socket again that it has [closed](Self::close), or that the server has.
    ///
    /// # Errors
    /// When the client has ended.
    pub fn open(&mut self) -> Result<()> {
        self.process.write_line("open")
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
