//! The controller: one task that owns all state. Commands come in, updates go out through a [`Surface`], and
//! effects go through the traits in [`Parts`].

use crate::{
    account::{Account, Effect, Report, Terms},
    alerts::Arrival,
    clock::Clock,
    connection::{SleepWatch, State},
    effects::{AccountNumber, Effects, Event, LocalServer},
    form::{Checked, SignInRequest},
    link::{Connector, Link},
    problem::Problem,
    profile::{Message, MessageKind, Profile},
    roster::{ChangeKind, Contact},
    screen::{self, Draft},
    secrets::{AccountSecret, SecretStore, SecretStoreError},
    session::{Sessions, Target},
    settings::{KeptAccount, OpenSession, Presence, Settings, SettingsStore},
    texts::{Arg, Texts},
    view::{Tray, View, isolated},
};
use rand::rngs::StdRng;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinHandle},
    time::{Instant, sleep_until},
};

/// How long leaving may take: what the server has not heard by then it learns at the next start.
pub const LEAVE_WITHIN: Duration = Duration::from_millis(1_800);
/// How often the clocks are compared to notice that the machine slept.
const SLEEP_CHECK: Duration = Duration::from_secs(5);
/// How many commands and events may wait for the controller.
const QUEUE: usize = 256;

/// What people, the shell and the terminal ask for.
#[derive(Debug)]
pub enum Command {
    /// Sign in, or make an account and sign in.
    SignIn(Box<SignInRequest>),
    /// Stop the sign-in that is under way.
    Cancel,
    /// Be seen, or not.
    SetPresence(Presence),
    /// Sign out and forget the account.
    SignOut,
    /// Start the server inside the app and offer its address.
    UseThisComputer,
    /// A page is there and shows these rows; views follow until it is detached.
    Attach {
        /// The first row it shows.
        from: usize,
        /// How many.
        len: usize,
    },
    /// The page shows other rows now.
    Look {
        /// The first row it shows.
        from: usize,
        /// How many.
        len: usize,
    },
    /// The page is gone; the first time that leaves only the tray, people are told.
    Detach,
    /// A notice has been read.
    Dismiss(String),
    /// The shell lacks something that people should know of.
    Notice(Problem),
    /// Sign out and stop, within [`LEAVE_WITHIN`].
    Shutdown,
}

/// Whether we are connected, in three words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// The first attempt is under way.
    Connecting,
    /// Connected.
    Online,
    /// Not connected; attempts go on unless a person must act.
    Offline,
}

/// A notification to raise. Title and body may hold a stranger's words, made fit to be shown as plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// One line of plain text.
    pub title: String,
    /// One line of plain text.
    pub body: String,
}

/// What the controller tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// The connection has another state.
    Connection {
        /// Which.
        state: ConnectionState,
        /// Why, in words, where there is something to say.
        reason: Option<String>,
    },
    /// The roster after a connect.
    Roster(Vec<Contact>),
    /// A contact came online or went.
    Presence(Contact),
    /// A message for people.
    Message(Message),
    /// A person must act before the account is of use again.
    Rejected {
        /// What is wrong.
        problem: Problem,
        /// The same as a sentence.
        sentence: String,
    },
    /// Tell people now.
    Notify(Notification),
    /// The page should show this.
    View(Box<View>),
    /// The tray should show this.
    Tray(Box<Tray>),
    /// The controller has ended.
    Stopped,
}

/// Where updates go: a window and a tray, a terminal, a test.
pub trait Surface: Send {
    /// Takes an update; must not block.
    fn show(&mut self, update: Update);
}

impl Surface for mpsc::UnboundedSender<Update> {
    fn show(&mut self, update: Update) {
        // Nobody looks any more.
        let _ = self.send(update);
    }
}

