//! Runs the clients against one server, each in a process of its own, in turns.

use crate::{Case, Figures, turns::Noise};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// How long one client may take for one case.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often the server pings where its clients are idle, ms: often enough for each to have been pinged.
const IDLE_PING: u64 = 2000;
/// How often it pings otherwise, ms: its default.
const PING: u64 = 25_000;

/// A client that takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contestant {
    /// Ours.
    PresenteLink,
    /// The Rust client of the field.
    RustSocketio,
    /// The reference client, in Node.
    SocketIoClient,
}

impl Contestant {
    /// All, ours first.
    pub const ALL: [Self; 3] = [Self::PresenteLink, Self::RustSocketio, Self::SocketIoClient];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PresenteLink => "presente-link",
            Self::RustSocketio => "rust_socketio 0.6",
            Self::SocketIoClient => "socket.io-client 4.8 (Node)",
        }
    }
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How often everything is done.
    pub rounds: u32,
    connections: u32,
    events: u32,
    rows: u32,
    idle: u32,
    idle_time: Duration,
    /// How long a quiet moment is waited for before each measurement; none if it does not matter.
    patience: Option<Duration>,
}

impl Plan {
    /// For figures that are to be shown.
    pub fn full(rounds: u32) -> Self {
        Self {
            rounds,
            connections: 200,
            events: 10_000,
            rows: 100_000,
            idle: 1000,
            idle_time: Duration::from_secs(5),
            patience: Some(Duration::from_secs(5)),
        }
    }

    /// For a look.
    pub fn quick() -> Self {
        Self { rounds: 1, connections: 50, idle: 200, idle_time: Duration::from_secs(3), ..Self::full(1) }
    }

    /// To see whether it works at all.
    pub fn smallest() -> Self {
        Self {
            rounds: 1,
            connections: 2,
            events: 2,
            rows: 2,
            idle: 2,
            idle_time: Duration::ZERO,
            patience: None,
        }
    }

    /// How many connections, events or rows a case has.
    pub fn count(&self, case: Case) -> u32 {
        match case {
            Case::Connect | Case::Upgrade => self.connections,
            Case::BurstDown | Case::BurstUp => self.events,
            Case::List => self.rows,
            Case::Idle => self.idle,
        }
    }
}

/// What the clients have measured in one case.
#[derive(Debug)]
pub struct Comparison {
    /// Which.
    pub case: Case,
    /// How many connections, events or rows.
    pub count: u32,
    /// Round by round: the figures in the order of [`Contestant::ALL`].
    pub rounds: Vec<[Figures; 3]>,
}

/// All of it.
#[derive(Debug)]
pub struct Outcome {
    /// Case by case.
    pub comparisons: Vec<Comparison>,
    /// What else the machine did.
    pub noise: Noise,
}

/// Where the programs of the clients and the scripts for Node are.
#[derive(Debug)]
pub struct Places {
    programs: PathBuf,
    scripts: PathBuf,
}

impl Places {
    /// Beside this program, and in the source tree.
    ///
    /// # Errors
    /// Something is not there.
    pub fn find() -> Result<Self> {
        let own = std::env::current_exe().context("this program does not know where it is")?;
        let programs = own.parent().context("a program outside of any folder")?.to_owned();
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../servers");
        ensure!(
            scripts.join("node_modules/socket.io").is_dir(),
            "the Node packages are not installed; `cargo xtask bench link` does it (or `npm ci` in tests/servers)"
        );
        Ok(Self { programs, scripts })
    }

    fn client(&self, contestant: Contestant) -> Command {
        match contestant {
            Contestant::PresenteLink => Command::new(self.programs.join("bench-presente-link")),
            Contestant::RustSocketio => Command::new(self.programs.join("bench-rust-socketio")),
            Contestant::SocketIoClient => self.node("bench-client.mjs"),
        }
    }

    fn node(&self, script: &str) -> Command {
        let mut node = Command::new("node");
        // The collector is called by hand before memory is looked at; Node would get round to it much later.
        node.arg("--expose-gc").arg(self.scripts.join(script)).current_dir(&self.scripts);
        node
    }
}

/// Measures these cases.
///
/// # Errors
/// A client or the server fails.
pub async fn compare(places: &Places, cases: &[Case], plan: &Plan) -> Result<Outcome> {
    let (server, idle_server) = (Server::start(places, PING).await?, Server::start(places, IDLE_PING).await?);
    let mut noise = Noise::default();
    let mut comparisons: Vec<Comparison> = cases
        .iter()
        .map(|case| Comparison { case: *case, count: plan.count(*case), rounds: Vec::new() })
        .collect();
    for round in 0..plan.rounds {
        for comparison in &mut comparisons {
            let server = if comparison.case == Case::Idle { &idle_server } else { &server };
            let figures = one_round(places, comparison.case, plan, server.port, &mut noise).await?;
            #[allow(clippy::print_stderr, reason = "a person waits, and wants to know for what")]
            {
                let [ours, theirs, node] = figures.map(|figures| (figures.cpu_us / 1000.0).round());
                let name = comparison.case.name();
                eprintln!("round {} {name}: {ours}, {theirs}, {node} ms of processor time", round + 1);
            }
            comparison.rounds.push(figures);
        }
    }
    noise.end()?;
    Ok(Outcome { comparisons, noise })
}

async fn one_round(
    places: &Places,
    case: Case,
    plan: &Plan,
    port: u16,
    noise: &mut Noise,
) -> Result<[Figures; 3]> {
    let mut figures = Vec::new();
    for contestant in Contestant::ALL {
        noise.wait(plan.patience).await?;
        let measured = measure(places, contestant, case, plan, port).await;
        figures.push(measured.with_context(|| format!("{}, {}", contestant.name(), case.name()))?);
    }
    figures.try_into().ok().context("a client is missing")
}

async fn measure(
    places: &Places,
    contestant: Contestant,
    case: Case,
    plan: &Plan,
    port: u16,
) -> Result<Figures> {
    let mut client = places.client(contestant);
    client.args([case.name(), &port.to_string(), &plan.count(case).to_string()]);
    client.arg(plan.idle_time.as_millis().to_string());
    client.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let output = timeout(PATIENCE, client.output()).await.context("it took too long")??;
    if !output.status.success() {
        bail!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).context("it told no figures")
}

/// The server; it ends when this is dropped.
struct Server {
    port: u16,
    _process: Child,
}

impl Server {
    async fn start(places: &Places, ping: u64) -> Result<Self> {
        #[derive(Deserialize)]
        struct Listening {
            port: u16,
        }
        let mut command = places.node("bench-server.mjs");
        command.arg(ping.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().context("cannot start Node")?;
        let output = process.stdout.take().context("its output is not at hand")?;
        let line = timeout(PATIENCE, BufReader::new(output).lines().next_line()).await??;
        let Listening { port } = serde_json::from_str(&line.context("the server ended at once")?)?;
        Ok(Self { port, _process: process })
    }
}
