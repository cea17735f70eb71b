//! The protocol against the real thing, both ways: our client with the field's server, the field's client with
//! our server, and the terminal's contract that scripts rely on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod client_meets_field;
mod conformance;
mod delta;
mod detection;
mod dialects;
mod field_meets_server;
mod learning;
mod namespaces;
mod terminal_contract;
mod watch;
