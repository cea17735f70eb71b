//! Runs the commands that people have set for an occasion. Never through a shell: what strangers are called stands in
//! variables, where no one reads it as a command.

use std::{io, process::Stdio};
use tokio::process::Command;

/// Runs a program with these arguments and variables, and lets it be.
///
/// # Errors
/// It cannot be started.
pub(crate) fn run(argv: &[String], env: Vec<(&'static str, String)>) -> io::Result<()> {
    let Some((program, arguments)) = argv.split_first() else { return Ok(()) };
    let mut command = Command::new(program);
    command.args(arguments).envs(env).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    // Waited for, so that nothing of it stays behind.
    tokio::spawn(async move { child.wait().await });
    Ok(())
}
