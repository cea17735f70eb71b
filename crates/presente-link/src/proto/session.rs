//! Socket.IO over one Engine.IO session.

use super::{
    engine::{Action, Engine, EngineEvent, Plan},
    incident::{Emit, Incident, NamespaceId},
    namespace::{Came, Namespace, Recovery, Standing, Welcome},
    packet::{Content, Decoder, Incoming, encode},
    wire::Frame,
};
use crate::{
    options::{Deadlines, Limits, Transport},
    payload::{Payload, PayloadError},
    reason::{AckError, CloseReason, EmitError, Failure, Stage},
};
use bytes::Bytes;
use engineioxide_core::Str;
use socketioxide_core::{Value, packet::Packet};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// A session with its namespaces, without I/O.
#[derive(Debug)]
pub struct Session {
    engine: Engine,
    /// What to try if the first plan fails before the server has opened the session.
    otherwise: Option<Plan>,
    deadlines: Deadlines,
    limits: Limits,
    decoder: Decoder,
    complete_by: Option<Instant>,
    namespaces: Vec<Namespace>,
    incidents: VecDeque<Incident>,
    ended: Option<CloseReason>,
}

impl Session {
    /// Begins a session by a plan, and by another one where the first cannot even open it for reasons that
    /// another transport may not have.
    pub fn new(
        plan: Plan,
        otherwise: Option<Plan>,
        deadlines: Deadlines,
        limits: Limits,
        now: Instant,
    ) -> Self {
        Self {
            engine: Engine::new(plan, deadlines.clone(), now),
            otherwise,
            decoder: Decoder::new(&limits),
            deadlines,
            limits,
            complete_by: None,
            namespaces: Vec::new(),
            incidents: VecDeque::new(),
            ended: None,
        }
    }

    /// The Engine.IO session.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Why the session has ended, if it has.
    pub fn ended(&self) -> Option<&CloseReason> {
        self.ended.as_ref()
    }

    /// Adds a namespace; it is connected once [`Self::connect`] has said with what. In a session that has ended it
    /// has ended too, and no incident tells of it.
    pub fn add(&mut self, name: &str) -> NamespaceId {
        let slash = if name.starts_with('/') { "" } else { "/" };
        let mut namespace = Namespace::new(Str::from(format!("{slash}{name}")));
        if self.ended.is_some() {
            namespace.standing = Standing::Ended;
        }
        self.namespaces.push(namespace);
        NamespaceId(self.namespaces.len() - 1)
    }

    /// All namespaces, those that have ended too.
    pub fn namespaces(&self) -> impl Iterator<Item = NamespaceId> + use<> {
        (0..self.namespaces.len()).map(NamespaceId)
    }

    /// Connects a namespace as soon as the session stands. `auth` is a JSON object.
    ///
    /// # Errors
    /// `auth` is none, and recovery has to add to it.
    pub fn connect(
        &mut self,
        id: NamespaceId,
        auth: Option<&str>,
        recovery: Option<Recovery>,
        now: Instant,
    ) -> Result<(), PayloadError> {
        if let Some(namespace) = self.namespaces.get_mut(id.0) {
            namespace.prepare(auth, recovery)?;
            self.connect_prepared(now);
        }
        Ok(())
    }

    /// Ends a namespace; the session goes on.
    pub fn leave(&mut self, id: NamespaceId, reason: CloseReason, now: Instant) {
        let Some(namespace) = self.namespaces.get(id.0) else { return };
        if matches!(namespace.standing, Standing::Connecting { .. } | Standing::Connected) {
            let goodbye = encode(Packet::disconnect(namespace.name.clone()));
            self.engine.send(goodbye, now);
        }
        self.end(id, reason);
        self.settle(now);
    }

