//! A window that somebody looks at, and what has to be told about it.

use std::{sync::Arc, time::Duration};

use presente_wire::{Epoch, Row, WindowChange};
use tokio::time::Instant;

use super::{
    index::Index,
    person::{Key, Person, Query},
};

/// Numbers that have changed without the rows are told this far apart at least.
pub(super) const NUMBERS: Duration = Duration::from_secs(10);

/// What a window holds on to. Numbers alone would not do: with every newcomer further up all rows would move.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Anchor {
    /// Whoever comes first.
    Top,
    /// Whoever is at this place or the next one after it.
    At(Key),
    /// The end, after everybody.
    End,
}

/// What makes two windows the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Frame {
    pub(super) query: Query,
    pub(super) anchor: Anchor,
    pub(super) len: usize,
}

/// How many are online, match, and come before the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) online: usize,
    pub(super) matching: usize,
    pub(super) from: usize,
}

/// A window with what was told of it.
#[derive(Debug)]
pub(super) struct LiveWindow {
    pub(super) frame: Frame,
    /// How many sockets look at it.
    pub(super) viewers: usize,
    shown: Vec<Arc<Person>>,
    numbers: Numbers,
    told_at: Instant,
    /// When something is to be told that can wait.
    owed_at: Option<Instant>,
    /// Whether somebody may not have got what was told.
    is_doubtful: bool,
}

impl Frame {
    /// The window of `len` rows that begins at `from` now.
    pub(super) fn new(query: Query, from: usize, len: usize, index: &Index) -> Self {
        let anchor = match (from, index.get(from)) {
            (0, _) => Anchor::Top,
            (_, Some(person)) => Anchor::At(person.key(query.sort())),
            (_, None) => Anchor::End,
        };
        Self { query, anchor, len }
    }

    /// How many come before it now.
    pub(super) fn from(&self, index: &Index) -> usize {
        match &self.anchor {
            Anchor::Top => 0,
            Anchor::At(key) => index.before(key),
            Anchor::End => index.len(),
        }
    }

    /// Its numbers and its rows now.
    pub(super) fn look<'i>(&self, index: &'i Index, online: usize) -> (Numbers, &'i [Arc<Person>]) {
        let from = self.from(index);
        (Numbers { online, matching: index.len(), from }, index.slice(from, self.len))
    }
}

impl LiveWindow {
    /// A window at which nobody looks yet.
    pub(super) fn new(frame: Frame, index: &Index, online: usize, now: Instant) -> Self {
        let (numbers, shown) = frame.look(index, online);
        let shown = shown.to_vec();
        Self { frame, viewers: 0, shown, numbers, told_at: now, owed_at: None, is_doubtful: false }
    }

    /// What is to be told now, if anything.
    pub(super) fn tell(
        &mut self,
        epoch: Epoch,
        index: &Index,
        online: usize,
        now: Instant,
    ) -> Option<WindowChange> {
        let (numbers, rows) = self.frame.look(index, online);
        let is_same = same(rows, &self.shown);
        if is_same && numbers == self.numbers && !self.is_doubtful {
            self.owed_at = None;
            return None;
        }
        let due = self.told_at + NUMBERS;
        if is_same && now < due {
            self.owed_at = Some(due);
            return None;
        }
        // Who missed something needs everything. With a row that comes along, it need not wait any longer.
        let known = Some(&*self.shown).filter(|_| !self.is_doubtful);
        let change = change_of(epoch, numbers, known, rows);
        (self.shown, self.numbers) = (rows.to_vec(), numbers);
        (self.told_at, self.owed_at, self.is_doubtful) = (now, None, false);
        Some(change)
    }

    /// Not everybody got what was told.
    pub(super) fn was_missed(&mut self) {
        self.is_doubtful = true;
        self.owed_at = Some(self.told_at + NUMBERS);
    }

    /// Its numbers as they were told last.
    pub(super) fn numbers(&self) -> Numbers {
        self.numbers
    }

    /// When something is to be told that can wait.
    pub(super) fn owed_at(&self) -> Option<Instant> {
        self.owed_at
    }
}

/// Numbers without rows.
pub(super) fn bare_change(epoch: Epoch, numbers: Numbers) -> WindowChange {
    WindowChange {
        e: epoch,
        c: number(numbers.online),
        n: number(numbers.matching),
        from: number(numbers.from),
        ids: None,
        rows: Vec::new(),
        w: Vec::new(),
        g: Vec::new(),
    }
}

/// What makes these rows out of those that are known, if any are.
fn change_of(
    epoch: Epoch,
    numbers: Numbers,
    known: Option<&[Arc<Person>]>,
    rows: &[Arc<Person>],
) -> WindowChange {
    let are_same = |(old, new): (&Arc<Person>, &Arc<Person>)| old.row.id == new.row.id;
    let is_same_order =
        known.is_some_and(|known| known.len() == rows.len() && known.iter().zip(rows).all(are_same));
    let is_known = |person| known.unwrap_or_default().iter().any(|old| Arc::ptr_eq(old, person));
    let news = rows.iter().filter(|person| !is_known(person));
    WindowChange {
        ids: (!is_same_order).then(|| rows.iter().map(|person| person.row.id.clone()).collect()),
        rows: news.map(|person| Row::clone(&person.row)).collect(),
        ..bare_change(epoch, numbers)
    }
}

fn same(one: &[Arc<Person>], other: &[Arc<Person>]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| Arc::ptr_eq(one, other))
}

/// A number as it travels.
pub(super) fn number(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
