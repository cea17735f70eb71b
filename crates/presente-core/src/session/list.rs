//! The list of a server that tells it in changes: fetched whole, or from where on it is missing.

use super::{HttpSessions, SessionError, Target};
use crate::http::{redirection, transport_error};
use presente_wire::{Answer, Position};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

/// How long the list may take in all: it may be large, and the way to it slow.
const LIST_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest list that is read, decompressed: some 400,000 people.
const MAX_LIST_BYTES: usize = 64 * 1024 * 1024;

impl HttpSessions {
    pub(super) async fn list(
        &self,
        target: &Target,
        path: &str,
        from: Option<Position>,
        token: Option<&SecretString>,
    ) -> Result<Answer, SessionError> {
        // Whatever the server calls the path, the token goes nowhere but to its own origin.
        let mut url = target.server.with_path(path);
        if let Some(Position { e, s }) = from {
            url.query_pairs_mut().append_pair("e", &e.to_string()).append_pair("s", &s.to_string());
        }
        let mut builder = self.http.to(&target.server).get(url).timeout(LIST_TIMEOUT);
        if let Some(token) = token {
            builder = builder.header("x-token", token.expose_secret());
        }
        let mut response = builder.send().await.map_err(|error| transport_error(&error))?;
        let status = response.status();
        if let Some(elsewhere) = redirection(&response) {
            return Err(elsewhere);
        }
        if !status.is_success() {
            return Err(SessionError::ServerFailed { status: status.as_u16() });
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| transport_error(&error))? {
            if bytes.len() + chunk.len() > MAX_LIST_BYTES {
                return Err(SessionError::NotCompatible);
            }
            bytes.extend_from_slice(&chunk);
        }
        let read = tokio::task::spawn_blocking(move || serde_json::from_slice(&bytes)).await;
        read.ok().and_then(Result::ok).ok_or(SessionError::NotCompatible)
    }
}
