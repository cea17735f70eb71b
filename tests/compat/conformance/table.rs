//! The rows of the clients, and their table.

use super::{document, steps::Step};
use presente_tests::node::{Release, Transport};
use std::fmt;

/// How a client gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Polling,
    WebSocket,
    Upgrade,
}

impl Way {
    pub(super) const ALL: [Self; 3] = [Self::Polling, Self::WebSocket, Self::Upgrade];

    pub(super) fn only(self) -> Option<Transport> {
        match self {
            Self::Polling => Some(Transport::Polling),
            Self::WebSocket => Some(Transport::WebSocket),
            Self::Upgrade => None,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::WebSocket => "WebSocket",
            Self::Upgrade => "upgrade",
        }
    }
}

/// Who plays, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cast {
    pub(super) open: bool,
    pub(super) release: Release,
    pub(super) way: Way,
}

impl Cast {
    pub(super) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for open in [false, true] {
            for release in [Release::Two, Release::Three, Release::Four, Release::RustSocketio] {
                all.extend(Way::ALL.map(|way| Self { open, release, way }));
            }
        }
        all
    }

    fn server(self) -> &'static str {
        if self.open { "`presente-server --open`" } else { "`presente-server`" }
    }
}

impl fmt::Display for Cast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let client = match self.release {
            Release::Two => "2.x",
            Release::Three => "3.x",
            Release::Four => "4.x",
            Release::RustSocketio => "`rust_socketio`",
        };
        write!(f, "{client}, {}", self.way.words())
    }
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    Yes,
    /// Yes, as far as the client's library goes: a letter says how far.
    Partly(&'static str),
    No,
    /// The client's library has nothing of the kind, or breaks there by itself: a letter says which.
    Cannot(&'static str),
    /// An earlier step failed.
    Untried,
}

impl Cell {
    fn text(self) -> String {
        match self {
            Self::Yes => "yes".to_owned(),
            Self::Partly(letter) => format!("yes ({letter})"),
            Self::No => "**no**".to_owned(),
            Self::Cannot(letter) => format!("– ({letter})"),
            Self::Untried => "?".to_owned(),
        }
    }
}

/// A row and what came of it.
pub(super) struct Row {
    pub(super) cast: Cast,
    cells: [Cell; Step::ALL.len()],
}

impl Row {
    pub(super) fn of(cast: Cast) -> Self {
        Self { cast, cells: [Cell::Untried; Step::ALL.len()] }
    }

    pub(super) fn set(&mut self, step: Step, cell: Cell) {
        self.cells[step as usize] = cell;
    }
}

/// Writes the table of each server.
pub(super) fn write(rows: &[Row], reasons: &str) {
    let mut text = String::new();
    for step in Step::ALL {
        text += &format!("- **{}**: {}\n", step.heading(), step.meaning());
    }
    let headings: Vec<_> = Step::ALL.iter().map(|step| step.heading()).collect();
    for part in rows.chunk_by(|one, other| one.cast.open == other.cast.open) {
        text += &format!("\n### {}\n\n", part[0].cast.server());
        text += &format!("| client | {} |\n|---|{}\n", headings.join(" | "), "---|".repeat(headings.len()));
        for Row { cast, cells } in part {
            let cells: Vec<_> = cells.iter().map(|cell| cell.text()).collect();
            text += &format!("| {cast} | {} |\n", cells.join(" | "));
        }
    }
    document::write("clients", &format!("{text}\n{reasons}"));
}
