//! Carries out what the controller decides: requests, links, the keyring. Each runs in a task of its own and
//! reports back as an [`Event`]; nothing here decides.

mod changes;

use crate::{
    account::MessageNumber,
    connection::Generation,
    controller::HistoryEvent,
    detect::{DetectError, Detector, Found, Step},
    form::{Checked, SignInRequest},
    learn::{Heard, ListenError, Observed, listen},
    link::{AckError, Connector, EVENT_QUEUE, Link, LinkEvent, LinkRequest, Payload},
    pictures::{PictureKey, Pictures},
    profile::Profile,
    secrets::{AccountSecret, SecretStore, SecretStoreError},
    server_url::ServerUrl,
    session::{Credentials, SessionError, Sessions, SignedIn, Target, link_request},
    settings::{KeptAccount, OpenSession},
};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{
    FutureExt, TryFutureExt,
    future::{BoxFuture, ready},
};
use presente_wire::Answer;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Semaphore, mpsc},
    task::AbortHandle,
    time::{Instant, timeout},
};

/// How long the connection that tells everybody of a repaired ghost may take in all.
const REPAIR_LINK_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a ghost waits for the next try to repair it, doubled each time.
const REPAIR_RETRY: Duration = Duration::from_secs(5);
/// Tries to repair a ghost in one run of the app; what is left waits for the next start.
const REPAIR_TRIES: u32 = 8;

/// How long a server may take to confirm a message.
const CONFIRM_WITHIN: Duration = Duration::from_secs(10);
/// How long the assistant listens to a server.
const LISTEN_FOR: Duration = Duration::from_secs(600);
/// How often it is told of what was heard before.
const TELL_EVERY: Duration = Duration::from_millis(250);
/// How many pictures are read at the same time.
pub(crate) const PICTURES_AT_ONCE: usize = 2;

/// Which account something is about: numbers are never used again, so a late word is known as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountNumber(pub(crate) u64);

impl AccountNumber {
    /// That of no account.
    pub const NONE: Self = Self(0);

    /// The number itself.
    pub fn number(self) -> u64 {
        self.0
    }
}

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
    Detecting(AccountNumber, Step),
    Detected(AccountNumber, Box<SignInRequest>, Checked, Result<Found, DetectError>),
    DetectedAgain(AccountNumber, Result<Found, DetectError>),
    Overheard(AccountNumber, Box<Observed>),
    Listened(AccountNumber, Result<(), ListenError>),
    SecretLoaded(AccountNumber, Result<Option<AccountSecret>, SecretStoreError>),
    SecretSaved(KeptAccount, Result<(), SecretStoreError>),
    LocalServer(Result<ServerUrl, String>),
    GhostRepaired(OpenSession),
    /// What came of a message: whether the server has confirmed it, or why not.
    Sent(MessageNumber, Result<Confirmed, AckError>),
    PictureRead(AccountNumber, String, Option<PictureKey>),
    History(HistoryEvent),
    ListFetched(AccountNumber, Generation, Result<Answer, SessionError>),
    /// What the server has answered to how we want to be seen.
    PresenceSet(AccountNumber, Generation, Result<Payload, AckError>),
}

/// What the server has said of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Confirmed {
    /// It has it.
    Yes,
    /// It was not asked.
    Unasked,
}

/// The outside world, as the core reaches it.
#[derive(Clone)]
pub(crate) struct Effects {
    pub(crate) sessions: Arc<dyn Sessions>,
    pub(crate) connector: Arc<dyn Connector>,
    pub(crate) secrets: Arc<dyn SecretStore>,
    pub(crate) local_server: Option<Arc<dyn LocalServer>>,
    pub(crate) pictures: Pictures,
    /// Pictures are read a few at a time.
    pub(crate) reading_pictures: Arc<Semaphore>,
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

