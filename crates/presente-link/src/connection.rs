//! What a user of the crate holds: a connection, its namespaces, and by what events are sent and acknowledged.

use crate::{
    client::Learnt,
    driver::now,
    options::{Limits, Transport},
    payload::Payload,
    proto::{Action, Emit, Incident, NamespaceId, Recovery, Session},
    reason::{AckError, CloseReason, EmitError, Stage},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use std::{
    collections::{HashMap, VecDeque},
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    sync::{Notify, oneshot},
    task::AbortHandle,
    time::timeout,
};

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
    fn size(&self) -> usize {
        match self {
            Self::Message { name, payload, .. } => name.len() + payload.size(),
            _ => 0,
        }
    }
}

/// Acknowledges an event of the server. Dropping it acknowledges nothing.
pub struct Ack {
    shared: Arc<Shared>,
    namespace: NamespaceId,
    id: i64,
}

impl Ack {
    /// Sends the answer; to a connection that has ended it is lost.
    pub fn answer(self, payload: &Payload) {
        let result = self.shared.with(|session| session.answer(self.namespace, self.id, payload, now()));
        if let Err(error) = result {
            tracing::debug!(%error, "an acknowledgement was not sent");
        }
        self.shared.wake.notify_one();
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
                let within = shared.auth_within;
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
        let arrived = shared.state().inboxes.get(id.index())?.arrived.clone();
        loop {
            match shared.take(id) {
                Taken::Event(event) => return Some(event),
                Taken::Ended => return None,
                Taken::Nothing => arrived.notified().await,
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
        let (sender, receiver) = oneshot::channel();
        let sent = {
            let mut state = self.shared.state();
            let how = Emit { ack_within: Some(within), ..Emit::default() };
            let sent = state.session.emit(self.id, name, payload, how, now());
            if let Ok(Some(ack)) = sent {
                state.awaiting.insert((self.id, ack), sender);
            }
            sent
        };
        self.shared.wake.notify_one();
        async move {
            sent?;
            receiver.await.unwrap_or(Err(AckError::Closed))
        }
    }

    fn send(&self, name: &str, payload: &Payload, how: Emit) -> Result<Option<u64>, EmitError> {
        let sent = self.shared.with(|session| session.emit(self.id, name, payload, how, now()));
        self.shared.wake.notify_one();
        sent
    }
}

/// The last of these to go ends the connection.
#[derive(Debug)]
struct Alive(Arc<Shared>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.with(|session| session.finish(now()));
        self.0.wake.notify_one();
    }
}

/// What the handles and the driver share.
pub(crate) struct Shared {
    state: Mutex<State>,
    /// The driver should have a look.
    wake: Notify,
    limits: Limits,
    auth_within: Duration,
    learnt: Learnt,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared(..)")
    }
}

struct State {
    session: Session,
    inboxes: Vec<Inbox>,
    awaiting: HashMap<(NamespaceId, u64), oneshot::Sender<Result<Payload, AckError>>>,
    transport: Transport,
    ahead_events: usize,
    ahead_bytes: usize,
    resting: bool,
    ended: Option<CloseReason>,
}

#[derive(Debug, Default)]
struct Inbox {
    events: VecDeque<Event>,
    ended: bool,
    arrived: Arc<Notify>,
    asking: Option<AbortHandle>,
}

enum Taken {
    Event(Event),
    Nothing,
    Ended,
}

/// What the driver does next.
pub(crate) struct Turn {
    pub(crate) actions: Vec<Action>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) reading: bool,
    pub(crate) ended: Option<CloseReason>,
}

