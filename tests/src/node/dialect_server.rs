//! Servers of every dialect, started as a test wants them, and a look at their truth.

mod options;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Log, SeedUser, UserRecord, node};
use crate::process::{Lines, Process};

pub use options::{Dialect, Refusal, SocketIo, TokenPlace};

/// What to start a [`DialectServer`] with.
#[derive(Debug, Clone)]
pub struct DialectServerBuilder {
    dialect: Dialect,
    users: Vec<SeedUser>,
    port: u16,
    flags: Vec<String>,
}

impl DialectServerBuilder {
    /// The users it knows from the start.
    #[must_use]
    pub fn users(mut self, users: &[SeedUser]) -> Self {
        self.users.extend_from_slice(users);
        self
    }

    /// Listens on this port instead of any free one, to come back where another server was.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Where a socket has to show its token. Servers without accounts take what [`accept_token`](Self::accept_token)
    /// names; one of the dialect [`Dialect::Friendly`] cannot be told.
    #[must_use]
    pub fn token(self, place: TokenPlace) -> Self {
        self.flag("--token", place.flag())
    }

    /// A token that is good without a sign-in, at a server without accounts.
    #[must_use]
    pub fn accept_token(self, token: &str) -> Self {
        self.flag("--accept-token", token)
    }

    /// How a socket without a good token is refused.
    #[must_use]
    pub fn refuse(self, how: Refusal) -> Self {
        self.flag("--refuse", how.flag())
    }

    /// Only these transports, separated by commas: `polling`, `websocket`.
    #[must_use]
    pub fn transports(self, transports: &str) -> Self {
        self.flag("--transports", transports)
    }

    /// The release of Socket.IO that it runs on; the newest unless told.
    #[must_use]
    pub fn socket_io(self, release: SocketIo) -> Self {
        self.flag("--socketio", release.flag())
    }

    /// Where Socket.IO is found; `/socket.io/` unless told.
    #[must_use]
    pub fn path(self, path: &str) -> Self {
        self.flag("--path", path)
    }

    /// The namespace in which everything happens; `/` unless told.
    #[must_use]
    pub fn namespace(self, namespace: &str) -> Self {
        self.flag("--namespace", namespace)
    }

    /// How often it asks for a sign of life, and how long it waits for one.
    #[must_use]
    pub fn heartbeat(self, interval: Duration, timeout: Duration) -> Self {
        self.flag("--ping-interval", &interval.as_millis().to_string())
            .flag("--ping-timeout", &timeout.as_millis().to_string())
    }

    /// People have small pictures: bytes in the field `picture` at the reference, a `data:` URL in `img` at
    /// `usuarios-activos`.
    #[must_use]
    pub fn pictures(self) -> Self {
        self.switch("--pictures")
    }

    /// Anything else that the script knows and that has a value.
    #[must_use]
    pub fn flag(mut self, flag: &str, value: &str) -> Self {
        self.flags.push(format!("{flag}={value}"));
        self
    }

    /// Anything else that the script knows and that is on or off.
    #[must_use]
    pub fn switch(mut self, flag: &str) -> Self {
        self.flags.push(flag.to_owned());
        self
    }

    /// Starts it and waits until it listens.
    ///
    /// # Errors
    /// When Node or its packages are missing, the port is taken, or the server does not know an option.
    pub async fn start(self) -> Result<DialectServer> {
        let folder = TempDir::with_prefix("presente-server-")?;
        let users = folder.path().join("users.json");
        std::fs::write(&users, serde_json::to_vec(&self.users)?)?;
        let mut command = node(self.dialect.script())?;
        command.arg("--port").arg(self.port.to_string()).arg("--users").arg(&users);
        command.args(self.dialect.arguments()).args(&self.flags);
        let mut process = Process::start(&format!("the {} server", self.dialect.name()), &mut command)?;
        let line = process.first_line().await?;
        let url =
            line.strip_prefix("listening on ").with_context(|| format!("not an address: {line}"))?.to_owned();
        // Straight there, whatever proxy this machine may have set.
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?;
        Ok(DialectServer { process, url, http, _folder: folder })
    }
}

/// A running server of some dialect. Wherever people are named (`who`), it is by their e-mail address where there are
/// accounts, and by what they are called in the list where there are none.
#[derive(Debug)]
pub struct DialectServer {
    process: Process,
    url: String,
    http: reqwest::Client,
    _folder: TempDir,
}

