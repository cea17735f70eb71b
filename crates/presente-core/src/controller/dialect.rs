//! Which dialect a server speaks: what was told, what is remembered, or what is found out now.

use super::{ConnectionState, Controller, Update};
use crate::{
    account::Terms,
    connection::{ConnectionDetails, backoff},
    detect::{DetectError, Detector, Found, Step},
    effects::AccountNumber,
    form::{Checked, SignInRequest},
    problem::Problem,
    profile::{Library, Profile},
    server_url::ServerUrl,
    session::{Credentials, Remedy, SessionError, Target},
    settings::{KnownServer, Presence},
    texts::Arg,
};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// What a server speaks of which nothing is known: our own, and most of the field.
const USUAL: &str = "usersconected";

/// How long a server that refuses who offers to hear changes is not offered to again: it may learn.
const NO_OFFER_FOR: Duration = Duration::from_secs(30 * 24 * 3600);

/// How servers speak.
#[derive(Clone)]
pub enum Dialects {
    /// All of them like this.
    Fixed(Arc<Profile>),
    /// Each as is found out, among these profiles.
    Detected(Box<Detector>, Library),
}

/// A server that could not be reached to find out what it speaks.
pub(super) struct Unreached {
    pub(super) until: Instant,
    failures: u32,
    request: SignInRequest,
    form: Checked,
}

/// A server that speaks in no way that is known.
#[derive(Clone)]
pub(super) struct Stranger {
    pub(super) request: SignInRequest,
    pub(super) form: Checked,
    /// The dialect whose sign-in worked, and the session.
    pub(super) found: Option<Found>,
}

impl Controller {
    /// How the server speaks, as far as is known; else as most do.
    pub(super) fn target_of(&self, server: &ServerUrl) -> Option<Target> {
        let usual = || match &self.dialects {
            Dialects::Fixed(profile) => Some(profile.clone()),
            Dialects::Detected(_, library) => library.get(USUAL),
        };
        let profile = self.known_profile(server).or_else(usual)?;
        Some(Target { server: server.clone(), profile })
    }

    fn known_profile(&self, server: &ServerUrl) -> Option<Arc<Profile>> {
        let library = match &self.dialects {
            Dialects::Fixed(profile) => return Some(profile.clone()),
            Dialects::Detected(_, library) => library,
        };
        if self.model.draft.local_server.as_ref() == Some(server) {
            return library.get(USUAL);
        }
        let KnownServer { profile, socket, .. } = self.model.settings.servers.get(&server.to_string())?;
        let profile = library.get(profile)?;
        Some(match socket {
            None => profile,
            Some(socket) => Arc::new(Profile { socket: socket.clone(), ..profile.as_ref().clone() }),
        })
    }

    /// Remembers how a server speaks.
    pub(super) fn remember(&mut self, server: &ServerUrl, found: &Profile) {
        let Dialects::Detected(_, library) = &self.dialects else { return };
        let usual = library.get(&found.name).is_some_and(|profile| profile.socket == found.socket);
        let socket = (!usual).then(|| found.socket.clone());
        let known = KnownServer { profile: found.name.clone(), socket, no_offer_until: None };
        self.model.settings.servers.insert(server.to_string(), known);
        self.save_settings();
    }

    /// Whether the server is known to refuse who offers to hear changes.
    pub(super) fn refuses_offers(&self, server: &ServerUrl) -> bool {
        let known = self.model.settings.servers.get(&server.to_string());
        known.and_then(|known| known.no_offer_until).is_some_and(|until| self.clock.now() < until)
    }

    /// Remembers that the server of an account refuses such offers.
    pub(super) fn on_offer_refused(&mut self, number: AccountNumber) {
        let Some(seat) = self.model.seats.get(&number) else { return };
        tracing::info!("the server refuses who offers to hear changes");
        let server = seat.account.target.server.to_string();
        let until = self.clock.now().checked_add(NO_OFFER_FOR).ok();
        if let Some(known) = self.model.settings.servers.get_mut(&server) {
            known.no_offer_until = until;
            self.save_settings();
        }
    }

