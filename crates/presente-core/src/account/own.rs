//! How we are seen, where the server lets people say that by an event: invisible instead of signed out, away, not to
//! be disturbed, and a line of one's own. What is chosen on another device holds here too. Where the server does not,
//! away and not to be disturbed are kept here, and others see us as online.

use super::{Account, Effect, Report};
use crate::{
    away,
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
    /// How this device is to be seen while we are not hidden, as somebody chose.
    availability: Availability,
    /// Nobody is at the machine.
    is_left: bool,
    /// Our line, as it was chosen last, here or on another device.
    line: String,
    /// The server has not heard it.
    line_unsaid: bool,
    /// What the server says of it is newer than what is remembered of an earlier run.
    line_known: bool,
    /// The server tells others all of this, as far as it has said.
    is_heard: bool,
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
    pub(super) fn new(unsaid: bool, availability: Availability) -> Self {
        Self { unsaid, availability, ..Self::default() }
    }

    /// How this device is to be seen while we are not hidden.
    fn effective(&self) -> Availability {
        away::effective(self.availability, self.is_left)
    }

    /// How others see us, where the server tells others more than that we are online.
    fn told(&self) -> Option<OwnAvailability> {
        self.seen.as_ref().filter(|_| self.is_heard).map(|me| me.a)
    }

    /// The server says what our line is. What is remembered of it from an earlier run is said again where there is
    /// none; else the server's is newer. Says whether it is another one now.
    fn is_lined(&mut self, line: &str) -> bool {
        if !self.is_heard || self.line_unsaid {
            return false;
        }
        if !std::mem::replace(&mut self.line_known, true) && line.is_empty() && !self.line.is_empty() {
            self.line_unsaid = true;
            self.unsaid = true;
            return false;
        }
        let line = clean(line, MAX_STATUS_CHARS);
        let is_news = self.line != line;
        self.line = line;
        is_news
    }

    /// This server does not hear how we want to be seen.
    pub(super) fn is_not_heard(&mut self) {
        self.is_heard = false;
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
    /// What is so as it is made: the line that is remembered, and whether nobody is at the machine.
    pub(crate) fn begins_with(&mut self, line: &str, is_left: bool) {
        self.own.line = clean(line, MAX_STATUS_CHARS);
        self.own.is_left = is_left;
    }

    /// What is chosen.
    pub(crate) fn state(&self) -> OwnAvailability {
        match self.presence {
            Presence::Offline => OwnAvailability::Invisible,
            Presence::Online => self.own.availability.into(),
        }
    }

    /// How this device is to be seen while it is seen, as somebody chose.
    pub(crate) fn availability(&self) -> Availability {
        self.own.availability
    }

    /// Our line, as it was chosen last.
    pub(crate) fn status_line(&self) -> &str {
        &self.own.line
    }

    /// Whether others are told more than that we are online, as far as the server has said.
    pub(crate) fn tells_more(&self) -> bool {
        self.own.is_heard
    }

    /// How others see us, where the server tells them; else how we would be seen if it did.
    pub(crate) fn seen_as(&self) -> OwnAvailability {
        self.own.told().unwrap_or_else(|| match self.presence {
            Presence::Offline => OwnAvailability::Invisible,
            Presence::Online => self.own.effective().into(),
        })
    }

    /// Whether we asked not to be disturbed, here or on another device.
    pub(crate) fn is_not_to_be_disturbed(&self) -> bool {
        let dnd = OwnAvailability::DoNotDisturb;
        self.state() == dnd || (self.presence == Presence::Online && self.own.told() == Some(dnd))
    }

    /// Somebody has chosen how we are to be seen.
    pub(crate) fn set_state(&mut self, state: OwnAvailability, fx: &mut Vec<Effect>) {
        let before = self.own.effective();
        let presence = match state.shown() {
            Some(availability) => {
                self.own.availability = availability;
                Presence::Online
            }
            None => Presence::Offline,
        };
        self.own.unsaid |= before != self.own.effective();
        self.set_presence(presence, fx);
    }

    /// Nobody is at the machine, or somebody is again.
    pub(crate) fn set_left(&mut self, is_left: bool, fx: &mut Vec<Effect>) {
        let before = self.own.effective();
        self.own.is_left = is_left;
        // Who is hidden stays so. What cannot be said now is said with the next greeting.
        let is_news = self.presence == Presence::Online && before != self.own.effective();
        self.own.unsaid |= is_news && self.can_say();
        self.say_own(fx);
    }

    pub(crate) fn set_status_line(&mut self, line: &str, fx: &mut Vec<Effect>) {
        self.own.line = clean(line, MAX_STATUS_CHARS);
        self.own.line_unsaid = true;
        self.own.unsaid = true;
        self.say_own(fx);
    }

    /// Whether the server can be told how we want to be seen.
    fn can_say(&self) -> bool {
        self.may_say() && self.signed_in && self.is_online() && !self.leaving
    }

    /// Whether the server has said that it can.
    fn may_say(&self) -> bool {
        let granted = self.changes.following().is_some_and(|following| following.can_set);
        granted && self.target.profile.presence.by == PresenceModel::Http
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
            Presence::Online => self.own.effective().into(),
        };
        let set = SetPresence { a: Some(a), t: self.own.line_unsaid.then(|| self.own.line.clone()) };
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
                let is_heard = said.t.as_ref() == Some(&self.own.line);
                self.own.line_unsaid &= !is_heard;
                self.own.line_known |= is_heard;
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
        self.own.is_heard = self.may_say();
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
                self.own.unsaid &= is_hidden || self.own.line_unsaid;
                // But who was hidden on another device meanwhile is not shown again for that.
                self.own.unsaid |= !is_hidden && self.own.effective() != Availability::Online;
            }
            Presence::Offline => self.own.unsaid |= !is_hidden && !self.own.hidden,
        }
        self.is_seen_as(me, fx);
    }

    /// The server says how others see us now. What was chosen on another device holds, but for a newer choice of ours.
    pub(super) fn is_seen_as(&mut self, me: Me, fx: &mut Vec<Effect>) {
        let was_hidden = self.own.hidden;
        // Who is signed out, or about to be, is seen by nobody either; that is nothing that was chosen.
        self.own.hidden = self.signed_in && !self.leaving && me.a == OwnAvailability::Invisible;
        let line = me.t.clone();
        self.own.seen = Some(me);
        let chosen_here = self.own.unsaid || self.own.saying.is_some();
        let wish = match self.presence {
            Presence::Online if self.own.hidden => Presence::Offline,
            Presence::Offline if was_hidden && !self.own.hidden => Presence::Online,
            settled => settled,
        };
        if !chosen_here && wish != self.presence {
            self.presence = wish;
            fx.push(Effect::Report(Report::Wished));
        }
        if self.own.is_lined(&line) {
            fx.push(Effect::Report(Report::Lined(self.own.line.clone())));
        }
        self.say_own(fx);
    }
}
