//! What can be put into a session or an engine: words of a server right and wrong, reports of transports that fit
//! nothing, time, and commands. Made from bytes, so that a fuzzer and a property test make the same.

use arbitrary::Arbitrary;
use presente_link::{Failure, Transport, proto::Frame};
use std::time::Duration;

/// One thing that happens.
#[derive(Debug, Clone, Arbitrary)]
pub enum Input {
    /// A text frame comes.
    Text(Words),
    /// A binary frame comes.
    Binary(Vec<u8>),
    /// A control frame comes.
    Control { pong: bool },
    /// A GET is answered with packets.
    Polled(Vec<Words>),
    /// A GET is answered with anything.
    PolledBytes(Vec<u8>),
    /// A POST is taken.
    Posted,
    /// The network has taken what was written.
    Written,
    /// A WebSocket is open.
    WebSocketOpened,
    /// A transport fails.
    Failed { websocket: bool, how: u8 },
    /// So many milliseconds pass, in which all that falls due is done.
    Wait(u16),
    /// As `Wait`, in tens of seconds, but late: nothing is done before the end.
    Sleep(u8),
    /// A tick for no reason.
    Tick,
    /// Who takes the events is behind, or not any more.
    Consumer { rests: bool },
    /// A sign of life is asked for, within so many milliseconds.
    Check(u16),
    /// A namespace is added.
    Add(String),
    /// A namespace gets its proof.
    Connect { namespace: u8, auth: Option<String> },
    /// An event is sent.
    Emit {
        namespace: u8,
        name: String,
        text: String,
        attachments: Vec<Vec<u8>>,
        ack: Option<u16>,
        volatile: bool,
    },
    /// An event is acknowledged.
    Answer { namespace: u8, ack: i64, text: String },
    /// A namespace is left.
    Leave(u8),
    /// The session is to end in order.
    Finish,
    /// The session is to end at once.
    Close,
}

impl Input {
    /// How long it takes, and whether what falls due meanwhile is done in time.
    pub fn lasts(&self) -> (Duration, bool) {
        match self {
            Self::Wait(milliseconds) => (Duration::from_millis(u64::from(*milliseconds)), true),
            Self::Sleep(tens) => (Duration::from_secs(u64::from(*tens) * 10), false),
            _ => (Duration::ZERO, true),
        }
    }
}

/// What a server says in one packet.
#[derive(Debug, Clone, Arbitrary)]
pub enum Words {
    Raw(String),
    Open { interval: u16, timeout: u16, websocket: bool, limit: Option<u16> },
    Ping,
    Probe,
    Noop,
    Close,
    Bye,
    Welcome { namespace: Where, id: u8, kept: bool },
    Refusal { namespace: Where, text: String },
    Event { namespace: Where, ack: Option<i64>, text: String, attachments: u8 },
    Ack { namespace: Where, id: u8, text: String, attachments: u8 },
    Attachment(Vec<u8>),
}

/// In which namespace.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum Where {
    Main,
    Chat,
}

impl Where {
    fn prefix(self) -> &'static str {
        match self {
            Self::Main => "",
            Self::Chat => "/chat,",
        }
    }
}

impl Words {
    /// As it is in a frame or a body.
    pub fn text(&self) -> String {
        match self {
            Self::Raw(text) => text.clone(),
            Self::Open { interval, timeout, websocket, limit } => {
                let upgrades = if *websocket { r#"["websocket"]"# } else { "[]" };
                let limit = limit.map(|limit| format!(r#","maxPayload":{limit}"#)).unwrap_or_default();
                format!(
                    r#"0{{"sid":"s","upgrades":{upgrades},"pingInterval":{interval},"pingTimeout":{timeout}{limit}}}"#
                )
            }
            Self::Ping => "2".to_owned(),
            Self::Probe => "3probe".to_owned(),
            Self::Noop => "6".to_owned(),
            Self::Close => "1".to_owned(),
            Self::Bye => "41".to_owned(),
            Self::Welcome { namespace, id, kept } => {
                let pid = if *kept { r#","pid":"p""# } else { "" };
                format!(r#"40{}{{"sid":"{id}"{pid}}}"#, namespace.prefix())
            }
            Self::Refusal { namespace, text } => format!("44{}{text}", namespace.prefix()),
            Self::Event { namespace, ack, text, attachments } => {
                let kind = if *attachments > 0 { format!("45{attachments}-") } else { "42".to_owned() };
                let ack = ack.map(|ack| ack.to_string()).unwrap_or_default();
                format!(r#"{kind}{}{ack}["e",{text}]"#, namespace.prefix())
            }
            Self::Ack { namespace, id, text, attachments } => {
                let kind = if *attachments > 0 { format!("46{attachments}-") } else { "43".to_owned() };
                format!("{kind}{}{id}[{text}]", namespace.prefix())
            }
            // In a body; base64 that may be none.
            Self::Attachment(data) => format!("b{}", String::from_utf8_lossy(data)),
        }
    }

    /// As a text frame.
    pub fn frame(&self) -> Frame {
        Frame::Text(self.text().into())
    }
}

/// How a transport fails.
pub fn failure(how: u8) -> Failure {
    match how % 6 {
        0 => Failure::Unreachable("refused".to_owned()),
        1 => Failure::Tls("expired".to_owned()),
        2 => Failure::Proxy("no".to_owned()),
        3 => Failure::Status { status: 400, message: "Session ID unknown".to_owned() },
        4 => Failure::Lost("reset".to_owned()),
        _ => Failure::TooLarge(7),
    }
}

/// The transport of a report.
pub fn transport(websocket: bool) -> Transport {
    if websocket { Transport::WebSocket } else { Transport::Polling }
}
