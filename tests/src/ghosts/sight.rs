//! Watching for ghosts: in lists and in the database, until none has been seen for a while.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::Instant;

use super::{Ghost, victim::Victim};
use crate::{
    cluster::{Database, Eyes},
    wait::{PATIENCE, until},
};

/// Who has not been seen for so long does not come back: a server that has just been started shows somebody within this,
/// or not at all.
const SETTLED: Duration = Duration::from_secs(2);

/// When the two saw somebody last.
#[derive(Debug, Clone, Copy)]
struct Seen {
    on_screen: Instant,
    in_database: Instant,
}

/// Strikes every victim when it is due and says for how long each was seen afterwards.
///
/// # Errors
/// When one is seen for much longer than `allowed`, or the watcher sees no list at all.
pub(super) async fn watch(
    eyes: &mut Eyes,
    database: &Database,
    victims: &mut [Victim],
    allowed: Duration,
) -> Result<Vec<Ghost>> {
    let begin = Instant::now();
    let mut seen = vec![Seen { on_screen: begin, in_database: begin }; victims.len()];
    let last = victims.iter().map(|victim| victim.gone.unwrap_or(victim.due)).max().unwrap_or(begin);
    let patience = last.saturating_duration_since(begin) + allowed + SETTLED + PATIENCE;
    let looked = until("the ghosts to go", patience, async || {
        look(eyes, database, victims, &mut seen).await.map(|settled| settled.then_some(())).transpose()
    });
    if let Err(error) = looked.await? {
        bail!("{error:#}");
    }
    let ghost = |(victim, seen): (&Victim, &Seen)| {
        let gone = victim.gone.unwrap_or(begin);
        let since = |last: Instant| last.saturating_duration_since(gone);
        Ghost { on_screen: since(seen.on_screen), in_database: since(seen.in_database) }
    };
    Ok(victims.iter().zip(&seen).map(ghost).collect())
}

/// One look. True when everybody is gone and has not been seen for a while.
async fn look(
    eyes: &mut Eyes,
    database: &Database,
    victims: &mut [Victim],
    seen: &mut [Seen],
) -> Result<bool> {
    for victim in victims.iter_mut().filter(|victim| victim.gone.is_none() && victim.due <= Instant::now()) {
        victim.strike()?;
    }
    let connected = database.connected().await?;
    let list = eyes.list()?;
    let now = Instant::now();
    let mut settled = list.is_some();
    for (victim, seen) in victims.iter().zip(seen) {
        if list.is_some_and(|list| list.contains(&victim.email)) {
            seen.on_screen = now;
        }
        if connected.contains(&victim.email) {
            seen.in_database = now;
        }
        let quiet = |since: Instant| now.saturating_duration_since(since) >= SETTLED;
        let both_quiet = quiet(seen.on_screen) && quiet(seen.in_database);
        settled &= both_quiet && victim.gone.is_some_and(quiet);
    }
    Ok(settled)
}