impl DialectServer {
    /// Starts one that knows `users`, and is in everything as most of its dialect are.
    ///
    /// # Errors
    /// As [`DialectServerBuilder::start`].
    pub async fn start(dialect: Dialect, users: &[SeedUser]) -> Result<Self> {
        Self::builder(dialect).users(users).start().await
    }

    /// For one that is in something unlike most.
    #[must_use]
    pub fn builder(dialect: Dialect) -> DialectServerBuilder {
        DialectServerBuilder { dialect, users: Vec::new(), port: 0, flags: Vec::new() }
    }

    /// `http://127.0.0.1:PORT`
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The port, to start another one there later.
    ///
    /// # Errors
    /// Never, unless the server's first line is nonsense.
    pub fn port(&self) -> Result<u16> {
        let (_, port) = self.url.rsplit_once(':').context("an address without a port")?;
        Ok(port.parse()?)
    }

    /// The process: to stop it, to freeze it, to see that it still runs.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// What it wrote to standard error: the reason, when it ended over a bad request.
    #[must_use]
    pub fn errors(&self) -> &Lines {
        self.process.stderr()
    }

    /// All user records, where there are accounts.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn users(&self) -> Result<Vec<UserRecord>> {
        self.get("users").await
    }

    /// Who is here, in the server's eyes.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn here(&self) -> Result<Vec<String>> {
        self.get("here").await
    }

    /// What it heard so far.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn log(&self) -> Result<Log> {
        self.get("log").await
    }

    /// Somebody without a client comes; everybody is told as this dialect tells it.
    ///
    /// # Errors
    /// When the server knows no `who`, or does not answer.
    pub async fn join(&self, who: &str) -> Result<()> {
        self.post("join", &json!({ "who": who })).await
    }

    /// Somebody who was made to [`join`](Self::join) goes.
    ///
    /// # Errors
    /// When the server knows no `who`, or does not answer.
    pub async fn leave(&self, who: &str) -> Result<()> {
        self.post("leave", &json!({ "who": who })).await
    }

    /// Throws out all sockets of somebody, by the protocol's own means.
    ///
    /// # Errors
    /// When `who` has none that the server knows of, or it does not answer.
    pub async fn kick(&self, who: &str) -> Result<()> {
        self.post("kick", &json!({ "who": who })).await
    }

    /// A message of `who` to everybody.
    ///
    /// # Errors
    /// When the server knows no `who`, or does not answer.
    pub async fn say(&self, who: &str, text: &str) -> Result<()> {
        self.post("say", &json!({ "who": who, "text": text })).await
    }

    /// A message of `who` to somebody, at a server of the dialect [`Dialect::UsuariosActivos`].
    ///
    /// # Errors
    /// When the server knows not both, or does not answer.
    pub async fn tell(&self, who: &str, to: &str, text: &str) -> Result<()> {
        self.post("say", &json!({ "who": who, "to": to, "text": text })).await
    }

    /// No token that was given out so far is good any more; open sockets stay.
    ///
    /// # Errors
    /// When the server has no accounts, or does not answer.
    pub async fn expire_tokens(&self) -> Result<()> {
        self.post("expire-tokens", &Value::Null).await
    }

    /// Cuts every socket's connection without a word, as a proxy does that restarts.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn drop_sockets(&self) -> Result<()> {
        self.post("drop", &Value::Null).await
    }

    /// Throws every socket out by the protocol's own means.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn disconnect_sockets(&self) -> Result<()> {
        self.post("drop?how=disconnect", &Value::Null).await
    }

    /// Says `event` to every socket; `{"$binary": base64}` anywhere in `args` is sent as bytes.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn emit(&self, event: &str, args: &[Value]) -> Result<()> {
        self.post("emit", &json!({ "event": event, "args": args })).await
    }

    async fn get<T: DeserializeOwned>(&self, what: &str) -> Result<T> {
        let answer = self.http.get(format!("{}/__test/{what}", self.url)).send().await;
        let answer = answer.with_context(|| format!("the server is gone: {}", self.errors().text()))?;
        Ok(answer.error_for_status()?.json().await?)
    }

    async fn post(&self, what: &str, body: &Value) -> Result<()> {
        let request = self.http.post(format!("{}/__test/{what}", self.url));
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.send().await?;
        if answer.status() == reqwest::StatusCode::UNPROCESSABLE_ENTITY {
            let refusal: Refused = answer.json().await?;
            bail!("the server cannot {what}: {}", refusal.message);
        }
        answer.error_for_status()?;
        Ok(())
    }
}

/// Why the server could not do what it was told.
#[derive(Deserialize)]
struct Refused {
    message: String,
}
