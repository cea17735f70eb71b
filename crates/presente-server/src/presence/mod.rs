//! The presence machine: who is online, decided from sign-ins, sign-outs, sockets and the clock.
//!
//! Pure: no I/O, and time is passed in. A session is online while it is signed in, its token is good, and
//! one of its sockets is alive, or was within the grace. A session that stays *until sign-out* (as in the
//! field, where servers know of no token on a socket) needs no socket, until it gets its first one.
//! A user is online while any of their sessions is.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

/// The id of a user, as clients see it.
pub(crate) type UserId = Arc<str>;

/// The number of a session in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SessionId(pub(crate) i64);

/// The number of a socket; never used twice while the server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SocketId(pub(crate) u64);

/// What keeps a signed-in session online.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Its sockets, and the grace after the last one.
    Sockets,
    /// The sign-in alone, until a first socket proves itself with its token; from then on the sockets.
    UntilSignOut,
}

/// A session as it enters the machine.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) session: SessionId,
    pub(crate) user: UserId,
    /// When its token ends.
    pub(crate) expires: Instant,
}

/// A user came or left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) user: UserId,
    pub(crate) online: bool,
}

/// What a step did, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    /// Who came and who left.
    pub(crate) changes: Vec<Change>,
    /// Sessions whose token has ended: their sockets may listen no longer.
    pub(crate) expired: Vec<SessionId>,
}

#[derive(Debug)]
struct Session {
    user: UserId,
    expires: Instant,
    signed_in: bool,
    rule: Rule,
    sockets: BTreeSet<SocketId>,
    grace_until: Instant,
    online: bool,
    /// When the clock alone changes something here; kept in step with `Presence::deadlines`.
    deadline: Instant,
}

impl Session {
    fn is_online(&self, now: Instant) -> bool {
        let kept = self.rule == Rule::UntilSignOut || !self.sockets.is_empty() || now < self.grace_until;
        self.signed_in && now < self.expires && kept
    }

    fn next_deadline(&self) -> Instant {
        let in_grace = self.online && self.rule == Rule::Sockets && self.sockets.is_empty();
        if in_grace { self.expires.min(self.grace_until) } else { self.expires }
    }
}

#[derive(Debug, Default)]
struct Person {
    sessions: BTreeSet<SessionId>,
    /// How many of them are online.
    online: usize,
}

/// The machine. Every step first lets the clock do what is due at its `now`.
#[derive(Debug)]
pub(crate) struct Presence {
    grace: Duration,
    sessions: BTreeMap<SessionId, Session>,
    people: BTreeMap<UserId, Person>,
    deadlines: BTreeSet<(Instant, SessionId)>,
}

impl Presence {
    /// An empty machine; `grace` is how long a session is online without a socket.
    pub(crate) fn new(grace: Duration) -> Self {
        Self { grace, sessions: BTreeMap::new(), people: BTreeMap::new(), deadlines: BTreeSet::new() }
    }

