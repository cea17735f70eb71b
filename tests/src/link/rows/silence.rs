//! Nobody answers any more: only the heartbeat, or its absence, tells.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokio::time::Instant;

use super::{Row, Stage};
use crate::process::Signal;

pub(super) const ROWS: &[Row] = &[
    Row::new("idle", "A quiet connection lives through many heartbeats on its first handshake.", |stage| {
        Box::pin(idle(stage))
    }),
    Row::new(
        "silent-server",
        "A server that hangs (SIGSTOP) is noticed by its heartbeat, and found again.",
        |stage| Box::pin(silent_server(stage)),
    ),
    Row::new(
        "silent-while-emitting",
        "A server that hangs is noticed just as soon while large events are being sent to it.",
        |stage| Box::pin(silent_while_emitting(stage)),
    )
    .weighs(2),
    Row::new(
        "half-open",
        "A connection that passes nothing any more is noticed, and replaced by a new one.",
        |stage| Box::pin(half_open(stage)),
    ),
    Row::new(
        "suspended",
        "A client whose machine slept (SIGSTOP) notices when it wakes that it was given up, and comes back.",
        |stage| Box::pin(suspended(stage)),
    ),
    Row::new(
        "slow-consumer",
        "Events that are read slowly do not hold up the heartbeat; none is lost.",
        |stage| Box::pin(slow_consumer(stage)),
    ),
];

async fn idle(stage: &mut Stage) -> Result<()> {
    stage.serve_quick().await?;
    stage.go_online().await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    stage.never("closed", "a quiet connection was given up")?;
    let counts = stage.counts().await?;
    anyhow::ensure!(counts["handshakes"] == 1, "{} handshakes", counts["handshakes"]);
    Ok(())
}

async fn silent_server(stage: &mut Stage) -> Result<()> {
    stage.serve_quick().await?;
    stage.go_online().await?;
    stage.echoes().await?;
    let since = Instant::now();
    stage.signal_server(Signal::Stop)?;
    let noticed = stage.notices(since, stage.patience()).await;
    stage.signal_server(Signal::Continue)?;
    noticed?;
    stage.comes_back(Instant::now()).await.map(drop)
}

async fn silent_while_emitting(stage: &mut Stage) -> Result<()> {
    stage.serve_quick().await?;
    stage.go_online().await?;
    stage.echoes().await?;
    let since = Instant::now();
    stage.signal_server(Signal::Stop)?;
    // More than all buffers on the way take, so that writing hangs.
    let large = json!({ "event": "large", "args": [{ "$text": 500_000 }], "count": 30 });
    stage.subject()?.order("emit", large)?;
    let noticed = stage.notices(since, stage.patience()).await;
    stage.signal_server(Signal::Continue)?;
    noticed?;
    stage.comes_back(Instant::now()).await.map(drop)
}

async fn half_open(stage: &mut Stage) -> Result<()> {
    stage.serve_quick().await?;
    stage.go_online().await?;
    stage.echoes().await?;
    let since = Instant::now();
    stage.proxy().freeze();
    stage.notices(since, stage.patience()).await?;
    stage.comes_back(since).await.map(drop)
}

async fn suspended(stage: &mut Stage) -> Result<()> {
    stage.serve_quick().await?;
    stage.go_online().await?;
    stage.echoes().await?;
    stage.subject()?.process().signal(Signal::Stop)?;
    let patience = stage.patience();
    let gone = stage.live(0, patience * 2).await;
    stage.subject()?.process().signal(Signal::Continue)?;
    gone?;
    let since = Instant::now();
    stage.notices(since, Duration::from_secs(1)).await?;
    stage.comes_back(since).await.map(drop)
}

async fn slow_consumer(stage: &mut Stage) -> Result<()> {
    stage.serve_quick().await?;
    stage.go_online().await?;
    stage.subject()?.order("slow", json!({ "ms": 2000 }))?;
    for number in 1..=3 {
        stage.server()?.order("emit", json!({ "event": "work", "args": [number] }))?;
    }
    for number in 1..=3 {
        let event = stage.event("work").await?;
        anyhow::ensure!(event["args"] == json!([number]), "event {number} came as {event}");
    }
    stage.never("closed", "the connection broke off meanwhile")?;
    stage.subject()?.order("slow", json!({ "ms": 0 }))
}
