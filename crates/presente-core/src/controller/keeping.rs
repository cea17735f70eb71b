//! Looks after the accounts: signing in and out, their sessions and their secrets, and what a crash left behind.

use super::{After, ConnectionState, Controller, LEAVE_WITHIN, Leaving};
use crate::{
    account::{Account, Terms},
    effects::AccountNumber,
    form::{Checked, SignInRequest},
    model::{Seat, Tenure},
    problem::Problem,
    secrets::{AccountSecret, SecretStoreError},
    server_url::ServerUrl,
    session::{SessionError, SignedIn, Target},
    settings::{KeptAccount, OpenSession, Presence},
};
use secrecy::SecretString;
use tokio::time::Instant;

impl Controller {
    /// Takes up what was left at the last run: the kept accounts, and sessions that nobody closed.
    pub(super) fn wake(&mut self) {
        let kept = self.model.settings.accounts.clone();
        let open = self.model.settings.open_sessions.clone();
        let is_kept = |session: &OpenSession| kept.iter().any(|kept| kept.session() == *session);
        for ghost in open.into_iter().filter(|session| !is_kept(session)) {
            if let Some(target) = self.target_of(&ghost.server) {
                self.repair_ghost(target, ghost.email, None);
            }
        }
        let mut local = false;
        for kept in kept {
            let number = self.next_number();
            local |= kept.local;
            if !kept.local {
                self.effects.load_secret(number, secret_name(&kept));
            }
            self.model.waking.insert(number, kept);
        }
        if local {
            self.effects.start_local_server();
        }
    }

    pub(super) fn next_number(&mut self) -> AccountNumber {
        self.number.0 += 1;
        self.number
    }

    /// Closes a session that nobody uses.
    pub(super) fn close_session(&mut self, target: Target, login: String, token: Option<SecretString>) {
        if target.profile.leaves_ghosts() {
            self.repair_ghost(target, login, token);
        }
    }

    fn repair_ghost(&mut self, target: Target, login: String, token: Option<SecretString>) {
        let ghost = OpenSession { server: target.server.clone(), email: login };
        let task = self.effects.repair_ghost(target, ghost.clone(), token);
        if let Some(earlier) = self.ghosts.insert(ghost, task) {
            earlier.abort();
        }
    }

    pub(super) fn sign_in(&mut self, request: SignInRequest) {
        if self.model.attempt().is_some() || self.model.draft.busy || self.stopping.is_some() {
            return;
        }
        self.model.draft.typed(&request);
        // Shown even if the answer is known at once: the page should see its form taken, and then the answer.
        self.show();
        let form = match request.check() {
            Ok(form) => form,
            Err(problem) => return self.reject(problem),
        };
        let session = OpenSession { server: form.server.clone(), email: form.who.email.clone() };
        if self.model.seat_of(&session).is_some() {
            return self.reject(Problem::SignedInAlready { server: form.server.label() });
        }
        // A sign-in of the same account from the keyring that is still being prepared is overtaken.
        self.model.waking.retain(|_, kept| kept.session() != session);
        let settings = &mut self.model.settings;
        (settings.last_server, settings.last_email) = (form.server.to_string(), form.who.email.clone());
        self.model.draft.number = self.next_number();
        self.look_up(request, form);
    }

    /// Makes the account first, where that was asked for.
    pub(super) fn go_on(
        &mut self,
        request: SignInRequest,
        form: Checked,
        target: Target,
        session: Option<SignedIn>,
    ) {
        if request.new_person.is_some() {
            self.effects.sign_up(self.model.draft.number, target, request, form);
        } else {
            self.begin(&request, form, target, session);
        }
    }

    pub(super) fn on_signed_up(
        &mut self,
        number: AccountNumber,
        request: &SignInRequest,
        form: Checked,
        result: Result<(), SessionError>,
    ) {
        if number != self.model.draft.number || !self.model.draft.busy {
            return;
        }
        match (result, self.target_of(&form.server)) {
            (Ok(()), Some(target)) => self.begin(request, form, target, None),
            (Ok(()), None) => self.reject(SessionError::NotOffered.problem(&form.server)),
            (Err(error), _) => self.reject(error.problem(&form.server)),
        }
    }

    pub(super) fn begin(
        &mut self,
        request: &SignInRequest,
        form: Checked,
        target: Target,
        session: Option<SignedIn>,
    ) {
        self.model.draft.rest();
        self.unreached = None;
        self.forget_stranger();
        let local = self.model.draft.local_server.as_ref() == Some(&form.server);
        let tenure = Tenure { keep: request.keep, plain_http: request.plain_http, local };
        self.model.settings.presence = Presence::Online;
        let terms = Terms {
            name: form.who.email.clone(),
            target,
            login: form.who.email,
            secret: AccountSecret { password: form.who.password, token: None },
            session,
            presence: Presence::Online,
            availability: self.model.settings.availability,
            known: false,
            patient: self.patient,
            may_be_signed_in: false,
        };
        let number = self.model.draft.number;
        self.open_account(number, terms, tenure);
    }

