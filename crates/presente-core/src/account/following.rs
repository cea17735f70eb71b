//! Following a server that tells its list in changes: what it said, what is missing, and when to fetch that. Pure, and
//! of one connection; the copy of the list goes on to the next one.

use crate::connection::backoff;
use presente_wire::{
    Answer, Applied, Capability, Change, Delta, Epoch, Hello, Position, Replica, Stale, Unproven, VERSION,
};
use rand::{Rng, RngExt};
use std::time::Duration;
use tokio::time::Instant;

/// How long what we missed may take to come by the socket, where the server has said that it will.
const RESUME_WITHIN: Duration = Duration::from_secs(3);
/// The list is not fetched twice within this time, whatever the server says.
const FETCH_GAP: Duration = Duration::from_secs(1);
/// How often in a row the list may not come right before it is had in another way.
const TRIES: u32 = 5;
/// How long the list must have been right before what was wrong before counts no more.
const STEADY: Duration = Duration::from_secs(60);
/// The longest time that a server may have us wait.
const MAX_JITTER: Duration = Duration::from_secs(60);
/// How long a fetch waits at most that many clients do not need at the same moment.
const OWN_JITTER: Duration = Duration::from_secs(2);
/// The longest path that is one.
const MAX_PATH_BYTES: usize = 256;

/// What became of something that was heard.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing to tell.
    Nothing,
    /// The list is right, and these are the changes.
    Changed(Vec<Change>),
    /// The list is right, and is to be looked at as a whole.
    Whole,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fetch {
    /// Not needed.
    No,
    /// To be asked for then.
    Due(Instant),
    /// It was asked for and is not there yet.
    UnderWay {
        /// Something has come meanwhile that it may not have.
        again: Option<Instant>,
    },
}

/// By which way the list is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Over HTTP: the server has it ready and compressed.
    Http,
    /// By the socket: of several servers behind one address it reaches the one that we follow.
    Socket,
}

/// What is agreed with the server, and how far the copy of its list is the list.
#[derive(Debug)]
pub(super) struct Following {
    replica: Replica,
    /// The run of the server that the socket is connected to.
    epoch: Epoch,
    way: Way,
    /// Where the list is fetched.
    path: String,
    /// The server lets people say how they want to be seen.
    pub(super) can_set: bool,
    /// Within a random part of this we come back if the connection is lost without a word.
    pub(super) jitter: Duration,
    fetch: Fetch,
    /// When the last fetch began.
    fetched_at: Option<Instant>,
    /// What we missed should have come by then.
    resume_until: Option<Instant>,
    /// An answer that ends before this sequence of the same run is out of date.
    wanted: Option<Position>,
    /// How often in a row it did not come right.
    trouble: u32,
    trouble_at: Option<Instant>,
    /// The last fetch brought nothing that is right.
    failed: bool,
}

impl Following {
    /// Takes up what the server grants: `None` if it is nothing that we know how to follow. `kept` is the copy of the
    /// last connection, `offered` what we have offered to go on from.
    pub(super) fn granted(
        hello: Hello,
        kept: Option<Replica>,
        offered: Option<Position>,
        now: Instant,
    ) -> Option<Self> {
        let is_path = hello.snap.starts_with('/')
            && !hello.snap.starts_with("//")
            && hello.snap.len() <= MAX_PATH_BYTES;
        if hello.v != VERSION || !hello.caps.contains(&Capability::Delta) || !is_path {
            return None;
        }
        let mut replica = kept.unwrap_or_else(|| Replica::new(hello.e));
        replica.begin(hello.e);
        let here = replica.position();
        let resumes = hello.resumed && here.is_some() && here == offered;
        let is_current = resumes && here.is_some_and(|here| here.s == hello.s);
        if !(resumes && replica.is_proven()) {
            replica.is_stale();
        }
        let resumes = resumes && replica.is_proven();
        Some(Self {
            replica,
            epoch: hello.e,
            way: Way::Http,
            path: hello.snap,
            can_set: hello.caps.contains(&Capability::Set),
            jitter: bounded(hello.jitter),
            fetch: if resumes { Fetch::No } else { Fetch::Due(now) },
            fetched_at: None,
            resume_until: (resumes && !is_current).then(|| now + RESUME_WITHIN),
            wanted: Some(Position { e: hello.e, s: hello.s }),
            trouble: 0,
            trouble_at: None,
            failed: false,
        })
    }

    /// The copy is the server's list, as far as the server has told.
    pub(super) fn is_current(&self) -> bool {
        let here = self.replica.position().filter(|_| self.replica.is_proven());
        let reached = |wanted: Position| here.is_some_and(|here| here.e != wanted.e || here.s >= wanted.s);
        here.is_some() && self.wanted.is_none_or(reached)
    }

    /// The list is not right and could not be put right so far.
    pub(super) fn is_behind(&self) -> bool {
        self.failed && !self.is_current()
    }

    /// It did not come right so often that it should be had in another way.
    pub(super) fn is_hopeless(&self) -> bool {
        self.trouble >= TRIES
    }

    /// By which way the list is fetched.
    pub(super) fn way(&self) -> Way {
        self.way
    }

    /// Where the list is fetched over HTTP.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The copy.
    pub(super) fn replica(&self) -> &Replica {
        &self.replica
    }

    /// The copy, for the next connection.
    pub(super) fn into_replica(self) -> Replica {
        self.replica
    }

