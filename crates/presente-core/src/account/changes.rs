//! The list as changes, where the server grants it: what is offered, what is heard, and how we do without.

use super::{
    Account, Effect, Report,
    following::{Following, Heard, Way, bounded, random_part},
};
use crate::{
    connection::{Generation, State},
    link::{LinkRequest, Payload},
    problem::Problem,
    profile::Row,
    roster::SelfPresence,
    session::SessionError,
};
use jiff::Timestamp;
use presente_wire::{Answer, Bye, Capability, Change, Hello, Offer, Position, Replica, VERSION, event};
use rand::Rng;
use std::{mem, time::Duration};
use tokio::time::Instant;

/// How long the server has to take up what was offered.
const HELLO_WITHIN: Duration = Duration::from_secs(2);
/// How soon a server whose changes were of no use is offered to speak in changes again.
const OFFER_AGAIN: Duration = Duration::from_secs(3600);

/// What there is between us and the server about changes.
#[derive(Debug)]
pub(super) struct Changes {
    /// The server is not known to refuse who offers.
    pub(super) may_offer: bool,
    /// Nothing is offered until then: it was of no use.
    not_before: Option<Instant>,
    /// The attempt is made without: the offer may be why the last one was refused.
    without: bool,
    /// The server has granted it before.
    granted_before: bool,
    /// What the attempt under way, or the connection, was opened with: from where on to go on.
    offered: Option<Option<Position>>,
    mode: Mode,
    /// The copy of the list that the last connection left.
    kept: Option<Replica>,
}

#[derive(Debug)]
enum Mode {
    /// Lists come whole, if any.
    Whole,
    /// It was offered, and may be granted until then.
    Offered { until: Instant },
    /// It was granted.
    Following(Box<Following>),
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            may_offer: true,
            not_before: None,
            without: false,
            granted_before: false,
            offered: None,
            mode: Mode::Whole,
            kept: None,
        }
    }
}

impl Changes {
    /// What is agreed, where something is.
    pub(super) fn following(&self) -> Option<&Following> {
        if let Mode::Following(following) = &self.mode { Some(following) } else { None }
    }

    /// Puts the offer into what opens the connection.
    pub(super) fn put_offer(&mut self, request: &mut LinkRequest, now: Instant) {
        self.offered = None;
        if !self.may_offer || self.without || self.not_before.is_some_and(|at| now < at) {
            return;
        }
        let proven = self.kept.as_ref().filter(|kept| kept.is_proven());
        let resume = proven.and_then(Replica::position);
        let caps = vec![Capability::Delta, Capability::Zstd];
        if request.proof.add(presente_wire::OFFER, &Offer { v: VERSION, caps, resume }) {
            self.offered = Some(resume);
        }
    }

    /// The connection has ended; what is right of the copy is kept.
    pub(super) fn end(&mut self) {
        if let Mode::Following(following) = mem::replace(&mut self.mode, Mode::Whole) {
            self.kept = Some(following.into_replica());
        }
    }

    /// When [`Account::look_at_changes`] wants to be called.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.mode {
            Mode::Whole => None,
            Mode::Offered { until } => Some(*until),
            Mode::Following(following) => following.deadline(),
        }
    }
}

impl Account {
    /// Whether the server is known to refuse who offers to hear changes.
    pub(crate) fn refuses_offers(&mut self) {
        self.changes.may_offer = false;
    }

    /// The list is not the server's although we are connected, and could not be put right so far.
    pub(crate) fn list_is_behind(&self) -> bool {
        self.changes.following().is_some_and(Following::is_behind)
    }

    /// The connection is there: what was offered may be granted now.
    pub(super) fn await_hello(&mut self, now: Instant, fx: &mut Vec<Effect>) {
        if mem::take(&mut self.changes.without) {
            self.changes.may_offer = false;
            fx.push(Effect::Report(Report::OfferRefused));
        }
        match self.changes.offered {
            Some(_) => self.changes.mode = Mode::Offered { until: now + HELLO_WITHIN },
            None => self.lists_come_whole(),
        }
    }

