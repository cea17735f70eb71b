//! The shell: a window, a tray, notifications and the keyring around `presente-core`, which decides everything.
//!
//! [`builder`] is all that the page can reach and is tested on Tauri's mock runtime with the real access rules;
//! [`run`] adds what needs a desktop.

mod commands;
mod desktop;
mod ending;
mod life;
mod local_server;
mod notifications;
mod options;
mod page;
mod pictures;
mod secrets;
mod surface;
mod tray;
mod window;

pub use commands::builder;
pub use life::run;
