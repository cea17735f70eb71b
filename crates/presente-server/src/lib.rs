//! The server of Presente: accounts, sessions, presence and the roster, spoken over HTTP and Socket.IO.
//!
//! [`start`] runs it inside another program; the binary `presente-server` runs it on its own. From the
//! inside out:
//!
//! - `presence` is the pure state machine that decides who is online; time is passed in.
//! - `roster` holds the rows of those who are online; `fan_out` is the only place that sends lists.
//! - `register` joins the machine, the database (`store`) and the fan-out.
//! - `accounts` signs people up, in and out; HTTP and the demo people both go through it.
//! - `http`, `socket` and `origin` are the edge; `serve` owns the listener.

mod accounts;
mod clock;
mod config;
pub mod demo;
mod error;
mod fan_out;
mod fields;
mod http;
mod messages;
mod origin;
mod password;
mod presence;
mod register;
mod roster;
mod running;
mod serve;
mod socket;
mod store;
mod token;

pub use config::Config;
pub use error::StartError;
pub use running::{Running, start};
