//! The link over `rust_socketio` 0.6, fenced in: the library cannot be stopped, reports no close, loses its
//! reconnect delay after a while and waits for ever in places. So each connection is a disposable generation:
//!
//! - it lives in a small runtime of its own, and closing is shutting that runtime down;
//! - the library's reconnect hook is our close signal, and its future never resolves, which freezes its loop;
//! - connecting, the CONNECT answer and every emit have deadlines, and a miss ends the generation;
//! - callbacks only hand over to a bounded channel.
//!
//! WebSocket and JSON only: its polling loses what spans two chunks, its binary is mangled. No acknowledgements: it
//! cannot answer the server's, and panics in its reader where a number of ours meets one of the server's.

use super::{AckError, Connector, EmitError, Link, LinkEvent, LinkRequest, Payload, Proof, Transport};
use futures_util::{FutureExt, future::BoxFuture};
use rust_socketio::{
    Event, Payload as Values, TransportType,
    asynchronous::{Client, ClientBuilder},
};
use secrecy::ExposeSecret;
use serde_json::{Value, value::RawValue};
use std::time::Duration;
use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc,
    time::timeout,
};

/// How long the WebSocket handshake may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long the answer to CONNECT may take after that.
const NAMESPACE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one emit may take to be written.
const EMIT_TIMEOUT: Duration = Duration::from_secs(5);
/// How many events may wait to be written.
const EMIT_QUEUE: usize = 64;

const OVERFLOW: &str = "events came faster than they were read";

/// The library announces a refused namespace only inside the text of an error event.
const REFUSAL: &str = "Received an ConnectError frame: ";

/// Opens links over `rust_socketio`.
#[derive(Debug, Clone, Copy)]
pub struct RustSocketio {
    /// The language servers are asked to greet in, an ISO 639 code.
    pub language: &'static str,
}

struct Generation {
    emits: mpsc::Sender<(String, Vec<Value>)>,
    runtime: Option<Runtime>,
}

impl Connector for RustSocketio {
    fn open(&self, request: LinkRequest, events: mpsc::Sender<LinkEvent>) -> Box<dyn Link> {
        let (emits, to_write) = mpsc::channel(EMIT_QUEUE);
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(2)
            .thread_name("presente-link")
            .enable_all()
            .build();
        match runtime {
            Ok(runtime) => {
                runtime.spawn(live(request, self.language, events, to_write));
                Box::new(Generation { emits, runtime: Some(runtime) })
            }
            Err(error) => {
                let _ = events.try_send(LinkEvent::Closed { reason: format!("no thread: {error}") });
                Box::new(Generation { emits, runtime: None })
            }
        }
    }
}

impl Link for Generation {
    fn emit(&self, event: &str, payload: Payload) -> Result<(), EmitError> {
        let args = payload.read().map_err(|_| EmitError)?;
        if !payload.attachments().is_empty() {
            return Err(EmitError);
        }
        self.emits.try_send((event.to_owned(), args)).map_err(|_| EmitError)
    }

    fn emit_with_ack(
        &self,
        _event: &str,
        _payload: Payload,
        _within: Duration,
    ) -> BoxFuture<'static, Result<Payload, AckError>> {
        std::future::ready(Err(AckError::NotOffered)).boxed()
    }

    fn check(&self, _within: Duration) {}
}

