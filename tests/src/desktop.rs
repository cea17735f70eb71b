//! A private desktop for one test: home folder, screen, window manager, session bus, keyring, notifications, tray.
//!
//! Nothing of the machine's own desktop takes part, and what a test leaves out is really not there: the bus cannot
//! start services that happen to be installed.

mod app;
mod bus;
mod display;
mod keyring;
mod notifications;
#[cfg(test)]
mod tests;
mod tray;
mod tray_host;
mod world;

pub use app::{App, AppStart, DrivenApp};
pub use bus::Bus;
pub use display::Display;
pub use notifications::{Note, Notifications};
pub use tray::{Icon, MenuItem, Tray};
pub use tray_host::TrayHost;
pub use world::{World, WorldBuilder};
