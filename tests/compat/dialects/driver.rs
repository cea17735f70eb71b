//! A core without a screen, driven as a shell drives it: commands go in, what it tells is waited for.

use anyhow::{Context, Result, anyhow};
use presente_core::{
    Command, Handle, Parts, SignInRequest, Update,
    clock::SystemClock,
    controller::{AccountNumber, Dialects, Prefill},
    detect::Detector,
    link::own::OwnLink,
    network,
    pictures::Pictures,
    profile::{Library, Profile},
    secrets::MemorySecrets,
    session::HttpSessions,
    settings::{FileSettings, Settings, SettingsStore},
    texts::Texts,
    view::{RowView, Shape, View},
};
use presente_tests::{node::SeedUser, wait::PATIENCE};
use secrecy::SecretString;
use std::{collections::VecDeque, path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{
    sync::mpsc,
    time::{error::Elapsed, timeout},
};

/// How much of what was told stands in a complaint.
const LAST: usize = 8;

/// What stays when a core ends: its files and its keyring.
pub(crate) struct Home {
    folder: TempDir,
    secrets: Arc<MemorySecrets>,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = TempDir::with_prefix("presente-home-").unwrap();
        Self { folder, secrets: Arc::default() }
    }

    fn store(&self) -> FileSettings {
        FileSettings::new(self.folder.path().join("settings.toml"))
    }

    /// What is remembered.
    pub(crate) fn settings(&self) -> Settings {
        self.store().load().0
    }

    /// Where the person's own profiles are.
    pub(crate) fn profiles(&self) -> PathBuf {
        self.folder.path().join("profiles")
    }

    /// Puts a profile there.
    pub(crate) fn add_profile(&self, profile: &Profile) {
        Library::load(Some(&self.profiles())).0.save(profile).unwrap();
    }

    /// Starts a core here.
    pub(crate) fn start(&self) -> Core {
        let sessions = Arc::new(HttpSessions::new("es").unwrap());
        let connector = Arc::new(OwnLink::new("es").unwrap());
        let detector = Detector::new(sessions.clone(), connector.clone(), "es").unwrap();
        let (library, problems) = Library::load(Some(&self.profiles()));
        assert_eq!(problems, []);
        let pictures = Pictures::default();
        let parts = Parts {
            sessions,
            connector,
            network: network::unchanging(),
            secrets: self.secrets.clone(),
            pictures: pictures.clone(),
            settings: Box::new(self.store()),
            history: None,
            exports: PathBuf::new(),
            local_server: None,
            clock: Arc::new(SystemClock),
            rng: presente_core::seeded_rng(),
            texts: Texts::for_locale("en"),
            dialects: Dialects::Detected(Box::new(detector), library),
            patient: false,
            prefill: Prefill::default(),
        };
        let (sender, updates) = mpsc::unbounded_channel();
        let handle = presente_core::start(parts, sender);
        Core {
            patience: PATIENCE,
            handle,
            updates,
            pending: VecDeque::new(),
            told: Vec::new(),
            view: None,
            pictures,
        }
    }
}

/// A running core, and what it has told.
pub(crate) struct Core {
    /// How long anything is waited for.
    pub(crate) patience: Duration,
    handle: Handle,
    updates: mpsc::UnboundedReceiver<Update>,
    /// What was told and is not read yet.
    pending: VecDeque<Update>,
    told: Vec<String>,
    view: Option<Box<View>>,
    pub(crate) pictures: Pictures,
}

/// Somebody in the list as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) online: bool,
}

impl Core {
    pub(crate) async fn tell(&self, command: Command) {
        self.handle.tell(command).await;
    }

    /// Signs in from the form, to be remembered; a page looks on.
    pub(crate) async fn sign_in(&mut self, url: &str, login: &str, password: &str) {
        self.attach().await;
        self.tell(Command::SignIn(Box::new(form(url, login, password)))).await;
    }

    pub(crate) async fn attach(&self) {
        self.tell(Command::Attach { from: 0, len: 60 }).await;
    }

    /// The next update that fits; those before it are passed over.
    pub(crate) async fn next<T>(&mut self, what: &str, fits: impl Fn(&Update) -> Option<T>) -> Result<T> {
        let patience = self.patience;
        let search = async {
            loop {
                while let Some(update) = self.pending.pop_front() {
                    if let Some(found) = fits(&update) {
                        return Some(found);
                    }
                }
                self.listen().await?;
            }
        };
        let found = timeout(patience, search).await;
        self.or_complaint(what, found)
    }

