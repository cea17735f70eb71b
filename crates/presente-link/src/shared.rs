//! What the handles of a connection and its driver share: the session, and what has come and is not taken yet.

use crate::{
    client::Learnt,
    connection::{Ack, Event},
    driver::now,
    options::{Limits, Transport},
    payload::Payload,
    proto::{Action, Emit, Incident, NamespaceId, Recovery, Session},
    reason::{AckError, CloseReason, EmitError},
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    sync::{Notify, oneshot},
    task::AbortHandle,
};

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

/// What [`Shared::take`] found.
pub(crate) enum Taken {
    Event(Event),
    /// Nothing yet; this is told when there is.
    Nothing(Arc<Notify>),
    Ended,
}

/// How much may be read before whoever takes the events is too far behind; nothing while reading rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

/// What the driver does next.
pub(crate) struct Turn {
    pub(crate) actions: Vec<Action>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) room: Room,
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

    /// The same for who is not the driver, which is to have a look afterwards.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut Session) -> T) -> T {
        let result = self.with(act);
        self.wake.notify_one();
        result
    }

    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Does what is due, hands out what has happened, and says what to do next.
    pub(crate) fn turn(self: &Arc<Self>, now: Instant) -> Turn {
        let mut state = self.state();
        let state = &mut *state;
        if state.session.deadline().is_some_and(|at| now >= at) {
            state.session.tick(now);
        }
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
            room: match state.resting {
                true => Room { events: 0, bytes: 0 },
                false => Room {
                    events: self.limits.read_ahead_events.saturating_sub(state.ahead_events),
                    bytes: self.limits.read_ahead_bytes.saturating_sub(state.ahead_bytes),
                },
            },
            ended: state.ended.clone(),
        }
    }

    pub(crate) fn auth_within(&self) -> Duration {
        self.auth_within
    }

    /// Emits, and says by what the acknowledgement comes.
    pub(crate) fn emit_with_ack(
        &self,
        id: NamespaceId,
        name: &str,
        payload: &Payload,
        within: Duration,
    ) -> Result<oneshot::Receiver<Result<Payload, AckError>>, EmitError> {
        let (sender, receiver) = oneshot::channel();
        let how = Emit { ack_within: Some(within), ..Emit::default() };
        // Under one lock, so that the answer cannot come before it is waited for.
        let mut state = self.state();
        if let Some(ack) = state.session.emit(id, name, payload, how, now())? {
            state.awaiting.insert((id, ack), sender);
        }
        drop(state);
        self.wake.notify_one();
        Ok(receiver)
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

    pub(crate) fn add(&self, name: &str) -> NamespaceId {
        let mut state = self.state();
        state.inboxes.push(Inbox::default());
        let id = state.session.add(name);
        // Nobody drives it any more, and nothing else would tell.
        if let Some(reason) = state.session.ended().cloned() {
            state.tell(id, Event::Closed(reason));
            state.end(id);
        }
        id
    }

    pub(crate) fn asking(&self, id: NamespaceId, asking: AbortHandle) {
        if let Some(inbox) = self.state().inboxes.get_mut(id.index()) {
            inbox.asking = Some(asking);
        }
    }

    pub(crate) fn connect(
        &self,
        id: NamespaceId,
        auth: Result<Option<SecretString>, CloseReason>,
        recovery: Option<Recovery>,
    ) {
        self.act(|session| match auth {
            Ok(auth) => {
                let auth = auth.as_ref().map(ExposeSecret::expose_secret);
                if let Err(error) = session.connect(id, auth, recovery, now()) {
                    session.leave(id, CloseReason::NoAuth(error.to_string()), now());
                }
            }
            Err(reason) => session.leave(id, reason, now()),
        });
    }

    pub(crate) fn check(&self, within: Duration) {
        self.act(|session| session.check(within, now()));
    }

    pub(crate) fn take(&self, id: NamespaceId) -> Taken {
        let mut state = self.state();
        let Some(inbox) = state.inboxes.get_mut(id.index()) else { return Taken::Ended };
        let Some(event) = inbox.events.pop_front() else {
            return if inbox.ended { Taken::Ended } else { Taken::Nothing(inbox.arrived.clone()) };
        };
        state.ahead_events -= 1;
        state.ahead_bytes -= event.size();
        if state.resting && self.is_below_half(&state) {
            self.wake.notify_one();
        }
        Taken::Event(event)
    }

    pub(crate) fn leave(&self, id: NamespaceId) {
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
        // Whoever waits has found nothing; who finds something comes back by themselves.
        if inbox.events.is_empty() {
            inbox.arrived.notify_one();
        }
        if matches!((&event, inbox.events.back()), (Event::RoundTrip(_), Some(Event::RoundTrip(_)))) {
            inbox.events.pop_back();
            self.ahead_events -= 1;
        }
        self.ahead_events += 1;
        self.ahead_bytes += event.size();
        inbox.events.push_back(event);
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