    /// Sends an event; returns the number of the acknowledgement, where one is wanted. Before the namespace is
    /// connected it waits for that.
    ///
    /// # Errors
    /// It is not sent, and will not be.
    pub fn emit(
        &mut self,
        id: NamespaceId,
        name: &str,
        payload: &Payload,
        how: Emit,
        now: Instant,
    ) -> Result<Option<u64>, EmitError> {
        let text = payload.with_name(name).map_err(|error| EmitError::Payload(error.to_string()))?;
        let room = self.room_for(1 + payload.attachments().len(), text.len() + payload.size());
        let engine = &self.engine;
        let namespace = self.namespaces.get_mut(id.0).ok_or(EmitError::Closed)?;
        if namespace.standing == Standing::Ended || engine.is_closed() {
            return Err(EmitError::Closed);
        }
        let connected = namespace.standing == Standing::Connected;
        if how.volatile && !(connected && engine.is_writable()) {
            return Ok(None);
        }
        room?;
        let value = Value::Str(text, Some(payload.attachments().iter().cloned().collect()));
        let mut packet = Packet::event(namespace.name.clone(), value);
        let ack = how.ack_within.map(|within| namespace.await_ack(within, now));
        if let Some(ack) = ack {
            packet.inner.set_ack_id(i64::try_from(ack).unwrap_or(i64::MAX));
        }
        let messages = encode(packet);
        if let Some(error) = messages.iter().find_map(|message| engine.fits(message).err()) {
            ack.map(|ack| namespace.acks.remove(&ack));
            return Err(error);
        }
        match connected {
            true => self.engine.send(messages, now),
            false => namespace.waiting.push(messages),
        }
        self.settle(now);
        Ok(ack)
    }

    /// Acknowledges an event of the server; without effect once the namespace has ended.
    ///
    /// # Errors
    /// It is not sent.
    pub fn answer(
        &mut self,
        id: NamespaceId,
        ack: i64,
        payload: &Payload,
        now: Instant,
    ) -> Result<(), EmitError> {
        let Some(namespace) = self.namespaces.get(id.0) else { return Ok(()) };
        if namespace.standing != Standing::Connected {
            return Err(EmitError::Closed);
        }
        let text = payload.own_text().map_err(|error| EmitError::Payload(error.to_string()))?;
        self.room_for(1 + payload.attachments().len(), payload.size())?;
        let attachments = payload.attachments().iter().cloned().collect();
        let value = Value::Str(Str::from(text.into_owned()), Some(attachments));
        let messages = encode(Packet::ack(namespace.name.clone(), value, ack));
        if let Some(error) = messages.iter().find_map(|message| self.engine.fits(message).err()) {
            return Err(error);
        }
        self.engine.send(messages, now);
        self.settle(now);
        Ok(())
    }

    /// What a later connection needs to take up the state of this namespace, where the server keeps any.
    pub fn recovery(&self, id: NamespaceId) -> Option<Recovery> {
        self.namespaces.get(id.0)?.recovery.clone()
    }

    /// Asks for a sign of life; see [`Engine::check`].
    pub fn check(&mut self, within: Duration, now: Instant) {
        self.engine.check(within, now);
        self.settle(now);
    }

    /// Reading rests; see [`Engine::rest`].
    pub fn rest(&mut self, now: Instant) {
        self.engine.rest(now);
    }

    /// Reading goes on.
    pub fn resume(&mut self, now: Instant) {
        if self.engine.is_resting() && self.complete_by.is_some() {
            self.complete_by = Some(now + self.deadlines.attachments);
        }
        self.engine.resume(now);
        self.settle(now);
    }

    /// Sends what is queued, says goodbye and ends, within [`Deadlines::close`].
    pub fn finish(&mut self, now: Instant) {
        for id in self.namespaces() {
            self.leave(id, CloseReason::Local, now);
        }
        self.engine.finish(now);
        self.settle(now);
    }

    /// Ends at once.
    pub fn close(&mut self, reason: CloseReason, now: Instant) {
        self.engine.close(reason);
        self.settle(now);
    }

    /// The WebSocket is open.
    pub fn websocket_opened(&mut self, now: Instant) {
        self.engine.websocket_opened(now);
        self.settle(now);
    }

    /// A frame came in the WebSocket.
    pub fn received(&mut self, frame: Frame, now: Instant) {
        self.engine.received(frame, now);
        self.settle(now);
    }

    /// A GET was answered with this body.
    pub fn polled(&mut self, body: Bytes, now: Instant) {
        self.engine.polled(body, now);
        self.settle(now);
    }

    /// A POST was taken.
    pub fn posted(&mut self, now: Instant) {
        self.engine.posted(now);
        self.settle(now);
    }

    /// The network has taken what was to be written.
    pub fn written(&mut self, now: Instant) {
        self.engine.written(now);
        self.settle(now);
    }

    /// A transport failed.
    pub fn failed(&mut self, transport: Transport, failure: Failure, now: Instant) {
        self.engine.failed(transport, failure, now);
        self.settle(now);
    }

