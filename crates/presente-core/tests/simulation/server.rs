//! A server of Engine.IO 4 and Socket.IO 5 as they should be: polling, WebSocket, the upgrade between them, the
//! heartbeat. What it does when is what the Node server does. It numbers its events on each connection and checks
//! the numbers of the client's.

mod socket_io;

use crate::{
    context::{Context, Down, MS, Micros, Request, SECOND, Timer, Up, What},
    network::WireId,
};
use presente_link::{Failure, proto::Frame};
use serde_json::json;
use std::collections::{BTreeMap, VecDeque};

const UPGRADE_CHECK: Micros = 100 * MS;
const UPGRADE_TIMEOUT: Micros = 10 * SECOND;
const CONNECT_TIMEOUT: Micros = 45 * SECOND;

/// What a session says, before it is known how.
#[derive(Debug, Clone)]
enum Packet {
    Text(String),
    Binary(Vec<u8>),
}

/// One session of a client.
#[derive(Debug)]
pub struct Session {
    /// The client's link.
    pub link: usize,
    socket: Option<WireId>,
    /// A GET that waits for something to say.
    waiting: Option<WireId>,
    upgrading: Option<WireId>,
    probed: bool,
    buffer: VecDeque<Packet>,
    /// A timer of an earlier turn is void.
    turn: u64,
    connected: bool,
    /// A binary packet that lacks its attachment.
    incomplete: Option<String>,
    /// Events said and heard.
    pub said: u64,
    pub heard: u64,
    /// Acknowledgements that are awaited: their number and the event's.
    pub asked: BTreeMap<u64, u64>,
}

#[derive(Debug, Default)]
pub struct Server {
    pub sessions: BTreeMap<u64, Session>,
    sockets: BTreeMap<WireId, u64>,
    next: u64,
    /// Until when none is.
    pub refuses_until: Micros,
    pub deferred: VecDeque<What>,
}

fn sid(id: u64) -> String {
    format!("s{id}")
}

impl Server {
    /// Something that concerns the server happens; while it stands still, it waits.
    pub fn on(&mut self, what: What, cx: &mut Context) {
        if cx.net.frozen {
            return self.deferred.push_back(what);
        }
        match what {
            What::AtServer(wire, up) => self.hear(wire, up, cx),
            What::Timer { session, timer, turn } => self.on_time(session, timer, turn, cx),
            _ => {}
        }
        cx.judge.believed(self.sessions.len(), cx.now);
    }

    /// Forgets everything.
    pub fn restart(&mut self) {
        self.sessions.clear();
        self.sockets.clear();
        self.deferred.clear();
    }

    fn hear(&mut self, wire: WireId, up: Up, cx: &mut Context) {
        if cx.net.wires[wire].dead {
            return;
        }
        if !cx.net.listening {
            return;
        }
        match up {
            Up::Request(Request::Get { sid: None }) => self.open(wire, None, cx),
            Up::Request(Request::Get { sid: Some(sid) }) => self.get(wire, &sid, cx),
            Up::Request(Request::Post { sid, body }) => self.post(wire, sid.as_deref(), &body, cx),
            Up::Request(Request::WebSocket { sid: None }) => {
                cx.say(wire, Down::Opened);
                self.open(wire, Some(wire), cx);
            }
            Up::Request(Request::WebSocket { sid: Some(sid) }) => self.upgrade(wire, &sid, cx),
            Up::Frame(frame) => self.frame(wire, frame, cx),
            Up::Gone => self.gone(wire, cx),
        }
    }

    fn id(&self, sid: &str) -> Option<u64> {
        let id = sid.strip_prefix('s')?.parse().ok()?;
        self.sessions.contains_key(&id).then_some(id)
    }

    fn open(&mut self, wire: WireId, socket: Option<WireId>, cx: &mut Context) {
        let id = self.next;
        self.next += 1;
        let session = Session {
            link: cx.net.wires[wire].link,
            socket,
            waiting: None,
            upgrading: None,
            probed: false,
            buffer: VecDeque::new(),
            turn: 0,
            connected: false,
            incomplete: None,
            said: 0,
            heard: 0,
            asked: BTreeMap::new(),
        };
        let upgrades = if socket.is_none() { json!(["websocket"]) } else { json!([]) };
        let open = json!({
            "sid": sid(id), "upgrades": upgrades, "maxPayload": 1_000_000,
            "pingInterval": cx.scenario.interval / MS, "pingTimeout": cx.scenario.timeout / MS,
        });
        self.sessions.insert(id, session);
        let open = format!("0{open}");
        match socket {
            Some(socket) => {
                self.sockets.insert(socket, id);
                cx.say(socket, Down::Frame(Frame::Text(open.into())));
            }
            None => cx.say(wire, Down::Answer(Ok(open))),
        }
        self.time(id, Timer::Ping, cx.scenario.interval, cx);
        self.time(id, Timer::ConnectTimeout, CONNECT_TIMEOUT, cx);
    }

