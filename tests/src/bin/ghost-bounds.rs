//! Measures how long ghosts last, and writes it down. `cargo xtask ghosts` builds and runs it.

#![allow(clippy::print_stdout, reason = "telling people what happens is what this program is for")]

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use presente_tests::ghosts::{Case, report};

#[derive(Debug, Parser)]
struct Arguments {
    /// Only this case: client-killed, server-killed, node-killed or cable-cut.
    #[arg(long)]
    case: Option<String>,
    /// How often each is played.
    #[arg(long, default_value_t = 20)]
    runs: usize,
    /// Writes the page to this file.
    #[arg(long)]
    page: Option<PathBuf>,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let is_chosen = |case: &Case| arguments.case.as_deref().is_none_or(|chosen| chosen == case.slug());
    let cases: Vec<Case> = Case::ALL.into_iter().filter(is_chosen).collect();
    ensure!(!cases.is_empty(), "there is no such case");
    let mut played = Vec::new();
    for case in cases {
        let ghosts =
            case.play(arguments.runs).await.with_context(|| format!("{} cannot be played", case.slug()))?;
        for ghost in &ghosts {
            println!(
                "{}: on screen {:?}, in the database {:?}",
                case.slug(),
                ghost.on_screen,
                ghost.in_database
            );
        }
        played.push((case, ghosts));
    }
    let page = report::page(&played);
    match arguments.page {
        Some(path) => {
            fs::write(&path, &page).with_context(|| format!("{} cannot be written", path.display()))?;
        }
        None => println!("{page}"),
    }
    let all_hold = played.iter().all(|(case, ghosts)| report::within(*case, ghosts));
    Ok(if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
