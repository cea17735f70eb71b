//! One node without its I/O: its own presence machine, what it knows of the others, and what has to be done about it.
//!
//! Pure: time comes in, [`Effects`] go out. The register does what they say; the model test plays with several nodes
//! and a stream between them.

#[cfg(test)]
mod model;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use presente_wire::{Me, OwnAvailability, Row};

use crate::{
    clock::{from_seconds, to_seconds},
    cluster::{Envelope, Members, Merged, NodeId, Said},
    presence::{Bounds, Presence, SessionId, SocketId, Step, UserId},
    store::{Choices, StoredSession},
};

/// How long the end of a session is remembered: longer than any socket takes from its token to its place.
const MEMORY: Duration = Duration::from_secs(60);
/// People in one part of everything.
const PART: usize = 500;

/// Both clocks at one moment: what is stored or said to others is a time of day, what happens here is not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    pub(crate) at: Instant,
    pub(crate) wall: SystemTime,
}

impl Now {
    /// A time of day on our own clock; what is past is now.
    pub(crate) fn instant(self, time: SystemTime) -> Instant {
        self.at + time.duration_since(self.wall).unwrap_or_default()
    }
}

/// How a session has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Signed out: its token may listen until then.
    SignedOut(SystemTime),
    /// Gone, token and all.
    Revoked,
}

/// What is to be done.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// To be said to all nodes, in this order.
    pub(crate) said: Vec<Envelope>,
    /// How the merged list has changed.
    pub(crate) merged: Vec<Merged>,
    /// Sockets that must go.
    pub(crate) dismissed: Vec<SocketId>,
    /// Whose own sockets are to hear how they are seen.
    pub(crate) seen: BTreeSet<UserId>,
    /// Events for all sockets of this node.
    pub(crate) emitted: Vec<(String, rmpv::Value)>,
}

/// What a command is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Session(i64),
    Choices(UserId),
}

/// The node.
pub(crate) struct Node {
    id: NodeId,
    /// Whether there may be others.
    is_shared: bool,
    pub(crate) presence: Presence,
    pub(crate) members: Members,
    /// The number of what we said last.
    number: u64,
    /// Commands of ours that have not come back yet, with their numbers. What others command about the same was said
    /// before them, and so it is over already.
    in_flight: BTreeMap<Subject, u64>,
    /// Sessions that ended a moment ago, for sockets that are just coming in with their token.
    ended: BTreeMap<SessionId, (Instant, End)>,
    /// Counts sessions that were signed out, in again, or revoked here.
    pub(crate) turned: u64,
}

impl Node {
    /// A node with nobody.
    pub(crate) fn new(id: NodeId, is_shared: bool, bounds: Bounds, now: Instant) -> Self {
        Self {
            presence: Presence::new(bounds),
            members: Members::new(id.clone(), now),
            id,
            is_shared,
            number: 0,
            in_flight: BTreeMap::new(),
            ended: BTreeMap::new(),
            turned: 0,
        }
    }

    /// How a person is seen by others.
    pub(crate) fn me(&self, user: &UserId) -> Me {
        let line = self.presence.choices(user).map(|choices| choices.status_line.clone());
        match self.members.shown(user) {
            Some(row) => {
                Me { a: row.availability.into(), t: line.unwrap_or_else(|| row.status_line.clone()) }
            }
            None => Me { a: OwnAvailability::Invisible, t: line.unwrap_or_default() },
        }
    }

    /// How a session has ended a moment ago, if it has.
    pub(crate) fn ended(&self, session: SessionId) -> Option<End> {
        self.ended.get(&session).map(|&(_, end)| end)
    }

    /// Takes a step of our own machine to everybody.
    pub(crate) fn conclude(&mut self, step: Step, fx: &mut Effects) {
        let Step { changes, dismissed } = step;
        fx.dismissed.extend(dismissed);
        if changes.is_empty() {
            return;
        }
        self.say(Said::changed(&changes), fx);
        let merged = self.members.local(&changes);
        publish(merged, fx);
    }

