//! What a server of Presente and the clients that know it say to each other beyond the dialect of the field: who is
//! online as *changes* instead of whole lists, with a digest by which a client proves that its list is the server's.
//!
//! Pure: types, the [`Digest`], and the client's half of the bookkeeping, [`Replica`]. docs/PROTOCOL.md has the words
//! in order.

mod delta;
mod digest;
mod hello;
mod replica;
mod row;

pub use delta::{Answer, Bye, Delta, Snapshot, Stale};
pub use digest::{Digest, Epoch, EpochError};
pub use hello::{Capability, Hello, Me, Offer, Position, SetPresence, VERSION};
pub use replica::{Applied, Change, Replica, Unproven};
pub use row::{Availability, OwnAvailability, Row};

/// The events by their names on the wire.
pub mod event {
    /// Server to client, first of all events: the server speaks in changes.
    pub const HELLO: &str = "presence:hello";
    /// Server to client: who came, changed and left.
    pub const DELTA: &str = "presence:delta";
    /// Server to client: too much has changed to be told in changes.
    pub const STALE: &str = "presence:stale";
    /// Server to client: the server stops.
    pub const BYE: &str = "presence:bye";
    /// Client to server, acknowledged: how one wants to be seen.
    pub const SET: &str = "presence:set";
    /// Server to the sockets of one person: how they are seen now.
    pub const ME: &str = "presence:me";
}

/// Key of the CONNECT payload under which a client offers to hear changes.
pub const OFFER: &str = "presence";
