//! How long somebody who is gone is still shown as online: measured as a person at an unmodified client sees it, and as
//! the database says it, for each way to go without saying so.

mod cases;
pub mod report;
mod sight;
mod victim;

use std::time::Duration;

use anyhow::Result;

/// A way to go without saying so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// A client is killed (SIGKILL). The system closes its connection.
    ClientKilled,
    /// The server is killed, a client with it, and the server is started again.
    ServerKilled,
    /// One node of three is killed, and a client of it.
    NodeKilled,
    /// The cable of a client's machine is cut: nothing comes any more, and no connection is closed.
    CableCut,
}

impl Case {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ClientKilled, Self::ServerKilled, Self::NodeKilled, Self::CableCut];

    /// Its name on a command line.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::ClientKilled => "client-killed",
            Self::ServerKilled => "server-killed",
            Self::NodeKilled => "node-killed",
            Self::CableCut => "cable-cut",
        }
    }

    /// What happens, and from when on time is counted.
    #[must_use]
    pub fn story(self) -> &'static str {
        match self {
            Self::ClientKilled => "a client is killed",
            Self::ServerKilled => {
                "the server and a client are killed; counted from when the server listens again"
            }
            Self::NodeKilled => "one node of three and a client of it are killed",
            Self::CableCut => "the cable of a client's machine is cut",
        }
    }

    /// For how long somebody may be shown who is gone.
    #[must_use]
    pub fn allowed(self) -> Duration {
        Duration::from_secs(match self {
            Self::ClientKilled | Self::CableCut => 25,
            Self::ServerKilled | Self::NodeKilled => 5,
        })
    }

    /// Plays it so many times.
    ///
    /// # Errors
    /// When it cannot be played: something is not installed, not built, not allowed, or does not work at all.
    pub async fn play(self, runs: usize) -> Result<Vec<Ghost>> {
        match self {
            Self::ClientKilled => cases::client_killed(runs).await,
            Self::ServerKilled => cases::server_killed(runs).await,
            Self::NodeKilled => cases::node_killed(runs).await,
            Self::CableCut => cases::cable_cut(runs).await,
        }
    }
}

/// For how long somebody was shown who was gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ghost {
    /// In the list of a person at an unmodified client.
    pub on_screen: Duration,
    /// In the database.
    pub in_database: Duration,
}

impl Ghost {
    /// The longer of both.
    #[must_use]
    pub fn longest(self) -> Duration {
        self.on_screen.max(self.in_database)
    }
}
