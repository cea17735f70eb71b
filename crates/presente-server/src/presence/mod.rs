//! The presence machine of this node: who is here and how, decided from sign-ins, sign-outs, sockets and the clock.
//!
//! Pure: no I/O, and time is passed in. A session is here while it is signed in, its token is good, and one of its
//! sockets is alive, or was within the grace. A session that stays *until sign-out* (as in the field, where servers
//! know of no token on a socket) needs no socket, until it gets its first one. A person is here while any of their
//! sessions is, and is shown unless they have chosen to be invisible.

mod session;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use presente_wire::Availability;

use crate::store::{Account, Choices};
use session::Session;

/// The id of a user, as clients see it.
pub(crate) type UserId = Arc<str>;

/// The number of a session in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SessionId(pub(crate) i64);

/// The number of a socket; never used twice while the server runs, and later ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SocketId(pub(crate) u64);

/// What keeps a signed-in session here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Its sockets, and the grace after the last one.
    Sockets,
    /// The sign-in alone, until a first socket proves itself with its token; from then on the sockets.
    UntilSignOut,
}

/// How a socket went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// It was closed: its client may be on its way back.
    Closed,
    /// It has answered nothing for so long that the time to come back is over as well.
    Silent,
}

/// A session as it enters the machine.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) session: SessionId,
    pub(crate) account: Arc<Account>,
    /// Those of the person, unless the machine knows them already.
    pub(crate) choices: Choices,
    /// When its token ends.
    pub(crate) expires: Instant,
    /// Whether it counts, or only listens.
    pub(crate) signed_in: bool,
}

/// How somebody is seen by others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) availability: Availability,
    pub(crate) status_line: Arc<str>,
}

/// Somebody is seen in another way, or no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) account: Arc<Account>,
    pub(crate) shown: Option<Shown>,
}

/// What a step did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    /// Who is seen in another way, in order; everybody once.
    pub(crate) changes: Vec<Change>,
    /// Sockets that must go: their token has ended, or newer ones of the same person took their place.
    pub(crate) dismissed: Vec<SocketId>,
}

/// What a person has told the machine, by whichever device.
#[derive(Debug)]
struct Person {
    account: Arc<Account>,
    choices: Choices,
    sessions: BTreeSet<SessionId>,
    /// What others were told last.
    told: Option<Shown>,
}

/// How long and how many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// How long a session is here without a socket.
    pub(crate) grace: Duration,
    /// Sockets that one person may have; the oldest make room.
    pub(crate) sockets_per_user: usize,
}

/// The machine. Every step first lets the clock do what is due at its `now`.
#[derive(Debug)]
pub(crate) struct Presence {
    bounds: Bounds,
    sessions: BTreeMap<SessionId, Session>,
    people: BTreeMap<UserId, Person>,
    deadlines: BTreeSet<(Instant, SessionId)>,
}

