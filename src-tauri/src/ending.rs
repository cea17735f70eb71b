//! The end of the app: signing out comes before it, and it is bounded.

use crate::local_server::InProcess;
use presente_core::{Command, Handle, controller::LEAVE_WITHIN};
use std::{sync::Arc, time::Duration};
use tauri::{AppHandle, Manager};

/// What stopping the server inside the app may take on top of signing out.
const STOP_SERVER_WITHIN: Duration = Duration::from_millis(2_000);

/// Signs out and ends. Whatever happens, the end comes.
pub(crate) fn quit(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        app.state::<Handle>().tell(Command::Shutdown).await;
        tokio::time::sleep(LEAVE_WITHIN + STOP_SERVER_WITHIN).await;
        tracing::warn!("ending without waiting any longer");
        app.exit(0);
    });
}

/// The core has ended: so does the app.
pub(crate) fn end(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        app.state::<Arc<InProcess>>().stop().await;
        app.exit(0);
    });
}

/// A session that ends sends a signal; so does who starts us from a terminal.
#[cfg(unix)]
pub(crate) fn quit_on_signal(app: &AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            match signal(kind) {
                Ok(mut signal) => {
                    signal.recv().await;
                    quit(&app);
                }
                Err(error) => tracing::warn!(%error, "a signal cannot be heard"),
            }
        });
    }
}

#[cfg(not(unix))]
pub(crate) fn quit_on_signal(_app: &AppHandle) {}
