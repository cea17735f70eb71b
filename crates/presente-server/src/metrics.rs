//! What the server counts about itself, for whoever operates it.
//!
//! [`Metrics`] is one handle that everybody may clone and count with. It never names people or addresses:
//! every label is one of a few words that stand here.

use std::{sync::Arc, time::Duration};

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

/// Upper ends of the buckets of [`Metrics::window`], in seconds.
const WINDOWS: [f64; 8] = [0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// What a socket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EncodeLabelValue)]
pub(crate) enum SocketKind {
    /// Whole lists.
    Plain,
    /// What has changed.
    Delta,
}

/// What carries a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EncodeLabelValue)]
pub(crate) enum Carrier {
    Polling,
    Websocket,
}

/// How a sign-in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum SignInEnd {
    /// The person is in.
    Right,
    /// No such account, or not its password.
    Wrong,
    /// Too soon after wrong ones.
    Slowed,
    /// Too many passwords wait to be checked.
    Busy,
    /// Refused for another reason: disabled, not verified.
    Refused,
    /// The server's own trouble.
    Failed,
}

/// Why something was refused or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Refused {
    /// A web page of another site.
    Origin,
    /// No room for another connection.
    Connections,
    /// Its address has too many connections.
    ConnectionsOfAddress,
    /// Too many attempts to CONNECT on one handshake.
    Connects,
    /// Its address has too many sockets.
    SocketsOfAddress,
    /// A token that is missing or not good.
    Token,
    /// Too many sign-ups from its address.
    SignUps,
    /// Too many sign-ins from its address.
    SignIns,
    /// Too many requests from its address.
    Requests,
    /// Too many events of a socket.
    Events,
    /// A socket that went on all the same, and was closed.
    Flood,
    /// Too many announcements.
    Announcements,
    /// More bytes than allowed.
    TooLarge,
    /// Bytes too late.
    TooSlow,
    /// An Engine.IO version that is not spoken here.
    Version,
}

