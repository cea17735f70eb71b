//! A private desktop for one test: home folder, screen, window manager, session bus, keyring, notifications, tray.
//!
//! Nothing of the machine's own desktop takes part, and what a test leaves out is really not there: the bus cannot
//! start services that happen to be installed.

mod accessibility;
mod app;
mod attendance;
mod bus;
mod display;
mod keyring;
mod notifications;
#[cfg(test)]
mod tests;
mod tray;
mod tray_host;
mod world;

pub use accessibility::{Accessibility, VARIABLES as ACCESSIBILITY_VARIABLES};
pub use app::{App, AppStart, DrivenApp, PageDriver};
pub use attendance::Attendance;
pub use bus::Bus;
pub use display::Display;
pub use notifications::{Note, Notifications};
pub use tray::{Icon, MenuItem, Tray};
pub use tray_host::TrayHost;
pub use world::{World, WorldBuilder};
