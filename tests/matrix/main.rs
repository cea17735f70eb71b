//! The matrix that a link is judged by, row by row: all rows for our own link, and for the fenced `rust_socketio` those
//! that it offers and passes. `cargo xtask matrix` plays it with the reference client too, and writes it down.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod fenced;
mod own;

use presente_tests::link::{Client, Verdict, all_rows, judge_all, row};

/// One test for each of these rows; `ROWS` are their names.
macro_rules! plays {
    ($client:expr; $($slug:literal $name:ident)*) => {
        pub(crate) const ROWS: &[&str] = &[$($slug),*];
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn $name() {
                crate::holds($client, $slug).await;
            }
        )*
    };
}
pub(crate) use plays;

/// Plays a row on every way that it and the client have.
async fn holds(client: Client, slug: &str) {
    let row = row(slug).expect("a row of this name");
    let ways = client.ways().iter().filter(|way| row.ways.contains(way));
    let runs: Vec<_> = ways.map(|way| (row, client, *way)).collect();
    let verdicts = judge_all(runs.clone(), |_, _, _, _| ()).await;
    let failures: Vec<String> = runs
        .iter()
        .zip(verdicts)
        .filter(|(_, verdict)| !matches!(verdict, Verdict::Pass(_)))
        .map(|((_, _, way), verdict)| match verdict {
            Verdict::Fail(reason, _) => format!("{}: {reason}", way.name()),
            other => format!("{}: {other:?}", way.name()),
        })
        .collect();
    assert!(failures.is_empty(), "{}\n{}", row.holds, failures.join("\n"));
}

#[test]
fn every_row_is_played_with_our_own_link() {
    let missing: Vec<_> = all_rows().map(|row| row.slug).filter(|slug| !own::ROWS.contains(slug)).collect();
    assert!(missing.is_empty(), "without a test: {missing:?}");
}

#[test]
fn every_row_that_the_fence_offers_is_played_or_known_to_fail() {
    let client = Client::RustSocketio;
    let offered = all_rows().filter(|row| {
        row.lacking(client).is_none() && row.ways.iter().any(|way| client.ways().contains(way))
    });
    let missing: Vec<_> = offered
        .map(|row| row.slug)
        .filter(|slug| !fenced::ROWS.contains(slug) && !fenced::KNOWN_TO_FAIL.contains(slug))
        .collect();
    assert!(missing.is_empty(), "without a test: {missing:?}");
}
