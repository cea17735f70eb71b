//! Carries out what the controller decides: requests, links, the keyring. Each runs in a task of its own and
//! reports back as an [`Event`]; nothing here decides.

use crate::{
    account::link_request,
    connection::Generation,
    form::{Checked, SignInRequest},
    link::{Connector, EVENT_QUEUE, Link, LinkEvent, LinkRequest, Payload},
    secrets::{AccountSecret, SecretStore, SecretStoreError},
    server_url::ServerUrl,
    session::{Credentials, SessionError, Sessions, SignedIn, Target},
    settings::{KeptAccount, OpenSession},
};
use async_trait::async_trait;
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};
use tokio::{sync::mpsc, task::AbortHandle, time::timeout};

/// How long the connection that tells everybody of a repaired ghost may take in all.
const REPAIR_LINK_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a ghost waits for the next try to repair it, doubled each time.
const REPAIR_RETRY: Duration = Duration::from_secs(5);
/// Tries to repair a ghost in one run of the app; what is left waits for the next start.
const REPAIR_TRIES: u32 = 8;

/// Which account an event is about: numbers are never used again, so a late word is known as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct AccountNumber(pub(crate) u64);

/// The server inside the app, where the shell brings one.
#[async_trait]
pub trait LocalServer: Send + Sync {
    /// Starts it, or says where it already runs.
    ///
    /// # Errors
    /// A sentence for people: what happened and what to do.
    async fn start(&self) -> Result<ServerUrl, String>;
}

/// What came of an effect.
#[derive(Debug)]
pub(crate) enum Event {
    SignedIn(AccountNumber, Target, Credentials, Result<SignedIn, SessionError>),
    SignedOut(AccountNumber, Result<(), SessionError>),
    SignedUp(AccountNumber, Box<SignInRequest>, Checked, Result<(), SessionError>),
    Link(AccountNumber, Generation, LinkEvent),
    SecretLoaded(AccountNumber, Result<Option<AccountSecret>, SecretStoreError>),
    SecretSaved(KeptAccount, Result<(), SecretStoreError>),
    LocalServer(AccountNumber, Result<ServerUrl, String>),
    GhostRepaired(OpenSession),
}

/// The outside world, as the core reaches it.
#[derive(Clone)]
pub(crate) struct Effects {
    pub(crate) sessions: Arc<dyn Sessions>,
    pub(crate) connector: Arc<dyn Connector>,
    pub(crate) secrets: Arc<dyn SecretStore>,
    pub(crate) local_server: Option<Arc<dyn LocalServer>>,
    pub(crate) events: mpsc::Sender<Event>,
}

impl Effects {
    pub(crate) fn sign_in(
        &self,
        number: AccountNumber,
        target: Target,
        who: Credentials,
        token: Option<SecretString>,
    ) {
        let this = self.clone();
        tokio::spawn(async move {
            let result = this.sessions.sign_in(&target, &who, token.as_ref()).await;
            this.report(Event::SignedIn(number, target, who, result)).await;
        });
    }

    pub(crate) fn sign_out(
        &self,
        number: AccountNumber,
        target: Target,
        email: String,
        token: Option<SecretString>,
    ) {
        let this = self.clone();
        tokio::spawn(async move {
            let result = this.sessions.sign_out(&target, &email, token.as_ref()).await;
            this.report(Event::SignedOut(number, result)).await;
        });
    }

    pub(crate) fn sign_up(
        &self,
        number: AccountNumber,
        target: Target,
        request: SignInRequest,
        form: Checked,
    ) {
        let this = self.clone();
        tokio::spawn(async move {
            let result = match &request.new_person {
                Some(person) => this.sessions.sign_up(&target, &form.who, person).await,
                None => Ok(()),
            };
            this.report(Event::SignedUp(number, Box::new(request), form, result)).await;
        });
    }

