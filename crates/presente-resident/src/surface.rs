//! Forwards what the core tells to the window, the tray, the notification service and the rest of the desktop.

use crate::{autostart, commands, notifications::Notifier, tray::TrayIcon, window::Window};
use presente_core::{Command, Update, controller::Surface, problem::Problem};
use tokio::sync::{mpsc, oneshot, watch};

/// The desktop as the core sees it.
pub(crate) struct Desktop {
    pub(crate) window: Window,
    pub(crate) tray: TrayIcon,
    pub(crate) notifier: Box<dyn Notifier>,
    /// After how many minutes without a touch we count as away.
    pub(crate) auto_away: watch::Sender<u16>,
    /// What the desktop refused, for the core.
    pub(crate) refused: mpsc::UnboundedSender<Command>,
    /// Told when the core has ended.
    pub(crate) stopped: Option<oneshot::Sender<()>>,
}

impl Desktop {
    fn run(&self, argv: &[String], env: Vec<(&'static str, String)>) {
        if let Err(error) = commands::run(argv, env) {
            // Arguments may hold what is nobody's business.
            let program = argv.first().cloned().unwrap_or_default();
            tracing::warn!(%error, program, "a command that was set for an occasion cannot be run");
            let problem = Problem::CommandNotRun { program, reason: error.to_string() };
            let _ = self.refused.send(Command::Notice(problem));
        }
    }

    fn start_at_login(&self, wanted: bool) {
        if let Err(error) = autostart::set(wanted) {
            tracing::warn!(error = format!("{error:#}"), "starting with the session was not changed");
            let reason = error.root_cause().to_string();
            let _ = self.refused.send(Command::StartNotChanged(autostart::is_set(), reason));
        }
    }
}

impl Surface for Desktop {
    fn show(&mut self, update: Update) {
        match update {
            Update::View(view) => self.window.show(view),
            Update::Words(texts) => self.window.speak(&texts),
            Update::Tray(tray) => self.tray.show(*tray),
            Update::Notify(notification) => self.notifier.raise(notification),
            Update::Withdraw(tag) => self.notifier.withdraw(tag),
            Update::RunCommand { argv, env } => self.run(&argv, env),
            Update::StartAtLogin(wanted) => self.start_at_login(wanted),
            Update::AutoAway(minutes) => drop(self.auto_away.send_replace(minutes)),
            Update::Stopped => drop(self.stopped.take().map(|stopped| stopped.send(()))),
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