    /// When [`Self::tick`] wants to be called.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let due = if let Fetch::Due(at) = self.fetch { Some(at) } else { None };
        due.into_iter().chain(self.resume_until).min()
    }

    /// Whether the list is to be fetched now, and from where on.
    pub(super) fn tick(&mut self, now: Instant) -> Option<Option<Position>> {
        if self.resume_until.take_if(|until| now >= *until).is_some() && !self.is_current() {
            // What was promised did not come.
            self.replica.is_stale();
            self.fetch_at(now, now);
        }
        let due = matches!(self.fetch, Fetch::Due(at) if now >= at);
        due.then(|| {
            self.fetch = Fetch::UnderWay { again: None };
            self.fetched_at = Some(now);
            self.replica.position()
        })
    }

    /// Changes have come; `None` if they cannot be read.
    pub(super) fn delta(&mut self, delta: Option<Delta>, now: Instant, rng: &mut dyn Rng) -> Heard {
        let was_current = self.is_current();
        let applied = match delta {
            Some(delta) => {
                // The socket's word is whom we are connected to.
                self.epoch = delta.e;
                self.replica.delta(delta)
            }
            None => {
                self.replica.is_stale();
                Err(Unproven::Mismatch)
            }
        };
        match applied {
            Ok(Applied::Nothing) => Heard::Nothing,
            Ok(Applied::Changed(_) | Applied::Replaced) if !self.is_current() => Heard::Nothing,
            Ok(Applied::Changed(changes)) if was_current => {
                self.is_right(now);
                Heard::Changed(changes)
            }
            Ok(Applied::Changed(_) | Applied::Replaced) => {
                self.is_right(now);
                Heard::Whole
            }
            Err(why) => {
                tracing::info!(%why, "the list is fetched");
                if why == Unproven::Mismatch {
                    self.is_wrong(now);
                }
                let within =
                    if why == Unproven::OtherEpoch { self.jitter } else { self.jitter.min(OWN_JITTER) };
                self.fetch_at(now + random_part(within, rng), now);
                Heard::Nothing
            }
        }
    }

    /// Too much has changed to be told in changes.
    pub(super) fn stale(&mut self, stale: Stale, now: Instant, rng: &mut dyn Rng) {
        let told = Position { e: stale.e, s: stale.t };
        let known = self.replica.position().filter(|_| self.replica.is_proven());
        if known.is_some_and(|here| here.e == told.e && here.s >= told.s) {
            return;
        }
        self.replica.is_stale();
        self.wanted = Some(told);
        self.fetch_at(now + random_part(bounded(stale.jitter), rng), now);
    }

    /// The list, or what was missing of it, has been fetched; `None` if it has not.
    pub(super) fn fetched(&mut self, answer: Option<Answer>, now: Instant, rng: &mut dyn Rng) -> Heard {
        let Fetch::UnderWay { again } = self.fetch else { return Heard::Nothing };
        self.fetch = Fetch::No;
        let is_anothers = answer.as_ref().is_some_and(|answer| answer.epoch() != self.epoch);
        if self.way == Way::Http && is_anothers {
            // HTTP leads to another one of several servers.
            self.way = Way::Socket;
            self.fetch = Fetch::Due(now);
            return Heard::Nothing;
        }
        let applied = answer.map(|answer| self.replica.fetched(answer));
        if matches!(applied, Some(Ok(_))) && self.is_current() {
            self.is_right(now);
            return Heard::Whole;
        }
        self.replica.is_stale();
        match (applied, again) {
            // It was overtaken.
            (Some(Ok(_)), Some(again)) => self.fetch_at(again, now),
            (applied, _) => {
                if let Some(Err(why)) = applied {
                    tracing::info!(%why, "what was fetched is not the list");
                }
                self.failed = true;
                self.is_wrong(now);
                if self.trouble >= TRIES / 2 {
                    self.way = Way::Socket;
                }
                self.fetch_at(now + backoff(self.trouble, rng), now);
            }
        }
        Heard::Nothing
    }

    fn is_right(&mut self, now: Instant) {
        self.failed = false;
        self.resume_until = None;
        if let Fetch::Due(_) = self.fetch {
            self.fetch = Fetch::No;
        }
        if self.trouble_at.is_none_or(|at| now.duration_since(at) >= STEADY) {
            self.trouble = 0;
        }
    }

    fn is_wrong(&mut self, now: Instant) {
        if self.trouble_at.is_some_and(|at| now.duration_since(at) >= STEADY) {
            self.trouble = 0;
        }
        self.trouble = self.trouble.saturating_add(1);
        self.trouble_at = Some(now);
    }

    /// Has the list fetched then, or earlier if that was wanted already, but never too often.
    fn fetch_at(&mut self, at: Instant, now: Instant) {
        let earliest = self.fetched_at.map_or(now, |last| last + FETCH_GAP);
        let at = at.max(earliest);
        self.fetch = match self.fetch {
            Fetch::No => Fetch::Due(at),
            Fetch::Due(before) => Fetch::Due(before.min(at)),
            Fetch::UnderWay { again } => {
                Fetch::UnderWay { again: Some(again.map_or(at, |before| before.min(at))) }
            }
        };
    }
}

/// A time in milliseconds as a server tells it, within bounds.
pub(super) fn bounded(millis: u64) -> Duration {
    Duration::from_millis(millis).min(MAX_JITTER)
}

/// A random part of a time.
pub(super) fn random_part(time: Duration, rng: &mut dyn Rng) -> Duration {
    rng.random_range(Duration::ZERO..=time)
}

#[cfg(test)]
#[path = "following_tests.rs"]
mod tests;
