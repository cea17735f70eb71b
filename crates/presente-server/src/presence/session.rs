//! One session of the machine: a device with its sockets.

use std::{collections::BTreeMap, time::Instant};

use presente_wire::Availability;

use super::{Entry, Rule, SocketId, UserId};

#[derive(Debug)]
pub(super) struct Session {
    pub(super) user: UserId,
    pub(super) expires: Instant,
    pub(super) signed_in: bool,
    pub(super) rule: Rule,
    pub(super) sockets: BTreeMap<SocketId, Availability>,
    /// What the sockets came to when there last were any: it holds through the grace.
    last: Availability,
    pub(super) grace_until: Instant,
    /// Whether it was here when it was last looked at.
    pub(super) here: bool,
    /// When the clock alone changes something here; kept in step with the machine's deadlines.
    pub(super) deadline: Instant,
}

impl Session {
    pub(super) fn new(now: Instant, user: UserId, entry: &Entry) -> Self {
        Self {
            user,
            expires: entry.expires,
            signed_in: entry.signed_in,
            rule: Rule::Sockets,
            sockets: BTreeMap::new(),
            last: Availability::Online,
            grace_until: now,
            here: false,
            deadline: entry.expires,
        }
    }

    pub(super) fn is_here(&self, now: Instant) -> bool {
        let kept = self.rule == Rule::UntilSignOut || !self.sockets.is_empty() || now < self.grace_until;
        self.signed_in && now < self.expires && kept
    }

    pub(super) fn next_deadline(&self) -> Instant {
        let in_grace = self.here && self.rule == Rule::Sockets && self.sockets.is_empty();
        if in_grace { self.expires.min(self.grace_until) } else { self.expires }
    }

    /// All its sockets taken together.
    pub(super) fn availability(&self) -> Availability {
        Availability::merged(self.sockets.values().copied()).unwrap_or(self.last)
    }

    /// Takes a socket away; without any, the session is here until `grace_until`.
    pub(super) fn remove(&mut self, socket: SocketId, grace_until: Instant) {
        let last = self.availability();
        if self.sockets.remove(&socket).is_some() && self.sockets.is_empty() {
            self.last = last;
            self.grace_until = grace_until;
        }
    }
}
