//! How much one person, one address and everybody together may use.
//!
//! Small types with time passed in, and memory that has a bound whoever comes: `rate` says how often,
//! `crowd` how many at once, `budget` what one socket may say, `speech` who may speak to everybody, and
//! `door` holds HTTP requests and handshakes to it.
//!
//! Written here and not taken from the crate `governor`, whose limiters ask a clock themselves and keep a
//! key for ever unless somebody sweeps.

mod budget;
mod crowd;
mod door;
mod house;
mod rate;
mod speech;

pub(crate) use budget::{Asking, Connects, SocketBudget, Verdict};
pub(crate) use crowd::{Crowd, Full, Place};
pub(crate) use door::{Door, guard};
pub(crate) use house::HouseRules;
use rate::{Rate, RateTable};
pub(crate) use speech::{Speaker, Speech};

#[cfg(test)]
mod tests;
