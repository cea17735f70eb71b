//! What a person or CI types: `cargo xtask run`, `cargo xtask test`, `cargo xtask package`, `cargo xtask bench` and more.

#![allow(clippy::print_stdout, reason = "telling people what happens is what this program is for")]

mod bench;
mod child;
mod fuzz;
mod ghosts;
mod lint;
mod matrix;
mod package;
mod packages;
mod run;
mod screen;
mod suites;
mod test;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Result;
use clap::{Parser, Subcommand};

use suites::Suite;

/// Builds, runs and tests Presente; installs what is missing first.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Builds the app and runs it with a server of its own and demo people.
    ///
    /// Without a screen it runs on an invisible one and leaves pictures of it in target/screenshots.
    Run {
        /// Ends the app after so many seconds; without a screen after 20 unless told.
        #[arg(long = "for", value_name = "SECONDS")]
        seconds: Option<u64>,
    },
    /// Runs the tests; all suites unless some are named.
    Test {
        /// The suites to run.
        #[arg(value_name = "SUITE")]
        suites: Vec<Suite>,
        /// Tries properties with many more cases, and also runs the tests that take long (those marked as ignored).
        #[arg(long)]
        long: bool,
    },
    /// Makes the packages that people install, a .deb and an .rpm, in target/packages.
    Package(package::Choice),
    /// Plays the matrix that a link is judged by with every client, and writes docs/LINK_MATRIX.md.
    Matrix(matrix::Choice),
    /// Measures the link beside other clients, or the server beside one in Node, and writes the tables in
    /// docs/BENCHMARKS.md.
    Bench(bench::Choice),
    /// Measures how long somebody who is gone is still shown, and writes docs/GHOSTS.md. Cutting cables needs root.
    Ghosts(ghosts::Choice),
    /// Fuzzes the protocol of the link, one target after the other. Needs a nightly toolchain.
    Fuzz {
        /// How long each target runs.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
        minutes: u64,
    },
}

fn main() -> ExitCode {
    match act(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            println!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn act(task: Task) -> Result<ExitCode> {
    match task {
        Task::Run { seconds } => run::run(seconds.map(Duration::from_secs)).map(|()| ExitCode::SUCCESS),
        Task::Test { suites, long } => test::test(&suites, long),
        Task::Package(choice) => package::package(&choice).map(|()| ExitCode::SUCCESS),
        Task::Matrix(choice) => matrix::matrix(&choice),
        Task::Bench(choice) => bench::bench(&choice).map(|()| ExitCode::SUCCESS),
        Task::Ghosts(choice) => ghosts::ghosts(&choice),
        Task::Fuzz { minutes } => fuzz::fuzz(minutes).map(|()| ExitCode::SUCCESS),
    }
}

/// The repository's root.
fn root() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map_or(own.clone(), PathBuf::from)
}

/// Where cargo builds into.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |path| root().join(path))
}
