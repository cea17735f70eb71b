//! A link: the real session of `presente-link`, driven as its driver does it, over the simulated network, and what
//! it says put into an inbox as its handles do.

use crate::context::{Context, Down, MS, Micros, Request, What};
use crate::network::WireId;
use presente_core::connection::Generation;
use presente_link::{
    AckError, CloseReason, Deadlines, Failure, Payload, Stage, Transport,
    proto::{Action, Emit, Incident, NamespaceId, Session},
};
use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

/// How long the server may take to acknowledge an event.
const ACK_WITHIN: Duration = Duration::from_secs(12);

/// What a link says.
#[derive(Debug)]
pub enum Said {
    Connected(Transport),
    TransportChanged(Transport),
    RoundTrip(Duration),
    Refused(String),
    Event { name: String, payload: Payload, ack: Option<i64> },
    Closed(String),
}

pub struct Link {
    pub number: usize,
    pub generation: Generation,
    pub session: Session,
    pub namespace: NamespaceId,
    get: Option<WireId>,
    post: Option<WireId>,
    opening: Option<WireId>,
    socket: Option<WireId>,
    /// What came in the WebSocket while reading rests.
    unread: VecDeque<Down>,
    pub inbox: VecDeque<Said>,
    resting: bool,
    /// When it rested last.
    rested_at: Option<Instant>,
    consumer_called: bool,
    /// Nobody hears it any more, since then.
    pub left: Option<Instant>,
    pub ended: Option<CloseReason>,
    /// The last sign of life that was read.
    heard_at: Instant,
    /// Events that came and that were sent.
    pub came: u64,
    pub sent: u64,
    /// Acknowledgements that are awaited: their number and the event's.
    pub asked: BTreeMap<u64, u64>,
    /// By which transport it stands, once it does.
    pub worked: Option<Transport>,
}

