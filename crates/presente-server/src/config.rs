//! What a server can be told before it starts.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;
use secrecy::SecretString;

/// Where the accounts are kept.
#[derive(Debug, Clone, Default)]
pub enum Database {
    /// In the SQLite file `presente.db` in the folder [`Config::data`]; for one server alone.
    #[default]
    Sqlite,
    /// In PostgreSQL, at this URL (`postgres://user:password@host/database`); several servers may share it.
    Postgres(SecretString),
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// How much one person, one address and everybody together may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Sockets of one person; one more takes the oldest one's place.
    pub sockets_per_user: usize,
    /// Sockets from one address (IPv6: one /64).
    pub sockets_per_address: usize,
    /// Connections in all.
    pub connections: usize,
    /// Connections from one address.
    pub connections_per_address: usize,
    /// Sign-ups a minute from one address.
    pub sign_ups_per_minute: u32,
    /// Sign-ins a minute from one address, right or wrong.
    pub sign_ins_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sockets_per_user: 10,
            sockets_per_address: 256,
            connections: 20_000,
            connections_per_address: 512,
            sign_ups_per_minute: 10,
            sign_ins_per_minute: 30,
        }
    }
}

/// The settings of one server. [`Config::new`] fills in the defaults; every field may be changed after.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen. Port 0 takes any free port; [`crate::Running::addr`] says which.
    pub addr: SocketAddr,
    /// Folder of the database; created when it is missing. Not used with PostgreSQL.
    pub data: PathBuf,
    /// Where the accounts are kept.
    pub database: Database,
    /// URL of the Redis server over which several servers speak with each other; `None` for one alone.
    pub redis: Option<SecretString>,
    /// Name of this server among several; `None` makes one up.
    pub node_name: Option<String>,
    /// Open mode: clients of the field work as they are (sockets without a token may listen, sign-out
    /// needs no token, a session without sockets is online until it is signed out).
    pub open: bool,
    /// Creates the demo accounts and lets the demo people come and go.
    pub seed_demo: bool,
    /// Web pages that may speak to the server besides its own and those of this computer, as origins
    /// (`https://a.example`).
    pub allow_origins: Vec<String>,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Address of the server as people reach it, for links in mail, without a slash at the end.
    pub public_url: Option<String>,
    /// How mail is sent: the URL of an SMTP server, or `sendmail`; `None` sends none.
    pub mail: Option<SecretString>,
    /// Who mail is from, such as `Presente <presente@a.example>`.
    pub mail_from: Option<String>,
    /// Pauses after which a letter that could not be sent is tried again.
    pub mail_pauses: Vec<Duration>,
    /// Whether signing in takes a verified e-mail address.
    pub require_verified: bool,
    /// Whether clients of Engine.IO 3 are served as well.
    pub eio3: bool,
    /// The message of the day; `None` says the server's own greeting.
    pub greeting: Option<String>,
    /// How the log is written.
    pub log_format: LogFormat,
    /// Who shows this token may read the metrics from elsewhere than this computer.
    pub metrics_token: Option<SecretString>,
    /// How much may be used.
    pub limits: Limits,
    /// How long a signed-in session without a socket stays online.
    pub grace: Duration,
    /// The same right after a start, for sessions of before.
    pub restart_grace: Duration,
    /// How long a token is good for.
    pub token_life: Duration,
    /// How long, at most, the token of a signed-out session may still listen.
    pub listen_life: Duration,
    /// Lists pushed to everybody are at least this far apart; what happens in between is merged.
    pub push_window: Duration,
    /// Changes told to clients that hear changes are at least this far apart.
    pub delta_window: Duration,
    /// With more people online than this, clients that can do with a part of the list are told no more.
    pub view_threshold: usize,
    /// Time between two heartbeats of a socket.
    pub ping_interval: Duration,
    /// How long a heartbeat may stay unanswered before the socket counts as gone.
    pub ping_timeout: Duration,
    /// How long a client may take to send the head of a request, or its body.
    pub read_timeout: Duration,
    /// Puts the echo in place of the dialect that the protocol suites expect. For tests alone.
    #[doc(hidden)]
    pub protocol_suite: bool,
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
            database: Database::default(),
            redis: None,
            node_name: None,
            open: false,
            seed_demo: false,
            allow_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            public_url: None,
            mail: None,
            mail_from: None,
            mail_pauses: [10, 60, 600].map(Duration::from_secs).to_vec(),
            require_verified: false,
            eio3: false,
            greeting: None,
            log_format: LogFormat::default(),
            metrics_token: None,
            limits: Limits::default(),
            grace: Duration::from_secs(4),
            restart_grace: Duration::from_secs(4),
            token_life: Duration::from_secs(30 * 24 * 3600),
            listen_life: Duration::from_secs(12 * 3600),
            push_window: Duration::from_millis(250),
            delta_window: Duration::from_millis(200),
            view_threshold: 5_000,
            ping_interval: Duration::from_secs(12),
            ping_timeout: Duration::from_secs(8),
            read_timeout: Duration::from_secs(10),
            protocol_suite: false,
            demo_pause: (Duration::from_secs(3), Duration::from_secs(6)),
            demo_seed: 20,
        }
    }
}
