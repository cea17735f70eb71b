//! Measures `presente-server` beside a Node server of the same dialect and writes the tables to standard output.
//! `cargo xtask bench server` builds everything, runs this and keeps the tables.

use anyhow::Result;
use clap::Parser;
use presente_bench::{
    meter::allow_many_files,
    server::{
        Contestant,
        run::{Plan, run},
        tables,
    },
};

/// Measures presente-server beside a Node server of the same dialect.
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
    /// Only these storms, and nothing else unless it is named.
    #[arg(long = "storm", value_name = "PEOPLE")]
    storms: Vec<u32>,
    /// Only the many sockets, and nothing else unless it is named.
    #[arg(long)]
    large: bool,
    /// Only the clients that never read, and nothing else unless it is named.
    #[arg(long)]
    stalled: bool,
    /// Only this server and these clients; what the others are compared with comes first.
    #[arg(long = "only", value_name = "WHO")]
    contestants: Vec<Contestant>,
}

impl Arguments {
    fn plan(&self) -> Plan {
        let mut plan = match (self.smallest, self.quick) {
            (true, _) => Plan::smallest(),
            (_, true) => Plan::quick(),
            _ => Plan::full(self.rounds),
        };
        if self.large || self.stalled || !self.storms.is_empty() {
            plan.storms.clone_from(&self.storms);
            plan.large = plan.large.filter(|_| self.large);
            plan.stalled = plan.stalled.filter(|_| self.stalled);
        }
        if !self.contestants.is_empty() {
            plan.contestants.clone_from(&self.contestants);
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
