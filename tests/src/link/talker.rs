//! A process that speaks JSON lines: commands in, words out, each read once and in order.

use std::{process::Command, time::Duration};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::{
    process::{Process, Signal},
    wait::{PATIENCE, until_with_state},
};

/// How many of the last words an error tells.
const LAST_WORDS: usize = 6;

/// A process that is spoken with. It ends when this is dropped.
#[derive(Debug)]
pub struct Talker {
    name: &'static str,
    process: Process,
    words: Vec<Value>,
    /// How many words were looked at by [`Self::next`].
    passed: usize,
}

impl Talker {
    /// Starts a process and tells it what to be like. Nothing of that is on its command line.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(name: &'static str, command: &mut Command, options: &Value) -> Result<Self> {
        let mut process = Process::start(name, command)?;
        process.write_line(&options.to_string())?;
        Ok(Self { name, process, words: Vec::new(), passed: 0 })
    }

    /// Gives it a command: `order("emit", json!({"event": "x"}))`.
    ///
    /// # Errors
    /// It has ended.
    pub fn order(&mut self, name: &str, mut with: Value) -> Result<()> {
        if let Some(fields) = with.as_object_mut() {
            fields.insert("do".to_owned(), json!(name));
        }
        self.process.write_line(&with.to_string())
    }

    /// The process, to send it signals.
    #[must_use]
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Waits for the next word of this kind that fits; those before it are passed over.
    ///
    /// # Errors
    /// After `timeout`, or when the process has ended; with the last words.
    pub async fn next(
        &mut self,
        kind: &str,
        timeout: Duration,
        mut fits: impl FnMut(&Value) -> bool,
    ) -> Result<Value> {
        let what = format!("{kind:?} from {}", self.name);
        let found = until_with_state(&what, timeout, async || {
            let ended = self.read();
            while let Some(word) = self.words.get(self.passed) {
                self.passed += 1;
                if word["kind"] == kind && fits(word) {
                    return Ok(Ok(word.clone()));
                }
            }
            if ended { Ok(Err(self.last_words())) } else { Err(self.last_words()) }
        });
        match found.await? {
            Ok(word) => Ok(word),
            Err(last) => bail!("{} has ended; its last words: {last}", self.name),
        }
    }

    /// Passes over one word; false when there is none.
    pub fn pass(&mut self) -> bool {
        self.read();
        let is_there = self.passed < self.words.len();
        self.passed += usize::from(is_there);
        is_there
    }

    /// How it ended; `None` while it runs.
    pub fn has_ended(&mut self) -> Option<String> {
        let status = self.process.exit_status()?;
        Some(format!("{status}; its last words: {}", self.last_words()))
    }

    /// Waits for the next word of this kind.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub async fn next_of(&mut self, kind: &str, timeout: Duration) -> Result<Value> {
        self.next(kind, timeout, |_| true).await
    }

    /// Waits for the event `marker`, before which nothing of these kinds may come.
    ///
    /// # Errors
    /// Something of these kinds came, or the event did not.
    pub async fn undisturbed_until(
        &mut self,
        kinds: &[&str],
        marker: &str,
        timeout: Duration,
    ) -> Result<Value> {
        let from = self.passed;
        let found = self.next("event", timeout, |word| word["event"] == marker).await?;
        let between = self.words.get(from..self.passed).unwrap_or_default().iter();
        let mut wrong = between.filter(|word| kinds.iter().any(|kind| word["kind"] == *kind));
        match wrong.next() {
            Some(word) => bail!("it said {word}"),
            None => Ok(found),
        }
    }

    /// The words of this kind that nobody has waited for yet; they are not passed over.
    pub fn unread(&mut self, kind: &str) -> Vec<Value> {
        self.read();
        let unread = self.words.get(self.passed..).unwrap_or_default();
        unread.iter().filter(|word| word["kind"] == kind).cloned().collect()
    }

    /// All words of this kind so far.
    pub fn all(&mut self, kind: &str) -> impl Iterator<Item = &Value> {
        self.read();
        self.words.iter().filter(move |word| word["kind"] == kind)
    }

    /// What was said last, without what is large.
    #[must_use]
    pub fn last_words(&self) -> String {
        let from = self.words.len().saturating_sub(LAST_WORDS);
        let words = self.words.get(from..).unwrap_or_default().iter();
        let told: Vec<String> = words.map(|word| word.to_string().chars().take(200).collect()).collect();
        let complaints: String = self.process.stderr().text().chars().take(600).collect();
        format!("{} {complaints}", told.join(" ")).trim().to_owned()
    }

    /// Reads what has come; true when nothing more will.
    fn read(&mut self) -> bool {
        // Asked before the lines are read, so that its last ones are among them.
        let ended = self.process.exit_status().is_some();
        let lines = self.process.stdout().since(self.words.len());
        self.words.extend(lines.iter().map(|line| {
            serde_json::from_str(line).unwrap_or_else(|_| json!({ "kind": "unreadable", "line": line }))
        }));
        ended
    }

    /// Kills it (SIGKILL) and waits until it is gone.
    ///
    /// # Errors
    /// It does not end.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.signal(Signal::Kill)?;
        self.process.ended(PATIENCE).await.map(drop)
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// It does not end.
    pub async fn ended(&mut self) -> Result<()> {
        self.process.ended(PATIENCE).await.map(drop)
    }
}