    /// Says something to all nodes.
    pub(crate) fn say(&mut self, said: Said, fx: &mut Effects) {
        if !self.is_shared {
            return;
        }
        if said.is_numbered() {
            self.number += 1;
            self.in_flight.extend(subjects(&said).into_iter().map(|subject| (subject, self.number)));
        }
        fx.said.push(Envelope { node: self.id.clone(), number: self.number, said });
    }

    /// Sessions end, here and at all nodes.
    pub(crate) fn end(&mut self, sessions: &[SessionId], end: End, now: Now, fx: &mut Effects) {
        if sessions.is_empty() {
            return;
        }
        let numbers = Said::numbers(sessions);
        let said = match end {
            End::SignedOut(until) => Said::SignedOut { sessions: numbers, listen_until: to_seconds(until) },
            End::Revoked => Said::Revoked { sessions: numbers },
        };
        self.say(said, fx);
        self.end_here(sessions, end, now, fx);
    }

    /// A session is signed in until then, here and at all nodes. Its sockets count; by itself it gets no grace.
    pub(crate) fn resume(&mut self, session: SessionId, expires: SystemTime, now: Now, fx: &mut Effects) {
        self.say(Said::Resumed { session: session.0, expires: to_seconds(expires) }, fx);
        self.resume_here(session, expires, now, fx);
    }

    /// A person has chosen how to be seen, here and at all nodes.
    pub(crate) fn choose(&mut self, user: &UserId, choices: Choices, now: Now, fx: &mut Effects) {
        let Choices { invisible, status_line } = choices.clone();
        self.say(Said::Chosen { user: user.to_string(), invisible, status_line }, fx);
        self.choose_here(user, choices, now, fx);
    }

    /// Takes in what a node says; whether commands of it may have been missed.
    pub(crate) fn hear(&mut self, envelope: &Envelope, now: Now, fx: &mut Effects) -> bool {
        let heard = self.members.hear(now.at, envelope);
        publish(heard.changes, fx);
        if let Some(node) = heard.ask {
            self.say(Said::Tell { who: Some(node) }, fx);
        }
        if heard.asked {
            self.say_everything(fx);
        }
        if envelope.node == self.id {
            self.in_flight.retain(|_, number| *number > envelope.number);
        } else {
            self.obey(&envelope.said, now, fx);
        }
        heard.gap
    }

    /// Drops nodes that have fallen silent; whether commands of theirs may have been missed.
    pub(crate) fn look(&mut self, now: Instant, fx: &mut Effects) -> bool {
        let heard = self.members.tick(now);
        publish(heard.changes, fx);
        heard.gap
    }

    /// Takes our people off the list, for all nodes, because we stop.
    pub(crate) fn leave(&mut self, fx: &mut Effects) {
        self.say(Said::Leave, fx);
        let mine = self.presence.everybody().map(|change| Arc::clone(&change.account.id));
        let gone = mine.filter(|user| !self.members.is_elsewhere(user));
        fx.merged.extend(gone.map(|user| Merged { user, row: None }));
    }

    /// Takes over what the database says of the sessions that are known here.
    pub(crate) fn adopt(
        &mut self,
        known: &[SessionId],
        stored: Vec<StoredSession>,
        now: Now,
        fx: &mut Effects,
    ) {
        let living: BTreeSet<SessionId> = stored.iter().map(|session| session.id).collect();
        let gone: Vec<_> = known.iter().filter(|id| !living.contains(id)).copied().collect();
        self.end_here(&gone, End::Revoked, now, fx);
        for session in stored {
            let is_signed_in = self.presence.is_signed_in(session.id);
            if is_signed_in && !session.signed_in {
                self.end_here(&[session.id], End::SignedOut(session.expires), now, fx);
            } else if session.signed_in && !is_signed_in {
                self.resume_here(session.id, session.expires, now, fx);
            }
            let user = &session.account.id;
            if self.presence.choices(user).is_some_and(|known| *known != session.choices) {
                self.choose_here(user, session.choices, now, fx);
            }
        }
    }

    /// Forgets what is remembered for sockets that must long have come in.
    pub(crate) fn forget_ended(&mut self, now: Instant) {
        self.ended.retain(|_, (at, _)| now.duration_since(*at) < MEMORY);
    }

