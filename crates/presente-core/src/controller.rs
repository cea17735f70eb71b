//! The controller: one task that owns all state. Commands come in, updates go out through a [`Surface`], and
//! effects go through the traits in [`Parts`].
//!
//! Here are its words and its state; `run` is the loop, `keeping` looks after the account, its session and its
//! secret, `telling` says what happened.

mod keeping;
mod run;
mod telling;

use crate::{
    clock::Clock,
    connection::{ConnectionDetails, SleepWatch},
    effects::{AccountNumber, Effects, LocalServer},
    form::SignInRequest,
    link::{Connector, Link},
    model::Model,
    network::NetworkChanges,
    problem::Problem,
    profile::{Message, Profile},
    roster::Contact,
    secrets::SecretStore,
    session::Sessions,
    settings::{OpenSession, Presence, SettingsStore},
    texts::Texts,
    view::{Tray, View},
};
use futures_util::stream::Fuse;
use rand::rngs::StdRng;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinHandle},
    time::Instant,
};

/// How long leaving may take: what the server has not heard by then it learns at the next start.
pub const LEAVE_WITHIN: Duration = Duration::from_millis(1_800);
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
        /// What is known about it.
        details: ConnectionDetails,
    },
    /// The roster after a connect.
    Roster(Vec<Arc<Contact>>),
    /// A contact came online or went.
    Presence(Arc<Contact>),
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
    /// Says when the network has changed.
    pub network: NetworkChanges,
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
    network: Fuse<NetworkChanges>,
    link: Option<Box<dyn Link>>,
    /// Secrets on their way into the keyring; leaving waits for them.
    saving_secrets: usize,
    ghosts: BTreeMap<OpenSession, AbortHandle>,
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

#[cfg(test)]
#[path = "controller_tests/mod.rs"]
mod tests;
