//! The real app in a real window, with a real bus, keyring, tray and notification service around it, against a
//! real server. Run one at a time: each takes a screen and two processors.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod accessibility;
mod accounts;
mod details;
mod learning;
mod life;
mod messages;
mod missing_parts;
mod names;
mod path;
mod stage;
mod web;
