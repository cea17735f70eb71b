//! From the start of the process to the icon in the tray, and to the first people on the screen.

use super::{Subject, bus::Ear, bus::Said, eye::Eye, stage::Stage};
use crate::machine::Steal;
use anyhow::{Context, Result};
use std::time::Duration;
use tokio::time::Instant;

/// How long an icon may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// One start, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Start {
    /// Until the icon is in the tray; nothing for what has none.
    pub icon: Option<f64>,
    /// Until people are on the screen.
    pub people: f64,
    /// What the machine's host kept of the processor time meanwhile, 0 to 1.
    pub stolen: f64,
}

/// Starts so often; each time is told.
///
/// # Errors
/// The program does not start, or shows nobody.
pub async fn starts(subject: Subject, people: usize, count: u32) -> Result<Vec<Start>> {
    let stage = Stage::set(subject, people, 0).await?;
    let mut ear = Ear::open(&stage.world).await?;
    // The first shows where the window will be.
    let mut running = stage.start()?;
    running.shows_people().await?;
    let place = running.place().await?;
    running.stop().await?;
    let mut starts = Vec::new();
    for _ in 0..count {
        ear.forget();
        let eye = Eye::open(stage.world.display().name(), place.faces()?)?;
        let steal = Steal::from_now()?;
        let begin = Instant::now();
        let mut running = stage.start()?;
        let icon = match subject {
            Subject::Chromium => None,
            Subject::Presente | Subject::Plugin => {
                Some(ear.hears("an icon in the tray", PATIENCE, |said| *said == Said::Icon).await?)
            }
        };
        running.shows_people().await?;
        let people = eye.settles().await.context("people on the screen")?;
        let stolen = steal.share()?;
        let ms = |at: Instant| (at - begin).as_secs_f64() * 1e3;
        starts.push(Start { icon: icon.map(ms), people: ms(people), stolen });
        running.stop().await?;
    }
    Ok(starts)
}
