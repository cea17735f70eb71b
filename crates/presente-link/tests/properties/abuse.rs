//! Puts inputs into a session or an engine and watches what must hold whatever they are: nothing panics, nothing
//! grows beyond its limit, no deadline is given that has passed already, what has ended says nothing and asks for
//! nothing. What is wrong is a panic.

use crate::input::{Input, Where, Words, failure, transport};
use bytes::Bytes;
use presente_link::{
    CloseReason, Deadlines, Limits, Payload, Transport,
    proto::{Action, Emit, Engine, EngineEvent, Frame, Incident, NamespaceId, Plan, Session},
};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// What may wait although it is no event: a pong, a close, and what connects and leaves namespaces.
const BESIDE_EVENTS: usize = 2;
/// Namespaces that are added at most.
const NAMESPACES: usize = 4;

/// The first byte of what a fuzzer gives says how the session begins.
pub fn plans(choice: u8) -> (Plan, Option<Plan>) {
    let within = Duration::from_secs(20);
    let plan = |first, upgrade| Plan { first, upgrade, within };
    match choice % 4 {
        0 => (plan(Transport::Polling, true), None),
        1 => (plan(Transport::WebSocket, false), None),
        2 => (plan(Transport::WebSocket, false), Some(plan(Transport::Polling, false))),
        _ => (plan(Transport::Polling, true), Some(plan(Transport::WebSocket, false))),
    }
}

/// The bytes as they are, as what a server says when it has connected us: frame by frame, line by line, and as one
/// polling body.
pub fn raw(bytes: &[u8]) -> Vec<Input> {
    let mut inputs = opening();
    inputs.push(Input::PolledBytes(bytes.to_vec()));
    for line in bytes.split(|byte| *byte == b'\n') {
        inputs.push(match std::str::from_utf8(line) {
            Ok(text) => Input::Text(Words::Raw(text.to_owned())),
            Err(_) => Input::Binary(line.to_vec()),
        });
    }
    inputs
}

/// Opens a session by either transport and connects its namespace.
pub fn opening() -> Vec<Input> {
    let open = Words::Open { interval: 25_000, timeout: 20_000, websocket: true, limit: None };
    let welcome = Words::Welcome { namespace: Where::Main, id: 1, kept: true };
    let (opened, welcomed) = (Input::Polled(vec![open.clone()]), Input::Polled(vec![welcome.clone()]));
    let opened = [Input::WebSocketOpened, Input::Text(open), opened, Input::Written, Input::Posted];
    opened.into_iter().chain([Input::Text(welcome), welcomed]).collect()
}

/// Small, so that they are reached.
fn limits() -> Limits {
    Limits { message: 4096, attachments: 3, queued_packets: 8, queued_bytes: 512, ..Limits::default() }
}

/// What has been asked of whoever drives, and is not done yet.
#[derive(Debug, Default)]
struct Asked {
    poll: bool,
    post: bool,
    write: bool,
    opening: bool,
    closed: bool,
}

impl Asked {
    fn take(&mut self, action: &Action) {
        let drops = matches!(action, Action::DropWebSocket | Action::DropPolling);
        assert!(!self.closed || drops, "{action:?} of one that has ended");
        match action {
            Action::Poll => {
                assert!(!std::mem::replace(&mut self.poll, true), "a second GET beside the first");
            }
            Action::Post(body) => {
                assert!(!std::mem::replace(&mut self.post, true), "a second POST beside the first");
                assert!(!body.is_empty(), "a POST of nothing");
            }
            Action::OpenWebSocket => {
                assert!(!std::mem::replace(&mut self.opening, true), "a second WebSocket beside the first");
            }
            Action::Write(frames) => {
                assert!(!std::mem::replace(&mut self.write, true), "a write before the last was taken");
                assert!(!frames.is_empty(), "a write of nothing");
            }
            Action::DropWebSocket => (self.write, self.opening) = (false, false),
            Action::DropPolling => (self.poll, self.post) = (false, false),
        }
    }

    fn reported(&mut self, input: &Input) {
        match input {
            Input::Polled(_) | Input::PolledBytes(_) => self.poll = false,
            Input::Posted => self.post = false,
            Input::Written => self.write = false,
            Input::WebSocketOpened => self.opening = false,
            Input::Failed { websocket: true, .. } => (self.write, self.opening) = (false, false),
            Input::Failed { websocket: false, .. } => (self.poll, self.post) = (false, false),
            _ => {}
        }
    }
}

