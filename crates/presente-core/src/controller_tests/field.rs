//! A server of the reference dialect in memory, with switches for what goes wrong, behind the core's traits.

use super::stage::Stage;
use crate::{
    Parts,
    clock::Clock,
    controller::{Dialects, Prefill},
    history::HistoryStore,
    link::{AckError, Connector, EmitError, Link, LinkEvent, LinkRequest, Payload, Transport},
    network::NetworkChanges,
    pictures::Pictures,
    problem::Problem,
    profile::Profile,
    secrets::{MemorySecrets, SecretStore, SecretStoreError},
    session::{Credentials, NewPerson, SessionError, Sessions, SignedIn, Target},
    settings::{Settings, SettingsStore},
    texts::Texts,
};
use async_trait::async_trait;
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use jiff::Timestamp;
use presente_wire::{Answer, Position};
use rand::{SeedableRng, rngs::StdRng};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::sync::mpsc;

/// What the server of a test knows and does.
#[derive(Default)]
pub(super) struct World {
    pub(super) passwords: BTreeMap<String, String>,
    pub(super) online: BTreeSet<String>,
    links: Vec<mpsc::Sender<LinkEvent>>,
    /// Everything that was asked of the server, in order.
    pub(super) asked: Vec<String>,
    /// Nothing answers.
    pub(super) down: bool,
    /// Requests are taken and never answered.
    pub(super) hangs: bool,
    /// Lists leave us out, whoever asks.
    pub(super) hides_asker: bool,
    /// Sockets stay open and nothing comes from them.
    pub(super) silent: bool,
    /// Sockets are refused, however fresh their token is.
    pub(super) refuses_sockets: bool,
    /// Sockets are refused whose CONNECT payload has more in it than is known here.
    pub(super) refuses_offers: bool,
    /// Tokens that sockets may show; anything goes where it is empty.
    pub(super) good_tokens: BTreeSet<String>,
    tokens_given: usize,
    network: Option<mpsc::UnboundedSender<()>>,
    /// The keyring is missing.
    pub(super) no_keyring: bool,
    pub(super) settings: Settings,
    /// Where it is kept who was online when, if it is.
    pub(super) history: Option<Arc<dyn HistoryStore>>,
    pub(super) exports: PathBuf,
    /// People who are listed although they are not there.
    pub(super) listed_offline: BTreeSet<String>,
    /// The time of day; it stands still.
    pub(super) wall: Timestamp,
}

/// The server, the settings and the clock of a test; outlives the core, as they do.
#[derive(Clone, Default)]
pub(super) struct Field {
    world: Arc<Mutex<World>>,
    pub(super) secrets: Arc<MemorySecrets>,
}

pub(super) const SERVER: &str = "http://localhost:4000";
pub(super) const ME: &str = "lucia@x";

