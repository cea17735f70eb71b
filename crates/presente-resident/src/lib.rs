//! What of Presente stays: the core, the tray icon, notifications, the keyring, the server inside the app. It is linked
//! to no toolkit and no web engine, so that it is small; the window is a process of its own (`presente-window`), which
//! is started when it is opened and ends when it is closed.

mod activity;
mod application;
mod autostart;
mod commands;
mod desktop;
mod home;
mod life;
mod link;
mod local_server;
mod notifications;
mod options;
mod programs;
mod secrets;
mod surface;
mod tray;
mod window;

pub use life::{log_to_stderr, run};

/// How the process of the window ends where there is no display.
pub const NO_DISPLAY: u8 = 3;
/// How it ends where it is of another version than what has started it: an update has replaced it meanwhile.
pub const OTHER_VERSION: u8 = 4;
/// Before the version of what starts the window, among its arguments.
pub const VERSION_FLAG: &str = "--of-version";