    fn time(&self, id: u64, timer: Timer, wait: Micros, cx: &mut Context) {
        let turn = self.sessions.get(&id).map_or(0, |session| session.turn);
        cx.after(wait, What::Timer { session: id, timer, turn });
    }

    fn get(&mut self, wire: WireId, sid: &str, cx: &mut Context) {
        let Some(id) = self.id(sid) else { return bad_request(wire, cx) };
        let Some(session) = self.sessions.get_mut(&id) else { return };
        if session.socket.is_some() {
            return bad_request(wire, cx);
        }
        if session.waiting.is_some() {
            cx.judge.holds(false, || "(3) a second GET beside the first".to_owned());
        }
        session.waiting = Some(wire);
        self.flush(id, cx);
    }

    fn post(&mut self, wire: WireId, sid: Option<&str>, body: &str, cx: &mut Context) {
        let Some(id) = sid.and_then(|sid| self.id(sid)) else { return bad_request(wire, cx) };
        if self.sessions.get(&id).is_some_and(|session| session.socket.is_some()) {
            return bad_request(wire, cx);
        }
        // Packets first, as the Node server does: what they set off may come before the answer.
        for packet in body.split('\u{1e}') {
            match packet.strip_prefix('b') {
                Some(_) => self.attachment(id, cx),
                None => self.packet(id, packet, cx),
            }
        }
        cx.say(wire, Down::Answer(Ok("ok".to_owned())));
    }

    fn upgrade(&mut self, wire: WireId, sid: &str, cx: &mut Context) {
        let Some(id) = self.id(sid) else { return bad_request(wire, cx) };
        let Some(session) = self.sessions.get_mut(&id) else { return };
        if session.socket.is_some() || session.upgrading.is_some() {
            return bad_request(wire, cx);
        }
        session.upgrading = Some(wire);
        session.probed = false;
        self.sockets.insert(wire, id);
        cx.say(wire, Down::Opened);
        self.time(id, Timer::UpgradeTimeout(wire), UPGRADE_TIMEOUT, cx);
    }

    fn frame(&mut self, wire: WireId, frame: Frame, cx: &mut Context) {
        let Some(id) = self.sockets.get(&wire).copied() else { return };
        let Some(session) = self.sessions.get_mut(&id) else { return };
        match frame {
            Frame::Ping => cx.say(wire, Down::Frame(Frame::Pong)),
            Frame::Pong => {}
            Frame::Binary(_) => self.attachment(id, cx),
            Frame::Text(text) if session.upgrading == Some(wire) => match text.as_str() {
                "2probe" => {
                    session.probed = true;
                    cx.say(wire, Down::Frame(Frame::Text("3probe".to_owned().into())));
                    self.time(id, Timer::UpgradeCheck(wire), UPGRADE_CHECK, cx);
                }
                "5" => {
                    let waits = session.waiting.is_some();
                    cx.judge.holds(!waits, || "(3) went over with a GET under way".to_owned());
                    (session.upgrading, session.socket) = (None, Some(wire));
                    self.flush(id, cx);
                }
                other => {
                    let other = other.to_owned();
                    cx.judge.holds(false, || format!("(3) {other} in place of the upgrade"));
                }
            },
            Frame::Text(text) if session.socket == Some(wire) => self.packet(id, text.as_str(), cx),
            Frame::Text(_) => {}
        }
    }

    fn gone(&mut self, wire: WireId, cx: &mut Context) {
        let found = self.sessions.iter().find(|(_, session)| {
            session.socket == Some(wire) || session.upgrading == Some(wire) || session.waiting == Some(wire)
        });
        let Some((id, session)) = found else { return };
        let id = *id;
        if session.upgrading == Some(wire) {
            self.sockets.remove(&wire);
            if let Some(session) = self.sessions.get_mut(&id) {
                session.upgrading = None;
            }
        } else {
            self.close(id, "its transport is gone", cx);
        }
    }

