//! A child process that ends when its test does, and whose words are kept.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};

use crate::{
    process_tree::{Member, members_below},
    wait::{PATIENCE, until, until_with_state},
};

/// How long a process may take to end after SIGTERM before it gets SIGKILL: the app promises to sign out within 2 s.
const TIME_TO_END: Duration = Duration::from_secs(4);

/// How long the last words of a process that has ended are waited for.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A signal that tests send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM, as at the end of a session.
    Term,
    /// SIGINT, as by Ctrl+C.
    Interrupt,
    /// SIGKILL, as by a crash: nothing can be said any more.
    Kill,
    /// SIGSTOP: the process stays but does nothing, like a machine that sleeps.
    Stop,
    /// SIGCONT: it goes on.
    Continue,
    /// SIGHUP, by which some programs read their settings anew.
    Reload,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Interrupt => "INT",
            Self::Kill => "KILL",
            Self::Stop => "STOP",
            Self::Continue => "CONT",
            Self::Reload => "HUP",
        }
    }
}

/// Sends a signal to the process `pid` and to no other.
///
/// # Errors
/// When there is no such process, or it is somebody else's.
pub fn send_signal(pid: u32, signal: Signal) -> Result<()> {
    // The shell's own `kill`: no program need be installed for it, and no unsafe code written.
    let status = Command::new("sh")
        .args(["-c", r#"kill -s "$1" "$2""#, "sh", signal.name(), &pid.to_string()])
        .stderr(Stdio::null())
        .status()
        .context("cannot run sh to send a signal")?;
    if !status.success() {
        bail!("cannot send SIG{} to process {pid}: it is not there", signal.name());
    }
    Ok(())
}

/// What a process has said so far, line by line. Clones show the same lines.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    said: Arc<Mutex<Vec<String>>>,
    /// Nobody can say anything more.
    complete: Arc<AtomicBool>,
}

impl Lines {
    /// Everything so far.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Everything after the first `count` lines.
    #[must_use]
    pub fn since(&self, count: usize) -> Vec<String> {
        let lines = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        lines.get(count..).unwrap_or_default().to_vec()
    }

    /// Everything so far as one text, for messages and for looking for a secret in it.
    #[must_use]
    pub fn text(&self) -> String {
        self.all().join("\n")
    }

    /// The first line for which `fits` is true.
    pub fn find(&self, fits: impl FnMut(&String) -> bool) -> Option<String> {
        let mut fits = fits;
        self.all().into_iter().find(|line| fits(line))
    }

    /// Waits for a line that contains `part`.
    ///
    /// # Errors
    /// When none came within `timeout`; with the last lines that did come.
    pub async fn wait_for(&self, part: &str, timeout: Duration) -> Result<String> {
        until_with_state(&format!("a line with {part:?}"), timeout, async || {
            self.find(|line| line.contains(part)).ok_or_else(|| self.tail())
        })
        .await
    }

    fn is_complete(&self) -> bool {
        self.complete.load(Ordering::Acquire)
    }

    fn tail(&self) -> String {
        let all = self.all();
        all.get(all.len().saturating_sub(12)..).unwrap_or_default().join("\n")
    }

    fn read_from(source: impl Read + Send + 'static) -> Self {
        let lines = Self::default();
        let to = lines.clone();
        thread::spawn(move || {
            let mut source = BufReader::new(source);
            let mut line = Vec::new();
            while source.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                to.said.lock().unwrap_or_else(PoisonError::into_inner).push(text);
                line.clear();
            }
            to.complete.store(true, Ordering::Release);
        });
        lines
    }
}

/// A running child. When it is dropped it gets SIGTERM, later SIGKILL, and so does whatever it has started.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Lines,
    stderr: Lines,
}

