//! The storm: everybody comes back, within the second over which clients of the field spread it.

use super::{Contestant, crowd::Crowd, goal::Sight, host::Host, people};
use crate::numbers::float;
use anyhow::Result;
use std::time::Duration;
use tokio::time::Instant;

/// `socket.io-client` comes back after half a second to one and a half.
const SPREAD: Duration = Duration::from_secs(1);
/// How long until everybody has the list.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a storm costs.
#[derive(Debug, Clone, Copy)]
pub struct Storm {
    /// Bytes that all clients got, all together.
    pub bytes: f64,
    /// Processor time of the server, seconds.
    pub cpu: f64,
    /// Until every client had the list of all, seconds.
    pub consistent: f64,
}

/// `count` people sign in, connect and ask for the list; `quiet` is how long nothing may come for it to be over.
///
/// # Errors
/// The server or a client fails.
pub async fn storm(contestant: Contestant, count: u32, quiet: Duration) -> Result<Storm> {
    let people = people::Person::first(count);
    let length = people::length_of_list(&people);
    let host = Host::start(contestant, &people, None).await?;
    let mut crowd = Crowd::new(contestant, host.address());
    let goal = crowd.aim(Sight::Everybody { count: people.len(), length });
    let cpu = host.cpu()?;
    let begin = Instant::now();
    for (person, number) in people.into_iter().zip(0..count) {
        crowd.comes_back(person, begin + SPREAD * number / count);
    }
    let times = crowd.all_reach(goal, crowd.size(), PATIENCE).await?;
    let consistent = times.into_iter().max().unwrap_or(begin) - begin;
    crowd.quiet(quiet, PATIENCE).await?;
    let bytes = float(crowd.received());
    let cpu = host.cpu()?.saturating_sub(cpu);
    host.end().await?;
    Ok(Storm { bytes, cpu: cpu.as_secs_f64(), consistent: consistent.as_secs_f64() })
}
