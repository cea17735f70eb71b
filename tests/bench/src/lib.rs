//! What the programs of the benchmarks have in common. For the link: what is measured ([`Case`]), how a client written
//! in Rust is measured ([`subject`]), and who starts them all and adds it up ([`compare`], [`report`]). For the server:
//! [`server`]. For the app: [`desktop`].

pub mod compare;
pub mod desktop;
pub mod machine;
pub mod meter;
pub mod numbers;
pub mod report;
pub mod server;
pub mod subject;
mod turns;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Case {
    /// Opening a WebSocket and connecting the namespace, one connection after the other.
    Connect,
    /// The same by polling, up to the end of the upgrade to WebSocket.
    Upgrade,
    /// Small events from the server.
    BurstDown,
    /// Small events to the server.
    BurstUp,
    /// One event with a list of people.
    List,
    /// Connections that are idle, but for their heartbeat.
    Idle,
}

impl Case {
    /// Its name on command lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Upgrade => "upgrade",
            Self::BurstDown => "burst-down",
            Self::BurstUp => "burst-up",
            Self::List => "list",
            Self::Idle => "idle",
        }
    }
}

/// What a client's process has measured of itself. Nothing in it is comparable without [`Case`] and count.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Time that passed, microseconds.
    pub wall_us: f64,
    /// Time that all processors spent on the process, the system's work for it included, microseconds.
    pub cpu_us: f64,
    /// By how much its memory has grown: pages in memory, those shared with others counted in part, KiB.
    pub pss_kib: f64,
}
