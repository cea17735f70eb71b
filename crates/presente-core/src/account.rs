//! One account as a state machine: what was asked for, what is so, and which effect brings the two together.
//!
//! Pure: it is told what happened and answers with [`Effect`]s; who carries them out is the controller. At most
//! one session request is under way at a time, and [`Account::drive`] is the only place that starts anything.

mod changes;
mod following;
mod messages;
mod own;
mod session;
mod socket;
mod wishes;

pub(crate) use messages::MessageNumber;

use crate::{
    connection::{ConnectionDetails, Generation, State, Supervisor},
    link::{LinkRequest, Payload},
    problem::Problem,
    profile::Message,
    roster::{Availability, Change, Contact, Me, Roster},
    secrets::AccountSecret,
    session::{Credentials, SignedIn, Target, link_request},
    settings::{OpenSession, Presence},
};
use bytes::Bytes;
use changes::Changes;
use jiff::Timestamp;
use messages::Messages;
use own::Own;
use presente_wire::{Position, SetPresence};
use rand::{Rng, RngExt};
use secrecy::SecretString;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::time::Instant;

/// How long the first list may take to come before the next spelling of the request is tried.
const FIRST_LIST_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a later list may take: a server that has answered before and does so no more is not there any more,
/// whatever the socket believes.
const LIST_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the list is asked for again: some servers push nothing when somebody merely signs out.
const REFRESH_EVERY: Duration = Duration::from_secs(60);
/// Another of our devices may sign us out for all of them; this is how soon after mending that it is mended again.
const HEAL_GAP: Duration = Duration::from_secs(10);
/// How long the server may take to give a sign of life when the network has changed.
const CHECK_WITHIN: Duration = Duration::from_secs(5);
/// How long to wait before a session request that failed beside a standing connection is made again.
const SESSION_RETRY: Duration = Duration::from_secs(5);

/// How often in a row a server may not say what its dialect should before it is looked at anew.
const DOUBTS: u32 = 3;
/// A connection that ends so soon and without a list was a refusal: some servers let everybody in, and then hang up on
/// those whose token they do not accept.
const WELCOME_WITHIN: Duration = Duration::from_secs(5);
/// How often in a row that may happen before it is taken for a refusal where nothing can be put right.
const UNWELCOME: u32 = 3;

/// What is to be done for an account.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Make the sign-in request.
    SignIn(Target, Credentials, Option<SecretString>),
    /// Make the sign-out request.
    SignOut(Target, String, Option<SecretString>),
    /// Open a link for this generation, in place of any other.
    OpenLink(Generation, LinkRequest),
    /// Close the link.
    CloseLink,
    /// Ask the server for a sign of life, and close the link if none comes within that time.
    CheckLink(Duration),
    /// Fetch the list at a path of the server's, or what has changed in it since a position.
    FetchList(Generation, Target, String, Option<Position>, Option<SecretString>),
    /// The same by the socket.
    FetchBySocket(Generation, Option<Position>),
    /// Say how we want to be seen.
    SetPresence(Generation, SetPresence),
    /// Send an event.
    Emit(String, Payload),
    /// Send a message; whether the server should acknowledge it.
    Send(MessageNumber, String, Payload, bool),
    /// Make a picture of these bytes fit to be shown as that of the contact with this identity.
    ReadPicture(String, Bytes),
    /// Tell what happened.
    Report(Report),
}

/// What happened to an account, for whoever looks at it.
#[derive(Debug)]
pub(crate) enum Report {
    /// The server holds a session of ours, or has let us in without one: the account works.
    SessionOpened,
    /// The server holds none any more.
    SessionClosed,
    /// Only a person can go on: the account is of no use as it is.
    Rejected(Problem),
    /// A list: whether it is the first after a connect, whether it tells what was missed and not what happens now, and
    /// what changed.
    List { is_first: bool, silent: bool, changes: Vec<Change> },
    /// A contact has another identity now; the one of before comes first.
    Renamed(String, Arc<Contact>),
    /// A message for people.
    Message(Message),
    /// A message of ours is not sent: there is no connection, or (`false`) the dialect has nothing of the kind.
    NotSent(MessageNumber, bool),
    /// The server does not say what its dialect should: it may be another one.
    DialectDoubted,
    /// The server refuses who offers to hear changes, and only for that.
    OfferRefused,
    /// The wish to be seen has changed: it was chosen on another device.
    Wished,
    /// So has our line.
    Lined(String),
}

/// What an account is made of.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) target: Target,
    /// By which it is known: an e-mail address, a nickname, or nothing.
    pub(crate) login: String,
    pub(crate) secret: AccountSecret,
    /// A session that the server has already granted.
    pub(crate) session: Option<SignedIn>,
    /// The name to show until the server tells one.
    pub(crate) name: String,
    pub(crate) presence: Presence,
    /// How this device is to be seen while it is.
    pub(crate) availability: Availability,
    /// It has worked before, so trouble is the network's until shown otherwise.
    pub(crate) known: bool,
    /// Keep trying although it has never worked.
    pub(crate) patient: bool,
    /// The server may hold a session of an earlier run.
    pub(crate) may_be_signed_in: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SessionRequest {
    In,
    Out,
}