/// Ticks `subject` through a time, as a driver would, or only at its end; nothing may be due again at once.
fn pass<T>(
    subject: &mut T,
    now: &mut Instant,
    (time, in_time): (Duration, bool),
    deadline: impl Fn(&T) -> Option<Instant>,
    tick: impl Fn(&mut T, Instant),
    mut observe: impl FnMut(&mut T),
) {
    let end = *now + time;
    while let Some(at) = deadline(subject).filter(|at| *at <= end) {
        *now = if in_time { at.max(*now) } else { end };
        tick(subject, *now);
        observe(subject);
        assert!(deadline(subject).is_none_or(|next| next > *now), "a deadline that has passed already");
    }
    *now = end;
}

/// Drives a whole session with these inputs.
pub fn abuse_session(choice: u8, inputs: &[Input]) {
    let mut now = Instant::now();
    let (plan, otherwise) = plans(choice);
    let mut session = Session::new(plan, otherwise, Deadlines::default(), limits(), now);
    let main = session.add("/");
    let _ = session.connect(main, None, None, now);
    let mut watch = SessionWatch::default();
    watch.observe(&mut session);
    for input in inputs {
        watch.asked.reported(input);
        pass(&mut session, &mut now, input.lasts(), Session::deadline, Session::tick, |session| {
            watch.observe(session);
        });
        put(&mut session, &mut watch, input, now);
        watch.observe(&mut session);
    }
    session.close(CloseReason::Local, now);
    watch.observe(&mut session);
    assert!(watch.asked.closed && watch.awaited.is_empty(), "never answered: {:?}", watch.awaited);
    assert!(session.deadline().is_none(), "a deadline of one that has ended");
}

#[derive(Debug, Default)]
struct SessionWatch {
    asked: Asked,
    /// Acknowledgements that are awaited.
    awaited: BTreeSet<(NamespaceId, u64)>,
    ended: BTreeSet<NamespaceId>,
    closed: bool,
    /// The largest thing that was taken for sending.
    largest: usize,
}

impl SessionWatch {
    fn observe(&mut self, session: &mut Session) {
        while let Some(incident) = session.poll_incident() {
            assert!(!self.closed, "{incident:?} of one that has ended");
            self.hear(&incident);
        }
        assert_eq!(self.closed, session.engine().is_closed(), "the end is told when it comes");
        self.asked.closed = self.closed;
        while let Some(action) = session.poll_action() {
            self.asked.take(&action);
        }
        let (packets, bytes) = session.engine().queued();
        let limits = limits();
        let most = limits.queued_packets + BESIDE_EVENTS + 2 * NAMESPACES;
        assert!(packets <= most, "{packets} packets wait");
        let most = limits.queued_bytes.max(self.largest) + 64 * NAMESPACES + 2 * self.largest;
        assert!(bytes <= most, "{bytes} bytes wait");
    }

    fn hear(&mut self, incident: &Incident) {
        match incident {
            Incident::Closed(_) => self.closed = true,
            Incident::Ended { namespace, .. } | Incident::Refused { namespace, .. } => {
                // What was awaited is given up just before.
                assert!(!self.awaited.iter().any(|(of, _)| of == namespace), "an end with somebody waiting");
                assert!(self.ended.insert(*namespace), "ended twice");
            }
            Incident::Connected { namespace, .. } | Incident::Event { namespace, .. } => {
                assert!(!self.ended.contains(namespace), "{incident:?} after its end");
            }
            Incident::Acknowledged { namespace, id, .. } => {
                assert!(self.awaited.remove(&(*namespace, *id)), "answered twice, or never asked");
            }
            Incident::Opened(_)
            | Incident::TransportChanged(_)
            | Incident::NotUpgraded(_)
            | Incident::FellBack(_)
            | Incident::RoundTrip(_) => {}
        }
    }
}

