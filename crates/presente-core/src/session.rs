//! The login session over HTTP: sign in, sign out, make an account. Which error means *try again*, *ask the
//! person*, or *this is no presence server* is decided here.

mod list;

use crate::{
    display_name::clean,
    http::{Http, redirection, transport_error},
    link::{self, LinkRequest, Proof},
    problem::Problem,
    profile::{Answer, Fill, Pointer, Profile, Request, Row, Template, Transports},
    server_url::ServerUrl,
};
use async_trait::async_trait;
use presente_wire::Position;
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// How long a request may take, from the first byte sent to the last received.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// A session answer is a few hundred bytes; what is larger is no session answer.
const MAX_ANSWER_BYTES: usize = 256 * 1024;
/// The longest word of a server that is shown, in characters.
const MAX_MESSAGE_CHARS: usize = 500;

/// Whom a request is for.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The e-mail address that names the account.
    pub email: String,
    /// The password.
    pub password: SecretString,
}

/// The person behind an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// First name.
    pub first_name: String,
    /// Last name, may be empty.
    pub last_name: String,
}

/// A session as the server granted it.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Proves the session to the socket, where the server gives one.
    pub token: Option<SecretString>,
    /// Ourselves, as far as the server says.
    pub me: Option<Row<'static>>,
}

/// Why a request of the session did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// Nothing answers, or the connection broke.
    #[error("nothing answers")]
    Unreachable,
    /// No answer in [`REQUEST_TIMEOUT`].
    #[error("no answer in time")]
    Timeout,
    /// TLS failed: the certificate is not to be trusted.
    #[error("the certificate cannot be trusted")]
    Untrusted,
    /// The server refused, with its own words.
    #[error("refused: {message}")]
    Refused {
        /// The server's words.
        message: String,
    },
    /// The answer is not what a presence server says.
    #[error("the answer is not of a presence server")]
    NotCompatible,
    /// The server is one of HTTP, and has no such route.
    #[error("the server has no such route")]
    NoSuchRoute,
    /// The server answered with a redirect, which is never followed.
    #[error("redirected to {to}")]
    Redirected {
        /// Where to, without its query.
        to: String,
    },
    /// The server failed or asks to come back later.
    #[error("the server failed with HTTP {status}")]
    ServerFailed {
        /// The HTTP status.
        status: u16,
    },
    /// The dialect has no such request.
    #[error("this kind of server has no such request")]
    NotOffered,
}

/// What to do about a [`SessionError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Time may mend it: try again later.
    Retry,
    /// Time may mend it for an account that worked before (a captive portal, a proxy's page); a person who
    /// has just typed the address should look at it.
    RetryIfKnown,
    /// Only a person can mend it.
    AskPerson,
}

impl SessionError {
    /// What to do about it.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Unreachable | Self::Timeout | Self::ServerFailed { .. } => Remedy::Retry,
            Self::NotCompatible | Self::NoSuchRoute | Self::Redirected { .. } | Self::Untrusted => {
                Remedy::RetryIfKnown
            }
            Self::Refused { .. } | Self::NotOffered => Remedy::AskPerson,
        }
    }

    /// The same for people.
    pub fn problem(&self, server: &ServerUrl) -> Problem {
        let server = server.label();
        match self.clone() {
            Self::Unreachable => Problem::Unreachable { server },
            Self::Timeout => Problem::Timeout { server },
            Self::Untrusted => Problem::Untrusted { server },
            Self::Refused { message } if message.is_empty() => Problem::NotCompatible { server },
            Self::Refused { message } => Problem::Refused { message },
            Self::NoSuchRoute => Problem::NoSignIn { server },
            Self::NotCompatible | Self::NotOffered => Problem::NotCompatible { server },
            Self::Redirected { to } => Problem::Redirected { server, to },
            Self::ServerFailed { status } => Problem::ServerFailed { server, status },
        }
    }
}

/// Where a request goes.
#[derive(Debug, Clone)]
pub struct Target {
    /// The server.
    pub server: ServerUrl,
    /// How it speaks.
    pub profile: Arc<Profile>,
}

