//! What a server of Presente and the clients that know it say to each other beyond the dialect of the field: who is
//! online as *changes* instead of whole lists, with a digest by which a client proves that its list is the server's.
//!
//! Pure: types, the [`Digest`], and the client's half of the bookkeeping, [`Replica`] and [`WindowCopy`]. docs/PROTOCOL.md has the words
//! in order.

mod delta;
mod digest;
mod hello;
mod replica;
mod row;
mod view;
mod window_copy;

pub use delta::{Answer, Bye, Delta, Snapshot, Stale};
pub use digest::{Digest, Epoch, EpochError};
pub use hello::{Capability, Hello, Me, Offer, Position, SetPresence, VERSION};
pub use replica::{Applied, Change, Replica, Unproven};
pub use row::{Availability, OwnAvailability, Row};
pub use view::{Sort, VIEW_QUERY_CHARS, VIEW_ROWS, VIEW_WATCHED, View, Viewed, Window, WindowChange};
pub use window_copy::WindowCopy;

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
    /// Client to server, acknowledged with an answer as the snapshot's: the same by socket, for who cannot reach this
    /// very node over HTTP. The argument is a position, or null.
    pub const FETCH: &str = "presence:fetch";
    /// Client to server, acknowledged: how one wants to be seen.
    pub const SET: &str = "presence:set";
    /// Server to the sockets of one person: how they are seen now.
    pub const ME: &str = "presence:me";
    /// Client to server, acknowledged: what a client wants to see of a large list.
    pub const VIEW: &str = "presence:view";
    /// Server to client: what has changed of that.
    pub const WINDOW: &str = "presence:window";
}

/// Key of the CONNECT payload under which a client offers to hear changes.
pub const OFFER: &str = "presence";
