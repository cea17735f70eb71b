//! The login session over HTTP: sign in, sign out, make an account. Which error means *try again*, *ask the
//! person*, or *this is no presence server* is decided here.

use crate::{
    display_name::clean,
    problem::Problem,
    profile::{Answer, Fill, Profile, Request, Row, fill, fill_text},
    server_url::ServerUrl,
};
use async_trait::async_trait;
use reqwest::{
    Client, Method,
    header::{ACCEPT_LANGUAGE, HeaderMap, HeaderValue, LOCATION},
    redirect::Policy,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// How long a request may take, from the first byte sent to the last received.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
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
            Self::NotCompatible | Self::Redirected { .. } | Self::Untrusted => Remedy::RetryIfKnown,
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
}

/// The login session over HTTP, as a profile describes it.
#[derive(Debug, Clone)]
pub struct HttpSessions {
    client: Client,
    /// For servers on this machine: a proxy elsewhere has no business with them, nor with their passwords.
    direct: Client,
}

impl HttpSessions {
    /// Makes the HTTP client: rustls with the system's trust, no redirects, deadlines everywhere. Servers are
    /// asked to answer in `language`, an ISO 639 code.
    ///
    /// # Errors
    /// The TLS library cannot start.
    pub fn new(language: &'static str) -> Result<Self, reqwest::Error> {
        let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, HeaderValue::from_static(language))]);
        let builder = || {
            Client::builder()
                .redirect(Policy::none())
                .timeout(REQUEST_TIMEOUT)
                .connect_timeout(CONNECT_TIMEOUT)
                .user_agent(concat!("presente/", env!("CARGO_PKG_VERSION")))
                .default_headers(headers.clone())
        };
        Ok(Self { client: builder().build()?, direct: builder().no_proxy().build()? })
    }

    async fn send(
        &self,
        target: &Target,
        request: &Request,
        values: &Fill<'_>,
    ) -> Result<Value, SessionError> {
        let body = fill(&request.body, values).ok_or(SessionError::NotOffered)?;
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| SessionError::NotOffered)?;
        let client = if target.server.is_loopback() { &self.direct } else { &self.client };
        let mut builder = client.request(method, target.server.join(&request.path)).json(&body);
        for (name, template) in &request.headers {
            if let Some(value) = fill_text(template, values) {
                builder = builder.header(name, value);
            }
        }
        let mut response = builder.send().await.map_err(|error| transport_error(&error))?;
        let status = response.status();
        if status.is_redirection() {
            let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
            let to = to.split(['?', '#']).next().unwrap_or_default();
            return Err(SessionError::Redirected { to: clean(to, 200) });
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
        read_answer(&request.answer, status.is_success(), &bytes)
    }
}

/// Reads an answer: refused, not compatible, or the JSON (`null` for an empty body).
fn read_answer(answer: &Answer, is_success: bool, bytes: &[u8]) -> Result<Value, SessionError> {
    let empty = bytes.iter().all(u8::is_ascii_whitespace);
    let json: Value = if empty {
        Value::Null
    } else {
        serde_json::from_slice(bytes).map_err(|_| SessionError::NotCompatible)?
    };
    let at = |pointer: &Option<String>| pointer.as_deref().and_then(|pointer| json.pointer(pointer));
    let message = || {
        let words = at(&answer.message).and_then(Value::as_str);
        clean(words.unwrap_or_default(), MAX_MESSAGE_CHARS)
    };
    match at(&answer.success).and_then(Value::as_bool) {
        Some(false) => Err(SessionError::Refused { message: message() }),
        _ if is_success => Ok(json),
        _ if message().is_empty() => Err(SessionError::NotCompatible),
        _ => Err(SessionError::Refused { message: message() }),
    }
}

fn transport_error(error: &reqwest::Error) -> SessionError {
    if error.is_timeout() {
        return SessionError::Timeout;
    }
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        // rustls is not a dependency of ours; its certificate errors are told by their words.
        if cause.to_string().contains("certificate") {
            return SessionError::Untrusted;
        }
        source = cause.source();
    }
    SessionError::Unreachable
}

#[async_trait]
impl Sessions for HttpSessions {
    async fn sign_in(
        &self,
        target: &Target,
        who: &Credentials,
        token: Option<&SecretString>,
    ) -> Result<SignedIn, SessionError> {
        let mut values =
            Fill::from([("email", who.email.as_str()), ("password", who.password.expose_secret())]);
        values.extend(token.map(|token| ("token", token.expose_secret())));
        let request = &target.profile.sign_in;
        let json = self.send(target, request, &values).await?;
        let at = |pointer: &Option<String>| pointer.as_deref().and_then(|pointer| json.pointer(pointer));
        let token = at(&request.answer.token).and_then(Value::as_str).filter(|token| !token.is_empty());
        let me = at(&request.answer.user)
            .and_then(|user| target.profile.roster.user.read(user))
            .map(Row::into_owned);
        if token.is_none() && me.is_none() {
            return Err(SessionError::NotCompatible);
        }
        Ok(SignedIn { token: token.map(SecretString::from), me })
    }

    async fn sign_out(
        &self,
        target: &Target,
        email: &str,
        token: Option<&SecretString>,
    ) -> Result<(), SessionError> {
        let mut values = Fill::from([("email", email)]);
        values.extend(token.map(|token| ("token", token.expose_secret())));
        self.send(target, &target.profile.sign_out, &values).await.map(drop)
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
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
