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
mod alerts;
mod details;
mod gallery;
mod history;
mod keyboard;
mod learning;
mod life;
mod messages;
mod missing_parts;
mod names;
mod own_state;
mod path;
mod people;
mod settings;
mod stage;
mod starts;
mod web;
