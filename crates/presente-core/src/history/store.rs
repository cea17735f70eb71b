//! The door to where history is kept.

use super::{ExportFormat, Past, SpanState};
use crate::{people::PersonKey, roster::Contact, server_url::ServerUrl, settings::OpenSession};
use async_trait::async_trait;
use jiff::{Timestamp, tz::TimeZone};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use thiserror::Error;

/// How somebody was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Who.
    pub contact: Arc<Contact>,
    /// How; `None` for offline.
    pub state: Option<SpanState>,
}

impl Seen {
    /// As the contact is.
    pub fn of(contact: &Arc<Contact>) -> Self {
        Self { contact: contact.clone(), state: SpanState::of(contact) }
    }

    /// As nobody, whatever they are: their history is not kept any more.
    pub fn hidden(contact: &Arc<Contact>) -> Self {
        Self { contact: contact.clone(), state: None }
    }
}

/// Something to be remembered. What is of an account comes in the order in which it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// An account is watched from now on, and these are online. What of it was left open ended when it was last told
    /// to go on.
    Began {
        /// Which.
        account: OpenSession,
        /// When.
        at: Timestamp,
        /// Everybody who is online and whose history is kept.
        online: Vec<Seen>,
    },
    /// People are otherwise now. Whoever is as they were is left alone.
    Changed {
        /// Of which account.
        account: OpenSession,
        /// When.
        at: Timestamp,
        /// Who.
        people: Vec<Seen>,
    },
    /// Somebody has another identity, and is so now.
    Renamed {
        /// Of which account.
        account: OpenSession,
        /// When.
        at: Timestamp,
        /// The identity of before.
        was: String,
        /// How they are now.
        now: Seen,
    },
    /// Somebody's history is kept from now on: nothing is known of the time before that is not written.
    Kept {
        /// Of which account.
        account: OpenSession,
        /// When.
        at: Timestamp,
        /// How they are now.
        now: Seen,
    },
    /// An account is still watched.
    GoesOn {
        /// Which.
        account: OpenSession,
        /// When.
        at: Timestamp,
    },
    /// An account is not watched any more, and nobody of it is seen.
    Ended {
        /// Which.
        account: OpenSession,
        /// When that was last so.
        at: Timestamp,
    },
    /// A server is at another address now.
    Moved {
        /// The address of before.
        before: ServerUrl,
        /// The address now.
        now: ServerUrl,
    },
}

impl Record {
    /// How many people it tells of, and one for itself: how much there is to be written.
    pub(super) fn weight(&self) -> usize {
        1 + match self {
            Self::Began { online: people, .. } | Self::Changed { people, .. } => people.len(),
            Self::Renamed { .. } | Self::Kept { .. } => 1,
            Self::GoesOn { .. } | Self::Ended { .. } | Self::Moved { .. } => 0,
        }
    }
}

/// History that could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {reason}", path.display())]
pub struct HistoryError {
    /// The file.
    pub path: PathBuf,
    /// The system's reason.
    pub reason: String,
}

/// A file that was written for somebody to take away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Where it is.
    pub path: PathBuf,
    /// How many spans are in it.
    pub spans: usize,
}

/// Where history is kept. Each call is all or nothing.
#[async_trait]
pub trait HistoryStore: Send + Sync {
    /// Remembers what happened, in this order.
    ///
    /// # Errors
    /// Nothing of it is written: the file, and why.
    async fn record(&self, records: &[Record]) -> Result<(), HistoryError>;

    /// What is known of a person between two moments.
    ///
    /// # Errors
    /// It cannot be read.
    async fn past(&self, person: &PersonKey, from: Timestamp, until: Timestamp)
    -> Result<Past, HistoryError>;

    /// When the people of an account were online last, by their identity; of those who were seen to go.
    ///
    /// # Errors
    /// It cannot be read.
    async fn last_online(&self, account: &OpenSession) -> Result<HashMap<String, Timestamp>, HistoryError>;

    /// Forgets a person, or everybody. What is forgotten is not in the file any more.
    ///
    /// # Errors
    /// It cannot be written.
    async fn forget(&self, whom: Option<&PersonKey>) -> Result<(), HistoryError>;

    /// Forgets what was before.
    ///
    /// # Errors
    /// It cannot be written.
    async fn prune(&self, before: Timestamp) -> Result<(), HistoryError>;

    /// Writes the spans of a person, or of everybody, into a new file of this folder, with times as this zone has
    /// them and the day of `now` in its name.
    ///
    /// # Errors
    /// It cannot be read, or the new file, which is gone then, cannot be written.
    async fn export(
        &self,
        format: ExportFormat,
        whom: Option<&PersonKey>,
        folder: &Path,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Exported, HistoryError>;

    /// The size of the file in bytes.
    async fn size(&self) -> u64;

    /// Where the file is.
    fn path(&self) -> PathBuf;

    /// A file that could not be read, if one has been set aside since that was asked last: where it is now.
    fn set_aside(&self) -> Option<PathBuf>;

    /// Closes the file. It is opened again when something is asked.
    async fn close(&self);
}
