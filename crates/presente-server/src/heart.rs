//! The heart: everything between the doors and the database that decides who is online, put together.

use std::{sync::Arc, time::Duration};

use secrecy::ExposeSecret as _;
use socketioxide::SocketIo;
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    board::Board,
    bus::{Bus, RedisBus, RedisTasks},
    clock::Clock,
    cluster::{Envelope, NodeId},
    config::Config,
    error::StartError,
    fan_out::FanOut,
    metrics::Metrics,
    presence::Bounds,
    recorder::Recorder,
    register::{Lives, Parts, Register},
    store::Store,
};

/// How long the last words to the other nodes may take.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What decides who is online, before its tasks run.
pub(crate) struct Heart {
    pub(crate) board: Arc<Board>,
    pub(crate) fan_out: Arc<FanOut>,
    pub(crate) register: Arc<Register>,
    recorder: Arc<Recorder>,
    heard: Option<mpsc::Receiver<Envelope>>,
    bus: Option<RedisTasks>,
}

/// Its tasks while they run.
pub(crate) struct Beating {
    fan_out: Arc<FanOut>,
    register: Arc<Register>,
    recorder: Arc<Recorder>,
    bus: JoinSet<()>,
    stop_bus: CancellationToken,
}

impl Heart {
    /// Puts the parts together, and connects to the other nodes if there are to be any.
    ///
    /// # Errors
    /// The bus cannot be reached.
    pub(crate) async fn new(
        config: &Config,
        store: Store,
        io: &SocketIo,
        clock: &Clock,
        metrics: &Metrics,
    ) -> Result<Self, StartError> {
        let (bus, heard, tasks) = match &config.redis {
            None => (Bus::Alone, None, None),
            Some(url) => {
                let connected = RedisBus::connect(url.expose_secret(), metrics.clone()).await;
                let (bus, tasks, heard) = connected.map_err(|error| StartError::Bus(error.to_string()))?;
                (Bus::Redis(bus), Some(heard), Some(tasks))
            }
        };
        let board = Arc::new(Board::new());
        let windows = (config.push_window, config.delta_window);
        let fan_out = Arc::new(FanOut::new(
            io.clone(),
            Arc::clone(&board),
            windows,
            config.view_threshold,
            metrics.clone(),
        ));
        let recorder =
            Arc::new(Recorder::new(store.clone(), Arc::clone(&board), clock.clone(), metrics.clone()));
        let parts = Parts {
            store,
            board: Arc::clone(&board),
            fan_out: Arc::clone(&fan_out),
            recorder: Arc::clone(&recorder),
            bus,
            id: NodeId::new(config.node_name.as_deref().unwrap_or("node")),
            clock: clock.clone(),
        };
        let bounds = Bounds { grace: config.grace, sockets_per_user: config.limits.sockets_per_user };
        let lives = Lives {
            token: config.token_life,
            listen: config.listen_life,
            restart_grace: config.restart_grace,
        };
        let register = Arc::new(Register::new(parts, bounds, lives));
        Ok(Self { board, fan_out, register, recorder, heard, bus: tasks })
    }

    /// Starts the tasks; all but the bus end by `stop`.
    pub(crate) fn beat(self, tasks: &mut JoinSet<()>, stop: &CancellationToken) -> Beating {
        let Self { fan_out, register, recorder, heard, bus: bus_tasks, .. } = self;
        let stop_bus = CancellationToken::new();
        let mut bus = JoinSet::new();
        if let Some(running) = bus_tasks {
            bus.spawn(running.run(stop_bus.clone()));
        }
        let (out, stopped) = (Arc::clone(&fan_out), stop.clone());
        tasks.spawn(async move { out.run(stopped).await });
        let (writer, stopped) = (Arc::clone(&recorder), stop.clone());
        tasks.spawn(async move { writer.run(stopped).await });
        let (clock, stopped) = (Arc::clone(&register), stop.clone());
        tasks.spawn(async move { clock.run_clock(stopped).await });
        let (nodes, stopped) = (Arc::clone(&register), stop.clone());
        tasks.spawn(async move { nodes.run_nodes(heard, stopped).await });
        let (revocations, stopped) = (Arc::clone(&register), stop.clone());
        tasks.spawn(async move { revocations.run_revocations(stopped).await });
        Beating { fan_out, register, recorder, bus, stop_bus }
    }
}

impl Beating {
    /// The server stops: tells everybody who understands it.
    pub(crate) async fn say_bye(&self) {
        self.fan_out.say_bye().await;
        self.register.leave();
    }

    /// After everything else has ended: writes down that our people are gone, and says so to the other nodes.
    pub(crate) async fn end(mut self) {
        if let Err(error) = self.recorder.write().await {
            tracing::warn!(%error, "presence could not be cleared in the database");
        }
        self.stop_bus.cancel();
        let ended = tokio::time::timeout(LAST_WORDS, async { while self.bus.join_next().await.is_some() {} });
        if ended.await.is_err() {
            tracing::warn!("the other nodes could not be told in time that this one stops");
        }
    }
}
