//! Where the programs under test are.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// The desktop app.
pub const APP: &str = "presente";
/// Its window, which it starts by itself.
pub const WINDOW: &str = "presente-window";
/// The server.
pub const SERVER: &str = "presente-server";
/// The client in a terminal.
pub const CLI: &str = "presente-cli";
/// The links of the core as subjects of the matrix.
pub const SUBJECT: &str = "link-subject";
/// A client of the field that stands on `rust_socketio`.
pub const RUST_SOCKETIO: &str = "rust-socketio-client";
/// The server with the echo of the protocol suites.
pub const PROTOCOL_SUITE: &str = "protocol-suite-server";

/// The program `name` (one of those above), as built last into the folder that these tests were built into.
///
/// # Errors
/// When it was not built.
pub fn binary(name: &str) -> Result<PathBuf> {
    let tests = std::env::current_exe().context("a test program does not know where it is")?;
    // target/debug/deps/this-test or target/debug/this-program: true for every target folder and profile, however
    // they were chosen.
    let beside = tests.parent().context("a test program outside of a target folder")?;
    let built = if beside.ends_with("deps") { beside.parent().unwrap_or(beside) } else { beside };
    let path = built.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    if !path.is_file() {
        bail!(
            "{} is not there; `cargo xtask test` builds everything and then runs the tests",
            path.display()
        );
    }
    Ok(path)
}
