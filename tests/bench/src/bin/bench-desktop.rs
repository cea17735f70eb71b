//! Measures the app beside a plain page in Chromium, and with very many contacts, and writes the tables to standard
//! output. `cargo xtask bench desktop` builds everything, runs this and keeps the tables.

use anyhow::Result;
use clap::{Parser, ValueEnum};
use presente_bench::{
    desktop::{
        Subject,
        run::{Plan, run},
        tables,
    },
    meter::allow_many_files,
};

/// Measures the app beside a plain page in Chromium, and with very many contacts.
#[derive(Debug, Parser)]
struct Arguments {
    /// Once, with less; for a look.
    #[arg(long)]
    quick: bool,
    /// Once, with a few of everything: whether it works.
    #[arg(long, conflicts_with = "quick")]
    smallest: bool,
    /// How often everything is measured.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Only this; may be said several times.
    #[arg(long = "part", value_name = "PART")]
    parts: Vec<Part>,
    /// So many changes with very many contacts, in place of an hour's.
    #[arg(long)]
    changes: Option<usize>,
    /// Only this program; what the others are compared with comes first.
    #[arg(long = "only", value_name = "PROGRAM")]
    subjects: Vec<Subject>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Memory and processor time while nothing happens.
    Rest,
    /// From the start to the tray and to people.
    Start,
    /// From the server's word to the notification.
    Alert,
    /// Very many contacts.
    Many,
}

impl Arguments {
    fn plan(&self) -> Plan {
        let mut plan = match (self.smallest, self.quick) {
            (true, _) => Plan::smallest(),
            (_, true) => Plan::quick(),
            _ => Plan::full(self.rounds),
        };
        let wants = |part| self.parts.is_empty() || self.parts.contains(&part);
        plan.rest = plan.rest.filter(|_| wants(Part::Rest));
        plan.starts = if wants(Part::Start) { plan.starts } else { 0 };
        plan.alerts = if wants(Part::Alert) { plan.alerts } else { 0 };
        plan.many = plan.many.filter(|_| wants(Part::Many));
        if let (Some(many), Some(changes)) = (&mut plan.many, self.changes) {
            many.changes = changes;
        }
        if !self.subjects.is_empty() {
            plan.subjects.clone_from(&self.subjects);
        }
        if plan.rest.is_none() && plan.starts == 0 && plan.alerts == 0 {
            plan.subjects.clear();
        }
        plan
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let plan = Arguments::parse().plan();
    allow_many_files()?;
    let outcome = run(&plan).await?;
    #[allow(clippy::print_stdout, reason = "that is what this program is for")]
    {
        print!("{}", tables::markdown(&plan, &outcome));
    }
    Ok(())
}
