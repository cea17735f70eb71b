//! The server of Presente: accounts, sessions, presence and the roster, spoken over HTTP and Socket.IO.
//!
//! [`start`] runs it inside another program; the binary `presente-server` runs it on its own. From the
//! inside out:
//!
//! - `presence` is the pure state machine that decides who is online; time is passed in.
//! - `roster` holds the rows of those who are online; `fan_out` is the only place that sends lists.
//! - `views` are parts of the list for clients that cannot hold all of it (pure).
//! - `register` joins the machine, the database (`store`) and the fan-out.
//! - `accounts` signs people up, in and out; HTTP and the demo people both go through it.
//! - `http`, `socket` and `ops` are the routes; `edge` is what a request passes before it gets there: `log`,
//!   `origin`, `limits`, `body`. `serve` owns the listener, `stream` the bytes of a connection.

mod accounts;
mod address;
pub mod admin;
mod announcement;
mod board;
mod body;
mod bus;
mod census;
mod clock;
mod cluster;
mod config;
pub mod demo;
mod edge;
mod eio3;
mod error;
mod fan_out;
mod fields;
pub mod files;
mod heart;
mod http;
mod journal;
mod limits;
pub mod log;
mod mail;
mod messages;
mod metrics;
mod node;
mod ops;
mod origin;
mod password;
mod presence;
mod protocol_suite;
mod recorder;
mod register;
mod roster;
mod running;
mod serve;
pub mod settings;
mod snapshot;
mod socket;
mod store;
mod stream;
mod token;
mod views;
mod web;
mod words;

pub use config::{Config, Database, Limits, LogFormat};
pub use error::StartError;
pub use running::{Running, start};