/// The wait for a list that was asked for.
#[derive(Debug, Clone, Copy)]
struct Asked {
    spelling: usize,
    until: Instant,
}

/// One account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) target: Target,
    pub(crate) login: String,
    pub(crate) me: Me,
    pub(crate) roster: Roster,
    pub(crate) known: bool,
    /// What is wrong now, if anything.
    pub(crate) problem: Option<Problem>,
    password: SecretString,
    token: Option<SecretString>,
    presence: Presence,
    patient: bool,
    leaving: bool,
    signed_in: bool,
    request: Option<SessionRequest>,
    session_retry: Option<Instant>,
    /// The token was granted in this attempt: refusing it too means that signing in again is no help.
    token_is_fresh: bool,
    supervisor: Supervisor,
    link_open: bool,
    spelling: usize,
    asked: Option<Asked>,
    refresh_at: Option<Instant>,
    awaiting_first_list: bool,
    told_malformed: bool,
    /// We signed in again because the list lacked us, and have not been listed since.
    healed: bool,
    /// The earliest moment to do so again.
    heal_not_before: Option<Instant>,
    /// What the server repeats of what was said.
    messages: Messages,
    /// Of which bytes the picture of a contact was made last.
    pictures: HashMap<String, u64>,
    /// How often in a row the server did not say what its dialect should.
    doubts: u32,
    /// How often in a row it let us in and hung up on us.
    unwelcome: u32,
    /// Hearing the list as changes.
    changes: Changes,
    /// How others see us.
    own: Own,
}

impl Account {
    pub(crate) fn new(terms: Terms, now: Instant) -> Self {
        let email = if terms.target.profile.has_accounts() { terms.login.clone() } else { String::new() };
        let mut account = Self {
            me: Me { email, id: None, name: terms.name },
            login: terms.login,
            messages: Messages::default(),
            pictures: HashMap::new(),
            doubts: 0,
            unwelcome: 0,
            changes: Changes::default(),
            // Who has just typed a password wants to be seen, whatever was chosen before.
            own: Own::new(!terms.known, terms.availability),
            target: terms.target,
            roster: Roster::default(),
            known: terms.known,
            problem: None,
            password: terms.secret.password,
            token: terms.secret.token,
            presence: terms.presence,
            patient: terms.patient,
            leaving: false,
            // Somebody who wants to be seen signs in anyway, which takes an old session over.
            signed_in: terms.may_be_signed_in && terms.presence == Presence::Offline,
            request: None,
            session_retry: None,
            token_is_fresh: false,
            supervisor: Supervisor::new(now),
            link_open: false,
            spelling: 0,
            asked: None,
            refresh_at: None,
            awaiting_first_list: true,
            told_malformed: false,
            healed: false,
            heal_not_before: None,
        };
        if let Some(session) = terms.session {
            account.has_session(session);
        }
        account
    }

    /// Where the connection stands.
    pub(crate) fn connection(&self) -> State {
        self.supervisor.state()
    }

    /// The connection stands.
    pub(crate) fn is_online(&self) -> bool {
        self.supervisor.is_online()
    }

    /// A connection that stood was lost so little ago that nobody is told yet.
    pub(crate) fn is_lost_briefly(&self) -> bool {
        self.supervisor.is_lost_briefly()
    }

    /// Failed attempts since the last stable connection.
    pub(crate) fn failures(&self) -> u32 {
        self.supervisor.failures()
    }

    /// What is wished.
    pub(crate) fn presence(&self) -> Presence {
        self.presence
    }

    /// Whether the server counts us as signed in, as far as we know.
    pub(crate) fn is_signed_in(&self) -> bool {
        self.signed_in
    }

    /// The session that it has at the server while it is signed in.
    pub(crate) fn session(&self) -> OpenSession {
        OpenSession { server: self.target.server.clone(), email: self.login.clone() }
    }

    /// What a keyring should hold of it.
    pub(crate) fn secret(&self) -> AccountSecret {
        AccountSecret { password: self.password.clone(), token: self.token.clone() }
    }

    /// Nothing is left to be done before the account may be dropped.
    pub(crate) fn has_left(&self) -> bool {
        self.leaving && !self.signed_in && self.request.is_none() && self.asked.is_none()
    }

    pub(crate) fn start(&mut self, fx: &mut Vec<Effect>) {
        let now = Instant::now();
        if self.signed_in {
            fx.push(Effect::Report(Report::SessionOpened));
        }
        if self.wants_link() {
            self.supervisor.start(now);
        }
        self.drive(now, fx);
    }

