//! What one socket may say, and how often a handshake may try to CONNECT.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::rate::{Rate, Spent};

/// Events of a socket a minute that are listened to.
const EVENTS: u32 = 100;
/// Events of a socket a minute after which nobody listens any more.
const PATIENCE: u32 = 300;
/// Lists that a socket may have at once, and in how long that many come back.
const LISTS: (u32, Duration) = (5, Duration::from_secs(20));
/// Attempts to CONNECT on one handshake a minute: each costs a look into the database.
const CONNECTS: u32 = 10;

/// What to do with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It counts.
    Pass,
    /// It does not; whoever waits for an answer is told why.
    Refuse,
    /// Too much for too long: the socket is closed.
    Close,
}

/// What to do with a question for the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asking {
    /// Answer now.
    Now,
    /// Answer once this time has passed, with the list of then.
    Later(Duration),
    /// An answer is on its way already and will do for this question too.
    OnItsWay,
}

/// What a socket has said so far.
#[derive(Debug, Default)]
pub(crate) struct SocketBudget {
    events: Spent,
    patience: Spent,
    lists: Spent,
    /// When the answer that was put off is due.
    list_due: Option<Instant>,
}

impl SocketBudget {
    /// An event has come, whatever it is.
    pub(crate) fn event(&mut self, now: Instant) -> Verdict {
        if self.patience.take(Rate::a_minute(PATIENCE), now).is_err() {
            return Verdict::Close;
        }
        match self.events.take(Rate::a_minute(EVENTS), now) {
            Ok(()) => Verdict::Pass,
            Err(_) => Verdict::Refuse,
        }
    }

    /// The list is asked for. Never refused: a question too many is answered later, together with those
    /// that come until then.
    pub(crate) fn list(&mut self, now: Instant) -> Asking {
        if self.list_due.is_some_and(|due| due > now) {
            return Asking::OnItsWay;
        }
        let (count, period) = LISTS;
        let wait = self.lists.reserve(Rate::new(count, period), now);
        if wait.is_zero() {
            return Asking::Now;
        }
        self.list_due = Some(now + wait);
        Asking::Later(wait)
    }
}

/// The attempts to CONNECT of one handshake; kept in the handshake's extensions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connects(Arc<Mutex<Spent>>);

impl Connects {
    /// Whether one more attempt is looked at.
    pub(crate) fn admit(&self, now: Instant) -> bool {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spent.take(Rate::a_minute(CONNECTS), now).is_ok()
    }
}
