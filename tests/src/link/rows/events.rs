//! Events: large, many, with bytes in them, with strange names.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::{Need, ON_BOTH, Row, Stage, garbage::survives, handshake::in_order};
use crate::link::stage::SOON;

pub(super) const MEGABYTE: u64 = 1 << 20;
/// What `{"$text": n}` is made of.
const PATTERN: &str = "0123456789abcdef";

pub(super) const ROWS: &[Row] = &[
    Row::new("event-1-mb", "Events of 1 MB arrive whole, both ways.", |stage| Box::pin(large(stage, MEGABYTE)))
        .on(ON_BOTH),
    Row::new("event-10-mb", "Events of 10 MB arrive whole, both ways.", |stage| {
        Box::pin(large(stage, 10 * MEGABYTE))
    })
    .on(ON_BOTH)
    .weighs(3),
    Row::new(
        "over-the-servers-limit",
        "An event that is too large for the server costs at most the connection, and is not sent again for ever.",
        |stage| Box::pin(over_the_servers_limit(stage)),
    )
    .on(ON_BOTH),
    Row::new("over-the-clients-limit", "An event over the client's own limit costs the connection, not the memory.", |stage| {
        Box::pin(over_the_clients_limit(stage))
    })
    .on(ON_BOTH)
    .needs(&[Need::ReadLimit]),
    Row::new("burst", "10,000 events at once arrive, each once and in order.", |stage| Box::pin(burst(stage)))
        .weighs(2),
    Row::new("burst-from-client", "1,000 events sent at once reach the server, each once and in order.", |stage| {
        Box::pin(burst_from_client(stage))
    })
    .on(ON_BOTH)
    .needs(&[Need::DeepQueue]),
    Row::new("no-arguments", "Events without arguments keep their name, both ways.", |stage| {
        Box::pin(no_arguments(stage))
    })
    .on(ON_BOTH),
    Row::new("names-of-the-engine", "Events named like things of Engine.IO are events like any other.", |stage| {
        Box::pin(names_of_the_engine(stage))
    })
    .on(ON_BOTH),
    Row::new(
        "names-of-the-library",
        "Events named `connect`, `disconnect` and the like are not taken for what they are named after: they pass, or cost the connection.",
        |stage| Box::pin(names_of_the_library(stage)),
    )
    .on(ON_BOTH),
    Row::new("texts", "Texts with quotes, control characters, 0x1e and every plane of Unicode arrive as sent.", |stage| {
        Box::pin(both_ways(stage, json!(["\u{1e}a\u{1e}", "\"\\\n\u{0}\u{7f}", "día 😀 \u{202e}", ""])))
    })
    .on(ON_BOTH),
    Row::new("binary-two", "Two attachments arrive in their places, both ways.", |stage| {
        Box::pin(both_ways(stage, json!([{ "$binary": "AAEC" }, { "$binary": "/////w==" }])))
    })
    .on(ON_BOTH)
    .needs(&[Need::Binary]),
    Row::new("binary-mixed", "Bytes among texts, numbers and nulls arrive in their places, both ways.", |stage| {
        Box::pin(both_ways(stage, json!(["a", { "$binary": "AAEC" }, 1.5, null, true, { "$binary": "Ag==" }])))
    })
    .on(ON_BOTH)
    .needs(&[Need::Binary]),
    Row::new("binary-nested", "Bytes deep within objects and lists arrive in their places, both ways.", |stage| {
        let args = json!([{ "a": { "b": [{ "$binary": "AAEC" }, "x"] }, "c": { "$binary": "Ag==" } }]);
        Box::pin(both_ways(stage, args))
    })
    .on(ON_BOTH)
    .needs(&[Need::Binary]),
    Row::new("binary-empty", "An empty attachment arrives empty, both ways.", |stage| {
        Box::pin(both_ways(stage, json!([{ "$binary": "" }, "after"])))
    })
    .on(ON_BOTH)
    .needs(&[Need::Binary]),
    Row::new("binary-0x1e", "Bytes of 0x1e, polling's separator, arrive as sent, both ways.", |stage| {
        Box::pin(both_ways(stage, json!([{ "$binary": "HmEeHg==" }])))
    })
    .on(ON_BOTH)
    .needs(&[Need::Binary]),
];

/// How a text of this length is told when it is the only argument.
fn fingerprint(length: u64) -> (usize, String) {
    let length = usize::try_from(length).unwrap_or_default();
    let text: String = PATTERN.chars().cycle().take(length).collect();
    let json = json!([text]).to_string();
    let hash: String = Sha256::digest(&json).iter().map(|byte| format!("{byte:02x}")).collect();
    (json.len(), hash)
}

