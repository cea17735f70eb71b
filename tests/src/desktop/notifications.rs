//! A notification service that shows nothing, remembers everything, and clicks when a test says so.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;
use zbus::{Connection, zvariant::OwnedValue};

use crate::wait::{PATIENCE, until_with_state};

pub(crate) const PATH: &str = "/org/freedesktop/Notifications";
pub(crate) const NAME: &str = "org.freedesktop.Notifications";

/// Why a notification closed, in the specification's numbers.
const DISMISSED_BY_THE_USER: u32 = 2;

/// One notification as the service was told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The number it was given.
    pub id: u32,
    /// The name that the app gives itself.
    pub app: String,
    /// The first line.
    pub summary: String,
    /// The text below.
    pub body: String,
    /// Name or path of its icon.
    pub icon: String,
    /// `(key, label)`; a click on the notification itself is `default`.
    pub actions: Vec<(String, String)>,
    /// The names of its hints.
    pub hints: Vec<String>,
    /// How urgent it is: 0 low, 1 normal, 2 critical.
    pub urgency: Option<u8>,
    /// What it is about, such as `presence.online`.
    pub category: Option<String>,
    /// The desktop entry of the app, by which its settings are found.
    pub desktop_entry: Option<String>,
    /// Whether the desktop is to make no sound.
    pub silent: bool,
    /// The number of the one in whose place it came; 0 for none.
    pub replaces: u32,
    /// It is not on the screen any more: taken back, clicked or sent away, or another one has taken its place.
    pub closed: bool,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Vec<Note>>>);

impl Notes {
    fn lock(&self) -> MutexGuard<'_, Vec<Note>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, id: u32) {
        self.lock().iter_mut().filter(|note| note.id == id).for_each(|note| note.closed = true);
    }
}

/// The D-Bus side.
pub(crate) struct Service(pub(crate) Notes);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[allow(clippy::too_many_arguments, reason = "the specification's")]
    fn notify(
        &self,
        app: String,
        replaces: u32,
        icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let mut notes = self.0.lock();
        let last = notes.iter().map(|note| note.id).max().unwrap_or(0);
        let id = if replaces == 0 { last + 1 } else { replaces };
        let mut keys_and_labels = actions.into_iter();
        let mut pairs = Vec::new();
        while let (Some(key), Some(label)) = (keys_and_labels.next(), keys_and_labels.next()) {
            pairs.push((key, label));
        }
        let text = |name: &str| hints.get(name).and_then(|hint| String::try_from(hint.clone()).ok());
        let mut note = Note {
            id,
            app,
            summary,
            body,
            icon,
            actions: pairs,
            urgency: hints.get("urgency").and_then(|hint| u8::try_from(hint).ok()),
            category: text("category"),
            desktop_entry: text("desktop-entry"),
            silent: hints.get("suppress-sound").is_some_and(|hint| bool::try_from(hint).unwrap_or(false)),
            hints: hints.into_keys().collect(),
            replaces,
            closed: false,
        };
        note.hints.sort();
        notes.iter_mut().filter(|before| before.id == id).for_each(|before| before.closed = true);
        notes.push(note);
        id
    }

    fn close_notification(&self, id: u32) {
        self.0.close(id);
    }

    fn get_capabilities(&self) -> Vec<String> {
        ["actions", "body"].map(String::from).to_vec()
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("Presente's tests".to_owned(), "Presente".to_owned(), "1".to_owned(), "1.2".to_owned())
    }
}

/// What a test sees of the service.
#[derive(Debug, Clone)]
pub struct Notifications {
    notes: Notes,
    connection: Connection,
}

impl Notifications {
    pub(crate) fn new(notes: Notes, connection: Connection) -> Self {
        Self { notes, connection }
    }

    /// The service appears on the bus, in a world that began without it.
    ///
    /// # Errors
    /// When it is there already.
    pub async fn appear(&self) -> Result<()> {
        Ok(self.connection.request_name(NAME).await?)
    }

    /// All notifications so far, oldest first; one that was replaced is there twice.
    #[must_use]
    pub fn all(&self) -> Vec<Note> {
        self.notes.lock().clone()
    }

    /// Those that are on the screen, oldest first.
    #[must_use]
    pub fn on_screen(&self) -> Vec<Note> {
        self.all().into_iter().filter(|note| !note.closed).collect()
    }

    /// Waits until those on the screen say exactly this, oldest first.
    ///
    /// # Errors
    /// When they say something else; with what they say.
    pub async fn show(&self, summaries: &[&str]) -> Result<Vec<Note>> {
        until_with_state(
            &format!("the notifications on the screen to say {summaries:?}"),
            PATIENCE,
            async || {
                let notes = self.on_screen();
                let said = notes.iter().map(|note| note.summary.as_str());
                if said.eq(summaries.iter().copied()) { Ok(notes) } else { Err(format!("{:#?}", self.all())) }
            },
        )
        .await
    }

    /// Waits for a notification that `fits`; one that came before counts.
    ///
    /// # Errors
    /// When none comes in time; with those that did.
    pub async fn wait_for(&self, what: &str, fits: impl Fn(&Note) -> bool) -> Result<Note> {
        until_with_state(&format!("a notification: {what}"), PATIENCE, async || {
            let all = self.all();
            all.iter().find(|note| fits(note)).cloned().ok_or_else(|| format!("{all:?}"))
        })
        .await
    }

    /// A click on the notification itself.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn click(&self, id: u32) -> Result<()> {
        self.choose(id, "default").await
    }

    /// A click on one of its buttons; as on real desktops the notification then closes.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn choose(&self, id: u32, action: &str) -> Result<()> {
        self.emit("ActionInvoked", &(id, action)).await?;
        self.dismiss(id).await
    }

    /// The user sends it away.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn dismiss(&self, id: u32) -> Result<()> {
        self.notes.close(id);
        self.emit("NotificationClosed", &(id, DISMISSED_BY_THE_USER)).await
    }

    async fn emit<B>(&self, signal: &str, body: &B) -> Result<()>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        Ok(self.connection.emit_signal(None::<&str>, PATH, NAME, signal, body).await?)
    }
}
