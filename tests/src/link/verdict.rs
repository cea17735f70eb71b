//! What came of a row.

use std::time::Duration;

/// What was measured while a row was played.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// From the fault until the client said that its connection is over.
    pub noticed: Option<Duration>,
    /// From the moment at which a connection was possible until it was there, by itself.
    pub back: Option<Duration>,
    /// From the kick until the connection was there.
    pub back_when_kicked: Option<Duration>,
    /// The most connections of the one client that were alive at the server at one time.
    pub most_live: u64,
    /// The most attempts in any minute, those that a kick asked for not counted.
    pub worst_minute: usize,
    /// What is worth knowing besides.
    pub notes: Vec<String>,
}

impl Figures {
    /// Keeps the longest.
    pub(super) fn note_longest(slot: &mut Option<Duration>, took: Duration) {
        *slot = Some(slot.map_or(took, |longest| longest.max(took)));
    }
}

/// How a client did in a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Everything held.
    Pass(Figures),
    /// Something did not; what was seen.
    Fail(String, Figures),
    /// The client does not offer what the row is about.
    NotOffered(&'static str),
    /// The row does not make sense on this way.
    NotApplicable,
}

impl Verdict {
    /// What was measured.
    #[must_use]
    pub fn figures(&self) -> Option<&Figures> {
        match self {
            Self::Pass(figures) | Self::Fail(_, figures) => Some(figures),
            Self::NotOffered(_) | Self::NotApplicable => None,
        }
    }
}
