//! Sixteen minutes without a server, in less.

use std::time::Duration;

use anyhow::{Result, ensure};
use presente_core::connection::Supervisor;
use rand::{SeedableRng, rngs::StdRng};
use serde_json::json;
use tokio::time::Instant;

use super::{Row, Stage, Way::Websocket};
use crate::{faults::Fault, link::Client};

const OUTAGE: Duration = Duration::from_secs(16 * 60);
/// How much faster the time of a client runs that can be hastened.
const HASTE: u32 = 60;
/// The longest that any of the clients waits between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

pub(super) const ROWS: &[Row] = &[Row::new(
    "long-outage",
    "In 16 minutes without a server the attempts stay at most 60 a minute, and do not end.",
    |stage| Box::pin(long_outage(stage)),
)
.on(&[Websocket])];

async fn long_outage(stage: &mut Stage) -> Result<()> {
    stage.serve(json!({})).await?;
    match stage.client {
        Client::Reference => hastened(stage).await,
        Client::PresenteLink | Client::RustSocketio => supervised(stage).await,
    }
}

/// The reference client counts its back-off by timers, which can be made to run faster.
async fn hastened(stage: &mut Stage) -> Result<()> {
    stage.encrypted = true;
    stage.proxy().set(Fault::AcceptThenClose);
    stage.launch(&json!({ "hasten": HASTE }))?;
    tokio::time::sleep(OUTAGE / HASTE).await;
    let attempts = stage.proxy().connections();
    let last = attempts.last().map(Instant::elapsed).unwrap_or(OUTAGE);
    ensure!(last * HASTE <= LONGEST_WAIT, "the last attempt was {:?} ago", last * HASTE);
    let minutes = usize::try_from(OUTAGE.as_secs() / 60).unwrap_or(1);
    let per_minute = attempts.len() / minutes;
    ensure!(per_minute <= 60, "{} attempts in {OUTAGE:?}", attempts.len());
    stage.figures.worst_minute = worst_minute(&attempts, Duration::from_secs(60) / HASTE);
    ensure!(stage.figures.worst_minute <= 60, "{} attempts in a minute", stage.figures.worst_minute);
    stage.note(format!("{} attempts in 16 minutes, hastened", attempts.len()));
    stage.proxy().set(Fault::None);
    stage.comes_back(Instant::now()).await.map(drop)
}

/// Attempts of the other two are made by the supervisor alone, which takes time as it is told. That a link makes no
/// further attempt of its own is shown at the proxy, in real time.
async fn supervised(stage: &mut Stage) -> Result<()> {
    let mut rng = StdRng::seed_from_u64(16);
    let began = Instant::now();
    let mut supervisor = Supervisor::new(began);
    let (mut now, mut attempts) = (began, Vec::new());
    supervisor.start(now);
    while now.duration_since(began) < OUTAGE {
        attempts.push(now);
        supervisor.failed("nobody is there", now, &mut rng);
        let Some(due) = supervisor.deadline() else { break };
        ensure!(due.duration_since(now) <= LONGEST_WAIT, "a wait of {:?}", due.duration_since(now));
        now = due;
        supervisor.tick(now);
    }
    ensure!(now.duration_since(began) >= OUTAGE, "the attempts ended after {:?}", now.duration_since(began));
    let worst = worst_minute(&attempts, Duration::from_secs(60));
    ensure!(worst <= 60, "{worst} attempts in a minute");
    stage.note(format!("{} attempts in 16 minutes, by simulated time", attempts.len()));
    stage.proxy().set(Fault::AcceptThenClose);
    stage.launch(&json!({}))?;
    tokio::time::sleep(Duration::from_secs(12)).await;
    let told = stage.subject()?.all("attempt").count();
    let made = stage.proxy().connections().len();
    ensure!(made <= told + 1, "{made} connections in {told} attempts");
    stage.proxy().set(Fault::None);
    stage.comes_back_when_kicked().await?;
    stage.count_attempts();
    stage.figures.worst_minute = stage.figures.worst_minute.max(worst);
    Ok(())
}

/// The most of these moments within any `minute`.
fn worst_minute(moments: &[Instant], minute: Duration) -> usize {
    let in_minute_from = |first: &Instant| {
        moments.iter().filter(|at| *at >= first && at.duration_since(*first) < minute).count()
    };
    moments.iter().map(in_minute_from).max().unwrap_or_default()
}
