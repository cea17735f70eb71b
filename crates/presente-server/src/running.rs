//! Starting and stopping: puts the parts together and takes them apart again.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use socketioxide::SocketIo;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    accounts::Accounts,
    census,
    clock::Clock,
    config::Config,
    demo, edge,
    error::{Refusal, StartError},
    heart::{Beating, Heart},
    http,
    limits::HouseRules,
    mail,
    metrics::Metrics,
    ops,
    password::Passwords,
    protocol_suite,
    serve::{self, Listening},
    snapshot::{self, Snapshots},
    socket::{self, Hall},
    store::Store,
    web,
};

/// How long sockets may take to close.
const SOCKETS_CLOSE: Duration = Duration::from_millis(500);
/// How long the tasks, and after them the database, may take to end.
const END: Duration = Duration::from_millis(700);

/// A server that runs. [`Running::stop`] ends it in good order; dropping it only ends its tasks.
pub struct Running {
    addr: SocketAddr,
    io: SocketIo,
    store: Store,
    beating: Option<Beating>,
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

/// Starts a server. When this returns, it listens.
///
/// # Errors
/// A [`StartError`] whose sentence says what happened and what to do about it.
pub async fn start(config: Config) -> Result<Running, StartError> {
    let clock = Clock::system();
    let listener = listen(config.addr).await?;
    let addr = listener.local_addr().map_err(|source| StartError::Address { addr: config.addr, source })?;
    let store = Store::connect(&config, clock.clone()).await?;
    let unreadable = |error: &dyn ToString| Store::unusable(&config, error.to_string());

    let metrics = Metrics::default();
    let listening = Arc::new(Listening::new(&config, metrics.clone()));
    let (layer, io) = socket::prepare(&config);
    let heart = Heart::new(&config, store.clone(), &io, &clock, &metrics).await?;
    let register = Arc::clone(&heart.register);
    let passwords = Passwords::new().map_err(|error| StartError::Internal(error.to_string()))?;
    let ops = census::ops(&config, &heart, &store, &io, &passwords, &listening, &metrics);
    let (letters, carrier) = mail::open(&config)?.unzip();
    let accounts = Arc::new(Accounts::new(&config, store.clone(), Arc::clone(&register), passwords, letters));
    // Among several servers the demo people may be somebody else's.
    if config.redis.is_none() {
        demo::forget_sessions(&store).await.map_err(|error| unreadable(&error))?;
    }
    register.restore(config.open).await.map_err(|error| unreadable(&error))?;
    if config.seed_demo {
        demo::seed(&accounts).await.map_err(|error| match error {
            Refusal::Store(error) => unreadable(&error),
            other => StartError::Internal(other.to_string()),
        })?;
    }
    let routes = http::routes(Arc::clone(&accounts), config.read_timeout, metrics.clone());
    let routes = if config.protocol_suite {
        protocol_suite::serve(&io);
        protocol_suite::with_engine(routes, &config)
    } else {
        socket::serve(&io, hall(&config, &heart, clock, &metrics));
        routes.merge(snapshot::routes(snapshots(&config, &heart, &metrics)))
    };
    let router = routes
        .layer(layer)
        // After that layer, which would take all of /socket.io/.
        .merge(web::routes())
        .merge(ops::routes(Arc::new(ops)));
    let router = edge::around(router, &config, &metrics)?;

    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    let beating = heart.beat(&mut tasks, &stop);
    if let Some(carrier) = carrier {
        tasks.spawn(carrier.run(stop.clone()));
    }
    if config.seed_demo {
        tasks.spawn(demo::run(accounts, config.demo_pause, config.demo_seed, stop.clone()));
    }
    tasks.spawn(serve::run(listener, router, listening, stop.clone()));
    Ok(Running { addr, io, store, beating: Some(beating), tasks, stop })
}

/// What the sockets share.
fn hall(config: &Config, heart: &Heart, clock: Clock, metrics: &Metrics) -> Hall {
    Hall {
        register: Arc::clone(&heart.register),
        fan_out: Arc::clone(&heart.fan_out),
        board: Arc::clone(&heart.board),
        rules: HouseRules::new(metrics.clone()),
        clock,
        open: config.open,
        greeting: config.greeting.clone(),
        next_socket: AtomicU64::new(0),
    }
}

/// What the snapshot's route shares.
fn snapshots(config: &Config, heart: &Heart, metrics: &Metrics) -> Arc<Snapshots> {
    Arc::new(Snapshots {
        board: Arc::clone(&heart.board),
        register: Arc::clone(&heart.register),
        metrics: metrics.clone(),
        open: config.open,
        latest: Mutex::default(),
    })
}

impl Running {
    /// Where the server listens; with its real port when port 0 was asked for.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops the server within two seconds: tells the clients, closes the sockets, lets requests end, writes the
    /// database out.
    pub async fn stop(mut self) {
        let beating = self.beating.take();
        if let Some(beating) = &beating {
            beating.say_bye().await;
        }
        self.stop.cancel();
        if tokio::time::timeout(SOCKETS_CLOSE, self.io.close()).await.is_err() {
            tracing::debug!("some sockets did not close in time");
        }
        let ended =
            tokio::time::timeout(END, async { while self.tasks.join_next().await.is_some() {} }).await;
        if ended.is_err() {
            tracing::debug!("some tasks did not end in time");
            self.tasks.abort_all();
        }
        let closed = tokio::time::timeout(END, async {
            if let Some(beating) = beating {
                beating.end().await;
            }
            self.store.close().await;
        });
        if closed.await.is_err() {
            tracing::warn!("the database did not close in time");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn listen(addr: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(addr).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::PortTaken { addr },
        _ => StartError::Address { addr, source },
    })
}
