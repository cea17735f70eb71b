//! What the socket says, and what is asked of it: the list, messages, refusals, the end.

use super::{
    Account, Asked, Effect, FIRST_LIST_TIMEOUT, HEAL_GAP, LIST_TIMEOUT, Report, UNWELCOME, WELCOME_WITHIN,
    next_refresh,
};
use crate::{
    connection::{Generation, State},
    display_name::clean,
    link::{LinkEvent, Payload},
    pictures,
    problem::Problem,
    profile::{Meaning, PictureSource, Row},
    roster::{Change, ChangeKind, SelfPresence},
    settings::Presence,
};
use jiff::Timestamp;
use rand::Rng;
use tokio::time::Instant;

impl Account {
    pub(crate) fn on_link(
        &mut self,
        generation: Generation,
        event: LinkEvent,
        now: Instant,
        wall: Timestamp,
        rng: &mut dyn Rng,
        fx: &mut Vec<Effect>,
    ) {
        if generation != self.supervisor.generation() || !self.link_open {
            return;
        }
        match event {
            LinkEvent::Connected { sid, transport, .. } => {
                self.supervisor.opened(transport, now);
                self.is_called(sid);
                let is_new = !std::mem::replace(&mut self.known, true);
                if is_new && !self.target.profile.has_accounts() {
                    fx.push(Effect::Report(Report::SessionOpened));
                }
                self.healed = false;
                self.problem = None;
                self.awaiting_first_list = true;
                if !self.target.profile.roster.request.is_empty() {
                    self.refresh_at = Some(next_refresh(now, rng));
                }
                if self.presence == Presence::Online {
                    self.say_presence(fx);
                }
                self.await_hello(now, fx);
                self.ask_for_list(now, fx);
            }
            LinkEvent::TransportChanged(transport) => self.supervisor.transport_changed(transport),
            LinkEvent::RoundTrip(round_trip) => self.supervisor.answered(round_trip, now),
            LinkEvent::Event { name, payload, .. } => {
                if !self.hears_changes(&name, &payload, now, wall, rng, fx) {
                    self.on_event(&name, &payload, now, wall, fx);
                }
            }
            LinkEvent::Refused { message, .. } => {
                if !self.tries_without(&message, now, fx) {
                    self.on_refused(&message, now, fx);
                }
            }
            LinkEvent::Closed { reason } if self.is_unwelcome(now) => {
                self.is_thrown_out(&reason, now, rng, fx);
            }
            LinkEvent::Closed { reason } => self.is_lost(&reason, now, rng, fx),
        }
        self.drive(now, fx);
    }

    /// Whether a connection that ends now was a refusal.
    fn is_unwelcome(&self, now: Instant) -> bool {
        let State::Online { since } = self.supervisor.state() else { return false };
        let greeted = self.changes.following().is_some();
        self.awaiting_first_list
            && !greeted
            && self.token.is_some()
            && now.duration_since(since) < WELCOME_WITHIN
    }

    /// The server has let us in and hung up: the token may have expired, or it is not the dialect that it was. It may
    /// be an accident as well, so that the next attempt waits as after any other loss.
    fn is_thrown_out(&mut self, reason: &str, now: Instant, rng: &mut dyn Rng, fx: &mut Vec<Effect>) {
        self.unwelcome += 1;
        if self.presence == Presence::Offline && !self.own.hidden {
            if self.unwelcome >= UNWELCOME {
                return self.on_refused(reason, now, fx);
            }
        } else if self.token_is_fresh {
            self.doubt_dialect(fx);
        } else {
            self.signed_in = false;
            self.token = None;
        }
        self.is_lost(reason, now, rng, fx);
    }

    fn is_lost(&mut self, reason: &str, now: Instant, rng: &mut dyn Rng, fx: &mut Vec<Effect>) {
        let server = self.target.server.label();
        tracing::info!(server, reason, "connection closed");
        if self.leaving {
            // Some servers hang up on who signs out; that is no trouble.
            self.drop_link(fx);
            return self.supervisor.stop(now);
        }
        self.problem = Some(match self.is_online() {
            true => Problem::ConnectionLost { server },
            false => Problem::Unreachable { server },
        });
        let jitter = self.jitter();
        self.drop_link(fx);
        self.supervisor.failed(reason, now, rng);
        self.put_off(jitter, now, rng);
    }