    pub(crate) fn open_link(
        &self,
        number: AccountNumber,
        generation: Generation,
        request: LinkRequest,
    ) -> Box<dyn Link> {
        let (sender, mut receiver) = mpsc::channel(EVENT_QUEUE);
        let link = self.connector.open(request, sender);
        let this = self.clone();
        tokio::spawn(async move {
            while let Some(event) = receiver.recv().await {
                this.report(Event::Link(number, generation, event)).await;
            }
            // A link that ends without a word has ended all the same.
            let reason = "the connection's task is gone".to_owned();
            this.report(Event::Link(number, generation, LinkEvent::Closed { reason })).await;
        });
        link
    }

    pub(crate) fn load_secret(&self, number: AccountNumber, account: String) {
        let this = self.clone();
        self.block(move || {
            let secret = this.secrets.load(&account);
            let secret = secret.map(|text| text.as_ref().and_then(AccountSecret::from_text));
            Event::SecretLoaded(number, secret)
        });
    }

    pub(crate) fn save_secret(&self, kept: KeptAccount, account: String, secret: AccountSecret) {
        let this = self.clone();
        self.block(move || {
            let saved = this.secrets.save(&account, &secret.to_text());
            Event::SecretSaved(kept, saved)
        });
    }

    pub(crate) fn delete_secret(&self, account: String) {
        let secrets = self.secrets.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = secrets.delete(&account) {
                tracing::warn!(%error, "the secret was not forgotten");
            }
        });
    }

    pub(crate) fn start_local_server(&self, number: AccountNumber) {
        let this = self.clone();
        tokio::spawn(async move {
            let result = match &this.local_server {
                Some(server) => server.start().await,
                None => Err("this program brings no server".to_owned()),
            };
            this.report(Event::LocalServer(number, result)).await;
        });
    }

    /// Signs out a session that nobody uses any more, and has the list go round so that everybody sees it.
    pub(crate) fn repair_ghost(
        &self,
        target: Target,
        session: OpenSession,
        token: Option<SecretString>,
    ) -> AbortHandle {
        let this = self.clone();
        let task = tokio::spawn(async move {
            let mut wait = REPAIR_RETRY;
            for _ in 0..REPAIR_TRIES {
                match this.sessions.sign_out(&target, &session.email, token.as_ref()).await {
                    Ok(()) => {
                        let _ =
                            timeout(REPAIR_LINK_TIMEOUT, this.send_list_round(&target, token.as_ref())).await;
                    }
                    // Not ours to sign out without a token: such a server notices by itself.
                    Err(SessionError::Refused { .. } | SessionError::NotOffered) => {}
                    Err(_) => {
                        tokio::time::sleep(wait).await;
                        wait *= 2;
                        continue;
                    }
                }
                this.report(Event::GhostRepaired(session)).await;
                return;
            }
        });
        task.abort_handle()
    }

    /// Connects, asks for the list, and hangs up when it has come.
    async fn send_list_round(&self, target: &Target, token: Option<&SecretString>) {
        let (sender, mut receiver) = mpsc::channel(EVENT_QUEUE);
        let link = self.connector.open(link_request(target, token), sender);
        let rules = &target.profile.roster;
        while let Some(event) = receiver.recv().await {
            match event {
                LinkEvent::Connected { .. } => {
                    for request in &rules.request {
                        let _ = link.emit(request, Payload::empty());
                    }
                }
                LinkEvent::Event { name, .. } if rules.snapshot.contains(&name) => return,
                LinkEvent::Event { .. } | LinkEvent::TransportChanged(_) | LinkEvent::RoundTrip(_) => {}
                LinkEvent::Refused { .. } | LinkEvent::Closed { .. } => return,
            }
        }
    }

    fn block(&self, work: impl FnOnce() -> Event + Send + 'static) {
        let events = self.events.clone();
        tokio::task::spawn_blocking(move || {
            let _ = events.blocking_send(work());
        });
    }

    async fn report(&self, event: Event) {
        // The controller is gone: there is nobody left to tell.
        let _ = self.events.send(event).await;
    }
}
