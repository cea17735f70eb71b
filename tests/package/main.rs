//! The packages that people install: what is in them, and a whole life of one on a clean system. They hold the programs
//! that were built for the tests; those of another folder, such as target/release, when `PRESENTE_PROGRAMS` names it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod contents;
mod installed;
mod life;
mod made;