    /// The connection was refused, perhaps for what was offered: tries once without, before anything else is
    /// concluded. `false` if that has nothing to do with it.
    pub(super) fn tries_without(&mut self, message: &str, now: Instant, fx: &mut Vec<Effect>) -> bool {
        let connecting = self.supervisor.state() == State::Connecting;
        self.changes.without = connecting && self.changes.offered.is_some() && !self.changes.granted_before;
        if self.changes.without {
            // Nothing is known against the token yet.
            let token_is_fresh = self.token_is_fresh;
            self.drop_link(fx);
            self.token_is_fresh = token_is_fresh;
            self.supervisor.again(&format!("the socket was refused: {message}"), now);
        }
        self.changes.without
    }

    fn lists_come_whole(&mut self) {
        self.changes.mode = Mode::Whole;
        self.own.is_not_heard();
    }

    /// Whether whole lists are heard. The first one says that the server does not speak in changes.
    pub(super) fn hears_lists(&mut self) -> bool {
        match self.changes.mode {
            Mode::Whole => {}
            Mode::Offered { .. } => self.lists_come_whole(),
            Mode::Following(_) => return false,
        }
        // Whatever the copy was of, it is not what is shown any more.
        self.changes.kept = None;
        true
    }

    /// Hears what a server says that speaks in changes; `false` if this is nothing of the kind.
    pub(super) fn hears_changes(
        &mut self,
        name: &str,
        payload: &Payload,
        now: Instant,
        wall: Timestamp,
        rng: &mut dyn Rng,
        fx: &mut Vec<Effect>,
    ) -> bool {
        if self.changes.offered.is_none() {
            return false;
        }
        match (name, &mut self.changes.mode) {
            (event::HELLO, Mode::Following(_)) => {}
            (event::HELLO, Mode::Whole) => self.do_without("changes were granted too late", now, fx),
            (event::HELLO, Mode::Offered { .. }) => {
                let hello = payload.read::<(Hello,)>().ok().map(|(hello,)| hello);
                self.on_hello(hello, now, wall, fx);
            }
            (event::DELTA, Mode::Following(following)) => {
                let delta = payload.read::<(_,)>().ok().map(|(delta,)| delta);
                let heard = following.delta(delta, now, rng);
                self.on_heard(heard, now, wall, fx);
            }
            (event::STALE, Mode::Following(following)) => {
                if let Ok((stale,)) = payload.read::<(_,)>() {
                    following.stale(stale, now, rng);
                }
            }
            (event::BYE, Mode::Following(_)) => {
                let jitter = payload.read::<(Bye,)>().map_or(0, |(bye,)| bye.jitter);
                self.server_stops(bounded(jitter), now, rng, fx);
            }
            (event::ME, Mode::Following(_)) => {
                if let Ok((me,)) = payload.read::<(_,)>() {
                    self.is_seen_as(me, fx);
                }
            }
            _ => return false,
        }
        self.look_at_changes(now, fx);
        true
    }

    fn on_hello(&mut self, hello: Option<Hello>, now: Instant, wall: Timestamp, fx: &mut Vec<Effect>) {
        let me = hello.as_ref().and_then(|hello| hello.me.clone());
        let (kept, offered) = (self.changes.kept.take(), self.changes.offered.flatten());
        let following = hello.and_then(|hello| Following::granted(hello, kept, offered, now));
        let Some(following) = following else {
            return self.do_without("what the server grants is of no use", now, fx);
        };
        tracing::info!(resumed = following.is_current(), "the list comes in changes");
        self.changes.granted_before = true;
        // It is not asked for any more: it proves itself.
        (self.asked, self.refresh_at) = (None, None);
        let is_current = following.is_current();
        self.changes.mode = Mode::Following(Box::new(following));
        self.is_greeted_as(me, now, fx);
        if is_current {
            self.on_heard(Heard::Whole, now, wall, fx);
        }
    }

    /// What was missing of the list has been fetched, or not.
    pub(crate) fn on_list_fetched(
        &mut self,
        generation: Generation,
        result: Result<Answer, SessionError>,
        now: Instant,
        wall: Timestamp,
        rng: &mut dyn Rng,
        fx: &mut Vec<Effect>,
    ) {
        let Mode::Following(following) = &mut self.changes.mode else { return };
        if generation != self.supervisor.generation() {
            return;
        }
        if let Err(error) = &result {
            tracing::info!(%error, "the list was not fetched");
        }
        let heard = following.fetched(result.ok(), now, rng);
        self.on_heard(heard, now, wall, fx);
        self.look_at_changes(now, fx);
        self.drive(now, fx);
    }

