//! A server under measurement: a process of its own, with everybody's account.

use super::{
    Contestant,
    people::{PASSWORD_HASH, Person},
};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// How long a server may take to start, to collect its garbage, or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server. It ends when this is dropped.
#[derive(Debug)]
pub struct Host {
    contestant: Contestant,
    address: SocketAddr,
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _folder: TempDir,
}

impl Host {
    /// Starts one where all of these have accounts and each may have so many `sockets`, or as many as it lets them
    /// have by itself.
    ///
    /// # Errors
    /// It is not built or installed, or does not say where it listens.
    pub async fn start(contestant: Contestant, people: &[Person], sockets: Option<u32>) -> Result<Self> {
        let folder = TempDir::with_prefix("presente-bench-")?;
        let command = match contestant {
            Contestant::Node => node(folder.path(), people)?,
            Contestant::Unchanged | Contestant::Own => ours(folder.path(), people, sockets).await?,
        };
        Self::run(contestant, command, folder).await
    }

    /// Starts ours, where who signs in is online without a socket.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_open(people: &[Person]) -> Result<Self> {
        let folder = TempDir::with_prefix("presente-bench-")?;
        let mut command = ours(folder.path(), people, None).await?;
        command.arg("--open");
        Self::run(Contestant::Own, command, folder).await
    }

    async fn run(contestant: Contestant, mut command: Command, folder: TempDir) -> Result<Self> {
        // What it logs is nobody's business, unless somebody asks for it.
        let log = if std::env::var_os("RUST_LOG").is_some() { Stdio::inherit() } else { Stdio::null() };
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
        let mut process = command.spawn().context("the server cannot be started")?;
        let input = process.stdin.take().context("its input is not at hand")?;
        let output = process.stdout.take().context("its output is not at hand")?;
        let mut output = BufReader::new(output).lines();
        let line = timeout(PATIENCE, output.next_line()).await??.context("the server ended at once")?;
        let address = line.split_once("http://").map(|(_, address)| address.parse());
        let address = address.with_context(|| format!("it says no address: {line}"))??;
        Ok(Self { contestant, address, process, input, output, _folder: folder })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The processor time that it has taken so far, all threads and the system's work for it.
    ///
    /// # Errors
    /// It has ended, or the system does not tell.
    pub fn cpu(&self) -> Result<Duration> {
        let stat = self.told("stat")?;
        cpu(&stat, rustix::param::clock_ticks_per_second()).context("the system tells it in other words")
    }

    /// Its memory, after it has collected its garbage, if it has any; KiB.
    ///
    /// # Errors
    /// It has ended, or the system does not tell.
    pub async fn memory(&mut self) -> Result<f64> {
        if self.contestant == Contestant::Node {
            self.input.write_all(b"collect\n").await?;
            let line = timeout(PATIENCE, self.output.next_line()).await??;
            ensure!(line.as_deref() == Some("collected"), "asked to collect it says {line:?}");
        }
        let rollup = self.told("smaps_rollup")?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).context("no PSS is told")?;
        line.trim().trim_end_matches(" kB").parse().context("the PSS is no number")
    }

    fn told(&self, what: &str) -> Result<String> {
        let pid = self.process.id().context("the server has ended")?;
        fs::read_to_string(format!("/proc/{pid}/{what}")).context("the system does not tell")
    }

    /// Ends it.
    ///
    /// # Errors
    /// It had ended by itself.
    pub async fn end(mut self) -> Result<()> {
        ensure!(self.process.try_wait()?.is_none(), "the server has ended by itself");
        Ok(self.process.kill().await?)
    }
}

fn node(folder: &Path, people: &[Person]) -> Result<Command> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../servers");
    ensure!(
        scripts.join("node_modules/socket.io").is_dir(),
        "the Node packages are not installed; `cargo xtask bench server` does it (or `npm ci` in tests/servers)"
    );
    let accounts = folder.join("people.json");
    fs::write(&accounts, serde_json::to_vec(people)?)?;
    let mut command = Command::new("node");
    // The collector is called by hand before memory is looked at; Node would get round to it much later.
    command.arg("--expose-gc").arg(scripts.join("bench-reference.mjs")).arg(accounts);
    Ok(command)
}

/// Beside this program.
fn program() -> Result<PathBuf> {
    let own = std::env::current_exe().context("this program does not know where it is")?;
    let folder = own.parent().context("a program outside of any folder")?;
    let program = folder.join("presente-server").with_extension(std::env::consts::EXE_EXTENSION);
    ensure!(program.is_file(), "{} is not built; `cargo xtask bench server` does it", program.display());
    Ok(program)
}

async fn ours(folder: &Path, people: &[Person], sockets: Option<u32>) -> Result<Command> {
    let program = program()?;
    let accounts = folder.join("accounts.jsonl");
    fs::write(&accounts, copy_of_accounts(people))?;
    let restored =
        Command::new(&program).arg("restore").arg("--data").arg(folder).arg(accounts).output().await?;
    ensure!(restored.status.success(), "no accounts: {}", String::from_utf8_lossy(&restored.stderr).trim());
    let mut command = Command::new(program);
    command.args(["--addr", "127.0.0.1:0", "--data"]).arg(folder);
    // All clients come from a few addresses here.
    for limit in ["SOCKETS_PER_ADDRESS", "CONNECTIONS", "CONNECTIONS_PER_ADDRESS", "SIGN_INS_PER_MINUTE"] {
        command.env(format!("PRESENTE_{limit}"), "100000");
    }
    if let Some(sockets) = sockets {
        command.args(["--sockets-per-user", &sockets.to_string()]);
    }
    Ok(command)
}

/// The accounts as `presente-server backup` would have written them.
fn copy_of_accounts(people: &[Person]) -> String {
    let head = json!({ "presenteAccounts": 1, "count": people.len() });
    let lines = people.iter().map(|person| {
        json!({
            "id": person.id(), "email": person.email, "firstName": person.first_name, "lastName": person.last_name,
            "passwordHash": PASSWORD_HASH, "verifyCode": person.id(), "verified": true, "disabled": false,
            "invisible": false, "statusLine": "", "createdAt": 0, "lastOnline": null,
        })
    });
    std::iter::once(head).chain(lines).map(|line| format!("{line}\n")).collect()
}

/// The fields `utime` and `stime`, which are the 14th and the 15th; the name in the second may hold anything.
pub(crate) fn cpu(stat: &str, ticks_per_second: u64) -> Option<Duration> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut ticks = rest.split(' ').skip(11).map(str::parse::<u64>);
    let total = ticks.next()?.ok()? + ticks.next()?.ok()?;
    Some(Duration::from_millis(total * 1000 / ticks_per_second.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_time_is_read_whatever_the_program_is_called() {
        let stat = "7 (a) 1 (b) S 1 7 7 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 1 0 9 1000 10";
        assert_eq!(cpu(stat, 100), Some(Duration::from_secs(2)));
        assert_eq!(cpu("7 (node) S", 100), None);
    }
}