    /// Does what was done at another node.
    fn obey(&mut self, said: &Said, now: Now, fx: &mut Effects) {
        let is_over = |subject: Subject| self.in_flight.contains_key(&subject);
        let ids = |numbers: &[i64]| {
            let due = numbers.iter().filter(|number| !is_over(Subject::Session(**number)));
            due.map(|&number| SessionId(number)).collect::<Vec<_>>()
        };
        match said {
            Said::SignedOut { sessions, listen_until } => {
                let sessions = ids(sessions);
                self.end_here(&sessions, End::SignedOut(from_seconds(*listen_until)), now, fx);
            }
            // There is no way back from this one.
            Said::Revoked { sessions } => {
                let sessions: Vec<_> = sessions.iter().map(|&number| SessionId(number)).collect();
                self.end_here(&sessions, End::Revoked, now, fx);
            }
            Said::Resumed { session, expires } => {
                for session in ids(&[*session]) {
                    self.resume_here(session, from_seconds(*expires), now, fx);
                }
            }
            Said::Chosen { user, invisible, status_line } => {
                let user = UserId::from(user.as_str());
                if !is_over(Subject::Choices(Arc::clone(&user))) {
                    let choices = Choices { invisible: *invisible, status_line: status_line.clone() };
                    self.choose_here(&user, choices, now, fx);
                }
            }
            Said::Emitted { event, payload } => fx.emitted.push((event.clone(), payload.clone())),
            Said::Beat | Said::Leave | Said::Tell { .. } | Said::Changed { .. } | Said::Whole { .. } => {}
        }
    }

    fn end_here(&mut self, sessions: &[SessionId], end: End, now: Now, fx: &mut Effects) {
        self.forget_ended(now.at);
        for &session in sessions {
            self.turned += 1;
            self.ended.insert(session, (now.at, end));
            let step = match end {
                End::SignedOut(until) => self.presence.sign_out(now.at, session, now.instant(until)),
                End::Revoked => self.presence.revoke(now.at, session),
            };
            self.conclude(step, fx);
        }
    }

    fn resume_here(&mut self, session: SessionId, expires: SystemTime, now: Now, fx: &mut Effects) {
        self.turned += 1;
        self.ended.remove(&session);
        let step = self.presence.resume(now.at, session, now.instant(expires));
        self.conclude(step, fx);
    }

    fn choose_here(&mut self, user: &UserId, choices: Choices, now: Now, fx: &mut Effects) {
        let step = self.presence.choose(now.at, user, choices);
        self.conclude(step, fx);
        // A line that nobody else sees is news to the person's other devices all the same.
        fx.seen.insert(Arc::clone(user));
    }

    /// Says who all our people are, in parts that follow each other.
    fn say_everything(&mut self, fx: &mut Effects) {
        let everybody: Vec<_> = self.presence.everybody().collect();
        let Said::Changed { is, .. } = Said::changed(&everybody) else { return };
        let mut parts: Vec<Vec<Row>> = is.chunks(PART).map(<[Row]>::to_vec).collect();
        let last = parts.pop().unwrap_or_default();
        let mut part = 0;
        for rows in parts {
            self.say(Said::Whole { part, last: false, rows }, fx);
            part += 1;
        }
        self.say(Said::Whole { part, last: true, rows: last }, fx);
    }
}

/// What a command is about; nothing where it is none.
fn subjects(said: &Said) -> Vec<Subject> {
    match said {
        Said::SignedOut { sessions, .. } | Said::Revoked { sessions } => {
            sessions.iter().map(|&session| Subject::Session(session)).collect()
        }
        Said::Resumed { session, .. } => vec![Subject::Session(*session)],
        Said::Chosen { user, .. } => vec![Subject::Choices(UserId::from(user.as_str()))],
        _ => Vec::new(),
    }
}

/// Notes changes of the merged list, and that those concerned hear of it.
fn publish(merged: Vec<Merged>, fx: &mut Effects) {
    fx.seen.extend(merged.iter().map(|change| Arc::clone(&change.user)));
    fx.merged.extend(merged);
}