    /// Goes on with a form as soon as it is known what the server speaks.
    pub(super) fn look_up(&mut self, request: SignInRequest, form: Checked) {
        if let Some(profile) = self.known_profile(&form.server) {
            if profile.has_accounts() && !form.has_credentials() {
                return self.reject(Problem::MissingField);
            }
            let target = Target { profile, server: form.server.clone() };
            return self.go_on(request, form, target, None);
        }
        self.find_out(request, form);
    }

    fn find_out(&mut self, request: SignInRequest, form: Checked) {
        let Dialects::Detected(detector, library) = &self.dialects else { return };
        let may_sign_in = form.has_credentials() && request.new_person.is_none();
        let who = may_sign_in.then(|| form.who.clone());
        let number = self.model.draft.number;
        let (detector, candidates) = (detector.as_ref().clone(), library.all().cloned().collect());
        if self.unreached.is_none() {
            self.told_connecting = Some(number);
            self.tell_connection(ConnectionState::Connecting, None, None);
        }
        self.effects.detect(number, detector, candidates, who, request, form);
    }

    pub(super) fn on_detecting(&mut self, number: AccountNumber, step: &Step) {
        if number != self.model.draft.number || !self.model.draft.busy {
            return;
        }
        let server = self.model.draft.server.clone();
        let id = format!("detect-{}", step.code());
        let what = match step {
            Step::Asking { event } => event.clone(),
            Step::SigningIn { profile } | Step::SignedIn { profile } => profile.name.clone(),
            Step::Handshake | Step::Listening | Step::ShowingToken { .. } => String::new(),
        };
        let words = self.texts.with(&id, &[("server", Arg::from(&server)), ("what", Arg::from(&what))]);
        self.model.draft.step = Some(words);
    }

    pub(super) fn on_detected(
        &mut self,
        number: AccountNumber,
        request: SignInRequest,
        form: Checked,
        result: Result<Found, DetectError>,
    ) {
        let server = form.server.clone();
        if number != self.model.draft.number || !self.model.draft.busy {
            // It was cancelled meanwhile; nobody will use this session.
            if let Ok(Found { profile, session: Some(session), .. }) = result {
                self.close_session(Target { server, profile }, form.who.email, session.token);
            }
            return;
        }
        let error = match result {
            Ok(Found { profile, session, reasons }) => {
                tracing::info!(profile = profile.name, ?reasons, "what the server speaks was found out");
                self.remember(&server, &profile);
                return self.go_on(request, form, Target { server, profile }, session);
            }
            Err(error) => error,
        };
        tracing::info!(code = error.code(), "what the server speaks was not found out");
        let problem = error.problem(&server);
        match error {
            DetectError::CredentialsNeeded { profiles } if request.new_person.is_some() => {
                match profiles.into_iter().find(|profile| profile.sign_up.is_some()) {
                    Some(profile) => {
                        self.remember(&server, &profile);
                        self.go_on(request, form, Target { server, profile }, None);
                    }
                    None => self.reject(SessionError::NotOffered.problem(&server)),
                }
            }
            DetectError::Session(error) if self.patient && error.remedy() == Remedy::Retry => {
                self.try_later(request, form, &error);
            }
            DetectError::Unknown { session, .. } => {
                self.forget_stranger();
                self.stranger = Some(Stranger { request, form, found: session.map(|found| *found) });
                self.reject(problem);
            }
            _ => self.reject(problem),
        }
    }

    /// Nobody will learn how it speaks any more, nor use the session that was granted on the way.
    pub(super) fn forget_stranger(&mut self) {
        if let Some(Stranger { form, found: Some(found), .. }) = self.stranger.take()
            && let Some(session) = found.session
        {
            let target = Target { server: form.server, profile: found.profile };
            self.close_session(target, form.who.email, session.token);
        }
    }

