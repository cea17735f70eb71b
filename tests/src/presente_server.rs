//! This project's own server, as the program that people run.

use std::process::Command;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::{
    binaries::{self, binary},
    process::{Lines, Process, Signal},
};

/// What to start a [`PresenteServer`] with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Clients of the field work as they are.
    pub open: bool,
    /// With the demo accounts and people.
    pub seed_demo: bool,
    /// Serves clients of Engine.IO 3 as well.
    pub eio3: bool,
}

/// A running `presente-server` with a data folder of its own, on a free port.
#[derive(Debug)]
pub struct PresenteServer {
    process: Process,
    url: String,
    options: Options,
    data: TempDir,
}

impl PresenteServer {
    /// Starts one and waits until it listens.
    ///
    /// # Errors
    /// When it was not built, or does not say where it listens.
    pub async fn start(options: Options) -> Result<Self> {
        let data = TempDir::with_prefix("presente-server-")?;
        let (process, url) = launch(options, &data, "127.0.0.1:0").await?;
        Ok(Self { process, url, options, data })
    }

    /// `http://127.0.0.1:PORT`
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it logs.
    #[must_use]
    pub fn log(&self) -> &Lines {
        self.process.stderr()
    }

    /// The process itself.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Ends it by `signal` and starts it again at the same address with the same data.
    ///
    /// # Errors
    /// When it does not end or does not come back.
    pub async fn restart(&mut self, signal: Signal) -> Result<()> {
        self.process.signal(signal)?;
        self.process.ended(crate::wait::PATIENCE).await?;
        let address = self.url.strip_prefix("http://").context("a URL without http://")?.to_owned();
        let (process, url) = launch(self.options, &self.data, &address).await?;
        self.process = process;
        self.url = url;
        Ok(())
    }
}

async fn launch(options: Options, data: &TempDir, address: &str) -> Result<(Process, String)> {
    let mut command = Command::new(binary(binaries::SERVER)?);
    command.arg("--addr").arg(address).arg("--data").arg(data.path());
    // All clients of a test come from one address, and more often than people do.
    command.env("PRESENTE_SIGN_UPS_PER_MINUTE", "1000").env("PRESENTE_SIGN_INS_PER_MINUTE", "1000");
    if options.open {
        command.arg("--open");
    }
    if options.seed_demo {
        command.arg("--seed-demo");
    }
    if options.eio3 {
        command.arg("--eio3");
    }
    let mut process = Process::start("presente-server", &mut command)?;
    let line = process.first_line().await?;
    let url = line.split_whitespace().find(|word| word.starts_with("http://"));
    let url = url.with_context(|| format!("presente-server says no address in its first line: {line}"))?;
    let url = url.trim_end_matches('/').to_owned();
    Ok((process, url))
}
