//! A PostgreSQL server of a test's own.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::{Nobody, at_some_port, output, program, ready};
use crate::{
    process::{Process, Signal, send_signal},
    process_tree::members_below,
    wait::{PATIENCE, until},
};

/// The role and the database that tests use.
const NAME: &str = "presente";

/// How it says that it can be asked.
const READY: &str = "database system is ready to accept connections";

/// A running PostgreSQL with a folder of its own, which comes back at the same port.
#[derive(Debug)]
pub struct Postgres {
    process: Process,
    port: u16,
    installation: Installation,
    data: TempDir,
}

impl Postgres {
    /// Makes a cluster with an empty database and waits until it can be asked.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub async fn start() -> Result<Self> {
        let installation = Installation::find()?;
        let data = TempDir::with_prefix("presente-postgres-")?;
        if let Some(nobody) = installation.nobody {
            nobody.own(data.path())?;
        }
        let mut initdb = installation.command("initdb", data.path());
        initdb.args(["--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--username", NAME]);
        tokio::task::spawn_blocking(move || output(&mut initdb)).await??;
        let start = async |port| launch(&installation, data.path(), port).await;
        let (process, port) = at_some_port(start).await?;
        let postgres = Self { process, port, installation, data };
        postgres.create_database(NAME).await?;
        Ok(postgres)
    }

    /// The database as `postgres://…`
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of(NAME)
    }

    /// Another database of the same server as `postgres://…`
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://{NAME}@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes another database, for a test beside another on the same server.
    ///
    /// # Errors
    /// When there is one of that name.
    pub async fn create_database(&self, name: &str) -> Result<()> {
        self.ask_of("postgres", &format!("CREATE DATABASE \"{name}\"")).await.map(drop)
    }

    /// What SQL answers: a line for each row, its columns separated by `|`.
    ///
    /// # Errors
    /// When the server is away, or refuses.
    pub async fn ask(&self, sql: &str) -> Result<String> {
        self.ask_of(NAME, sql).await
    }

    async fn ask_of(&self, database: &str, sql: &str) -> Result<String> {
        let mut psql = Command::new(self.installation.programs.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set", "ON_ERROR_STOP=1"]);
        psql.args(["--dbname", &self.url_of(database), "--command", sql]);
        Ok(tokio::task::spawn_blocking(move || output(&mut psql)).await??.trim_end().to_owned())
    }

    /// Ends it: SIGINT closes connections and the database (in the words of PostgreSQL, a fast shutdown); SIGKILL is
    /// a machine that loses its power.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop(&mut self, signal: Signal) -> Result<()> {
        let family = members_below(self.process.pid());
        self.process.signal(signal)?;
        if signal == Signal::Kill {
            // Without power nobody goes on, and a new server refuses to start beside what is left of the old one.
            for member in family.iter().filter(|member| member.is_alive()) {
                let _ = send_signal(member.pid, Signal::Kill);
            }
        }
        self.process.ended(PATIENCE).await?;
        let all_gone = async || family.iter().all(|member| !member.is_alive()).then_some(());
        until("all of PostgreSQL to end", PATIENCE, all_gone).await
    }

    /// Starts it again after [`stop`](Self::stop), with the same data at the same port.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn start_again(&mut self) -> Result<()> {
        self.process = launch(&self.installation, self.data.path(), self.port).await?;
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGTERM, which a dropped process gets, would wait for every client to go.
        let _ = self.process.signal(Signal::Interrupt);
    }
}

/// The programs, and who runs them.
#[derive(Debug)]
struct Installation {
    programs: PathBuf,
    /// PostgreSQL refuses to run as root.
    nobody: Option<Nobody>,
}

impl Installation {
    fn find() -> Result<Self> {
        Ok(Self { programs: programs()?, nobody: Nobody::if_root()? })
    }

    /// A program for the cluster in `data`, to be run by whom it accepts.
    fn command(&self, program: &str, data: &Path) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.arg("-D").arg(data).current_dir(data).env("LC_ALL", "C");
        if let Some(nobody) = self.nobody {
            nobody.run(&mut command);
        }
        command
    }
}

/// The folder of the programs. Debian keeps every version in its own, away from the `PATH`; the newest is taken.
fn programs() -> Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = versions.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let programs = entry.path().join("bin");
        programs.join("initdb").is_file().then_some((version, programs))
    });
    if let Some((_, programs)) = versions.max() {
        return Ok(programs);
    }
    let initdb = program("initdb");
    if !initdb.is_file() {
        bail!("PostgreSQL is not installed; `cargo xtask test compat` does it");
    }
    initdb.parent().map(Path::to_owned).context("initdb without a folder")
}

async fn launch(installation: &Installation, data: &Path, port: u16) -> Result<Process> {
    let mut command = installation.command("postgres", data);
    command.arg("-p").arg(port.to_string());
    for setting in [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=100",
        // The machine itself never loses power here, and what was written survives the process. Commits are
        // still written before they are answered: no `synchronous_commit=off`.
        "fsync=off",
        "full_page_writes=off",
    ] {
        command.args(["-c", setting]);
    }
    let mut process = Process::start("PostgreSQL", &mut command)?;
    let said = process.stderr().clone();
    ready("PostgreSQL", &mut process, &said, READY).await?;
    Ok(process)
}
