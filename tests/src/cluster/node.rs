//! One server, alone or a node of several: any address, any database, killed and started again.

use std::{net::SocketAddr, path::Path, process::Command};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::Database;
use crate::{
    binaries::{self, binary},
    process::{Lines, Process, Signal},
    services::free_port,
    wait::PATIENCE,
};

/// What to start a [`Node`] with.
#[derive(Debug, Clone, Default)]
pub struct NodeOptions {
    /// URL of the database; SQLite in a folder of its own unless told.
    pub database: Option<String>,
    /// URL of the bus.
    pub redis: Option<String>,
    /// What it is called among the others.
    pub name: Option<String>,
    /// Where it listens; a free port on loopback unless told. Not port 0: it is to come back at the same.
    pub address: Option<SocketAddr>,
    /// Further arguments.
    pub more: Vec<String>,
}

impl NodeOptions {
    /// Those of one node among several.
    #[must_use]
    pub fn of_cluster(database: &str, redis: &str, name: &str) -> Self {
        Self {
            database: Some(database.to_owned()),
            redis: Some(redis.to_owned()),
            name: Some(name.to_owned()),
            ..Self::default()
        }
    }
}

/// A `presente-server` that believes proxies on loopback. It comes back at its address with its data.
#[derive(Debug)]
pub struct Node {
    process: Process,
    options: NodeOptions,
    address: SocketAddr,
    url: String,
    data: TempDir,
}

impl Node {
    /// Starts one and waits until it listens.
    ///
    /// # Errors
    /// When it was not built, or does not say where it listens.
    pub async fn start(options: NodeOptions) -> Result<Self> {
        let data = TempDir::with_prefix("presente-node-")?;
        let address = match options.address {
            Some(address) => address,
            None => SocketAddr::from(([127, 0, 0, 1], free_port()?)),
        };
        let (process, url) = launch(&options, address, data.path()).await?;
        Ok(Self { process, options, address, url, data })
    }

    /// `http://ADDRESS:PORT`
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it logs, since it was started last.
    #[must_use]
    pub fn log(&self) -> &Lines {
        self.process.stderr()
    }

    /// The process, to freeze it.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Its accounts, past the server.
    ///
    /// # Errors
    /// When they cannot be reached.
    pub async fn database(&self) -> Result<Database> {
        let own = || format!("sqlite:{}?mode=ro", self.data.path().join("presente.db").display());
        Database::open(&self.options.database.clone().unwrap_or_else(own)).await
    }

    /// Ends it by `signal` and waits for that.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop(&mut self, signal: Signal) -> Result<()> {
        self.process.signal(signal)?;
        self.process.ended(PATIENCE).await.map(drop)
    }

    /// Starts it again after [`stop`](Self::stop) and waits until it listens.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn start_again(&mut self) -> Result<()> {
        (self.process, self.url) = launch(&self.options, self.address, self.data.path()).await?;
        Ok(())
    }
}

async fn launch(options: &NodeOptions, address: SocketAddr, data: &Path) -> Result<(Process, String)> {
    let mut command = Command::new(binary(binaries::SERVER)?);
    command.arg("--addr").arg(address.to_string()).arg("--data").arg(data);
    command.args(["--trusted-proxy", "127.0.0.1"]);
    // Everybody comes from one address here.
    command.args(["--sign-ups-per-minute", "100000", "--sign-ins-per-minute", "100000"]).args(&options.more);
    // URLs may hold passwords, and arguments are seen by everybody.
    for (name, url) in [("PRESENTE_DATABASE", &options.database), ("PRESENTE_REDIS", &options.redis)] {
        match url {
            Some(url) => command.env(name, url),
            None => command.env_remove(name),
        };
    }
    if let Some(name) = &options.name {
        command.args(["--node-name", name]);
    }
    let mut process = Process::start("presente-server", &mut command)?;
    let line = process.first_line().await?;
    let url = line.split_whitespace().find(|word| word.starts_with("http://"));
    let url = url.with_context(|| format!("presente-server says no address in its first line: {line}"))?;
    Ok((process, url.trim_end_matches('/').to_owned()))
}
