//! The controller: one task that owns all state. Commands come in, updates go out through a [`Surface`], and
//! effects go through the traits in [`Parts`].
//!
//! Here are its words and its state; `run` is the loop, `keeping` looks after the account, its session and its
//! secret, `wishes` passes on how people want to be seen, `places` moves between pages and keeps settings, `telling` says
//! what happened.

mod alerting;
mod dialect;
mod keeping;
mod learning;
mod people;
mod places;
mod remembering;
mod run;
mod telling;
mod wishes;

pub use dialect::Dialects;
pub(crate) use remembering::HistoryEvent;

pub use crate::effects::AccountNumber;
use crate::{
    alerts::{AlertSettings, Rule},
    clock::Clock,
    connection::{ConnectionDetails, SleepWatch},
    effects::{Effects, LocalServer},
    feed::Delivery,
    form::SignInRequest,
    history::{ExportFormat, HistoryStore, TimelineSpan},
    link::{Connector, Link},
    model::Model,
    network::NetworkChanges,
    pictures::Pictures,
    problem::Problem,
    profile::Message,
    roster::Contact,
    secrets::SecretStore,
    session::Sessions,
    settings::{Language, OpenSession, SettingsStore, Sort, Theme},
    texts::Texts,
    view::{Tray, View},
};
use dialect::{Stranger, Unreached};
use futures_util::stream::Fuse;
use presente_wire::OwnAvailability;
use rand::rngs::StdRng;
use remembering::Remembering;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinHandle},
    time::Instant,
};

/// How long leaving may take: what the server has not heard by then it learns at the next start.
pub const LEAVE_WITHIN: Duration = Duration::from_millis(1_800);
/// How long links may take to say goodbye after that.
const FAREWELL: Duration = Duration::from_secs(1);
/// Longer than anything is waited for.
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
/// How many commands and events may wait for the controller.
const QUEUE: usize = 256;

/// What people, the shell and the terminal ask for.
#[derive(Debug)]
pub enum Command {
    /// Sign in, or make an account and sign in.
    SignIn(Box<SignInRequest>),
    /// Stop the sign-in that is under way, or close the form that is open beside accounts.
    Cancel,
    /// Learn how the server in the form speaks, by listening to it.
    Learn,
    /// Of what may be the list of people, take this one.
    LearnChoose(usize),
    /// Read people by these fields.
    LearnMap {
        /// The identity.
        id: String,
        /// What makes the name, in order.
        name: Vec<String>,
        /// The e-mail address.
        email: Option<String>,
    },
    /// Keep what was learnt as a profile of this name, and go on with it.
    LearnConfirm(String),
    /// Open the form for another account.
    AddAccount,
    /// Be seen in this way: with one account, or with all. Where the server cannot tell others of more than being
    /// online, away and do not disturb are kept here, and are seen as online.
    SetState(OwnAvailability, Option<AccountNumber>),
    /// Be seen with this line of one's own, or with none: with one account, or with all; on the same terms.
    SetStatusLine(String, Option<AccountNumber>),
    /// Somebody wants to change that line: the page offers it.
    EditStatusLine,
    /// It does.
    StatusLineOffered,
    /// Whether somebody is at the machine.
    Activity(Activity),
    /// Sign out and forget the account: one, or all.
    SignOut(Option<AccountNumber>),
    /// Say something: to one contact of an account, or to everybody there.
    Say {
        /// Where.
        account: AccountNumber,
        /// The text.
        text: String,
        /// The identity of the one contact.
        to: Option<String>,
    },
    /// What was said has been seen.
    Seen,
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
        /// The keys of the rows under the pointer and with the focus: they stay where they are.
        pins: Vec<String>,
    },
    /// Show those of whom these words are true; everybody, where there are none.
    Search(String),
    /// Sort the list in this way.
    Sort(Sort),
    /// Fold a section of the list, or unfold it.
    Fold {
        /// Which section.
        section: String,
        /// Whether it is to be folded.
        folded: bool,
    },
    /// Open the page of a contact.
    OpenContact(AccountNumber, String),
    /// Open the settings.
    OpenSettings,
    /// Open the page about the app.
    OpenAbout,
    /// Go back to the list.
    Back,
    /// Note something of a contact.
    Note(AccountNumber, String, PersonNote),
    /// Give a group a rule of its own, or none.
    SetGroupRule(String, Option<Rule>),
    /// Change settings.
    ChangeSettings(Box<SettingsChange>),
    /// Tell nobody of anything for so many minutes; of everything again, with none.
    Snooze(Option<u16>),
    /// Write what is known of who was online when into a file: of one contact, or of all.
    ExportHistory(ExportFormat, Option<(AccountNumber, String)>),
    /// Forget who was online when: one contact, or all.
    ForgetHistory(Option<(AccountNumber, String)>),
    /// Show a day or a week on the page of the contact.
    ShowSpan(TimelineSpan),
    /// Fill the form with a server's address.
    AddServer(String),
    /// What the shell knows of the desktop.
    Desktop {
        /// Lines for the page about the app: the end of the name of its label among the texts, and the value.
        lines: Vec<(String, String)>,
        /// Whether the app starts with the session; nothing where there is no way for that.
        starts_at_login: Option<bool>,
    },
    /// Starting with the session could not be changed: as it is now, and the system's reason.
    StartNotChanged(bool, String),
    /// All that the page has changed up to the change of this number has been told; a page counts from 1.
    Heard(u64),
    /// The page is gone; the first time that leaves only the tray, people are told.
    Detach,
    /// A notice has been read.
    Dismiss(String),
    /// The app was updated while it runs: it has to be started again before it can show its window.
    SayUpdated,
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

