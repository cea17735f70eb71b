//! `presente-cli`: the core in a terminal.
//!
//! Exit codes are part of the contract: 0 done and signed out, 1 could not start, 2 bad usage, 3 the server
//! refused the sign-in.

mod arguments;
mod known_servers;
mod learn;
mod output;
mod profiles;
mod watch;

use clap::Parser;
use std::{io::IsTerminal, process::ExitCode};

fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse();
    log_to_stderr();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| match arguments.command {
            arguments::Task::Watch(watch) => runtime.block_on(watch::watch(watch)),
            arguments::Task::Learn(learn) => runtime.block_on(learn::learn(learn)),
        });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format!("{error:#}"));
            let code = error.downcast_ref::<watch::GivenUp>().map_or(1, watch::GivenUp::exit_code);
            ExitCode::from(code)
        }
    }
}

/// Quiet unless `RUST_LOG` asks: scripts read stderr too.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
}
