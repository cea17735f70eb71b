//! HTTP as this client uses it: rustls with the system's trust, no redirects, deadlines everywhere.

use crate::{display_name::clean, server_url::ServerUrl, session::SessionError};
use reqwest::{
    Client, Response,
    header::{ACCEPT_LANGUAGE, HeaderMap, HeaderValue, LOCATION},
    redirect::Policy,
};
use std::time::Duration;

/// How long a connection may take to be there.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How much of an address is shown, in characters.
const MAX_ADDRESS_CHARS: usize = 200;

/// Makes requests to servers.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: Client,
    /// For servers on this machine: a proxy elsewhere has no business with them, nor with their passwords.
    direct: Client,
}

impl Http {
    /// Servers are asked to answer in `language`, an ISO 639 code, and have so long for each request.
    pub(crate) fn new(language: &'static str, within: Duration) -> Result<Self, reqwest::Error> {
        let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, HeaderValue::from_static(language))]);
        let builder = || {
            Client::builder()
                .redirect(Policy::none())
                .timeout(within)
                .connect_timeout(CONNECT_WITHIN)
                .user_agent(concat!("presente/", env!("CARGO_PKG_VERSION")))
                .default_headers(headers.clone())
        };
        Ok(Self { client: builder().build()?, direct: builder().no_proxy().build()? })
    }

    /// The client for requests to this server.
    pub(crate) fn to(&self, server: &ServerUrl) -> &Client {
        if server.is_loopback() { &self.direct } else { &self.client }
    }
}

/// Where an answer sends us, if it does; redirects are never followed.
pub(crate) fn redirection(response: &Response) -> Option<SessionError> {
    if !response.status().is_redirection() {
        return None;
    }
    let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
    let to = to.split(['?', '#']).next().unwrap_or_default();
    Some(SessionError::Redirected { to: clean(to, MAX_ADDRESS_CHARS) })
}

/// What it means that a request failed.
pub(crate) fn transport_error(error: &reqwest::Error) -> SessionError {
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
