//! A Redis server of a test's own, which keeps nothing.

use std::{path::Path, process::Command};

use anyhow::{Result, bail};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{at_some_port, program, ready};
use crate::{
    process::{Process, Signal},
    wait::PATIENCE,
};

/// How it says that it can be asked.
const READY: &str = "Ready to accept connections";

/// A running Redis on loopback, which comes back empty at the same port.
#[derive(Debug)]
pub struct Redis {
    process: Process,
    port: u16,
    folder: TempDir,
}

impl Redis {
    /// Starts one and waits until it can be asked.
    ///
    /// # Errors
    /// When Redis is not installed or does not start.
    pub async fn start() -> Result<Self> {
        let folder = TempDir::with_prefix("presente-redis-")?;
        let (process, port) = at_some_port(async |port| launch(folder.path(), port).await).await?;
        Ok(Self { process, port, folder })
    }

    /// `redis://127.0.0.1:PORT`
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The process, to stop or freeze it.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Sends one command without arguments, and gives the first line of the answer.
    ///
    /// # Errors
    /// When the server is away.
    pub async fn ask(&self, command: &str) -> Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.write_all(format!("{command}\r\n").as_bytes()).await?;
        let mut answer = Vec::new();
        while !answer.contains(&b'\n') {
            if stream.read_buf(&mut answer).await? == 0 {
                bail!("Redis closes in the middle of an answer");
            }
        }
        Ok(String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned())
    }

    /// Ends it: everything in it is lost.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop(&mut self, signal: Signal) -> Result<()> {
        self.process.signal(signal)?;
        self.process.ended(PATIENCE).await.map(drop)
    }

    /// Starts it again after [`stop`](Self::stop), empty, at the same port.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn start_again(&mut self) -> Result<()> {
        self.process = launch(self.folder.path(), self.port).await?;
        Ok(())
    }
}

async fn launch(folder: &Path, port: u16) -> Result<Process> {
    let mut command = Command::new(program("redis-server"));
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
    command.arg("--dir").arg(folder).current_dir(folder);
    let mut process = Process::start("Redis", &mut command)?;
    let said = process.stdout().clone();
    ready("Redis", &mut process, &said, READY).await?;
    Ok(process)
}
