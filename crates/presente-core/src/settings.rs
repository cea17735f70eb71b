//! What is remembered between runs that is no secret: the account, the wish to be seen, open sessions.

use crate::{
    alerts::AlertSettings,
    history::HistorySettings,
    people::{Person, PersonKey},
    problem::Problem,
    profile::Socket,
    server_url::ServerUrl,
};
use jiff::Timestamp;
use presente_wire::Availability;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Whether we want to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// Seen by everybody.
    #[default]
    Online,
    /// Watching without being seen.
    Offline,
}

/// An account that signs in by itself at the next start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAccount {
    /// The server.
    pub server: ServerUrl,
    /// By which the account is known there: an e-mail address, a nickname, or nothing.
    pub email: String,
    /// Whether to be seen there.
    #[serde(default)]
    pub presence: Presence,
    /// How we can be reached there while we are seen.
    #[serde(default)]
    pub availability: Availability,
    /// The name to greet with until the server tells it again.
    #[serde(default)]
    pub name: String,
    /// The person has said that the password may travel unencrypted.
    #[serde(default)]
    pub plain_http: bool,
    /// The server is the one inside the app.
    #[serde(default)]
    pub local: bool,
}

/// A session that was opened and, as far as is known, not closed: a ghost if the app has crashed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OpenSession {
    /// The server.
    pub server: ServerUrl,
    /// By which the account is known there.
    pub email: String,
}

/// How a server was found to speak.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KnownServer {
    /// The name of the profile.
    pub profile: String,
    /// How its socket is opened, where that is not as the profile says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket: Option<Socket>,
    /// Until then it is not offered to tell its list in changes: it refuses who does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_offer_until: Option<Timestamp>,
}

impl KeptAccount {
    /// The session that it has while it is signed in.
    pub fn session(&self) -> OpenSession {
        OpenSession { server: self.server.clone(), email: self.email.clone() }
    }
}

/// In which language the app speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// That of the system.
    #[default]
    System,
    /// English.
    En,
    /// Spanish.
    Es,
}

/// In which colours the window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// How people are sorted within a section of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// By name.
    #[default]
    Name,
    /// Who can be reached first, then by name.
    State,
    /// Who came or went last first.
    Recent,
}

/// How the list is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListSettings {
    /// How it is sorted.
    pub sort: Sort,
    /// Sections that are folded although they are not by themselves.
    pub folded: BTreeSet<String>,
    /// Sections that are unfolded although they are folded by themselves.
    pub unfolded: BTreeSet<String>,
}

/// Everything that is remembered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The accounts that sign in at the start, in the order in which they came.
    pub accounts: Vec<KeptAccount>,
    /// How servers were found to speak, by their address.
    pub servers: BTreeMap<String, KnownServer>,
    /// Whether a new account is to be seen.
    pub presence: Presence,
    /// Sessions to close if nobody is using them.
    pub open_sessions: Vec<OpenSession>,
    /// The server that was typed last.
    pub last_server: String,
    /// The e-mail address that was typed last.
    pub last_email: String,
    /// The notice that closing the window goes to the tray has been given.
    pub told_close_to_tray: bool,
    /// How a new account is to be reached while we are seen.
    pub availability: Availability,
    /// The line that others see beside our name.
    pub status_line: String,
    /// After how many minutes without a touch we count as away; 0 for never.
    pub auto_away_minutes: u16,
    /// In which language the app speaks.
    pub language: Language,
    /// In which colours.
    pub theme: Theme,
    /// How the list is shown.
    pub list: ListSettings,
    /// Of whom and when people are told.
    pub alerts: AlertSettings,
    /// Who was online when.
    pub history: HistorySettings,
    /// What is noted of people.
    pub people: Vec<Person>,
}

impl Settings {
    /// Remembers that a session is open; says whether that is news.
    pub fn opened(&mut self, session: OpenSession) -> bool {
        let is_news = !self.open_sessions.contains(&session);
        if is_news {
            self.open_sessions.push(session);
        }
        is_news
    }

