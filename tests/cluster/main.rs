//! Several servers as one: three nodes over one PostgreSQL and one Redis, with nginx before them, and what becomes of it
//! all when a part goes away.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod balancer;
mod crossing;
mod ghosts;
mod losses;
mod packaging;
mod people;
#[path = "../compat/watch.rs"]
#[allow(dead_code, reason = "shared with tests that need more of it")]
mod watch;
