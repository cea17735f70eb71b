//! The client's half: a copy of the server's list that proves itself after every change.

use std::{
    collections::{BTreeMap, VecDeque},
    mem,
};

use crate::{
    delta::{Answer, Delta, Snapshot},
    digest::{Digest, Epoch},
    hello::Position,
    row::Row,
};

/// Deltas that may wait for a snapshot; beyond them the oldest go, and the gap is found as any other.
const WAITING: usize = 256;

/// How far a copy can be relied upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is the server's list.
    Proven,
    /// It was the server's list at its sequence; there is more.
    Behind,
    /// It is nothing to build upon.
    Unknown,
}

/// A copy of the list. It is either *proven* (count and digest were right at its sequence) or has to be fetched.
#[derive(Debug, Clone)]
pub struct Replica {
    epoch: Epoch,
    sequence: u64,
    rows: BTreeMap<String, Row>,
    digest: Digest,
    standing: Standing,
    /// Deltas that came before what they build upon.
    waiting: VecDeque<Delta>,
}

/// One change of the copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Somebody came, or has another row.
    Is(Row),
    /// Somebody left.
    Left(String),
}

/// What became of something that the server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// The copy is right; this has changed since it last was. (A copy that was fetched whole is [`Applied::Replaced`].)
    Changed(Vec<Change>),
    /// The copy is right and new as a whole: look at [`Replica::rows`].
    Replaced,
    /// Nothing new: known already, or kept until the snapshot is there.
    Nothing,
}

/// The copy is not the server's list, and why. It is to be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// Something in between did not arrive.
    #[error("changes are missing")]
    Gap,
    /// The copy after the change is not what the server has.
    #[error("the list is not the server's")]
    Mismatch,
    /// It comes from another run of the server.
    #[error("the server has started anew")]
    OtherEpoch,
}

impl Replica {
    /// An empty copy of a list that is still to be fetched.
    #[must_use]
    pub fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            sequence: 0,
            rows: BTreeMap::new(),
            digest: Digest::default(),
            standing: Standing::Unknown,
            waiting: VecDeque::new(),
        }
    }

    /// Where the copy was last proven, for resuming and for asking what is missing since; `None` when there is nothing
    /// to build upon.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        let position = Position { e: self.epoch, s: self.sequence };
        (self.standing != Standing::Unknown).then_some(position)
    }

    /// Whether the copy is the server's list, as far as can be known.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.standing == Standing::Proven
    }

    /// The run of the server that this is a copy of.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Who is online, as far as the copy knows.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &Row> {
        self.rows.values()
    }

    /// Takes a delta of the socket. While the copy is not proven it is kept for after the snapshot.
    ///
    /// # Errors
    /// The copy has to be fetched.
    pub fn delta(&mut self, delta: Delta) -> Result<Applied, Unproven> {
        if delta.e != self.epoch {
            return Err(self.doubt(Unproven::OtherEpoch));
        }
        if !self.is_proven() {
            self.keep(delta);
            return Ok(Applied::Nothing);
        }
        if delta.t <= self.sequence {
            return Ok(Applied::Nothing);
        }
        if delta.f > self.sequence {
            self.keep(delta);
            return Err(self.doubt(Unproven::Gap));
        }
        self.apply(delta).map(Applied::Changed)
    }

    /// Takes what the server answered when the list, or what is missing of it, was fetched; and then what has come by
    /// socket meanwhile.
    ///
    /// # Errors
    /// The copy has to be fetched again.
    pub fn fetched(&mut self, answer: Answer) -> Result<Applied, Unproven> {
        match answer {
            Answer::Snapshot(snapshot) => self.replace(snapshot)?,
            Answer::Delta(delta) if delta.e != self.epoch => return Err(self.doubt(Unproven::OtherEpoch)),
            Answer::Delta(delta) if self.position().is_none_or(|here| delta.f > here.s) => {
                return Err(self.doubt(Unproven::Gap));
            }
            Answer::Delta(delta) => {
                self.standing = Standing::Proven;
                if delta.t > self.sequence {
                    self.apply(delta)?;
                }
            }
        }
        let mut waiting = mem::take(&mut self.waiting);
        waiting.make_contiguous().sort_by_key(|delta| delta.f);
        for delta in waiting {
            // After a gap the rest has nothing to build upon, and what is fetched next is newer than it.
            self.delta(delta)?;
        }
        Ok(Applied::Replaced)
    }

    /// The copy is out of date: the server says so, or the connection has ended. It is still where to build upon.
    pub fn is_stale(&mut self) {
        self.doubt(Unproven::Gap);
    }

    /// Another run of the server answers: nothing of the copy is of use.
    pub fn begin(&mut self, epoch: Epoch) {
        if epoch != self.epoch {
            *self = Self::new(epoch);
        }
    }

    fn replace(&mut self, snapshot: Snapshot) -> Result<(), Unproven> {
        let Snapshot { e, s, c, h, rows } = snapshot;
        if e != self.epoch {
            self.waiting.retain(|delta| delta.e == e);
        }
        self.epoch = e;
        self.sequence = s;
        self.digest = Digest::of(&e, &rows);
        self.rows = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
        self.prove(c, h)
    }

    /// Makes the changes of a delta that begins at or before our sequence: it has everything since.
    fn apply(&mut self, delta: Delta) -> Result<Vec<Change>, Unproven> {
        let Delta { t, j, u, l, c, h, .. } = delta;
        let mut changes = Vec::with_capacity(j.len() + u.len() + l.len());
        for row in j.into_iter().chain(u) {
            self.digest.add(&self.epoch, &row);
            if let Some(old) = self.rows.insert(row.id.clone(), row.clone()) {
                self.digest.remove(&self.epoch, &old);
                if old == row {
                    continue;
                }
            }
            changes.push(Change::Is(row));
        }
        for id in l {
            if let Some(old) = self.rows.remove(&id) {
                self.digest.remove(&self.epoch, &old);
                changes.push(Change::Left(id));
            }
        }
        self.sequence = t;
        self.prove(c, h)?;
        Ok(changes)
    }

    fn prove(&mut self, count: u64, digest: Digest) -> Result<(), Unproven> {
        if self.digest == digest && u64::try_from(self.rows.len()) == Ok(count) {
            self.standing = Standing::Proven;
            return Ok(());
        }
        self.standing = Standing::Unknown;
        Err(Unproven::Mismatch)
    }

    fn keep(&mut self, delta: Delta) {
        if self.waiting.len() == WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back(delta);
    }

    fn doubt(&mut self, why: Unproven) -> Unproven {
        if self.standing == Standing::Proven {
            self.standing = Standing::Behind;
        }
        why
    }
}

#[cfg(test)]
mod tests;
