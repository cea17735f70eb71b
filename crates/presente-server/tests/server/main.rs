//! The server from outside: started on a free port, spoken to in plain HTTP and Engine.IO long-polling.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod accounts;
mod admin;
mod changes;
mod demo;
mod edge;
mod harness;
#[cfg(target_os = "linux")]
mod hostile;
mod mail;
mod messages;
mod page;
mod postgres;
mod presence;
mod secrets;
mod sessions;
mod settings;
mod smtp;
mod start;
mod views;
