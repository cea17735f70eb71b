//! The window's life: it opens when its process starts, and its process ends when it is closed.

use crate::{asks, notifier, resident::Resident, sight};
use anyhow::{Context, Result, bail};
use presente_core::{
    page::process::{self, FromWindow, ToWindow},
    texts::Texts,
};
use presente_resident::{NO_DISPLAY, OTHER_VERSION, VERSION_FLAG, log_to_stderr};
use std::{
    io::Write,
    os::{
        fd::AsFd,
        unix::{fs::FileTypeExt, net::UnixStream},
    },
    process::ExitCode,
};
use tauri::{App, AppHandle, Manager, RunEvent, WebviewUrl, WebviewWindowBuilder, WindowEvent};

/// The label that the access rules know the window by.
const LABEL: &str = "main";
const SIZE: (f64, f64) = (360.0, 640.0);
const SMALLEST: (f64, f64) = (320.0, 480.0);

/// Shows the window until it is closed.
pub fn run() -> ExitCode {
    log_to_stderr("warn,presente_app=info");
    if gtk::init().is_err() {
        say(&Texts::of_system().get("problem-no-display"));
        return ExitCode::from(NO_DISPLAY);
    }
    if starter().is_some_and(|version| version != env!("CARGO_PKG_VERSION")) {
        return ExitCode::from(OTHER_VERSION);
    }
    let shows_window = !std::env::args().any(|argument| argument == "--notifier");
    match socket().and_then(|socket| build(socket, shows_window)) {
        Ok(app) => ExitCode::from(u8::try_from(app.run_return(on_run_event)).unwrap_or(1)),
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// The version of the program that has started us.
fn starter() -> Option<String> {
    std::env::args().skip_while(|argument| argument != VERSION_FLAG).nth(1)
}

/// Nobody may be there to read it.
fn say(sentence: &str) {
    let _ = writeln!(std::io::stderr(), "{sentence}");
}

/// The socket to the process that has started us: our standard input.
fn socket() -> Result<UnixStream> {
    let file = std::fs::File::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    if !file.metadata()?.file_type().is_socket() {
        bail!("this is the window of Presente, which opens it by itself: start `presente`");
    }
    Ok(UnixStream::from(std::os::fd::OwnedFd::from(file)))
}

#[expect(
    clippy::disallowed_methods,
    reason = "Tauri's macro ends the process where its own context is broken"
)]
fn build(socket: UnixStream, shows_window: bool) -> Result<App> {
    let hears = socket.try_clone()?;
    let resident = Resident::new(socket)?;
    asks::builder(tauri::Builder::default(), resident.clone())
        .plugin(tauri_plugin_notification::init())
        .on_window_event(|window, event| match event {
            WindowEvent::Destroyed => window.app_handle().exit(0),
            WindowEvent::Resized(_) | WindowEvent::Focused(_) => {
                let is_minimised = window.is_minimized().unwrap_or(false);
                let _ = window.state::<Resident>().tell(&FromWindow::Minimised(is_minimised));
            }
            _ => {}
        })
        .setup(move |app| {
            listen(app.handle().clone(), hears, resident);
            if shows_window {
                open(app.handle())?;
            } else {
                notifier::listen(app.handle());
            }
            Ok(())
        })
        .build(tauri::generate_context!())
        .context("the window cannot be opened")
}

fn open(app: &AppHandle) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Presente")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .build()
        .map(drop)
}

/// Hears what the other process says until it is gone; then there is nothing left to show.
fn listen(app: AppHandle, mut hears: UnixStream, resident: Resident) {
    std::thread::spawn(move || {
        loop {
            match process::read::<ToWindow>(&mut hears) {
                Ok(Some(word)) => {
                    if let Some(word) = resident.hear(word) {
                        obey(&app, word);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "what has the core is not understood");
                    break;
                }
            }
        }
        app.exit(0);
    });
}

fn obey(app: &AppHandle, word: ToWindow) {
    match word {
        ToWindow::Close => app.exit(0),
        ToWindow::Raise => {
            // Of a window that is only just opening nothing is known before the main loop has heard of it.
            let app = app.clone();
            gtk::glib::idle_add_once(move || raise(&app));
        }
        ToWindow::Notify { title, body } => notifier::raise(app, title, body),
        ToWindow::Frame(_) | ToWindow::Picture { .. } => {}
    }
}

fn raise(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let raised = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    if let Err(error) = raised.and_then(|()| sight::bring_into(&window)) {
        tracing::warn!(%error, "the window does not come to the front");
    }
}

fn on_run_event(_app: &AppHandle, event: RunEvent) {
    // Without a window there is nothing to close; only `exit` ends us.
    if let RunEvent::ExitRequested { code: None, api, .. } = event {
        api.prevent_exit();
    }
}
