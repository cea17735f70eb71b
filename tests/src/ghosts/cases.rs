//! The stages on which people go without saying so.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use anyhow::{Context, Result};
use tokio::time::Instant;

use super::{Case, Ghost, sight::watch, victim::Victim};
use crate::{
    cluster::{Cluster, Eyes, Node, NodeOptions, sign_up},
    node::{FieldClient, SeedUser, Transport},
    process::Signal,
    services::{free_port, namespace::Machine},
};

/// Over how long victims of one stage go: longer than a heartbeat, so that it finds them in every part of it.
const SPREAD: Duration = Duration::from_secs(15);

/// How many come to one stage at once.
const CROWD: usize = 10;

/// Whose screen is watched.
fn watcher() -> SeedUser {
    SeedUser::new("watcher@example.org", "Wat", "Cher")
}

fn people(count: usize) -> Vec<SeedUser> {
    (0..count)
        .map(|number| SeedUser::new(&format!("p{number}@example.org"), &format!("P{number}"), "X"))
        .collect()
}

async fn eyes(url: &str, user: &SeedUser) -> Result<Eyes> {
    Eyes::open(FieldClient::builder(url, user).first_transport(Transport::WebSocket)).await
}

/// A server alone with accounts for so many, at any address.
async fn stage(address: Option<SocketAddr>, count: usize) -> Result<(Node, Vec<SeedUser>)> {
    let node = Node::start(NodeOptions { address, ..NodeOptions::default() }).await?;
    let people = people(count);
    sign_up(node.url(), &people).await?;
    sign_up(node.url(), &[watcher()]).await?;
    Ok((node, people))
}

/// Waits until all of them are on the screen, and no one else but the watchers.
async fn all_there(eyes: &mut Eyes, victims: &[Victim], watchers: &[&SeedUser]) -> Result<()> {
    let mut expected: BTreeSet<String> = victims.iter().map(|victim| victim.email.clone()).collect();
    expected.extend(watchers.iter().map(|watcher| watcher.email.clone()));
    eyes.see(&expected, None).await
}

/// Sets when each is to go.
fn spread(victims: &mut [Victim]) -> Result<()> {
    let begin = Instant::now();
    let step = SPREAD / u32::try_from(victims.len().max(1))?;
    for (number, victim) in victims.iter_mut().enumerate() {
        victim.due = begin + step * u32::try_from(number)?;
    }
    Ok(())
}

pub(super) async fn client_killed(runs: usize) -> Result<Vec<Ghost>> {
    let (node, people) = stage(None, runs.min(CROWD)).await?;
    let database = node.database().await?;
    let mut eyes = eyes(node.url(), &watcher()).await?;
    let mut ghosts = Vec::new();
    while ghosts.len() < runs {
        let mut victims = Vec::new();
        for user in people.iter().take(runs - ghosts.len()) {
            victims.push(Victim::start(node.url(), user, None).await?);
        }
        all_there(&mut eyes, &victims, &[&watcher()]).await?;
        spread(&mut victims)?;
        ghosts.extend(watch(&mut eyes, &database, &mut victims, Case::ClientKilled.allowed()).await?);
    }
    Ok(ghosts)
}

pub(super) async fn cable_cut(runs: usize) -> Result<Vec<Ghost>> {
    let first = Machine::start().await?;
    // Where all cables end, also those of the machines to come.
    let address = SocketAddr::from((first.this_end(), free_port()?));
    let (node, people) = stage(Some(address), runs.min(CROWD)).await?;
    let database = node.database().await?;
    let mut eyes = eyes(node.url(), &watcher()).await?;
    let mut ghosts = Vec::new();
    while ghosts.len() < runs {
        let mut victims = Vec::new();
        for user in people.iter().take(runs - ghosts.len()) {
            victims.push(Victim::start(node.url(), user, Some(Machine::start().await?)).await?);
        }
        all_there(&mut eyes, &victims, &[&watcher()]).await?;
        spread(&mut victims)?;
        ghosts.extend(watch(&mut eyes, &database, &mut victims, Case::CableCut.allowed()).await?);
    }
    drop(first);
    Ok(ghosts)
}

pub(super) async fn server_killed(runs: usize) -> Result<Vec<Ghost>> {
    let (mut node, people) = stage(None, 1).await?;
    let mut ghosts = Vec::new();
    let mut eyes = eyes(node.url(), &watcher()).await?;
    while ghosts.len() < runs {
        let mut victims = Vec::new();
        for user in &people {
            victims.push(Victim::start(node.url(), user, None).await?);
        }
        all_there(&mut eyes, &victims, &[&watcher()]).await?;
        let database = node.database().await?;
        database.settles_on(&listed_of(&victims), None).await?;
        node.stop(Signal::Kill).await?;
        for victim in &mut victims {
            victim.strike()?;
        }
        // What was on the screen before is not what the server says.
        eyes.forget(true)?;
        node.start_again().await?;
        for victim in &mut victims {
            victim.gone = Some(Instant::now());
        }
        ghosts.extend(watch(&mut eyes, &database, &mut victims, Case::ServerKilled.allowed()).await?);
    }
    Ok(ghosts)
}

/// Everybody who is to be in the database: the victims and the watcher.
fn listed_of(victims: &[Victim]) -> BTreeSet<String> {
    victims.iter().map(|victim| victim.email.clone()).chain([watcher().email]).collect()
}

pub(super) async fn node_killed(runs: usize) -> Result<Vec<Ghost>> {
    let mut cluster = Cluster::start(3).await?;
    let people = people(1);
    let watchers: Vec<SeedUser> =
        (0..3).map(|place| SeedUser::new(&format!("watcher{place}@example.org"), "Wat", "Cher")).collect();
    cluster.sign_up(&people).await?;
    cluster.sign_up(&watchers).await?;
    let all: Vec<&SeedUser> = watchers.iter().collect();
    let mut screens = Vec::new();
    for (place, user) in watchers.iter().enumerate() {
        screens.push(eyes(cluster.url(place), user).await?);
    }
    let database = cluster.database().await?;
    let mut ghosts = Vec::new();
    // Each node in turn: one of them also writes to the database for the others.
    for lost in (0..3).cycle().take(runs) {
        let mut victims = Vec::new();
        for user in &people {
            victims.push(Victim::start(cluster.url(lost), user, None).await?);
        }
        for screen in &mut screens {
            all_there(screen, &victims, &all).await?;
        }
        cluster.stop(lost, Signal::Kill).await?;
        for victim in &mut victims {
            victim.strike()?;
        }
        let screen = screens.get_mut((lost + 1) % 3).context("three watchers, and one is missing")?;
        ghosts.extend(watch(screen, &database, &mut victims, Case::NodeKilled.allowed()).await?);
        cluster.node(lost)?.start_again().await?;
    }
    Ok(ghosts)
}
