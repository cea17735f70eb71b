//! `presente-cli watch --json` as a script sees it: lines in order, an exit code, words on standard error.

use anyhow::Result;
use presente_tests::{
    binaries::{self, binary},
    node::SeedUser,
    process::{Process, Signal},
    wait::{PATIENCE, until_with_state},
};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    sync::atomic::{AtomicU32, Ordering},
};

/// The program, with the password in its environment.
pub(crate) fn command(url: &str, user: &SeedUser) -> Command {
    let mut command = Command::new(binary(binaries::CLI).unwrap());
    command.args(["watch", "--server", url, "--email", &user.email, "--json"]);
    command.env("PRESENTE_PASSWORD", &user.password).env("LC_ALL", "en_GB.UTF-8");
    at_home(&mut command);
    command
}

/// Gives a program folders of its own: what one run remembers must not tell another.
pub(crate) fn at_home(command: &mut Command) -> PathBuf {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let run = format!("home-{}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::Relaxed));
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(run);
    // Numbers of processes come again.
    let _ = std::fs::remove_dir_all(&home);
    command.env("HOME", &home).env_remove("XDG_CONFIG_HOME").env_remove("XDG_CACHE_HOME");
    home
}

/// A running watch. What it says is read in order.
pub(crate) struct Watch {
    process: Process,
    read: usize,
}

impl Watch {
    /// Starts it and waits for its first roster.
    pub(crate) async fn start(url: &str, user: &SeedUser) -> (Self, Vec<Value>) {
        let mut watch = Self::launch(&mut command(url, user));
        let contacts = watch.roster().await;
        (watch, contacts)
    }

    /// Starts it and waits for nothing.
    pub(crate) fn launch(command: &mut Command) -> Self {
        Self { process: Process::start("presente-cli watch", command).unwrap(), read: 0 }
    }

    /// The next line that fits; those before it are passed over.
    pub(crate) async fn next(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.try_next(what, fits).await.unwrap()
    }

    /// The same where somebody else says what it means that none came.
    pub(crate) async fn try_next(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Result<Value> {
        until_with_state(what, PATIENCE, async || {
            let lines = self.process.stdout().all();
            while let Some(line) = lines.get(self.read) {
                self.read += 1;
                let line: Value = serde_json::from_str(line).expect("every line is one JSON object");
                assert!(
                    line["at"].as_str().is_some_and(|at| at.ends_with('Z')),
                    "a time in every line: {line}"
                );
                if fits(&line) {
                    return Ok(line);
                }
            }
            Err(format!("{}\n{}", lines.join("\n"), self.process.stderr().text()))
        })
        .await
    }

    pub(crate) async fn roster(&mut self) -> Vec<Value> {
        let line = self.next("a roster", |line| line["event"] == "roster").await;
        line["contacts"].as_array().unwrap().clone()
    }

    pub(crate) async fn connection(&mut self, state: &str) -> Value {
        self.next(state, |line| line["event"] == "connection" && line["state"] == state).await
    }

    /// Waits until somebody comes (`online`) or goes (`offline`).
    pub(crate) async fn change(&mut self, event: &str, email: &str) -> Value {
        let what = format!("{email} {event}");
        let fits = |line: &Value| line["event"] == event && line["contact"]["email"] == email;
        let contact = self.next(&what, fits).await["contact"].clone();
        assert_eq!(contact["online"], json!(event == "online"), "{contact}");
        contact
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.process.stdout().all()
    }

    pub(crate) fn complaints(&self) -> String {
        self.process.stderr().text()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        self.process.signal(signal).unwrap();
    }

    pub(crate) async fn ended(&mut self) -> Result<ExitStatus> {
        self.process.ended(PATIENCE).await
    }
}
