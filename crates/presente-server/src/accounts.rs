//! Accounts: signing up, in and out. HTTP and the demo people come through the same doors.

mod backoff;
mod generations;
mod trying;

use std::{sync::Arc, time::Duration};

use self::{backoff::End, trying::Guesses};
use crate::{
    address::ClientAddress,
    config::Config,
    error::Refusal,
    fields,
    mail::LetterBox,
    messages::{Language, Phrase},
    password::Passwords,
    presence::Rule,
    register::Register,
    store::{Account, Choices, Login, NewAccount, Store},
    token::{self, Token},
};

/// How long after a verification link the next one is sent to the same person, at the earliest.
const LINK_PAUSE: Duration = Duration::from_secs(600);

/// What somebody signs up with, as it came.
pub(crate) struct SignUp {
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: String,
    pub(crate) password: String,
}

impl SignUp {
    /// The account that it asks for, with an id of its own, if all that was written will do.
    pub(crate) fn account(&self) -> Result<Account, Refusal> {
        let first_name = fields::clean_name(&self.first_name)
            .filter(|name| !name.is_empty())
            .ok_or(Refusal::Asked(Phrase::BadName))?;
        let last_name = fields::clean_name(&self.last_name).ok_or(Refusal::Asked(Phrase::BadName))?;
        let email = fields::valid_email(&self.email).ok_or(Refusal::Asked(Phrase::BadEmail))?;
        if !fields::PASSWORD_BYTES.contains(&self.password.len()) {
            return Err(Refusal::Asked(Phrase::BadPassword));
        }
        Ok(Account { id: token::new_id(), first_name, last_name, email })
    }
}

/// What somebody signs in with, as it came.
pub(crate) struct SignIn {
    pub(crate) email: String,
    pub(crate) password: String,
    /// A token of the same person that is shown along has its session resumed.
    pub(crate) token: Option<Token>,
    /// Where they are; nobody slows down who is nowhere, as the demo people are.
    pub(crate) address: Option<ClientAddress>,
    /// In which a letter is written to them.
    pub(crate) language: Language,
}

/// Whom somebody signs out.
pub(crate) struct SignOut<'a> {
    pub(crate) email: &'a str,
    pub(crate) token: Option<&'a Token>,
    /// All devices in place of the token's own.
    pub(crate) everywhere: bool,
}

/// The doors of the server.
pub(crate) struct Accounts {
    pub(crate) store: Store,
    pub(crate) register: Arc<Register>,
    pub(crate) passwords: Passwords,
    open: bool,
    require_verified: bool,
    letters: Option<LetterBox>,
    guesses: Guesses,
}

impl Accounts {
    /// The doors that the settings ask for; without `letters` no mail is sent.
    pub(crate) fn new(
        config: &Config,
        store: Store,
        register: Arc<Register>,
        passwords: Passwords,
        letters: Option<LetterBox>,
    ) -> Self {
        let (open, require_verified) = (config.open, config.require_verified);
        Self { store, register, passwords, open, require_verified, letters, guesses: Guesses::default() }
    }

    /// Creates an account, and sends it the link that verifies its address. What is said about it is returned.
    pub(crate) async fn sign_up(&self, form: SignUp, language: Language) -> Result<Phrase, Refusal> {
        let account = form.account()?;
        if self.store.credentials(&account.email).await?.is_some() {
            return Err(Refusal::Asked(Phrase::EmailTaken));
        }
        let password_hash = self.passwords.hash(form.password).await?;
        let verify_code = token::new_code();
        let new = NewAccount { account: &account, password_hash: &password_hash, verify_code: &verify_code };
        // Two sign-ups may have passed the look above at once; the table lets in one of them.
        if !self.store.create_account(new).await? {
            return Err(Refusal::Asked(Phrase::EmailTaken));
        }
        self.register.announce_new(&account).await;
        self.send_link(&account, Duration::ZERO, language).await;
        Ok(if self.require_verified { Phrase::AccountCreatedVerify } else { Phrase::AccountCreated })
    }

    /// The rule for sessions of clients.
    pub(crate) fn rule(&self) -> Rule {
        if self.open { Rule::UntilSignOut } else { Rule::Sockets }
    }