/// What socket to open for a session: its address, and how it proves itself.
pub fn link_request(target: &Target, token: Option<&SecretString>) -> LinkRequest {
    let Profile { socket, .. } = target.profile.as_ref();
    let values: Fill<'_> = token.map(|token| ("token", token.expose_secret())).into_iter().collect();
    let auth = socket.auth.as_ref().and_then(|auth| auth.fill(&values));
    let filled = |fields: &BTreeMap<String, Template>| -> Vec<(String, SecretString)> {
        let known = fields.iter().filter_map(|(name, value)| Some((name, value.fill(&values)?)));
        known.map(|(name, value)| (name.clone(), SecretString::from(value.into_owned()))).collect()
    };
    LinkRequest {
        server: target.server.clone(),
        path: socket.path.clone(),
        namespace: socket.namespace.clone(),
        transports: match socket.transports {
            Transports::Auto => None,
            Transports::WebSocket => Some(link::Transports::WebSocketOnly),
            Transports::Polling => Some(link::Transports::PollingOnly),
        },
        proof: Proof {
            auth: auth.map(|auth| SecretString::from(auth.to_string())),
            headers: filled(&socket.headers),
            query: filled(&socket.query),
        },
    }
}

/// The requests of a login session.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Signs in. A token of an earlier sign-in, shown along, lets a server that knows it resume that session,
    /// so that a socket opened with it counts again.
    async fn sign_in(
        &self,
        target: &Target,
        who: &Credentials,
        token: Option<&SecretString>,
    ) -> Result<SignedIn, SessionError>;
    /// Signs out. Only ever for an account that has signed in at this server: an unknown one ends some servers.
    async fn sign_out(
        &self,
        target: &Target,
        email: &str,
        token: Option<&SecretString>,
    ) -> Result<(), SessionError>;
    /// Makes an account.
    async fn sign_up(
        &self,
        target: &Target,
        who: &Credentials,
        person: &NewPerson,
    ) -> Result<(), SessionError>;
    /// Fetches the list of a server that tells it in changes, at the path that the server has named: whole, or what
    /// has changed since a position.
    async fn fetch_list(
        &self,
        target: &Target,
        path: &str,
        from: Option<Position>,
        token: Option<&SecretString>,
    ) -> Result<presente_wire::Answer, SessionError>;
}

/// The login session over HTTP, as a profile describes it.
#[derive(Debug, Clone)]
pub struct HttpSessions {
    http: Http,
}

impl HttpSessions {
    /// Makes the HTTP client. Servers are asked to answer in `language`, an ISO 639 code.
    ///
    /// # Errors
    /// The TLS library cannot start.
    pub fn new(language: &'static str) -> Result<Self, reqwest::Error> {
        Ok(Self { http: Http::new(language, REQUEST_TIMEOUT)? })
    }

    /// Makes a request whose answer is a session.
    async fn ask_for_session(
        &self,
        target: &Target,
        request: &Request,
        values: &Fill<'_>,
    ) -> Result<SignedIn, SessionError> {
        let json = self.send(target, request, values).await?;
        let answer = &request.answer;
        let token = at(&json, &answer.token, Value::as_str).filter(|token| !token.is_empty());
        if token.is_none() && !answer.token.is_empty() {
            tracing::warn!(path = request.path.as_str(), "the answer has no token where the profile says");
        }
        let user = |value| target.profile.roster.user.read(value).map(Row::into_owned);
        let me = at(&json, &answer.user, user);
        if token.is_none() && me.is_none() {
            return Err(SessionError::NotCompatible);
        }
        Ok(SignedIn { token: token.map(SecretString::from), me })
    }

    async fn send(
        &self,
        target: &Target,
        request: &Request,
        values: &Fill<'_>,
    ) -> Result<Value, SessionError> {
        // Nothing incomplete is ever sent: some servers end on it.
        let path = request.path.fill_path(values).ok_or(SessionError::NotOffered)?;
        let method =
            Method::from_bytes(request.method.name().as_bytes()).map_err(|_| SessionError::NotOffered)?;
        let mut builder = self.http.to(&target.server).request(method, target.server.join(&path));
        if let Some(body) = &request.body {
            builder = builder.json(&body.fill(values).ok_or(SessionError::NotOffered)?);
        }
        for (name, template) in &request.headers {
            if let Some(value) = template.fill(values) {
                builder = builder.header(name, value.as_ref());
            }
        }
        let mut response = builder.send().await.map_err(|error| transport_error(&error))?;
        let status = response.status();
        if let Some(elsewhere) = redirection(&response) {
            return Err(elsewhere);
        }
        if status.is_server_error() || matches!(status.as_u16(), 408 | 429) {
            return Err(SessionError::ServerFailed { status: status.as_u16() });
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| transport_error(&error))? {
            if bytes.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(SessionError::NotCompatible);
            }
            bytes.extend_from_slice(&chunk);
        }
        read_answer(&request.answer, status, &bytes)
    }
}

