//! The whole path on a server of every dialect and in all its variants: from the address alone to signing out, with a
//! field client at the other end. What came of it is written to docs/COMPATIBILITY.md.

mod again;
pub(crate) mod driver;
mod others;
mod peer;
mod server;
mod stage;
mod table;
mod variants;

use anyhow::Error;
use stage::{Stage, Step};
use std::{collections::BTreeMap, sync::Arc};
use table::{Cell, Row};
use tokio::{runtime::Handle, sync::Semaphore, task::JoinSet};
use variants::{Variant, variants};

/// How many variants are played at the same time: they mostly wait.
const AT_ONCE: usize = 10;

/// Plays one variant; what went wrong is told with its step.
async fn play(variant: Variant) -> (Row, Option<Error>) {
    let mut row = Row::of(&variant);
    let mut stage = match Stage::open(variant).await {
        Ok(stage) => stage,
        Err(error) => return (row, Some(error.context("before the first step"))),
    };
    for step in Step::ALL {
        match stage.take(step).await {
            Ok(true) => row.set(step, Cell::Yes),
            Ok(false) => row.set(step, Cell::NotThere),
            Err(error) => {
                row.set(step, Cell::No);
                return (row, Some(error.context(step.heading())));
            }
        }
    }
    (row, None)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_variant_of_every_dialect_works_from_its_address_to_signing_out() {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut playing = JoinSet::new();
    // The last ones take longest.
    for (number, variant) in variants().into_iter().enumerate().rev() {
        let (turns, runtime) = (turns.clone(), Handle::current());
        // Each on a thread of its own, on which processes may be waited for too.
        playing.spawn_blocking(move || {
            let _turn = runtime.block_on(turns.acquire_owned()).unwrap();
            (number, runtime.block_on(play(variant)))
        });
    }
    let played: BTreeMap<_, _> = playing.join_all().await.into_iter().collect();
    let mut failures = Vec::new();
    let mut rows = Vec::new();
    for (row, error) in played.into_values() {
        failures.extend(error.map(|error| format!("{row}: {error:#}")));
        rows.push(row);
    }
    table::write(&rows);
    assert!(failures.is_empty(), "{} of {} failed\n\n{}", failures.len(), rows.len(), failures.join("\n\n"));
}
