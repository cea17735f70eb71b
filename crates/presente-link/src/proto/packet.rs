//! Socket.IO packets. The codec is that of `socketioxide-parser-common`; what it lacks in a client's direction is
//! CONNECT_ERROR, which is read here, and that a packet's attachments have a deadline that is ours to keep: its own
//! asks the system's clock.

use crate::options::Limits;
use bytes::Bytes;
use engineioxide_core::{Packet as EnginePacket, Str};
use serde::Deserialize;
use serde_json::value::RawValue;
use socketioxide_core::{
    Value,
    packet::{Packet, PacketData},
    parser::{Parse, ParseConfig, ParseError, ParserState},
};
use socketioxide_parser_common::CommonParser;
use std::time::Duration;

/// A packet that came.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) namespace: Str,
    pub(super) content: Content,
}

/// What a packet says.
#[derive(Debug)]
pub(super) enum Content {
    /// The namespace is connected, with the server's words as JSON.
    Connect(Option<Str>),
    Disconnect,
    Event {
        array: Str,
        attachments: Vec<Bytes>,
        ack: Option<i64>,
    },
    Ack {
        array: Str,
        attachments: Vec<Bytes>,
        id: i64,
    },
    ConnectError {
        message: String,
        data: Option<Box<RawValue>>,
    },
}

/// Puts packets together from messages.
#[derive(Debug)]
pub(super) struct Decoder {
    config: ParseConfig,
    state: ParserState,
    incomplete: bool,
}

impl Decoder {
    pub(super) fn new(limits: &Limits) -> Self {
        let config = ParseConfig {
            max_incoming_binary_buf_size: limits.message,
            max_incoming_binaries: limits.attachments,
            packet_completion_timeout: Duration::MAX,
        };
        Self { config, state: ParserState::default(), incomplete: false }
    }

    /// Whether attachments are still missing.
    pub(super) fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    pub(super) fn text(&mut self, text: Str) -> Result<Option<Incoming>, String> {
        if text.starts_with('4') && !self.incomplete {
            return connect_error(&text).map(Some);
        }
        let result = CommonParser.decode_str(&self.config, &self.state, text);
        self.taken(result)
    }

    pub(super) fn binary(&mut self, data: Bytes) -> Result<Option<Incoming>, String> {
        let result = CommonParser.decode_bin(&self.config, &self.state, data);
        self.taken(result)
    }

    fn taken(&mut self, result: Result<Packet, ParseError>) -> Result<Option<Incoming>, String> {
        self.incomplete = matches!(result, Err(ParseError::NeedsMoreBinaryData));
        match result {
            Ok(packet) => incoming(packet).map(Some),
            Err(ParseError::NeedsMoreBinaryData) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn incoming(packet: Packet) -> Result<Incoming, String> {
    let parts = |value: Value| match value {
        Value::Str(text, attachments) => Ok((text, attachments.map(Vec::from).unwrap_or_default())),
        Value::Bytes(_) => Err("bytes where text should be".to_owned()),
    };
    let content = match packet.inner {
        PacketData::Connect(data) => Content::Connect(data.map(parts).transpose()?.map(|(text, _)| text)),
        PacketData::Disconnect => Content::Disconnect,
        PacketData::Event(value, ack) | PacketData::BinaryEvent(value, ack) => {
            let (array, attachments) = parts(value)?;
            Content::Event { array, attachments, ack }
        }
        PacketData::EventAck(value, id) | PacketData::BinaryAck(value, id) => {
            let (array, attachments) = parts(value)?;
            Content::Ack { array, attachments, id }
        }
        PacketData::ConnectError(message) => Content::ConnectError { message, data: None },
    };
    Ok(Incoming { namespace: packet.ns, content })
}

/// Reads `4[/namespace,]{"message":…,"data":…}`; some servers send bare words in place of the object.
fn connect_error(text: &Str) -> Result<Incoming, String> {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(default)]
        message: String,
        #[serde(default)]
        data: Option<Box<RawValue>>,
    }
    let (namespace, json) = match text.as_str().get(1..) {
        Some(rest) if rest.starts_with('/') => rest.split_once(',').unwrap_or((rest, "")),
        Some(rest) => ("/", rest),
        None => ("/", ""),
    };
    let refusal = serde_json::from_str(json)
        .or_else(|_| serde_json::from_str(json).map(|message| Refusal { message, data: None }))
        .or_else(|error| {
            if json.is_empty() { Ok(Refusal { message: String::new(), data: None }) } else { Err(error) }
        })
        .map_err(|error| format!("unreadable refusal: {error}"))?;
    let content = Content::ConnectError { message: refusal.message, data: refusal.data };
    Ok(Incoming { namespace: Str::copy_from_slice(namespace), content })
}

/// The messages that carry a packet: its text, then its attachments.
pub(super) fn encode(packet: Packet) -> Vec<EnginePacket> {
    match CommonParser.encode(packet) {
        Value::Str(text, attachments) => {
            let binary = attachments.into_iter().flatten().map(EnginePacket::Binary);
            std::iter::once(EnginePacket::Message(text)).chain(binary).collect()
        }
        Value::Bytes(data) => vec![EnginePacket::Binary(data)],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail by panicking")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_refusal_is_read_with_message_and_data() {
        for (text, namespace, message, data) in [
            (r#"4{"message":"no","data":{"code":7}}"#, "/", "no", Some(r#"{"code":7}"#)),
            (r#"4/chat,{"message":"no"}"#, "/chat", "no", None),
            (r#"4"bare words""#, "/", "bare words", None),
            ("4/chat,", "/chat", "", None),
            ("4{}", "/", "", None),
        ] {
            let packet = Decoder::new(&Limits::default()).text(Str::from(text)).unwrap().unwrap();
            let Content::ConnectError { message: read, data: with } = packet.content else {
                panic!("of {text}")
            };
            assert_eq!((&*packet.namespace, &*read), (namespace, message), "of {text}");
            assert_eq!(with.as_ref().map(|data| data.get()), data, "of {text}");
        }
    }

    #[test]
    fn more_attachments_than_allowed_are_not_waited_for() {
        let limits = Limits { attachments: 2, message: 10, ..Limits::default() };
        assert!(Decoder::new(&limits).text(Str::from(r#"53-["e"]"#)).is_err());
        let mut decoder = Decoder::new(&limits);
        assert!(decoder.text(Str::from(r#"52-["e"]"#)).unwrap().is_none());
        assert!(decoder.is_incomplete());
        assert!(decoder.binary(Bytes::from_static(&[0; 11])).is_err(), "larger than a message may be");
    }

    #[test]
    fn text_in_place_of_an_attachment_breaks_the_protocol() {
        for text in ["2[\"e\"]", "4{}"] {
            let mut decoder = Decoder::new(&Limits::default());
            decoder.text(Str::from(r#"51-["e",{"_placeholder":true,"num":0}]"#)).unwrap();
            assert!(decoder.text(Str::from(text)).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_message_makes_the_decoder_panic(
            messages in prop::collection::vec(prop_oneof![
                "[0-9]{0,2}-?(/[a-z]{0,3},?)?[0-9]{0,21}[\\[{\"a-zñ\\]}]{0,9}".prop_map(Ok),
                ".*".prop_map(Ok),
                prop::collection::vec(any::<u8>(), 0..9).prop_map(Err),
            ], 0..20),
        ) {
            let mut decoder = Decoder::new(&Limits::default());
            for message in messages {
                let _ = match message {
                    Ok(text) => decoder.text(Str::from(text)),
                    Err(data) => decoder.binary(Bytes::from(data)),
                };
            }
        }
    }
}
