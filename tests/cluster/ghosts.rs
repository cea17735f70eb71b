//! Nobody who is gone is shown for longer than is promised; `cargo xtask ghosts` plays each case many times.

use presente_tests::{
    ghosts::{Case, report},
    services::namespace::here_or_alone,
};

async fn holds(case: Case) {
    let ghosts = case.play(1).await.unwrap();
    assert_eq!(ghosts.len(), 1);
    assert!(report::within(case, &ghosts), "{} lasts {ghosts:?}", case.slug());
}

#[tokio::test]
async fn a_killed_client_is_gone_in_time() {
    holds(Case::ClientKilled).await;
}

#[tokio::test]
async fn a_client_that_died_with_the_server_is_gone_soon_after_the_server_is_back() {
    holds(Case::ServerKilled).await;
}

#[tokio::test]
async fn a_client_that_died_with_its_node_is_gone_soon() {
    holds(Case::NodeKilled).await;
}

#[tokio::test]
async fn a_client_whose_cable_is_cut_is_gone_in_time() {
    if here_or_alone("ghosts::a_client_whose_cable_is_cut_is_gone_in_time").await.unwrap() {
        holds(Case::CableCut).await;
    }
}
