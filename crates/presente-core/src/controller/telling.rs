//! Says what happened: to the page and the tray as whole views, to people as notifications, to programs as updates.

use super::{After, ConnectionState, Controller, Notification, Update};
use crate::{
    account::Report,
    alerts::Arrival,
    connection::State,
    problem::Problem,
    profile::{Message, MessageKind},
    roster::{Change, ChangeKind},
    screen,
    texts::Arg,
    view::isolated,
};

impl Controller {
    pub(super) fn detach(&mut self) {
        self.attached = false;
        self.shown_view = None;
        if !self.model.settings.told_close_to_tray {
            self.model.settings.told_close_to_tray = true;
            self.save_settings();
            let title = self.texts.get("notice-close-to-tray");
            let body = self.texts.get("notice-close-to-tray-body");
            self.surface.show(Update::Notify(Notification { title, body }));
        }
    }

    pub(super) fn notice(&mut self, problem: Problem) {
        if !self.model.notices.iter().any(|notice| notice.code() == problem.code()) {
            self.model.notices.push(problem);
        }
    }

    pub(super) fn reject(&mut self, problem: Problem) {
        let sentence = problem.sentence(&self.texts);
        self.model.draft.busy = false;
        self.model.draft.signing_up = false;
        self.model.draft.problem = Some(problem.clone());
        self.surface.show(Update::Rejected { problem, sentence });
    }

    pub(super) fn on_report(&mut self, report: Report) {
        match report {
            Report::SessionOpened => self.on_session_opened(),
            Report::SessionClosed => {
                if let Some(account) = &self.model.account {
                    self.model.settings.closed(&account.session());
                    self.save_settings();
                }
            }
            Report::Rejected(problem) => {
                self.reject(problem);
                if let Some(account) = &self.model.account {
                    self.model.draft.server = account.target.server.to_string();
                    self.model.draft.email = account.me.email.clone();
                }
                // The server may hold a session all the same, where it is the socket that was refused.
                self.leave(After::Drop);
            }
            Report::List { is_first, changes, arrival } => {
                if is_first {
                    self.tell_roster();
                } else {
                    self.tell_changes(changes);
                }
                if let Some(arrival) = arrival {
                    self.notify_arrival(&arrival);
                }
            }
            Report::Message(message) => self.on_message(message),
        }
    }

    fn tell_roster(&mut self) {
        self.show_connection();
        let Some(account) = &self.model.account else { return };
        let contacts: Vec<_> = account.roster.contacts().cloned().collect();
        tracing::info!(contacts = contacts.len(), "roster received");
        self.surface.show(Update::Roster(contacts));
    }

    fn tell_changes(&mut self, changes: Vec<Change>) {
        for change in changes.into_iter().filter(|change| change.kind != ChangeKind::Changed) {
            self.surface.show(Update::Presence(change.contact));
        }
    }

    fn on_message(&mut self, message: Message) {
        if message.kind == MessageKind::Announcement && !message.from.is_empty() {
            let from = isolated(&message.from);
            let title = self.texts.with("message-from", &[("name", Arg::from(&from))]);
            self.surface.show(Update::Notify(Notification { title, body: message.text.clone() }));
        }
        self.surface.show(Update::Message(message));
    }

    fn notify_arrival(&mut self, arrival: &Arrival) {
        let name = isolated(&arrival.contact.name);
        let title = match arrival.others {
            0 => self.texts.with("alert-one", &[("name", Arg::from(&name))]),
            others => self
                .texts
                .with("alert-several", &[("name", Arg::from(&name)), ("others", Arg::Count(others))]),
        };
        let body =
            self.model.account.as_ref().map(|account| account.target.server.label()).unwrap_or_default();
        self.surface.show(Update::Notify(Notification { title, body }));
    }

    /// Shows what has become different since it was shown last.
    pub(super) fn show(&mut self) {
        self.show_connection();
        let tray = screen::tray(&self.model, &self.texts);
        if self.shown_tray.as_ref() != Some(&tray) {
            self.shown_tray = Some(tray.clone());
            self.surface.show(Update::Tray(Box::new(tray)));
        }
        if self.attached {
            let now = self.clock.now();
            let mut view = screen::view(&self.model, &self.texts, now, &self.clock.time_zone());
            view.revision = self.revision;
            if self.shown_view.as_ref() != Some(&view) {
                self.revision += 1;
                view.revision = self.revision;
                self.shown_view = Some(view.clone());
                self.surface.show(Update::View(Box::new(view)));
            }
        }
    }

    fn show_connection(&mut self) {
        let Some(account) = &self.model.account else { return };
        let state = match account.connection() {
            State::Online { .. } => ConnectionState::Online,
            State::Connecting if account.failures() == 0 => ConnectionState::Connecting,
            State::Idle => return,
            _ => ConnectionState::Offline,
        };
        if self.shown_connection != Some(state) {
            self.shown_connection = Some(state);
            let problem = account.problem.as_ref().filter(|_| state == ConnectionState::Offline);
            let reason = problem.map(|problem| problem.sentence(&self.texts));
            let details = account.details(self.clock.now());
            self.surface.show(Update::Connection { state, reason, details });
        }
    }
}
