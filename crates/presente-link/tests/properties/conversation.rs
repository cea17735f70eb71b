//! A valid conversation is heard as it was said, and said as it was meant, however it is cut into bodies and frames
//! and wherever in it the session goes over to WebSocket.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use presente_link::{
    Deadlines, Limits, Payload, Transport,
    proto::{Action, Emit, Frame, Incident, NamespaceId, Plan, Session},
};
use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// An event.
#[derive(Debug, Clone, PartialEq)]
struct Said {
    name: String,
    arguments: Vec<Argument>,
    ack: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
enum Argument {
    Json(Json),
    Bytes(Bytes),
    Deep(Vec<Argument>),
}

impl Argument {
    /// As JSON with placeholders, and what stands in their places.
    fn write(&self, attachments: &mut Vec<Bytes>) -> Json {
        match self {
            Self::Json(json) => json.clone(),
            Self::Bytes(bytes) => {
                attachments.push(bytes.clone());
                json!({"_placeholder": true, "num": attachments.len() - 1})
            }
            Self::Deep(arguments) => arguments.iter().map(|argument| argument.write(attachments)).collect(),
        }
    }
}

/// An event as it is on the way: what it says, with its number where it wants an acknowledgement, and attachments.
type Heard = (Json, Option<u32>, Vec<Bytes>);

impl Said {
    fn heard(&self) -> Heard {
        let mut attachments = Vec::new();
        let name = std::iter::once(Json::from(self.name.clone()));
        let array =
            name.chain(self.arguments.iter().map(|argument| argument.write(&mut attachments))).collect();
        (array, self.ack, attachments)
    }
}

/// A message of Engine.IO.
#[derive(Debug, Clone)]
enum Message {
    Text(String),
    Binary(Bytes),
}

fn messages((array, ack, attachments): Heard) -> Vec<Message> {
    let count = attachments.len();
    let kind = if count > 0 { format!("5{count}-") } else { "2".to_owned() };
    let ack = ack.map(|ack| ack.to_string()).unwrap_or_default();
    let text = Message::Text(format!("4{kind}{ack}{array}"));
    std::iter::once(text).chain(attachments.into_iter().map(Message::Binary)).collect()
}

/// One step of a conversation.
#[derive(Debug, Clone)]
enum Step {
    /// The server has this to say.
    Hear(Said),
    /// We say this.
    Say(Said),
    /// The server has a ping, or nothing, to say.
    Noise { ping: bool },
    /// So many packets that wait are let through.
    Flush(usize),
}

/// Which way the conversation takes.
#[derive(Debug, Clone, Copy)]
enum Way {
    Polling,
    WebSocket,
    /// Over from polling to WebSocket before this step.
    Upgrade(usize),
}

/// A server of few words, and what lies between.
struct Peer {
    session: Session,
    namespace: NamespaceId,
    now: Instant,
    waiting: VecDeque<Message>,
    transport: Transport,
    /// A GET waits for its answer.
    asked: bool,
    said: Vec<Message>,
    heard: Vec<Heard>,
}

impl Peer {
    fn new(way: Way) -> Self {
        let transport = if matches!(way, Way::WebSocket) { Transport::WebSocket } else { Transport::Polling };
        let upgrade = matches!(way, Way::Upgrade(_));
        let plan = Plan { first: transport, upgrade, within: Duration::from_secs(20) };
        let now = Instant::now();
        let mut session = Session::new(plan, None, Deadlines::default(), Limits::default(), now);
        let namespace = session.add("/");
        session.connect(namespace, None, None, now).unwrap();
        let open = r#"0{"sid":"s","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000}"#;
        let waiting = [Message::Text(open.to_owned()), Message::Text(r#"40{"sid":"x"}"#.to_owned())];
        let mut peer = Self {
            session,
            namespace,
            now,
            waiting: waiting.into(),
            transport,
            asked: false,
            said: Vec::new(),
            heard: Vec::new(),
        };
        peer.carry();
        if transport == Transport::WebSocket {
            peer.session.websocket_opened(peer.now);
        }
        peer
    }

    /// Lets so many packets through, cut as they are.
    fn flush(&mut self, count: usize) {
        let count = count.min(self.waiting.len());
        let packets: Vec<Message> = self.waiting.drain(..count).collect();
        match self.transport {
            Transport::WebSocket => {
                for packet in packets {
                    let frame = match packet {
                        Message::Text(text) => Frame::Text(text.into()),
                        Message::Binary(data) => Frame::Binary(data),
                    };
                    self.session.received(frame, self.now);
                }
            }
            Transport::Polling if packets.is_empty() => {}
            Transport::Polling => {
                assert!(std::mem::take(&mut self.asked), "a GET is always there");
                let texts: Vec<String> = packets
                    .into_iter()
                    .map(|packet| match packet {
                        Message::Text(text) => text,
                        Message::Binary(data) => format!("b{}", BASE64_STANDARD.encode(data)),
                    })
                    .collect();
                self.session.polled(texts.join("\u{1e}").into(), self.now);
            }
        }
        // Between a server and a proxy an empty answer is not in a hurry.
        self.now += Duration::from_millis(300);
        self.session.tick(self.now);
        self.carry();
    }

    /// Carries out what the session wants, at once, and listens.
    fn carry(&mut self) {
        while let Some(action) = self.session.poll_action() {
            match action {
                Action::Poll => self.asked = true,
                Action::Post(body) => {
                    self.said.extend(body.split('\u{1e}').map(|packet| match packet.strip_prefix('b') {
                        Some(data) => Message::Binary(BASE64_STANDARD.decode(data).unwrap().into()),
                        None => Message::Text(packet.to_owned()),
                    }));
                    self.session.posted(self.now);
                }
                Action::Write(frames) => {
                    self.said.extend(frames.into_iter().filter_map(|frame| match frame {
                        Frame::Text(text) => Some(Message::Text(String::from(text))),
                        Frame::Binary(data) => Some(Message::Binary(data)),
                        Frame::Ping | Frame::Pong => None,
                    }));
                    self.session.written(self.now);
                }
                Action::OpenWebSocket | Action::DropWebSocket | Action::DropPolling => {}
            }
        }
        while let Some(incident) = self.session.poll_incident() {
            match incident {
                Incident::Event { name, payload, ack, .. } => {
                    let mut array = vec![Json::from(name)];
                    array.extend(payload.read::<Vec<Json>>().unwrap());
                    let ack = ack.map(|ack| u32::try_from(ack).unwrap());
                    self.heard.push((array.into(), ack, payload.attachments().to_vec()));
                }
                Incident::Closed(reason) => panic!("closed: {reason}"),
                _ => {}
            }
        }
    }

    fn go_over(&mut self) {
        self.session.websocket_opened(self.now);
        self.carry();
        self.session.received(Frame::Text("3probe".to_owned().into()), self.now);
        // As servers do, the GET that waits is answered so that the session can go over.
        self.waiting.push_front(Message::Text("6".to_owned()));
        self.flush(1);
        assert_eq!(self.session.engine().transport(), Transport::WebSocket);
        self.transport = Transport::WebSocket;
    }

    fn say(&mut self, said: &Said) {
        let how = Emit { ack_within: said.ack.map(|_| Duration::from_secs(3600)), volatile: false };
        let payload = match said.arguments.is_empty() {
            true => Payload::empty(),
            false => Payload::new(&(&said.arguments,)).unwrap(),
        };
        self.session.emit(self.namespace, &said.name, &payload, how, self.now).unwrap();
        self.carry();
    }

    /// What the server has been told, put together again.
    fn told(&self) -> Vec<Heard> {
        let mut told: Vec<Heard> = Vec::new();
        for message in &self.said {
            match message {
                Message::Binary(data) => told.last_mut().unwrap().2.push(data.clone()),
                Message::Text(text) => {
                    let Some(packet) = text.strip_prefix('4').filter(|packet| !packet.starts_with('0'))
                    else {
                        continue;
                    };
                    let at = packet.find('[').unwrap();
                    let head = packet[1..at].rsplit('-').next().unwrap();
                    told.push((serde_json::from_str(&packet[at..]).unwrap(), head.parse().ok(), Vec::new()));
                }
            }
        }
        told
    }
}

fn argument() -> impl Strategy<Value = Argument> {
    let bytes = prop::collection::vec(any::<u8>(), 0..20).prop_map(|bytes| Argument::Bytes(bytes.into()));
    let leaf = prop_oneof![
        Just(Argument::Json(Json::Null)),
        any::<i64>().prop_map(|number| Argument::Json(number.into())),
        ".*".prop_map(|text| Argument::Json(text.into())),
        ".*".prop_map(|text| Argument::Json(json!({"a": [text]}))),
        bytes,
    ];
    leaf.prop_recursive(2, 8, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Argument::Deep))
}

fn said() -> impl Strategy<Value = Said> {
    // JSON has no separator of bodies in it: it is written as an escape.
    let name = prop_oneof!["[a-z]{1,9}", ".*"];
    (name, prop::collection::vec(argument(), 0..3), any::<Option<u32>>())
        .prop_map(|(name, arguments, ack)| Said { name, arguments, ack })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => said().prop_map(Step::Hear),
        2 => said().prop_map(Step::Say),
        1 => any::<bool>().prop_map(|ping| Step::Noise { ping }),
        3 => (0_usize..6).prop_map(Step::Flush),
    ]
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![Just(Way::Polling), Just(Way::WebSocket), (0_usize..20).prop_map(Way::Upgrade)]
}

proptest! {
    #[test]
    fn a_conversation_is_heard_as_it_was_said_however_it_is_cut(
        way in way(), steps in prop::collection::vec(step(), 0..20),
    ) {
        let mut peer = Peer::new(way);
        peer.flush(2);
        let (mut to_hear, mut to_tell) = (Vec::new(), Vec::new());
        let mut acks = 0;
        for (at, step) in steps.iter().enumerate() {
            if matches!(way, Way::Upgrade(before) if before == at) {
                peer.go_over();
            }
            match step {
                Step::Hear(said) => {
                    to_hear.push(said.heard());
                    peer.waiting.extend(messages(said.heard()));
                }
                Step::Say(said) => {
                    peer.say(said);
                    let (mut array, ack, attachments) = said.heard();
                    if let Some(array) = array.as_array_mut().filter(|array| array.len() > 1) {
                        // All arguments go as one list.
                        let arguments = array.split_off(1);
                        array.push(arguments.into());
                    }
                    let ack = ack.map(|_| { acks += 1; acks - 1 });
                    to_tell.push((array, ack, attachments));
                }
                Step::Noise { ping } => {
                    let packet = if *ping { "2" } else { "6" };
                    peer.waiting.push_back(Message::Text(packet.to_owned()));
                }
                Step::Flush(count) => peer.flush(*count),
            }
        }
        peer.flush(usize::MAX);
        prop_assert_eq!(&peer.heard, &to_hear);
        prop_assert_eq!(peer.told(), to_tell);
    }
}