    /// Finds out what a server speaks, for a form.
    pub(crate) fn detect(
        &self,
        number: AccountNumber,
        detector: Detector,
        candidates: Vec<Arc<Profile>>,
        who: Option<Credentials>,
        request: SignInRequest,
        form: Checked,
    ) {
        let this = self.clone();
        tokio::spawn(async move {
            let events = this.events.clone();
            // A step that finds no room is not worth waiting for: the next one says more.
            let steps = move |step| drop(events.try_send(Event::Detecting(number, step)));
            let result = detector.detect(&form.server, who.as_ref(), &candidates, steps).await;
            this.report(Event::Detected(number, Box::new(request), form, result)).await;
        });
    }

    /// Listens to a server that speaks in no way that is known.
    pub(crate) fn listen(
        &self,
        number: AccountNumber,
        request: LinkRequest,
        requests: Vec<String>,
    ) -> AbortHandle {
        let this = self.clone();
        let task = tokio::spawn(async move {
            let events = this.events.clone();
            let (mut known, mut told_at) = (0, None::<Instant>);
            let hear = move |heard: Heard<'_>| {
                let Heard::Event(_, observed) = heard else { return };
                let is_new = observed.events().len() > known;
                // A server that says the same thing all the time is not told of all the time.
                if is_new || told_at.is_none_or(|at| at.elapsed() >= TELL_EVERY) {
                    (known, told_at) = (observed.events().len(), Some(Instant::now()));
                    let _ = events.try_send(Event::Overheard(number, Box::new(observed.clone())));
                }
            };
            let result = listen(this.connector.as_ref(), request, &requests, LISTEN_FOR, hear).await;
            if let Ok(observed) = &result {
                this.report(Event::Overheard(number, Box::new(observed.clone()))).await;
            }
            this.report(Event::Listened(number, result.map(drop))).await;
        });
        task.abort_handle()
    }

    /// Finds out what the server of an account speaks now.
    pub(crate) fn detect_again(
        &self,
        number: AccountNumber,
        detector: Detector,
        candidates: Vec<Arc<Profile>>,
        who: Option<Credentials>,
        server: ServerUrl,
    ) {
        let this = self.clone();
        tokio::spawn(async move {
            let result = detector.detect(&server, who.as_ref(), &candidates, drop).await;
            this.report(Event::DetectedAgain(number, result)).await;
        });
    }

    /// Waits until the links that were dropped have said goodbye.
    pub(crate) async fn links_settled(&self, within: Duration) {
        if timeout(within, self.connector.settled()).await.is_err() {
            tracing::warn!("not every server has heard that we go");
        }
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

    /// Sends a message over a link, and reports what the server says to it.
    pub(crate) fn send(
        &self,
        link: Option<&dyn Link>,
        number: MessageNumber,
        event: &str,
        payload: Payload,
        ack: bool,
    ) {
        let sent: BoxFuture<'static, _> = match link {
            None => ready(Err(AckError::Closed)).boxed(),
            Some(link) if ack => {
                link.emit_with_ack(event, payload, CONFIRM_WITHIN).map_ok(|_| Confirmed::Yes).boxed()
            }
            Some(link) => {
                let sent = link.emit(event, payload);
                ready(sent.map(|()| Confirmed::Unasked).map_err(AckError::NotSent)).boxed()
            }
        };
        let this = self.clone();
        tokio::spawn(async move { this.report(Event::Sent(number, sent.await)).await });
    }

    pub(crate) fn read_picture(&self, number: AccountNumber, contact: String, bytes: Bytes) {
        let this = self.clone();
        tokio::spawn(async move {
            let Ok(_turn) = this.reading_pictures.clone().acquire_owned().await else { return };
            let pictures = this.pictures.clone();
            let read = tokio::task::spawn_blocking(move || pictures.read(&bytes)).await;
            let key = match read {
                Ok(Ok(key)) => Some(key),
                Ok(Err(error)) => {
                    tracing::info!(%error, "a picture is not shown");
                    None
                }
                Err(_) => None,
            };
            this.report(Event::PictureRead(number, contact, key)).await;
        });
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

    pub(crate) fn start_local_server(&self) {
        let this = self.clone();
        tokio::spawn(async move {
            let result = match &this.local_server {
                Some(server) => server.start().await,
                None => Err("this program brings no server".to_owned()),
            };
            this.report(Event::LocalServer(result)).await;
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
