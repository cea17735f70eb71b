//! Listening to a socket for a while, and asking it harmless questions.

use super::Observed;
use crate::{
    link::{Connector, EVENT_QUEUE, Link, LinkEvent, LinkRequest, Payload},
    profile::Profile,
};
use std::time::Duration;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

/// How long a server may take to connect.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// The first question, and each next one, waits this long for what comes by itself or answers the one before.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(1_500);

/// What happens while we listen.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard<'a> {
    /// The socket is connected.
    Connected,
    /// This event was sent.
    Asked(&'a str),
    /// An event of this name came; what is known of it is in the second.
    Event(&'a str, &'a Observed),
}

/// Nothing could be listened to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListenError {
    /// The server refused the socket: it wants a proof, or another one.
    #[error("the server refused the connection: {message}")]
    Refused {
        /// The server's words, as they came.
        message: String,
    },
    /// The connection ended before anything came, or never came about.
    #[error("the connection closed: {reason}")]
    Closed {
        /// Why.
        reason: String,
    },
    /// Nothing happened within [`CONNECT_WITHIN`].
    #[error("the server does not answer")]
    TimedOut,
}

/// The events that ask for the list in these profiles, each once: they have no arguments, and servers that do not know
/// them do not mind.
pub fn known_requests<'p>(profiles: impl IntoIterator<Item = &'p Profile>) -> Vec<String> {
    let mut requests: Vec<String> = Vec::new();
    for request in profiles.into_iter().flat_map(|profile| &profile.roster.request) {
        if !requests.contains(request) {
            requests.push(request.clone());
        }
    }
    requests
}

/// Connects, collects for `lasting` (from being connected on) what the server says, and in that time sends each of
/// `requests_to_try` once, without arguments. `on_event` is told as it goes. A connection that ends early ends the
/// listening; it is an error only if nothing had come. Dropping the future hangs up.
///
/// # Errors
/// The server refused, did not answer, or hung up without a word.
pub async fn listen(
    connector: &dyn Connector,
    request: LinkRequest,
    requests_to_try: &[String],
    lasting: Duration,
    mut on_event: impl FnMut(Heard<'_>),
) -> Result<Observed, ListenError> {
    let (sender, mut events) = mpsc::channel(EVENT_QUEUE);
    let link = connector.open(request, sender);
    let mut observed = Observed::default();
    let mut questions = Questions { left: requests_to_try.iter(), every: BETWEEN_QUESTIONS, next: None };
    let mut until = Instant::now() + CONNECT_WITHIN;
    let mut connected = false;
    loop {
        let wake = questions.next.map_or(until, |next| next.min(until));
        match timeout_at(wake, events.recv()).await {
            Ok(Some(LinkEvent::Connected { .. })) => {
                let now = Instant::now();
                (connected, until) = (true, now + lasting);
                questions.begin(now, lasting);
                on_event(Heard::Connected);
            }
            Ok(Some(LinkEvent::Event { name, payload, .. })) => {
                observed.add_payload(&name, &payload);
                on_event(Heard::Event(&name, &observed));
            }
            Ok(Some(LinkEvent::TransportChanged(_) | LinkEvent::RoundTrip(_))) => {}
            Ok(Some(LinkEvent::Refused { message, .. })) => return Err(ListenError::Refused { message }),
            Ok(Some(LinkEvent::Closed { reason })) => return ended(observed, reason),
            Ok(None) => return ended(observed, "the connection's task is gone".to_owned()),
            Err(_) if Instant::now() >= until => {
                return if connected { Ok(observed) } else { Err(ListenError::TimedOut) };
            }
            Err(_) => {
                if let Some(event) = questions.ask(link.as_ref()) {
                    observed.asked(event);
                    on_event(Heard::Asked(event));
                }
            }
        }
    }
}

fn ended(observed: Observed, reason: String) -> Result<Observed, ListenError> {
    if observed.is_empty() { Err(ListenError::Closed { reason }) } else { Ok(observed) }
}

/// The questions that are still to be asked.
struct Questions<'q> {
    left: std::slice::Iter<'q, String>,
    every: Duration,
    next: Option<Instant>,
}

impl<'q> Questions<'q> {
    /// Spreads the questions over the time there is.
    fn begin(&mut self, now: Instant, lasting: Duration) {
        let questions = u32::try_from(self.left.len()).unwrap_or(u32::MAX);
        self.every = BETWEEN_QUESTIONS.min(lasting / questions.saturating_add(1));
        self.next = (questions > 0).then_some(now + self.every);
    }

    fn ask(&mut self, link: &dyn Link) -> Option<&'q str> {
        let event = self.left.next();
        self.next = self.next.filter(|_| self.left.len() > 0).map(|next| next + self.every);
        event.filter(|event| link.emit(event, Payload::empty()).is_ok()).map(String::as_str)
    }
}

#[cfg(test)]
#[path = "listen_tests.rs"]
mod tests;
