//! Says what happened: to the page and the tray as whole views, to people as notifications, to programs as updates.

use super::{After, ConnectionState, Controller, Notification, Update};
use crate::{
    account::{MessageNumber, Report},
    connection::State,
    display_name::clean,
    effects::{AccountNumber, Confirmed},
    feed::Delivery,
    link::AckError,
    problem::Problem,
    profile::{MAX_TEXT_CHARS, Message, MessageKind},
    roster::{Change, ChangeKind},
    screen,
    texts::Arg,
    view::isolated,
};

impl Controller {
    pub(super) fn detach(&mut self) {
        self.attached = false;
        self.shown_view = None;
        self.model.forget_list();
        if !self.model.settings.told_close_to_tray {
            self.model.settings.told_close_to_tray = true;
            self.save_settings();
            let title = self.texts.get("notice-close-to-tray");
            let body = self.texts.get("notice-close-to-tray-body");
            self.surface.show(Update::Notify(Notification { title, body, ..Notification::default() }));
        }
    }

    pub(super) fn say_updated(&mut self) {
        let (title, body) = (self.texts.get("notice-updated"), self.texts.get("notice-updated-body"));
        let tag = "updated".to_owned();
        self.surface.show(Update::Notify(Notification { tag, title, body, ..Notification::default() }));
    }

    pub(super) fn notice(&mut self, problem: Problem) {
        if !self.model.notices.iter().any(|notice| notice.code() == problem.code()) {
            self.model.errors.note(self.clock.now(), problem.code(), problem.sentence(&self.texts));
            self.model.notices.push(problem);
        }
    }

    pub(super) fn reject(&mut self, problem: Problem) {
        let sentence = problem.sentence(&self.texts);
        self.model.errors.note(self.clock.now(), problem.code(), sentence.clone());
        self.model.draft.rest();
        self.model.draft.problem = Some(problem.clone());
        self.surface.show(Update::Rejected { problem, sentence });
    }

    pub(super) fn on_report(&mut self, number: AccountNumber, report: Report) {
        match report {
            Report::SessionOpened => self.on_session_opened(number),
            Report::SessionClosed => {
                if let Some(seat) = self.model.seats.get(&number) {
                    self.model.settings.closed(&seat.account.session());
                    self.save_settings();
                }
            }
            Report::Rejected(problem) => self.on_rejected(number, problem),
            Report::List { is_first, silent, changes } => {
                self.alert_of(number, silent, &changes);
                self.remember_list(number, is_first, &changes);
                if is_first {
                    self.tell_roster(number);
                } else {
                    self.tell_changes(number, changes);
                }
            }
            Report::Renamed(was, contact) => {
                self.alerts_know_as(number, &was, &contact.id);
                self.remember_as(number, &was, &contact);
                self.surface.show(Update::Renamed { account: number, was, contact });
            }
            Report::Message(message) => self.on_message(number, message),
            Report::NotSent(message, true) => self.delivered(message, Delivery::Failed),
            Report::NotSent(message, false) => self.delivered(message, Delivery::NotOffered),
            Report::DialectDoubted => self.on_dialect_doubted(number),
            Report::OfferRefused => self.on_offer_refused(number),
            Report::Wished => self.on_wished(number),
            Report::Lined(line) => self.on_lined(line),
        }
    }

    fn on_rejected(&mut self, number: AccountNumber, problem: Problem) {
        if let Some(seat) = self.model.seats.get(&number) {
            self.model.draft.server = seat.account.target.server.to_string();
            self.model.draft.email.clone_from(&seat.account.login);
            if !seat.account.is_signed_in() {
                self.model.settings.closed(&seat.account.session());
            }
        }
        self.reject(problem);
        // What happened has to be seen, also where other accounts go on.
        self.model.adding = true;
        // The server may hold a session all the same, where it is the socket that was refused.
        self.leave(number, After::Drop);
    }

    fn tell_roster(&mut self, number: AccountNumber) {
        self.show_connections();
        let Some(seat) = self.model.seats.get(&number) else { return };
        let contacts = seat.account.roster.shared();
        tracing::info!(contacts = contacts.len(), "roster received");
        self.surface.show(Update::Roster(number, contacts));
    }

    fn tell_changes(&mut self, number: AccountNumber, changes: Vec<Change>) {
        for change in changes {
            self.surface.show(match change.kind {
                ChangeKind::Joined | ChangeKind::Left => Update::Presence(number, change.contact),
                ChangeKind::Changed => Update::Changed(number, change.contact),
            });
        }
    }

