//! `presente-server`: the server on its own. It says where it listens on stdout; its log goes to stderr.

use std::{
    io::{self, IsTerminal as _, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;
use clap::Parser;
use presente_server::{Config, start};
use tracing_subscriber::EnvFilter;

/// The server of Presente: accounts, presence and the roster over HTTP and Socket.IO.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// Address and port to listen on; port 0 takes any free port.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4000")]
    addr: SocketAddr,
    /// Folder of the database; it is created when it is missing.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Lets clients of the field in as they are: sockets and sign-out need no token.
    #[arg(long)]
    open: bool,
    /// Creates demo accounts and lets demo people come and go.
    #[arg(long)]
    seed_demo: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_log();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let mut config = Config::new(arguments.addr, arguments.data);
    config.open = arguments.open;
    config.seed_demo = arguments.seed_demo;
    if !config.addr.ip().is_loopback() {
        tracing::warn!(
            "{} can be reached from other computers and speaks plain HTTP: put it behind a proxy with TLS",
            config.addr
        );
    }
    if config.open {
        tracing::warn!("open mode: anybody who reaches the server can see who is online and sign people out");
    }
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

/// Logs to stderr, as much as `RUST_LOG` says. The socket libraries print tokens when they debug, so they
/// keep to warnings unless they are named themselves.
fn start_log() {
    let wanted = std::env::var("RUST_LOG").unwrap_or_else(|_| "info".to_owned());
    let filter = EnvFilter::new(format!("socketioxide=warn,engineioxide=warn,{wanted}"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
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