impl Link {
    pub fn open(
        number: usize,
        generation: Generation,
        learnt: Option<Transport>,
        token: u32,
        cx: &mut Context,
    ) -> Self {
        let now = cx.instant();
        let deadlines = Deadlines::default();
        let (plan, otherwise) = cx.scenario.transports.plans(learnt, &deadlines);
        let mut session = Session::new(plan, otherwise, deadlines, cx.scenario.limits.clone(), now);
        let namespace = session.add("/");
        let auth = format!(r#"{{"token":{token}}}"#);
        session.connect(namespace, Some(&auth), None, now).unwrap();
        cx.judge.link_begins(cx.now);
        Self {
            number,
            generation,
            session,
            namespace,
            get: None,
            post: None,
            opening: None,
            socket: None,
            unread: VecDeque::new(),
            inbox: VecDeque::new(),
            resting: false,
            rested_at: None,
            consumer_called: false,
            left: None,
            ended: None,
            heard_at: now,
            came: 0,
            sent: 0,
            asked: BTreeMap::new(),
            worked: None,
        }
    }

    /// Hands out what has happened and does what is to be done, until there is no more.
    pub fn turn(&mut self, cx: &mut Context) {
        loop {
            let half = cx.scenario.limits.read_ahead_events / 2;
            let now = cx.instant();
            if self.resting && self.inbox.len() <= half {
                self.resting = false;
                (self.heard_at, self.rested_at) = (now, Some(now));
                self.session.resume(now);
            }
            while let Some(incident) = self.session.poll_incident() {
                self.on_incident(incident, cx);
            }
            if self.inbox.len() >= cx.scenario.limits.read_ahead_events && !self.resting {
                self.resting = true;
                cx.note(|| format!("link {} rests", self.number));
                cx.judge.saw("reading rests");
                self.session.rest(now);
            }
            if self.ended.is_some() {
                return self.let_go(cx);
            }
            while let Some(action) = self.session.poll_action() {
                self.act(action, cx);
            }
            let next = if self.resting { None } else { self.unread.pop_front() };
            match next {
                Some(down) => self.hear(down, cx),
                None => return,
            }
        }
    }

    fn let_go(&mut self, cx: &mut Context) {
        for wire in [self.get, self.post, self.opening, self.socket].into_iter().flatten() {
            cx.hang_up(wire);
        }
    }

    fn act(&mut self, action: Action, cx: &mut Context) {
        let sid = self.session.engine().open().map(|open| open.sid.clone());
        match action {
            Action::Poll => self.get = Some(cx.dial(self.number, Request::Get { sid })),
            Action::Post(body) => self.post = Some(cx.dial(self.number, Request::Post { sid, body })),
            Action::OpenWebSocket => self.opening = Some(cx.dial(self.number, Request::WebSocket { sid })),
            Action::Write(frames) => {
                if let Some(socket) = self.socket {
                    cx.write(socket, frames);
                }
            }
            Action::DropWebSocket => {
                for wire in [self.opening.take(), self.socket.take()].into_iter().flatten() {
                    cx.hang_up(wire);
                }
                self.unread.clear();
            }
            Action::DropPolling => {
                for wire in [self.get.take(), self.post.take()].into_iter().flatten() {
                    cx.hang_up(wire);
                }
            }
        }
    }

    /// The network has taken what was written.
    pub fn taken(&mut self, wire: WireId, cx: &mut Context) {
        if self.socket == Some(wire) {
            self.session.written(cx.instant());
            self.turn(cx);
        }
    }

    /// Something came in one of its lines.
    pub fn on_line(&mut self, wire: WireId, down: Down, cx: &mut Context) {
        let now = cx.instant();
        let lost = |answer| match answer {
            Down::Lost(failure) | Down::Answer(Err(failure)) => failure,
            _ => Failure::Lost("an answer that is none".to_owned()),
        };
        if self.socket == Some(wire) {
            match self.resting {
                true => return self.unread.push_back(down),
                false => self.hear(down, cx),
            }
        } else if self.opening == Some(wire) {
            self.opening = None;
            match down {
                Down::Opened => {
                    self.socket = Some(wire);
                    self.session.websocket_opened(now);
                }
                other => self.session.failed(Transport::WebSocket, lost(other), now),
            }
        } else if self.get == Some(wire) {
            self.get = None;
            match down {
                Down::Answer(Ok(body)) => {
                    self.heard_at = now;
                    self.session.polled(body.into(), now);
                }
                other => self.session.failed(Transport::Polling, lost(other), now),
            }
        } else if self.post == Some(wire) {
            self.post = None;
            match down {
                Down::Answer(Ok(body)) if body == "ok" => {
                    self.heard_at = now;
                    self.session.posted(now);
                }
                other => self.session.failed(Transport::Polling, lost(other), now),
            }
        } else {
            return;
        }
        self.turn(cx);
    }

    fn hear(&mut self, down: Down, cx: &mut Context) {
        let now = cx.instant();
        match down {
            Down::Frame(frame) => {
                self.heard_at = now;
                self.session.received(frame, now);
            }
            Down::Lost(failure) => {
                self.socket = None;
                self.session.failed(Transport::WebSocket, failure, now);
            }
            Down::Opened | Down::Answer(_) => {}
        }
    }

    fn on_incident(&mut self, incident: Incident, cx: &mut Context) {
        cx.note(|| format!("link {}: {incident:?}", self.number));
        match incident {
            Incident::Opened(transport) => self.worked = Some(transport),
            Incident::TransportChanged(transport) => {
                cx.judge.saw("an upgrade");
                self.worked = Some(transport);
                self.tell(Said::TransportChanged(transport), cx);
            }
            Incident::NotUpgraded(_) => cx.judge.saw("an upgrade that fails"),
            Incident::FellBack(_) => cx.judge.saw("another transport"),
            Incident::RoundTrip(time) => self.tell(Said::RoundTrip(time), cx),
            Incident::Connected { .. } => self.tell(Said::Connected(self.session.engine().transport()), cx),
            Incident::Refused { message, .. } => self.tell(Said::Refused(message), cx),
            Incident::Event { name, payload, ack, .. } => self.tell(Said::Event { name, payload, ack }, cx),
            Incident::Acknowledged { id, result, .. } => self.on_acknowledged(id, &result, cx),
            Incident::Ended { reason, .. } => {
                cx.judge.saw(kind_of(&reason));
                if self.left.is_none() {
                    cx.judge.link_ends(self.number, &reason.to_string(), cx.now);
                }
                self.tell(Said::Closed(reason.to_string()), cx);
            }
            Incident::Closed(reason) => self.ended = Some(reason),
        }
    }

    fn on_acknowledged(&mut self, id: u64, result: &Result<Payload, AckError>, cx: &mut Context) {
        let asked = self.asked.remove(&id);
        let link = self.number;
        let right = match result {
            Ok(payload) => payload.read::<(u64,)>().ok().map(|(number,)| number) == asked,
            // What came while reading rested was not read.
            Err(AckError::TimedOut) => self.has_rested(cx.instant()) || cx.judge.is_harmed(link, cx.now),
            Err(_) => self.left.is_some() || cx.judge.is_harmed(link, cx.now),
        };
        cx.judge.holds(asked.is_some() && right, || {
            format!("(3) link {link} asked about event {asked:?} and was answered {result:?}")
        });
    }

    fn has_rested(&self, now: Instant) -> bool {
        self.resting || self.rested_at.is_some_and(|at| now.duration_since(at) <= ACK_WITHIN)
    }

    fn tell(&mut self, said: Said, cx: &mut Context) {
        if self.left.is_some() {
            return;
        }
        if matches!((&said, self.inbox.back()), (Said::RoundTrip(_), Some(Said::RoundTrip(_)))) {
            self.inbox.pop_back();
        }
        self.inbox.push_back(said);
        if !std::mem::replace(&mut self.consumer_called, true) {
            cx.after(MS / 5, What::Consume(self.number));
        }
    }

    /// The next thing for who consumes it.
    pub fn take(&mut self) -> Option<Said> {
        self.consumer_called = false;
        self.inbox.pop_front()
    }

    /// Its handles are dropped.
    pub fn leave(&mut self, cx: &mut Context) {
        let now = cx.instant();
        self.left = Some(now);
        self.inbox.clear();
        self.session.leave(self.namespace, CloseReason::Local, now);
        self.session.finish(now);
        self.turn(cx);
    }

    /// Sends the next event, some of them to be acknowledged, some with an attachment.
    pub fn emit(&mut self, cx: &mut Context) {
        let asks = cx.chance(0.3);
        let payload = match cx.chance(0.1) {
            true => Payload::new(&(self.sent, Attachment)),
            false => Payload::new(&(self.sent,)),
        };
        let how = Emit { ack_within: asks.then_some(ACK_WITHIN), volatile: false };
        let emitted = self.session.emit(self.namespace, "m", &payload.unwrap(), how, cx.instant());
        if let Ok(ack) = emitted {
            if let Some(ack) = ack {
                self.asked.insert(ack, self.sent);
            }
            self.sent += 1;
        }
        self.turn(cx);
    }

    /// Does what is due.
    pub fn tick(&mut self, cx: &mut Context) {
        let now = cx.instant();
        if self.session.deadline().is_some_and(|at| at <= now) {
            self.session.tick(now);
            let next = self.session.deadline();
            cx.judge.holds(next.is_none_or(|at| at > now), || {
                format!("(6) link {} gives a deadline that has passed again", self.number)
            });
            self.turn(cx);
        }
    }

    /// Silence is noticed in time, and a goodbye does not last.
    pub fn check(&self, cx: &mut Context) {
        let now = cx.instant();
        let tick = Duration::from_micros(cx.scenario.lateness + 2 * MS);
        let patience = Duration::from_micros(cx.scenario.patience()) + tick;
        let open = self.session.engine().open().is_some() && !self.session.engine().is_closed();
        let silent = now.duration_since(self.heard_at);
        cx.judge.holds(!open || self.resting || silent <= patience, || {
            format!("(5) link {} has heard nothing for {silent:?}", self.number)
        });
        let left = self.left.map_or(Duration::ZERO, |left| now.duration_since(left));
        cx.judge.holds(left <= Deadlines::default().close + tick, || {
            format!("(4) link {} says goodbye for {left:?}", self.number)
        });
    }

    /// When it has something to do.
    pub fn due_at(&self, cx: &Context) -> Option<Micros> {
        self.session.deadline().map(|at| cx.time_of(at))
    }
}

/// A word for the end of a link.
fn kind_of(reason: &CloseReason) -> &'static str {
    match reason {
        CloseReason::Local => "an end by us",
        CloseReason::Server => "an end by the server",
        CloseReason::Disconnected => "an end of the namespace",
        CloseReason::Silent(_) => "silence",
        CloseReason::TooSlow(Stage::Open) => "a handshake that takes too long",
        CloseReason::TooSlow(Stage::Namespace) => "a CONNECT that takes too long",
        CloseReason::TooSlow(Stage::Write) => "a write that takes too long",
        CloseReason::TooSlow(Stage::Check) => "a check in vain",
        CloseReason::TooSlow(_) => "something else that takes too long",
        CloseReason::Failed { .. } => "a transport that fails",
        CloseReason::Protocol(_) => "a broken protocol",
        CloseReason::NoAuth(_) => "no proof",
    }
}

/// Three bytes that are written as such.
struct Attachment;

impl serde::Serialize for Attachment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&[0x1e, 0, 0xff])
    }
}
