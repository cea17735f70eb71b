//! How we are seen, where the server lets people say that by an event: invisible instead of signed out, away, not to
//! be disturbed, and a line of one's own. What is chosen on another device holds here too.

use super::{Account, Effect, Report};
use crate::{
    connection::Generation,
    display_name::clean,
    link::{AckError, Payload},
    profile::PresenceModel,
    roster::{Availability, MAX_STATUS_CHARS},
    settings::Presence,
};
use presente_wire::{Me, OwnAvailability, SetPresence};
use serde::Deserialize;
use tokio::time::Instant;

/// What is known and wished of how others see us.
#[derive(Debug, Default)]
pub(super) struct Own {
    /// How they do, as the server said last.
    seen: Option<Me>,
    /// The server hides us although we are signed in.
    pub(super) hidden: bool,
    /// How this device is to be seen while we are not hidden.
    availability: Availability,
    /// A line of ours that the server has not heard.
    status_line: Option<String>,
    /// Something was chosen here that the server has not heard.
    pub(super) unsaid: bool,
    /// What is being said.
    saying: Option<SetPresence>,
}

/// The server's answer to what we have said.
#[derive(Debug, Deserialize)]
struct SetAnswer {
    success: bool,
    me: Option<Me>,
    #[serde(default)]
    message: String,
}

impl Own {
    /// Whether what is wished is new to the server.
    pub(super) fn new(unsaid: bool) -> Self {
        Self { unsaid, ..Self::default() }
    }

    /// This server does not hear how we want to be seen.
    pub(super) fn is_not_heard(&mut self) {
        self.seen = None;
        self.hidden = false;
        self.is_interrupted();
    }

    /// The connection has ended: what was being said may not have been heard.
    pub(super) fn is_interrupted(&mut self) {
        self.unsaid |= self.saying.take().is_some();
    }
}

impl Account {
    /// How others see us, where the server tells.
    pub(crate) fn seen_as(&self) -> Option<OwnAvailability> {
        self.own.seen.as_ref().map(|me| me.a)
    }

    pub(crate) fn set_availability(&mut self, availability: Availability, fx: &mut Vec<Effect>) {
        self.own.unsaid |= self.own.availability != availability;
        self.own.availability = availability;
        self.say_own(fx);
    }

    pub(crate) fn set_status_line(&mut self, line: &str, fx: &mut Vec<Effect>) {
        self.own.status_line = Some(clean(line, MAX_STATUS_CHARS));
        self.own.unsaid = true;
        self.say_own(fx);
    }

    /// Whether the server can be told how we want to be seen.
    fn can_say(&self) -> bool {
        let granted = self.changes.following().is_some_and(|following| following.can_set);
        let by_http = self.target.profile.presence.by == PresenceModel::Http;
        granted && by_http && self.signed_in && self.supervisor.is_online() && !self.leaving
    }

    /// Whether we stay signed in although we do not want to be seen: the server hides us, or is being told to.
    pub(super) fn is_hidden(&self) -> bool {
        let is_being_told = (self.own.saying.is_some() || self.own.unsaid) && self.can_say();
        self.presence == Presence::Offline && (self.own.hidden || is_being_told)
    }

    /// Tells the server what it has not heard, one thing after the other.
    pub(super) fn say_own(&mut self, fx: &mut Vec<Effect>) {
        if !self.own.unsaid || self.own.saying.is_some() || !self.can_say() {
            return;
        }
        let a = match self.presence {
            Presence::Offline => OwnAvailability::Invisible,
            Presence::Online => self.own.availability.into(),
        };
        let set = SetPresence { a: Some(a), t: self.own.status_line.clone() };
        self.own.unsaid = false;
        self.own.saying = Some(set.clone());
        fx.push(Effect::SetPresence(self.supervisor.generation(), set));
    }

    /// The server has answered to what we have said, or not.
    pub(crate) fn on_presence_set(
        &mut self,
        generation: Generation,
        result: Result<Payload, AckError>,
        now: Instant,
        fx: &mut Vec<Effect>,
    ) {
        if generation != self.supervisor.generation() {
            return;
        }
        let Some(said) = self.own.saying.take() else { return };
        let answer = result.ok().and_then(|payload| payload.read::<(SetAnswer,)>().ok());
        match answer {
            Some((SetAnswer { success: true, me, .. },)) => {
                let seen = me.or_else(|| Some(Me { a: said.a?, t: said.t.clone().unwrap_or_default() }));
                self.own.hidden = seen.as_ref().is_some_and(|me| me.a == OwnAvailability::Invisible);
                self.own.seen = seen;
                self.own.status_line.take_if(|line| said.t.as_ref() == Some(line));
            }
            refused => {
                // Who asked to be hidden is signed out then.
                let words = refused.map(|(answer,)| clean(&answer.message, 200)).unwrap_or_default();
                tracing::warn!(words, "the server did not take how we want to be seen");
                if self.presence == Presence::Online && std::mem::take(&mut self.own.hidden) {
                    // It may have signed us out meanwhile. Once we are in again, it is said again.
                    self.heal(now);
                    self.own.unsaid = !self.signed_in;
                }
            }
        }
        self.say_own(fx);
        self.drive(now, fx);
    }

    /// The server has greeted us with how others see us; with nothing where it knows no session of ours.
    pub(super) fn is_greeted_as(&mut self, me: Option<Me>, now: Instant, fx: &mut Vec<Effect>) {
        let Some(me) = me else {
            self.own.seen = None;
            self.own.hidden = false;
            match self.presence {
                Presence::Online => self.heal(now),
                Presence::Offline if self.signed_in && self.request.is_none() => {
                    self.signed_in = false;
                    fx.push(Effect::Report(Report::SessionClosed));
                }
                Presence::Offline => {}
            }
            return;
        };
        let is_hidden = me.a == OwnAvailability::Invisible;
        match self.presence {
            // How a device is seen ends with its socket, and has to be said again.
            Presence::Online => {
                self.own.unsaid &= is_hidden || self.own.status_line.is_some();
                self.own.unsaid |= self.own.availability != Availability::Online;
            }
            Presence::Offline => self.own.unsaid |= !is_hidden && !self.own.hidden,
        }
        self.is_seen_as(me, fx);
    }

    /// The server says how others see us now. What was chosen on another device holds, but for a newer choice of ours.
    pub(super) fn is_seen_as(&mut self, me: Me, fx: &mut Vec<Effect>) {
        let was_hidden = self.own.hidden;
        // Who is signed out is seen by nobody either; that is nothing that was chosen.
        self.own.hidden = self.signed_in && me.a == OwnAvailability::Invisible;
        self.own.seen = Some(me);
        let chosen_here = self.own.unsaid || self.own.saying.is_some();
        let wish = match self.presence {
            Presence::Online if self.own.hidden => Presence::Offline,
            Presence::Offline if was_hidden && !self.own.hidden => Presence::Online,
            settled => settled,
        };
        if !chosen_here && wish != self.presence {
            self.presence = wish;
            fx.push(Effect::Report(Report::Wished(wish)));
        }
        self.say_own(fx);
    }
}
