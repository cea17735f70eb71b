//! A session bus that knows nobody but who comes by himself.

use std::{path::Path, process::Command};

use anyhow::{Context, Result};
use zbus::{Connection, connection, fdo::DBusProxy};

use crate::process::Process;

/// Its settings, which say why it starts no services.
const CONFIG: &str = include_str!("bus.conf");

/// A running session bus.
#[derive(Debug)]
pub struct Bus {
    address: String,
    process: Process,
}

impl Bus {
    /// Starts one whose socket is in `folder`.
    pub(crate) async fn start(folder: &Path) -> Result<Self> {
        let config = folder.join("bus.conf");
        std::fs::write(&config, CONFIG.replace("FOLDER", &folder.to_string_lossy()))?;
        let mut command = Command::new("dbus-daemon");
        command.args(["--nofork", "--nopidfile", "--nosyslog", "--print-address"]);
        command.arg(format!("--config-file={}", config.display()));
        let mut process = Process::start("dbus-daemon", &mut command)?;
        let address = process.first_line().await?;
        Ok(Self { address, process })
    }

    /// For `DBUS_SESSION_BUS_ADDRESS`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The bus's process; ending it is what a session's end looks like to an app.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// A new connection to it.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn connect(&self) -> Result<Connection> {
        let connection = connection::Builder::address(self.address.as_str())?.build().await;
        connection.context("cannot connect to the test's session bus")
    }
}

/// Whether somebody on the bus has this name.
pub(crate) async fn has_owner(connection: &Connection, name: &str) -> Result<bool> {
    let name = name.try_into().with_context(|| format!("{name} is no bus name"))?;
    Ok(DBusProxy::new(connection).await?.name_has_owner(name).await?)
}
