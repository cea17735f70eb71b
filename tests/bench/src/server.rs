//! `presente-server` beside a Node server of the same dialect, in the same run, with the same clients: all of them live
//! in this process and speak to whichever server it is through [`line`] and [`socket`].
//!
//! [`storm`], [`large`] and [`stalled`] are what is measured; [`run`] does it in turns, and [`tables`] shows it.

pub mod crowd;
pub mod goal;
pub mod guest;
pub mod host;
pub mod large;
pub mod line;
pub mod listener;
pub mod people;
pub mod run;
pub mod socket;
pub mod stalled;
pub mod storm;
pub mod tables;

use clap::ValueEnum;

/// A server, and the clients that come to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Contestant {
    /// The server of the field with the clients of the field.
    Node,
    /// Ours with the very same clients.
    Unchanged,
    /// Ours with clients that hear changes instead of lists.
    Own,
}

impl Contestant {
    /// All; the one that the others are compared with first.
    pub const ALL: [Self; 3] = [Self::Node, Self::Unchanged, Self::Own];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Node => "Node, unchanged clients",
            Self::Unchanged => "presente-server, unchanged clients",
            Self::Own => "presente-server, its own clients",
        }
    }
}
