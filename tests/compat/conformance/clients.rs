//! Every client of the field on every transport, at the server as it is by default and with `--open`.

use super::{
    stage::Stage,
    steps::Step,
    table::{self, Cast, Cell, Row, Way},
};
use anyhow::Error;
use presente_tests::node::Release;
use std::{collections::BTreeMap, sync::Arc};
use tokio::{runtime::Handle, sync::Semaphore, task::JoinSet};

/// How many rows are played at the same time: they mostly wait.
const AT_ONCE: usize = 8;

const REASONS: &str = "
`–`: nothing that a server could do anything about.

- **a**: 2.x has no payload of CONNECT.
- **b**: `rust_socketio` reads bytes only where they are the one argument of an event; its own picture reaches the others.
- **c**: by polling a message that is too large is refused with its request alone (413). The other libraries begin anew
  then; `rust_socketio` tells whoever sent it, and goes on.
";

/// What a library cannot, by the letter of its reason.
fn cannot(cast: Cast, step: Step) -> Option<&'static str> {
    match (cast.release, cast.way, step) {
        (Release::Two, _, Step::Auth) => Some("a"),
        _ => None,
    }
}

/// What a step that came out well did not go into, by the letter of its reason.
fn done(cast: Cast, step: Step) -> Cell {
    match (cast.release, cast.way, step) {
        (Release::RustSocketio, _, Step::Picture) => Cell::Partly("b"),
        (Release::RustSocketio, Way::Polling, Step::Limit) => Cell::Partly("c"),
        _ => Cell::Yes,
    }
}

/// Plays one row; what went wrong is told with its step.
async fn play(cast: Cast) -> (Row, Vec<Error>) {
    let mut row = Row::of(cast);
    let mut stage = match Stage::open(cast).await {
        Ok(stage) => stage,
        Err(error) => return (row, vec![error.context("before the first step")]),
    };
    let mut errors = Vec::new();
    for step in Step::ALL {
        if let Some(letter) = cannot(cast, step) {
            row.set(step, Cell::Cannot(letter));
            continue;
        }
        match stage.take(step).await {
            Ok(()) => row.set(step, done(cast, step)),
            Err(error) => {
                row.set(step, Cell::No);
                errors.push(error.context(step.heading()));
                if step.is_needed() {
                    break;
                }
            }
        }
    }
    (row, errors)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_client_of_the_field_is_served_on_every_transport() {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut playing = JoinSet::new();
    for (number, cast) in Cast::all().into_iter().enumerate() {
        let (turns, runtime) = (turns.clone(), Handle::current());
        // Each on a thread of its own, on which processes may be waited for too.
        playing.spawn_blocking(move || {
            let _turn = runtime.block_on(turns.acquire_owned()).unwrap();
            (number, runtime.block_on(play(cast)))
        });
    }
    let played: BTreeMap<_, _> = playing.join_all().await.into_iter().collect();
    let (mut rows, mut failures) = (Vec::new(), Vec::new());
    for (row, errors) in played.into_values() {
        let open = if row.cast.open { " (open)" } else { "" };
        failures.extend(errors.iter().map(|error| format!("{}{open}: {error:#}", row.cast)));
        rows.push(row);
    }
    table::write(&rows, REASONS);
    assert!(failures.is_empty(), "{} of {} failed\n\n{}", failures.len(), rows.len(), failures.join("\n\n"));
}
