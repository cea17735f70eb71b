//! Starting and stopping: puts the parts together and takes them apart again.

use std::{io, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use axum::middleware;
use socketioxide::SocketIo;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    accounts::Accounts,
    clock::Clock,
    config::Config,
    demo,
    error::{Refusal, StartError},
    fan_out::FanOut,
    http, origin,
    password::Passwords,
    register::{Lives, Register},
    serve, socket,
    store::Store,
};

const DATABASE: &str = "presente.db";
/// How long sockets may take to close.
const SOCKETS_CLOSE: Duration = Duration::from_millis(500);
/// How long the tasks, and after them the database, may take to end.
const END: Duration = Duration::from_millis(700);

/// A server that runs. [`Running::stop`] ends it in good order; dropping it only ends its tasks.
pub struct Running {
    addr: SocketAddr,
    io: SocketIo,
    store: Store,
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
    let store = open_store(&config.data, clock.clone()).await?;
    let unreadable = |error: &dyn ToString| StartError::Database {
        path: config.data.join(DATABASE),
        reason: error.to_string(),
    };

    let (layer, io) = socket::prepare(&config);
    let fan_out = Arc::new(FanOut::new(io.clone(), config.push_window));
    let lives = Lives { token: config.token_life, listen: config.listen_life };
    let register =
        Arc::new(Register::new(store.clone(), Arc::clone(&fan_out), config.grace, lives, clock.clone()));
    let passwords = Passwords::new().map_err(|error| StartError::Internal(error.to_string()))?;
    let accounts = Arc::new(Accounts {
        store: store.clone(),
        register: Arc::clone(&register),
        passwords,
        open: config.open,
    });
    demo::forget_sessions(&store).await.map_err(|error| unreadable(&error))?;
    register.restore(config.open).await.map_err(|error| unreadable(&error))?;
    if config.seed_demo {
        demo::seed(&accounts).await.map_err(|error| match error {
            Refusal::Store(error) => unreadable(&error),
            other => StartError::Internal(other.to_string()),
        })?;
    }
    socket::serve(&io, Arc::clone(&register), Arc::clone(&fan_out), clock, config.open);
    let router = http::routes(Arc::clone(&accounts), config.read_timeout)
        .layer(layer)
        .layer(middleware::from_fn(origin::guard));

    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn({
        let stop = stop.clone();
        async move { fan_out.run(stop).await }
    });
    tasks.spawn({
        let stop = stop.clone();
        async move { register.run_clock(stop).await }
    });
    if config.seed_demo {
        tasks.spawn(demo::run(accounts, config.demo_pause, config.demo_seed, stop.clone()));
    }
    tasks.spawn(serve::run(listener, router, config.read_timeout, stop.clone()));
    Ok(Running { addr, io, store, tasks, stop })
}

impl Running {
    /// Where the server listens; with its real port when port 0 was asked for.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops the server within two seconds: closes the sockets, lets requests end, writes the database out.
    pub async fn stop(mut self) {
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
            if let Err(error) = self.store.reset_connected().await {
                tracing::warn!(%error, "presence could not be cleared in the database");
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

async fn open_store(folder: &Path, clock: Clock) -> Result<Store, StartError> {
    prepare_folder(folder).map_err(|source| StartError::Folder { path: folder.to_owned(), source })?;
    let path = folder.join(DATABASE);
    let store = Store::open(&path, clock)
        .await
        .map_err(|error| StartError::Database { path: path.clone(), reason: error.to_string() })?;
    keep_private(&path).map_err(|source| StartError::Folder { path: folder.to_owned(), source })?;
    Ok(store)
}

/// Creates the folder and makes sure that files can be created in it, which the database itself would
/// report in less clear words.
fn prepare_folder(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let probe = folder.join(format!(".presente-{}", std::process::id()));
    std::fs::File::create(&probe)?;
    std::fs::remove_file(&probe)
}

/// Password hashes and people's addresses are nobody else's business on this computer.
#[cfg(unix)]
fn keep_private(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    for suffix in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::set_permissions(&name, std::fs::Permissions::from_mode(0o600)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// On Windows a folder in the user's profile is private already.
#[cfg(not(unix))]
fn keep_private(_: &Path) -> io::Result<()> {
    Ok(())
}
