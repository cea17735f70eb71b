//! Packets that no server should send.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;

use super::{ON_BOTH, Row, Stage, Way::Websocket};
use crate::wait::until;

/// How many broken packets are made up by chance, always the same.
const FUZZED: usize = 40;
/// How deep lists are nested: more than a stack can take that is used for each level.
const DEPTH: usize = 100_000;
/// How long a client may take to deliver what follows, or to give the connection up.
const VERDICT: Duration = Duration::from_secs(6);

/// Whole Engine.IO packets, each wrong in its own way.
const GARBAGE: &[&str] = &[
    "",
    "x",
    "9",
    "é",
    "4",
    "42",
    "42[",
    "42[]",
    "42[1]",
    "42[null,1]",
    "42{}",
    "42null",
    "42\"x\"",
    "4999[\"x\"]",
    "40{",
    "44",
    "44{}",
    "44\"no\"",
    "45",
    "451-",
    "45-[\"x\"]",
    "451-[\"x\"",
    "451-[\"x\",{\"_placeholder\":true,\"num\":7}]",
    "452-[\"x\",{\"_placeholder\":true,\"num\":0}]",
    "4599999999999999999999-[\"x\"]",
    "45999999-[\"x\"]",
    "43",
    "43[1]",
    "43123456[1]",
    "4399999999999999999999[1]",
    "43x[1]",
    "461-7[{\"_placeholder\":true,\"num\":0}]",
    "46-",
    "47",
    "48[]",
    "0",
    "0{}",
    "0{\"sid\":1}",
    "2x",
    "3",
    "3probe",
    "5",
    "6",
    "7",
    "b",
    "b!!!",
    "bAAAA",
    "40/other,{\"sid\":\"x\"}",
    "42/other,[\"x\"]",
    "42/other",
    "41/other,",
    "42\u{1e}42",
    "\u{1e}\u{1e}",
    "41",
    "1",
    "40{\"sid\":\"again\"}",
];

pub(super) const ROWS: &[Row] = &[
    Row::new(
        "garbage",
        "Whatever packet comes, the client goes on or gives the connection up at once; its process lives.",
        |stage| Box::pin(garbage(stage)),
    )
    .on(ON_BOTH),
    Row::new("fuzz", "The same of 40 packets that are broken by chance.", |stage| Box::pin(fuzz(stage)))
        .on(ON_BOTH)
        .weighs(2),
    Row::new("deep-nesting", "A list nested 100,000 deep does not end the process.", |stage| {
        Box::pin(deep_nesting(stage))
    })
    .on(ON_BOTH),
    Row::new(
        "broken-frames",
        "Bytes that are no WebSocket frames end the connection, not the client.",
        |stage| Box::pin(broken_frames(stage)),
    )
    .on(&[Websocket]),
];

async fn garbage(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    for packet in GARBAGE {
        survives(stage, packet).await.with_context(|| format!("after {packet:?}"))?;
    }
    Ok(())
}

async fn fuzz(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    let mut rng = StdRng::seed_from_u64(20);
    for _ in 0..FUZZED {
        let packet = broken(&mut rng);
        survives(stage, &packet).await.with_context(|| format!("after {packet:?}"))?;
    }
    Ok(())
}

async fn deep_nesting(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    survives(stage, &format!("42[\"deep\",{}{}]", "[".repeat(DEPTH), "]".repeat(DEPTH))).await
}

async fn broken_frames(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    stage.go_online().await?;
    // A reserved operation, a reserved bit, text that is no UTF-8, a continuation of nothing, a length beyond reason.
    let frames: [&[u8]; 5] = [
        &[0x83, 0x00],
        &[0xf1, 0x01, b'2'],
        &[0x81, 0x03, b'4', 0xff, 0xfe],
        &[0x80, 0x01, b'x'],
        &[0x82, 0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ];
    for frame in frames {
        stage.server()?.order("bytes", json!({ "base64": BASE64_STANDARD.encode(frame) }))?;
        let closed = stage.subject()?.next_of("closed", VERDICT).await;
        closed.with_context(|| format!("after the bytes {frame:x?}"))?;
        stage.comes_back_when_kicked().await?;
    }
    Ok(())
}

/// One packet; then either what follows arrives, and nothing is said of the connection, or the connection is given up
/// and another one works.
pub(super) async fn survives(stage: &mut Stage, packet: &str) -> Result<()> {
    let marker = format!("still {}", packet.len());
    stage.server()?.order("raw", json!({ "text": packet }))?;
    stage.server()?.order("emit", json!({ "event": marker }))?;
    let goes_on = until("what follows, or the end", VERDICT, async || {
        let subject = stage.subject().ok()?;
        if !subject.unread("closed").is_empty() || subject.has_ended().is_some() {
            return Some(false);
        }
        subject.unread("event").iter().any(|word| word["event"] == marker.as_str()).then_some(true)
    });
    let goes_on = goes_on.await?;
    let subject = stage.subject()?;
    let ended = subject.has_ended();
    ensure!(ended.is_none(), "the process ended: {}", ended.unwrap_or_default());
    match goes_on {
        true => {
            subject.undisturbed_until(&["connected", "refused", "closed"], &marker, VERDICT).await.map(drop)
        }
        false => stage.comes_back_when_kicked().await,
    }
}

/// A good packet with some characters changed, left out or doubled.
fn broken(rng: &mut StdRng) -> String {
    const GOOD: [&str; 4] = [
        "42[\"people\",{\"list\":[{\"id\":1,\"name\":\"Ana\"}]}]",
        "451-7[\"file\",{\"_placeholder\":true,\"num\":0}]",
        "431[{\"ok\":true}]",
        "40{\"sid\":\"abc\",\"pid\":\"def\"}",
    ];
    const INSTEAD: [char; 12] = ['0', '9', '-', '/', ',', '"', '[', ']', '{', '}', '\u{1e}', 'é'];
    let mut packet: Vec<char> = GOOD.get(rng.random_range(0..GOOD.len())).unwrap_or(&"4").chars().collect();
    for _ in 0..rng.random_range(1..4) {
        let at = rng.random_range(0..packet.len());
        let instead = INSTEAD.get(rng.random_range(0..INSTEAD.len())).copied().unwrap_or('x');
        match rng.random_range(0..3) {
            0 => packet.truncate(at.max(1)),
            1 => packet.insert(at, instead),
            _ => packet.splice(at..=at, [instead]).for_each(drop),
        }
    }
    packet.into_iter().collect()
}