    fn on_heard(&mut self, heard: Heard, now: Instant, wall: Timestamp, fx: &mut Vec<Effect>) {
        match heard {
            Heard::Nothing => {}
            Heard::Changed(changes) => self.take_changes(&changes, now, wall, fx),
            Heard::Whole => {
                // Its rows are borrowed while the rest of the account takes them.
                let mode = mem::replace(&mut self.changes.mode, Mode::Whole);
                if let Mode::Following(following) = &mode {
                    let rows = following.replica().rows().filter_map(Row::of_wire).collect();
                    self.heard_list();
                    if self.take_list(rows, wall, fx) == SelfPresence::Listed {
                        self.healed = false;
                    }
                }
                self.changes.mode = mode;
            }
        }
    }

    fn take_changes(&mut self, changes: &[Change], now: Instant, wall: Timestamp, fx: &mut Vec<Effect>) {
        self.heard_list();
        let rows = changes.iter().filter_map(|change| match change {
            Change::Is(row) => Row::of_wire(row),
            Change::Left(_) => None,
        });
        for row in rows {
            if self.me.has_address_of(&row) {
                self.healed = false;
                self.learn_myself(row);
            }
        }
        let (changes, we_left) = self.roster.change(changes, &self.me, wall);
        if !changes.is_empty() {
            fx.push(Effect::Report(Report::List { is_first: false, silent: false, changes }));
        }
        if we_left {
            self.heal(now);
        }
    }

    /// Does what is due about changes.
    pub(super) fn look_at_changes(&mut self, now: Instant, fx: &mut Vec<Effect>) {
        match &mut self.changes.mode {
            Mode::Whole => {}
            Mode::Offered { until } if now >= *until => self.lists_come_whole(),
            Mode::Offered { .. } => {}
            Mode::Following(following) if following.is_hopeless() => {
                self.do_without("the list never came right in changes", now, fx);
            }
            Mode::Following(following) => {
                if let Some(from) = following.tick(now) {
                    let generation = self.supervisor.generation();
                    fx.push(match following.way() {
                        Way::Socket => Effect::FetchBySocket(generation, from),
                        Way::Http => {
                            let (path, token) = (following.path().to_owned(), self.token.clone());
                            Effect::FetchList(generation, self.target.clone(), path, from, token)
                        }
                    });
                }
                let (behind, server) = (following.is_behind(), self.target.server.label());
                if behind {
                    self.problem = Some(Problem::ListBehind { server });
                }
            }
        }
    }

    /// Connects anew and offers nothing, for a while: whole lists are better than none.
    fn do_without(&mut self, why: &str, now: Instant, fx: &mut Vec<Effect>) {
        tracing::warn!(why, "connecting anew, for whole lists");
        self.drop_link(fx);
        self.changes.not_before = Some(now + OFFER_AGAIN);
        self.changes.kept = None;
        self.supervisor.kick(why, now);
    }

    /// The server has said that it stops: we are back after a while, and nothing has failed.
    fn server_stops(&mut self, jitter: Duration, now: Instant, rng: &mut dyn Rng, fx: &mut Vec<Effect>) {
        if self.leaving {
            return;
        }
        self.problem = Some(Problem::ConnectionLost { server: self.target.server.label() });
        self.drop_link(fx);
        self.supervisor.pause("the server stops", now + random_part(jitter, rng), now);
    }

    /// Comes back no sooner than the server has asked for, after a loss that it did not announce.
    pub(super) fn put_off(&mut self, jitter: Duration, now: Instant, rng: &mut dyn Rng) {
        if let State::Waiting { .. } = self.supervisor.state() {
            self.supervisor.put_off(now + random_part(jitter, rng));
        }
    }

    /// Within a random part of which we come back after a loss.
    pub(super) fn jitter(&self) -> Duration {
        self.changes.following().map_or(Duration::ZERO, |following| following.jitter)
    }
}
