//! The board: the merged list in both of its forms, for whoever has to look at it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use presente_wire::Epoch;

use crate::{cluster::Merged, journal::Journal, presence::UserId, roster::Roster};

/// What clients are told, from whole lists to single changes.
#[derive(Debug)]
pub(crate) struct Board(Mutex<Lists>);

/// The two forms of the list.
#[derive(Debug)]
pub(crate) struct Lists {
    /// As it is.
    pub(crate) roster: Roster,
    /// As it was told to those who hear changes.
    pub(crate) journal: Journal,
    /// Whether clients of the field have not heard the latest.
    pub(crate) is_news: bool,
}

impl Board {
    /// An empty list in an epoch of its own.
    pub(crate) fn new() -> Self {
        let journal = Journal::new(Epoch::new(rand::random()));
        Self(Mutex::new(Lists { roster: Roster::default(), journal, is_news: false }))
    }

    /// Takes over what has changed.
    pub(crate) fn apply(&self, changes: &[Merged]) {
        let mut lists = self.lists();
        lists.is_news |= lists.roster.apply(changes);
        lists.journal.note(changes);
    }

    /// Whether somebody is online.
    pub(crate) fn is_online(&self, user: &UserId) -> bool {
        self.lists().roster.is_online(user)
    }

    /// Both forms. A panic elsewhere leaves nothing half done in them, so a poisoned lock is as good as any.
    pub(crate) fn lists(&self) -> MutexGuard<'_, Lists> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