    /// Remembers an account that is to sign in at the start, in place of what was remembered of it.
    pub fn keep(&mut self, account: KeptAccount) {
        let session = account.session();
        match self.accounts.iter_mut().find(|kept| kept.session() == session) {
            Some(kept) => *kept = account,
            None => self.accounts.push(account),
        }
    }

    /// Forgets an account; what was remembered of it.
    pub fn forget(&mut self, session: &OpenSession) -> Option<KeptAccount> {
        let at = self.accounts.iter().position(|kept| kept.session() == *session)?;
        Some(self.accounts.remove(at))
    }

    /// The server of this computer is at another address now.
    pub fn moved(&mut self, before: &ServerUrl, now: &ServerUrl) {
        let sessions = self.open_sessions.iter_mut().map(|session| &mut session.server);
        let accounts = self.accounts.iter_mut().filter(|kept| kept.local).map(|kept| &mut kept.server);
        for server in sessions.chain(accounts).filter(|server| *server == before) {
            *server = now.clone();
        }
    }

    /// What is noted of a person, if anything.
    pub fn person(&self, key: &PersonKey) -> Option<&Person> {
        self.people.iter().find(|person| person.key == *key)
    }

    /// What is noted of the people that a session knows.
    pub fn people_of<'a, 'b>(
        &'a self,
        session: &'b OpenSession,
    ) -> impl Iterator<Item = &'a Person> + use<'a, 'b> {
        self.people.iter().filter(|person| person.key.is_of(session))
    }

    /// Notes something of a person.
    pub fn note_of(&mut self, key: &PersonKey, note: impl FnOnce(&mut Person)) {
        let at = self.people.iter().position(|person| person.key == *key);
        let mut person = match at {
            Some(at) => self.people.swap_remove(at),
            None => Person::new(key.clone()),
        };
        note(&mut person);
        if !person.is_blank() {
            self.people.push(person);
            self.people.sort_by(|one, other| one.key.cmp(&other.key));
        }
    }

    /// Remembers that it is closed.
    pub fn closed(&mut self, closed: &OpenSession) {
        self.open_sessions.retain(|session| session != closed);
    }
}

/// Where settings are kept.
pub trait SettingsStore: Send {
    /// Reads them; what cannot be read is set aside, never overwritten, and said.
    fn load(&self) -> (Settings, Option<Problem>);
    /// Writes them, all or nothing.
    ///
    /// # Errors
    /// The problem to tell: the file and the system's reason.
    fn save(&self, settings: &Settings) -> Result<(), Problem>;
}

/// Settings in memory: for the terminal and for tests.
#[derive(Debug, Default)]
pub struct MemorySettings;

impl SettingsStore for MemorySettings {
    fn load(&self) -> (Settings, Option<Problem>) {
        (Settings::default(), None)
    }

    fn save(&self, _settings: &Settings) -> Result<(), Problem> {
        Ok(())
    }
}

/// What a settings file may hold.
#[derive(Deserialize)]
struct Stored {
    /// The one account of earlier versions, which had no more.
    account: Option<KeptAccount>,
    #[serde(flatten)]
    settings: Settings,
}

/// Settings in a TOML file.
#[derive(Debug, Clone)]
pub struct FileSettings {
    path: PathBuf,
}

