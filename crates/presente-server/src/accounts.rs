//! Accounts: signing up, in and out. HTTP and the demo people come through the same doors.

use std::sync::Arc;

use crate::{
    error::Refusal,
    fields,
    messages::Phrase,
    password::Passwords,
    presence::Rule,
    register::Register,
    store::{Account, NewAccount, Store},
    token::{self, Token},
};

/// What somebody signs up with, as it came.
pub(crate) struct SignUp {
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: String,
    pub(crate) password: String,
}

/// The doors of the server.
pub(crate) struct Accounts {
    pub(crate) store: Store,
    pub(crate) register: Arc<Register>,
    pub(crate) passwords: Passwords,
    pub(crate) open: bool,
}

impl Accounts {
    /// Creates an account.
    pub(crate) async fn sign_up(&self, form: SignUp) -> Result<(), Refusal> {
        let first_name = fields::clean_name(&form.first_name)
            .filter(|name| !name.is_empty())
            .ok_or(Refusal::Asked(Phrase::BadName))?;
        let last_name = fields::clean_name(&form.last_name).ok_or(Refusal::Asked(Phrase::BadName))?;
        let email = fields::valid_email(&form.email).ok_or(Refusal::Asked(Phrase::BadEmail))?;
        if !fields::PASSWORD_BYTES.contains(&form.password.len()) {
            return Err(Refusal::Asked(Phrase::BadPassword));
        }
        if self.store.credentials(&email).await?.is_some() {
            return Err(Refusal::Asked(Phrase::EmailTaken));
        }
        let password_hash = self.passwords.hash(form.password).await?;
        let account = Account { id: token::new_id(), first_name, last_name, email };
        let verify_code = token::new_code();
        let new = NewAccount { account: &account, password_hash: &password_hash, verify_code: &verify_code };
        // Two sign-ups may have passed the look above at once; the table lets in one of them.
        if self.store.create_account(new).await? { Ok(()) } else { Err(Refusal::Asked(Phrase::EmailTaken)) }
    }

    /// The rule for sessions of clients.
    pub(crate) fn rule(&self) -> Rule {
        if self.open { Rule::UntilSignOut } else { Rule::Sockets }
    }

    /// Checks a password and opens a session. Unknown people cost the same work as a wrong password.
    ///
    /// A token of the same person that is shown along has its session resumed: who was listening unseen is
    /// seen again on the socket that is already open.
    pub(crate) async fn sign_in(
        &self,
        email: &str,
        password: String,
        rule: Rule,
        token: Option<Token>,
    ) -> Result<(Account, Token), Refusal> {
        let wrong = Refusal::Asked(Phrase::WrongCredentials);
        if password.len() > *fields::PASSWORD_BYTES.end() {
            return Err(wrong);
        }
        let (account, stored) = self.store.credentials(&fields::normalise_email(email)).await?.unzip();
        let fits = self.passwords.check(password, stored).await?;
        let account = account.filter(|_| fits).ok_or(wrong)?;
        if let Some(token) = token
            && let Some(session) = self.register.session(&token).await?
            && session.account.id == account.id
        {
            self.register.resume(&session, rule).await?;
            return Ok((account, token));
        }
        let token = self.register.sign_in(&account, rule).await?;
        Ok((account, token))
    }

    /// Signs somebody out of all their sessions.
    ///
    /// A token signs out its own user only. In open mode no token is needed, and an unknown address is no
    /// error, as in the field.
    pub(crate) async fn sign_out(&self, email: &str, token: Option<&Token>) -> Result<(), Refusal> {
        let email = fields::normalise_email(email);
        let session = match token {
            Some(token) => self.register.session(token).await?,
            None => None,
        };
        let user = match session {
            Some(session) if session.account.email != email => {
                return Err(Refusal::Asked(Phrase::NotYourSession));
            }
            // It listens only, and must not end what its user has begun elsewhere since.
            Some(session) if !session.signed_in => return Ok(()),
            Some(session) => session.account.id,
            None if self.open => match self.store.credentials(&email).await? {
                Some((account, _)) => account.id,
                None => return Ok(()),
            },
            None if token.is_some() => return Err(Refusal::Asked(Phrase::SignInAgain)),
            None => return Err(Refusal::Asked(Phrase::TokenMissing)),
        };
        self.register.sign_out(&user).await?;
        Ok(())
    }

    /// Marks the address of a verification code as verified; `false` when there is no such code.
    pub(crate) async fn verify(&self, code: &str) -> Result<bool, Refusal> {
        Ok(self.store.verify(code).await?)
    }
}
