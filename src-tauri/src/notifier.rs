//! Notifications by Tauri's plug-in, in a process that shows no window. The app speaks to the notification service itself;
//! this stays to be measured beside it.

use crate::resident::Resident;
use presente_core::page::process::FromWindow;
use tauri::{AppHandle, Manager, Runtime};
use tauri_plugin_notification::NotificationExt;

/// Passes on that a notification was clicked.
pub(crate) fn listen<R: Runtime>(app: &AppHandle<R>) {
    let handle = app.clone();
    let listening = app.notification().on_action(move |_| {
        let _ = handle.state::<Resident>().tell(&FromWindow::Clicked);
    });
    if let Err(error) = listening {
        tracing::warn!(%error, "clicks on notifications are not heard");
    }
}

/// Raises a notification.
pub(crate) fn raise<R: Runtime>(app: &AppHandle<R>, title: String, body: String) {
    match app.notification().builder().title(title).body(body).show() {
        Ok(()) => tracing::info!("notification raised"),
        Err(error) => tracing::warn!(%error, "a notification was not shown"),
    }
}
