//! All of it, in turns: round by round, and in each round one program after the other.

use super::{
    Subject,
    alert::alerts,
    many::{self, Many, many},
    rest::{self, Rest, rest},
    start::{Start, starts},
};
use crate::turns::{Noise, tell};
use anyhow::{Context, Result};
use std::time::Duration;

/// How much is measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How often everything is done, but for the very many contacts.
    pub rounds: u32,
    /// People online.
    pub people: usize,
    /// At rest.
    pub rest: Option<rest::Times>,
    /// So many starts in a round.
    pub starts: u32,
    /// So many notifications in a round.
    pub alerts: usize,
    /// Very many contacts.
    pub many: Option<many::Size>,
    /// How long a quiet moment is waited for before each measurement; none if it does not matter.
    pub patience: Option<Duration>,
    /// Who takes part.
    pub subjects: Vec<Subject>,
}

impl Plan {
    /// For figures that are to be shown.
    pub fn full(rounds: u32) -> Self {
        Self {
            rounds,
            people: 50,
            rest: Some(rest::Times { settle: Duration::from_secs(20), idle: Duration::from_secs(60) }),
            starts: 5,
            alerts: 100,
            many: Some(many::Size {
                people: 100_000,
                time: Duration::from_secs(10),
                changes: 360_000,
                settle: Duration::from_secs(10),
            }),
            patience: Some(Duration::from_secs(5)),
            subjects: Subject::ALL.to_vec(),
        }
    }

    /// For a look.
    pub fn quick() -> Self {
        Self {
            rest: Some(rest::Times { settle: Duration::from_secs(10), idle: Duration::from_secs(20) }),
            starts: 3,
            alerts: 30,
            many: Some(many::Size {
                people: 10_000,
                time: Duration::from_secs(5),
                changes: 20_000,
                settle: Duration::from_secs(5),
            }),
            ..Self::full(1)
        }
    }

    /// To see whether it works at all.
    pub fn smallest() -> Self {
        Self {
            people: 12,
            rest: Some(rest::Times { settle: Duration::from_secs(1), idle: Duration::from_secs(1) }),
            starts: 1,
            alerts: 2,
            many: Some(many::Size {
                people: 200,
                time: Duration::from_secs(1),
                changes: 200,
                settle: Duration::ZERO,
            }),
            patience: None,
            ..Self::full(1)
        }
    }
}

/// What was measured of one program in one round.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// If it is in the plan; the plug-in changes nothing about it and is not measured.
    pub rest: Option<Rest>,
    /// As many as are in the plan; none of the plug-in.
    pub starts: Vec<Start>,
    /// Milliseconds until each notification.
    pub alerts: Vec<f64>,
}

/// All of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Round by round: the figures in the order of [`Plan::subjects`].
    pub rounds: Vec<Vec<Figures>>,
    /// Very many contacts.
    pub many: Option<Many>,
    /// What else the machine did.
    pub noise: Noise,
}

/// Does what is planned.
///
/// # Errors
/// A server or a program fails.
pub async fn run(plan: &Plan) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for round in 1..=plan.rounds {
        let mut all = Vec::new();
        for subject in &plan.subjects {
            let figures = measure(plan, *subject, &mut outcome.noise).await;
            all.push(figures.with_context(|| format!("round {round}, {}", subject.name()))?);
        }
        outcome.rounds.push(all);
    }
    if let Some(size) = plan.many {
        outcome.noise.wait(plan.patience).await?;
        let many = many(size).await.with_context(|| format!("{} contacts", size.people))?;
        tell("very many contacts", &many);
        outcome.many = Some(many);
    }
    outcome.noise.end()?;
    Ok(outcome)
}

async fn measure(plan: &Plan, subject: Subject, noise: &mut Noise) -> Result<Figures> {
    let mut figures = Figures::default();
    if subject != Subject::Plugin {
        if let Some(times) = plan.rest {
            noise.wait(plan.patience).await?;
            figures.rest = Some(rest(subject, plan.people, times).await.context("at rest")?);
        }
        if plan.starts > 0 {
            noise.wait(plan.patience).await?;
            figures.starts = starts(subject, plan.people, plan.starts).await.context("starting")?;
        }
    }
    if plan.alerts > 0 {
        noise.wait(plan.patience).await?;
        figures.alerts = alerts(subject, plan.people, plan.alerts).await.context("notifications")?;
    }
    tell(subject.name(), &figures);
    Ok(figures)
}
