//! One Engine.IO session: its transports, the upgrade from one to the other, the heartbeat, the queue.

mod pump;

use super::wire::{Frame, Open, parse, split_body};
use crate::{
    options::{Deadlines, Transport},
    reason::{CloseReason, EmitError, Failure, Stage},
};
use bytes::Bytes;
use engineioxide_core::{Packet, Str};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// How long the GETs after the first wait for an upgrade that has just begun: one that is under way when the probe comes
/// back is answered only when the server next looks, which it does every 100 ms.
const UPGRADE_HOLD: Duration = Duration::from_millis(200);
/// What the server is asked over polling when it has only said "nothing new" waits this long, so that a server or
/// proxy that answers every request at once with nothing is not asked in a tight loop.
const NOTHING_NEW_PACE: Duration = Duration::from_millis(250);
/// How many bytes are handed to a WebSocket in one go.
const WRITE_BATCH: usize = 256 * 1024;

/// How a session begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The transport it opens with.
    pub first: Transport,
    /// Whether to go over to WebSocket where the server offers it.
    pub upgrade: bool,
    /// How long opening may take.
    pub within: Duration,
}

/// What whoever drives the session has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Make a GET, with the session's id once there is one; report [`Engine::polled`] or [`Engine::failed`].
    Poll,
    /// POST this body; report [`Engine::posted`] or [`Engine::failed`].
    Post(String),
    /// Open a WebSocket, with the session's id once there is one; report [`Engine::websocket_opened`] or
    /// [`Engine::failed`], and from then on what comes in it.
    OpenWebSocket,
    /// Send these in the WebSocket; report [`Engine::written`] when the network has taken them.
    Write(Vec<Frame>),
    /// The WebSocket, or the attempt to open one, is not wanted any more.
    DropWebSocket,
    /// The requests of polling are not wanted any more.
    DropPolling,
}

/// What became of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineEvent {
    /// The server has opened it.
    Opened(Open),
    /// A text message.
    Text(Str),
    /// A binary message.
    Binary(Bytes),
    /// It has gone over to WebSocket.
    Upgraded,
    /// It stays with polling, because of this.
    NotUpgraded(String),
    /// How long something took to the server and back.
    RoundTrip(Duration),
    /// It has ended; nothing follows.
    Closed(CloseReason),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Opening {
        by: Instant,
    },
    Open,
    /// What is queued is still sent, then it ends.
    Closing {
        by: Instant,
    },
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upgrade {
    None,
    /// The WebSocket is being opened.
    Opening {
        by: Instant,
    },
    /// The probe is on its way there and back.
    Probing {
        by: Instant,
    },
    /// The probe is back; what polling has under way is awaited, so that nothing is overtaken.
    Draining {
        by: Instant,
    },
}

impl Upgrade {
    fn by(self) -> Option<Instant> {
        match self {
            Self::None => None,
            Self::Opening { by } | Self::Probing { by } | Self::Draining { by } => Some(by),
        }
    }
}

/// One Engine.IO session, without I/O.
#[derive(Debug)]
pub struct Engine {
    deadlines: Deadlines,
    plan: Plan,
    state: State,
    main: Transport,
    upgrade: Upgrade,
    open: Option<Open>,
    queue: VecDeque<Packet>,
    queued_bytes: usize,
    /// A GET is under way, since then.
    polling_since: Option<Instant>,
    /// The next GET waits until then.
    poll_not_before: Option<Instant>,
    posting_since: Option<Instant>,
    /// The POST that is under way has a pong in it.
    posting_pong: bool,
    writing_since: Option<Instant>,
    ping_wanted: bool,
    pinged_at: Option<Instant>,
    /// Without a ping by then the server is gone.
    silent_by: Option<Instant>,
    /// Without anything by then the server is gone: somebody asked.
    check_by: Option<Instant>,
    /// Reading rests; the next sign of life from us is due then.
    resting: Option<Instant>,
    actions: VecDeque<Action>,
    events: VecDeque<EngineEvent>,
}

