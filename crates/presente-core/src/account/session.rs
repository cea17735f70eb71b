//! The session at the server: granted, refused, ended.

use super::{Account, Effect, Report, SESSION_RETRY};
use crate::{
    session::{Remedy, SessionError, SignedIn},
    settings::Presence,
};
use rand::Rng;
use tokio::time::Instant;

impl Account {
    /// The server has granted a session.
    pub(super) fn has_session(&mut self, session: SignedIn) {
        self.signed_in = true;
        self.known = true;
        self.token_is_fresh = true;
        self.token = session.token;
        if let Some(me) = session.me {
            self.learn_myself(me);
        }
        self.problem = None;
    }

    pub(crate) fn on_signed_in(
        &mut self,
        result: Result<SignedIn, SessionError>,
        now: Instant,
        rng: &mut dyn Rng,
        fx: &mut Vec<Effect>,
    ) {
        self.request = None;
        match result {
            Ok(session) => {
                self.has_session(session);
                fx.push(Effect::Report(Report::SessionOpened));
                self.tell_everybody(now, fx);
                self.say_own(fx);
            }
            Err(error) => self.on_sign_in_failed(&error, now, rng, fx),
        }
        self.drive(now, fx);
    }

    fn on_sign_in_failed(
        &mut self,
        error: &SessionError,
        now: Instant,
        rng: &mut dyn Rng,
        fx: &mut Vec<Effect>,
    ) {
        let problem = error.problem(&self.target.server);
        if matches!(error, SessionError::NotCompatible | SessionError::NoSuchRoute) {
            self.doubt_dialect(fx);
        }
        let retry = match error.remedy() {
            Remedy::Retry => self.known || self.patient,
            Remedy::RetryIfKnown => self.known,
            Remedy::AskPerson => false,
        };
        if self.is_online() {
            // The list goes on; being seen has to wait, or to be given up with the reason shown.
            self.problem = Some(problem);
            match retry {
                true => self.session_retry = Some(now + SESSION_RETRY),
                false => self.presence = Presence::Offline,
            }
        } else if retry {
            self.problem = Some(problem);
            self.supervisor.failed(&error.to_string(), now, rng);
        } else {
            self.supervisor.halt(&error.to_string(), now);
            fx.push(Effect::Report(Report::Rejected(problem)));
        }
    }

    pub(crate) fn on_signed_out(
        &mut self,
        result: Result<(), SessionError>,
        now: Instant,
        fx: &mut Vec<Effect>,
    ) {
        self.request = None;
        match result {
            // A server that refuses to sign us out does not count us as signed in with this token.
            Ok(()) | Err(SessionError::Refused { .. } | SessionError::NotOffered) => {
                self.signed_in = false;
                self.own.hidden = false;
                fx.push(Effect::Report(Report::SessionClosed));
                self.tell_everybody(now, fx);
            }
            Err(error) => {
                self.problem = Some(error.problem(&self.target.server));
                self.session_retry = Some(now + SESSION_RETRY);
            }
        }
        self.drive(now, fx);
    }
}
