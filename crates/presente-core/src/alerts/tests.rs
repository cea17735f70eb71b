//! The policy against people who come and go, in time that is passed in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking"
)]

mod play;
mod properties;
mod rules;
mod times;
mod week;
