//! `presente-server`: the server on its own, and what those who run it do with its accounts. It says where it
//! listens on stdout; its log goes to stderr.

use std::{
    fmt::Display,
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use presente_server::{
    Config,
    admin::{self, Order},
    files, log,
    settings::Settings,
    start,
};

/// What bad usage ends with, as clap does it.
const BAD_USAGE: u8 = 2;

const SOURCES: &str = "\
A setting may also be in the file of --config, under the name of its flag (public-url = \"…\"), or in the \
environment, as PRESENTE_ and its name in capitals (PRESENTE_PUBLIC_URL). A flag beats the environment, the \
environment beats the file. PORT=8080 in the environment means --addr 0.0.0.0:8080 when no address is given.";

/// The server of Presente: accounts, presence and the roster over HTTP and Socket.IO.
#[derive(Debug, Parser)]
#[command(
    version,
    about = "The server of Presente: accounts, presence and the roster over HTTP and Socket.IO",
    after_help = SOURCES
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server, as happens without a command too
    Serve,
    #[command(flatten)]
    Order(Order),
}

#[tokio::main]
async fn main() -> ExitCode {
    // Settings are known on both sides of a command's name.
    let matches = Arguments::command().mut_args(|argument| argument.global(true)).get_matches();
    let (command, config) = match read(&matches) {
        Ok(read) => read,
        Err(mistake) => {
            complain(&mistake);
            return ExitCode::from(BAD_USAGE);
        }
    };
    match command {
        Command::Serve => {
            log::start(config.log_format);
            match serve(config).await {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    tracing::error!("{error:#}");
                    ExitCode::FAILURE
                }
            }
        }
        Command::Order(order) => match admin::carry_out(order, &config).await {
            Ok(said) => match writeln!(io::stdout(), "{said}") {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            },
            Err(failure) => {
                complain(&failure);
                ExitCode::FAILURE
            }
        },
    }
}

fn read(matches: &clap::ArgMatches) -> anyhow::Result<(Command, Config)> {
    let arguments = Arguments::from_arg_matches(matches)?;
    let config = arguments.settings.gather(|name| std::env::var_os(name))?;
    Ok((arguments.command.unwrap_or(Command::Serve), config))
}

/// Says on stderr what went wrong. Where that cannot be written, nobody reads it either.
fn complain(what: &impl Display) {
    let _ = writeln!(io::stderr(), "error: {what}");
}

async fn serve(config: Config) -> anyhow::Result<()> {
    if !config.addr.ip().is_loopback() {
        tracing::warn!(
            "{} can be reached from other computers and speaks plain HTTP: put it behind a proxy with TLS",
            config.addr
        );
    }
    if config.open {
        tracing::warn!("open mode: anybody who reaches the server can see who is online and sign people out");
    }
    files::allow_connections(config.limits.connections);
    let stop = stop_signal().context("cannot take over the signals of the system")?;
    let server = start(config).await?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "presente-server listening on http://{}", server.addr())
        .and_then(|()| stdout.flush())
        .context("cannot say on stdout where the server listens")?;
    drop(stdout);
    stop.await;
    tracing::info!("stopping");
    server.stop().await;
    Ok(())
}

/// Takes over the signals that mean "stop" and returns what ends when one comes. Taken over *before* the
/// server says that it listens: who reads that line may send one at once.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(windows)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