    /// Checks a password and opens a session. Unknown people cost the same work as a wrong password.
    ///
    /// A token of the same person that is shown along has its session resumed: who was listening unseen is
    /// seen again on the socket that is already open.
    pub(crate) async fn sign_in(&self, form: SignIn, rule: Rule) -> Result<(Account, Token), Refusal> {
        let (account, choices) = self.recognise(&form).await?;
        if let Some(token) = form.token
            && let Some(session) = self.register.session(&token).await?
            && session.account.id == account.id
        {
            self.register.resume(&session, rule).await?;
            return Ok((account, token));
        }
        let token = self.register.sign_in(&account, &choices, rule).await?;
        Ok((account, token))
    }

    /// The account whose password this is, if it may be used.
    async fn recognise(&self, form: &SignIn) -> Result<(Account, Choices), Refusal> {
        let wrong = Refusal::Asked(Phrase::WrongCredentials);
        if form.password.len() > *fields::PASSWORD_BYTES.end() {
            return Err(wrong);
        }
        let email = fields::normalise_email(&form.email);
        let mut trying = self.guesses.begin(&email, form.address)?;
        let login = self.store.login(&email).await?;
        let hash = login.as_ref().map(|login| login.password_hash.clone());
        let fits = self.passwords.check(form.password.clone(), hash).await?;
        let login = login.filter(|_| fits);
        trying.end(if login.is_some() { End::Right } else { End::Wrong });
        // Only who knows the password is told more than that it is wrong.
        match login.ok_or(wrong)? {
            Login { disabled: true, .. } => Err(Refusal::Asked(Phrase::AccountDisabled)),
            Login { verified: false, account, .. } if self.require_verified => {
                self.send_link(&account, LINK_PAUSE, form.language).await;
                Err(Refusal::Asked(Phrase::VerifyFirst))
            }
            Login { account, choices, .. } => Ok((account, choices)),
        }
    }

    /// Sends the link that verifies an address, unless the last one was sent less than `pause` ago. A failure
    /// is nobody's business but the log's.
    async fn send_link(&self, account: &Account, pause: Duration, language: Language) {
        let Some(letters) = &self.letters else { return };
        match self.store.verification_to_send(&account.id, pause).await {
            Ok(Some(code)) => letters.verification(account, &code, language),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "a verification link could not be sent"),
        }
    }

    /// Makes the session of a token last longer, as far as its beginning allows.
    pub(crate) async fn renew(&self, token: &Token) -> Result<Account, Refusal> {
        match self.register.session(token).await? {
            Some(session) if session.signed_in => {
                self.register.renew(&session).await?;
                Ok(session.account)
            }
            _ => Err(Refusal::Asked(Phrase::SignInAgain)),
        }
    }

    /// Signs somebody out: the device of the token, or all of them.
    ///
    /// A token signs out its own user only. In open mode no token is needed, all devices are meant, and an
    /// unknown address is no error, as in the field.
    pub(crate) async fn sign_out(&self, form: SignOut<'_>) -> Result<(), Refusal> {
        let email = fields::normalise_email(form.email);
        let session = match form.token {
            Some(token) => self.register.session(token).await?,
            None => None,
        };
        match session {
            Some(session) if session.account.email != email => Err(Refusal::Asked(Phrase::NotYourSession)),
            // It listens only, and must not end what its user has begun elsewhere since.
            Some(session) if !session.signed_in => Ok(()),
            Some(session) if form.everywhere => {
                Ok(self.register.sign_out_everywhere(&session.account.id).await?)
            }
            Some(session) => Ok(self.register.sign_out(&session).await?),
            None if self.open => match self.store.credentials(&email).await? {
                Some((account, _)) => Ok(self.register.sign_out_all(&account.id).await?),
                None => Ok(()),
            },
            None if form.token.is_some() => Err(Refusal::Asked(Phrase::SignInAgain)),
            None => Err(Refusal::Asked(Phrase::TokenMissing)),
        }
    }

    /// Marks the address of a verification code as verified; `false` when there is no such code.
    pub(crate) async fn verify(&self, code: &str) -> Result<bool, Refusal> {
        Ok(self.store.verify(code).await?)
    }
}
