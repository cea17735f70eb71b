//! The harness that the tests of the whole stand on: processes that end when a test does, waiting without sleeping,
//! real servers and clients of the field, the matrix that a link is judged by, and a private desktop with a screen, a bus,
//! a tray and notifications.
//!
//! Everything here waits for a condition, gives up after [`wait::PATIENCE`] at most, and says what it waited for.

pub mod binaries;
pub mod desktop;
pub mod faults;
pub mod link;
pub mod node;
pub mod presente_server;
pub mod process;
mod process_tree;
pub mod wait;

pub use process_tree::{descendants, pss_by_process, pss_kib};
