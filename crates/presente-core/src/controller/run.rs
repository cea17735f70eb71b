//! The loop: waits for a command, an event or a moment, and hands it on.

use super::{Command, Controller, FAREWELL, LEAVE_WITHIN, Parts, Surface, Update, remembering::Remembering};
use crate::{
    account::{Account, Effect},
    alerts::Policy,
    away::Attendance,
    connection::SleepWatch,
    effects::{AccountNumber, Effects, Event, PICTURES_AT_ONCE},
    feed::Feed,
    model::{DesktopFacts, Draft, Errors, Model, Place},
    problem::Problem,
    screen,
    settings::{Language, OpenSession},
    texts::Texts,
};
use futures_util::StreamExt;
use rand::rngs::StdRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Semaphore, mpsc},
    time::{Instant, sleep_until},
};

/// How often the clocks are compared to notice that the machine slept.
const SLEEP_CHECK: Duration = Duration::from_secs(5);

impl Controller {
    pub(super) fn new(parts: Parts, events: mpsc::Sender<Event>, surface: Box<dyn Surface>) -> Self {
        let (settings, problem) = parts.settings.load();
        let or = |kept: &str, prefill: String| if kept.is_empty() { prefill } else { kept.to_owned() };
        let draft = Draft {
            server: or(&settings.last_server, parts.prefill.server),
            email: or(&settings.last_email, parts.prefill.email),
            hint: parts.prefill.hint,
            keep: true,
            ..Draft::default()
        };
        let now = Instant::now();
        let (exports, sender) = (parts.exports, events.clone());
        let remembering = parts.history.map(|store| Remembering::new(store, exports, sender));
        let texts = match settings.language {
            Language::System => parts.texts,
            chosen => Texts::chosen(chosen),
        };
        Self {
            model: Model {
                settings,
                seats: BTreeMap::new(),
                waking: BTreeMap::new(),
                draft,
                adding: false,
                feed: Feed::default(),
                alerts: Policy::default(),
                learning: None,
                notices: problem.into_iter().collect(),
                window: (0, 0),
                list: None,
                search: String::new(),
                attendance: Attendance::default(),
                place: Place::default(),
                offers_status_line: None,
                remembered: remembering.as_ref().map(Remembering::introduce).unwrap_or_default(),
                errors: Errors::default(),
                desktop: DesktopFacts::default(),
            },
            effects: Effects {
                sessions: parts.sessions,
                connector: parts.connector,
                secrets: parts.secrets,
                local_server: parts.local_server,
                pictures: parts.pictures,
                reading_pictures: Arc::new(Semaphore::new(PICTURES_AT_ONCE)),
                events,
            },
            store: parts.settings,
            surface,
            sleep_watch: SleepWatch::new(parts.clock.now(), now),
            sleep_check: now + SLEEP_CHECK,
            clock: parts.clock,
            rng: parts.rng,
            texts,
            dialects: parts.dialects,
            unreached: None,
            listening: None,
            told_connecting: None,
            stranger: None,
            looking_again: BTreeSet::new(),
            patient: parts.patient,
            // A stream that has ended must not be asked again.
            network: parts.network.fuse(),
            number: AccountNumber::default(),
            links: BTreeMap::new(),
            saving_secrets: Vec::new(),
            ghosts: BTreeMap::new(),
            leaving: BTreeMap::new(),
            stopping: None,
            stopped: false,
            attached: false,
            revision: 0,
            heard: 0,
            shown_view: None,
            shown_tray: None,
            undisturbed: false,
            remembering,
        }
    }

