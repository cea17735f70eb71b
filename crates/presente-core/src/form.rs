//! The sign-in form: what was typed, checked and made into something to sign in with. Pure.

use crate::{
    problem::Problem,
    server_url::ServerUrl,
    session::{Credentials, NewPerson},
};
use secrecy::{ExposeSecret, SecretString};

/// What somebody typed to sign in, or to make an account first.
#[derive(Debug, Clone)]
pub struct SignInRequest {
    /// The server's address as typed.
    pub server: String,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: SecretString,
    /// Stay signed in at the next start.
    pub keep: bool,
    /// The person has said that the password may travel unencrypted.
    pub plain_http: bool,
    /// Make an account for this person first.
    pub new_person: Option<NewPerson>,
}

/// A form that can be sent.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub(crate) server: ServerUrl,
    pub(crate) who: Credentials,
}

impl Checked {
    /// Whether there is something to sign in with.
    pub(crate) fn has_credentials(&self) -> bool {
        !self.who.email.is_empty() && !self.who.password.expose_secret().is_empty()
    }
}

impl SignInRequest {
    /// Checks what was typed.
    pub(crate) fn check(&self) -> Result<Checked, Problem> {
        let email = self.email.trim();
        let name_missing = self.new_person.as_ref().is_some_and(|person| person.first_name.trim().is_empty());
        let has_password = !self.password.expose_secret().is_empty();
        // Not everywhere are there accounts: a name without a password is a nickname, and nothing is a guest.
        let half = email.is_empty() && has_password;
        let new_without = self.new_person.is_some() && (email.is_empty() || !has_password);
        if self.server.trim().is_empty() || name_missing || half || new_without {
            return Err(Problem::MissingField);
        }
        let server =
            ServerUrl::parse(&self.server).map_err(|e| Problem::InvalidAddress { input: e.input })?;
        if server.is_exposed() && !self.plain_http {
            return Err(Problem::Unencrypted { server: server.to_string() });
        }
        let who = Credentials { email: email.to_owned(), password: self.password.clone() };
        Ok(Checked { server, who })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_checked_before_anything_is_sent() {
        for (server, email, password, plain_http, code) in [
            ("", "a@x", "p", false, Some("missing-field")),
            ("a.example", " ", "p", false, Some("missing-field")),
            ("a.example", "ana", "", false, None),
            ("a.example", "", "", false, None),
            ("ftp://a", "a@x", "p", false, Some("invalid-address")),
            ("http://a.example", "a@x", "p", false, Some("unencrypted")),
            ("http://a.example", "a@x", "p", true, None),
            ("http://127.0.0.1:4000", "a@x", "p", false, None),
            ("a.example", " a@x ", "p", false, None),
        ] {
            let request = SignInRequest {
                server: server.to_owned(),
                email: email.to_owned(),
                password: SecretString::from(password),
                keep: true,
                plain_http,
                new_person: None,
            };
            let problem = request.check().err().map(|problem| problem.code());
            assert_eq!(problem, code, "{server:?} {email:?} {password:?} plain: {plain_http}");
        }
    }
}