impl Shared {
    pub(crate) fn new(session: Session, limits: Limits, auth_within: Duration, learnt: Learnt) -> Self {
        let state = State {
            transport: session.engine().transport(),
            session,
            inboxes: Vec::new(),
            awaiting: HashMap::new(),
            ahead_events: 0,
            ahead_bytes: 0,
            resting: false,
            ended: None,
        };
        Self { state: Mutex::new(state), wake: Notify::new(), limits, auth_within, learnt }
    }

    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Session) -> T) -> T {
        act(&mut self.state().session)
    }

    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Hands out what has happened, and says what to do next.
    pub(crate) fn turn(self: &Arc<Self>, now: Instant) -> Turn {
        let mut state = self.state();
        let state = &mut *state;
        if state.resting && self.is_below_half(state) {
            state.resting = false;
            state.session.resume(now);
        }
        while let Some(incident) = state.session.poll_incident() {
            self.on_incident(state, incident);
        }
        let full = state.ahead_events >= self.limits.read_ahead_events
            || state.ahead_bytes >= self.limits.read_ahead_bytes;
        if full && !state.resting {
            state.resting = true;
            state.session.rest(now);
        }
        Turn {
            actions: std::iter::from_fn(|| state.session.poll_action()).collect(),
            deadline: state.session.deadline(),
            reading: !state.resting,
            ended: state.ended.clone(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_below_half(&self, state: &State) -> bool {
        state.ahead_events <= self.limits.read_ahead_events / 2
            && state.ahead_bytes <= self.limits.read_ahead_bytes / 2
    }

    fn on_incident(self: &Arc<Self>, state: &mut State, incident: Incident) {
        match incident {
            Incident::Opened(transport) => {
                state.transport = transport;
                self.learnt.worked(transport);
            }
            Incident::TransportChanged(transport) => {
                state.transport = transport;
                self.learnt.worked(transport);
                state.tell_all(|| Event::TransportChanged(transport));
            }
            Incident::NotUpgraded(reason) => tracing::debug!(reason, "staying with polling"),
            Incident::FellBack(reason) => tracing::debug!(%reason, "trying another transport"),
            Incident::RoundTrip(time) => state.tell_all(|| Event::RoundTrip(time)),
            Incident::Connected { namespace, sid, recovered } => {
                let transport = state.transport;
                state.tell(namespace, Event::Connected { sid, transport, recovered });
            }
            Incident::Refused { namespace, message, data } => {
                state.tell(namespace, Event::Refused { message, data });
                state.end(namespace);
            }
            Incident::Event { namespace, name, payload, ack } => {
                let ack = ack.map(|id| Ack { shared: self.clone(), namespace, id });
                state.tell(namespace, Event::Message { name, payload, ack });
            }
            Incident::Acknowledged { namespace, id, result } => {
                if let Some(waiting) = state.awaiting.remove(&(namespace, id)) {
                    // Who waited may have gone.
                    let _ = waiting.send(result);
                }
            }
            Incident::Ended { namespace, reason } => {
                state.tell(namespace, Event::Closed(reason));
                state.end(namespace);
            }
            Incident::Closed(reason) => state.ended = Some(reason),
        }
    }

    fn add(&self, name: &str) -> NamespaceId {
        let mut state = self.state();
        state.inboxes.push(Inbox::default());
        state.session.add(name)
    }

    fn asking(&self, id: NamespaceId, asking: AbortHandle) {
        if let Some(inbox) = self.state().inboxes.get_mut(id.index()) {
            inbox.asking = Some(asking);
        }
    }

    fn connect(
        &self,
        id: NamespaceId,
        auth: Result<Option<SecretString>, CloseReason>,
        recovery: Option<Recovery>,
    ) {
        self.with(|session| match auth {
            Ok(auth) => {
                let auth = auth.as_ref().map(ExposeSecret::expose_secret);
                if let Err(error) = session.connect(id, auth, recovery, now()) {
                    session.leave(id, CloseReason::NoAuth(error.to_string()), now());
                }
            }
            Err(reason) => session.leave(id, reason, now()),
        });
        self.wake.notify_one();
    }

    fn check(&self, within: Duration) {
        self.with(|session| session.check(within, now()));
        self.wake.notify_one();
    }

    fn take(&self, id: NamespaceId) -> Taken {
        let mut state = self.state();
        let Some(inbox) = state.inboxes.get_mut(id.index()) else { return Taken::Ended };
        let Some(event) = inbox.events.pop_front() else {
            return if inbox.ended { Taken::Ended } else { Taken::Nothing };
        };
        state.ahead_events -= 1;
        state.ahead_bytes -= event.size();
        if state.resting && self.is_below_half(&state) {
            self.wake.notify_one();
        }
        Taken::Event(event)
    }

    fn leave(&self, id: NamespaceId) {
        let mut state = self.state();
        let state = &mut *state;
        state.session.leave(id, CloseReason::Local, now());
        if let Some(inbox) = state.inboxes.get_mut(id.index()) {
            inbox.ended = true;
            let dropped = std::mem::take(&mut inbox.events);
            state.ahead_events -= dropped.len();
            state.ahead_bytes -= dropped.iter().map(Event::size).sum::<usize>();
            inbox.stop_asking();
        }
        self.wake.notify_one();
    }
}

impl State {
    fn tell(&mut self, id: NamespaceId, event: Event) {
        let Some(inbox) = self.inboxes.get_mut(id.index()).filter(|inbox| !inbox.ended) else { return };
        if matches!((&event, inbox.events.back()), (Event::RoundTrip(_), Some(Event::RoundTrip(_)))) {
            inbox.events.pop_back();
            self.ahead_events -= 1;
        }
        self.ahead_events += 1;
        self.ahead_bytes += event.size();
        inbox.events.push_back(event);
        inbox.arrived.notify_one();
    }

    fn tell_all(&mut self, event: impl Fn() -> Event) {
        for id in self.session.namespaces() {
            self.tell(id, event());
        }
    }

    fn end(&mut self, id: NamespaceId) {
        if let Some(inbox) = self.inboxes.get_mut(id.index()) {
            inbox.ended = true;
            inbox.stop_asking();
            inbox.arrived.notify_one();
        }
    }
}

impl Inbox {
    fn stop_asking(&mut self) {
        if let Some(asking) = self.asking.take() {
            asking.abort();
        }
    }
}