    /// Waits until what is shown fits, which it may already. What else is told meanwhile is still to be read.
    pub(crate) async fn shows<T>(&mut self, what: &str, fits: impl Fn(&View) -> Option<T>) -> Result<T> {
        while let Ok(update) = self.updates.try_recv() {
            self.note(update);
        }
        let patience = self.patience;
        let search = async {
            loop {
                if let Some(found) = self.view.as_deref().and_then(&fits) {
                    return Some(found);
                }
                self.listen().await?;
            }
        };
        let found = timeout(patience, search).await;
        self.or_complaint(&format!("that it shows {what}"), found)
    }

    /// Waits for one more update; `None` when none will come any more.
    async fn listen(&mut self) -> Option<()> {
        let update = self.updates.recv().await?;
        self.note(update);
        Some(())
    }

    fn note(&mut self, update: Update) {
        self.told.push(short(&update));
        if let Update::View(view) = &update {
            self.view = Some(view.clone());
        }
        self.pending.push_back(update);
    }

    fn or_complaint<T>(&self, what: &str, found: Result<Option<T>, Elapsed>) -> Result<T> {
        let ended = match found {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => "the core ended before",
            Err(_) => "the core never told",
        };
        let last = self.told.get(self.told.len().saturating_sub(LAST)..).unwrap_or_default();
        Err(anyhow!("{ended} {what}; at last it told\n    {}", last.join("\n    ")))
    }

    /// Waits until somebody whose name begins so is shown as online, or not.
    pub(crate) async fn shows_person(&mut self, name: &str, online: bool) -> Result<Shown> {
        let what = format!("{name} as {}", if online { "online" } else { "offline" });
        let fits = |person: &Shown| person.name.starts_with(name) && person.online == online;
        // Who is offline is folded away, and is found by searching all the same.
        let search = if online { String::new() } else { name.to_owned() };
        self.handle.tell(Command::Search(search)).await;
        self.shows(&what, |view| people(view).find(fits)).await
    }

    /// The account, once its first list has come.
    pub(crate) async fn roster(&mut self) -> Result<AccountNumber> {
        let found = self.next("a roster", |update| match update {
            Update::Roster(account, _) => Some(Ok(*account)),
            Update::Rejected { sentence, .. } => Some(Err(sentence.clone())),
            _ => None,
        });
        found.await?.map_err(|sentence| anyhow!("rejected: {sentence}"))
    }

    /// The code of the problem for which it turns a form down.
    pub(crate) async fn rejected(&mut self) -> Result<&'static str> {
        self.next("a rejection", |update| match update {
            Update::Rejected { problem, .. } => Some(problem.code()),
            _ => None,
        })
        .await
    }

    /// Ends it as a quit does.
    pub(crate) async fn quit(mut self) -> Result<()> {
        self.tell(Command::Shutdown).await;
        self.next("its end", |update| (*update == Update::Stopped).then_some(())).await
    }
}

/// What is typed into the form.
pub(crate) fn form(url: &str, login: &str, password: &str) -> SignInRequest {
    SignInRequest {
        server: url.to_owned(),
        email: login.to_owned(),
        password: SecretString::from(password),
        keep: true,
        plain_http: false,
        new_person: None,
    }
}

/// Everybody in the list as it is shown.
pub(crate) fn people(view: &View) -> impl Iterator<Item = Shown> {
    view.roster.rows.iter().filter_map(|row| match row {
        RowView::Contact { id, name, shape, .. } => {
            let online = !matches!(shape, Shape::Offline | Shape::Cut);
            Some(Shown { id: id.clone(), name: name.clone(), online })
        }
        _ => None,
    })
}

/// An update in a line.
fn short(update: &Update) -> String {
    match update {
        Update::View(view) => {
            let people: Vec<_> = people(view).collect();
            format!("View {:?} {:?} {people:?}", view.screen, view.sign_in.problem)
        }
        Update::Tray(tray) => format!("Tray {:?}", tray.tooltip),
        update => format!("{update:?}"),
    }
}

/// Us.
pub(crate) fn ana() -> SeedUser {
    SeedUser { password: "clave de ana".to_owned(), ..SeedUser::new("ana@example.org", "Ana", "Ríos") }
}

/// The one at the other end.
pub(crate) fn beto() -> SeedUser {
    SeedUser { password: "clave de beto".to_owned(), ..SeedUser::new("beto@example.org", "Beto", "Núñez") }
}

/// The profile that was remembered for a server, by its name.
pub(crate) fn remembered(home: &Home) -> Result<String> {
    let servers = home.settings().servers;
    let known = servers.values().next().context("nothing was remembered")?;
    Ok(known.profile.clone())
}
