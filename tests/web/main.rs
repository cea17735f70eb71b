//! The server's own web page, as people use it: in a real browser, with a real server and other people's clients.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod looks;
mod outage;
mod people;
mod safety;
mod signing_in;
mod stage;
