//! A server of the reference dialect, and a look at its truth.

use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{SeedUser, node};
use crate::process::{Lines, Process};

/// How a server spells its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    /// `{"response":{"user":[…]}}`, the reference.
    #[default]
    Nested,
    /// `{"response":[…]}`
    ResponseArray,
    /// `{"user":[…]}`
    UserArray,
    /// `[…]` of objects
    Array,
    /// `["name", …]`
    Names,
}

impl Shape {
    fn flag(self) -> &'static str {
        match self {
            Self::Nested => "nested",
            Self::ResponseArray => "response-array",
            Self::UserArray => "user-array",
            Self::Array => "array",
            Self::Names => "names",
        }
    }
}

/// A user as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserRecord {
    /// The server's own id.
    #[serde(rename = "_id")]
    pub id: String,
    /// As it was signed up.
    pub first_name: String,
    /// As it was signed up.
    #[serde(default)]
    pub last_name: String,
    /// The address.
    pub email: String,
    /// Whether the server believes that this user is here; the spelling is the field's.
    #[serde(rename = "isConected")]
    pub is_conected: bool,
    /// Whether `GET /api/verify/<unique_string>` was called.
    pub email_verified: bool,
    /// The last part of that route.
    pub unique_string: String,
}

/// One HTTP request that the server heard.
#[derive(Debug, Clone, Deserialize)]
pub struct LoggedRequest {
    /// Milliseconds since 1970.
    pub at: u64,
    /// `POST`, …
    pub method: String,
    /// `/api/auth/signIn`, …
    pub path: String,
    /// The body; every password in it is its length.
    #[serde(default)]
    pub body: Value,
}

/// One thing that happened on a socket: an event's name, or `connect`, `upgrade`, `disconnect`.
#[derive(Debug, Clone, Deserialize)]
pub struct LoggedEvent {
    /// Milliseconds since 1970.
    pub at: u64,
    /// The socket's id.
    pub socket: String,
    /// The event.
    pub name: String,
    /// Its arguments; of `connect`: `[{"transport", "auth", "headers", "query"}]`, which name how a token was shown.
    pub args: Vec<Value>,
}

/// Everything that the server heard since it started.
#[derive(Debug, Clone, Deserialize)]
pub struct Log {
    /// Over HTTP, oldest first.
    pub requests: Vec<LoggedRequest>,
    /// Over sockets, oldest first.
    pub events: Vec<LoggedEvent>,
    /// Sockets that are connected now.
    pub sockets: usize,
}

impl Log {
    /// How often `path` was requested.
    #[must_use]
    pub fn count_requests(&self, path: &str) -> usize {
        self.requests.iter().filter(|request| request.path == path).count()
    }

    /// How often the event `name` came.
    #[must_use]
    pub fn count_events(&self, name: &str) -> usize {
        self.events.iter().filter(|event| event.name == name).count()
    }
}

/// What to start a [`ReferenceServer`] with.
#[derive(Debug, Clone, Default)]
pub struct ReferenceServerBuilder {
    users: Vec<SeedUser>,
    port: u16,
    flags: Vec<String>,
}

impl ReferenceServerBuilder {
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

    /// The event by which a client asks for the list; `user list` unless told.
    #[must_use]
    pub fn request_event(self, name: &str) -> Self {
        self.flag("--event", name)
    }

    /// How it spells the list.
    #[must_use]
    pub fn shape(self, shape: Shape) -> Self {
        self.flag("--shape", shape.flag())
    }

    /// Only these transports: `polling`, `websocket`.
    #[must_use]
    pub fn transports(self, transports: &str) -> Self {
        self.flag("--transports", transports)
    }

    /// Answers a sign-out with an empty body instead of `null`.
    #[must_use]
    pub fn empty_sign_out_answer(self) -> Self {
        self.flag("--sign-out-answer", "empty")
    }

    /// Lets nobody in whose address is not verified.
    #[must_use]
    pub fn verify_email(mut self) -> Self {
        self.flags.push("--verify-email".to_owned());
        self
    }

    /// Tells everybody under this name when somebody has signed up.
    #[must_use]
    pub fn new_user_event(self, name: &str) -> Self {
        self.flag("--new-user-event", name)
    }

    fn flag(mut self, flag: &str, value: &str) -> Self {
        self.flags.extend([flag.to_owned(), value.to_owned()]);
        self
    }

    /// Starts it and waits until it listens.
    ///
    /// # Errors
    /// When Node or its packages are missing, or the port is taken.
    pub async fn start(self) -> Result<ReferenceServer> {
        let folder = TempDir::with_prefix("presente-reference-")?;
        let users = folder.path().join("users.json");
        std::fs::write(&users, serde_json::to_vec(&self.users)?)?;
        let mut command = node("reference.mjs")?;
        command.arg("--port").arg(self.port.to_string()).arg("--users").arg(&users).args(&self.flags);
        let mut process = Process::start("the reference server", &mut command)?;
        let line = process.first_line().await?;
        let url =
            line.strip_prefix("listening on ").with_context(|| format!("not an address: {line}"))?.to_owned();
        // Straight there, whatever proxy this machine may have set.
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?;
        Ok(ReferenceServer { process, url, http, _folder: folder })
    }
}

/// A running server of the reference dialect.
#[derive(Debug)]
pub struct ReferenceServer {
    process: Process,
    url: String,
    http: reqwest::Client,
    _folder: TempDir,
}

impl ReferenceServer {
    /// Starts one that knows `users`, and is in everything as the reference.
    ///
    /// # Errors
    /// As [`ReferenceServerBuilder::start`].
    pub async fn start(users: &[SeedUser]) -> Result<Self> {
        Self::builder().users(users).start().await
    }

    /// For one that is in something unlike the reference.
    #[must_use]
    pub fn builder() -> ReferenceServerBuilder {
        ReferenceServerBuilder::default()
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

    /// All user records.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn users(&self) -> Result<Vec<UserRecord>> {
        self.get("users").await
    }

    /// Whether the server believes that the user with this address is here.
    ///
    /// # Errors
    /// When it does not answer, or knows no such user.
    pub async fn is_conected(&self, email: &str) -> Result<bool> {
        let users = self.users().await?;
        let user = users.into_iter().find(|user| user.email == email);
        Ok(user.with_context(|| format!("the server knows no {email}"))?.is_conected)
    }

    /// What it heard so far.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn log(&self) -> Result<Log> {
        self.get("log").await
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
        let answer =
            answer.with_context(|| format!("the reference server is gone: {}", self.errors().text()))?;
        Ok(answer.error_for_status()?.json().await?)
    }

    async fn post(&self, what: &str, body: &Value) -> Result<()> {
        let request = self.http.post(format!("{}/__test/{what}", self.url));
        let request = if body.is_null() { request } else { request.json(body) };
        request.send().await?.error_for_status()?;
        Ok(())
    }
}
