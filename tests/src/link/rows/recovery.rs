//! Connection-state recovery: what was missed is made up for.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tokio::time::Instant;

use super::{Need, ON_BOTH, Row, Stage, handshake::in_order};
use crate::faults::Fault;

pub(super) const ROWS: &[Row] = &[
    Row::new(
        "recovered",
        "After a short loss the server takes the connection up again: what was sent meanwhile comes, once, in order.",
        |stage| Box::pin(recovered(stage)),
    )
    .needs(&[Need::Recovery]),
    Row::new("not-recovered", "A server that knows nothing of the connection gives a new one, which works.", |stage| {
        Box::pin(not_recovered(stage))
    })
    .on(ON_BOTH)
    .needs(&[Need::Recovery]),
];

async fn recovered(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({ "recovery": true })).await?;
    stage.go_online().await?;
    emit_number(stage, 0)?;
    stage.event("number").await?;
    let since = Instant::now();
    stage.proxy().set(Fault::AcceptThenClose);
    stage.proxy().cut();
    let patience = stage.patience();
    stage.subject()?.next_of("closed", patience).await?;
    stage.live(0, patience).await?;
    for number in 1..20 {
        emit_number(stage, number)?;
    }
    // Only when the server has said so has it done what it was told before.
    stage.counts().await?;
    stage.proxy().set(Fault::None);
    let connected = stage.comes_back(since).await?;
    ensure!(connected["recovered"] == true, "it said {connected}");
    emit_number(stage, 20)?;
    in_order(stage, 21).await
}

fn emit_number(stage: &mut Stage, number: u64) -> Result<()> {
    stage.server()?.order("emit", json!({ "event": "number", "args": [number] }))
}

async fn not_recovered(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({ "recovery": true })).await?;
    stage.go_online().await?;
    emit_number(stage, 0)?;
    stage.event("number").await?;
    stage.kill_server().await?;
    stage.serve_again().await?;
    let connected = stage.comes_back(Instant::now()).await?;
    ensure!(connected["recovered"] != true, "there was nothing to recover: {connected}");
    emit_number(stage, 1)?;
    stage.event("number").await.map(drop).context("after the new connection")
}