impl Engine {
    /// Begins a session.
    pub fn new(plan: Plan, deadlines: Deadlines, now: Instant) -> Self {
        let mut engine = Self {
            deadlines,
            plan,
            state: State::Opening { by: now + plan.within },
            main: plan.first,
            upgrade: Upgrade::None,
            open: None,
            queue: VecDeque::new(),
            queued_bytes: 0,
            polling_since: None,
            poll_not_before: None,
            posting_since: None,
            posting_pong: false,
            writing_since: None,
            ping_wanted: false,
            pinged_at: None,
            silent_by: None,
            check_by: None,
            resting: None,
            actions: VecDeque::new(),
            events: VecDeque::new(),
        };
        match plan.first {
            Transport::Polling => engine.poll(now),
            Transport::WebSocket => engine.actions.push_back(Action::OpenWebSocket),
        }
        engine
    }

    /// Begins a session in place of one that did not come about.
    pub(super) fn instead(plan: Plan, deadlines: Deadlines, now: Instant) -> Self {
        let mut engine = Self::new(plan, deadlines, now);
        engine.actions.push_front(Action::DropWebSocket);
        engine.actions.push_front(Action::DropPolling);
        engine
    }

    /// The handshake, once the server has made it.
    pub fn open(&self) -> Option<&Open> {
        self.open.as_ref()
    }

    /// The transport that events travel by.
    pub fn transport(&self) -> Transport {
        self.main
    }

    /// Whether events can be sent at once: open, and nothing waits.
    pub fn is_writable(&self) -> bool {
        let busy = match self.main {
            Transport::Polling => self.posting_since.is_some(),
            Transport::WebSocket => self.writing_since.is_some(),
        };
        self.state == State::Open && self.queue.is_empty() && !busy
    }

    /// Whether it has ended.
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// How many packets and bytes wait to be sent.
    pub fn queued(&self) -> (usize, usize) {
        (self.queue.len(), self.queued_bytes)
    }

    /// Whether the server takes a message of this size.
    ///
    /// # Errors
    /// It does not.
    pub fn fits(&self, packet: &Packet) -> Result<(), EmitError> {
        let limit = self.open.as_ref().and_then(|open| open.max_payload).unwrap_or(u64::MAX);
        match size(packet, self.main) as u64 > limit {
            true => Err(EmitError::TooLarge(limit)),
            false => Ok(()),
        }
    }

    /// Queues messages; they are sent in order.
    pub fn send(&mut self, packets: impl IntoIterator<Item = Packet>, now: Instant) {
        for packet in packets {
            self.queued_bytes += size(&packet, self.main);
            self.queue.push_back(packet);
        }
        self.pump(now);
    }

    /// Sends what is queued, says goodbye and ends, within [`Deadlines::close`].
    pub fn finish(&mut self, now: Instant) {
        match self.state {
            State::Opening { .. } => self.close(CloseReason::Local),
            State::Open => {
                self.state = State::Closing { by: now + self.deadlines.close };
                if self.main == Transport::Polling {
                    self.queue.push_back(Packet::Close);
                }
                self.pump(now);
            }
            State::Closing { .. } | State::Closed => {}
        }
    }

    /// Ends at once.
    pub fn close(&mut self, reason: CloseReason) {
        if self.state == State::Closed {
            return;
        }
        self.state = State::Closed;
        self.upgrade = Upgrade::None;
        self.queue.clear();
        self.actions.clear();
        self.actions.extend([Action::DropWebSocket, Action::DropPolling]);
        self.events.push_back(EngineEvent::Closed(reason));
    }

    /// Asks the server for a sign of life; without one within that time the session ends.
    pub fn check(&mut self, within: Duration, now: Instant) {
        // While reading rests an answer would not be seen.
        if self.state != State::Open || self.resting.is_some() {
            return;
        }
        let by = now + within;
        self.check_by = Some(self.check_by.map_or(by, |earlier| earlier.min(by)));
        match self.main {
            Transport::WebSocket => self.ping_wanted = true,
            // A pong that nobody asked for is answered like every POST; the server only counts anew to its next ping.
            Transport::Polling => self.pong(),
        }
        self.pump(now);
    }

    /// Who takes the events is behind: nothing more will be read for now. We go on telling the server that we
    /// live, and do not count its silence, which we would not hear.
    pub fn rest(&mut self, now: Instant) {
        if self.resting.is_none() {
            self.resting = Some(now + self.ping_interval());
            self.silent_by = None;
            self.check_by = None;
            if self.state == State::Open {
                // A ping that is under way would be read too late: from here on the server counts with us.
                self.pong();
                self.pump(now);
            }
        }
    }

