//! Connections that do not come about, or only one way.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tokio::time::Instant;

use super::{Row, Stage, WITH_A_CHOICE, Way::*};
use crate::{
    faults::{Fault, UpgradeFault},
    link::{Talker, stage::SOON},
    wait::{until, until_with_state},
};

/// How long falling back to polling may take: the WebSocket may be waited for as long as any connection.
const FALLBACK: Duration = Duration::from_secs(25);
/// How long a hung handshake may be waited for (20 s), and the longest back-off after a first failure.
const HUNG: Duration = Duration::from_secs(35);

pub(super) const ROWS: &[Row] = &[
    Row::new(
        "hung-handshake",
        "While handshakes are never answered few are made; a kick brings the connection back.",
        |stage| Box::pin(hung_handshake(stage)),
    ),
    Row::new(
        "hung-handshake-given-up",
        "A handshake that is never answered is given up without help.",
        |stage| Box::pin(hung_handshake_given_up(stage)),
    ),
    Row::new(
        "upgrade-400",
        "Where WebSockets are answered with 400, polling works and goes on working.",
        |stage| Box::pin(no_websocket(stage, UpgradeFault::Refuse)),
    )
    .on(WITH_A_CHOICE),
    Row::new(
        "upgrade-blackholed",
        "Where WebSockets are never answered, polling works and goes on working.",
        |stage| Box::pin(no_websocket(stage, UpgradeFault::Hang)),
    )
    .on(WITH_A_CHOICE),
    Row::new(
        "upgrade-swallowed",
        "Where WebSockets are accepted and pass nothing, polling works and goes on working.",
        |stage| Box::pin(no_websocket(stage, UpgradeFault::SwallowFrames)),
    )
    .on(WITH_A_CHOICE),
    Row::new("websocket-only-server", "A server that offers WebSocket alone is reached.", |stage| {
        Box::pin(one_transport(stage, "websocket"))
    })
    .on(&[Websocket, Upgrade, Fallback]),
    Row::new("polling-only-server", "A server that offers polling alone is reached.", |stage| {
        Box::pin(one_transport(stage, "polling"))
    })
    .on(&[Polling, Upgrade, Fallback]),
    Row::new(
        "upgrade-under-fire",
        "Of 2,000 events that come while the connection is upgraded, none is lost, doubled or out of order.",
        |stage| Box::pin(upgrade_under_fire(stage)),
    )
    .on(&[Upgrade]),
];

async fn hung_handshake(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.proxy().set(Fault::Hang);
    stage.launch(&json!({}))?;
    stage.stays_calm(Duration::from_secs(5)).await?;
    stage.never("connected", "nobody answered")?;
    stage.proxy().set(Fault::None);
    stage.comes_back_when_kicked().await
}

async fn hung_handshake_given_up(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.proxy().set(Fault::Hang);
    stage.launch(&json!({}))?;
    let since = Instant::now();
    until("a handshake", SOON, async || (!stage.proxy().requests().is_empty()).then_some(())).await?;
    stage.proxy().set(Fault::None);
    // It may say that the attempt has failed, or go on with another transport in the same one.
    stage.connected(HUNG).await.context("it was not given up")?;
    stage.note(format!("online after {:.0} s", since.elapsed().as_secs_f64()));
    Ok(())
}

async fn no_websocket(stage: &mut Stage, fault: UpgradeFault) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.proxy().set(Fault::Upgrades(fault));
    stage.launch(&json!({}))?;
    let allowed = if stage.way == Upgrade { SOON } else { FALLBACK };
    let since = Instant::now();
    let connected = stage.connected(FALLBACK * 2).await?;
    let took = since.elapsed();
    stage.note(format!("online by polling after {:.1} s", took.as_secs_f64()));
    ensure!(took <= allowed, "online only after {:.1} s", took.as_secs_f64());
    ensure!(connected["transport"] == "polling", "there is no WebSocket, but {connected}");
    for _ in 0..20 {
        stage.echoes().await.context("after falling back to polling")?;
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    stage.nothing_since("closed", "the connection broke off although polling works")?;
    stage.nothing_since("upgraded", "there is no WebSocket")
}

async fn one_transport(stage: &mut Stage, transport: &str) -> Result<()> {
    stage.serve(json!({ "engine": { "transports": [transport] } })).await?;
    stage.launch(&json!({}))?;
    let connected = stage.connected(FALLBACK).await.context("not reached")?;
    ensure!(connected["transport"] == transport, "it said {connected}");
    Ok(())
}

async fn upgrade_under_fire(stage: &mut Stage) -> Result<()> {
    const COUNT: u64 = 2000;
    stage.serve(json!({ "burstOnConnect": COUNT })).await?;
    stage.go_online().await?;
    in_order(stage, COUNT).await
}

/// The numbers from 0 come as events, each once and in order.
pub(super) async fn in_order(stage: &mut Stage, count: u64) -> Result<()> {
    let subject = stage.subject()?;
    // Recovery adds an argument of its own, so only the first is looked at.
    let came = |subject: &mut Talker| -> Vec<Option<u64>> {
        let numbers = subject.all("event").filter(|word| word["event"] == "number");
        numbers.map(|word| word["args"][0].as_u64()).collect()
    };
    let all = until_with_state("the last number", SOON * 6, async || {
        let numbers = came(subject);
        let is_last = numbers.contains(&Some(count - 1));
        is_last.then_some(()).ok_or_else(|| format!("{} came; {}", numbers.len(), subject.last_words()))
    });
    all.await?;
    let numbers = came(subject);
    let wrong = numbers.iter().zip(0..).find(|(came, expected)| **came != Some(*expected));
    ensure!(wrong.is_none(), "out of order, (came, expected): {wrong:?}");
    ensure!(numbers.len() as u64 == count, "{} of {count} events came", numbers.len());
    Ok(())
}
