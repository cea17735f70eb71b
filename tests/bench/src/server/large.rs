//! Many sockets: what each costs while nothing happens, and how soon each knows when something does.

use super::{Contestant, crowd::Crowd, guest::Guest, host::Host, people::Person};
use crate::numbers::{Percentiles, float};
use anyhow::{Context, Result};
use std::time::Duration;
use tokio::time::sleep;

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Sockets.
    pub sockets: u32,
    /// People who are online with them.
    pub people: u32,
    /// Changes that are looked at.
    pub changes: u32,
    /// How long the sockets are left alone before memory is looked at.
    pub idle: Duration,
    /// The longest that the servers wait between two lists to so many: a change is looked at when the last one is longer
    /// ago.
    pub pause: Duration,
}

/// What was seen.
#[derive(Debug, Clone, Copy)]
pub struct Large {
    /// Memory of a socket at the server, KiB.
    pub memory: f64,
    /// From a change until a socket knew, seconds.
    pub change: Percentiles,
    /// Bytes that came for one change, all sockets together.
    pub bytes: f64,
}

/// Measures it.
///
/// # Errors
/// The server or a client fails.
pub async fn large(contestant: Contestant, size: Size) -> Result<Large> {
    let mut people = Person::first(size.people + 1);
    let guest = people.pop().context("nobody")?;
    let everybody = [people.clone(), vec![guest.clone()]].concat();
    let each = size.sockets.div_ceil(size.people);
    let mut host = Host::start(contestant, &everybody, Some(each)).await?;
    let mut crowd = Crowd::new(contestant, host.address());
    let mut tokens = Vec::new();
    for person in &people {
        let token = crowd.line(person).sign_in(person).await?;
        crowd.listens(person, &token).await?;
        tokens.push(token);
    }
    // Now all are online, and sockets can be added without anybody having to be told.
    crowd.quiet(size.idle.min(Duration::from_secs(3)), Duration::from_secs(120)).await?;
    let before = host.memory().await?;
    let first = crowd.size();
    let more = usize::try_from(size.sockets)?.saturating_sub(first);
    for (person, token) in people.iter().zip(&tokens).cycle().take(more) {
        crowd.listens(person, token).await?;
    }
    sleep(size.idle).await;
    let memory = (host.memory().await? - before) / f64::from(u32::try_from(more.max(1))?);
    let mut guest = Guest::new(guest, &crowd);
    let mut times = Vec::new();
    let received = crowd.received();
    for turn in 0..size.changes {
        if turn > 0 {
            crowd.quiet(between(contestant, size), Duration::from_secs(180)).await?;
        }
        times.extend(guest.turns(&mut crowd).await?);
    }
    let bytes = float(crowd.received() - received) / f64::from(size.changes);
    host.end().await?;
    Ok(Large { memory, change: Percentiles::of(times), bytes })
}

/// Only lists of our server are far apart.
fn between(contestant: Contestant, size: Size) -> Duration {
    if contestant == Contestant::Unchanged { size.pause } else { size.pause.min(Duration::from_secs(2)) }
}
