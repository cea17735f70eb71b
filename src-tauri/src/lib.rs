//! The window: Tauri and the page. It holds no state: what the page asks goes to the process that has the core, and what
//! comes from there goes to the page.
//!
//! [`builder`] is all that the page can reach and is tested on Tauri's mock runtime with the real access rules;
//! [`run`] adds what needs a desktop.

mod asks;
mod life;
mod notifier;
mod pictures;
mod resident;
mod sight;

pub use asks::builder;
pub use life::run;
pub use resident::Resident;
