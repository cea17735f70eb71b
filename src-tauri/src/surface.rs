//! Forwards what the core tells to the page, the tray and the notification service.

use crate::{ending, notifications, page::Page, tray};
use presente_core::{
    Update,
    controller::Surface,
    view::{Screen, View},
};
use tauri::{AppHandle, Manager};

/// The desktop as the core sees it.
pub(crate) struct Desktop {
    app: AppHandle,
    roster_was_shown: bool,
}

impl Desktop {
    pub(crate) fn new(app: AppHandle) -> Self {
        Self { app, roster_was_shown: false }
    }

    fn send_to_page(&mut self, view: View) {
        let shows_people = view.screen == Screen::Roster && !view.roster.rows.is_empty();
        if shows_people && !std::mem::replace(&mut self.roster_was_shown, true) {
            tracing::info!("roster shown");
        }
        self.app.state::<Page>().send(view);
    }
}

impl Surface for Desktop {
    fn show(&mut self, update: Update) {
        match update {
            Update::View(view) => self.send_to_page(*view),
            Update::Tray(tray) => tray::show(&self.app, *tray),
            Update::Notify(notification) => notifications::raise(&self.app, notification),
            Update::Stopped => ending::end(&self.app),
            Update::Connection { account, state, reason, details } => {
                let why = details.last_reason.as_deref();
                let account = account.number();
                tracing::info!(account, ?state, reason, why, attempts = details.attempts, "connection");
            }
            Update::Rejected { problem, .. } => tracing::info!(code = problem.code(), "sign-in rejected"),
            Update::Trouble { problem, .. } => tracing::info!(code = problem.code(), "trouble"),
            Update::Renamed { .. }
            | Update::Roster(..)
            | Update::Presence(..)
            | Update::Changed(..)
            | Update::Message(..)
            | Update::Delivery { .. } => {}
        }
    }
}