impl Field {
    pub(super) fn with_people(people: &[&str]) -> Self {
        let field = Self::default();
        for email in people.iter().chain(&[ME]) {
            field.world().passwords.insert((*email).to_owned(), "clave".to_owned());
        }
        field
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub(super) fn asked(&self, what: &str) -> usize {
        self.world().asked.iter().filter(|asked| asked.starts_with(what)).count()
    }

    /// Somebody else comes or goes, and the list goes round.
    pub(super) fn comes(&self, email: &str) {
        self.world().online.insert(email.to_owned());
        self.send_list();
    }

    pub(super) fn goes(&self, email: &str) {
        self.world().online.remove(email);
        self.send_list();
    }

    pub(super) fn send_list(&self) {
        let hides_asker = self.world().hides_asker;
        let row = |email: &String, online: bool| json!({"_id": email.len().to_string() + email, "firstName": email.split('@').next(), "email": email, "isConected": online});
        let list: Vec<Value> = {
            let world = self.world();
            let online = world.online.iter().filter(|email| !hides_asker || *email != ME);
            online
                .map(|email| row(email, true))
                .chain(world.listed_offline.iter().map(|email| row(email, false)))
                .collect()
        };
        self.say("usersConected", &json!({"response": {"user": list}}));
    }

    pub(super) fn say(&self, event: &str, argument: &Value) {
        let mut world = self.world();
        if world.silent {
            return;
        }
        world.links.retain(|link| {
            let payload = Payload::from_values(&[argument]).unwrap();
            link.try_send(LinkEvent::Event { name: event.to_owned(), payload, ack: None }).is_ok()
        });
    }

    /// The machine comes into another network.
    pub(super) fn changes_network(&self) {
        let network = self.world().network.clone().expect("a core listens");
        network.send(()).unwrap();
    }

    fn network(&self) -> NetworkChanges {
        let (sender, changes) = mpsc::unbounded_channel();
        self.world().network = Some(sender);
        stream::unfold(changes, |mut changes| async move { Some((changes.recv().await?, changes)) }).boxed()
    }

    /// The server answers in that time.
    pub(super) fn answers_in(&self, round_trip: Duration) {
        for link in &self.world().links {
            let _ = link.try_send(LinkEvent::RoundTrip(round_trip));
        }
    }

    /// All sockets close; a server that goes down answers nothing any more.
    pub(super) fn closes_sockets(&self) {
        for link in self.world().links.drain(..) {
            let _ = link.try_send(LinkEvent::Closed { reason: "gone".to_owned() });
        }
    }

    pub(super) fn sockets(&self) -> usize {
        self.world().links.iter().filter(|link| !link.is_closed()).count()
    }

    pub(super) fn start(&self) -> Stage {
        self.start_with(Arc::new(self.clone()), Arc::new(self.clone()))
    }

    /// Starts a core that reaches other servers too.
    pub(super) fn start_with(&self, sessions: Arc<dyn Sessions>, connector: Arc<dyn Connector>) -> Stage {
        let (sender, updates) = mpsc::unbounded_channel();
        // The guard must not live while the rest is asked of the same world.
        let (history, exports) = {
            let world = self.world();
            (world.history.clone(), world.exports.clone())
        };
        let parts = Parts {
            sessions,
            connector,
            network: self.network(),
            secrets: Arc::new(self.clone()),
            settings: Box::new(self.clone()),
            pictures: Pictures::default(),
            history,
            exports,
            local_server: None,
            clock: Arc::new(self.clone()),
            rng: StdRng::seed_from_u64(7),
            texts: Texts::for_locale("en"),
            dialects: Dialects::Fixed(Arc::new(Profile::preset("usersconected").unwrap())),
            patient: false,
            prefill: Prefill::default(),
        };
        let (core, task) = super::launch(parts, sender);
        Stage { core, task, updates, seen: Vec::new() }
    }

    async fn answer(&self, what: String) -> Result<(), SessionError> {
        let (down, hangs) = {
            let mut world = self.world();
            world.asked.push(what);
            (world.down, world.hangs)
        };
        if hangs {
            std::future::pending::<()>().await;
        }
        if down { Err(SessionError::Unreachable) } else { Ok(()) }
    }
}

#[async_trait]
impl Sessions for Field {
    async fn sign_in(
        &self,
        _target: &Target,
        who: &Credentials,
        _token: Option<&SecretString>,
    ) -> Result<SignedIn, SessionError> {
        self.answer(format!("sign in {}", who.email)).await?;
        let mut world = self.world();
        if world.passwords.get(&who.email).map(String::as_str) != Some(who.password.expose_secret()) {
            return Err(SessionError::Refused { message: "Clave incorrecta".to_owned() });
        }
        world.online.insert(who.email.clone());
        world.tokens_given += 1;
        let token = format!("token {}", world.tokens_given);
        if !world.good_tokens.is_empty() {
            world.good_tokens.insert(token.clone());
        }
        Ok(SignedIn { token: Some(SecretString::from(token)), me: None })
    }

    async fn sign_out(
        &self,
        _target: &Target,
        email: &str,
        _token: Option<&SecretString>,
    ) -> Result<(), SessionError> {
        self.answer(format!("sign out {email}")).await?;
        let mut world = self.world();
        assert!(world.passwords.contains_key(email), "an unknown closeuser ends the field's servers");
        world.online.remove(email);
        Ok(())
    }