    pub(crate) fn set_presence(&mut self, presence: Presence, fx: &mut Vec<Effect>) {
        let now = Instant::now();
        let was = std::mem::replace(&mut self.presence, presence);
        self.session_retry = None;
        self.own.unsaid |= was != presence;
        self.say_own(fx);
        if matches!(self.supervisor.state(), State::Halted | State::Idle) && self.wants_link() {
            self.supervisor.start(now);
        }
        if was != presence && self.is_online() {
            self.say_presence(fx);
        }
        self.drive(now, fx);
    }

    /// Signs out and ends; [`Self::has_left`] tells when that is done.
    pub(crate) fn leave(&mut self, fx: &mut Vec<Effect>) {
        if self.presence == Presence::Online && self.is_online() && !self.leaving {
            self.presence = Presence::Offline;
            self.say_presence(fx);
            self.presence = Presence::Online;
        }
        self.leaving = true;
        self.session_retry = None;
        self.asked = None;
        self.drive(Instant::now(), fx);
    }

    /// The machine slept: nothing that stood before is to be trusted.
    pub(crate) fn woke(&mut self, now: Instant, fx: &mut Vec<Effect>) {
        self.supervisor.kick("the machine slept", now);
        self.drop_link(fx);
        self.drive(now, fx);
    }

    /// The machine is in another network: what waits may work at once, and what stands may be gone or may not.
    pub(crate) fn network_changed(&mut self, now: Instant, fx: &mut Vec<Effect>) {
        match self.supervisor.state() {
            State::Waiting { .. } => self.supervisor.kick("the network changed", now),
            State::Online { .. } => fx.push(Effect::CheckLink(CHECK_WITHIN)),
            State::Idle | State::Connecting | State::Halted => {}
        }
        self.drive(now, fx);
    }

    /// What is known about the connection.
    pub(crate) fn details(&self, wall: Timestamp) -> ConnectionDetails {
        self.supervisor.details(Instant::now(), wall)
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        let asked = self.asked.map(|asked| asked.until);
        let others = [self.session_retry, asked, self.refresh_at, self.changes.deadline()];
        let supervisor = [self.supervisor.deadline(), self.supervisor.grace_ends()];
        supervisor.into_iter().chain(others).flatten().min()
    }

    pub(crate) fn tick(&mut self, now: Instant, rng: &mut dyn Rng, fx: &mut Vec<Effect>) {
        self.supervisor.tick(now);
        self.supervisor.end_grace(now);
        // Due is due, whether or not it can be done now: a deadline that stays in the past never lets us rest.
        self.session_retry.take_if(|at| now >= *at);
        if self.asked.is_some_and(|asked| now >= asked.until) {
            self.list_is_overdue(now, rng, fx);
        }
        if self.refresh_at.is_some_and(|at| now >= at) {
            self.refresh_at = Some(next_refresh(now, rng));
            self.ask_for_list(now, fx);
        }
        self.look_at_changes(now, fx);
        self.drive(now, fx);
    }

    /// Brings what is so towards what is wished, one step at a time.
    fn drive(&mut self, now: Instant, fx: &mut Vec<Effect>) {
        if self.request.is_some() {
            return;
        }
        let wanted = self.wants_session();
        let may_ask = self.session_retry.is_none_or(|at| now >= at);
        let connecting = self.supervisor.state() == State::Connecting;
        if wanted && !self.signed_in && (connecting || (self.is_online() && may_ask)) {
            self.session_retry = None;
            self.request = Some(SessionRequest::In);
            let who = Credentials { email: self.login.clone(), password: self.password.clone() };
            fx.push(Effect::SignIn(self.target.clone(), who, self.token.clone()));
        } else if !wanted && self.signed_in && may_ask && self.target.profile.sign_out.is_some() {
            self.session_retry = None;
            self.request = Some(SessionRequest::Out);
            fx.push(Effect::SignOut(self.target.clone(), self.login.clone(), self.token.clone()));
        } else if self.leaving && self.signed_in && self.target.profile.sign_out.is_none() {
            // There is nothing to tell the server; that the connection ends says it.
            self.signed_in = false;
            fx.push(Effect::Report(Report::SessionClosed));
        } else if !self.leaving && !self.wants_link() && self.supervisor.state() != State::Halted {
            self.drop_link(fx);
            self.supervisor.stop(now);
        } else if connecting && !self.link_open && !self.leaving {
            self.link_open = true;
            let mut request = link_request(&self.target, self.token.as_ref());
            self.changes.put_offer(&mut request, now);
            fx.push(Effect::OpenLink(self.supervisor.generation(), request));
        }
    }
}

fn next_refresh(now: Instant, rng: &mut dyn Rng) -> Instant {
    now + REFRESH_EVERY.mul_f64(rng.random_range(0.8..1.2))
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
