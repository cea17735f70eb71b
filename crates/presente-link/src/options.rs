//! What can be set: transports, deadlines, limits.

use crate::proto::Plan;
use http::HeaderMap;
use rustls::pki_types::CertificateDer;
use std::{fmt, time::Duration};
use url::Url;

/// How bytes travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// HTTP long-polling.
    Polling,
    /// WebSocket.
    WebSocket,
}

impl Transport {
    /// The protocol's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::WebSocket => "websocket",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which transports to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transports {
    /// What worked with this server before; where nothing is known, WebSocket, and polling if that does not open.
    /// A server that was reached by polling is offered WebSocket again by an upgrade each time.
    #[default]
    Auto,
    /// Polling first, then an upgrade to WebSocket where the server offers it; WebSocket alone where the server takes
    /// no polling.
    Upgrade,
    /// WebSocket and nothing else.
    WebSocketOnly,
    /// Polling and nothing else.
    PollingOnly,
}

impl Transports {
    /// What to try, and what to try if that does not open, for whoever drives a [`Session`](crate::proto::Session)
    /// alone. `worked` is by which transport the server was reached last, if that is known.
    pub fn plans(self, worked: Option<Transport>, deadlines: &Deadlines) -> (Plan, Option<Plan>) {
        let plan = |first, upgrade, within| Plan { first, upgrade, within };
        let polling = |upgrade| plan(Transport::Polling, upgrade, deadlines.open);
        match (self, worked) {
            (Self::PollingOnly, _) => (polling(false), None),
            (Self::WebSocketOnly, _) => (plan(Transport::WebSocket, false, deadlines.open), None),
            (Self::Upgrade, _) | (Self::Auto, Some(Transport::Polling)) => {
                (polling(true), Some(plan(Transport::WebSocket, false, deadlines.open)))
            }
            (Self::Auto, _) => {
                // The upgrade would fail as the WebSocket just did, and cost time; the next connection tries it.
                (plan(Transport::WebSocket, false, deadlines.try_websocket), Some(polling(false)))
            }
        }
    }
}

/// Through which proxy.
#[derive(Clone, Default)]
pub enum Proxy {
    /// As the system says (`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, or its settings), but never for
    /// a server on this machine.
    #[default]
    System,
    /// None.
    Direct,
    /// This one: `http://`, `https://`, `socks5://` or `socks5h://`, with user and password where it wants them.
    Url(Url),
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may hold a password.
        f.write_str(match self {
            Self::System => "System",
            Self::Direct => "Direct",
            Self::Url(_) => "Url(..)",
        })
    }
}

/// What to connect to.
#[derive(Clone)]
pub struct Request {
    /// The server: `http`, `https`, `ws` or `wss`. A path beyond `/` is where Engine.IO listens, in place of
    /// `/socket.io/`; it is no namespace.
    pub url: Url,
    /// Headers of every HTTP request, the WebSocket handshake included.
    pub headers: HeaderMap,
    /// Query parameters of every HTTP request.
    pub query: Vec<(String, String)>,
    /// Which transports to use with this server, where these are others than the client's.
    pub transports: Option<Transports>,
}

impl From<Url> for Request {
    fn from(url: Url) -> Self {
        Self { url, headers: HeaderMap::new(), query: Vec::new(), transports: None }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and query may hold tokens.
        f.debug_struct("Request")
            .field("url", &self.url.origin().ascii_serialization())
            .finish_non_exhaustive()
    }
}

/// How a [`Client`](crate::Client) connects.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which transports to use.
    pub transports: Transports,
    /// Certificates to trust beside the platform's.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Through which proxy.
    pub proxy: Proxy,
    /// How long each thing may take.
    pub deadlines: Deadlines,
    /// How much is taken.
    pub limits: Limits,
}

/// How long each thing may take. What takes longer ends the connection, except where it says otherwise.
#[derive(Debug, Clone)]
pub struct Deadlines {
    /// Until the server has opened the Engine.IO session, from name lookup on.
    pub open: Duration,
    /// The same for a WebSocket that is only tried first: after that polling is tried.
    pub try_websocket: Duration,
    /// Until the upgrade from polling to WebSocket is done; a longer one is given up, and polling goes on.
    pub upgrade: Duration,
    /// Until the callback that gives the auth payload has answered.
    pub auth: Duration,
    /// Until the server has answered CONNECT to a namespace.
    pub namespace: Duration,
    /// Until what was handed to the network has been taken by it.
    pub write: Duration,
    /// Until all attachments of a packet have come.
    pub attachments: Duration,
    /// How long saying goodbye may take after an orderly close.
    pub close: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            open: Duration::from_secs(20),
            try_websocket: Duration::from_secs(5),
            upgrade: Duration::from_secs(10),
            auth: Duration::from_secs(20),
            namespace: Duration::from_secs(15),
            write: Duration::from_secs(20),
            attachments: Duration::from_secs(30),
            close: Duration::from_secs(2),
        }
    }
}

/// How much is taken before the connection is closed, or the sender told.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest message or polling body that is read, bytes.
    pub message: usize,
    /// The most attachments of one packet.
    pub attachments: usize,
    /// The most packets that may wait to be sent.
    pub queued_packets: usize,
    /// The most bytes that may wait to be sent.
    pub queued_bytes: usize,
    /// The most events that are read ahead of who consumes them; beyond it reading rests.
    pub read_ahead_events: usize,
    /// The most bytes that are read ahead.
    pub read_ahead_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message: 64 << 20,
            attachments: 256,
            queued_packets: 16_384,
            queued_bytes: 64 << 20,
            read_ahead_events: 1024,
            read_ahead_bytes: 32 << 20,
        }
    }
}