/// What the controller is made of.
pub struct Parts {
    /// The requests of the session.
    pub sessions: Arc<dyn Sessions>,
    /// Opens links.
    pub connector: Arc<dyn Connector>,
    /// Keeps passwords.
    pub secrets: Arc<dyn SecretStore>,
    /// Keeps settings.
    pub settings: Box<dyn SettingsStore>,
    /// The server inside the app.
    pub local_server: Option<Arc<dyn LocalServer>>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for jitter.
    pub rng: StdRng,
    /// The user's language.
    pub texts: Texts,
    /// How servers speak.
    pub profile: Arc<Profile>,
    /// Keep trying a server that has never answered.
    pub patient: bool,
    /// What the sign-in form starts with, where nothing is remembered.
    pub prefill: Prefill,
}

/// What the sign-in form starts with.
#[derive(Debug, Clone, Default)]
pub struct Prefill {
    /// The server's address.
    pub server: String,
    /// The e-mail address.
    pub email: String,
    /// A line below the form.
    pub hint: Option<String>,
}

/// By which the controller is told.
#[derive(Debug, Clone)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
}

impl Handle {
    /// Tells the controller; a command to one that has ended is dropped.
    pub async fn tell(&self, command: Command) {
        let _ = self.commands.send(command).await;
    }

    /// The same from code that does not wait; a full queue drops the command and says so in the log.
    pub fn tell_now(&self, command: Command) {
        if let Err(error) = self.commands.try_send(command) {
            tracing::warn!(%error, "a command was dropped");
        }
    }
}

/// Starts the controller in a task of the current runtime.
pub fn start(parts: Parts, surface: impl Surface + 'static) -> Handle {
    launch(parts, surface).0
}

/// The same, with the task, which tests crash.
fn launch(parts: Parts, surface: impl Surface + 'static) -> (Handle, JoinHandle<()>) {
    let (commands, receiver) = mpsc::channel(QUEUE);
    let (events, happened) = mpsc::channel(QUEUE);
    let controller = Controller::new(parts, events, Box::new(surface));
    let task = tokio::spawn(controller.run(receiver, happened));
    (Handle { commands }, task)
}

/// What goes with the account beside its own state.
#[derive(Debug, Clone)]
pub(crate) struct Tenure {
    pub(crate) keep: bool,
    pub(crate) plain_http: bool,
    pub(crate) local: bool,
}

/// What comes after the server has been left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum After {
    /// Go on without the account, which stays remembered.
    Drop,
    /// Forget the account and go on.
    Forget,
    /// Stop.
    Stop,
}

#[derive(Debug, Clone, Copy)]
struct Leaving {
    until: Instant,
    after: After,
}

/// The state that everything shown is made from.
pub(crate) struct Model {
    pub(crate) settings: Settings,
    pub(crate) account: Option<Account>,
    pub(crate) tenure: Tenure,
    pub(crate) draft: Draft,
    pub(crate) notices: Vec<Problem>,
    pub(crate) window: (usize, usize),
}

struct Controller {
    model: Model,
    effects: Effects,
    store: Box<dyn SettingsStore>,
    surface: Box<dyn Surface>,
    clock: Arc<dyn Clock>,
    rng: StdRng,
    texts: Texts,
    profile: Arc<Profile>,
    patient: bool,
    number: AccountNumber,
    link: Option<Box<dyn Link>>,
    /// Secrets on their way into the keyring; leaving waits for them.
    saving_secrets: usize,
    ghosts: BTreeMap<(String, String), AbortHandle>,
    leaving: Option<Leaving>,
    stopped: bool,
    attached: bool,
    revision: u64,
    shown_view: Option<View>,
    shown_tray: Option<Tray>,
    shown_connection: Option<ConnectionState>,
    sleep_watch: SleepWatch,
    sleep_check: Instant,
}

