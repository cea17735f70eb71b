//! What a server has heard, as its journal tells it.

use serde::Deserialize;
use serde_json::Value;

/// One HTTP request that the server heard.
#[derive(Debug, Clone, Deserialize)]
pub struct LoggedRequest {
    /// Milliseconds since 1970.
    pub at: u64,
    /// `POST`, …
    pub method: String,
    /// `/api/auth/signIn`, …
    pub path: String,
    /// The body; every password and token in it is its length.
    #[serde(default)]
    pub body: Value,
    /// Where it showed a token: `x-token`, `authorization`, `token` (in the query).
    #[serde(default)]
    pub shown: Vec<String>,
}

/// One thing that happened on a socket: an event's name, or `connect`, `upgrade`, `disconnect`, `refused`.
#[derive(Debug, Clone, Deserialize)]
pub struct LoggedEvent {
    /// Milliseconds since 1970.
    pub at: u64,
    /// The socket's id.
    pub socket: String,
    /// The event.
    pub name: String,
    /// Its arguments; of `connect` and `refused`: `[{"transport", "auth", "headers", "query"}]`, which name how a token
    /// was shown.
    pub args: Vec<Value>,
}

/// Everything that the server heard since it started.
#[derive(Debug, Clone, Deserialize)]
pub struct Log {
    /// Over HTTP, oldest first.
    pub requests: Vec<LoggedRequest>,
    /// Over sockets, oldest first.
    pub events: Vec<LoggedEvent>,
    /// The transport of each Engine.IO connection that was ever opened, oldest first; whoever then says no more has
    /// nothing in `events`.
    pub handshakes: Vec<String>,
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

    /// The first event `name`.
    #[must_use]
    pub fn event(&self, name: &str) -> Option<&LoggedEvent> {
        self.events.iter().find(|event| event.name == name)
    }
}
