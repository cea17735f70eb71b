//! The rows of the matrix, by what they are about.

mod asking;
mod authority;
mod ending;
mod events;
mod garbage;
mod handshake;
mod network;
mod outage;
mod recovery;
mod refusal;
mod silence;

use std::{future::Future, pin::Pin};

use anyhow::Result;

use super::{Client, Need, Stage, Way, Way::*};

/// On either transport, and upgraded from one to the other.
const ON_ALL: &[Way] = &[Websocket, Polling, Upgrade];
/// On either transport; an upgraded connection is a WebSocket and adds nothing.
const ON_BOTH: &[Way] = &[Websocket, Polling];
/// Where there are two transports to choose from.
const WITH_A_CHOICE: &[Way] = &[Upgrade, Fallback];

/// What playing a row comes to: nothing, or what did not hold.
pub type Played<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// One row of the matrix.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// A short name, to ask for it by.
    pub slug: &'static str,
    /// What must hold.
    pub holds: &'static str,
    /// The ways on which it makes sense.
    pub ways: &'static [Way],
    /// What a client has to offer for it.
    pub needs: &'static [Need],
    /// How much of the machine it takes, in units of one ordinary row.
    pub weight: u32,
    /// Plays it; what every row ends with is checked by [`Stage::conclude`].
    pub play: for<'a> fn(&'a mut Stage) -> Played<'a>,
}

impl Row {
    const fn new(
        slug: &'static str,
        holds: &'static str,
        play: for<'a> fn(&'a mut Stage) -> Played<'a>,
    ) -> Self {
        Self { slug, holds, ways: ON_ALL, needs: &[], weight: 1, play }
    }

    const fn on(self, ways: &'static [Way]) -> Self {
        Self { ways, ..self }
    }

    const fn needs(self, needs: &'static [Need]) -> Self {
        Self { needs, ..self }
    }

    const fn weighs(self, weight: u32) -> Self {
        Self { weight, ..self }
    }

    /// Why this client cannot play it; `None` when it can.
    #[must_use]
    pub fn lacking(&self, client: Client) -> Option<&'static str> {
        self.needs.iter().find_map(|need| client.lacks(*need))
    }
}

/// All rows, in the order of the report.
pub fn all_rows() -> impl Iterator<Item = &'static Row> {
    [
        ending::ROWS,
        silence::ROWS,
        refusal::ROWS,
        handshake::ROWS,
        network::ROWS,
        authority::ROWS,
        events::ROWS,
        garbage::ROWS,
        asking::ROWS,
        recovery::ROWS,
        outage::ROWS,
    ]
    .into_iter()
    .flatten()
}

/// The row of this name.
#[must_use]
pub fn row(slug: &str) -> Option<&'static Row> {
    all_rows().find(|row| row.slug == slug)
}
