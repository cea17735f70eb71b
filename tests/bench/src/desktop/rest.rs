//! What a program takes while nothing happens: with its window open, and out of sight.

use super::{
    Subject,
    family::{self, by_name},
    stage::Stage,
};
use anyhow::Result;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::sleep;

pub use super::family::Rest as Figures;

/// For how long everything is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Until things have settled.
    pub settle: Duration,
    /// While nothing happens.
    pub idle: Duration,
}

/// A program at rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Rest {
    /// With its window open.
    pub open: Figures,
    /// In the tray; minimised, where there is none.
    pub away: Figures,
    /// Memory by the names of the processes, with the window open and out of sight; MiB.
    pub where_it_is: [BTreeMap<String, f64>; 2],
}

/// Measures a program with so many people online, of whom nobody comes or goes.
///
/// # Errors
/// The program does not start, or ends.
pub async fn rest(subject: Subject, people: usize, times: Times) -> Result<Rest> {
    let stage = Stage::set(subject, people, 0).await?;
    let mut running = stage.start()?;
    running.shows_people().await?;
    sleep(times.settle).await;
    let open_parts = by_name(running.pid());
    let open = family::rest(running.pid(), times.idle).await?;
    running.out_of_sight().await?;
    sleep(times.settle).await;
    let away_parts = by_name(running.pid());
    let away = family::rest(running.pid(), times.idle).await?;
    running.stop().await?;
    Ok(Rest { open, away, where_it_is: [open_parts, away_parts] })
}
