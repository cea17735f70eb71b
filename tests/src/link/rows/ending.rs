//! Connections that end, in every manner that can be noticed at once.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Need, ON_BOTH, Row, Stage};
use crate::faults::Fault;

/// How long an end that is there to be seen may go unnoticed.
const AT_ONCE: Duration = Duration::from_secs(1);

pub(super) const ROWS: &[Row] = &[
    Row::new(
        "killed",
        "A server killed with SIGKILL is noticed at once, and found again when it is back.",
        |stage| Box::pin(killed(stage)),
    ),
    Row::new(
        "killed-then-kicked",
        "After some seconds without a server a kick brings the connection back within 2 s.",
        |stage| Box::pin(killed_then_kicked(stage)),
    ),
    Row::new(
        "clean-end",
        "A server that ends in an orderly way is noticed at once, and found again.",
        |stage| Box::pin(clean_end(stage)),
    ),
    Row::new(
        "thrown-out",
        "A client that the server throws out (`disconnect(true)`) comes back by itself.",
        |stage| Box::pin(ordered_away(stage, "disconnect", json!({ "close": true }))),
    ),
    Row::new(
        "namespace-taken-away",
        "A client whose namespace the server ends (`disconnect()`) comes back by itself, over one connection.",
        |stage| Box::pin(ordered_away(stage, "disconnect", json!({ "close": false }))),
    ),
    Row::new(
        "engine-closed",
        "A connection that the server drops without a word is noticed and replaced.",
        |stage| Box::pin(ordered_away(stage, "close-engine", json!({}))),
    ),
    Row::new("reset", "A connection that is reset on the way is noticed and replaced.", |stage| {
        Box::pin(reset(stage))
    }),
    Row::new(
        "cut-off-attachment",
        "A connection that ends between an event and its attachment gives no half event, and is replaced.",
        |stage| Box::pin(cut_off_attachment(stage)),
    )
    .on(ON_BOTH),
    Row::new(
        "accept-then-close",
        "A server that accepts and closes is asked about once a second at most; a kick brings the connection back.",
        |stage| Box::pin(accept_then_close(stage)),
    ),
    Row::new(
        "greet-then-close",
        "A server that lets the client in and then closes is asked about once a second at most.",
        |stage| Box::pin(greet_then_close(stage)),
    ),
    Row::new("later-server", "A client that is there before its server finds it without help.", |stage| {
        Box::pin(later_server(stage))
    }),
    Row::new(
        "stopped-while-waiting",
        "A client that is stopped while it waits to try again never connects.",
        |stage| Box::pin(stopped_while_waiting(stage)),
    ),
    Row::new(
        "stopped-while-online",
        "A client that is stopped is gone from the server within a second.",
        |stage| Box::pin(stopped_while_online(stage)),
    ),
    Row::new("kicked-often", "Twenty kicks in a row end in one connection and no more.", |stage| {
        Box::pin(kicked_often(stage))
    }),
];

async fn killed(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    let since = Instant::now();
    stage.kill_server().await?;
    stage.notices(since, AT_ONCE).await?;
    stage.serve_again().await?;
    stage.comes_back(Instant::now()).await.map(drop)
}

async fn killed_then_kicked(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    let since = Instant::now();
    stage.kill_server().await?;
    stage.notices(since, AT_ONCE).await?;
    stage.stays_calm(Duration::from_secs(4)).await?;
    stage.serve_again().await?;
    stage.comes_back_when_kicked().await
}

async fn clean_end(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    let since = Instant::now();
    stage.server()?.order("end", json!({}))?;
    stage.notices(since, AT_ONCE).await?;
    stage.server()?.ended().await?;
    stage.serve_again().await?;
    stage.comes_back(Instant::now()).await.map(drop)
}

/// The server ends something in its own way; the client has to come back.
async fn ordered_away(stage: &mut Stage, order: &str, with: Value) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    let since = Instant::now();
    stage.server()?.order(order, with)?;
    stage.notices(since, AT_ONCE).await?;
    stage.comes_back(since).await.map(drop)
}

async fn reset(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    let since = Instant::now();
    stage.break_off().await?;
    stage.notices(since, AT_ONCE).await?;
    stage.comes_back(since).await.map(drop)
}

async fn cut_off_attachment(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    let since = Instant::now();
    let header = r#"451-["file",{"_placeholder":true,"num":0}]"#;
    stage.server()?.order("raw", json!({ "text": header, "close": true }))?;
    stage.notices(since, AT_ONCE * 2).await?;
    stage.comes_back(since).await?;
    stage.never("event", "half an event was told")?;
    if stage.client.lacks(Need::Binary).is_none() {
        stage.server()?.order("emit", json!({ "event": "whole", "args": [{ "$binary": "AAEC" }] }))?;
        stage.event("whole").await?;
    }
    Ok(())
}

async fn accept_then_close(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.proxy().set(Fault::AcceptThenClose);
    stage.launch(&json!({}))?;
    stage.subject()?.next_of("closed", AT_ONCE * 5).await?;
    stage.stays_calm(Duration::from_secs(8)).await?;
    stage.never("connected", "there was nothing to be connected with")?;
    stage.proxy().set(Fault::None);
    stage.comes_back_when_kicked().await
}

async fn greet_then_close(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({ "closeAfterConnect": true })).await?;
    stage.launch(&json!({}))?;
    stage.subject()?.next_of("closed", AT_ONCE * 5).await?;
    // Every attempt takes several connections, so handshakes are counted at the end instead of these.
    let _ = stage.stays_calm(Duration::from_secs(10)).await;
    stage.kill_server().await?;
    stage.serve(json!({})).await?;
    stage.comes_back_when_kicked().await
}

async fn later_server(stage: &mut Stage) -> Result<()> {
    stage.launch(&json!({}))?;
    stage.subject()?.next_of("closed", AT_ONCE * 5).await?;
    stage.stays_calm(Duration::from_secs(3)).await?;
    stage.serve(json!({})).await?;
    stage.comes_back(Instant::now()).await.map(drop)
}

async fn stopped_while_waiting(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.proxy().set(Fault::AcceptThenClose);
    stage.launch(&json!({}))?;
    stage.subject()?.next_of("closed", AT_ONCE * 5).await?;
    stage.subject()?.next_of("closed", AT_ONCE * 5).await?;
    stage.subject()?.order("stop", json!({}))?;
    stage.subject()?.next_of("stopped", AT_ONCE * 5).await?;
    stage.proxy().set(Fault::None);
    let before = stage.proxy().connections().len();
    stage.stays_calm(Duration::from_secs(5)).await?;
    let more = stage.proxy().connections().len() - before;
    anyhow::ensure!(more == 0, "{more} connections after it was stopped");
    stage.ends_offline = true;
    stage.live(0, AT_ONCE).await
}

async fn stopped_while_online(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    stage.echoes().await?;
    stage.subject()?.order("stop", json!({}))?;
    stage.ends_offline = true;
    stage.live(0, AT_ONCE).await
}

async fn kicked_often(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    for _ in 0..19 {
        stage.kick()?;
    }
    stage.comes_back_when_kicked().await?;
    // The kicks before may still have been under way; what they left behind must be gone.
    let patience = stage.patience();
    stage.live(1, patience).await
}