fn put(session: &mut Session, watch: &mut SessionWatch, input: &Input, now: Instant) {
    let id = |session: &Session, index: u8| {
        let namespaces: Vec<NamespaceId> = session.namespaces().collect();
        namespaces.get(usize::from(index) % namespaces.len().max(1)).copied()
    };
    match input {
        Input::Add(name) if session.namespaces().count() < NAMESPACES => {
            let name = if name.is_empty() { "/chat" } else { name };
            watch.largest = watch.largest.max(name.len());
            session.add(name);
        }
        Input::Connect { namespace, auth } => {
            if let Some(id) = id(session, *namespace) {
                let _ = session.connect(id, auth.as_deref(), None, now);
                watch.largest = watch.largest.max(auth.as_ref().map_or(0, String::len));
            }
        }
        Input::Emit { namespace, name, text, attachments, ack, volatile } => {
            let Some(id) = id(session, *namespace) else { return };
            let attachments: Vec<Bytes> = attachments.iter().cloned().map(Bytes::from).collect();
            let Ok(payload) = Payload::new(&(text, attachments)) else { return };
            let within = ack.map(|milliseconds| Duration::from_millis(u64::from(milliseconds)));
            let how = Emit { ack_within: within, volatile: *volatile };
            watch.largest = watch.largest.max(name.len() * 6 + payload.size() * 2 + 128);
            if let Ok(Some(ack)) = session.emit(id, name, &payload, how, now) {
                watch.awaited.insert((id, ack));
            }
        }
        Input::Answer { namespace, ack, text } => {
            let (Some(id), Ok(payload)) = (id(session, *namespace), Payload::new(text)) else { return };
            watch.largest = watch.largest.max(payload.size() * 2 + 128);
            let _ = session.answer(id, *ack, &payload, now);
        }
        Input::Leave(namespace) => {
            if let Some(id) = id(session, *namespace) {
                session.leave(id, CloseReason::Local, now);
            }
        }
        Input::Text(words) => session.received(words.frame(), now),
        Input::Binary(data) => {
            session.received(Frame::Binary(data.clone().into()), now);
        }
        Input::Control { pong } => session.received(control(*pong), now),
        Input::Polled(words) => session.polled(body(words), now),
        Input::PolledBytes(bytes) => session.polled(bytes.clone().into(), now),
        Input::Posted => session.posted(now),
        Input::Written => session.written(now),
        Input::WebSocketOpened => session.websocket_opened(now),
        Input::Failed { websocket, how } => session.failed(transport(*websocket), failure(*how), now),
        Input::Tick => session.tick(now),
        Input::Consumer { rests: true } => session.rest(now),
        Input::Consumer { rests: false } => session.resume(now),
        Input::Check(within) => session.check(Duration::from_millis(u64::from(*within)), now),
        Input::Finish => session.finish(now),
        Input::Close => session.close(CloseReason::Local, now),
        Input::Wait(_) | Input::Sleep(_) | Input::Add(_) => {}
    }
}

/// Drives the Engine.IO session alone with these inputs.
pub fn abuse_engine(choice: u8, inputs: &[Input]) {
    let mut now = Instant::now();
    let mut engine = Engine::new(plans(choice).0, Deadlines::default(), now);
    let mut asked = Asked::default();
    observe_engine(&mut engine, &mut asked);
    for input in inputs {
        asked.reported(input);
        pass(&mut engine, &mut now, input.lasts(), Engine::deadline, Engine::tick, |engine| {
            observe_engine(engine, &mut asked);
        });
        put_engine(&mut engine, input, now);
        observe_engine(&mut engine, &mut asked);
    }
    engine.close(CloseReason::Local);
    observe_engine(&mut engine, &mut asked);
    assert!(asked.closed && engine.deadline().is_none());
}

fn observe_engine(engine: &mut Engine, asked: &mut Asked) {
    while let Some(event) = engine.poll_event() {
        assert!(!asked.closed, "{event:?} of one that has ended");
        asked.closed = matches!(event, EngineEvent::Closed(_));
    }
    assert_eq!(asked.closed, engine.is_closed(), "the end is told when it comes");
    while let Some(action) = engine.poll_action() {
        asked.take(&action);
    }
    assert!(engine.queued().0 <= BESIDE_EVENTS, "{:?} wait although nothing was sent", engine.queued());
}

fn put_engine(engine: &mut Engine, input: &Input, now: Instant) {
    match input {
        Input::Text(words) => engine.received(words.frame(), now),
        Input::Binary(data) => engine.received(Frame::Binary(data.clone().into()), now),
        Input::Control { pong } => engine.received(control(*pong), now),
        Input::Polled(words) => engine.polled(body(words), now),
        Input::PolledBytes(bytes) => engine.polled(bytes.clone().into(), now),
        Input::Posted => engine.posted(now),
        Input::Written => engine.written(now),
        Input::WebSocketOpened => engine.websocket_opened(now),
        Input::Failed { websocket, how } => engine.failed(transport(*websocket), failure(*how), now),
        Input::Tick => engine.tick(now),
        Input::Consumer { rests: true } => engine.rest(now),
        Input::Consumer { rests: false } => engine.resume(now),
        Input::Check(within) => engine.check(Duration::from_millis(u64::from(*within)), now),
        Input::Finish => engine.finish(now),
        Input::Close => engine.close(CloseReason::Local),
        Input::Wait(_)
        | Input::Sleep(_)
        | Input::Add(_)
        | Input::Connect { .. }
        | Input::Emit { .. }
        | Input::Answer { .. }
        | Input::Leave(_) => {}
    }
}

fn control(pong: bool) -> Frame {
    if pong { Frame::Pong } else { Frame::Ping }
}

fn body(words: &[Words]) -> Bytes {
    let texts: Vec<String> = words.iter().map(Words::text).collect();
    texts.join("\u{1e}").into()
}