/// Whether somebody is at the machine, as far as the desktop tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// Nobody has touched it for so long.
    Idle(Duration),
    /// The desktop does not tell.
    Unknown,
    /// The screen is locked, or not any more.
    Locked(bool),
    /// The machine goes to sleep, or has woken.
    Asleep(bool),
}

/// Something to be noted of a contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PersonNote {
    /// Whether they stand at the top of the list.
    Favourite(bool),
    /// The group they stand in; none where it is empty.
    Group(String),
    /// What they are called here; their own name where it is empty.
    Alias(String),
    /// Some words about them.
    Note(String),
    /// When to be told of them; as of everybody, with none.
    Rule(Option<Rule>),
    /// Whether their history is kept.
    History(bool),
}

/// Settings to be changed: those that are there.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingsChange {
    /// In which language the app speaks.
    pub language: Option<Language>,
    /// In which colours.
    pub theme: Option<Theme>,
    /// Start with the session.
    pub start_at_login: Option<bool>,
    /// After how many minutes we count as away; 0 for never.
    pub auto_away_minutes: Option<u16>,
    /// Of whom and when people are told.
    pub alerts: Option<AlertSettings>,
    /// Whether it is kept who was online when.
    pub history_enabled: Option<bool>,
    /// For how many days.
    pub keep_days: Option<u32>,
}

/// How urgent a notification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Urgency {
    /// It may be missed.
    Low,
    /// As most are.
    #[default]
    Normal,
}

/// A notification to raise. Title and body may hold a stranger's words, made fit to be shown as plain text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notification {
    /// What it is about: one with the same tag takes its place. Empty for one that stands for itself.
    pub tag: String,
    /// One line of plain text.
    pub title: String,
    /// One line of plain text.
    pub body: String,
    /// How urgent it is.
    pub urgency: Urgency,
    /// What it is about, in the words of the Desktop Notifications Specification, e.g. `presence.online`.
    pub category: &'static str,
    /// With a sound.
    pub sound: bool,
    /// Whose page a click on it opens; the window alone, where there is none.
    pub target: Option<(AccountNumber, String)>,
}

