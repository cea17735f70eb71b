//! Measuring in turns: waiting for a quiet moment, saying what has been measured, and what stands above the tables.

use crate::{
    machine::{self, Steal},
    numbers::Spread,
};
use anyhow::Result;
use std::{fmt::Write, time::Duration};

/// What else the machine, and its host, did.
#[derive(Debug, Default)]
pub struct Noise {
    /// How busy the machine was with other things before each measurement, 0 to 1.
    before: Vec<f64>,
    /// What its host kept while each was made, 0 to 1.
    stolen: Vec<f64>,
    measuring: Option<Steal>,
}

impl Noise {
    /// Waits for a quiet moment before the next measurement, where there is patience for one.
    ///
    /// # Errors
    /// The system does not tell what it does.
    pub(crate) async fn wait(&mut self, patience: Option<Duration>) -> Result<()> {
        self.end()?;
        if let Some(patience) = patience {
            self.before.push(machine::quiet(patience).await?);
            self.measuring = Some(Steal::from_now()?);
        }
        Ok(())
    }

    /// The last measurement is over.
    ///
    /// # Errors
    /// The system does not tell what it does.
    pub(crate) fn end(&mut self) -> Result<()> {
        if let Some(steal) = self.measuring.take() {
            self.stolen.push(steal.share()?);
        }
        Ok(())
    }

    /// In words; nothing where it was not looked at.
    pub(crate) fn words(&self) -> String {
        let per_cent = |shares: &[f64]| Spread::of(shares.iter().map(|share| share * 100.0)).tell("%");
        let mut text = String::new();
        if !self.before.is_empty() {
            let busy = per_cent(&self.before);
            let _ =
                writeln!(text, "Just before each measurement the machine was {busy} busy with other things.");
        }
        if !self.stolen.is_empty() {
            let stolen = per_cent(&self.stolen);
            let _ = writeln!(
                text,
                "Of the processor time that was asked for, its host kept {stolen} in each measurement."
            );
        }
        text
    }
}

/// Says what has been measured.
#[allow(clippy::print_stderr, reason = "a person waits, and wants to know for what")]
pub(crate) fn tell(what: &str, figures: &impl std::fmt::Debug) {
    eprintln!("{what}: {figures:?}");
}

/// On which machine it was measured, how often, and what else that did.
pub(crate) fn head(rounds: usize, noise: &Noise) -> String {
    let machine = machine::description();
    let how = match rounds {
        0 | 1 => "Measured once.".to_owned(),
        rounds => {
            format!("In turns, {rounds} rounds: medians, and in brackets the smallest and the largest.")
        }
    };
    format!("{machine}. {how}\n{}", noise.words())
}
