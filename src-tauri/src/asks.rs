//! What the page may ask for: the words of [`Ask`] and nothing else. Each is handed on and answers nothing itself,
//! but that the window is to close: that is ours.

use crate::{pictures, resident::Resident};
use presente_core::page::{Ask, process::FromWindow};
use tauri::{Builder, Runtime, State, WebviewWindow, ipc::Channel};

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "commands take their state by value")]
fn attach(
    resident: State<'_, Resident>,
    channel: Channel<String>,
    from: usize,
    len: usize,
) -> Result<(), String> {
    resident.attach(channel);
    resident.tell(&FromWindow::Asked(Ask::Attach { from, len }, None))
}

#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "commands take their state by value")]
fn ask<R: Runtime>(
    window: WebviewWindow<R>,
    resident: State<'_, Resident>,
    ask: Ask,
    change: Option<u64>,
) -> Result<(), String> {
    match ask {
        // As by its frame: that the process ends tells the other one.
        Ask::CloseWindow => window.close().map_err(|error| error.to_string()),
        // Only with a channel is there anything to attach.
        Ask::Attach { .. } => Err("a page attaches with its channel".to_owned()),
        ask => resident.tell(&FromWindow::Asked(ask, change)),
    }
}

/// The part of the window that the page can reach.
pub fn builder<R: Runtime>(builder: Builder<R>, resident: Resident) -> Builder<R> {
    pictures::serve(builder).manage(resident).invoke_handler(tauri::generate_handler![attach, ask])
}

#[cfg(test)]
#[path = "asks_tests.rs"]
mod tests;
