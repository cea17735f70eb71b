//! The harness that the tests of the whole stand on: processes that end when a test does, waiting without sleeping,
//! real servers and clients of the field, what a cluster of servers stands on, the matrix that a link is judged by,
//! and a private desktop with a screen, a bus, a tray and notifications.
//!
//! Everything here waits for a condition, gives up after [`wait::PATIENCE`] at most, and says what it waited for.

pub mod axe;
pub mod binaries;
pub mod browser;
pub mod cluster;
pub mod desktop;
pub mod faults;
pub mod ghosts;
pub mod link;
pub mod node;
pub mod presente_server;
pub mod process;
mod process_tree;
pub mod root;
pub mod services;
pub mod wait;

pub use process_tree::{descendants, pss_by_process, pss_kib};
