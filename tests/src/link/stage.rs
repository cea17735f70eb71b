//! One row's stage: a server, a fault proxy before it, and a client that is judged.

mod conclusion;

use std::{
    any::Any,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    ops::Range,
    sync::{
        LazyLock,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use rand::RngExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

use super::{Client, Figures, Talker, Way};
use crate::{
    faults::FaultProxy,
    node::node,
    process::Signal,
    wait::{PATIENCE, until},
};

/// How long being connected may take when nothing is wrong.
pub(super) const SOON: Duration = Duration::from_secs(5);
/// How long being back may take after a kick.
const AFTER_KICK: Duration = Duration::from_secs(2);
/// How long being back may take without one: the cap of the back-off, and the connecting itself.
const BY_ITSELF: Duration = Duration::from_secs(32);
/// What may be added to the heartbeat before silence is noticed.
const GRACE: Duration = Duration::from_secs(1);

/// The heartbeat of servers unless a row wants another, ms.
const PING_INTERVAL: u64 = 800;
const PING_TIMEOUT: u64 = 1200;

/// The heartbeat for rows about silence: quicker, so that these do not take long.
pub(super) const QUICK: (u64, u64) = (500, 700);

/// Where a row is played.
pub struct Stage {
    /// Who plays.
    pub client: Client,
    /// On which way.
    pub way: Way,
    /// What is measured.
    pub figures: Figures,
    /// For the files of a row.
    pub folder: TempDir,
    /// The row has ended the client, or it never was to be connected.
    pub ends_offline: bool,
    /// The proxy sees only encrypted bytes, so attempts cannot be counted.
    pub encrypted: bool,
    server_options: Value,
    port: u16,
    proxy: FaultProxy,
    server: Option<Talker>,
    subject: Option<Talker>,
    kicks: usize,
    kept: Vec<Box<dyn Any>>,
}

impl Stage {
    /// An empty stage: a proxy, and behind it a port at which nobody listens.
    ///
    /// # Errors
    /// No port or no folder could be had.
    pub async fn set(client: Client, way: Way) -> Result<Self> {
        let port = free_port()?;
        Ok(Self {
            client,
            way,
            figures: Figures::default(),
            folder: tempfile::tempdir()?,
            ends_offline: false,
            encrypted: false,
            server_options: Value::Null,
            port,
            proxy: FaultProxy::start(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?,
            server: None,
            subject: None,
            kicks: 0,
            kept: Vec::new(),
        })
    }

    /// The proxy before the server.
    #[must_use]
    pub fn proxy(&self) -> &FaultProxy {
        &self.proxy
    }

    /// Where the server listens, not the proxy.
    #[must_use]
    pub fn server_address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// The server.
    ///
    /// # Errors
    /// None was started.
    pub fn server(&mut self) -> Result<&mut Talker> {
        self.server.as_mut().context("there is no server")
    }

    /// The client that is judged.
    ///
    /// # Errors
    /// None was started.
    pub fn subject(&mut self) -> Result<&mut Talker> {
        self.subject.as_mut().context("there is no client")
    }

    /// Starts a server with these options (see `link-server.mjs`).
    ///
    /// # Errors
    /// It does not listen.
    pub async fn serve(&mut self, options: Value) -> Result<()> {
        self.server_options = options;
        self.serve_again().await
    }

    /// Starts a server with a quick heartbeat.
    ///
    /// # Errors
    /// It does not listen.
    pub async fn serve_quick(&mut self) -> Result<()> {
        let (interval, timeout) = QUICK;
        self.serve(json!({ "engine": { "pingInterval": interval, "pingTimeout": timeout } })).await
    }

    /// Starts the server where it was, as it was.
    ///
    /// # Errors
    /// It does not listen.
    pub async fn serve_again(&mut self) -> Result<()> {
        let mut options = self.server_options.clone();
        let fields = options.as_object_mut().context("options are an object")?;
        fields.insert("port".to_owned(), json!(self.port));
        let engine = fields.entry("engine").or_insert_with(|| json!({}));
        let engine = engine.as_object_mut().context("engine options are an object")?;
        engine.entry("pingInterval").or_insert(json!(PING_INTERVAL));
        engine.entry("pingTimeout").or_insert(json!(PING_TIMEOUT));
        let mut server = Talker::start("the server", &mut node("link-server.mjs")?, &options)?;
        server.next_of("listening", PATIENCE).await?;
        self.server = Some(server);
        Ok(())
    }

    /// Ends the server by SIGKILL.
    ///
    /// # Errors
    /// It does not end.
    pub async fn kill_server(&mut self) -> Result<()> {
        let most_live = self.most_live().await.unwrap_or_default();
        self.figures.most_live = self.figures.most_live.max(most_live);
        self.server()?.kill().await?;
        self.server = None;
        Ok(())
    }

    /// Sends the server a signal.
    ///
    /// # Errors
    /// It has ended.
    pub fn signal_server(&mut self, signal: Signal) -> Result<()> {
        self.server()?.process().signal(signal)
    }

    /// How long silence of this server may go unnoticed.
    #[must_use]
    pub fn patience(&self) -> Duration {
        let engine = &self.server_options["engine"];
        let millis = |name: &str, unless_told| engine[name].as_u64().unwrap_or(unless_told);
        GRACE
            + Duration::from_millis(
                millis("pingInterval", PING_INTERVAL) + millis("pingTimeout", PING_TIMEOUT),
            )
    }

    /// Starts the client. `with` adds to what it is told, or replaces it (see `link-subject.mjs`).
    ///
    /// # Errors
    /// It cannot be started.
    pub fn launch(&mut self, with: &Value) -> Result<()> {
        let mut options =
            json!({ "url": format!("http://{}", self.proxy.address()), "way": self.way.name() });
        if let (Some(options), Some(with)) = (options.as_object_mut(), with.as_object()) {
            options.extend(with.clone());
        }
        self.subject = Some(Talker::start(self.client.name(), &mut self.client.command()?, &options)?);
        Ok(())
    }

    /// Starts the client and waits until it is connected, on the transport that it is to end up with.
    ///
    /// # Errors
    /// It is not connected in time.
    pub async fn go_online(&mut self) -> Result<()> {
        self.go_online_with(&json!({})).await
    }

    /// As [`Self::go_online`], with options for the client.
    ///
    /// # Errors
    /// It is not connected in time.
    pub async fn go_online_with(&mut self, with: &Value) -> Result<()> {
        self.launch(with)?;
        let connected = self.connected(PATIENCE).await?;
        if self.way == Way::Upgrade && connected["transport"] == "polling" {
            self.subject()?.next_of("upgraded", SOON).await?;
        }
        Ok(())
    }

    /// Waits until the client says that it is connected.
    ///
    /// # Errors
    /// It does not within `timeout`.
    pub async fn connected(&mut self, timeout: Duration) -> Result<Value> {
        self.subject()?.next_of("connected", timeout).await
    }

    /// Waits until the client has noticed that its connection is over, which it must within `limit` of `since`.
    ///
    /// # Errors
    /// It has not.
    pub async fn notices(&mut self, since: Instant, limit: Duration) -> Result<()> {
        // Waited for longer, so that the figure is told even when it is too large.
        let closed = self.subject()?.next_of("closed", limit + Duration::from_secs(20)).await;
        closed.with_context(|| format!("the end was not noticed (allowed: {limit:?})"))?;
        let took = since.elapsed();
        Figures::note_longest(&mut self.figures.noticed, took);
        ensure!(took <= limit, "noticed after {:.1} s (allowed: {limit:?})", took.as_secs_f64());
        Ok(())
    }

    /// Resets what stands between the client and the server until the client has noticed. Over polling there are
    /// moments at which nothing does.
    ///
    /// # Errors
    /// The client has not noticed.
    pub async fn break_off(&mut self) -> Result<()> {
        let noticed = until("the client to notice a reset", SOON, async || {
            self.proxy().reset();
            let closed = self.subject().ok()?.unread("closed");
            (!closed.is_empty()).then_some(())
        });
        noticed.await
    }

    /// Waits until the client is connected again, without help; `since` is when that became possible.
    ///
    /// # Errors
    /// It is not within the cap of the back-off.
    pub async fn comes_back(&mut self, since: Instant) -> Result<Value> {
        let connected = self.connected(BY_ITSELF).await.context("not back by itself")?;
        Figures::note_longest(&mut self.figures.back, since.elapsed());
        Ok(connected)
    }

    /// Tells the client that the world has changed; it must be connected within 2 s.
    ///
    /// # Errors
    /// It is not.
    pub async fn comes_back_when_kicked(&mut self) -> Result<()> {
        self.kick()?;
        let since = Instant::now();
        self.connected(AFTER_KICK + PATIENCE).await.context("not back after a kick")?;
        let took = since.elapsed();
        Figures::note_longest(&mut self.figures.back_when_kicked, took);
        ensure!(took <= AFTER_KICK, "back {:.1} s after a kick (allowed: 2 s)", took.as_secs_f64());
        Ok(())
    }

    /// Tells the client that the world has changed, and waits for nothing.
    ///
    /// # Errors
    /// It has ended.
    pub fn kick(&mut self) -> Result<()> {
        // What it said before does not count as an answer to the kick.
        while self.subject()?.pass() {}
        self.kicks += 1;
        self.subject()?.order("kick", json!({}))
    }

    /// Waits for the server's next event to arrive at the client.
    ///
    /// # Errors
    /// It does not come.
    pub async fn event(&mut self, name: &str) -> Result<Value> {
        self.subject()?.next("event", PATIENCE, |word| word["event"] == name).await
    }

    /// Waits for the client's next event to arrive at the server.
    ///
    /// # Errors
    /// It does not come.
    pub async fn heard(&mut self, name: &str) -> Result<Value> {
        self.server()?.next("heard", PATIENCE, |word| word["event"] == name).await
    }

    /// Makes sure that the client never said this.
    ///
    /// # Errors
    /// It did.
    pub fn never(&mut self, kind: &str, why: &str) -> Result<()> {
        let first = self.subject()?.all(kind).next();
        ensure!(first.is_none(), "{why}: {}", first.unwrap_or(&Value::Null));
        Ok(())
    }

    /// Makes sure that nothing of this kind was said since the last word that was waited for.
    ///
    /// # Errors
    /// It was.
    pub fn nothing_since(&mut self, kind: &str, why: &str) -> Result<()> {
        let unread = self.subject()?.unread(kind);
        ensure!(unread.is_empty(), "{why}: {}", unread.first().unwrap_or(&Value::Null));
        Ok(())
    }

    /// Keeps something that has to live until the row is over.
    pub fn keep(&mut self, what: impl Any) {
        self.kept.push(Box::new(what));
    }

    /// Remembers something for the report.
    pub fn note(&mut self, what: impl Into<String>) {
        self.figures.notes.push(what.into());
    }

    async fn most_live(&mut self) -> Result<u64> {
        self.counts().await.map(|counts| counts["mostLive"].as_u64().unwrap_or_default())
    }

    /// How many connections the server has.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn counts(&mut self) -> Result<Value> {
        let server = self.server()?;
        server.order("counts", json!({}))?;
        server.next_of("counts", PATIENCE).await
    }

    /// Waits until the server has this many connections.
    ///
    /// # Errors
    /// It has another number after `timeout`.
    pub async fn live(&mut self, wanted: u64, timeout: Duration) -> Result<()> {
        let what = format!("{wanted} live connections at the server");
        let waited = until(&what, timeout, async || {
            let counts = self.counts().await.ok()?;
            (counts["live"] == wanted).then_some(())
        });
        waited.await
    }
}

/// Ports below those that the system hands out by itself: while a server is away, nobody else is given its port.
const PORTS: Range<u16> = 20_000..32_000;

/// A port that is free, and that no other stage of this process is given soon.
fn free_port() -> Result<u16> {
    static STEPS: AtomicU16 = AtomicU16::new(0);
    // Processes that play at the same time begin at different places.
    static FIRST: LazyLock<u16> = LazyLock::new(|| rand::rng().random_range(0..PORTS.end - PORTS.start));
    let count = PORTS.end - PORTS.start;
    let mut tried = (0..100).map(|_| {
        let step = STEPS.fetch_add(1, Ordering::Relaxed) % count;
        PORTS.start + (*FIRST + step) % count
    });
    tried.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()).context("no port is free")
}
