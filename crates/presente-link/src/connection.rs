//! What a user of the crate holds: a connection, its namespaces, and by what events are sent and acknowledged.

use crate::{
    driver::now,
    options::Transport,
    payload::Payload,
    proto::{Emit, NamespaceId, Recovery},
    reason::{AckError, CloseReason, EmitError, Stage},
    shared::{Shared, Taken},
};
use secrecy::SecretString;
use serde_json::value::RawValue;
use std::{fmt, pin::Pin, sync::Arc, time::Duration};
use tokio::time::timeout;

/// The payload of CONNECT, by which a namespace is told who we are.
pub struct Auth(AuthKind);

enum AuthKind {
    Known(Option<SecretString>),
    Asked(Pin<Box<dyn Future<Output = Result<Option<SecretString>, String>> + Send>>),
}

impl Auth {
    /// None.
    pub fn none() -> Self {
        Self(AuthKind::Known(None))
    }

    /// This one: the JSON text of an object.
    pub fn json(payload: SecretString) -> Self {
        Self(AuthKind::Known(Some(payload)))
    }

    /// Asked for while the connection is being opened, for tokens that have to be fetched or renewed. An error ends
    /// the namespace with [`CloseReason::NoAuth`].
    pub fn asked(
        answer: impl Future<Output = Result<Option<SecretString>, String>> + Send + 'static,
    ) -> Self {
        Self(AuthKind::Asked(Box::pin(answer)))
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auth(..)")
    }
}

/// What a namespace says. After `Refused` or `Closed` it says nothing more.
#[derive(Debug)]
pub enum Event {
    /// It is connected.
    Connected {
        /// The id of our socket there.
        sid: String,
        /// The transport that events travel by.
        transport: Transport,
        /// The server took up the state of an earlier connection, and sends what was missed.
        recovered: bool,
    },
    /// Events travel by this transport from now on.
    TransportChanged(Transport),
    /// How long something took to the server and back.
    RoundTrip(Duration),
    /// The server refused to connect it.
    Refused {
        /// The server's words.
        message: String,
        /// What else it said.
        data: Option<Box<RawValue>>,
    },
    /// The server sent an event.
    Message {
        /// Its name.
        name: String,
        /// Its arguments.
        payload: Payload,
        /// By which it is acknowledged, where the server asks for that.
        ack: Option<Ack>,
    },
    /// It has ended.
    Closed(CloseReason),
}

impl Event {
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Message { name, payload, .. } => name.len() + payload.size(),
            _ => 0,
        }
    }
}

/// Acknowledges an event of the server. Dropping it acknowledges nothing.
pub struct Ack {
    pub(crate) shared: Arc<Shared>,
    pub(crate) namespace: NamespaceId,
    pub(crate) id: i64,
}

impl Ack {
    /// Sends the answer; to a connection that has ended it is lost.
    pub fn answer(self, payload: &Payload) {
        let answered = self.shared.act(|session| session.answer(self.namespace, self.id, payload, now()));
        if let Err(error) = answered {
            tracing::debug!(%error, "an acknowledgement was not sent");
        }
    }
}

impl fmt::Debug for Ack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ack({})", self.id)
    }
}

/// One connection. It ends in order when it and all its namespaces are dropped.
#[derive(Debug)]
pub struct Connection {
    alive: Arc<Alive>,
}