/// Reads an answer: refused, not compatible, or the JSON (`null` for an empty body).
fn read_answer(answer: &Answer, status: StatusCode, bytes: &[u8]) -> Result<Value, SessionError> {
    let no_route = matches!(status.as_u16(), 404 | 405 | 501);
    let unreadable = || if no_route { SessionError::NoSuchRoute } else { SessionError::NotCompatible };
    let empty = bytes.iter().all(u8::is_ascii_whitespace);
    let json: Value =
        if empty { Value::Null } else { serde_json::from_slice(bytes).map_err(|_| unreadable())? };
    let words = at(&json, &answer.message, Value::as_str).unwrap_or_default();
    let message = clean(words, MAX_MESSAGE_CHARS);
    let success = answer.success.as_ref().and_then(|pointer| pointer.get(&json)?.as_bool());
    match success {
        Some(false) => Err(SessionError::Refused { message }),
        _ if status.is_success() => Ok(json),
        _ if message.is_empty() || (no_route && is_about_routes(&message)) => Err(unreadable()),
        _ => Err(SessionError::Refused { message }),
    }
}

/// Whether an HTTP framework says in JSON that it has no such route.
fn is_about_routes(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.starts_with("cannot ") || message.starts_with("route ") || message == "not found"
}

/// What the first of these pointers leads to that is of the right kind.
fn at<'v, T>(json: &'v Value, pointers: &[Pointer], kind: impl Fn(&'v Value) -> Option<T>) -> Option<T> {
    pointers.iter().find_map(|pointer| kind(pointer.get(json)?))
}

#[async_trait]
impl Sessions for HttpSessions {
    async fn sign_in(
        &self,
        target: &Target,
        who: &Credentials,
        token: Option<&SecretString>,
    ) -> Result<SignedIn, SessionError> {
        if let (Some(renew), Some(token)) = (&target.profile.renew, token) {
            let values = Fill::from([("token", token.expose_secret())]);
            match self.ask_for_session(target, renew, &values).await {
                // Not by this token any more: by the password.
                Err(
                    SessionError::Refused { .. } | SessionError::NotCompatible | SessionError::NoSuchRoute,
                ) => {}
                settled => return settled,
            }
        }
        let request = target.profile.sign_in.as_ref().ok_or(SessionError::NotOffered)?;
        let mut values =
            Fill::from([("email", who.email.as_str()), ("password", who.password.expose_secret())]);
        values.extend(token.map(|token| ("token", token.expose_secret())));
        self.ask_for_session(target, request, &values).await
    }

    async fn sign_out(
        &self,
        target: &Target,
        email: &str,
        token: Option<&SecretString>,
    ) -> Result<(), SessionError> {
        let mut values = Fill::from([("email", email)]);
        values.extend(token.map(|token| ("token", token.expose_secret())));
        let request = target.profile.sign_out.as_ref().ok_or(SessionError::NotOffered)?;
        self.send(target, request, &values).await.map(drop)
    }

    async fn sign_up(
        &self,
        target: &Target,
        who: &Credentials,
        person: &NewPerson,
    ) -> Result<(), SessionError> {
        let request = target.profile.sign_up.as_ref().ok_or(SessionError::NotOffered)?;
        let values = Fill::from([
            ("email", who.email.as_str()),
            ("password", who.password.expose_secret()),
            ("first_name", person.first_name.as_str()),
            ("last_name", person.last_name.as_str()),
        ]);
        let json = self.send(target, request, &values).await?;
        if json.is_object() { Ok(()) } else { Err(SessionError::NotCompatible) }
    }

    async fn fetch_list(
        &self,
        target: &Target,
        path: &str,
        from: Option<Position>,
        token: Option<&SecretString>,
    ) -> Result<presente_wire::Answer, SessionError> {
        self.list(target, path, from, token).await
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
