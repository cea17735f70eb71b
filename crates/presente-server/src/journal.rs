//! The journal: the list as clients that hear changes have been told it, sequence by sequence, and what has changed
//! since any of the last of these.
//!
//! Pure. What happens between two sequences is told together, so who comes and goes in between is not told at all.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use presente_wire::{Delta, Digest, Epoch, Position, Row, Snapshot};

use crate::{cluster::Merged, presence::UserId};

/// Changes that are kept for those who come back; older ones need the whole list.
const KEPT: usize = 65_536;
/// Fewer changes than this are always told one by one.
const FEW: usize = 500;
/// A window that changes more than one part in this many is not told one by one.
const MUCH: usize = 5;

/// What there is to say after a window.
#[derive(Debug)]
pub(crate) enum Push {
    /// What has changed.
    Delta(Delta),
    /// So much that the list is to be fetched.
    Stale,
}

/// The list with its history.
#[derive(Debug)]
pub(crate) struct Journal {
    epoch: Epoch,
    sequence: u64,
    told: BTreeMap<UserId, Arc<Row>>,
    digest: Digest,
    /// What has changed since and is not told yet; `None`: is gone.
    dirty: BTreeMap<UserId, Option<Arc<Row>>>,
    /// Who was touched by which sequence, oldest first.
    log: VecDeque<(u64, Vec<UserId>)>,
    /// Users in the log.
    logged: usize,
}

