//! Runs the commands that people have set for an occasion. Never through a shell: what strangers are called stands in
//! variables, where no one reads it as a command.

use std::process::Stdio;
use tokio::process::Command;

/// Runs a program with these arguments and variables, and lets it be.
pub(crate) fn run(argv: &[String], env: Vec<(&'static str, String)>) {
    let Some((program, arguments)) = argv.split_first() else { return };
    let mut command = Command::new(program);
    command.args(arguments).envs(env).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.spawn() {
        // Waited for, so that nothing of it stays behind.
        Ok(mut child) => drop(tokio::spawn(async move { child.wait().await })),
        Err(error) => tracing::warn!(%error, program, "a command that was set for an occasion cannot be run"),
    }
}