    /// The server does not accept how the socket proves itself.
    fn on_refused(&mut self, message: &str, now: Instant, fx: &mut Vec<Effect>) {
        let token_was_fresh = self.token_is_fresh;
        self.drop_link(fx);
        let server = self.target.server.label();
        let reason = format!("the socket was refused: {message}");
        if self.presence == Presence::Offline && !self.own.hidden {
            self.problem = Some(Problem::OnlineNeeded { server });
            self.supervisor.halt(&reason, now);
        } else if token_was_fresh {
            self.supervisor.halt(&reason, now);
            let message = clean(message, 500);
            let problem = if message.is_empty() {
                Problem::NotCompatible { server }
            } else {
                Problem::Refused { message }
            };
            fx.push(Effect::Report(Report::Rejected(problem)));
        } else {
            // The token may have expired: once more, with a new one.
            self.signed_in = false;
            self.token = None;
            self.supervisor.again(&reason, now);
        }
    }

    pub(super) fn on_event(
        &mut self,
        name: &str,
        payload: &Payload,
        now: Instant,
        wall: Timestamp,
        fx: &mut Vec<Effect>,
    ) {
        match self.target.profile.read(name, payload) {
            Meaning::Roster { .. } | Meaning::MalformedRoster if !self.hears_lists() => {}
            Meaning::Roster { rows, unreadable } => {
                if unreadable > 0 {
                    tracing::warn!(unreadable, "rows of the list have no identity");
                }
                self.look_at_pictures(&rows, payload, fx);
                self.on_list(rows, now, wall, fx);
            }
            Meaning::MalformedRoster => {
                self.doubt_dialect(fx);
                if !std::mem::replace(&mut self.told_malformed, true) {
                    tracing::warn!(event = name, "the list cannot be read");
                }
                self.asked = None;
                self.problem = Some(Problem::MalformedRoster { server: self.target.server.label() });
            }
            Meaning::Joined(_) | Meaning::Left(_) | Meaning::Renamed(..)
                if self.changes.following().is_some() => {}
            Meaning::Joined(row) => {
                let change = self.roster.join(&row, &self.me, wall);
                self.on_changes(change.into_iter().collect(), fx);
            }
            Meaning::Left(id) => {
                let change = self.roster.leave(&id, wall);
                self.on_changes(change.into_iter().collect(), fx);
            }
            Meaning::Renamed(old, row) => {
                if self.me.id.as_ref() == Some(&old) {
                    self.me.id = Some(row.id.into_owned());
                } else {
                    let changes = self.roster.rename(&old, &row, &self.me, wall);
                    let renamed = changes.iter().filter(|change| change.kind == ChangeKind::Changed);
                    let renamed = renamed.map(|change| Report::Renamed(old.clone(), change.contact.clone()));
                    fx.extend(renamed.map(Effect::Report));
                    self.on_changes(changes, fx);
                }
            }
            Meaning::Message(message) => self.on_message(message, fx),
            Meaning::Messages(messages) => self.on_messages(name, messages, fx),
            Meaning::Picture(id, source) => self.look_at_picture(&id, &source, payload, fx),
            Meaning::Unknown => {}
        }
    }

    /// Where there are no accounts, the id of our socket is who we are.
    fn is_called(&mut self, sid: Option<String>) {
        if !self.target.profile.has_accounts() {
            self.me.id = sid;
        }
    }

    /// Some came, went or changed, one by one. Before the whole list this is part of it.
    fn on_changes(&mut self, changes: Vec<Change>, fx: &mut Vec<Effect>) {
        if changes.is_empty() {
            return;
        }
        let silent = self.awaiting_first_list && !self.target.profile.roster.snapshot.is_empty();
        fx.push(Effect::Report(Report::List { is_first: false, silent, changes }));
    }

