//! The matrix that a link is judged by: every row is something that networks, servers and machines do, and what must
//! hold then. A real Node server, a proxy with faults and a client in a process of its own play each row.

#![allow(clippy::indexing_slicing, reason = "a JSON value is null where it is asked for what it has not")]

mod client;
mod judge;
pub mod report;
pub mod rows;
mod stage;
mod talker;
mod verdict;

pub use client::{Client, Need, Way};
pub use judge::{judge, judge_all};
pub use rows::{Row, all_rows, row};
pub use stage::Stage;
pub use talker::Talker;
pub use verdict::{Figures, Verdict};
