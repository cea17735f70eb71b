//! Looks after the account: signing in and out, its session and its secret, and what a crash left behind.

use super::{After, Controller, LEAVE_WITHIN, Leaving};
use crate::{
    account::{Account, Terms},
    form::{Checked, SignInRequest},
    model::Tenure,
    problem::Problem,
    secrets::{AccountSecret, SecretStoreError},
    server_url::ServerUrl,
    session::Target,
    settings::{KeptAccount, OpenSession, Presence},
};
use secrecy::SecretString;
use tokio::time::Instant;

impl Controller {
    /// Takes up what was left at the last run: the kept account, and sessions that nobody closed.
    pub(super) fn wake(&mut self) {
        let kept = self.model.settings.account.clone();
        let ours = kept.as_ref().map(KeptAccount::session);
        let open = self.model.settings.open_sessions.clone();
        for ghost in open.into_iter().filter(|session| Some(session) != ours.as_ref()) {
            self.repair_ghost(ghost, None);
        }
        if let Some(kept) = kept {
            self.number.0 += 1;
            self.model.draft.busy = true;
            if kept.local {
                self.effects.start_local_server(self.number);
            } else {
                self.effects.load_secret(self.number, secret_name(&kept));
            }
        }
    }

    pub(super) fn repair_ghost(&mut self, ghost: OpenSession, token: Option<SecretString>) {
        let target = Target { server: ghost.server.clone(), profile: self.profile.clone() };
        let task = self.effects.repair_ghost(target, ghost.clone(), token);
        if let Some(earlier) = self.ghosts.insert(ghost, task) {
            earlier.abort();
        }
    }

    pub(super) fn sign_in(&mut self, request: SignInRequest) {
        if self.model.account.is_some() || self.model.draft.signing_up || self.leaving.is_some() {
            return;
        }
        // A sign-in from the keyring that is still being prepared is overtaken.
        self.number.0 += 1;
        self.model.draft.typed(&request);
        // Shown even if the answer is known at once: the page should see its form taken, and then the answer.
        self.show();
        let form = match request.check() {
            Ok(form) => form,
            Err(problem) => return self.reject(problem),
        };
        let settings = &mut self.model.settings;
        (settings.last_server, settings.last_email) = (form.server.to_string(), form.who.email.clone());
        if request.new_person.is_some() {
            (self.model.draft.signing_up, self.model.draft.busy) = (true, false);
            let target = Target { server: form.server.clone(), profile: self.profile.clone() };
            self.effects.sign_up(self.number, target, request, form);
        } else {
            self.begin(&request, form);
        }
    }

    pub(super) fn begin(&mut self, request: &SignInRequest, form: Checked) {
        self.model.draft.busy = false;
        let local = self.model.draft.local_server.as_ref() == Some(&form.server);
        self.model.tenure = Tenure { keep: request.keep, plain_http: request.plain_http, local };
        self.model.settings.presence = Presence::Online;
        let terms = Terms {
            target: Target { server: form.server, profile: self.profile.clone() },
            name: form.who.email.clone(),
            email: form.who.email,
            secret: AccountSecret { password: form.who.password, token: None },
            presence: Presence::Online,
            known: false,
            patient: self.patient,
            may_be_signed_in: false,
        };
        self.open_account(terms);
    }

    fn open_account(&mut self, terms: Terms) {
        let mut account = Account::new(terms, Instant::now());
        if let Some(ghost) = self.ghosts.remove(&account.session()) {
            ghost.abort();
        }
        self.number.0 += 1;
        self.shown_connection = None;
        let mut fx = Vec::new();
        account.start(&mut fx);
        self.model.account = Some(account);
        self.apply(fx);
    }

    pub(super) fn cancel(&mut self) {
        if self.model.account.as_ref().is_some_and(|account| account.is_signed_in()) {
            return self.leave(After::Forget);
        }
        self.drop_account();
        self.model.draft.busy = false;
        self.model.draft.signing_up = false;
    }

    fn drop_account(&mut self) {
        self.number.0 += 1;
        self.link = None;
        self.model.account = None;
        self.shown_connection = None;
    }

    pub(super) fn set_presence(&mut self, presence: Presence) {
        self.model.settings.presence = presence;
        self.save_settings();
        self.with_account(|account, fx, _| account.set_presence(presence, fx));
    }

    pub(super) fn leave(&mut self, after: After) {
        if let Some(leaving) = &mut self.leaving {
            leaving.after = leaving.after.max(after);
            return;
        }
        self.leaving = Some(Leaving { until: Instant::now() + LEAVE_WITHIN, after });
        self.with_account(|account, fx, _| account.leave(fx));
        self.finish_leaving();
    }

