//! Clients that never read: whether they make the others wait.

use super::{Contestant, crowd::Crowd, guest::Guest, host::Host, line::Line, people::Person, socket::Socket};
use crate::numbers::{Percentiles, Spread};
use anyhow::Result;
use std::time::Duration;

/// How long until nothing but pings comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Sockets that listen.
    pub listeners: u32,
    /// Sockets that never read.
    pub stalled: u32,
    /// People who are online with these.
    pub people: u32,
    /// Comings and goings before the others come, and as many while they are there.
    pub changes: u32,
    /// How often it is looked at both.
    pub turns: u32,
    /// Between two changes: longer than the servers wait between two lists to so many.
    pub pause: Duration,
}

/// From a change until 99 of 100 listeners knew, seconds: the median of the changes, because one that something else
/// held up would else be all that is seen.
#[derive(Debug, Clone, Copy)]
pub struct Stalled {
    /// Among themselves.
    pub without: f64,
    /// With the others.
    pub with: f64,
}

/// Measures it.
///
/// # Errors
/// The server or a client fails.
pub async fn stalled(contestant: Contestant, size: Size) -> Result<Stalled> {
    let everybody = Person::first(size.people + size.turns * 2);
    let (people, guests) = everybody.split_at(usize::try_from(size.people)?);
    let sockets = (size.listeners + size.stalled).div_ceil(size.people);
    let host = Host::start(contestant, &everybody, Some(sockets + 1)).await?;
    let mut crowd = Crowd::new(contestant, host.address());
    let mut tokens = Vec::new();
    for person in people {
        tokens.push(crowd.line(person).sign_in(person).await?);
    }
    let seats = || people.iter().zip(&tokens).cycle();
    for (person, token) in seats().take(usize::try_from(size.listeners)?) {
        crowd.listens(person, token).await?;
    }
    crowd.quiet(size.pause * 2, PATIENCE).await?;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for pair in guests.chunks_exact(2) {
        // A guest of its own each time, so that nobody signs in more often than servers like.
        if let [one, other] = pair {
            without.extend(changes(&mut crowd, one, 0, size).await?);
            let mut silent = Vec::new();
            for (person, token) in seats().take(usize::try_from(size.stalled)?) {
                silent.push(never_reads(&crowd.line(person), contestant, token).await?);
            }
            // The first ones fill what the system keeps for those who do not read.
            with.extend(changes(&mut crowd, other, 1, size).await?);
            drop(silent);
            crowd.quiet(size.pause * 2, PATIENCE).await?;
        }
    }
    host.end().await?;
    let median = |times: Vec<f64>| Spread::of(times.into_iter()).median;
    Ok(Stalled { without: median(without), with: median(with) })
}

/// Somebody who connects, asks, and does not read what comes: whole lists, which soon have no place to go.
async fn never_reads(line: &Line, contestant: Contestant, token: &str) -> Result<Socket> {
    let mut socket = Socket::open(&line.clone().narrow(), token, false).await?;
    if contestant != Contestant::Node {
        // There every question would be told to everybody.
        socket.ask().await?;
    }
    Ok(socket)
}

/// Comings and goings of this guest; the first `unseen` ones are not looked at.
async fn changes(crowd: &mut Crowd, guest: &Person, unseen: u32, size: Size) -> Result<Vec<f64>> {
    let mut guest = Guest::new(guest.clone(), crowd);
    let mut times = Vec::new();
    // Each is a coming and a going: nobody is left behind whose socket would be missed later.
    for turn in 0..(unseen + size.changes) * 2 {
        let taken = Percentiles::of(guest.turns(crowd).await?);
        if turn >= unseen * 2 {
            times.push(taken.p99);
        }
        crowd.quiet(size.pause, PATIENCE).await?;
    }
    Ok(times)
}
