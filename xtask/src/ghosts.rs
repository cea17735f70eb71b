//! How long somebody who is gone is still shown: measured, and written down in docs/GHOSTS.md.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    child::{self, cargo},
    packages::{self, Need},
    root, target,
    test::install_node_packages,
};

/// What to measure; everything, 20 times each, unless told. Only the whole is written down.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// Only this case: client-killed, server-killed, node-killed or cable-cut.
    #[arg(long)]
    case: Option<String>,
    /// How often each is played.
    #[arg(long)]
    runs: Option<u32>,
}

/// Measures. The exit code says whether every bound holds.
///
/// # Errors
/// Something cannot be installed, built or played.
pub(crate) fn ghosts(choice: &Choice) -> Result<ExitCode> {
    packages::ensure(&[Need::Tests])?;
    install_node_packages()?;
    let packages =
        ["--package", "presente-server", "--package", "presente-cli", "--package", "presente-tests"];
    child::run(cargo().arg("build").args(packages).arg("--bins"))?;
    let mut player = Command::new(target().join("debug/ghost-bounds"));
    if let Some(case) = &choice.case {
        player.args(["--case", case]);
    }
    if let Some(runs) = choice.runs {
        player.args(["--runs", &runs.to_string()]);
    }
    if choice.case.is_none() && choice.runs.is_none() {
        player.arg("--page").arg(root().join("docs/GHOSTS.md"));
    }
    let status = player.status().context("cannot measure")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
