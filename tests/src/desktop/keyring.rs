//! A keyring of its own (gnome-keyring), unlocked.

use std::process::Command;

use anyhow::Result;
use zbus::{Connection, zvariant::OwnedObjectPath};

use crate::{
    process::Process,
    wait::{PATIENCE, until},
};

const SERVICE: &str = "org.freedesktop.secrets";

/// Starts the keyring by `command` (which brings the world's environment) and waits until secrets can be stored.
pub(crate) async fn start(command: &mut Command, connection: &Connection) -> Result<Process> {
    command.args(["--unlock", "--foreground", "--components=secrets"]);
    let mut process = Process::start("gnome-keyring-daemon", command)?;
    process.write_line("test")?;
    // It reads the password up to the end of its input.
    process.close_input();
    until("the keyring to have a default collection", PATIENCE, async || {
        let collection = default_collection(connection).await.ok()?;
        (collection.as_str() != "/").then_some(())
    })
    .await?;
    Ok(process)
}

async fn default_collection(connection: &Connection) -> Result<OwnedObjectPath> {
    let interface = Some("org.freedesktop.Secret.Service");
    let path = "/org/freedesktop/secrets";
    let reply = connection.call_method(Some(SERVICE), path, interface, "ReadAlias", &"default").await?;
    Ok(reply.body().deserialize()?)
}
