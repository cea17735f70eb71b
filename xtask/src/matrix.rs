//! The matrix that a link is judged by: played with our link, the fenced library and the reference client, and written
//! down in docs/LINK_MATRIX.md.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::{
    child::{self, cargo},
    packages::{self, Need},
    root, target,
    test::install_node_packages,
};

/// Which part of the matrix to play; all of it unless told. Only the whole is written down.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// Only this client.
    #[arg(long)]
    client: Option<Client>,
    /// Only this row, by the name that it has in docs/LINK_MATRIX.md.
    #[arg(long, value_name = "SLUG")]
    row: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Client {
    /// Our own link.
    #[value(name = "presente-link")]
    PresenteLink,
    /// `rust_socketio`, fenced.
    #[value(name = "rust_socketio")]
    RustSocketio,
    /// The reference client in Node.
    #[value(name = "socket.io-client")]
    Reference,
}

/// Plays it. The exit code says whether our own link passed every row.
///
/// # Errors
/// Something cannot be installed, built or started.
pub(crate) fn matrix(choice: &Choice) -> Result<ExitCode> {
    packages::ensure(&[Need::Tests])?;
    install_node_packages()?;
    child::run(cargo().args(["build", "--package", "presente-tests", "--bins"]))?;
    let mut player = Command::new(target().join("debug/link-matrix"));
    if let Some(client) = choice.client {
        player.arg("--client").arg(client.to_possible_value().context("a client without a name")?.get_name());
    }
    if let Some(row) = &choice.row {
        player.args(["--row", row]);
    }
    if choice.client.is_none() && choice.row.is_none() {
        player.arg("--page").arg(root().join("docs/LINK_MATRIX.md"));
    }
    let status = player.status().context("cannot play the matrix")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