impl Presence {
    /// An empty machine.
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, sessions: BTreeMap::new(), people: BTreeMap::new(), deadlines: BTreeSet::new() }
    }

    /// A session signs in, signs in again with a later end, or is found signed in when the server starts.
    pub(crate) fn sign_in(&mut self, now: Instant, entry: &Entry, rule: Rule, grace: Duration) -> Step {
        let mut step = self.tick(now);
        self.admit(now, entry);
        if let Some(session) = self.sessions.get_mut(&entry.session) {
            session.expires = entry.expires;
            session.signed_in = true;
            session.rule = rule;
            session.grace_until = now + grace;
        }
        self.settle(now, entry.session, &mut step);
        step
    }

    /// A session was signed in again at another node. Its sockets here count from now on.
    pub(crate) fn resume(&mut self, now: Instant, id: SessionId, expires: Instant) -> Step {
        let mut step = self.tick(now);
        if let Some(session) = self.sessions.get_mut(&id) {
            (session.signed_in, session.expires) = (true, expires);
        }
        self.settle(now, id, &mut step);
        step
    }

    /// A session signs out. Its token may still listen, until `listen_until` at most.
    pub(crate) fn sign_out(&mut self, now: Instant, id: SessionId, listen_until: Instant) -> Step {
        let mut step = self.tick(now);
        if let Some(session) = self.sessions.get_mut(&id)
            && session.signed_in
        {
            session.signed_in = false;
            session.expires = session.expires.min(listen_until);
        }
        self.settle(now, id, &mut step);
        step
    }

    /// A socket has proved itself with the session's token. A session that is not signed in only listens.
    pub(crate) fn attach(&mut self, now: Instant, entry: &Entry, socket: SocketId) -> Step {
        let mut step = self.tick(now);
        let id = entry.session;
        self.admit(now, entry);
        if let Some(session) = self.sessions.get_mut(&id) {
            // A device that was away is still so when it comes back, until it says otherwise.
            let availability = session.availability();
            session.sockets.insert(socket, availability);
            session.rule = Rule::Sockets;
        }
        self.make_room(now, &entry.account.id, &mut step);
        self.settle(now, id, &mut step);
        step
    }

    /// A socket is gone. Saying so twice does no harm.
    pub(crate) fn detach(
        &mut self,
        now: Instant,
        id: SessionId,
        socket: SocketId,
        farewell: Farewell,
    ) -> Step {
        let mut step = self.tick(now);
        self.drop_socket(now, id, socket, farewell);
        self.settle(now, id, &mut step);
        step
    }

    /// A device says how it can be reached.
    pub(crate) fn set(
        &mut self,
        now: Instant,
        id: SessionId,
        socket: SocketId,
        availability: Availability,
    ) -> Step {
        let mut step = self.tick(now);
        if let Some(session) = self.sessions.get_mut(&id)
            && let Some(device) = session.sockets.get_mut(&socket)
        {
            *device = availability;
        }
        self.settle(now, id, &mut step);
        step
    }

    /// A person has chosen how to be seen, for all devices.
    pub(crate) fn choose(&mut self, now: Instant, user: &UserId, choices: Choices) -> Step {
        let mut step = self.tick(now);
        if let Some(person) = self.people.get_mut(user) {
            person.choices = choices;
        }
        self.tell(user, &mut step);
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

    /// Whether the session is signed in (here or not).
    pub(crate) fn is_signed_in(&self, id: SessionId) -> bool {
        self.sessions.get(&id).is_some_and(|session| session.signed_in)
    }

    /// The sessions that are known here, of everybody or of one person.
    pub(crate) fn sessions(&self, user: Option<&UserId>) -> Vec<SessionId> {
        match user {
            None => self.sessions.keys().copied().collect(),
            Some(user) => self.people.get(user).into_iter().flat_map(|p| &p.sessions).copied().collect(),
        }
    }

    /// The open sockets of a person.
    pub(crate) fn sockets(&self, user: &UserId) -> Vec<SocketId> {
        let sessions = self.people.get(user).into_iter().flat_map(|person| &person.sessions);
        sessions.filter_map(|id| self.sessions.get(id)).flat_map(|s| s.sockets.keys()).copied().collect()
    }

    /// What a person has chosen, if the person is known here.
    pub(crate) fn choices(&self, user: &UserId) -> Option<&Choices> {
        self.people.get(user).map(|person| &person.choices)
    }

    /// How a device of a person last said it can be reached.
    #[cfg(test)]
    pub(crate) fn availability(&self, id: SessionId, socket: SocketId) -> Availability {
        let session = self.sessions.get(&id);
        let device = session.and_then(|session| session.sockets.get(&socket)).copied();
        device.unwrap_or_default()
    }

    /// Everybody who is shown, as they were told last.
    pub(crate) fn everybody(&self) -> impl Iterator<Item = Change> {
        self.people.values().filter(|person| person.told.is_some()).map(Person::change)
    }

    /// Makes room for a session that is not known yet.
    fn admit(&mut self, now: Instant, entry: &Entry) {
        if self.sessions.contains_key(&entry.session) {
            return;
        }
        let user = Arc::clone(&entry.account.id);
        let person = self.people.entry(Arc::clone(&user)).or_insert_with(|| Person {
            account: Arc::clone(&entry.account),
            choices: entry.choices.clone(),
            sessions: BTreeSet::new(),
            told: None,
        });
        person.sessions.insert(entry.session);
        self.deadlines.insert((entry.expires, entry.session));
        self.sessions.insert(entry.session, Session::new(now, user, entry));
    }

    /// The oldest sockets of a person go when there are too many: one of them may be the new one's own past, cut off
    /// without a word.
    fn make_room(&mut self, now: Instant, user: &UserId, step: &mut Step) {
        let mut sockets: Vec<(SocketId, SessionId)> = Vec::new();
        for id in self.people.get(user).into_iter().flat_map(|person| &person.sessions) {
            let session = self.sessions.get(id).into_iter();
            sockets.extend(session.flat_map(|s| s.sockets.keys()).map(|&socket| (socket, *id)));
        }
        sockets.sort_unstable();
        let surplus = sockets.len().saturating_sub(self.bounds.sockets_per_user);
        for (socket, id) in sockets.into_iter().take(surplus) {
            step.dismissed.push(socket);
            self.drop_socket(now, id, socket, Farewell::Closed);
            self.settle(now, id, step);
        }
    }

    fn drop_socket(&mut self, now: Instant, id: SessionId, socket: SocketId, farewell: Farewell) {
        let grace = match farewell {
            Farewell::Closed => self.bounds.grace,
            Farewell::Silent => Duration::ZERO,
        };
        if let Some(session) = self.sessions.get_mut(&id) {
            session.remove(socket, now + grace);
        }
    }

    /// Brings everything that is derived from a session up to date after it was touched.
    fn settle(&mut self, now: Instant, id: SessionId, step: &mut Step) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.here = session.is_here(now);
        let user = Arc::clone(&session.user);
        self.deadlines.remove(&(session.deadline, id));
        session.deadline = session.next_deadline();
        self.deadlines.insert((session.deadline, id));
        let idle = !session.signed_in && session.sockets.is_empty();
        self.tell(&user, step);
        if idle {
            self.remove(id);
        }
    }

    fn expire(&mut self, now: Instant, id: SessionId, step: &mut Step) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.signed_in = false;
            step.dismissed.extend(session.sockets.keys());
            self.settle(now, id, step);
        }
        self.remove(id);
    }

    /// Says how a person is seen, if that is another way than was said last.
    fn tell(&mut self, user: &UserId, step: &mut Step) {
        let Some(person) = self.people.get_mut(user) else { return };
        let here = person.sessions.iter().filter_map(|id| self.sessions.get(id)).filter(|s| s.here);
        let merged = Availability::merged(here.map(Session::availability));
        let shown = merged.filter(|_| !person.choices.invisible).map(|availability| Shown {
            availability,
            status_line: person.choices.status_line.as_str().into(),
        });
        if shown == person.told {
            return;
        }
        person.told = shown;
        step.changes.retain(|change| change.account.id != *user);
        step.changes.push(person.change());
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

impl Person {
    fn change(&self) -> Change {
        Change { account: Arc::clone(&self.account), shown: self.told.clone() }
    }
}
