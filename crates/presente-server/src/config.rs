//! What a server can be told before it starts.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// The settings of one server. [`Config::new`] fills in the defaults; every field may be changed after.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen. Port 0 takes any free port; [`crate::Running::addr`] says which.
    pub addr: SocketAddr,
    /// Folder of the database; created when it is missing.
    pub data: PathBuf,
    /// Open mode: clients of the field work as they are (sockets without a token may listen, sign-out
    /// needs no token, a session without sockets is online until it is signed out).
    pub open: bool,
    /// Creates the demo accounts and lets the demo people come and go.
    pub seed_demo: bool,
    /// How long a signed-in session without a socket stays online.
    pub grace: Duration,
    /// How long a token is good for.
    pub token_life: Duration,
    /// How long, at most, the token of a signed-out session may still listen.
    pub listen_life: Duration,
    /// Lists pushed to everybody are at least this far apart; what happens in between is merged.
    pub push_window: Duration,
    /// Time between two heartbeats of a socket.
    pub ping_interval: Duration,
    /// How long a heartbeat may stay unanswered before the socket counts as gone.
    pub ping_timeout: Duration,
    /// How long a client may take to send the head of a request, or its body.
    pub read_timeout: Duration,
    /// Shortest and longest pause between two moves of the demo people.
    pub demo_pause: (Duration, Duration),
    /// Seed of the demo people's choices.
    pub demo_seed: u64,
}

impl Config {
    /// The default settings: tokens required, no demo people.
    #[must_use]
    pub fn new(addr: SocketAddr, data: impl Into<PathBuf>) -> Self {
        Self {
            addr,
            data: data.into(),
            open: false,
            seed_demo: false,
            grace: Duration::from_secs(10),
            token_life: Duration::from_secs(30 * 24 * 3600),
            listen_life: Duration::from_secs(12 * 3600),
            push_window: Duration::from_millis(100),
            ping_interval: Duration::from_secs(15),
            ping_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(10),
            demo_pause: (Duration::from_secs(3), Duration::from_secs(6)),
            demo_seed: 20,
        }
    }
}