    pub(super) fn say(&mut self, number: AccountNumber, text: &str, to: Option<&str>) {
        let text = clean(text, MAX_TEXT_CHARS);
        if text.is_empty() || !self.model.seats.contains_key(&number) {
            return;
        }
        let message = self.model.feed.say(number, text.clone(), to.map(ToOwned::to_owned), self.clock.now());
        self.with_account(number, |account, fx, _| account.say(message, &text, to, fx));
    }

    pub(super) fn on_sent(&mut self, message: MessageNumber, result: &Result<Confirmed, AckError>) {
        self.delivered(
            message,
            match result {
                Ok(Confirmed::Yes) => Delivery::Delivered,
                Ok(Confirmed::Unasked) | Err(AckError::NotOffered) => Delivery::Sent,
                Err(AckError::TimedOut) => Delivery::Unconfirmed,
                Err(AckError::Closed | AckError::NotSent(_)) => Delivery::Failed,
            },
        );
    }

    fn delivered(&mut self, message: MessageNumber, delivery: Delivery) {
        if let Some(said) = self.model.feed.became(message, delivery) {
            let (account, text) = (said.account, said.message.text.clone());
            self.surface.show(Update::Delivery { account, text, delivery });
        }
    }

    fn on_message(&mut self, number: AccountNumber, message: Message) {
        let name = isolated(&message.from);
        let title = match message.kind {
            MessageKind::Greeting => None,
            MessageKind::Announcement if message.from.is_empty() => Some(self.texts.get("message-anonymous")),
            MessageKind::Announcement => Some(self.texts.with("message-from", &[("name", Arg::from(&name))])),
            MessageKind::Private => Some(self.texts.with("message-private", &[("name", Arg::from(&name))])),
            MessageKind::NewUser => Some(self.texts.with("message-joined", &[("name", Arg::from(&name))])),
        };
        if let Some(title) = title {
            let body = match message.kind {
                MessageKind::NewUser => self.label_of(number),
                _ => message.text.clone(),
            };
            self.surface.show(Update::Notify(Notification { title, body, ..Notification::default() }));
        }
        self.model.feed.heard(number, message.clone(), self.clock.now());
        self.surface.show(Update::Message(number, message));
    }

    /// How people know the server of an account.
    pub(super) fn label_of(&self, number: AccountNumber) -> String {
        let seat = self.model.seats.get(&number);
        seat.map(|seat| seat.account.target.server.label()).unwrap_or_default()
    }

    /// Shows what has become different since it was shown last.
    pub(super) fn show(&mut self) {
        self.show_connections();
        let tray = screen::tray(&self.model, &self.texts, self.clock.now());
        if self.shown_tray.as_ref() != Some(&tray) {
            self.shown_tray = Some(tray.clone());
            self.surface.show(Update::Tray(Box::new(tray)));
        }
        if self.attached {
            self.model.feed_list();
            let now = self.clock.now();
            let mut view = screen::view(&self.model, &self.texts, now, &self.clock.time_zone());
            (view.revision, view.heard) = (self.revision, self.heard);
            if self.shown_view.as_ref() != Some(&view) {
                self.revision += 1;
                view.revision = self.revision;
                self.shown_view = Some(view.clone());
                self.surface.show(Update::View(Box::new(view)));
            }
        }
    }

    fn show_connections(&mut self) {
        let now = self.clock.now();
        let errors = &mut self.model.errors;
        for (number, seat) in &mut self.model.seats {
            let account = &seat.account;
            let state = match account.connection() {
                State::Online { .. } => ConnectionState::Online,
                State::Connecting if account.failures() == 0 => ConnectionState::Connecting,
                State::Idle => continue,
                _ => ConnectionState::Offline,
            };
            let trouble = account.problem.clone().filter(|_| state == ConnectionState::Online);
            if seat.told_trouble != trouble {
                seat.told_trouble.clone_from(&trouble);
                if let Some(problem) = trouble {
                    let sentence = problem.sentence(&self.texts);
                    errors.note(now, problem.code(), sentence.clone());
                    self.surface.show(Update::Trouble { account: *number, problem, sentence });
                }
            }
            if seat.told == Some(state) {
                continue;
            }
            seat.told = Some(state);
            let problem = account.problem.as_ref().filter(|_| state == ConnectionState::Offline);
            let reason = problem.map(|problem| problem.sentence(&self.texts));
            if let (Some(problem), Some(sentence)) = (problem, &reason) {
                errors.note(now, problem.code(), sentence.clone());
            }
            let details = account.details(now);
            self.surface.show(Update::Connection { account: *number, state, reason, details });
        }
    }
}
