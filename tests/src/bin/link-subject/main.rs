//! The links of the core as subjects of the matrix: `link-subject --link presente-link|rust_socketio`.
//!
//! Speaks the same JSON lines as `link-subject.mjs`. A supervisor and a link in a loop, as the account's machine has
//! them: what a generation says after a newer one has begun is not heard.

#![allow(clippy::indexing_slicing, reason = "a JSON value is null where it is asked for what it has not")]

mod arguments;
mod options;
mod subject;

use std::io::{BufRead, Write};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::sync::mpsc;

use subject::Subject;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some("--link"), Some(link)) = (arguments.next().as_deref(), arguments.next()) else {
        bail!("usage: link-subject --link presente-link|rust_socketio");
    };
    let mut lines = std::io::stdin().lock().lines();
    let options = serde_json::from_str(&lines.next().context("no options")??)?;
    drop(lines);
    // Not the default runtime: a machine with many processors would hide what a busy worker holds up.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let mut subject = Subject::new(&link, options)?;
        subject.live(commands()).await
    })?;
    // What a link leaves to be done in the background does not keep the process.
    runtime.shutdown_background();
    Ok(())
}

/// Every line of standard input from now on; it ends when nobody gives orders any more.
fn commands() -> mpsc::UnboundedReceiver<Value> {
    let (give, commands) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Some(command) = line.ok().and_then(|line| serde_json::from_str(&line).ok()) else { return };
            if give.send(command).is_err() {
                return;
            }
        }
    });
    commands
}

/// Says one line. Nobody listening is no reason to stop.
fn say(word: &Value) {
    let _ = writeln!(std::io::stdout().lock(), "{word}");
}