impl FileSettings {
    /// The settings in this file, which need not exist.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn write(&self, settings: &Settings) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let text = toml::to_string_pretty(settings).map_err(io::Error::other)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}

impl SettingsStore for FileSettings {
    fn load(&self) -> (Settings, Option<Problem>) {
        let text = match std::fs::read(&self.path) {
            Ok(bytes) => String::from_utf8(bytes).ok(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return (Settings::default(), None),
            Err(_) => None,
        };
        if let Some(Stored { account, mut settings }) = text.and_then(|text| toml::from_str(&text).ok()) {
            settings.accounts.extend(account);
            return (settings, None);
        }
        let aside = self.path.with_extension("unreadable");
        let problem = match std::fs::rename(&self.path, &aside) {
            Ok(()) => Problem::SettingsSetAside { path: aside.display().to_string() },
            Err(error) => {
                Problem::SettingsNotSaved { path: self.path.display().to_string(), reason: error.to_string() }
            }
        };
        (Settings::default(), Some(problem))
    }

    fn save(&self, settings: &Settings) -> Result<(), Problem> {
        self.write(settings).map_err(|error| Problem::SettingsNotSaved {
            path: self.path.display().to_string(),
            reason: error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(folder: &tempfile::TempDir) -> FileSettings {
        FileSettings::new(folder.path().join("deep/settings.toml"))
    }

    #[test]
    fn settings_come_back_as_they_were_saved() {
        let folder = tempfile::tempdir().unwrap();
        let server = ServerUrl::parse("http://localhost:4000").unwrap();
        let mut settings = Settings { presence: Presence::Offline, ..Settings::default() };
        let session = OpenSession { server: server.clone(), email: "a@x".to_owned() };
        settings.opened(session.clone());
        settings.opened(session);
        settings.keep(KeptAccount {
            server,
            email: "a@x".to_owned(),
            presence: Presence::Offline,
            availability: Availability::Away,
            name: "A".to_owned(),
            plain_http: false,
            local: true,
        });
        store(&folder).save(&settings).unwrap();
        assert_eq!(store(&folder).load(), (settings, None));
    }

    #[test]
    fn the_account_of_an_earlier_version_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        store.save(&Settings::default()).unwrap();
        let old = "[account]\nserver = \"https://a.example/\"\nemail = \"a@x\"\n";
        std::fs::write(&store.path, old).unwrap();
        let (settings, problem) = store.load();
        assert_eq!((settings.accounts.len(), problem), (1, None));
        store.save(&settings).unwrap();
        assert_eq!(store.load().0, settings);
    }

    #[test]
    fn an_account_is_remembered_once_and_forgotten_whole() {
        let kept = |email: &str, local| KeptAccount {
            server: ServerUrl::parse("https://a.example").unwrap(),
            email: email.to_owned(),
            presence: Presence::Online,
            availability: Availability::Online,
            name: String::new(),
            plain_http: false,
            local,
        };
        let mut settings = Settings::default();
        settings.keep(kept("a@x", false));
        settings.keep(kept("b@x", false));
        settings.keep(kept("a@x", true));
        assert_eq!(settings.accounts, [kept("a@x", true), kept("b@x", false)]);
        assert_eq!(settings.forget(&kept("a@x", false).session()), Some(kept("a@x", true)));
        assert_eq!(settings.accounts, [kept("b@x", false)]);
    }

    #[test]
    fn no_file_means_fresh_settings_without_a_word() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(store(&folder).load(), (Settings::default(), None));
    }

    #[test]
    fn an_unreadable_file_is_set_aside_and_kept() {
        for bytes in [&b"account = 5"[..], b"\xff\xfe", b"presence = \"elsewhere\""] {
            let folder = tempfile::tempdir().unwrap();
            let store = store(&folder);
            store.save(&Settings::default()).unwrap();
            std::fs::write(&store.path, bytes).unwrap();
            let (settings, problem) = store.load();
            assert_eq!(settings, Settings::default());
            let Some(Problem::SettingsSetAside { path }) = problem else { panic!("not said: {problem:?}") };
            assert_eq!(std::fs::read(path).unwrap(), bytes, "the old file is kept as it was");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_a_problem_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("deep"), "a file where a folder should be").unwrap();
        let problem = store(&folder).save(&Settings::default()).unwrap_err();
        assert!(
            matches!(problem, Problem::SettingsNotSaved { ref path, .. } if path.contains("deep")),
            "{problem:?}"
        );
    }
}
