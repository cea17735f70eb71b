//! Measures `presente-link` beside other clients and writes the tables to standard output. `cargo xtask bench link`
//! builds everything, runs this and keeps the tables.

use anyhow::Result;
use clap::Parser;
use presente_bench::{
    Case,
    compare::{Places, Plan, compare},
    report,
};

/// Measures presente-link beside rust_socketio and socket.io-client.
#[derive(Debug, Parser)]
struct Arguments {
    /// Once, with less; for a look.
    #[arg(long)]
    quick: bool,
    /// Once, with two of everything: whether it works.
    #[arg(long, conflicts_with = "quick")]
    smallest: bool,
    /// How often everything is measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// What is measured; everything unless some are named.
    #[arg(long = "case", value_name = "CASE")]
    cases: Vec<Case>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let plan = match (arguments.smallest, arguments.quick) {
        (true, _) => Plan::smallest(),
        (_, true) => Plan::quick(),
        _ => Plan::full(arguments.rounds),
    };
    let all = [Case::Connect, Case::Upgrade, Case::BurstDown, Case::BurstUp, Case::List, Case::Idle];
    let cases = if arguments.cases.is_empty() { all.to_vec() } else { arguments.cases };
    let outcome = compare(&Places::find()?, &cases, &plan).await?;
    #[allow(clippy::print_stdout, reason = "that is what this program is for")]
    {
        print!("{}", report::markdown(&outcome));
    }
    Ok(())
}
