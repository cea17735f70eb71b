//! Those who go without saying so.

use std::process::Command;

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::{
    binaries::{self, binary},
    node::SeedUser,
    process::{Process, Signal},
    services::namespace::Machine,
    wait::PATIENCE,
};

/// A person at our client in a terminal.
#[derive(Debug)]
pub(super) struct Victim {
    pub(super) email: String,
    /// When they are to go, and when they went.
    pub(super) due: Instant,
    pub(super) gone: Option<Instant>,
    process: Process,
    machine: Option<Machine>,
    _home: TempDir,
}

impl Victim {
    /// Signs somebody in, from this machine or another.
    pub(super) async fn start(url: &str, user: &SeedUser, machine: Option<Machine>) -> Result<Self> {
        let home = TempDir::with_prefix("presente-ghost-")?;
        let mut command = Command::new(binary(binaries::CLI)?);
        command.args(["watch", "--server", url, "--email", &user.email, "--json", "--accept-unencrypted"]);
        command
            .env("PRESENTE_PASSWORD", &user.password)
            .env("LC_ALL", "en_GB.UTF-8")
            .env("HOME", home.path());
        command.env_remove("XDG_CONFIG_HOME").env_remove("XDG_CACHE_HOME");
        let mut command = match &machine {
            Some(machine) => machine.moved(&command),
            None => command,
        };
        let process = Process::start("presente-cli watch", &mut command)?;
        let on_screen = process.stdout().wait_for(r#""event":"roster""#, PATIENCE).await;
        on_screen.with_context(|| format!("{} does not get in: {}", user.email, process.stderr().text()))?;
        Ok(Self { email: user.email.clone(), due: Instant::now(), gone: None, process, machine, _home: home })
    }

    /// Takes them away: the cable where there is one, else the life.
    pub(super) fn strike(&mut self) -> Result<()> {
        match &self.machine {
            Some(machine) => machine.cut()?,
            None => self.process.signal(Signal::Kill)?,
        }
        self.gone = Some(Instant::now());
        Ok(())
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // A dropped process is asked to end, and this one would then try to sign out.
        let _ = self.process.signal(Signal::Kill);
    }
}