    /// Ends a session and closes what it holds.
    pub fn close(&mut self, id: u64, why: &str, cx: &mut Context) {
        let Some(session) = self.sessions.remove(&id) else { return };
        cx.note(|| format!("server: session {id} of link {} ends: {why}", session.link));
        for wire in [session.socket, session.upgrading].into_iter().flatten() {
            self.sockets.remove(&wire);
            cx.say(wire, Down::Lost(Failure::Lost("closed by the server".to_owned())));
        }
        if let Some(wire) = session.waiting {
            // The Node server answers a GET that waits when it closes.
            cx.say(wire, Down::Answer(Ok("1".to_owned())));
        }
        if !session.connected {
            return;
        }
        // The client may have closed it; if not, something has happened to it.
        let (link, now) = (session.link, cx.now);
        let harmed =
            cx.judge.is_harmed(link, now) || why == "its transport is gone" || why == "the client says so";
        cx.judge.holds(harmed, || format!("(3) the server ended link {link} for no reason: {why}"));
    }

    fn on_time(&mut self, id: u64, timer: Timer, turn: u64, cx: &mut Context) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let beats = matches!(timer, Timer::Ping | Timer::PingTimeout);
        if beats && session.turn != turn {
            return;
        }
        match timer {
            Timer::Ping => {
                self.send(id, [Packet::Text("2".to_owned())], cx);
                self.time(id, Timer::PingTimeout, cx.scenario.timeout, cx);
            }
            Timer::PingTimeout => self.close(id, "no pong", cx),
            Timer::UpgradeCheck(wire) if session.upgrading == Some(wire) => {
                if session.socket.is_none() && session.waiting.is_some() {
                    self.send(id, [Packet::Text("6".to_owned())], cx);
                }
                self.time(id, Timer::UpgradeCheck(wire), UPGRADE_CHECK, cx);
            }
            Timer::UpgradeTimeout(wire) if session.upgrading == Some(wire) => {
                session.upgrading = None;
                self.sockets.remove(&wire);
                cx.say(wire, Down::Lost(Failure::Lost("upgrade timeout".to_owned())));
            }
            Timer::ConnectTimeout if !session.connected => self.close(id, "no CONNECT", cx),
            Timer::Emit if !cx.quiet => {
                self.emit(id, cx);
                let wait = cx.about(cx.scenario.pace);
                self.time(id, Timer::Emit, wait, cx);
            }
            _ => {}
        }
    }

    /// Says packets that are not numbered.
    pub fn say(&mut self, id: u64, text: &str, cx: &mut Context) {
        self.send(id, [Packet::Text(text.to_owned())], cx);
    }

    fn send(&mut self, id: u64, packets: impl IntoIterator<Item = Packet>, cx: &mut Context) {
        for packet in packets {
            // One by one, as the Node server does: a GET that waits takes the first, and the rest waits.
            if let Some(session) = self.sessions.get_mut(&id) {
                session.buffer.push_back(packet);
            }
            self.flush(id, cx);
        }
    }

    fn flush(&mut self, id: u64, cx: &mut Context) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        if session.buffer.is_empty() {
            return;
        }
        if let Some(socket) = session.socket {
            for packet in session.buffer.drain(..) {
                let frame = match packet {
                    Packet::Text(text) => Frame::Text(text.into()),
                    Packet::Binary(data) => Frame::Binary(data.into()),
                };
                cx.say(socket, Down::Frame(frame));
            }
        } else if let Some(wire) = session.waiting.take() {
            let packets = session.buffer.drain(..).map(|packet| match packet {
                Packet::Text(text) => text,
                Packet::Binary(_) => "bHh4e".to_owned(),
            });
            let body: Vec<String> = packets.collect();
            cx.say(wire, Down::Answer(Ok(body.join("\u{1e}"))));
        }
    }

    fn packet(&mut self, id: u64, packet: &str, cx: &mut Context) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        match packet.split_at_checked(1) {
            Some(("3", _)) => {
                // The count to the next ping begins anew.
                session.turn += 1;
                self.time(id, Timer::Ping, cx.scenario.interval, cx);
            }
            Some(("1", _)) => self.close(id, "the client says so", cx),
            Some(("4", message)) => self.message(id, message, cx),
            _ => {
                let packet = packet.to_owned();
                cx.judge.holds(false, || format!("(3) the client sends {packet:?}"));
            }
        }
    }
}

fn bad_request(wire: WireId, cx: &mut Context) {
    let failure = Failure::Status { status: 400, message: "Session ID unknown".to_owned() };
    cx.say(wire, Down::Answer(Err(failure)));
}
