//! Engine.IO as it is on the wire: the handshake, frames, and the bodies of polling.
//!
//! The packets are those of `engineioxide-core`. Three things are ours: the open packet (its parser does not know
//! it, and its own type takes no session id but the 16 characters that its server makes, and demands `maxPayload`,
//! which older servers do not send), and the two directions of a polling body as one piece (its decoder is a stream
//! of body chunks, and we have the whole body).

use bytes::Bytes;
use engineioxide_core::{Packet, ProtocolVersion, Str};
use serde::Deserialize;
use std::time::Duration;

/// What stands between two packets of a polling body.
const SEPARATOR: char = '\u{1e}';
/// Heartbeat times of a server are believed up to this.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What a server says when it opens a session.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Open {
    /// The session's id.
    pub sid: String,
    /// The transports that the session may go over to.
    #[serde(default)]
    pub upgrades: Vec<String>,
    ping_interval: u64,
    ping_timeout: u64,
    /// The largest message that the server takes, bytes; older servers do not tell.
    #[serde(default)]
    pub max_payload: Option<u64>,
}

impl Open {
    /// Reads the packet `0{…}`.
    ///
    /// # Errors
    /// It is another packet, or not to be read.
    pub fn parse(packet: &str) -> Result<Self, String> {
        let json = packet.strip_prefix('0').ok_or("not an Engine.IO handshake")?;
        serde_json::from_str(json).map_err(|error| format!("unreadable handshake: {error}"))
    }

    /// How often the server pings.
    pub fn ping_interval(&self) -> Duration {
        Duration::from_millis(self.ping_interval).min(LONGEST)
    }

    /// For how long without a ping the server is believed to be there.
    pub fn patience(&self) -> Duration {
        self.ping_interval() + Duration::from_millis(self.ping_timeout).min(LONGEST)
    }
}

/// A WebSocket frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// Text: a packet.
    Text(Str),
    /// Binary: an attachment.
    Binary(Bytes),
    /// The WebSocket's own ping, by which round trips are measured; it carries nothing.
    Ping,
    /// The answer to it.
    Pong,
}

impl Frame {
    /// How a packet travels in a WebSocket.
    pub(crate) fn of(packet: Packet) -> Self {
        match packet {
            Packet::Binary(data) => Self::Binary(data),
            packet => Self::Text(Str::from(String::from(packet))),
        }
    }
}

/// A packet that came, in either transport.
pub(crate) fn parse(text: Str) -> Result<Packet, String> {
    Packet::parse(ProtocolVersion::V4, text).map_err(|error| error.to_string())
}

/// The packets of a polling body, unread.
pub(crate) fn split_body(body: Bytes) -> Result<Vec<Str>, String> {
    let text = String::from_utf8(Vec::from(body)).map_err(|_| "a polling body is not text")?;
    let text = Str::from(text);
    let mut packets = Vec::new();
    let mut from = 0;
    for (at, separator) in text.as_str().match_indices(SEPARATOR) {
        packets.push(text.slice(from..at));
        from = at + separator.len();
    }
    packets.push(text.slice(from..));
    Ok(packets)
}

/// Takes packets from the front of a queue into a polling body of at most `limit` bytes, but at least one.
pub(crate) fn join_body(queue: &mut std::collections::VecDeque<Packet>, limit: u64) -> String {
    let mut body = String::new();
    while let Some(packet) = queue.front() {
        let size = body.len() + SEPARATOR.len_utf8() + packet.get_size_hint(true);
        if !body.is_empty() && u64::try_from(size).unwrap_or(u64::MAX) > limit {
            break;
        }
        if !body.is_empty() {
            body.push(SEPARATOR);
        }
        if let Some(packet) = queue.pop_front() {
            body.push_str(&String::from(packet));
        }
    }
    body
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    #[test]
    fn handshakes_of_old_and_other_servers_are_read() {
        for (text, max_payload) in [
            (
                r#"0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
                Some(1_000_000),
            ),
            (r#"0{"sid":"x","pingInterval":25000,"pingTimeout":20000}"#, None),
        ] {
            let open = Open::parse(text).unwrap();
            assert_eq!(open.max_payload, max_payload);
            assert_eq!(open.patience(), Duration::from_secs(45));
        }
        let endless = format!(r#"0{{"sid":"x","pingInterval":{0},"pingTimeout":{0}}}"#, u64::MAX);
        assert_eq!(Open::parse(&endless).unwrap().patience(), 2 * LONGEST);
        for text in ["", "0", "0{}", "<html>", r#"0{"sid":1}"#] {
            assert!(Open::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_polling_body_holds_the_packets_that_went_in_and_keeps_to_its_limit(
            texts in prop::collection::vec("[^\u{1e}]{0,40}", 1..20), limit in 1_u64..200,
        ) {
            let mut queue: VecDeque<Packet> = texts.iter().map(|text| Packet::Message(Str::from(text.clone()))).collect();
            let mut came = Vec::new();
            while !queue.is_empty() {
                let body = join_body(&mut queue, limit);
                let packets = split_body(Bytes::from(body.clone())).unwrap();
                prop_assert!(packets.len() == 1 || u64::try_from(body.len()).unwrap() <= limit);
                came.extend(packets.into_iter().map(|packet| parse(packet).unwrap()));
            }
            let sent: Vec<Packet> = texts.into_iter().map(|text| Packet::Message(Str::from(text))).collect();
            prop_assert_eq!(came, sent);
        }

        #[test]
        fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(packets) = split_body(Bytes::from(bytes)) {
                for packet in packets {
                    let _ = Open::parse(&packet);
                    let _ = parse(packet);
                }
            }
        }
    }
}