    fn look_at_pictures(&mut self, rows: &[Row<'_>], payload: &Payload, fx: &mut Vec<Effect>) {
        for row in rows {
            if let Some(source) = &row.picture {
                self.look_at_picture(&row.id, source, payload, fx);
            }
        }
    }

    /// Has a picture read, unless it is the one that was read last.
    fn look_at_picture(
        &mut self,
        id: &str,
        source: &PictureSource<'_>,
        payload: &Payload,
        fx: &mut Vec<Effect>,
    ) {
        let Some(seen) = pictures::fingerprint(source, payload.attachments()) else { return };
        if self.pictures.get(id) == Some(&seen) {
            return;
        }
        self.pictures.insert(id.to_owned(), seen);
        let bytes = pictures::bytes(source, payload.attachments());
        fx.extend(bytes.map(|bytes| Effect::ReadPicture(id.to_owned(), bytes)));
    }

    fn on_list(&mut self, rows: Vec<Row<'_>>, now: Instant, wall: Timestamp, fx: &mut Vec<Effect>) {
        self.heard_list();
        match self.take_list(rows, wall, fx) {
            SelfPresence::Listed => self.healed = false,
            SelfPresence::Absent => self.heal(now),
            SelfPresence::Unknown => {}
        }
        self.drive(now, fx);
    }

    /// A list has come that can be read: what was doubted for want of one is settled.
    pub(super) fn heard_list(&mut self) {
        self.asked = None;
        self.told_malformed = false;
        self.token_is_fresh = false;
        (self.doubts, self.unwelcome) = (0, 0);
        let about_lists = |problem: &mut Problem| {
            matches!(
                problem,
                Problem::NoRoster { .. } | Problem::MalformedRoster { .. } | Problem::ListBehind { .. }
            )
        };
        self.problem.take_if(about_lists);
    }

    /// Takes the whole list, and says what it says about ourselves.
    pub(super) fn take_list(
        &mut self,
        rows: Vec<Row<'_>>,
        wall: Timestamp,
        fx: &mut Vec<Effect>,
    ) -> SelfPresence {
        if let Some(row) = rows.iter().find(|row| self.me.has_address_of(row)) {
            self.learn_myself(row.clone());
        }
        let (changes, about_self) = self.roster.apply(rows, &self.me, wall);
        let is_first = std::mem::take(&mut self.awaiting_first_list);
        fx.push(Effect::Report(Report::List { is_first, silent: is_first, changes }));
        about_self
    }

    /// The list lacks us although we signed in (the server has forgotten us, or another device of ours signed us
    /// out): signs in again. A server that lists us no more for that is left alone.
    pub(super) fn heal(&mut self, now: Instant) {
        let should_be_seen = self.presence == Presence::Online && !self.own.hidden;
        let should_be_listed = self.signed_in && self.request.is_none() && should_be_seen;
        let may = !self.healed && self.heal_not_before.is_none_or(|at| now >= at);
        if should_be_listed && may {
            tracing::info!("the list lacks us although we signed in; signing in again");
            self.healed = true;
            self.heal_not_before = Some(now + HEAL_GAP);
            self.signed_in = false;
        }
    }

    pub(super) fn learn_myself(&mut self, row: Row<'_>) {
        // A record without an id is identified by its address; that is no identity to look for in lists.
        if row.email.as_ref() != Some(&row.id) {
            self.me.id = Some(row.id.into_owned());
        }
        if row.name != row.email.unwrap_or_default() {
            self.me.name = row.name.into_owned();
        }
    }

    /// Says to the server that the list should go round, so that everybody sees what we did.
    pub(super) fn tell_everybody(&mut self, now: Instant, fx: &mut Vec<Effect>) {
        if self.is_online() {
            self.ask_for_list(now, fx);
        }
    }

    pub(super) fn ask_for_list(&mut self, now: Instant, fx: &mut Vec<Effect>) {
        if self.changes.following().is_some() {
            // It proves itself, and the server would not answer.
            return;
        }
        match self.target.profile.roster.request.get(self.spelling) {
            Some(event) => fx.push(Effect::Emit(event.clone(), Payload::empty())),
            // It comes by itself, and when is the server's affair once it has come.
            None if !self.awaiting_first_list || self.target.profile.roster.snapshot.is_empty() => return,
            None => {}
        }
        let patience = if self.awaiting_first_list { FIRST_LIST_TIMEOUT } else { LIST_TIMEOUT };
        self.asked = Some(Asked { spelling: self.spelling, until: now + patience });
    }

    pub(super) fn list_is_overdue(&mut self, now: Instant, rng: &mut dyn Rng, fx: &mut Vec<Effect>) {
        let Some(asked) = self.asked.take() else { return };
        if !self.is_online() {
            return;
        }
        let spellings = self.target.profile.roster.request.len();
        if self.roster.as_of().is_none() && asked.spelling + 1 < spellings {
            self.spelling = asked.spelling + 1;
            self.ask_for_list(now, fx);
        } else if self.awaiting_first_list {
            self.spelling = 0;
            self.problem = Some(Problem::NoRoster { server: self.target.server.label() });
            fx.push(Effect::Report(Report::DialectDoubted));
        } else {
            self.is_lost("the server does not answer any more", now, rng, fx);
        }
    }

    pub(super) fn drop_link(&mut self, fx: &mut Vec<Effect>) {
        self.asked = None;
        self.refresh_at = None;
        self.token_is_fresh = false;
        self.changes.end();
        self.own.is_interrupted();
        if std::mem::take(&mut self.link_open) {
            fx.push(Effect::CloseLink);
        }
    }
}
