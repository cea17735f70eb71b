//! The server with the echo that the protocol suites expect, in place of the dialect. Two uses: the tests run the
//! cases of `tests/servers/protocol-suite` against it, and at port 3000 a checkout of the suites of the Socket.IO
//! project runs against it as it is.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Parser;
use presente_server::{Config, start};

/// Echoes what the protocol suites say, until its standard input ends.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where to listen; port 0 takes any free port.
    #[arg(long, default_value = "127.0.0.1:3000")]
    addr: SocketAddr,
    /// Folder for the database, which nobody looks at.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Serves clients of Engine.IO 3 as well.
    #[arg(long)]
    eio3: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut config = Config::new(arguments.addr, arguments.data);
    config.protocol_suite = true;
    config.eio3 = arguments.eio3;
    // What the suites look for in the handshake, and wait for.
    config.ping_interval = Duration::from_millis(300);
    config.ping_timeout = Duration::from_millis(200);
    let server = start(config).await.context("the server did not start")?;
    writeln!(io::stdout().lock(), "listening on http://{}", server.addr())?;
    tokio::task::spawn_blocking(|| io::copy(&mut io::stdin().lock(), &mut io::sink())).await??;
    server.stop().await;
    Ok(())
}