    pub(super) async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        mut events: mpsc::Receiver<Event>,
    ) {
        if self.model.settings.language != Language::System {
            self.surface.show(Update::Words(self.texts.clone()));
        }
        self.wake();
        self.on_auto_away_changed();
        loop {
            self.look_at_alerts();
            self.keep_watch();
            self.show();
            if self.stopped {
                break;
            }
            let deadline = self.deadline();
            tokio::select! {
                command = commands.recv(), if !commands.is_closed() || !commands.is_empty() => {
                    // Nobody is left who could ask for anything: that is the end too.
                    self.on_command(command.unwrap_or(Command::Shutdown));
                }
                Some(event) = events.recv() => self.on_event(event),
                Some(()) = self.network.next() => self.on_network_changed(),
                () = sleep_until(deadline) => self.on_time(),
            }
        }
        self.links.clear();
        self.end_remembering().await;
        self.effects.links_settled(FAREWELL).await;
        self.surface.show(Update::Stopped);
    }

    fn deadline(&self) -> Instant {
        let accounts = self.model.seats.values().filter_map(|seat| seat.account.deadline());
        let leaving = self.leaving.values().map(|leaving| leaving.until).chain(self.stopping);
        let unreached = self.unreached.iter().map(|unreached| unreached.until);
        let countdown = self.attached.then(|| Instant::now() + screen::refresh_after(&self.model));
        let alerts = self.alerts_due();
        accounts
            .chain(leaving)
            .chain(unreached)
            .chain(countdown)
            .chain(alerts)
            .fold(self.sleep_check, Instant::min)
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::SignIn(request) => self.sign_in(*request),
            Command::Cancel => self.cancel(),
            Command::Learn => self.learn(),
            Command::LearnChoose(proposal) => self.choose_proposal(proposal),
            Command::LearnMap { id, name, email } => self.map_fields(id, name, email),
            Command::LearnConfirm(name) => self.keep_profile(&name),
            Command::AddAccount => self.model.adding = true,
            Command::SetState(state, account) => self.set_state(state, account),
            Command::SetStatusLine(line, account) => self.set_status_line(&line, account),
            Command::EditStatusLine => {
                self.model.adding = false;
                self.go_to(Place::Roster);
                self.model.offers_status_line = Some(self.revision);
            }
            Command::StatusLineOffered => self.model.offers_status_line = None,
            Command::Activity(activity) => self.on_activity(activity),
            Command::SignOut(account) => self.sign_out(account),
            Command::Say { account, text, to } => self.say(account, &text, to.as_deref()),
            Command::Seen => self.model.feed.unread = 0,
            Command::UseThisComputer => self.effects.start_local_server(),
            Command::Attach { from, len } => {
                self.attached = true;
                self.heard = 0;
                self.alerts_are_seen();
                self.shown_view = None;
                self.model.window = (from, len);
            }
            Command::Heard(change) => self.heard = change,
            Command::Look { from, len, pins } => self.look(from, len, &pins),
            Command::Search(words) => self.search(&words),
            Command::Sort(by) => self.sort(by),
            Command::Fold { section, folded } => self.fold(section, folded),
            Command::OpenContact(account, id) => self.open_contact(account, id),
            Command::OpenSettings => self.go_to(Place::Settings),
            Command::OpenAbout => self.go_to(Place::About),
            Command::Back => self.go_to(Place::Roster),
            Command::Note(account, id, note) => self.note_of(account, &id, note),
            Command::SetGroupRule(group, rule) => self.set_group_rule(&group, rule),
            Command::ChangeSettings(change) => self.change_settings(*change),
            Command::Snooze(minutes) => self.snooze(minutes),
            Command::ExportHistory(format, who) => self.export_history(format, who.as_ref()),
            Command::ForgetHistory(who) => self.forget_history(who),
            Command::ShowSpan(span) => self.show_span(span),
            Command::AddServer(server) => self.add_server(&server),
            Command::Desktop { lines, starts_at_login } => {
                self.model.desktop = DesktopFacts { starts_at_login, lines };
            }
            Command::StartNotChanged(starts, reason) => {
                self.model.desktop.starts_at_login = Some(starts);
                self.notice(Problem::StartNotChanged { reason });
            }
            Command::Detach => self.detach(),
            Command::Dismiss(id) => self.model.notices.retain(|notice| notice.code() != id),
            Command::SayUpdated => self.say_updated(),
            Command::Notice(problem) => self.notice(problem),
            Command::Shutdown => self.stop(),
        }
    }

    pub(super) fn on_event(&mut self, event: Event) {
        let now = Instant::now();
        match event {
            Event::SignedIn(number, target, who, result) => {
                if self.model.seats.contains_key(&number) {
                    self.with_account(number, |account, fx, rng| account.on_signed_in(result, now, rng, fx));
                } else if let Ok(session) = result {
                    // It was cancelled meanwhile; nobody will use this session.
                    self.close_session(target, who.email, session.token);
                }
            }
            Event::SignedOut(number, result) => {
                self.with_account(number, |account, fx, _| account.on_signed_out(result, now, fx));
            }
            Event::SignedUp(number, request, form, result) => {
                self.on_signed_up(number, &request, form, result);
            }
            Event::Link(number, generation, event) => {
                let wall = self.clock.now();
                self.with_account(number, |account, fx, rng| {
                    account.on_link(generation, event, now, wall, rng, fx);
                });
            }
            Event::Detecting(number, step) => self.on_detecting(number, &step),
            Event::Detected(number, request, form, result) => {
                self.on_detected(number, *request, form, result);
            }
            Event::Overheard(number, observed) => self.on_overheard(number, *observed),
            Event::Listened(number, result) => self.on_listened(number, result),
            Event::DetectedAgain(number, result) => self.on_detected_again(number, result),
            Event::SecretLoaded(number, result) => self.on_secret(number, result),
            Event::SecretSaved(kept, result) => self.on_secret_saved(kept, result),
            Event::LocalServer(result) => self.on_local_server(result),
            Event::GhostRepaired(session) => self.on_ghost_repaired(&session),
            Event::Sent(message, result) => self.on_sent(message, &result),
            Event::ListFetched(number, generation, result) => {
                let wall = self.clock.now();
                self.with_account(number, |account, fx, rng| {
                    account.on_list_fetched(generation, result, now, wall, rng, fx);
                });
            }
            Event::PresenceSet(number, generation, result) => {
                self.with_account(number, |account, fx, _| {
                    account.on_presence_set(generation, result, now, fx);
                });
            }
            Event::History(event) => self.on_history(event),
            Event::PictureRead(number, contact, picture) => {
                if let Some(seat) = self.model.seats.get_mut(&number) {
                    seat.account.roster.set_picture(&contact, picture);
                }
            }
        }
        self.finish_leaving();
    }

    fn on_ghost_repaired(&mut self, session: &OpenSession) {
        self.ghosts.remove(session);
        self.model.settings.closed(session);
        self.save_settings();
    }

    fn on_time(&mut self) {
        let now = Instant::now();
        self.with_accounts(|account, fx, rng| account.tick(now, rng, fx));
        self.retry_detection(now);
        if now >= self.sleep_check {
            self.sleep_check = now + SLEEP_CHECK;
            if self.sleep_watch.woke(self.clock.now(), now) {
                tracing::info!("the machine slept; connecting anew");
                self.with_accounts(|account, fx, _| account.woke(now, fx));
            }
        }
        self.finish_leaving();
    }

    fn on_network_changed(&mut self) {
        tracing::info!("the network has changed");
        self.with_accounts(|account, fx, _| account.network_changed(Instant::now(), fx));
    }

    pub(super) fn stop(&mut self) {
        if self.stopping.is_none() {
            self.stopping = Some(Instant::now() + LEAVE_WITHIN);
            self.with_accounts(|account, fx, _| account.leave(fx));
            self.finish_leaving();
        }
    }

    /// Lets an account act. One that is gone does nothing.
    pub(super) fn with_account(
        &mut self,
        number: AccountNumber,
        act: impl FnOnce(&mut Account, &mut Vec<Effect>, &mut StdRng),
    ) {
        let mut fx = Vec::new();
        if let Some(seat) = self.model.seats.get_mut(&number) {
            act(&mut seat.account, &mut fx, &mut self.rng);
        }
        self.apply(number, fx);
    }

    /// Lets every account act, one after the other.
    pub(super) fn with_accounts(&mut self, act: impl Fn(&mut Account, &mut Vec<Effect>, &mut StdRng)) {
        let numbers: Vec<_> = self.model.seats.keys().copied().collect();
        for number in numbers {
            self.with_account(number, &act);
        }
    }

    pub(super) fn apply(&mut self, number: AccountNumber, fx: Vec<Effect>) {
        for effect in fx {
            match effect {
                Effect::SignIn(target, who, token) => {
                    self.note_session(number);
                    self.effects.sign_in(number, target, who, token);
                }
                Effect::SignOut(target, email, token) => {
                    self.effects.sign_out(number, target, email, token);
                }
                Effect::OpenLink(generation, request) => {
                    self.links.remove(&number);
                    let link = self.effects.open_link(number, generation, request);
                    self.links.insert(number, link);
                }
                Effect::CloseLink => drop(self.links.remove(&number)),
                Effect::CheckLink(within) => {
                    if let Some(link) = self.links.get(&number) {
                        link.check(within);
                    }
                }
                Effect::FetchList(generation, target, path, from, token) => {
                    self.effects.fetch_list(number, generation, target, path, from, token);
                }
                Effect::FetchBySocket(generation, from) => {
                    let link = self.links.get(&number).map(AsRef::as_ref);
                    self.effects.fetch_by_socket(link, number, generation, from);
                }
                Effect::SetPresence(generation, set) => {
                    let link = self.links.get(&number).map(AsRef::as_ref);
                    self.effects.set_presence(link, number, generation, &set);
                }
                Effect::Emit(event, payload) => {
                    // A link that cannot take it has ended or is about to say so.
                    if self.links.get(&number).is_some_and(|link| link.emit(&event, payload).is_err()) {
                        tracing::debug!(event, "not sent");
                    }
                }
                Effect::Send(message, event, payload, ack) => {
                    let link = self.links.get(&number).map(AsRef::as_ref);
                    self.effects.send(link, message, &event, payload, ack);
                }
                Effect::ReadPicture(contact, bytes) => self.effects.read_picture(number, contact, bytes),
                Effect::Report(report) => self.on_report(number, report),
            }
        }
    }

    pub(super) fn save_settings(&mut self) {
        if let Err(problem) = self.store.save(&self.model.settings) {
            self.notice(problem);
        }
    }
}
