//! Plays the matrix that a link is judged by, and writes down what came of it. `cargo xtask matrix` builds and runs it.

#![allow(clippy::print_stdout, reason = "telling people what happens is what this program is for")]

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::{Result, ensure};
use clap::Parser;
use presente_tests::link::{
    Client, Verdict, Way, all_rows, judge_all,
    report::{Played, page},
};

#[derive(Debug, Parser)]
struct Arguments {
    /// Only this client: presente-link, `rust_socketio` or socket.io-client.
    #[arg(long)]
    client: Option<String>,
    /// Only this way: websocket, polling, upgrade or fallback.
    #[arg(long)]
    way: Option<String>,
    /// Only this row.
    #[arg(long)]
    row: Option<String>,
    /// Writes the page to this file.
    #[arg(long)]
    page: Option<PathBuf>,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let runs = chosen(&arguments);
    ensure!(!runs.is_empty(), "there is no such client, way or row");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let verdicts = runtime.block_on(judge_all(runs.clone(), |row, client, way, verdict| {
        if !matches!(verdict, Verdict::NotApplicable) {
            println!("{}", told(row.slug, client, way, verdict));
        }
    }));
    let runs = runs.into_iter().zip(verdicts);
    let played: Vec<Played> =
        runs.map(|((row, client, way), verdict)| Played { row, client, way, verdict }).collect();
    if let Some(path) = arguments.page {
        fs::write(path, page(&played))?;
    }
    Ok(sum_up(&played))
}

type Run = (&'static presente_tests::link::Row, Client, Way);

fn chosen(arguments: &Arguments) -> Vec<Run> {
    let is_chosen = |choice: &Option<String>, name: &str| choice.as_deref().is_none_or(|it| it == name);
    let mut runs = Vec::new();
    for row in all_rows().filter(|row| is_chosen(&arguments.row, row.slug)) {
        for client in Client::ALL.into_iter().filter(|client| is_chosen(&arguments.client, client.name())) {
            let ways = client.ways().iter().filter(|way| is_chosen(&arguments.way, way.name()));
            runs.extend(ways.map(|way| (row, client, *way)));
        }
    }
    runs
}

fn told(slug: &str, client: Client, way: Way, verdict: &Verdict) -> String {
    let (mark, more) = match verdict {
        Verdict::Pass(figures) => ("pass", figures.notes.join("; ")),
        Verdict::Fail(reason, _) => ("FAIL", reason.clone()),
        Verdict::NotOffered(reason) => ("not offered", (*reason).to_owned()),
        Verdict::NotApplicable => ("n/a", String::new()),
    };
    format!("{mark}: {slug}, {} {} {more}", client.name(), way.name())
}

/// Says how each did; the matrix fails with our own link.
fn sum_up(played: &[Played]) -> ExitCode {
    let mut ours_failed = false;
    for client in Client::ALL {
        let count = |fits: fn(&Verdict) -> bool| {
            played.iter().filter(|it| it.client == client && fits(&it.verdict)).count()
        };
        let passed = count(|verdict| matches!(verdict, Verdict::Pass(_)));
        let failed = count(|verdict| matches!(verdict, Verdict::Fail(..)));
        let lacking = count(|verdict| matches!(verdict, Verdict::NotOffered(_)));
        if passed + failed + lacking > 0 {
            println!("{}: {passed} passed, {failed} failed, {lacking} not offered", client.name());
        }
        ours_failed |= client == Client::PresenteLink && failed > 0;
    }
    if ours_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