/// One large event comes from the server and one goes to it, whole.
pub(super) async fn there_and_back(stage: &mut Stage, length: u64) -> Result<()> {
    let (size, hash) = fingerprint(length);
    let large = json!({ "event": "large", "args": [{ "$text": length }] });
    let is_whole = |word: &Value| word["size"] == size && word["sha256"] == hash;
    stage.server()?.order("emit", large.clone())?;
    let came = stage.event("large").await.context("from the server")?;
    ensure!(is_whole(&came), "mangled on the way from the server: {came}");
    stage.subject()?.order("emit", large)?;
    let went = stage.heard("large").await.context("to the server")?;
    ensure!(is_whole(&went), "mangled on the way to the server: {went}");
    stage.nothing_since("closed", "the connection broke off")
}

/// A server for what keeps both ends busy for longer than the usual heartbeat of the rows.
pub(super) async fn serve_patiently(stage: &mut Stage, largest: u64) -> Result<()> {
    let engine = json!({ "maxHttpBufferSize": largest, "pingInterval": 3000, "pingTimeout": 10_000 });
    stage.serve(json!({ "engine": engine })).await
}

async fn large(stage: &mut Stage, length: u64) -> Result<()> {
    serve_patiently(stage, 32 * MEGABYTE).await?;
    stage.go_online().await?;
    there_and_back(stage, length).await
}

async fn over_the_servers_limit(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({ "engine": { "maxHttpBufferSize": 100_000 } })).await?;
    stage.go_online().await?;
    let since = Instant::now();
    stage.subject()?.order("emit", json!({ "event": "large", "args": [{ "$text": MEGABYTE }] }))?;
    match stage.subject()?.next_of("closed", SOON).await {
        Ok(_) => drop(stage.comes_back(since).await?),
        Err(_) => stage.note("the connection stands"),
    }
    stage.echoes().await?;
    let heard = stage.server()?.unread("heard");
    ensure!(heard.iter().all(|word| word["event"] != "large"), "the server took it");
    Ok(())
}

async fn over_the_clients_limit(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online_with(&json!({ "limit": 2 * MEGABYTE })).await?;
    let since = Instant::now();
    stage.server()?.order("emit", json!({ "event": "large", "args": [{ "$text": 3 * MEGABYTE }] }))?;
    stage.notices(since, SOON).await?;
    stage.comes_back(since).await?;
    stage.never("event", "it was over the limit")
}

async fn burst(stage: &mut Stage) -> Result<()> {
    const COUNT: u64 = 10_000;
    serve_patiently(stage, MEGABYTE).await?;
    stage.go_online().await?;
    stage.server()?.order("burst", json!({ "count": COUNT }))?;
    in_order(stage, COUNT).await?;
    stage.never("closed", "the connection broke off")
}

async fn burst_from_client(stage: &mut Stage) -> Result<()> {
    const COUNT: u64 = 1000;
    serve_patiently(stage, MEGABYTE).await?;
    stage.go_online().await?;
    stage.subject()?.order("emit", json!({ "event": "number", "args": [], "count": COUNT }))?;
    let server = stage.server()?;
    server.next("heard", SOON * 2, |word| word["args"] == json!([COUNT - 1])).await?;
    let numbers: Vec<_> = server.all("heard").map(|word| word["args"][0].as_u64()).collect();
    let expected: Vec<_> = (0..COUNT).map(Some).collect();
    ensure!(numbers == expected, "{} of {COUNT} came, or out of order", numbers.len());
    Ok(())
}

async fn no_arguments(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    stage.server()?.order("emit", json!({ "event": "refresh" }))?;
    let came = stage.event("refresh").await?;
    ensure!(came["args"] == json!([]), "it came as {came}");
    stage.subject()?.order("emit", json!({ "event": "user list" }))?;
    let heard = stage.heard("user list").await?;
    ensure!(heard["args"] == json!([]), "it went as {heard}");
    Ok(())
}

async fn names_of_the_engine(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    for name in ["open", "close", "error", "message", "ping", "pong", "packet", "data", "upgrade", "noop"] {
        stage.server()?.order("emit", json!({ "event": name, "args": [name] }))?;
        let came = stage.event(name).await?;
        ensure!(came["args"] == json!([name]), "{name} came as {came}");
    }
    stage.never("closed", "an event was taken for the end of the connection")
}

async fn names_of_the_library(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    for name in [
        "connect",
        "connect_error",
        "disconnect",
        "disconnecting",
        "newListener",
        "removeListener",
        "__proto__",
    ] {
        // The server's library does not send these, so they are written past it.
        survives(stage, &format!("42[{name:?},{{}}]"))
            .await
            .with_context(|| format!("an event named {name}"))?;
    }
    Ok(())
}

/// The arguments come from the server as they are, and go there and come back as they are.
async fn both_ways(stage: &mut Stage, args: Value) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    stage.server()?.order("emit", json!({ "event": "thing", "args": args }))?;
    let came = stage.event("thing").await?;
    ensure!(came["args"] == args, "from the server: {came}");
    stage.subject()?.order("emit", json!({ "event": "echo", "args": args }))?;
    let heard = stage.heard("echo").await?;
    ensure!(heard["args"] == args, "to the server: {heard}");
    let back = stage.event("echo").await?;
    ensure!(back["args"] == args, "there and back: {back}");
    Ok(())
}