    pub(super) fn open_account(&mut self, number: AccountNumber, terms: Terms, tenure: Tenure) {
        let mut account = Account::new(terms, Instant::now());
        if self.refuses_offers(&account.target.server) {
            account.refuses_offers();
        }
        if let Some(ghost) = self.ghosts.remove(&account.session()) {
            ghost.abort();
        }
        account.begins_with(&self.model.settings.status_line, self.model.is_left());
        let mut fx = Vec::new();
        account.start(&mut fx);
        // While it was found out what the server speaks, that was said already.
        let told = self.told_connecting.take().filter(|told| *told == number);
        let told = told.map(|_| ConnectionState::Connecting);
        self.model.seats.insert(number, Seat { account, tenure, told, told_trouble: None });
        self.apply(number, fx);
    }

    pub(super) fn cancel(&mut self) {
        self.stop_learning();
        let attempt = self.model.attempt().filter(|(number, _)| !self.leaving.contains_key(number));
        let attempt = attempt.map(|(number, account)| (number, account.is_signed_in()));
        match attempt {
            Some((number, true)) => self.leave(number, After::Forget),
            Some((number, false)) => self.drop_account(number),
            None => {}
        }
        if attempt.is_none() && !self.model.draft.busy {
            self.model.adding = false;
            self.model.draft.problem = None;
        }
        // Whatever is under way for the form is not heard any more.
        self.unreached = None;
        self.forget_stranger();
        self.model.draft.number = self.next_number();
        self.model.draft.rest();
    }

    pub(super) fn drop_account(&mut self, number: AccountNumber) {
        self.links.remove(&number);
        self.leaving.remove(&number);
        self.model.seats.remove(&number);
        self.model.feed.forget(number);
        self.forget_alerts(number);
    }

    pub(super) fn sign_out(&mut self, account: Option<AccountNumber>) {
        let numbers: Vec<_> = self.model.seats.keys().copied().collect();
        for number in numbers.into_iter().filter(|number| account.is_none_or(|only| only == *number)) {
            self.leave(number, After::Forget);
        }
    }

    pub(super) fn leave(&mut self, number: AccountNumber, after: After) {
        if let Some(leaving) = self.leaving.get_mut(&number) {
            leaving.after = leaving.after.max(after);
            return;
        }
        self.leaving.insert(number, Leaving { until: Instant::now() + LEAVE_WITHIN, after });
        self.with_account(number, |account, fx, _| account.leave(fx));
        self.finish_leaving();
    }

    pub(super) fn finish_leaving(&mut self) {
        let now = Instant::now();
        if let Some(until) = self.stopping {
            let all_left = self.model.seats.values().all(|seat| seat.account.has_left());
            if (all_left && self.saving_secrets.is_empty()) || now >= until {
                self.stopped = true;
                self.save_settings();
            }
            return;
        }
        let has_left = |number: &AccountNumber| {
            let settled =
                |account: &Account| account.has_left() && !self.saving_secrets.contains(&account.session());
            self.model.seats.get(number).is_none_or(|seat| settled(&seat.account))
        };
        let done: Vec<_> = self
            .leaving
            .iter()
            .filter(|(number, leaving)| has_left(number) || now >= leaving.until)
            .map(|(number, leaving)| (*number, leaving.after))
            .collect();
        for (number, after) in done {
            if after == After::Forget {
                self.forget_account(number);
            }
            self.leave_unreached(number);
            self.save_settings();
        }
    }

    fn forget_account(&mut self, number: AccountNumber) {
        let session = self.model.seats.get(&number).map(|seat| seat.account.session());
        if let Some(kept) = session.and_then(|session| self.model.settings.forget(&session)) {
            self.effects.delete_secret(secret_name(&kept));
        }
    }

    /// Drops the account; what the server has not heard of that, it is told in the background.
    fn leave_unreached(&mut self, number: AccountNumber) {
        let account = self.model.seats.get(&number).map(|seat| &seat.account);
        let unreached = account
            .filter(|account| account.is_signed_in())
            .map(|account| (account.target.clone(), account.session().email, account.secret().token));
        self.drop_account(number);
        if let Some((target, login, token)) = unreached {
            self.close_session(target, login, token);
        }
    }

    pub(super) fn on_session_opened(&mut self, number: AccountNumber) {
        let Some(Seat { account, .. }) = self.model.seats.get(&number) else { return };
        if account.target.profile.leaves_ghosts() {
            self.model.settings.opened(account.session());
        }
        self.keep_account(number);
        self.save_settings();
    }

