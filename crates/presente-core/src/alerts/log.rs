//! What people were told of, and what not and why: the last of it, to be read.

use super::{Kind, Who, words};
use crate::texts::{Arg, Texts};
use jiff::Timestamp;
use std::collections::VecDeque;

/// How many entries are kept.
pub const MAX_ENTRIES: usize = 500;

/// Why people were not told of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The hours are quiet.
    QuietHours,
    /// Alerts are snoozed.
    Snoozed,
    /// They are not to be disturbed.
    DoNotDisturb,
    /// The contact was gone only for a short time.
    BriefAbsence,
    /// They were told of the same a short time ago.
    ToldLately,
    /// The contact's rule, or that of the group, says never.
    Never,
}

/// What became of something that people could be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// They were told.
    Yes,
    /// They were not, for this reason.
    No(Reason),
}

/// Something that people could be told of, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Grows from one entry to the next.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub kind: Kind,
    /// To whom, who is named first; only so many as are named in an alert.
    pub who: Vec<Who>,
    /// How many there are beside the first.
    pub others: usize,
    /// What became of it.
    pub told: Told,
}

impl Entry {
    /// The entry as a sentence.
    pub fn sentence(&self, texts: &Texts) -> String {
        let what = words::title(self.kind, &self.who, self.others, texts);
        let id = match self.told {
            Told::Yes => "alert-log-told",
            Told::No(Reason::QuietHours) => "alert-log-quiet-hours",
            Told::No(Reason::Snoozed) => "alert-log-snoozed",
            Told::No(Reason::DoNotDisturb) => "alert-log-dnd",
            Told::No(Reason::BriefAbsence) => "alert-log-brief",
            Told::No(Reason::ToldLately) => "alert-log-lately",
            Told::No(Reason::Never) => "alert-log-never",
        };
        texts.with(id, &[("what", Arg::from(&what))])
    }
}

/// The last of what people were told of or not.
#[derive(Debug, Clone, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    written: u64,
}

impl Log {
    /// The entries, the oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    pub(super) fn write(&mut self, at: Timestamp, kind: Kind, who: Vec<Who>, others: usize, told: Told) {
        self.written += 1;
        if self.entries.len() >= MAX_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry { number: self.written, at, kind, who, others, told });
    }

    /// Nothing is known any more of those of an account.
    pub(super) fn forget(&mut self, account: super::AccountNumber) {
        self.entries.retain(|entry| entry.who.iter().all(|who| who.account != account));
    }
}
