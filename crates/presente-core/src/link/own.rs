//! The link over our own Socket.IO client, `presente-link`.

use super::{AckError, Answer, Connector, EmitError, Link, LinkEvent, LinkRequest, Payload, Proof};
use futures_util::future::{BoxFuture, FutureExt};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use presente_link::{
    Auth, Client, Connection, Emitter, Event, Namespace, Options, Recovery, Request, SetupError,
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::mpsc, task::AbortHandle};
use url::Url;

/// Opens links over `presente-link`. Clones share what was learnt: cookies, transports, recovery.
#[derive(Debug, Clone)]
pub struct OwnLink {
    client: Client,
    headers: HeaderMap,
    kept: Kept,
}

impl OwnLink {
    /// Sets it up with defaults; servers are asked to greet in `language`, an ISO 639 code.
    ///
    /// # Errors
    /// The TLS library does not start.
    pub fn new(language: &'static str) -> Result<Self, SetupError> {
        Self::with_options(language, Options::default())
    }

    /// The same with other options.
    ///
    /// # Errors
    /// The TLS library does not start, or an option is not usable.
    pub fn with_options(language: &'static str, options: Options) -> Result<Self, SetupError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(language));
        Ok(Self { client: Client::new(options)?, headers, kept: Kept::default() })
    }

    fn headers_with(&self, proof: &Proof) -> HeaderMap {
        let mut headers = self.headers.clone();
        for (name, value) in exposed(&proof.headers) {
            match (HeaderName::try_from(&name), HeaderValue::try_from(value)) {
                (Ok(name), Ok(mut value)) => {
                    value.set_sensitive(true);
                    headers.insert(name, value);
                }
                _ => tracing::warn!(name, "this is no header; left out"),
            }
        }
        headers
    }
}

impl Connector for OwnLink {
    fn open(&self, request: LinkRequest, events: mpsc::Sender<LinkEvent>) -> Box<dyn Link> {
        let url = request.server.with_path(&request.path);
        let place = Place { url: url.clone(), namespace: request.namespace.clone() };
        let LinkRequest { transports, proof, .. } = request;
        let connection = self.client.open(Request {
            url,
            headers: self.headers_with(&proof),
            query: exposed(&proof.query).collect(),
            transports,
        });
        let auth = proof.auth.clone().map_or_else(Auth::none, Auth::json);
        let namespace = match self.kept.take(&place, &proof) {
            Some(recovery) => connection.recover(&request.namespace, auth, recovery),
            None => connection.namespace(&request.namespace, auth),
        };
        let emitter = namespace.emitter();
        let task = tokio::spawn(forward(namespace, events, self.kept.clone(), place, proof));
        Box::new(Open { connection, emitter, task: task.abort_handle() })
    }

    fn settled(&self) -> BoxFuture<'_, ()> {
        self.client.settled().boxed()
    }
}

fn exposed(fields: &[(String, SecretString)]) -> impl Iterator<Item = (String, String)> {
    fields.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned()))
}

/// An open link. Dropping it ends the task that holds the namespace, and with both the connection.
struct Open {
    connection: Connection,
    emitter: Emitter,
    task: AbortHandle,
}

impl Link for Open {
    fn emit(&self, event: &str, payload: Payload) -> Result<(), EmitError> {
        self.emitter.emit(event, &payload).map_err(|error| {
            tracing::warn!(%error, event, "an event was not sent");
            EmitError
        })
    }

    fn emit_with_ack(
        &self,
        event: &str,
        payload: Payload,
        within: Duration,
    ) -> BoxFuture<'static, Result<Payload, AckError>> {
        let answer = self.emitter.emit_with_ack(event, &payload, within);
        async move {
            answer.await.map_err(|error| match error {
                presente_link::AckError::TimedOut => AckError::TimedOut,
                presente_link::AckError::Closed => AckError::Closed,
                presente_link::AckError::NotSent(_) => AckError::NotSent(EmitError),
            })
        }
        .boxed()
    }

    fn check(&self, within: Duration) {
        self.connection.check(within);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Debug)]
struct Ack(presente_link::Ack);

impl Answer for Ack {
    fn answer(self: Box<Self>, payload: Payload) {
        self.0.answer(&payload);
    }
}

/// Hands events on; who is slow to take them slows the server down, not the heartbeat.
async fn forward(
    mut namespace: Namespace,
    events: mpsc::Sender<LinkEvent>,
    kept: Kept,
    place: Place,
    proof: Proof,
) {
    while let Some(event) = namespace.next().await {
        let event = match event {
            Event::Connected { sid, transport, recovered } => {
                LinkEvent::Connected { sid: Some(sid), transport, recovered }
            }
            Event::TransportChanged(transport) => LinkEvent::TransportChanged(transport),
            Event::RoundTrip(time) => LinkEvent::RoundTrip(time),
            Event::Refused { message, data } => LinkEvent::Refused { message, data },
            Event::Message { name, payload, ack } => {
                let ack = ack.map(|ack| Box::new(Ack(ack)) as Box<dyn Answer>);
                LinkEvent::Event { name, payload, ack }
            }
            Event::Closed(reason) => {
                if let Some(recovery) = namespace.recovery() {
                    kept.keep(place.clone(), proof.clone(), recovery);
                }
                LinkEvent::Closed { reason: reason.to_string() }
            }
        };
        if events.send(event).await.is_err() {
            return;
        }
    }
}

/// Where a recovery belongs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    url: Url,
    namespace: String,
}

/// What a connection left, and how it proved itself.
type Left = (Proof, Recovery);

/// What the connections that were lost have left for the next ones. What we closed ourselves leaves nothing, and
/// what one account left is of no use to another.
#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<HashMap<Place, Left>>>);

impl Kept {
    fn keep(&self, place: Place, proof: Proof, recovery: Recovery) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place, (proof, recovery));
    }

    fn take(&self, place: &Place, proof: &Proof) -> Option<Recovery> {
        let (of, recovery) = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(place)?;
        (of == *proof).then_some(recovery)
    }
}