impl Drop for Generation {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What the library's callbacks tell the task that owns the connection.
enum Signal {
    Connected,
    Refused(Refusal),
    Ended(&'static str),
}

async fn live(
    request: LinkRequest,
    language: &'static str,
    events: mpsc::Sender<LinkEvent>,
    mut to_write: mpsc::Receiver<(String, Vec<Value>)>,
) {
    let (signals, mut signalled) = mpsc::channel(8);
    // Closing drops the runtime this runs in, so the last word must be out before anything else is done.
    let last_word = match connect(&request, language, &events, &signals, &mut signalled).await {
        Ok(client) => {
            let reason = write_until_end(&client, &mut signalled, &mut to_write).await;
            LinkEvent::Closed { reason: reason.to_owned() }
        }
        Err(last_word) => last_word,
    };
    let _ = events.send(last_word).await;
}

/// Connects and waits for the namespace, each within its deadline.
async fn connect(
    request: &LinkRequest,
    language: &'static str,
    events: &mpsc::Sender<LinkEvent>,
    signals: &mpsc::Sender<Signal>,
    signalled: &mut mpsc::Receiver<Signal>,
) -> Result<Client, LinkEvent> {
    let closed = |reason: String| LinkEvent::Closed { reason };
    let connecting = builder(request, events.clone(), signals.clone())
        .opening_header("accept-language", language)
        .connect();
    let client = match timeout(CONNECT_TIMEOUT, connecting).await {
        Ok(Ok(client)) => client,
        Ok(Err(error)) => return Err(closed(error.to_string())),
        Err(_) => return Err(closed("the handshake took too long".to_owned())),
    };
    match timeout(NAMESPACE_TIMEOUT, signalled.recv()).await {
        Ok(Some(Signal::Connected)) => Ok(client),
        Ok(Some(Signal::Refused(Refusal { message, data }))) => Err(LinkEvent::Refused { message, data }),
        Ok(Some(Signal::Ended(reason))) => Err(closed(reason.to_owned())),
        Ok(None) => Err(closed("the reader ended".to_owned())),
        Err(_) => Err(closed("the namespace was not connected in time".to_owned())),
    }
}

fn builder(
    request: &LinkRequest,
    events: mpsc::Sender<LinkEvent>,
    signals: mpsc::Sender<Signal>,
) -> ClientBuilder {
    let (on_error, on_close, on_end, on_overflow) =
        (signals.clone(), signals.clone(), signals.clone(), signals.clone());
    let connected = events.clone();
    let mut builder = ClientBuilder::new(address(request))
        .namespace(request.namespace.clone())
        .transport_type(TransportType::Websocket)
        .reconnect(true)
        .reconnect_on_disconnect(true)
        .on_reconnect(move || {
            let _ = on_end.try_send(Signal::Ended("the connection ended"));
            std::future::pending().boxed()
        })
        .on(Event::Connect, move |_, _| {
            // From here, so that it stays ahead of the first events.
            let told = connected.try_send(LinkEvent::Connected {
                sid: None,
                transport: Transport::WebSocket,
                recovered: false,
            });
            let _ = signals.try_send(told.map_or(Signal::Ended(OVERFLOW), |()| Signal::Connected));
            async {}.boxed()
        })
        .on(Event::Close, move |_, _| {
            let _ = on_close.try_send(Signal::Ended("the server closed the namespace"));
            async {}.boxed()
        })
        .on(Event::Error, move |payload, _| {
            if let Some(refusal) = refusal(&payload) {
                let _ = on_error.try_send(Signal::Refused(refusal));
            }
            async {}.boxed()
        })
        .on_any(move |event, payload, _| {
            if let Some(event) = read_event(&event, payload)
                && events.try_send(event).is_err()
            {
                // Losing one event silently would make the roster lie; a new connection brings a whole list.
                let _ = on_overflow.try_send(Signal::Ended(OVERFLOW));
            }
            async {}.boxed()
        });
    let Proof { auth, headers, .. } = &request.proof;
    for (name, value) in headers {
        builder = builder.opening_header(name.as_str(), value.expose_secret());
    }
    if let Some(auth) =
        auth.as_ref().and_then(|auth| serde_json::from_str::<Value>(auth.expose_secret()).ok())
    {
        builder = builder.auth(auth);
    }
    builder
}

/// The address with the query parameters that prove us.
fn address(request: &LinkRequest) -> String {
    let mut url = request.server.with_path(&request.path);
    for (name, value) in &request.proof.query {
        url.query_pairs_mut().append_pair(name, value.expose_secret());
    }
    url.to_string()
}

async fn write_until_end(
    client: &Client,
    signalled: &mut mpsc::Receiver<Signal>,
    to_write: &mut mpsc::Receiver<(String, Vec<Value>)>,
) -> &'static str {
    loop {
        tokio::select! {
            signal = signalled.recv() => match signal {
                Some(Signal::Ended(reason)) => return reason,
                Some(Signal::Refused(_)) => return "the server refused the namespace later",
                Some(Signal::Connected) => {}
                None => return "the reader ended",
            },
            Some((event, args)) = to_write.recv() => {
                match timeout(EMIT_TIMEOUT, client.emit(event, Values::Text(args))).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return "an event could not be sent",
                    Err(_) => return "an event took too long to send",
                }
            }
        }
    }
}

/// What the server says when it refuses.
#[derive(Debug, Default)]
struct Refusal {
    message: String,
    data: Option<Box<RawValue>>,
}

fn refusal(payload: &Values) -> Option<Refusal> {
    let Values::Text(values) = payload else { return None };
    let Some(Value::String(text)) = values.first() else { return None };
    let refusal = text.strip_prefix(REFUSAL)?;
    let refusal = serde_json::from_str::<Value>(refusal).unwrap_or_default();
    let message = refusal.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
    let data = refusal.get("data").and_then(|data| serde_json::value::to_raw_value(data).ok());
    Some(Refusal { message, data })
}

/// An event without arguments arrives from the library as `Message` with its name as the only value.
fn read_event(event: &Event, payload: Values) -> Option<LinkEvent> {
    let Values::Text(mut values) = payload else { return None };
    let name = match event {
        Event::Custom(name) => name.clone(),
        Event::Message => match values.first() {
            Some(Value::String(name)) if values.len() == 1 => {
                let name = name.clone();
                values.clear();
                name
            }
            _ => "message".to_owned(),
        },
        Event::Error | Event::Connect | Event::Close => return None,
    };
    Some(LinkEvent::Event { name, payload: Payload::from_values(&values).ok()?, ack: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_refusal_is_read_from_the_text_of_the_error_event() {
        for (text, expected) in [
            (
                format!("{REFUSAL}{}", r#"{"message":"token caducado","data":{"code":7}}"#),
                Some(("token caducado", Some(r#"{"code":7}"#))),
            ),
            (format!("{REFUSAL}{}", r#"{"message":"no"}"#), Some(("no", None))),
            (format!("{REFUSAL}\"No error message provided\""), Some(("", None))),
            ("IncompleteResponseFromIo".to_owned(), None),
        ] {
            let read = refusal(&Values::Text(vec![json!(text)]));
            let read =
                read.as_ref().map(|read| (read.message.as_str(), read.data.as_ref().map(|data| data.get())));
            assert_eq!(read, expected, "text {text:?}");
        }
    }

    #[test]
    fn an_event_without_arguments_keeps_its_name() {
        let event = read_event(&Event::Message, Values::Text(vec![json!("refresh")]));
        let Some(LinkEvent::Event { name, payload, .. }) = event else { panic!("no event") };
        assert_eq!((name.as_str(), payload.read::<Vec<Value>>().unwrap().len()), ("refresh", 0));
    }
}