    /// Notes a session before it is asked for: who crashes before the answer comes has one all the same. Only of an account
    /// that has signed in there before, because the note is followed by a sign-out.
    pub(super) fn note_session(&mut self, number: AccountNumber) {
        let Some(Seat { account, .. }) = self.model.seats.get(&number) else { return };
        let may_be_left = account.known && account.target.profile.leaves_ghosts();
        if may_be_left && self.model.settings.opened(account.session()) {
            self.save_settings();
        }
    }

    /// Remembers an account that works, if that was asked for.
    fn keep_account(&mut self, number: AccountNumber) {
        let Some(Seat { account, tenure, .. }) = self.model.seats.get(&number) else { return };
        let OpenSession { server, email } = account.session();
        self.model.draft.problem = None;
        self.model.adding = false;
        if !tenure.keep {
            self.model.settings.forget(&account.session());
            return;
        }
        let kept = KeptAccount {
            server,
            email,
            presence: account.presence(),
            availability: account.availability(),
            name: account.me.name.clone(),
            plain_http: tenure.plain_http,
            local: tenure.local,
        };
        if account.target.profile.has_accounts() {
            self.saving_secrets.push(kept.session());
            self.effects.save_secret(kept.clone(), secret_name(&kept), account.secret());
        } else {
            // Nothing about it is secret.
            self.model.settings.keep(kept);
        }
    }

    /// Only now is there something to sign in with by itself at the next start.
    pub(super) fn on_secret_saved(&mut self, mut kept: KeptAccount, result: Result<(), SecretStoreError>) {
        if let Some(at) = self.saving_secrets.iter().position(|saving| *saving == kept.session()) {
            self.saving_secrets.remove(at);
        }
        let seat = self.model.seat_of(&kept.session()).and_then(|number| self.model.seats.get_mut(&number));
        let Some(seat) = seat else {
            // The person has signed out meanwhile; a keyring that took its time must not undo that.
            return self.effects.delete_secret(secret_name(&kept));
        };
        match result {
            Ok(()) => {
                // It may have been changed while the keyring took its time.
                kept.presence = seat.account.presence();
                kept.availability = seat.account.availability();
                self.model.settings.keep(kept);
            }
            Err(error) => {
                tracing::warn!(%error, "the secret was not kept");
                seat.tenure.keep = false;
                self.model.settings.forget(&kept.session());
                self.notice(Problem::NoKeyring);
            }
        }
        self.save_settings();
    }

    /// The keyring has answered for an account that signs in by itself.
    pub(super) fn on_secret(
        &mut self,
        number: AccountNumber,
        result: Result<Option<AccountSecret>, SecretStoreError>,
    ) {
        let Some(kept) = self.model.waking.remove(&number) else { return };
        let secret = match result {
            Ok(secret) => secret,
            Err(error) => {
                tracing::warn!(%error, "the keyring cannot be read");
                self.notice(Problem::NoKeyring);
                None
            }
        };
        let was_open = self.model.settings.open_sessions.contains(&kept.session());
        let Some(target) = self.target_of(&kept.server) else { return };
        let nothing = || AccountSecret { password: SecretString::default(), token: None };
        let Some(secret) = secret.or_else(|| (!target.profile.has_accounts()).then(nothing)) else {
            // Nobody can sign in now, so what the last run left behind is closed.
            if was_open {
                self.repair_ghost(target, kept.email, None);
            }
            return;
        };
        let tenure = Tenure { keep: true, plain_http: kept.plain_http, local: kept.local };
        let terms = Terms {
            target,
            name: if kept.name.is_empty() { kept.email.clone() } else { kept.name },
            login: kept.email,
            secret,
            session: None,
            presence: kept.presence,
            availability: kept.availability,
            known: true,
            patient: true,
            may_be_signed_in: was_open,
        };
        self.open_account(number, terms, tenure);
    }

    pub(super) fn on_local_server(&mut self, result: Result<ServerUrl, String>) {
        let server = match result {
            Ok(server) => server,
            Err(reason) => {
                self.model.waking.retain(|_, kept| !kept.local);
                return self.reject(Problem::LocalServer { reason });
            }
        };
        self.model.draft.local_server = Some(server.clone());
        if self.model.waking.values().all(|kept| !kept.local) {
            // It was asked for in the form.
            self.model.draft.server = server.to_string();
            self.model.draft.problem = None;
        }
        // Its port may be another one than last time; the accounts are the same.
        let here: Vec<_> =
            self.model.waking.iter().filter(|(_, kept)| kept.local).map(|(number, _)| *number).collect();
        for number in here {
            let Some(kept) = self.model.waking.get_mut(&number) else { continue };
            let name = secret_name(kept);
            let before = std::mem::replace(&mut kept.server, server.clone());
            self.model.settings.moved(&before, &server);
            self.history_moved(&before, &server);
            self.effects.load_secret(number, name);
        }
    }
}

/// The name under which the keyring holds an account's secret.
fn secret_name(kept: &KeptAccount) -> String {
    if kept.local {
        format!("{} (this computer)", kept.email)
    } else {
        format!("{} {}", kept.email, kept.server)
    }
}