/// What went to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Sent {
    /// A whole list.
    List,
    /// What has changed.
    Delta,
    /// What has changed in a part of the list.
    Window,
    /// A whole list by HTTP, to a client that takes deltas.
    Snapshot,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSockets {
    kind: SocketKind,
    carrier: Carrier,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSent {
    what: Sent,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSignIns {
    end: SignInEnd,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRefused {
    reason: Refused,
}

/// Counts. All clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    online: Gauge,
    sockets: Family<OfSockets, Gauge>,
    connections: Gauge,
    sent: Family<OfSent, Counter>,
    sent_bytes: Family<OfSent, Counter>,
    windows: Histogram,
    sign_ins: Family<OfSignIns, Counter>,
    refused: Family<OfRefused, Counter>,
    passwords: Gauge,
    database_errors: Counter,
    bus_errors: Counter,
    nodes: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("presente");
        let metrics = Self {
            registry: Arc::default(),
            online: Gauge::default(),
            sockets: Family::default(),
            connections: Gauge::default(),
            sent: Family::default(),
            sent_bytes: Family::default(),
            windows: Histogram::new(WINDOWS),
            sign_ins: Family::default(),
            refused: Family::default(),
            passwords: Gauge::default(),
            database_errors: Counter::default(),
            bus_errors: Counter::default(),
            nodes: Gauge::default(),
        };
        metrics.enter(&mut registry);
        Self { registry: Arc::new(registry), ..metrics }
    }
}

impl Metrics {
    fn enter(&self, registry: &mut Registry) {
        registry.register("online", "People who are online, as everybody sees them", self.online.clone());
        registry.register("sockets", "Sockets of this node", self.sockets.clone());
        registry.register("connections", "Open TCP connections", self.connections.clone());
        registry.register("sent", "Lists and deltas, one for each receiver", self.sent.clone());
        registry.register("sent_bytes", "Bytes of them, before compression", self.sent_bytes.clone());
        registry.register(
            "window_seconds",
            "Time over which changes were gathered before a list to everybody",
            self.windows.clone(),
        );
        registry.register("sign_ins", "Sign-ins by how they ended", self.sign_ins.clone());
        registry.register("refused", "What was refused or closed, by reason", self.refused.clone());
        registry.register("passwords", "Passwords being checked or waiting", self.passwords.clone());
        registry.register("database_errors", "Errors of the database", self.database_errors.clone());
        registry.register(
            "bus_errors",
            "Errors of what joins this node with the others",
            self.bus_errors.clone(),
        );
        registry.register("nodes", "Nodes that serve together, this one included", self.nodes.clone());
    }

    /// So many people are online.
    pub(crate) fn online(&self, people: usize) {
        self.online.set(signed(people));
    }

    /// So many sockets of this kind are there; all others that were told before stay as they are.
    pub(crate) fn sockets(&self, kind: SocketKind, carrier: Carrier, sockets: usize) {
        self.sockets.get_or_create(&OfSockets { kind, carrier }).set(signed(sockets));
    }

    /// So many connections are open.
    pub(crate) fn connections(&self, connections: usize) {
        self.connections.set(signed(connections));
    }

    /// Something of so many bytes goes to so many receivers.
    pub(crate) fn sent(&self, what: Sent, bytes: usize, receivers: usize) {
        let of = OfSent { what };
        let (bytes, receivers) = (unsigned(bytes), unsigned(receivers));
        self.sent.get_or_create(&of).inc_by(receivers);
        self.sent_bytes.get_or_create(&of).inc_by(bytes.saturating_mul(receivers));
    }

    /// Changes were gathered for so long.
    pub(crate) fn window(&self, length: Duration) {
        self.windows.observe(length.as_secs_f64());
    }

    /// A sign-in has ended.
    pub(crate) fn sign_in(&self, end: SignInEnd) {
        self.sign_ins.get_or_create(&OfSignIns { end }).inc();
    }

    /// Something was refused or closed.
    pub(crate) fn refused(&self, reason: Refused) {
        self.refused.get_or_create(&OfRefused { reason }).inc();
    }

    /// So many passwords are being checked or wait for it.
    pub(crate) fn passwords(&self, passwords: usize) {
        self.passwords.set(signed(passwords));
    }

    /// The database has failed once more.
    pub(crate) fn database_failed(&self) {
        self.database_errors.inc();
    }

    /// What joins this node with the others has failed once more.
    pub(crate) fn bus_failed(&self) {
        self.bus_errors.inc();
    }

    /// So many nodes serve together.
    pub(crate) fn nodes(&self, nodes: usize) {
        self.nodes.set(signed(nodes));
    }

    /// Everything, as text that Prometheus reads. `None` when it cannot be written.
    pub(crate) fn text(&self) -> Option<String> {
        let mut text = String::new();
        encode(&mut text, &self.registry).ok().map(|()| text)
    }
}

fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn what_was_counted_is_written_for_prometheus() {
        let metrics = Metrics::default();
        let other = metrics.clone();
        other.online(3);
        other.sockets(SocketKind::Plain, Carrier::Websocket, 2);
        other.sent(Sent::List, 100, 4);
        other.sent(Sent::List, 10, 1);
        other.window(Duration::from_millis(250));
        other.sign_in(SignInEnd::Wrong);
        other.refused(Refused::ConnectionsOfAddress);
        other.database_failed();
        let text = metrics.text().unwrap();
        for line in [
            "presente_online 3",
            "presente_sockets{kind=\"Plain\",carrier=\"Websocket\"} 2",
            "presente_sent_total{what=\"List\"} 5",
            "presente_sent_bytes_total{what=\"List\"} 410",
            "presente_window_seconds_bucket{le=\"0.25\"} 1",
            "presente_sign_ins_total{end=\"Wrong\"} 1",
            "presente_refused_total{reason=\"ConnectionsOfAddress\"} 1",
            "presente_database_errors_total 1",
            "presente_bus_errors_total 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"), "it is whole");
    }
}