    pub(super) fn finish_leaving(&mut self) {
        let Some(leaving) = self.leaving else { return };
        let has_left = self.model.account.as_ref().is_none_or(Account::has_left);
        let settled = has_left && self.saving_secrets == 0;
        if !settled && Instant::now() < leaving.until {
            return;
        }
        self.leaving = None;
        match leaving.after {
            After::Drop => self.leave_unreached(),
            After::Forget => self.forget_account(),
            After::Stop => self.stopped = true,
        }
        self.save_settings();
    }

    fn forget_account(&mut self) {
        if let Some(kept) = self.model.settings.account.take() {
            self.effects.delete_secret(secret_name(&kept));
        }
        self.leave_unreached();
    }

    /// Drops the account; what the server has not heard of that, it is told in the background.
    fn leave_unreached(&mut self) {
        let account = self.model.account.as_ref().filter(|account| account.is_signed_in());
        let unreached = account.map(|account| (account.session(), account.secret().token));
        self.drop_account();
        if let Some((ghost, token)) = unreached {
            self.repair_ghost(ghost, token);
        }
    }

    pub(super) fn on_session_opened(&mut self) {
        let Some(account) = &self.model.account else { return };
        let OpenSession { server, email } = account.session();
        let secret = account.secret();
        self.model.settings.opened(account.session());
        self.model.draft.problem = None;
        if self.model.tenure.keep {
            let kept = KeptAccount {
                server,
                email,
                name: account.me.name.clone(),
                plain_http: self.model.tenure.plain_http,
                local: self.model.tenure.local,
            };
            self.saving_secrets += 1;
            self.effects.save_secret(kept.clone(), secret_name(&kept), secret);
        } else {
            self.model.settings.account = None;
        }
        self.save_settings();
    }

    /// Only now is there something to sign in with by itself at the next start.
    pub(super) fn on_secret_saved(&mut self, kept: KeptAccount, result: Result<(), SecretStoreError>) {
        self.saving_secrets = self.saving_secrets.saturating_sub(1);
        if self.model.account.as_ref().map(Account::session) != Some(kept.session()) {
            // The person has signed out meanwhile; a keyring that took its time must not undo that.
            return self.effects.delete_secret(secret_name(&kept));
        }
        self.model.settings.account = result.is_ok().then_some(kept);
        if let Err(error) = result {
            tracing::warn!(%error, "the secret was not kept");
            self.model.tenure.keep = false;
            self.notice(Problem::NoKeyring);
        }
        self.save_settings();
    }

    /// The keyring has answered for the account that signs in by itself.
    pub(super) fn on_secret(&mut self, result: Result<Option<AccountSecret>, SecretStoreError>) {
        self.model.draft.busy = false;
        let Some(kept) = self.model.settings.account.clone() else { return };
        let secret = match result {
            Ok(secret) => secret,
            Err(error) => {
                tracing::warn!(%error, "the keyring cannot be read");
                self.notice(Problem::NoKeyring);
                None
            }
        };
        let was_open = self.model.settings.open_sessions.contains(&kept.session());
        let Some(secret) = secret else {
            // Nobody can sign in now, so what the last run left behind is closed.
            if was_open {
                self.repair_ghost(kept.session(), None);
            }
            return;
        };
        self.model.tenure = Tenure { keep: true, plain_http: kept.plain_http, local: kept.local };
        let terms = Terms {
            target: Target { server: kept.server, profile: self.profile.clone() },
            name: if kept.name.is_empty() { kept.email.clone() } else { kept.name },
            email: kept.email,
            secret,
            presence: self.model.settings.presence,
            known: true,
            patient: true,
            may_be_signed_in: was_open,
        };
        self.open_account(terms);
    }

    pub(super) fn on_local_server(&mut self, result: Result<ServerUrl, String>) {
        let waking = self.model.draft.busy;
        match result {
            Ok(server) => {
                self.model.draft.server = server.to_string();
                self.model.draft.local_server = Some(server.clone());
                self.model.draft.problem = None;
                if let Some(kept) = self.model.settings.account.as_mut().filter(|kept| waking && kept.local) {
                    // Its port may be another one than last time; the account is the same.
                    let name = secret_name(kept);
                    let before = std::mem::replace(&mut kept.server, server.clone());
                    for session in &mut self.model.settings.open_sessions {
                        if session.server == before {
                            session.server = server.clone();
                        }
                    }
                    self.effects.load_secret(self.number, name);
                }
            }
            Err(reason) => self.reject(Problem::LocalServer { reason }),
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