    /// The server cannot be reached now: says so once, and tries again, longer apart each time.
    fn try_later(&mut self, request: SignInRequest, form: Checked, error: &SessionError) {
        let failures = self.unreached.as_ref().map_or(0, |unreached| unreached.failures) + 1;
        let until = Instant::now() + backoff(failures, &mut self.rng);
        let problem = error.problem(&form.server);
        if failures == 1 {
            self.told_connecting = None;
            let reason = problem.sentence(&self.texts);
            self.tell_connection(ConnectionState::Offline, Some(reason), Some(error.to_string()));
        }
        self.model.draft.problem = Some(problem);
        self.unreached = Some(Unreached { until, failures, request, form });
    }

    /// Tells of the connection of an account to be.
    fn tell_connection(
        &mut self,
        state: ConnectionState,
        reason: Option<String>,
        last_reason: Option<String>,
    ) {
        let now = self.clock.now();
        let since = jiff::Timestamp::from_second(now.as_second()).unwrap_or(now);
        let details =
            ConnectionDetails { since, transport: None, round_trip: None, attempts: 1, last_reason };
        let account = self.model.draft.number;
        self.surface.show(Update::Connection { account, state, reason, details });
    }

    /// Tries again, if it is time.
    pub(super) fn retry_detection(&mut self, now: Instant) {
        let due = self.unreached.as_ref().filter(|unreached| now >= unreached.until);
        let Some((request, form)) = due.map(|unreached| (unreached.request.clone(), unreached.form.clone()))
        else {
            return;
        };
        if let Some(unreached) = &mut self.unreached {
            // Until there is an answer, which says when the next time is.
            unreached.until = now + super::FOR_EVER;
        }
        self.find_out(request, form);
    }

    /// A server that is known does not speak any more as it did: looks again, with the account's own credentials.
    pub(super) fn on_dialect_doubted(&mut self, number: AccountNumber) {
        let (Dialects::Detected(detector, library), Some(seat)) =
            (&self.dialects, self.model.seats.get(&number))
        else {
            return;
        };
        let account = &seat.account;
        if !account.known || !self.looking_again.insert(number) {
            return;
        }
        tracing::info!("the server does not speak as it did; looking again");
        let secret = account.secret();
        // Who does not want to be seen is not signed in to find something out.
        let may_sign_in = account.presence() == Presence::Online;
        let who = Credentials { email: account.login.clone(), password: secret.password };
        let who = may_sign_in.then_some(who);
        let candidates = library.all().cloned().collect();
        let server = account.target.server.clone();
        self.effects.detect_again(number, detector.as_ref().clone(), candidates, who, server);
    }

    pub(super) fn on_detected_again(&mut self, number: AccountNumber, result: Result<Found, DetectError>) {
        self.looking_again.remove(&number);
        let Some(seat) = self.model.seats.get(&number) else { return };
        let Found { profile, session, .. } = match result {
            Ok(found) if found.profile != seat.account.target.profile => found,
            Ok(_) => return,
            Err(error) => return tracing::info!(code = error.code(), "nothing else was found out"),
        };
        tracing::info!(profile = profile.name, "the server speaks another dialect now");
        let account = &seat.account;
        let terms = Terms {
            target: Target { server: account.target.server.clone(), profile: profile.clone() },
            login: account.login.clone(),
            secret: account.secret(),
            session,
            name: account.me.name.clone(),
            presence: account.presence(),
            availability: account.availability(),
            known: true,
            patient: true,
            may_be_signed_in: false,
        };
        let (server, tenure) = (account.target.server.clone(), seat.tenure.clone());
        self.remember(&server, &profile);
        self.drop_account(number);
        let number = self.next_number();
        self.open_account(number, terms, tenure);
    }
}
