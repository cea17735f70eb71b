//! Child processes: those that are waited for, and those that are ended by their number when they are no longer needed.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// How long a process may take to end after SIGTERM before it gets SIGKILL.
const TIME_TO_END: Duration = Duration::from_secs(5);

/// cargo, the one that runs this program.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(crate::root());
    cargo
}

/// Runs `command` to its end, its output shown as it comes.
///
/// # Errors
/// When it cannot be started or fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let name = name(command);
    let status = command.status().with_context(|| format!("cannot run {name}"))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// What `command` writes to standard output; `None` when it is not installed or fails.
pub(crate) fn answer(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a program is on the PATH.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Looks every 50 ms until `condition` gives something.
///
/// # Errors
/// After `timeout`, naming `what` was awaited.
pub(crate) fn until<T>(
    what: &str,
    timeout: Duration,
    mut condition: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let end = Instant::now() + timeout;
    loop {
        if let Some(found) = condition()? {
            return Ok(found);
        }
        if Instant::now() >= end {
            bail!("waited {timeout:?} in vain for {what}");
        }
        #[allow(clippy::disallowed_methods, reason = "one thread, which has nothing else to do")]
        thread::sleep(Duration::from_millis(50));
    }
}

/// A process that ends when this is dropped: SIGTERM, then SIGKILL.
#[derive(Debug)]
pub(crate) struct Running {
    name: String,
    child: Child,
}

impl Running {
    /// Starts `command`, whose standard streams are as it was told.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let name = name(command);
        let child = command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name, child })
    }

    /// Starts `command`, quiet but for its first line, which is handed over.
    pub(crate) fn start_and_read_line(command: &mut Command, timeout: Duration) -> Result<(Self, String)> {
        let mut running = Self::start(command.stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let lines = lines(running.child.stdout.take().context("its output is not at hand")?, |_| ());
        let line = lines.recv_timeout(timeout);
        let line = line.with_context(|| format!("{} says nothing", running.name))?;
        Ok((running, line))
    }

    /// The lines on standard error, each also shown as it comes.
    pub(crate) fn shown_errors(&mut self) -> Result<Receiver<String>> {
        let stderr = self.child.stderr.take().context("its errors are not at hand")?;
        Ok(lines(stderr, |line| println!("{line}")))
    }

    /// Fails when it has ended.
    pub(crate) fn must_run(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("{} ended too early ({status})", self.name);
        }
        Ok(())
    }

    /// Waits for its end; when `timeout` is over first, ends it.
    ///
    /// # Errors
    /// When it fails, or does not end when it is told to.
    pub(crate) fn wait(mut self, timeout: Option<Duration>) -> Result<()> {
        let status = match timeout {
            None => Some(self.child.wait()?),
            Some(timeout) => until("its end", timeout, || Ok(self.child.try_wait()?)).ok(),
        };
        match status {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("{} failed ({status})", self.name),
            None => self.end(),
        }
    }

    /// Asks it to end and sees that it does.
    pub(crate) fn end(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        // The shell's own `kill`: no program need be installed for it.
        let pid = self.child.id().to_string();
        let _ = Command::new("sh").args(["-c", r#"kill -s TERM "$1""#, "sh", &pid]).status();
        let ended = until(&format!("{} to end", self.name), TIME_TO_END, || Ok(self.child.try_wait()?));
        if ended.is_err() {
            self.child.kill()?;
            self.child.wait()?;
        }
        ended.map(drop)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// Reads lines in the background; `each` sees every one as it comes.
pub(crate) fn lines(
    source: impl Read + Send + 'static,
    mut each: impl FnMut(&str) + Send + 'static,
) -> Receiver<String> {
    let (to, from) = channel();
    thread::spawn(move || {
        let mut source = BufReader::new(source);
        let mut line = Vec::new();
        while source.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            line.clear();
            each(&text);
            // Reading goes on when nobody listens, or the process would be stuck.
            let _ = to.send(text);
        }
    });
    from
}

fn name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    program.file_name().unwrap_or(command.get_program()).to_string_lossy().into_owned()
}