    /// Whether reading rests.
    pub fn is_resting(&self) -> bool {
        self.resting.is_some()
    }

    /// Reading goes on.
    pub fn resume(&mut self, now: Instant) {
        if self.resting.take().is_some() {
            self.heard(now);
            self.pump(now);
        }
    }

    /// The WebSocket is open.
    pub fn websocket_opened(&mut self, now: Instant) {
        if let Upgrade::Opening { by } = self.upgrade {
            self.upgrade = Upgrade::Probing { by };
            self.write(vec![Frame::of(Packet::PingUpgrade)], now);
        }
    }

    /// A frame came in the WebSocket.
    pub fn received(&mut self, frame: Frame, now: Instant) {
        if self.state == State::Closed {
            return;
        }
        self.check_by = None;
        match frame {
            Frame::Binary(data) if self.main == Transport::WebSocket => {
                self.on_message(EngineEvent::Binary(data));
            }
            Frame::Binary(_) => self.abandon_upgrade("binary before the probe", now),
            Frame::Ping => {}
            Frame::Pong => {
                if let Some(at) = self.pinged_at.take() {
                    self.events.push_back(EngineEvent::RoundTrip(now.duration_since(at)));
                }
            }
            Frame::Text(text) if self.main == Transport::WebSocket => self.on_packet(text, now),
            Frame::Text(text) => match (self.upgrade, parse(text)) {
                (Upgrade::Probing { by }, Ok(Packet::PongUpgrade)) => self.upgrade = Upgrade::Draining { by },
                (Upgrade::None, _) => {}
                _ => self.abandon_upgrade("the probe was answered with something else", now),
            },
        }
        self.pump(now);
    }

    /// A GET was answered with this body.
    pub fn polled(&mut self, body: Bytes, now: Instant) {
        let Some(since) = self.polling_since.take() else { return };
        self.check_by = None;
        match split_body(body) {
            Err(error) => self.close(CloseReason::Protocol(error)),
            Ok(packets) => {
                let nothing_new = packets.iter().all(|packet| packet.as_str() == "6");
                let pace = nothing_new.then(|| since + NOTHING_NEW_PACE);
                self.poll_not_before = pace.max(self.upgrade_hold());
                for packet in packets {
                    self.on_packet(packet, now);
                }
            }
        }
        self.pump(now);
    }

    /// A POST was taken.
    pub fn posted(&mut self, now: Instant) {
        let Some(since) = self.posting_since.take_if(|_| self.state != State::Closed) else { return };
        self.check_by = None;
        self.events.push_back(EngineEvent::RoundTrip(now.duration_since(since)));
        if std::mem::take(&mut self.posting_pong) {
            // Asked for or not, it has had the server count anew to its next ping.
            self.heard(now);
        }
        self.pump(now);
    }

    /// The network has taken what was to be written.
    pub fn written(&mut self, now: Instant) {
        self.writing_since = None;
        self.pump(now);
    }

    /// A transport failed.
    pub fn failed(&mut self, transport: Transport, failure: Failure, now: Instant) {
        if transport == self.main {
            self.close(CloseReason::Failed { transport, failure });
        } else if transport == Transport::WebSocket {
            self.abandon_upgrade(&failure.to_string(), now);
        }
        self.pump(now);
    }

