//! All of it, in turns: round by round, and in each round one server after the other.

use super::{
    Contestant,
    large::{self, Large, large},
    stalled::{self, Stalled, stalled},
    storm::{Storm, storm},
};
use crate::turns::{Noise, tell};
use anyhow::{Context, Result};
use std::time::Duration;

/// How much is measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How often everything is done.
    pub rounds: u32,
    /// How many people come back, storm by storm.
    pub storms: Vec<u32>,
    /// For how long nothing may come for a storm to be over.
    pub quiet: Duration,
    /// Many sockets.
    pub large: Option<large::Size>,
    /// Sockets that never read.
    pub stalled: Option<stalled::Size>,
    /// How long a quiet moment is waited for before each measurement; none if it does not matter.
    pub patience: Option<Duration>,
    /// Who takes part.
    pub contestants: Vec<Contestant>,
}

impl Plan {
    /// For figures that are to be shown.
    pub fn full(rounds: u32) -> Self {
        let idle = Duration::from_secs(15);
        Self {
            rounds,
            storms: vec![300, 600],
            quiet: Duration::from_secs(5),
            large: Some(large::Size {
                sockets: 10_000,
                people: 300,
                changes: 4,
                idle,
                pause: Duration::from_secs(30),
            }),
            stalled: Some(stalled::Size {
                listeners: 500,
                stalled: 500,
                people: 100,
                changes: 4,
                turns: 3,
                pause: Duration::from_secs(1),
            }),
            patience: Some(Duration::from_secs(5)),
            contestants: Contestant::ALL.to_vec(),
        }
    }

    /// For a look.
    pub fn quick() -> Self {
        let idle = Duration::from_secs(5);
        Self {
            storms: vec![300],
            large: Some(large::Size {
                sockets: 1000,
                people: 100,
                changes: 4,
                idle,
                pause: Duration::from_secs(2),
            }),
            stalled: Some(stalled::Size {
                listeners: 200,
                stalled: 200,
                people: 100,
                changes: 2,
                turns: 1,
                pause: Duration::from_secs(1),
            }),
            ..Self::full(1)
        }
    }

    /// To see whether it works at all.
    pub fn smallest() -> Self {
        Self {
            storms: vec![4],
            quiet: Duration::from_millis(500),
            large: Some(large::Size {
                sockets: 8,
                people: 2,
                changes: 2,
                idle: Duration::ZERO,
                pause: Duration::from_millis(500),
            }),
            stalled: Some(stalled::Size {
                listeners: 4,
                stalled: 2,
                people: 2,
                changes: 1,
                turns: 1,
                pause: Duration::from_millis(300),
            }),
            patience: None,
            ..Self::full(1)
        }
    }
}

/// What was measured of one contestant in one round.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// In the order of [`Plan::storms`].
    pub storms: Vec<Storm>,
    /// If it is in the plan.
    pub large: Option<Large>,
    /// If it is in the plan.
    pub stalled: Option<Stalled>,
}

/// All of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Round by round: the figures in the order of [`Plan::contestants`].
    pub rounds: Vec<Vec<Figures>>,
    /// What else the machine did.
    pub noise: Noise,
}

/// Does what is planned.
///
/// # Errors
/// A server or a client fails.
pub async fn run(plan: &Plan) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for round in 1..=plan.rounds {
        let mut figures = vec![Figures::default(); plan.contestants.len()];
        for (at, count) in plan.storms.iter().enumerate() {
            for (contestant, figures) in plan.contestants.iter().zip(&mut figures) {
                outcome.noise.wait(plan.patience).await?;
                let what = format!("round {round}, storm of {count}, {}", contestant.name());
                let storm = storm(*contestant, *count, plan.quiet).await.with_context(|| what.clone())?;
                tell(&what, &storm);
                figures.storms.insert(at, storm);
            }
        }
        if let Some(size) = plan.large {
            for (contestant, figures) in plan.contestants.iter().zip(&mut figures) {
                outcome.noise.wait(plan.patience).await?;
                let what = format!("round {round}, {} sockets, {}", size.sockets, contestant.name());
                let large = large(*contestant, size).await.with_context(|| what.clone())?;
                tell(&what, &large);
                figures.large = Some(large);
            }
        }
        if let Some(size) = plan.stalled {
            for (contestant, figures) in plan.contestants.iter().zip(&mut figures) {
                outcome.noise.wait(plan.patience).await?;
                let what = format!("round {round}, {} that never read, {}", size.stalled, contestant.name());
                let stalled = stalled(*contestant, size).await.with_context(|| what.clone())?;
                tell(&what, &stalled);
                figures.stalled = Some(stalled);
            }
        }
        outcome.rounds.push(figures);
    }
    outcome.noise.end()?;
    Ok(outcome)
}
