//! The loop: waits for a command, an event or a moment, and hands it on.

use super::{After, Command, Controller, Parts, Surface, Update};
use crate::{
    account::{Account, Effect},
    connection::SleepWatch,
    effects::{AccountNumber, Effects, Event},
    link::Payload,
    model::{Draft, Model, Tenure},
    screen,
    settings::OpenSession,
};
use futures_util::StreamExt;
use rand::rngs::StdRng;
use std::{collections::BTreeMap, time::Duration};
use tokio::{
    sync::mpsc,
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
        Self {
            model: Model {
                settings,
                account: None,
                tenure: Tenure { keep: false, plain_http: false, local: false },
                draft,
                notices: problem.into_iter().collect(),
                window: (0, 0),
            },
            effects: Effects {
                sessions: parts.sessions,
                connector: parts.connector,
                secrets: parts.secrets,
                local_server: parts.local_server,
                events,
            },
            store: parts.settings,
            surface,
            sleep_watch: SleepWatch::new(parts.clock.now(), now),
            sleep_check: now + SLEEP_CHECK,
            clock: parts.clock,
            rng: parts.rng,
            texts: parts.texts,
            profile: parts.profile,
            patient: parts.patient,
            // A stream that has ended must not be asked again.
            network: parts.network.fuse(),
            number: AccountNumber::default(),
            link: None,
            saving_secrets: 0,
            ghosts: BTreeMap::new(),
            leaving: None,
            stopped: false,
            attached: false,
            revision: 0,
            shown_view: None,
            shown_tray: None,
            shown_connection: None,
        }
    }

    pub(super) async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        mut events: mpsc::Receiver<Event>,
    ) {
        self.wake();
        loop {
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
        self.link = None;
        self.surface.show(Update::Stopped);
    }

    fn deadline(&self) -> Instant {
        let account = self.model.account.as_ref().and_then(Account::deadline);
        let leaving = self.leaving.map(|leaving| leaving.until);
        let countdown = self.attached.then(|| Instant::now() + screen::refresh_after(&self.model));
        [account, leaving, countdown].into_iter().flatten().fold(self.sleep_check, Instant::min)
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::SignIn(request) => self.sign_in(*request),
            Command::Cancel => self.cancel(),
            Command::SetPresence(presence) => self.set_presence(presence),
            Command::SignOut => self.leave(After::Forget),
            Command::UseThisComputer => self.effects.start_local_server(self.number),
            Command::Attach { from, len } => {
                self.attached = true;
                self.shown_view = None;
                self.model.window = (from, len);
            }
            Command::Look { from, len } => {
                // The page counts on an answer, even to a question it has asked before.
                self.shown_view = None;
                self.model.window = (from, len);
            }
            Command::Detach => self.detach(),
            Command::Dismiss(id) => self.model.notices.retain(|notice| notice.code() != id),
            Command::Notice(problem) => self.notice(problem),
            Command::Shutdown => self.leave(After::Stop),
        }
    }

    pub(super) fn on_event(&mut self, event: Event) {
        match event {
            Event::SignedIn(number, target, who, result) => {
                if number == self.number && self.model.account.is_some() {
                    let now = Instant::now();
                    self.with_account(|account, fx, rng| account.on_signed_in(result, now, rng, fx));
                } else if let Ok(session) = result {
                    // It was cancelled meanwhile; nobody will use this session.
                    self.repair_ghost(OpenSession { server: target.server, email: who.email }, session.token);
                }
            }
            Event::SignedOut(number, result) if number == self.number => {
                self.with_account(|account, fx, _| account.on_signed_out(result, Instant::now(), fx));
            }
            Event::SignedUp(number, request, form, result) if number == self.number => {
                self.model.draft.signing_up = false;
                match result {
                    Ok(()) => self.begin(&request, form),
                    Err(error) => self.reject(error.problem(&form.server)),
                }
            }
            Event::Link(number, generation, event) if number == self.number => {
                let wall = self.clock.now();
                self.with_account(|account, fx, rng| {
                    account.on_link(generation, event, Instant::now(), wall, rng, fx);
                });
            }
            Event::SecretLoaded(number, result) if number == self.number => self.on_secret(result),
            Event::SecretSaved(kept, result) => self.on_secret_saved(kept, result),
            Event::LocalServer(number, result) if number == self.number => self.on_local_server(result),
            Event::GhostRepaired(session) => {
                self.ghosts.remove(&session);
                self.model.settings.closed(&session);
                self.save_settings();
            }
            _ => {}
        }
        self.finish_leaving();
    }

    fn on_time(&mut self) {
        let now = Instant::now();
        self.with_account(|account, fx, rng| account.tick(now, rng, fx));
        if now >= self.sleep_check {
            self.sleep_check = now + SLEEP_CHECK;
            if self.sleep_watch.woke(self.clock.now(), now) {
                tracing::info!("the machine slept; connecting anew");
                self.with_account(|account, fx, _| account.woke(now, fx));
            }
        }
        self.finish_leaving();
    }

    fn on_network_changed(&mut self) {
        tracing::info!("the network has changed");
        self.with_account(|account, fx, _| account.network_changed(Instant::now(), fx));
    }

    pub(super) fn with_account(&mut self, act: impl FnOnce(&mut Account, &mut Vec<Effect>, &mut StdRng)) {
        let mut fx = Vec::new();
        if let Some(account) = &mut self.model.account {
            act(account, &mut fx, &mut self.rng);
        }
        self.apply(fx);
    }

    pub(super) fn apply(&mut self, fx: Vec<Effect>) {
        for effect in fx {
            match effect {
                Effect::SignIn(target, who, token) => self.effects.sign_in(self.number, target, who, token),
                Effect::SignOut(target, email, token) => {
                    self.effects.sign_out(self.number, target, email, token);
                }
                Effect::OpenLink(generation, request) => {
                    self.link = None;
                    self.link = Some(self.effects.open_link(self.number, generation, request));
                }
                Effect::CloseLink => self.link = None,
                Effect::CheckLink(within) => {
                    if let Some(link) = &self.link {
                        link.check(within);
                    }
                }
                Effect::Emit(event) => {
                    // A link that cannot take it has ended or is about to say so.
                    if self.link.as_ref().is_some_and(|link| link.emit(&event, Payload::empty()).is_err()) {
                        tracing::debug!(event, "not sent");
                    }
                }
                Effect::Report(report) => self.on_report(report),
            }
        }
    }

    pub(super) fn save_settings(&mut self) {
        if let Err(problem) = self.store.save(&self.model.settings) {
            self.notice(problem);
        }
    }
}