    async fn sign_up(
        &self,
        _target: &Target,
        who: &Credentials,
        _person: &NewPerson,
    ) -> Result<(), SessionError> {
        self.answer(format!("sign up {}", who.email)).await?;
        let password = who.password.expose_secret().to_owned();
        let taken = self.world().passwords.insert(who.email.clone(), password).is_some();
        if taken { Err(SessionError::Refused { message: "Ya existe".to_owned() }) } else { Ok(()) }
    }

    async fn fetch_list(
        &self,
        _: &Target,
        _: &str,
        _: Option<Position>,
        _: Option<&SecretString>,
    ) -> Result<Answer, SessionError> {
        Err(SessionError::NotOffered)
    }
}

impl Connector for Field {
    fn open(&self, request: LinkRequest, events: mpsc::Sender<LinkEvent>) -> Box<dyn Link> {
        let mut world = self.world();
        world.asked.push("open".to_owned());
        let auth = request.proof.auth.as_ref();
        let auth = auth.and_then(|auth| serde_json::from_str::<Value>(auth.expose_secret()).ok());
        let token = auth.as_ref().and_then(|auth| Some(auth.get("token")?.as_str()?.to_owned()));
        let offers = auth.is_some_and(|auth| auth.get("presence").is_some());
        let is_good =
            world.good_tokens.is_empty() || token.is_some_and(|token| world.good_tokens.contains(&token));
        let answer = if world.down {
            LinkEvent::Closed { reason: "nothing answers".to_owned() }
        } else if world.refuses_sockets || !is_good || (offers && world.refuses_offers) {
            LinkEvent::Refused { message: "Token caducado".to_owned(), data: None }
        } else {
            world.links.push(events.clone());
            LinkEvent::Connected {
                sid: Some("socket".to_owned()),
                transport: Transport::WebSocket,
                recovered: false,
            }
        };
        events.try_send(answer).unwrap();
        Box::new(FieldLink { field: self.clone(), events })
    }
}

struct FieldLink {
    field: Field,
    events: mpsc::Sender<LinkEvent>,
}

impl Link for FieldLink {
    fn emit(&self, event: &str, _payload: Payload) -> Result<(), EmitError> {
        self.field.world().asked.push(format!("emit {event}"));
        self.field.send_list();
        Ok(())
    }

    fn emit_with_ack(
        &self,
        event: &str,
        _payload: Payload,
        within: Duration,
    ) -> BoxFuture<'static, Result<Payload, AckError>> {
        let mut world = self.field.world();
        world.asked.push(format!("ask {event}"));
        let silent = world.silent;
        async move {
            if silent {
                tokio::time::sleep(within).await;
                return Err(AckError::TimedOut);
            }
            Ok(Payload::empty())
        }
        .boxed()
    }

    fn check(&self, within: Duration) {
        let mut world = self.field.world();
        world.asked.push("check".to_owned());
        if world.silent {
            let events = self.events.clone();
            tokio::spawn(async move {
                tokio::time::sleep(within).await;
                let _ = events.try_send(LinkEvent::Closed { reason: "no sign of life".to_owned() });
            });
        }
    }
}

impl Drop for FieldLink {
    fn drop(&mut self) {
        self.field.world().links.retain(|link| !link.same_channel(&self.events));
    }
}

impl SecretStore for Field {
    fn load(&self, account: &str) -> Result<Option<SecretString>, SecretStoreError> {
        self.keyring()?.load(account)
    }

    fn save(&self, account: &str, secret: &SecretString) -> Result<(), SecretStoreError> {
        self.keyring()?.save(account, secret)
    }

    fn delete(&self, account: &str) -> Result<(), SecretStoreError> {
        self.keyring()?.delete(account)
    }
}

impl Field {
    fn keyring(&self) -> Result<&MemorySecrets, SecretStoreError> {
        match self.world().no_keyring {
            true => Err(SecretStoreError { reason: "NoStorageAccess".to_owned() }),
            false => Ok(&self.secrets),
        }
    }
}

impl SettingsStore for Field {
    fn load(&self) -> (Settings, Option<Problem>) {
        (self.world().settings.clone(), None)
    }

    fn save(&self, settings: &Settings) -> Result<(), Problem> {
        self.world().settings = settings.clone();
        Ok(())
    }
}

impl Clock for Field {
    fn now(&self) -> Timestamp {
        self.world().wall
    }
}
