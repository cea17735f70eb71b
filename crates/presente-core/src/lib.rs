//! The client without a screen: it owns the session and the connection, decides what is shown and whom to tell
//! of, and knows neither a window nor a terminal.
//!
//! [`controller`] is the one task that owns state; `account` is the state machine it runs; the pure modules
//! ([`profile`], [`connection`], [`roster`], [`alerts`], [`view`]) do the thinking; [`session`], [`link`],
//! [`secrets`] and [`settings`] are the doors to the world, each behind a trait.

mod account;
pub mod alerts;
mod away;
pub mod clock;
pub mod connection;
pub mod controller;
pub mod detect;
pub mod display_name;
mod effects;
pub mod feed;
mod form;
pub mod history;
mod http;
pub mod learn;
pub mod link;
mod list;
mod model;
pub mod network;
pub mod page;
pub mod people;
pub mod pictures;
pub mod problem;
pub mod profile;
pub mod roster;
mod screen;
pub mod secrets;
pub mod server_url;
pub mod session;
pub mod settings;
pub mod texts;
pub mod view;

pub use controller::{Command, Handle, Parts, Update, start};
pub use effects::LocalServer;
pub use form::SignInRequest;

/// Randomness from the system, for [`Parts::rng`]; tests seed their own.
pub fn seeded_rng() -> rand::rngs::StdRng {
    rand::make_rng()
}