    /// When [`Self::tick`] wants to be called.
    pub fn deadline(&self) -> Option<Instant> {
        if self.engine.is_closed() {
            return None;
        }
        let namespaces = self.namespaces.iter().filter_map(Namespace::deadline);
        namespaces.chain(self.engine.deadline()).chain(self.attachments_by()).min()
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Instant) {
        self.engine.tick(now);
        if self.attachments_by().is_some_and(|by| now >= by) {
            self.engine.close(CloseReason::TooSlow(Stage::Attachments));
        }
        for id in self.namespaces() {
            self.tick_namespace(id, now);
        }
        self.settle(now);
    }

    /// What is to be done next.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.engine.poll_action()
    }

    /// What happened next.
    pub fn poll_incident(&mut self) -> Option<Incident> {
        self.incidents.pop_front()
    }

    /// When the attachments that are missing must have come. While reading rests they are not read.
    fn attachments_by(&self) -> Option<Instant> {
        self.complete_by.filter(|_| !self.engine.is_resting())
    }

    fn tick_namespace(&mut self, id: NamespaceId, now: Instant) {
        let Some(namespace) = self.namespaces.get_mut(id.0) else { return };
        let late: Vec<u64> = namespace.acks.iter().filter(|(_, by)| now >= **by).map(|(id, _)| *id).collect();
        for ack in late {
            namespace.acks.remove(&ack);
            let result = Err(AckError::TimedOut);
            self.incidents.push_back(Incident::Acknowledged { namespace: id, id: ack, result });
        }
        if matches!(namespace.standing, Standing::Connecting { by } if now >= by) {
            self.leave(id, CloseReason::TooSlow(Stage::Namespace), now);
        }
    }

    /// Whether so many packets, of so many bytes together, may wait beside what waits already.
    fn room_for(&self, packets: usize, bytes: usize) -> Result<(), EmitError> {
        let queued = self.queued();
        let full = queued.0 + packets > self.limits.queued_packets
            || (queued.1 > 0 && queued.1 + bytes > self.limits.queued_bytes);
        if full { Err(EmitError::Full) } else { Ok(()) }
    }

    fn queued(&self) -> (usize, usize) {
        let waiting = self.namespaces.iter().flat_map(|namespace| namespace.waiting.iter().flatten());
        let (packets, bytes) = self.engine.queued();
        waiting.fold((packets, bytes), |(packets, bytes), packet| {
            (packets + 1, bytes + packet.get_size_hint(true))
        })
    }

    fn connect_prepared(&mut self, now: Instant) {
        if self.engine.open().is_none() || self.engine.is_closed() {
            return;
        }
        for namespace in &mut self.namespaces {
            if let Some(payload) = namespace.begin(&self.deadlines, now) {
                let value = payload.map(|json| Value::Str(Str::from(json), None));
                self.engine.send(encode(Packet::connect(namespace.name.clone(), value)), now);
            }
        }
    }

    /// Takes what the engine has, until there is no more.
    fn settle(&mut self, now: Instant) {
        while let Some(event) = self.engine.poll_event() {
            match event {
                EngineEvent::Opened(_) => {
                    self.incidents.push_back(Incident::Opened(self.engine.transport()));
                    self.connect_prepared(now);
                }
                EngineEvent::Text(text) => {
                    let packet = self.decoder.text(text);
                    self.on_decoded(packet, now);
                }
                EngineEvent::Binary(data) => {
                    let packet = self.decoder.binary(data);
                    self.on_decoded(packet, now);
                }
                EngineEvent::Upgraded => {
                    self.incidents.push_back(Incident::TransportChanged(Transport::WebSocket));
                }
                EngineEvent::NotUpgraded(why) => self.incidents.push_back(Incident::NotUpgraded(why)),
                EngineEvent::RoundTrip(time) => self.incidents.push_back(Incident::RoundTrip(time)),
                EngineEvent::Closed(reason) if self.falls_back(&reason, now) => {
                    self.incidents.push_back(Incident::FellBack(reason));
                }
                EngineEvent::Closed(reason) => {
                    for id in self.namespaces() {
                        self.end(id, reason.clone());
                    }
                    self.ended = Some(reason.clone());
                    self.incidents.push_back(Incident::Closed(reason));
                }
            }
        }
    }

    fn falls_back(&mut self, reason: &CloseReason, now: Instant) -> bool {
        let plan = self.otherwise.take_if(|_| self.engine.open().is_none() && reason.may_be_the_transport());
        if let Some(plan) = plan {
            self.engine = Engine::instead(plan, self.deadlines.clone(), now);
        }
        plan.is_some()
    }

    fn on_decoded(&mut self, packet: Result<Option<Incoming>, String>, now: Instant) {
        if self.engine.is_closed() {
            return;
        }
        self.complete_by = self.decoder.is_incomplete().then(|| now + self.deadlines.attachments);
        let taken = match packet {
            Ok(Some(packet)) => self.on_packet(packet, now),
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = taken {
            self.engine.close(CloseReason::Protocol(error));
        }
    }

    fn on_packet(&mut self, packet: Incoming, now: Instant) -> Result<(), String> {
        let Some(at) = self.namespaces.iter().position(|namespace| {
            namespace.name == packet.namespace && namespace.standing != Standing::Ended
        }) else {
            // The server may still speak of a namespace that we have just left.
            return Ok(());
        };
        let id = NamespaceId(at);
        let Some(namespace) = self.namespaces.get_mut(at) else { return Ok(()) };
        match packet.content {
            Content::Connect(words) => return self.on_connect(id, words.as_deref(), now),
            Content::ConnectError { message, data } => {
                if matches!(namespace.standing, Standing::Connecting { .. }) {
                    self.forget(id);
                    self.incidents.push_back(Incident::Refused { namespace: id, message, data });
                }
            }
            Content::Disconnect => self.end(id, CloseReason::Disconnected),
            Content::Event { array, attachments, ack } => {
                let (name, payload) =
                    Payload::of_event(array, attachments).ok_or("an event without a name")?;
                return self.on_event(id, Came { name, payload, ack });
            }
            Content::Ack { array, attachments, id: ack } => {
                // An answer that comes late, or twice, has nobody who waits for it.
                if let Ok(ack) = u64::try_from(ack)
                    && namespace.acks.remove(&ack).is_some()
                {
                    let result = Ok(Payload::of_ack(array, attachments));
                    self.incidents.push_back(Incident::Acknowledged { namespace: id, id: ack, result });
                }
            }
        }
        Ok(())
    }

    fn on_event(&mut self, id: NamespaceId, came: Came) -> Result<(), String> {
        let Some(namespace) = self.namespaces.get_mut(id.0) else { return Ok(()) };
        match namespace.standing {
            Standing::Connected => {
                let Came { name, payload, ack } = came;
                namespace.passed(|| payload.last_text());
                self.incidents.push_back(Incident::Event { namespace: id, name, payload, ack });
            }
            Standing::Connecting { .. } => {
                namespace.early_bytes += came.payload.size();
                namespace.early.push(came);
                let (events, bytes) = (namespace.early.len(), namespace.early_bytes);
                if events > self.limits.read_ahead_events || bytes > self.limits.read_ahead_bytes {
                    return Err("too many events before the answer to CONNECT".to_owned());
                }
            }
            Standing::Waiting | Standing::Ended => {}
        }
        Ok(())
    }

    fn on_connect(&mut self, id: NamespaceId, words: Option<&str>, now: Instant) -> Result<(), String> {
        let Some(namespace) = self.namespaces.get_mut(id.0) else { return Ok(()) };
        if !matches!(namespace.standing, Standing::Connecting { .. }) {
            return Ok(());
        }
        let words = words.ok_or("CONNECT without an id: this is a server of Socket.IO 2")?;
        let welcome: Welcome =
            serde_json::from_str(words).map_err(|error| format!("unreadable CONNECT: {error}"))?;
        let recovered = namespace.connected(&welcome);
        let waiting = std::mem::take(&mut namespace.waiting);
        let early = std::mem::take(&mut namespace.early);
        self.incidents.push_back(Incident::Connected { namespace: id, sid: welcome.sid, recovered });
        for event in early {
            self.on_event(id, event)?;
        }
        self.engine.send(waiting.into_iter().flatten(), now);
        Ok(())
    }

    /// Ends a namespace, if it has not ended yet, and says so.
    fn end(&mut self, id: NamespaceId, reason: CloseReason) {
        if self.namespaces.get(id.0).is_some_and(|namespace| namespace.standing != Standing::Ended) {
            self.forget(id);
            self.incidents.push_back(Incident::Ended { namespace: id, reason });
        }
    }

    fn forget(&mut self, id: NamespaceId) {
        let Some(namespace) = self.namespaces.get_mut(id.0) else { return };
        namespace.standing = Standing::Ended;
        namespace.waiting.clear();
        namespace.early.clear();
        for ack in std::mem::take(&mut namespace.acks).into_keys() {
            let result = Err(AckError::Closed);
            self.incidents.push_back(Incident::Acknowledged { namespace: id, id: ack, result });
        }
    }
}