impl Journal {
    /// An empty list in a new epoch.
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            sequence: 0,
            told: BTreeMap::new(),
            digest: Digest::default(),
            dirty: BTreeMap::new(),
            log: VecDeque::new(),
            logged: 0,
        }
    }

    /// Where the list stands, as far as it was told.
    pub(crate) fn position(&self) -> Position {
        Position { e: self.epoch, s: self.sequence }
    }

    /// How many were told to be online.
    pub(crate) fn count(&self) -> usize {
        self.told.len()
    }

    /// Takes note of changes for the next window.
    pub(crate) fn note(&mut self, changes: &[Merged]) {
        for Merged { user, row } in changes {
            if self.told.get(user) == row.as_ref() {
                self.dirty.remove(user);
            } else {
                self.dirty.insert(Arc::clone(user), row.clone());
            }
        }
    }

    /// Whether the next window has something to tell.
    pub(crate) fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// Ends a window; says what to tell everybody, if anything.
    pub(crate) fn close_window(&mut self) -> Option<Push> {
        if self.dirty.is_empty() {
            return None;
        }
        let dirty = std::mem::take(&mut self.dirty);
        let is_much = dirty.len() > FEW && dirty.len() > self.told.len().max(1) / MUCH;
        let from = self.sequence;
        self.sequence += 1;
        let mut delta = self.empty_delta(from);
        let users: Vec<UserId> = dirty.keys().cloned().collect();
        for (user, row) in dirty {
            self.change(&user, row, &mut delta);
        }
        self.log(users);
        if is_much {
            return Some(Push::Stale);
        }
        (delta.c, delta.h) = (self.online(), self.digest);
        Some(Push::Delta(delta))
    }

    /// A delta without changes: by it those who missed one find out.
    pub(crate) fn reminder(&self) -> Delta {
        self.empty_delta(self.sequence)
    }

    /// What has changed since a position; `None` when that is not known any more.
    pub(crate) fn since(&self, position: Position) -> Option<Delta> {
        let touched = self.touched(position.s).filter(|_| position.e == self.epoch)?;
        let mut delta = self.empty_delta(position.s);
        for user in touched {
            match self.told.get(user) {
                Some(row) => delta.j.push(Row::clone(row)),
                None => delta.l.push(user.to_string()),
            }
        }
        Some(delta)
    }

    /// What has become of those who were touched since a sequence of this epoch; `None` when that is not known any more.
    pub(crate) fn touched_since(&self, sequence: u64) -> Option<Vec<Merged>> {
        let is_now = |user: &UserId| Merged { user: Arc::clone(user), row: self.told.get(user).cloned() };
        self.touched(sequence).map(|touched| touched.into_iter().map(is_now).collect())
    }

    /// Everybody who was told to be online.
    pub(crate) fn everybody(&self) -> Vec<Merged> {
        let told = self.told.iter();
        told.map(|(user, row)| Merged { user: Arc::clone(user), row: Some(Arc::clone(row)) }).collect()
    }

    /// The whole list as it was told.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            e: self.epoch,
            s: self.sequence,
            c: self.online(),
            h: self.digest,
            rows: self.told.values().map(|row| Row::clone(row)).collect(),
        }
    }

    fn change(&mut self, user: &UserId, row: Option<Arc<Row>>, delta: &mut Delta) {
        let old = match &row {
            Some(row) => self.told.insert(Arc::clone(user), Arc::clone(row)),
            None => self.told.remove(user),
        };
        if let Some(old) = &old {
            self.digest.remove(&self.epoch, old);
        }
        match row {
            Some(row) => {
                self.digest.add(&self.epoch, &row);
                let list = if old.is_none() { &mut delta.j } else { &mut delta.u };
                list.push(Row::clone(&row));
            }
            None => delta.l.push(user.to_string()),
        }
    }

    fn touched(&self, since: u64) -> Option<BTreeSet<&UserId>> {
        let oldest = self.sequence - u64::try_from(self.log.len()).ok()?;
        let later = self.log.iter().rev().take_while(|(sequence, _)| *sequence > since);
        (oldest..=self.sequence).contains(&since).then(|| later.flat_map(|(_, users)| users).collect())
    }

    fn log(&mut self, users: Vec<UserId>) {
        self.logged += users.len();
        self.log.push_back((self.sequence, users));
        while self.logged > KEPT
            && let Some((_, users)) = self.log.pop_front()
        {
            self.logged -= users.len();
        }
    }

    /// From `from` to now, with nothing in it yet.
    fn empty_delta(&self, from: u64) -> Delta {
        Delta {
            e: self.epoch,
            f: from,
            t: self.sequence,
            j: Vec::new(),
            u: Vec::new(),
            l: Vec::new(),
            c: self.online(),
            h: self.digest,
        }
    }

    fn online(&self) -> u64 {
        u64::try_from(self.told.len()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

    use presente_wire::{Answer, Availability, Replica};

    use super::*;

    fn journal() -> Journal {
        Journal::new(Epoch::new([1; 16]))
    }

    fn is(id: usize) -> Merged {
        let id = format!("u{id}");
        let row = Row {
            id: id.clone(),
            first_name: "Somebody".into(),
            last_name: String::new(),
            email: String::new(),
            availability: Availability::Online,
            status_line: String::new(),
        };
        Merged { user: id.into(), row: Some(Arc::new(row)) }
    }

    fn left(id: usize) -> Merged {
        Merged { user: format!("u{id}").into(), row: None }
    }

    fn delta(push: Option<Push>) -> Delta {
        match push {
            Some(Push::Delta(delta)) => delta,
            other => panic!("no delta: {other:?}"),
        }
    }

    #[test]
    fn who_comes_and_goes_within_a_window_is_not_told() {
        let mut journal = journal();
        journal.note(&[is(1)]);
        journal.note(&[left(1)]);
        assert!(!journal.is_dirty());
        assert!(journal.close_window().is_none());
        journal.note(&[is(1), is(2)]);
        let told = delta(journal.close_window());
        assert_eq!((told.f, told.t, told.j.len(), told.c), (0, 1, 2, 2));
    }

    #[test]
    fn who_comes_back_gets_what_is_missing_and_nothing_else() {
        let mut journal = journal();
        for id in 1..=3 {
            journal.note(&[is(id)]);
            journal.close_window();
        }
        journal.note(&[left(2)]);
        journal.close_window();
        let missing = journal.since(Position { e: journal.epoch, s: 1 }).unwrap();
        assert_eq!((missing.f, missing.t), (1, 4));
        assert_eq!((missing.j.len(), missing.l), (1, vec!["u2".to_owned()]));
        assert!(journal.since(Position { e: journal.epoch, s: 5 }).is_none(), "nobody knows the future");
        assert!(journal.since(Position { e: Epoch::new([2; 16]), s: 1 }).is_none());
        let now = journal.since(journal.position()).unwrap();
        assert_eq!((now.f, now.t, now.j.len()), (4, 4, 0));
    }

    #[test]
    fn what_is_too_long_ago_is_forgotten() {
        let mut journal = journal();
        for round in 0..=KEPT {
            journal.note(&[if round % 2 == 0 { is(1) } else { left(1) }]);
            journal.close_window();
        }
        assert!(journal.since(Position { e: journal.epoch, s: 0 }).is_none());
        assert!(journal.since(Position { e: journal.epoch, s: 1 }).is_some());
        assert_eq!(journal.logged, KEPT);
    }

    #[test]
    fn a_window_that_changes_much_is_not_told_one_by_one() {
        let mut journal = journal();
        journal.note(&(0..=FEW).map(is).collect::<Vec<_>>());
        assert!(matches!(journal.close_window(), Some(Push::Stale)));
        let mut replica = Replica::new(journal.epoch);
        replica.fetched(Answer::Snapshot(journal.snapshot())).unwrap();
        assert_eq!(replica.rows().len(), FEW + 1);
        journal.note(&[left(0)]);
        replica.delta(delta(journal.close_window())).unwrap();
        assert!(replica.is_proven());
    }
}