impl Controller {
    fn new(parts: Parts, events: mpsc::Sender<Event>, surface: Box<dyn Surface>) -> Self {
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

    async fn run(mut self, mut commands: mpsc::Receiver<Command>, mut events: mpsc::Receiver<Event>) {
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
                () = sleep_until(deadline) => self.on_time(),
            }
        }
        self.link = None;
        self.surface.show(Update::Stopped);
    }

    /// Takes up what was left at the last run: the kept account, and sessions that nobody closed.
    fn wake(&mut self) {
        let kept = self.model.settings.account.clone();
        let ghosts: Vec<OpenSession> = self.model.settings.open_sessions.clone();
        for ghost in ghosts {
            if kept.as_ref().is_none_or(|kept| kept.server != ghost.server || kept.email != ghost.email) {
                self.repair_ghost(ghost, None);
            }
        }
        if let Some(kept) = kept {
            self.number.0 += 1;
            self.model.draft.busy = true;
            if kept.local {
                self.effects.start_local_server(self.number);
            } else {
                self.effects.load_secret(self.number, secret_name(&kept));
            }
        }
    }

    fn repair_ghost(&mut self, ghost: OpenSession, token: Option<secrecy::SecretString>) {
        let target = Target { server: ghost.server.clone(), profile: self.profile.clone() };
        let key = (ghost.server.to_string(), ghost.email.clone());
        let task = self.effects.repair_ghost(target, ghost, token);
        if let Some(earlier) = self.ghosts.insert(key, task) {
            earlier.abort();
        }
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

    fn sign_in(&mut self, request: SignInRequest) {
        if self.model.account.is_some() || self.model.draft.signing_up || self.leaving.is_some() {
            return;
        }
        // A sign-in from the keyring that is still being prepared is overtaken.
        self.number.0 += 1;
        self.model.draft.typed(&request);
        // Shown even if the answer is known at once: the page should see its form taken, and then the answer.
        self.show();
        let form = match request.check() {
            Ok(form) => form,
            Err(problem) => return self.reject(problem),
        };
        let settings = &mut self.model.settings;
        (settings.last_server, settings.last_email) = (form.server.to_string(), form.who.email.clone());
        if request.new_person.is_some() {
            (self.model.draft.signing_up, self.model.draft.busy) = (true, false);
            let target = Target { server: form.server.clone(), profile: self.profile.clone() };
            self.effects.sign_up(self.number, target, request, form);
        } else {
            self.begin(&request, form);
        }
    }

    fn begin(&mut self, request: &SignInRequest, form: Checked) {
        self.model.draft.busy = false;
        let local = self.model.draft.local_server.as_ref() == Some(&form.server);
        self.model.tenure = Tenure { keep: request.keep, plain_http: request.plain_http, local };
        self.model.settings.presence = Presence::Online;
        let terms = Terms {
            target: Target { server: form.server, profile: self.profile.clone() },
            name: form.who.email.clone(),
            email: form.who.email,
            secret: AccountSecret { password: form.who.password, token: None },
            presence: Presence::Online,
            known: false,
            patient: self.patient,
            may_be_signed_in: false,
        };
        self.open_account(terms);
    }

    fn open_account(&mut self, terms: Terms) {
        if let Some(ghost) = self.ghosts.remove(&(terms.target.server.to_string(), terms.email.clone())) {
            ghost.abort();
        }
        self.number.0 += 1;
        self.shown_connection = None;
        let mut account = Account::new(terms);
        let mut fx = Vec::new();
        account.start(&mut fx);
        self.model.account = Some(account);
        self.apply(fx);
    }

    fn cancel(&mut self) {
        if self.model.account.as_ref().is_some_and(|account| account.is_signed_in()) {
            return self.leave(After::Forget);
        }
        self.drop_account();
        self.model.draft.busy = false;
        self.model.draft.signing_up = false;
    }

    fn drop_account(&mut self) {
        self.number.0 += 1;
        self.link = None;
        self.model.account = None;
        self.shown_connection = None;
    }

    fn set_presence(&mut self, presence: Presence) {
        self.model.settings.presence = presence;
        self.save_settings();
        self.with_account(|account, fx, _| account.set_presence(presence, fx));
    }

    fn leave(&mut self, after: After) {
        if let Some(leaving) = &mut self.leaving {
            leaving.after = leaving.after.max(after);
            return;
        }
        self.leaving = Some(Leaving { until: Instant::now() + LEAVE_WITHIN, after });
        self.with_account(|account, fx, _| account.leave(fx));
        self.finish_leaving();
    }

    fn finish_leaving(&mut self) {
        let Some(leaving) = self.leaving else { return };
        let has_left = self.model.account.as_ref().is_none_or(Account::has_left);
        let settled = has_left && self.saving_secrets == 0;
        if !settled && Instant::now() < leaving.until {
            return;
        }
        self.leaving = None;
        match leaving.after {
            After::Drop => self.leave_unreached(),
            After::Forget => self.forget_account(),
            After::Stop => self.stopped = true,
        }
        self.save_settings();
    }

    fn forget_account(&mut self) {
        if let Some(kept) = self.model.settings.account.take() {
            self.effects.delete_secret(secret_name(&kept));
        }
        self.leave_unreached();
    }

    /// Drops the account; what the server has not heard of that, it is told in the background.
    fn leave_unreached(&mut self) {
        let unreached = self.model.account.as_ref().filter(|account| account.is_signed_in()).map(|account| {
            let (server, email) = (account.target.server.clone(), account.me.email.clone());
            (OpenSession { server, email }, account.secret().token)
        });
        self.drop_account();
        if let Some((ghost, token)) = unreached {
            self.repair_ghost(ghost, token);
        }
    }

    fn detach(&mut self) {
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

    fn notice(&mut self, problem: Problem) {
        if !self.model.notices.iter().any(|notice| notice.code() == problem.code()) {
            self.model.notices.push(problem);
        }
    }

    fn reject(&mut self, problem: Problem) {
        let sentence = problem.sentence(&self.texts);
        self.model.draft.busy = false;
        self.model.draft.signing_up = false;
        self.model.draft.problem = Some(problem.clone());
        self.surface.show(Update::Rejected { problem, sentence });
    }

    fn on_event(&mut self, event: Event) {
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
                self.ghosts.remove(&(session.server.to_string(), session.email.clone()));
                self.model.settings.closed(&session.server, &session.email);
                self.save_settings();
            }
            _ => {}
        }
        self.finish_leaving();
    }

    /// Only now is there something to sign in with by itself at the next start.
    fn on_secret_saved(&mut self, kept: KeptAccount, result: Result<(), SecretStoreError>) {
        self.saving_secrets = self.saving_secrets.saturating_sub(1);
        let is_ours =
            |account: &Account| account.target.server == kept.server && account.me.email == kept.email;
        if !self.model.account.as_ref().is_some_and(is_ours) {
            // The person has signed out meanwhile; a keyring that took its time must not undo that.
            return self.effects.delete_secret(secret_name(&kept));
        }
        self.model.settings.account = result.is_ok().then_some(kept);
        if let Err(error) = result {
            tracing::warn!(%error, "the secret was not kept");
            self.model.tenure.keep = false;
            self.notice(Problem::NoKeyring);
        }
        self.save_settings();
    }

    /// The keyring has answered for the account that signs in by itself.
    fn on_secret(&mut self, result: Result<Option<AccountSecret>, SecretStoreError>) {
        self.model.draft.busy = false;
        let Some(kept) = self.model.settings.account.clone() else { return };
        let secret = match result {
            Ok(secret) => secret,
            Err(error) => {
                tracing::warn!(%error, "the keyring cannot be read");
                self.notice(Problem::NoKeyring);
                None
            }
        };
        let was_open = self
            .model
            .settings
            .open_sessions
            .iter()
            .find(|session| session.server == kept.server && session.email == kept.email)
            .cloned();
        let Some(secret) = secret else {
            // Nobody can sign in now, so what the last run left behind is closed.
            if let Some(ghost) = was_open {
                self.repair_ghost(ghost, None);
            }
            return;
        };
        self.model.tenure = Tenure { keep: true, plain_http: kept.plain_http, local: kept.local };
        let terms = Terms {
            target: Target { server: kept.server, profile: self.profile.clone() },
            name: if kept.name.is_empty() { kept.email.clone() } else { kept.name },
            email: kept.email,
            secret,
            presence: self.model.settings.presence,
            known: true,
            patient: true,
            may_be_signed_in: was_open.is_some(),
        };
        self.open_account(terms);
    }

    fn on_local_server(&mut self, result: Result<crate::server_url::ServerUrl, String>) {
        let waking = self.model.draft.busy;
        match result {
            Ok(server) => {
                self.model.draft.server = server.to_string();
                self.model.draft.local_server = Some(server.clone());
                self.model.draft.problem = None;
                if let Some(kept) = self.model.settings.account.as_mut().filter(|kept| waking && kept.local) {
                    // Its port may be another one than last time; the account is the same.
                    let name = secret_name(kept);
                    let before = std::mem::replace(&mut kept.server, server.clone());
                    for session in &mut self.model.settings.open_sessions {
                        if session.server == before {
                            session.server = server.clone();
                        }
                    }
                    self.effects.load_secret(self.number, name);
                }
            }
            Err(reason) => self.reject(Problem::LocalServer { reason }),
        }
    }

    fn on_time(&mut self) {
        let now = Instant::now();
        self.with_account(|account, fx, rng| account.tick(now, rng, fx));
        if now >= self.sleep_check {
            self.sleep_check = now + SLEEP_CHECK;
            if self.sleep_watch.woke(self.clock.now(), now) {
                tracing::info!("the machine slept; connecting anew");
                self.with_account(|account, fx, _| account.kick(fx));
            }
        }
        self.finish_leaving();
    }

    fn with_account(&mut self, act: impl FnOnce(&mut Account, &mut Vec<Effect>, &mut StdRng)) {
        let mut fx = Vec::new();
        if let Some(account) = &mut self.model.account {
            act(account, &mut fx, &mut self.rng);
        }
        self.apply(fx);
    }

    fn apply(&mut self, fx: Vec<Effect>) {
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
                Effect::Emit(event) => {
                    // A link that cannot take it has ended or is about to say so.
                    if self.link.as_ref().is_some_and(|link| link.emit(&event, vec![]).is_err()) {
                        tracing::debug!(event, "not sent");
                    }
                }
                Effect::Report(report) => self.on_report(report),
            }
        }
    }

    fn on_report(&mut self, report: Report) {
        match report {
            Report::SessionOpened => self.on_session_opened(),
            Report::SessionClosed => {
                if let Some(account) = &self.model.account {
                    let (server, email) = (account.target.server.clone(), account.me.email.clone());
                    self.model.settings.closed(&server, &email);
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
                self.finish_leaving();
            }
            Report::FirstList => {
                self.show_connection();
                if let Some(account) = &self.model.account {
                    let contacts: Vec<Contact> = account.roster.contacts().cloned().collect();
                    tracing::info!(contacts = contacts.len(), "roster received");
                    self.surface.show(Update::Roster(contacts));
                }
            }
            Report::Changes(changes, arrival) => {
                for change in changes.into_iter().filter(|change| change.kind != ChangeKind::Changed) {
                    self.surface.show(Update::Presence(change.contact));
                }
                if let Some(arrival) = arrival {
                    self.notify_arrival(&arrival);
                }
            }
            Report::Message(message) => self.on_message(message),
        }
    }

    fn on_session_opened(&mut self) {
        let Some(account) = &self.model.account else { return };
        let (server, email) = (account.target.server.clone(), account.me.email.clone());
        let secret = account.secret();
        self.model.settings.opened(&server, &email);
        self.model.draft.problem = None;
        if self.model.tenure.keep {
            let kept = KeptAccount {
                server,
                email,
                name: account.me.name.clone(),
                plain_http: self.model.tenure.plain_http,
                local: self.model.tenure.local,
            };
            self.saving_secrets += 1;
            self.effects.save_secret(kept.clone(), secret_name(&kept), secret);
        } else {
            self.model.settings.account = None;
        }
        self.save_settings();
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

    fn save_settings(&mut self) {
        if let Err(problem) = self.store.save(&self.model.settings) {
            self.notice(problem);
        }
    }

    /// Shows what has become different since it was shown last.
    fn show(&mut self) {
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
            self.surface.show(Update::Connection { state, reason });
        }
    }
}

/// The name under which the keyring holds an account's secret.
fn secret_name(kept: &KeptAccount) -> String {
    if kept.local {
        format!("{} (this computer)", kept.email)
    } else {
        format!("{} {}", kept.email, kept.server)
    }
}

#[cfg(test)]
#[path = "controller_tests/mod.rs"]
mod tests;
