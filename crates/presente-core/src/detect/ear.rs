//! One connection that is opened to listen.

use crate::link::{Connector, EVENT_QUEUE, Link, LinkEvent, LinkRequest, Payload, Transport};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

/// What became of the wish to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// We are in.
    Connected {
        /// The id of our socket, where the link tells it.
        sid: Option<String>,
    },
    /// The server said no, in these words.
    Refused(String),
    /// It hung up, or the connection never came about; why, in the words of the link.
    Closed(String),
    /// Time was up.
    TooSlow,
}

/// What the socket says.
#[derive(Debug)]
pub(super) enum Word {
    Event(String, Payload),
    /// The connection is over.
    Over,
}

/// An open connection; dropping it closes it.
pub(super) struct Ear {
    link: Box<dyn Link>,
    events: mpsc::Receiver<LinkEvent>,
    transport: Option<Transport>,
}

impl Ear {
    pub(super) fn open(connector: &dyn Connector, request: LinkRequest) -> Self {
        let (sender, events) = mpsc::channel(EVENT_QUEUE);
        Self { link: connector.open(request, sender), events, transport: None }
    }

    /// Waits to be let in.
    pub(super) async fn entry(&mut self, until: Instant) -> Entry {
        loop {
            match timeout_at(until, self.events.recv()).await {
                Err(_) => return Entry::TooSlow,
                Ok(Some(LinkEvent::Connected { sid, transport, .. })) => {
                    self.transport = Some(transport);
                    return Entry::Connected { sid };
                }
                Ok(Some(LinkEvent::Refused { message, .. })) => return Entry::Refused(message),
                Ok(Some(LinkEvent::Closed { reason })) => {
                    tracing::debug!(reason, "not let in");
                    return Entry::Closed(reason);
                }
                Ok(None) => return Entry::Closed(String::new()),
                Ok(Some(_)) => {}
            }
        }
    }

    /// The next word, or none within the time.
    pub(super) async fn next(&mut self, until: Instant) -> Option<Word> {
        loop {
            match timeout_at(until, self.events.recv()).await.ok()? {
                Some(LinkEvent::Event { name, payload, .. }) => return Some(Word::Event(name, payload)),
                Some(LinkEvent::Refused { .. } | LinkEvent::Closed { .. }) | None => return Some(Word::Over),
                Some(LinkEvent::TransportChanged(transport)) => self.transport = Some(transport),
                Some(LinkEvent::Connected { .. } | LinkEvent::RoundTrip(_)) => {}
            }
        }
    }

    /// Sends an event without arguments: a request for the list, and nothing else.
    pub(super) fn ask(&mut self, event: &str) {
        // A link that takes no more is over, and says so.
        let _ = self.link.emit(event, Payload::empty());
    }

    /// How bytes travel, once they do.
    pub(super) fn transport(&self) -> Option<Transport> {
        self.transport
    }
}
