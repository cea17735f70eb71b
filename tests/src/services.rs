//! What several servers share, and what stands before them, each private to one test: a database, a bus, a balancer,
//! and networks whose cable can be cut. All of them are programs of the system; `cargo xtask test` installs them.

pub mod namespace;
pub mod nginx;
pub mod postgres;
pub mod redis;
#[cfg(test)]
mod tests;

use std::{
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    process::{Lines, Process},
    wait::{PATIENCE, until},
};

/// Who is asked for ports of services: below those that the system gives to whoever asks for any, so that nobody
/// takes one while its service is away for a moment.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// How many ports are tried before a service is given up: another test may be quicker.
const TRIES: usize = 5;

/// A port on loopback at which nobody listens.
///
/// # Errors
/// When a hundred of them are taken.
pub fn free_port() -> Result<u16> {
    let mut tried = 0;
    loop {
        let port = rand::random_range(PORTS);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
        tried += 1;
        if tried == 100 {
            bail!("no port between {} and {} is free", PORTS.start, PORTS.end);
        }
    }
}

/// Waits until `process` has said `words` on the stream `said`, which it does when it is ready.
async fn ready(name: &str, process: &mut Process, said: &Lines, words: &str) -> Result<()> {
    let what = format!("{name} to be ready");
    let waited = until(&what, PATIENCE, async || {
        if said.find(|line| line.contains(words)).is_some() {
            return Some(Ok(()));
        }
        let status = process.exit_status()?;
        Some(Err(anyhow::anyhow!("{name} ended ({status}): {}", said.text())))
    });
    waited.await?
}

/// Starts a service at a free port, and at another one when that was taken meanwhile.
async fn at_some_port<T>(mut start: impl AsyncFnMut(u16) -> Result<T>) -> Result<(T, u16)> {
    let mut tried = 0;
    loop {
        let port = free_port()?;
        match start(port).await {
            Ok(service) => return Ok((service, port)),
            Err(error) if tried + 1 == TRIES => return Err(error),
            Err(_) => tried += 1,
        }
    }
}

/// Whether this program may do everything on this machine, or in its own name space.
fn is_root() -> Result<bool> {
    Ok(output(Command::new("id").arg("-u"))?.trim() == "0")
}

/// Somebody who may do nothing: for programs that refuse to run as root.
#[derive(Debug, Clone, Copy)]
struct Nobody {
    user: u32,
    group: u32,
}

impl Nobody {
    /// Asks the system for their numbers; `None` when we are not root and need nobody else.
    fn if_root() -> Result<Option<Self>> {
        if !is_root()? {
            return Ok(None);
        }
        let number =
            |flag| -> Result<u32> { Ok(output(Command::new("id").args([flag, "nobody"]))?.trim().parse()?) };
        Ok(Some(Self { user: number("-u")?, group: number("-g")? }))
    }

    fn own(self, path: &Path) -> Result<()> {
        chown(path, Some(self.user), Some(self.group))
            .with_context(|| format!("cannot give {} away", path.display()))
    }

    fn run(self, command: &mut Command) {
        command.uid(self.user).gid(self.group);
    }
}

/// A program of the system: on the `PATH`, or where only administrators look.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(name)).find(|path| path.is_file()).unwrap_or_else(|| name.into())
}

/// What a command that ends says; its errors when it fails.
fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output();
    let output =
        output.with_context(|| format!("cannot run {name}; `cargo xtask test` installs what tests need"))?;
    if !output.status.success() {
        bail!("{name} failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
