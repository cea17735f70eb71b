//! What the protocol suites want of a server: everything that they say comes back.
//!
//! The suites speak no dialect, so their echo takes the place of ours; the rest of the server stays in their
//! way: the listener with its deadlines, the origins, the limits and the parser. Only tests ask for this.

use std::{fmt, sync::Arc};

use axum::Router;
use bytes::Bytes;
use engineioxide::{
    DisconnectReason, Socket, Str, config::EngineIoConfig, handler::EngineIoHandler, layer::EngineIoLayer,
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{SeqAccess, Visitor},
    ser::SerializeTuple as _,
};
use serde_json::{Value, json};
use socketioxide::{
    SocketIo,
    extract::{AckSender, SocketRef, TryData},
};

use crate::config::Config;

/// Most bytes of a message: the suites look for this number in the handshake.
pub(crate) const MESSAGE_BYTES: usize = 1_000_000;
/// Most attachments of a message: the suites send two.
pub(crate) const ATTACHMENTS: usize = 2;

/// Gives the namespaces `/` and `/custom` the echo.
pub(crate) fn serve(io: &SocketIo) {
    for namespace in ["/", "/custom"] {
        io.ns(namespace, |socket: SocketRef, TryData(auth): TryData<Value>| {
            greet(&socket, &auth.unwrap_or_else(|_| json!({})));
            std::future::ready(())
        });
    }
}

/// Tells the socket what it sent along with CONNECT, and echoes from then on.
fn greet(socket: &SocketRef, auth: &Value) {
    told(socket.emit("auth", auth));
    socket.on("message", |socket: SocketRef, TryData(arguments): TryData<Arguments>| {
        if let Ok(arguments) = arguments {
            told(socket.emit("message-back", &arguments));
        }
        std::future::ready(())
    });
    socket.on("message-with-ack", |TryData(arguments): TryData<Arguments>, ack: AckSender| {
        if let Ok(arguments) = arguments {
            told(ack.send(&arguments));
        }
        std::future::ready(())
    });
}

fn told<E: fmt::Display>(sent: Result<(), E>) {
    if let Err(error) = sent {
        tracing::debug!(%error, "an echo was not sent");
    }
}

/// Adds the echo of bare Engine.IO, at `/engine.io/`.
pub(crate) fn with_engine(router: Router, config: &Config) -> Router {
    let settings = EngineIoConfig::builder()
        .ping_interval(config.ping_interval)
        .ping_timeout(config.ping_timeout)
        .max_payload(MESSAGE_BYTES as u64)
        .build();
    router.layer(EngineIoLayer::from_config(Arc::new(Echo), settings))
}

#[derive(Debug, Clone)]
struct Echo;

impl EngineIoHandler for Echo {
    type Data = ();

    fn on_connect(self: Arc<Self>, _: Arc<Socket<()>>) {}

    fn on_disconnect(&self, _: Arc<Socket<()>>, _: DisconnectReason) {}

    fn on_message(self: &Arc<Self>, text: Str, socket: Arc<Socket<()>>) {
        if socket.emit(text).is_err() {
            tracing::debug!("an echo was not sent");
        }
    }

    fn on_binary(self: &Arc<Self>, data: Bytes, socket: Arc<Socket<()>>) {
        if socket.emit_binary(data).is_err() {
            tracing::debug!("an echo was not sent");
        }
    }
}

/// All arguments of an event. As a tuple, because the parser hands over only the first argument to anything else.
struct Arguments(Vec<rmpv::Value>);

impl Serialize for Arguments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        for argument in &self.0 {
            tuple.serialize_element(argument)?;
        }
        tuple.end()
    }
}

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Arguments;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the arguments of an event")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Arguments, A::Error> {
                let mut arguments = Vec::new();
                while let Some(argument) = sequence.next_element()? {
                    arguments.push(argument);
                }
                Ok(Arguments(arguments))
            }
        }
        // Of any length; the number only says that it is a tuple.
        deserializer.deserialize_tuple(0, All)
    }
}
