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
    /// Whether the app has taken it back.
    pub closed: bool,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Vec<Note>>>);

impl Notes {
    fn lock(&self) -> MutexGuard<'_, Vec<Note>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut hints: Vec<String> = hints.into_keys().collect();
        hints.sort();
        notes.push(Note { id, app, summary, body, icon, actions: pairs, hints, closed: false });
        id
    }

    fn close_notification(&self, id: u32) {
        for note in self.0.lock().iter_mut().filter(|note| note.id == id) {
            note.closed = true;
        }
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
        self.emit("NotificationClosed", &(id, DISMISSED_BY_THE_USER)).await
    }

    async fn emit<B>(&self, signal: &str, body: &B) -> Result<()>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        Ok(self.connection.emit_signal(None::<&str>, PATH, NAME, signal, body).await?)
    }
}