    /// A session signs in, signs in again with a later end, or is found signed in when the server starts.
    pub(crate) fn sign_in(&mut self, now: Instant, entry: Entry, rule: Rule) -> Step {
        let mut step = self.tick(now);
        let (id, expires) = (entry.session, entry.expires);
        self.admit(now, entry);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.expires = expires;
            session.signed_in = true;
            session.rule = rule;
            session.grace_until = now + self.grace;
        }
        self.settle(now, id, &mut step);
        step
    }

    /// All sessions of `user` sign out. Their tokens may still listen, until `listen_until` at most.
    pub(crate) fn sign_out(&mut self, now: Instant, user: &UserId, listen_until: Instant) -> Step {
        let mut step = self.tick(now);
        let sessions = self.people.get(user).map(|p| p.sessions.clone()).unwrap_or_default();
        for id in sessions {
            if let Some(session) = self.sessions.get_mut(&id)
                && session.signed_in
            {
                session.signed_in = false;
                session.expires = session.expires.min(listen_until);
            }
            self.settle(now, id, &mut step);
        }
        step
    }

    /// A socket has proved itself with the session's token. A session that is not signed in only listens.
    pub(crate) fn attach(&mut self, now: Instant, entry: Entry, socket: SocketId) -> Step {
        let mut step = self.tick(now);
        let id = entry.session;
        self.admit(now, entry);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.sockets.insert(socket);
            session.rule = Rule::Sockets;
        }
        self.settle(now, id, &mut step);
        step
    }

    /// A socket is gone. Saying so twice does no harm.
    pub(crate) fn detach(&mut self, now: Instant, id: SessionId, socket: SocketId) -> Step {
        let mut step = self.tick(now);
        if let Some(session) = self.sessions.get_mut(&id)
            && session.sockets.remove(&socket)
            && session.sockets.is_empty()
        {
            session.grace_until = now + self.grace;
        }
        self.settle(now, id, &mut step);
        step
    }

    /// A session is taken away altogether, token and all.
    pub(crate) fn revoke(&mut self, now: Instant, id: SessionId) -> Step {
        let mut step = self.tick(now);
        self.expire(now, id, &mut step);
        step
    }

    /// Lets the clock do what is due.
    pub(crate) fn tick(&mut self, now: Instant) -> Step {
        let mut step = Step::default();
        while let Some(&(deadline, id)) = self.deadlines.first()
            && deadline <= now
        {
            self.deadlines.pop_first();
            if self.sessions.get(&id).is_none_or(|session| session.expires <= now) {
                self.expire(now, id, &mut step);
            } else {
                self.settle(now, id, &mut step);
            }
        }
        step
    }

    /// When [`Self::tick`] has something to do next.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|&(deadline, _)| deadline)
    }

    /// Whether the session is signed in (online or not).
    pub(crate) fn is_signed_in(&self, id: SessionId) -> bool {
        self.sessions.get(&id).is_some_and(|session| session.signed_in)
    }

    /// Makes room for a session that is not known yet.
    fn admit(&mut self, now: Instant, entry: Entry) {
        let Entry { session: id, user, expires } = entry;
        if self.sessions.contains_key(&id) {
            return;
        }
        self.people.entry(Arc::clone(&user)).or_default().sessions.insert(id);
        self.deadlines.insert((expires, id));
        let session = Session {
            user,
            expires,
            signed_in: false,
            rule: Rule::Sockets,
            sockets: BTreeSet::new(),
            grace_until: now,
            online: false,
            deadline: expires,
        };
        self.sessions.insert(id, session);
    }

    /// Brings everything that is derived from a session up to date after it was touched.
    fn settle(&mut self, now: Instant, id: SessionId, step: &mut Step) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let (was, is) = (session.online, session.is_online(now));
        session.online = is;
        let user = Arc::clone(&session.user);
        self.deadlines.remove(&(session.deadline, id));
        session.deadline = session.next_deadline();
        self.deadlines.insert((session.deadline, id));
        let idle = !session.signed_in && session.sockets.is_empty();
        self.count(&user, was, is, step);
        if idle {
            self.remove(id);
        }
    }

    fn expire(&mut self, now: Instant, id: SessionId, step: &mut Step) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.signed_in = false;
            self.settle(now, id, step);
        }
        step.expired.push(id);
        self.remove(id);
    }

    fn count(&mut self, user: &UserId, was: bool, is: bool, step: &mut Step) {
        let Some(person) = self.people.get_mut(user) else { return };
        let before = person.online;
        match (was, is) {
            (false, true) => person.online += 1,
            (true, false) => person.online = person.online.saturating_sub(1),
            _ => return,
        }
        if (before == 0) != (person.online == 0) {
            step.changes.push(Change { user: Arc::clone(user), online: is });
        }
    }

    fn remove(&mut self, id: SessionId) {
        let Some(session) = self.sessions.remove(&id) else { return };
        self.deadlines.remove(&(session.deadline, id));
        if let Some(person) = self.people.get_mut(&session.user) {
            person.sessions.remove(&id);
            if person.sessions.is_empty() {
                self.people.remove(&session.user);
            }
        }
    }
}
