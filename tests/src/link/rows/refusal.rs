//! Servers that do not let everybody in.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{ON_BOTH, Row, Stage};
use crate::link::stage::SOON;

pub(super) const ROWS: &[Row] = &[
    Row::new("refused", "A refusal is told in the server's own words.", |stage| Box::pin(refused(stage)))
        .on(ON_BOTH),
    Row::new("refused-with-data", "The data that a refusal carries is told.", |stage| {
        Box::pin(refused_with_data(stage))
    })
    .on(ON_BOTH),
    Row::new(
        "refused-then-accepted",
        "A client that was refused twice tries again, and is let in.",
        |stage| Box::pin(refused_then_accepted(stage)),
    )
    .on(ON_BOTH),
    Row::new(
        "fresh-token",
        "After a lost connection the next attempt shows the token of that moment.",
        |stage| Box::pin(fresh_token(stage)),
    )
    .on(ON_BOTH),
    Row::new("expired-token", "A client whose token was refused is let in with the next one.", |stage| {
        Box::pin(expired_token(stage))
    })
    .on(ON_BOTH),
    Row::new("path-and-namespace", "Another path and another namespace work like the usual ones.", |stage| {
        Box::pin(path_and_namespace(stage))
    }),
];

/// A server that refuses the first `times` clients, and a client of it.
async fn refusing(stage: &mut Stage, times: u32) -> Result<Value> {
    let data = json!({ "code": "EXPIRED", "after": [1, "día"] });
    stage.serve(json!({ "refuse": { "times": times, "message": "la sesión caducó", "data": data } })).await?;
    stage.launch(&json!({}))?;
    let word = stage.subject()?.next_of("refused", SOON).await?;
    ensure!(word["message"] == "la sesión caducó", "told {word}");
    Ok(word)
}

async fn refused(stage: &mut Stage) -> Result<()> {
    refusing(stage, 1).await?;
    stage.never("connected", "it was refused")?;
    stage.comes_back_when_kicked().await
}

async fn refused_with_data(stage: &mut Stage) -> Result<()> {
    let word = refusing(stage, 1).await?;
    ensure!(word["data"] == json!({ "code": "EXPIRED", "after": [1, "día"] }), "told {word}");
    stage.comes_back_when_kicked().await
}

async fn refused_then_accepted(stage: &mut Stage) -> Result<()> {
    refusing(stage, 2).await?;
    stage.comes_back(Instant::now()).await.map(drop)
}

async fn fresh_token(stage: &mut Stage) -> Result<()> {
    let tokens = json!(["morning", "noon", "evening"]);
    stage.serve(json!({ "tokens": tokens })).await?;
    stage.go_online_with(&json!({ "tokens": tokens })).await?;
    shows(stage, 0).await?;
    let since = Instant::now();
    stage.break_off().await?;
    stage.comes_back(since).await?;
    shows(stage, 1).await
}

/// The server has seen the token of this number.
async fn shows(stage: &mut Stage, number: u64) -> Result<()> {
    let word = stage.server()?.next_of("connected", SOON).await?;
    ensure!(word["token"] == number, "shown was token {}, not {number}", word["token"]);
    Ok(())
}

async fn expired_token(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({ "tokens": ["noon"] })).await?;
    stage.launch(&json!({ "tokens": ["morning", "noon"] }))?;
    stage.subject()?.next_of("refused", SOON).await?;
    stage.comes_back(Instant::now()).await.map(drop)
}

async fn path_and_namespace(stage: &mut Stage) -> Result<()> {
    let place = json!({ "path": "/live/", "namespace": "/news" });
    stage.serve(place.clone()).await?;
    stage.go_online_with(&place).await?;
    stage.server()?.order("emit", json!({ "event": "headline", "args": ["x"] }))?;
    stage.event("headline").await.map(drop)
}
