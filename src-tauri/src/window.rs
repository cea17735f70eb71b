//! The one window. It is built when it is opened and destroyed when it is closed: a hidden webview would keep
//! its memory, and the core can show everything again at once.

use tauri::{AppHandle, Manager, Runtime, WebviewUrl, WebviewWindowBuilder};

/// The label that the access rules know the window by.
pub(crate) const LABEL: &str = "main";
const SIZE: (f64, f64) = (360.0, 640.0);
const SMALLEST: (f64, f64) = (320.0, 480.0);

/// Opens the window, or brings the open one to the front.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>) {
    let handle = app.clone();
    let opened = app.run_on_main_thread(move || {
        if let Err(error) = open_here(&handle) {
            tracing::error!(%error, "the window cannot be opened");
        }
    });
    if let Err(error) = opened {
        tracing::error!(%error, "the window cannot be opened");
    }
}

fn open_here<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    if let Some(window) = app.get_webview_window(LABEL) {
        window.show()?;
        window.unminimize()?;
        return window.set_focus();
    }
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Presente")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .build()
        .map(drop)
}

/// Opens the window unless it is open.
pub(crate) fn open_if_closed<R: Runtime>(app: &AppHandle<R>) {
    if app.get_webview_window(LABEL).is_none() {
        open(app);
    }
}
