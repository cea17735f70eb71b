//! An X server: its screen saver extension knows when it was touched last.

use super::idle::Ask;
use std::{sync::Arc, time::Duration};
use tokio::task::spawn_blocking;
use x11rb::{
    connection::{Connection, RequestConnection},
    protocol::{
        screensaver::{self, ConnectionExt},
        xproto::Window,
    },
    rust_connection::RustConnection,
};

/// A connection to the server of `DISPLAY`.
pub(super) struct X11 {
    server: Arc<Server>,
}

struct Server {
    connection: RustConnection,
    root: Window,
}

impl X11 {
    /// Connects; `None` where there is no server, or it does not know.
    pub(super) async fn connect() -> Option<Self> {
        let server = spawn_blocking(Server::connect).await.ok()??;
        Some(Self { server: Arc::new(server) })
    }
}

impl Ask for X11 {
    async fn idle(&self) -> Option<Duration> {
        let server = self.server.clone();
        // A server that is busy must not keep anything else from going on.
        spawn_blocking(move || server.idle()).await.ok()?
    }
}

impl Server {
    fn connect() -> Option<Self> {
        let (connection, screen) = x11rb::connect(None).ok()?;
        connection.extension_information(screensaver::X11_EXTENSION_NAME).ok()??;
        let root = connection.setup().roots.get(screen)?.root;
        Some(Self { connection, root })
    }

    fn idle(&self) -> Option<Duration> {
        let info = self.connection.screensaver_query_info(self.root).ok()?.reply().ok()?;
        Some(Duration::from_millis(info.ms_since_user_input.into()))
    }
}