    /// When [`Self::tick`] wants to be called.
    pub fn deadline(&self) -> Option<Instant> {
        let state = match self.state {
            State::Opening { by } | State::Closing { by } => Some(by),
            State::Open => None,
            State::Closed => return None,
        };
        let write = self.writing_since.into_iter().chain(self.posting_since).min();
        let write = write.map(|since| since + self.deadlines.write);
        let poll = self.poll_not_before.filter(|_| self.may_poll());
        [state, write, poll, self.upgrade.by(), self.silent_by, self.check_by, self.resting]
            .into_iter()
            .flatten()
            .min()
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Instant) {
        let due = |at: Option<Instant>| at.is_some_and(|at| now >= at);
        match self.state {
            State::Opening { by } if now >= by => return self.close(CloseReason::TooSlow(Stage::Open)),
            State::Closing { by } if now >= by => return self.close(CloseReason::Local),
            _ => {}
        }
        if due(self.silent_by) {
            let patience = self.open.as_ref().map(Open::patience).unwrap_or_default();
            return self.close(CloseReason::Silent(patience));
        }
        if due(self.check_by) {
            return self.close(CloseReason::TooSlow(Stage::Check));
        }
        let write_began = self.writing_since.into_iter().chain(self.posting_since).min();
        if due(write_began.map(|since| since + self.deadlines.write)) {
            return self.close(CloseReason::TooSlow(Stage::Write));
        }
        if due(self.upgrade.by()) {
            self.abandon_upgrade("it took too long", now);
        }
        if due(self.resting) {
            self.resting = Some(now + self.ping_interval());
            self.pong();
        }
        self.pump(now);
    }

    /// What is to be done next.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// What happened next.
    pub fn poll_event(&mut self) -> Option<EngineEvent> {
        self.events.pop_front()
    }

    fn ping_interval(&self) -> Duration {
        self.open.as_ref().map(Open::ping_interval).unwrap_or_default().max(Duration::from_millis(10))
    }

    fn heard(&mut self, now: Instant) {
        self.silent_by =
            self.open.as_ref().filter(|_| self.resting.is_none()).map(|open| now + open.patience());
    }

    fn on_message(&mut self, event: EngineEvent) {
        if self.state == State::Open {
            self.events.push_back(event);
        }
    }

    fn on_packet(&mut self, text: Str, now: Instant) {
        match self.state {
            State::Closed => return,
            State::Opening { .. } => return self.on_open(&text, now),
            State::Open | State::Closing { .. } => {}
        }
        match parse(text) {
            Ok(Packet::Message(text)) => self.on_message(EngineEvent::Text(text)),
            Ok(Packet::Binary(data)) => self.on_message(EngineEvent::Binary(data)),
            Ok(Packet::Ping) => {
                self.heard(now);
                self.pong();
                self.ping_wanted = self.main == Transport::WebSocket;
            }
            Ok(Packet::Close) => self.close(CloseReason::Server),
            Ok(Packet::Noop) => {}
            Ok(_) => self.close(CloseReason::Protocol("a packet that only clients send".to_owned())),
            Err(error) => self.close(CloseReason::Protocol(error)),
        }
    }

    /// Queues a pong ahead of what waits: the server counts the time. A packet and its attachments may be parted by
    /// it. One that waits already does for all: a server that pings and takes nothing must not fill the queue.
    fn pong(&mut self) {
        if self.queue.front() != Some(&Packet::Pong) {
            self.queue.push_front(Packet::Pong);
        }
    }

    fn on_open(&mut self, packet: &str, now: Instant) {
        let open = match Open::parse(packet) {
            Ok(open) => open,
            Err(error) => return self.close(CloseReason::Protocol(error)),
        };
        self.state = State::Open;
        if self.main == Transport::Polling
            && self.plan.upgrade
            && open.upgrades.iter().any(|name| name == Transport::WebSocket.name())
        {
            self.upgrade = Upgrade::Opening { by: now + self.deadlines.upgrade };
            self.actions.push_back(Action::OpenWebSocket);
        }
        self.ping_wanted = self.main == Transport::WebSocket;
        self.events.push_back(EngineEvent::Opened(open.clone()));
        self.open = Some(open);
        self.heard(now);
    }

    /// Until when the next GET waits for an upgrade.
    fn upgrade_hold(&self) -> Option<Instant> {
        let began = self.upgrade.by()?.checked_sub(self.deadlines.upgrade)?;
        Some(began + UPGRADE_HOLD)
    }

    fn abandon_upgrade(&mut self, why: &str, now: Instant) {
        if self.upgrade != Upgrade::None {
            self.upgrade = Upgrade::None;
            self.poll_not_before = None;
            self.writing_since = None;
            self.actions.push_back(Action::DropWebSocket);
            self.events.push_back(EngineEvent::NotUpgraded(why.to_owned()));
            self.pump(now);
        }
    }
}

/// How many bytes a packet takes in a transport.
fn size(packet: &Packet, transport: Transport) -> usize {
    packet.get_size_hint(transport == Transport::Polling)
}
