//! The server from outside: started on a free port, spoken to in plain HTTP and Engine.IO long-polling.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod accounts;
mod demo;
mod edge;
mod harness;
mod messages;
mod presence;
mod start;
