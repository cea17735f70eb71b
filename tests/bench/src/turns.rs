//! Measuring in turns: waiting for a quiet moment, saying what has been measured, and what stands above the tables.

use crate::{machine, numbers::Spread};
use anyhow::Result;
use std::{fmt::Write, time::Duration};

/// Waits for a quiet moment, where there is patience for one, and notes how busy the machine was.
pub(crate) async fn wait(patience: Option<Duration>, noise: &mut Vec<f64>) -> Result<()> {
    if let Some(patience) = patience {
        noise.push(machine::quiet(patience).await?);
    }
    Ok(())
}

/// Says what has been measured.
#[allow(clippy::print_stderr, reason = "a person waits, and wants to know for what")]
pub(crate) fn tell(what: &str, figures: &impl std::fmt::Debug) {
    eprintln!("{what}: {figures:?}");
}

/// On which machine it was measured, how often, and how busy the machine was with other things.
pub(crate) fn head(rounds: usize, noise: &[f64]) -> String {
    let mut text = match rounds {
        0 | 1 => format!("{}. Measured once.\n", machine::description()),
        rounds => format!(
            "{}. In turns, {rounds} rounds: medians, and in brackets the smallest and the largest.\n",
            machine::description()
        ),
    };
    if !noise.is_empty() {
        let noise = Spread::of(noise.iter().map(|busy| busy * 100.0)).tell("%");
        let _ =
            writeln!(text, "Just before each measurement the machine was {noise} busy with other things.");
    }
    text
}