/// What the controller tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// The connection of an account has another state.
    Connection {
        /// Whose.
        account: AccountNumber,
        /// Which.
        state: ConnectionState,
        /// Why, in words, where there is something to say.
        reason: Option<String>,
        /// What is known about it.
        details: ConnectionDetails,
    },
    /// The roster of an account after a connect. It is the account's own: whoever keeps it makes the next change copy it.
    Roster(AccountNumber, Arc<Vec<Arc<Contact>>>),
    /// A contact came online or went.
    Presence(AccountNumber, Arc<Contact>),
    /// A contact has another name or address, or can be reached in another way.
    Changed(AccountNumber, Arc<Contact>),
    /// A contact has another identity now, and is the same.
    Renamed {
        /// Of which account.
        account: AccountNumber,
        /// The identity of before.
        was: String,
        /// The contact as it is now.
        contact: Arc<Contact>,
    },
    /// A message for people.
    Message(AccountNumber, Message),
    /// Something is wrong although the account is connected, e.g. its list cannot be read.
    Trouble {
        /// Whose.
        account: AccountNumber,
        /// What is wrong.
        problem: Problem,
        /// The same as a sentence.
        sentence: String,
    },
    /// What became of a message of ours.
    Delivery {
        /// Through which account it was said.
        account: AccountNumber,
        /// Its text.
        text: String,
        /// What became of it.
        delivery: Delivery,
    },
    /// A person must act before the account is of use again.
    Rejected {
        /// What is wrong.
        problem: Problem,
        /// The same as a sentence.
        sentence: String,
    },
    /// Tell people now.
    Notify(Notification),
    /// Take the notification with this tag away: it is not true any more.
    Withdraw(String),
    /// Run a command that somebody has set for this: program and arguments, and variables for it. Never by a shell.
    RunCommand {
        /// The program and its arguments.
        argv: Vec<String>,
        /// Variables of its environment.
        env: Vec<(&'static str, String)>,
    },
    /// Start the app with the session from now on, or not.
    StartAtLogin(bool),
    /// After so many minutes without a touch we count as away: tell [`Command::Activity`] accordingly; 0 for never.
    AutoAway(u16),
    /// The words of the page, in the language that is spoken from now on.
    Words(Texts),
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
    /// Says when the network has changed.
    pub network: NetworkChanges,
    /// Keeps passwords.
    pub secrets: Arc<dyn SecretStore>,
    /// Where pictures of people are kept; whoever shows them has a clone.
    pub pictures: Pictures,
    /// Keeps settings.
    pub settings: Box<dyn SettingsStore>,
    /// Keeps who was online when; where there is none, nothing of that is kept.
    pub history: Option<Arc<dyn HistoryStore>>,
    /// The folder for files to take away.
    pub exports: PathBuf,
    /// The server inside the app.
    pub local_server: Option<Arc<dyn LocalServer>>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for jitter.
    pub rng: StdRng,
    /// The user's language.
    pub texts: Texts,
    /// How servers speak.
    pub dialects: Dialects,
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

/// What comes after an account has left its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum After {
    /// Go on without the account, which stays remembered.
    Drop,
    /// Forget the account.
    Forget,
}

#[derive(Debug, Clone, Copy)]
struct Leaving {
    until: Instant,
    after: After,
}

struct Controller {
    model: Model,
    effects: Effects,
    store: Box<dyn SettingsStore>,
    surface: Box<dyn Surface>,
    clock: Arc<dyn Clock>,
    rng: StdRng,
    texts: Texts,
    dialects: Dialects,
    /// A server that is tried again, to find out what it speaks.
    unreached: Option<Unreached>,
    /// What listens for the assistant.
    listening: Option<AbortHandle>,
    /// Of which account to be it was told that it connects.
    told_connecting: Option<AccountNumber>,
    /// The server of the form that speaks in no way that is known.
    stranger: Option<Stranger>,
    /// Accounts whose server is being looked at again.
    looking_again: BTreeSet<AccountNumber>,
    patient: bool,
    /// The last number that was given to an account.
    number: AccountNumber,
    network: Fuse<NetworkChanges>,
    links: BTreeMap<AccountNumber, Box<dyn Link>>,
    /// Secrets on their way into the keyring; leaving waits for them.
    saving_secrets: Vec<OpenSession>,
    ghosts: BTreeMap<OpenSession, AbortHandle>,
    leaving: BTreeMap<AccountNumber, Leaving>,
    /// The controller ends when everybody has left, or then.
    stopping: Option<Instant>,
    stopped: bool,
    attached: bool,
    revision: u64,
    heard: u64,
    shown_view: Option<View>,
    shown_tray: Option<Tray>,
    sleep_watch: SleepWatch,
    sleep_check: Instant,
    /// Whether people were not to be disturbed when the alerts were looked at last.
    undisturbed: bool,
    remembering: Option<Remembering>,
}

#[cfg(test)]
#[path = "controller_tests/mod.rs"]
mod tests;