impl Connection {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { alive: Arc::new(Alive(shared)) }
    }

    /// Connects a namespace; `/` is the main one.
    pub fn namespace(&self, name: &str, auth: Auth) -> Namespace {
        self.open(name, auth, None)
    }

    /// Connects a namespace and asks the server to take up the state of an earlier connection; whether it did is in
    /// [`Event::Connected`].
    pub fn recover(&self, name: &str, auth: Auth, recovery: Recovery) -> Namespace {
        self.open(name, auth, Some(recovery))
    }

    /// Asks the server for a sign of life; without one within that time the connection ends.
    pub fn check(&self, within: Duration) {
        self.alive.0.check(within);
    }

    fn open(&self, name: &str, auth: Auth, recovery: Option<Recovery>) -> Namespace {
        let shared = &self.alive.0;
        let id = shared.add(name);
        match auth.0 {
            AuthKind::Known(auth) => shared.connect(id, Ok(auth), recovery),
            AuthKind::Asked(asked) => {
                let within = shared.auth_within();
                let asking = tokio::spawn({
                    let shared = shared.clone();
                    async move {
                        match timeout(within, asked).await {
                            Ok(auth) => shared.connect(id, auth.map_err(CloseReason::NoAuth), recovery),
                            Err(_) => shared.connect(id, Err(CloseReason::TooSlow(Stage::Auth)), recovery),
                        }
                    }
                });
                shared.asking(id, asking.abort_handle());
            }
        }
        Namespace { emitter: Emitter { shared: shared.clone(), id }, alive: self.alive.clone() }
    }
}

/// A namespace of a connection. Dropping it disconnects it.
#[derive(Debug)]
pub struct Namespace {
    emitter: Emitter,
    alive: Arc<Alive>,
}

impl Namespace {
    /// The next event; `None` after the last.
    pub async fn next(&mut self) -> Option<Event> {
        let (shared, id) = (&self.emitter.shared, self.emitter.id);
        loop {
            match shared.take(id) {
                Taken::Event(event) => return Some(event),
                Taken::Ended => return None,
                Taken::Nothing(arrived) => arrived.notified().await,
            }
        }
    }

    /// By which events are sent, from anywhere and for as long as the namespace is there.
    pub fn emitter(&self) -> Emitter {
        self.emitter.clone()
    }

    /// Sends an event; see [`Emitter::emit`].
    ///
    /// # Errors
    /// It is not sent, and will not be.
    pub fn emit(&self, name: &str, payload: &Payload) -> Result<(), EmitError> {
        self.emitter.emit(name, payload)
    }

    /// Asks the server for a sign of life; without one within that time the connection ends.
    pub fn check(&self, within: Duration) {
        self.alive.0.check(within);
    }

    /// What a later connection needs to take up the state of this one, where the server keeps any.
    pub fn recovery(&self) -> Option<Recovery> {
        self.emitter.shared.with(|session| session.recovery(self.emitter.id))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        self.emitter.shared.leave(self.emitter.id);
    }
}

/// Sends events in a namespace.
#[derive(Debug, Clone)]
pub struct Emitter {
    shared: Arc<Shared>,
    id: NamespaceId,
}

impl Emitter {
    /// Queues an event and returns at once. Before the namespace is connected it waits for that; events arrive in
    /// the order in which they were emitted.
    ///
    /// # Errors
    /// It is not sent, and will not be: too much waits already, it is larger than the server takes, or the namespace
    /// has ended.
    pub fn emit(&self, name: &str, payload: &Payload) -> Result<(), EmitError> {
        self.send(name, payload, Emit::default()).map(|_| ())
    }

    /// The same, but the event is dropped where it would have to wait.
    ///
    /// # Errors
    /// As [`Emitter::emit`].
    pub fn emit_volatile(&self, name: &str, payload: &Payload) -> Result<(), EmitError> {
        self.send(name, payload, Emit { volatile: true, ..Emit::default() }).map(|_| ())
    }

    /// Sends an event at once; the future waits for the server's acknowledgement.
    pub fn emit_with_ack(
        &self,
        name: &str,
        payload: &Payload,
        within: Duration,
    ) -> impl Future<Output = Result<Payload, AckError>> + Send + use<> {
        let sent = self.shared.emit_with_ack(self.id, name, payload, within);
        async move { sent?.await.unwrap_or(Err(AckError::Closed)) }
    }

    fn send(&self, name: &str, payload: &Payload, how: Emit) -> Result<Option<u64>, EmitError> {
        self.shared.act(|session| session.emit(self.id, name, payload, how, now()))
    }
}

/// The last of these to go ends the connection.
#[derive(Debug)]
struct Alive(Arc<Shared>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.act(|session| session.finish(now()));
    }
}