impl Process {
    /// Starts `command`, with all three streams in the harness's hands. `name` is for messages.
    ///
    /// # Errors
    /// When the program cannot be started; the message says how to get what is missing.
    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        let mut child = command
            // Colours would stand between the words of a log that tests look for.
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {name}; `cargo xtask test` installs what tests need"))?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().map(Lines::read_from).unwrap_or_default();
        let stderr = child.stderr.take().map(Lines::read_from).unwrap_or_default();
        Ok(Self { name: name.to_owned(), child, stdin, stdout, stderr })
    }

    /// The process number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to standard output.
    #[must_use]
    pub fn stdout(&self) -> &Lines {
        &self.stdout
    }

    /// What it has written to standard error.
    #[must_use]
    pub fn stderr(&self) -> &Lines {
        &self.stderr
    }

    /// Waits for the first line on standard output, by which many programs say where they listen.
    ///
    /// # Errors
    /// When the process ends first, or says nothing in time; with what it wrote to standard error.
    pub async fn first_line(&mut self) -> Result<String> {
        let what = format!("the first line of {}", self.name);
        let line = until(&what, PATIENCE, async || {
            if let Some(line) = self.stdout.find(|_| true) {
                return Some(Ok(line));
            }
            let status = self.exit_status()?;
            Some(Err(anyhow!("{} ended ({status}) before its first line: {}", self.name, self.stderr.tail())))
        });
        line.await?
    }

    /// Writes one line to its standard input.
    ///
    /// # Errors
    /// When it no longer reads.
    pub fn write_line(&mut self, line: &str) -> Result<()> {
        let stdin = self.stdin.as_mut().with_context(|| format!("{}: its input is closed", self.name))?;
        writeln!(stdin, "{line}").and_then(|()| stdin.flush()).with_context(|| self.gone())
    }

    /// Closes its standard input.
    pub fn close_input(&mut self) {
        self.stdin = None;
    }

    fn gone(&self) -> String {
        format!("{} does not listen any more: {}", self.name, self.stderr.tail())
    }

    /// How it ended; `None` while it runs.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// When it has ended.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        send_signal(self.pid(), signal)
    }

    /// Waits for its end, and for what it said last.
    ///
    /// # Errors
    /// When it still runs after `timeout`.
    pub async fn ended(&mut self, timeout: Duration) -> Result<ExitStatus> {
        let what = format!("the end of {}", self.name);
        let status = until(&what, timeout, async || self.exit_status()).await?;
        // Its last words may still be on their way; children of its own may go on talking for ever.
        let read = || [&self.stdout, &self.stderr].into_iter().all(Lines::is_complete);
        let _ = until("its last words", LAST_WORDS, async || read().then_some(())).await;
        Ok(status)
    }

    /// Ends it politely (SIGTERM) and waits for that.
    ///
    /// # Errors
    /// When it does not end in time; dropping it then kills it.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        if let Some(status) = self.exit_status() {
            return Ok(status);
        }
        self.signal(Signal::Term)?;
        self.ended(TIME_TO_END).await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let started_by_it = members_below(self.pid());
        if self.exit_status().is_none() {
            // Stopped processes take no SIGTERM before they go on.
            let _ = self.signal(Signal::Term);
            let _ = self.signal(Signal::Continue);
            wait_blocking(TIME_TO_END, || self.exit_status().is_some());
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        end_all(&started_by_it);
    }
}

/// Ends what is left of a process's family, politely first.
fn end_all(members: &[Member]) {
    let alive = || members.iter().filter(|member| member.is_alive());
    for signal in [Signal::Term, Signal::Kill] {
        alive().for_each(|member| {
            let _ = send_signal(member.pid, signal);
        });
        if wait_blocking(TIME_TO_END, || alive().next().is_none()) {
            return;
        }
    }
}

/// Waits in a destructor, where nothing can be awaited. True when `done` came true.
fn wait_blocking(timeout: Duration, mut done: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + timeout;
    while !done() {
        if Instant::now() >= end {
            return false;
        }
        #[allow(clippy::disallowed_methods, reason = "a destructor cannot await")]
        thread::sleep(Duration::from_millis(10));
    }
    true
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    fn shell(script: &str) -> Process {
        Process::start("a shell", Command::new("sh").args(["-c", script])).unwrap()
    }

    #[tokio::test]
    async fn what_a_process_says_is_kept_and_what_it_is_told_arrives() {
        let mut echo = shell("echo ready; read line; echo \"heard $line\"; echo oops >&2");
        assert_eq!(echo.first_line().await.unwrap(), "ready");
        echo.write_line("this").unwrap();
        assert_eq!(echo.stdout().wait_for("heard", PATIENCE).await.unwrap(), "heard this");
        assert_eq!(echo.stderr().wait_for("oops", PATIENCE).await.unwrap(), "oops");
        assert!(echo.ended(PATIENCE).await.unwrap().success());
    }

    #[tokio::test]
    async fn who_waits_for_the_end_has_heard_the_last_words() {
        for _ in 0..20 {
            let mut talker = shell("seq 1000 >&2");
            talker.ended(PATIENCE).await.unwrap();
            assert_eq!(talker.stderr().all().len(), 1000);
        }
    }

    #[tokio::test]
    async fn a_process_that_ends_before_its_first_line_is_reported_with_its_last_words() {
        let error = shell("echo broken >&2; exit 3").first_line().await.unwrap_err().to_string();
        assert!(error.contains("a shell ended"), "{error}");
    }

    #[tokio::test]
    async fn a_dropped_process_takes_its_children_with_it_even_when_they_refuse_sigterm() {
        let mut parent = shell("sh -c 'trap \"\" TERM; echo child; while :; do sleep 0.1; done' & wait");
        parent.first_line().await.unwrap();
        let family = members_below(parent.pid());
        assert!(!family.is_empty());
        drop(parent);
        assert!(family.iter().all(|member| !member.is_alive()), "{family:?}");
    }
}
