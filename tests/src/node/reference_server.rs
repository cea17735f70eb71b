//! A server of the reference dialect, and a look at its truth.

use std::ops::{Deref, DerefMut};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{Dialect, DialectServer, DialectServerBuilder, SeedUser};

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

/// What to start a [`ReferenceServer`] with.
#[derive(Debug, Clone)]
pub struct ReferenceServerBuilder(DialectServerBuilder);

impl ReferenceServerBuilder {
    /// The users it knows from the start.
    #[must_use]
    pub fn users(self, users: &[SeedUser]) -> Self {
        self.also(|server| server.users(users))
    }

    /// Listens on this port instead of any free one, to come back where another server was.
    #[must_use]
    pub fn port(self, port: u16) -> Self {
        self.also(|server| server.port(port))
    }

    /// The event by which a client asks for the list; `user list` unless told.
    #[must_use]
    pub fn request_event(self, name: &str) -> Self {
        self.also(|server| server.flag("--event", name))
    }

    /// How it spells the list.
    #[must_use]
    pub fn shape(self, shape: Shape) -> Self {
        self.also(|server| server.flag("--shape", shape.flag()))
    }

    /// Only these transports: `polling`, `websocket`.
    #[must_use]
    pub fn transports(self, transports: &str) -> Self {
        self.also(|server| server.transports(transports))
    }

    /// Answers a sign-out with an empty body instead of `null`.
    #[must_use]
    pub fn empty_sign_out_answer(self) -> Self {
        self.also(|server| server.flag("--sign-out-answer", "empty"))
    }

    /// Lets nobody in whose address is not verified.
    #[must_use]
    pub fn verify_email(self) -> Self {
        self.also(|server| server.switch("--verify-email"))
    }

    /// Tells everybody under this name when somebody has signed up; `new user` unless told.
    #[must_use]
    pub fn new_user_event(self, name: &str) -> Self {
        self.also(|server| server.flag("--new-user-event", name))
    }

    /// The ids in its rows are numbers.
    #[must_use]
    pub fn numeric_ids(self) -> Self {
        self.also(|server| server.switch("--numeric-ids"))
    }

    /// Its list holds everybody, whoever is away with `isConected: false`.
    #[must_use]
    pub fn offline_rows(self) -> Self {
        self.also(|server| server.switch("--offline-rows"))
    }

    /// Its list holds the first person twice.
    #[must_use]
    pub fn first_twice(self) -> Self {
        self.also(|server| server.switch("--first-twice"))
    }

    /// Its rows have neither `lastName` nor `email`.
    #[must_use]
    pub fn sparse_rows(self) -> Self {
        self.also(|server| server.switch("--sparse-rows"))
    }

    /// What servers of any dialect can be told: the place of the token, the path, the release of Socket.IO, …
    #[must_use]
    pub fn also(self, options: impl FnOnce(DialectServerBuilder) -> DialectServerBuilder) -> Self {
        Self(options(self.0))
    }

    /// Starts it and waits until it listens.
    ///
    /// # Errors
    /// When Node or its packages are missing, or the port is taken.
    pub async fn start(self) -> Result<ReferenceServer> {
        Ok(ReferenceServer(self.0.start().await?))
    }
}

/// A running server of the reference dialect. What every [`DialectServer`] can do, it can do as well.
#[derive(Debug)]
pub struct ReferenceServer(DialectServer);

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
        ReferenceServerBuilder(DialectServer::builder(Dialect::Reference))
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
}

impl Deref for ReferenceServer {
    type Target = DialectServer;

    fn deref(&self) -> &DialectServer {
        &self.0
    }
}

impl DerefMut for ReferenceServer {
    fn deref_mut(&mut self) -> &mut DialectServer {
        &mut self.0
    }
}
