//! How a client written in Rust is measured: the same work for each, in its own process, which tells its figures in
//! one line of JSON. `bench-client.mjs` does the same in Node.

use crate::{
    Case, Figures,
    meter::{Meter, allow_many_files},
};
use anyhow::{Context, Result, ensure};
use clap::Parser;
use serde::Serialize;
use std::time::Duration;
use tokio::{
    runtime::Handle,
    time::{Instant, sleep, timeout},
};

/// How long connections that were closed may take to be gone; what they do until then counts as processor time.
const TIME_TO_CLOSE: Duration = Duration::from_secs(1);
/// How often it is looked whether they are gone: seldom, because looking costs processor time too.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// The least that is done before measuring begins: one hundredth of it, but no less than this.
const WARM_UP: u32 = 10;

/// What a process is to measure.
#[derive(Debug, Clone, Parser)]
pub struct Task {
    /// What.
    pub case: Case,
    /// The server: its port on this machine.
    pub port: u16,
    /// How many connections, events or rows.
    pub count: u32,
    /// How long connections are left alone before their memory is looked at.
    #[arg(default_value_t = 0)]
    pub idle_ms: u64,
}

/// A client as its users would use it, with its default settings.
pub trait Client: Sized + Send + Sync + 'static {
    /// A connection whose namespace is connected.
    type Connection: Send;

    /// Prepares a client for the server at `url`.
    ///
    /// # Errors
    /// It cannot be set up.
    fn new(url: &str) -> Result<Self>;

    /// Connects; by polling, until the upgrade to WebSocket is done, or straight by WebSocket.
    fn connect(&self, upgrade: bool) -> impl Future<Output = Result<Self::Connection>> + Send;

    /// Asks for `count` events, and reads each of them.
    fn receive(
        &self,
        connection: &mut Self::Connection,
        count: u32,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Sends `count` events and waits until the server has counted them.
    fn send(&self, connection: &mut Self::Connection, count: u32) -> impl Future<Output = Result<()>> + Send;

    /// Asks for a list of `count` rows and reads it; says how many of them are connected.
    fn list(
        &self,
        connection: &mut Self::Connection,
        count: u32,
    ) -> impl Future<Output = Result<usize>> + Send;

    /// Closes.
    fn close(&self, connection: Self::Connection) -> impl Future<Output = Result<()>> + Send;
}

/// Asks the server for events or rows.
#[derive(Debug, Serialize)]
pub struct Wanted {
    /// How many.
    pub count: u32,
}

/// Does what the command line says, and tells the figures on standard output.
///
/// # Errors
/// The client or the server has failed.
pub async fn run<C: Client>() -> Result<()> {
    let task = Task::parse();
    allow_many_files()?;
    let client = C::new(&format!("http://127.0.0.1:{}", task.port))?;
    // In a task, as applications do it: what runs outside of one is woken at a higher price.
    let figures = tokio::spawn(async move { measure(&client, &task).await }).await??;
    #[allow(clippy::print_stdout, reason = "whoever started this program reads it there")]
    {
        println!("{}", serde_json::to_string(&figures)?);
    }
    Ok(())
}

async fn measure<C: Client>(client: &C, task: &Task) -> Result<Figures> {
    match task.case {
        Case::Connect => connect(client, task, false).await,
        Case::Upgrade => connect(client, task, true).await,
        Case::Idle => idle(client, task).await,
        Case::BurstDown | Case::BurstUp | Case::List => traffic(client, task).await,
    }
}

async fn connect<C: Client>(client: &C, task: &Task, upgrade: bool) -> Result<Figures> {
    for _ in 0..WARM_UP.min(task.count) {
        client.close(client.connect(upgrade).await?).await?;
    }
    let before = settled(0).await;
    let mut meter = Meter::begin()?;
    for _ in 0..task.count {
        client.close(client.connect(upgrade).await?).await?;
    }
    meter.stop_clock();
    settled(before).await;
    meter.end()
}

async fn traffic<C: Client>(client: &C, task: &Task) -> Result<Figures> {
    let mut connection = client.connect(false).await?;
    exchange(client, &mut connection, task.case, WARM_UP.max(task.count / 100)).await?;
    let meter = Meter::begin()?;
    exchange(client, &mut connection, task.case, task.count).await?;
    let figures = meter.end();
    client.close(connection).await?;
    figures
}

async fn exchange<C: Client>(
    client: &C,
    connection: &mut C::Connection,
    case: Case,
    count: u32,
) -> Result<()> {
    match case {
        Case::BurstDown => client.receive(connection, count).await,
        Case::BurstUp => client.send(connection, count).await,
        _ => {
            let connected = client.list(connection, count).await?;
            // Every other person is, as the server makes them up.
            let expected = usize::try_from(count.div_ceil(2)).context("too many rows")?;
            ensure!(connected == expected, "{connected} people are connected, not {expected}");
            Ok(())
        }
    }
}

async fn idle<C: Client>(client: &C, task: &Task) -> Result<Figures> {
    let mut connections = Vec::new();
    for _ in 0..WARM_UP {
        connections.push(client.connect(false).await?);
    }
    let idle = Duration::from_millis(task.idle_ms);
    sleep(idle).await;
    let meter = Meter::begin()?;
    for _ in 0..task.count {
        connections.push(client.connect(false).await?);
    }
    sleep(idle).await;
    let figures = meter.end();
    for connection in connections {
        client.close(connection).await?;
    }
    figures
}

/// Waits until no more than `tasks` tasks are left of connections that were closed; says how many there are.
async fn settled(tasks: usize) -> usize {
    let metrics = Handle::current().metrics();
    let until = Instant::now() + TIME_TO_CLOSE;
    while metrics.num_alive_tasks() > tasks && Instant::now() < until {
        sleep(BETWEEN_LOOKS).await;
    }
    metrics.num_alive_tasks()
}

/// Gives `future` a minute: a client that hangs is to be named.
///
/// # Errors
/// It was not enough.
pub async fn patiently<T>(what: &str, future: impl Future<Output = T>) -> Result<T> {
    let within = Duration::from_secs(60);
    timeout(within, future).await.with_context(|| format!("waited {within:?} in vain for {what}"))
}
