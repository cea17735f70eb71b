//! The field, for real: its servers (Express, Socket.IO) and its client (`socket.io-client`), run by Node.

mod dialect_server;
mod field_client;
mod library;
mod log;
mod reference_server;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

pub use dialect_server::{Dialect, DialectServer, DialectServerBuilder, Refusal, SocketIo, TokenPlace};
pub use field_client::{FieldClient, FieldClientBuilder, Heard};
pub use library::{Release, Transport};
pub use log::{Log, LoggedEvent, LoggedRequest};
pub use reference_server::{ReferenceServer, ReferenceServerBuilder, Shape, UserRecord};

/// An account that a server is started with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeedUser {
    /// The address to sign in with.
    pub email: String,
    /// The password, in clear: it is a test's.
    pub password: String,
    /// May hold anything.
    pub first_name: String,
    /// May hold anything, or nothing.
    pub last_name: String,
}

impl SeedUser {
    /// An account whose password is made up of its address, so that every one has another.
    #[must_use]
    pub fn new(email: &str, first_name: &str, last_name: &str) -> Self {
        Self {
            email: email.to_owned(),
            password: format!("secret-of-{email}"),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
        }
    }
}

/// The folder of the Node package: its scripts, and `node_modules` (among them `axe-core/axe.min.js`).
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("servers")
}

/// A command that runs a script of the Node package.
///
/// # Errors
/// The packages are not installed.
pub fn node(script: &str) -> Result<Command> {
    let folder = folder();
    if !folder.join("node_modules/socket.io").is_dir() {
        bail!(
            "the Node packages are not installed; `cargo xtask test compat` does it (or `npm ci` in tests/servers)"
        );
    }
    let mut command = Command::new("node");
    command.arg(folder.join(script)).current_dir(folder);
    Ok(command)
}
