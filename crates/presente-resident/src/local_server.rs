//! The server inside the app.

use async_trait::async_trait;
use presente_core::{LocalServer, server_url::ServerUrl};
use presente_server::{Config, Running, StartError};
use std::{net::SocketAddr, path::PathBuf};
use tempfile::TempDir;
use tokio::sync::Mutex;

/// The port it asks for, so that its address stays the same; any other where this one is taken.
const PORT: u16 = 4747;

/// Runs `presente-server` in this process, at most once.
pub(crate) struct InProcess {
    data: PathBuf,
    demo: bool,
    running: Mutex<Option<Running>>,
    /// A demo's data, which goes when the server stops.
    temporary: Mutex<Option<TempDir>>,
}

impl InProcess {
    /// A server that keeps its data in this folder.
    pub(crate) fn new(data: PathBuf) -> Self {
        Self { data, demo: false, running: Mutex::new(None), temporary: Mutex::new(None) }
    }

    /// A server with demo people that keeps nothing.
    pub(crate) fn demo(folder: TempDir) -> Self {
        let data = folder.path().to_owned();
        Self { data, demo: true, running: Mutex::new(None), temporary: Mutex::new(Some(folder)) }
    }

    /// Stops it, if it runs.
    pub(crate) async fn stop(&self) {
        if let Some(running) = self.running.lock().await.take() {
            running.stop().await;
        }
        self.temporary.lock().await.take();
    }

    async fn launch(&self) -> Result<Running, StartError> {
        let config = |port| {
            let mut config = Config::new(SocketAddr::from(([127, 0, 0, 1], port)), &self.data);
            config.seed_demo = self.demo;
            config
        };
        if self.demo {
            return presente_server::start(config(0)).await;
        }
        match presente_server::start(config(PORT)).await {
            Err(StartError::PortTaken { .. }) => presente_server::start(config(0)).await,
            other => other,
        }
    }
}

#[async_trait]
impl LocalServer for InProcess {
    async fn start(&self) -> Result<ServerUrl, String> {
        let mut running = self.running.lock().await;
        let addr = match running.as_ref() {
            Some(running) => running.addr(),
            None => {
                let started = self.launch().await.map_err(|error| error.to_string())?;
                running.insert(started).addr()
            }
        };
        ServerUrl::parse(&format!("http://{addr}")).map_err(|error| error.to_string())
    }
}
