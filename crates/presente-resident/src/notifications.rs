//! Native notifications, through the desktop's service: one with the tag of another takes its place, one that is not true
//! any more is taken away, and a click opens the contact.
//!
//! The title may hold a stranger's name, and only titles are plain text on every desktop: bodies may be read as markup, so
//! what is put there is escaped where it could be mistaken for it.

use crate::window::{Window, WindowEvent};
use futures_util::StreamExt;
use presente_core::{
    controller::{AccountNumber, Notification, Urgency},
    page::process::{FromWindow, ToWindow},
    pictures::Pictures,
};
use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
};
use tokio::sync::mpsc;
use zbus::{Connection, proxy, zvariant::Value};

/// By which the desktop finds our icon and our settings for notifications: the name of our desktop entry.
pub(crate) const DESKTOP_ENTRY: &str = "app.presente.Presente";
/// How many notifications are remembered, to replace them and to know what a click means.
const REMEMBERED: usize = 200;
/// The services leave it to the desktop how long a notification stays.
const AS_THE_DESKTOP_LIKES: i32 = -1;

/// Raises notifications.
pub(crate) trait Notifier: Send {
    /// Raises one, in place of the one with the same tag.
    fn raise(&self, notification: Notification);
    /// Takes the one with this tag away.
    fn withdraw(&self, tag: String);
}

/// A click on a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Click {
    /// Whose page to open; only the window, where there is none.
    pub(crate) target: Option<(AccountNumber, String)>,
    /// By which a window may come to the front on Wayland.
    pub(crate) token: Option<String>,
}

#[proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Service {
    #[allow(clippy::too_many_arguments, reason = "the specification says so")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    fn close_notification(&self, id: u32) -> zbus::Result<()>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: String) -> zbus::Result<()>;

    #[zbus(signal)]
    fn activation_token(&self, id: u32, activation_token: String) -> zbus::Result<()>;

    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

enum Order {
    Raise(Notification),
    Withdraw(String),
}

/// The notification service of the desktop.
pub(crate) struct Bus {
    orders: mpsc::UnboundedSender<Order>,
}

impl Bus {
    /// Speaks to the service of this session; `open` says what a click's only action is called.
    pub(crate) fn start(connection: Connection, open: String, clicks: mpsc::UnboundedSender<Click>) -> Self {
        let (orders, received) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            if let Err(error) = serve(&connection, &open, received, &clicks).await {
                tracing::warn!(%error, "the notification service cannot be used");
            }
        });
        Self { orders }
    }
}

impl Notifier for Bus {
    fn raise(&self, notification: Notification) {
        let _ = self.orders.send(Order::Raise(notification));
    }

    fn withdraw(&self, tag: String) {
        let _ = self.orders.send(Order::Withdraw(tag));
    }
}

/// Tauri's plug-in for notifications, in a process of the window's that shows none. It can neither replace one nor say how
/// urgent it is; it is here to be measured beside the service ([`Bus`]).
pub(crate) struct Plugin {
    window: Window,
}

impl Plugin {
    /// Starts the process.
    pub(crate) fn start(program: PathBuf, clicks: mpsc::UnboundedSender<Click>) -> Self {
        let (events, mut happened) = mpsc::unbounded_channel();
        let window = Window::new(program, vec!["--notifier"], Pictures::default(), events);
        window.open(None);
        tokio::spawn(async move {
            while let Some(event) = happened.recv().await {
                if matches!(event, WindowEvent::Said(FromWindow::Clicked)) {
                    let _ = clicks.send(Click { target: None, token: None });
                }
            }
        });
        Self { window }
    }
}

impl Notifier for Plugin {
    fn raise(&self, notification: Notification) {
        let body = without_markup(&notification.body);
        self.window.order(ToWindow::Notify { title: notification.title, body });
    }

    fn withdraw(&self, _tag: String) {}
}

async fn serve(
    connection: &Connection,
    open: &str,
    mut orders: mpsc::UnboundedReceiver<Order>,
    clicks: &mpsc::UnboundedSender<Click>,
) -> zbus::Result<()> {
    let service = ServiceProxy::new(connection).await?;
    let mut actions = service.receive_action_invoked().await?;
    let mut tokens = service.receive_activation_token().await?;
    let mut closed = service.receive_notification_closed().await?;
    let mut owners = service.inner().receive_owner_changed().await?;
    let mut raised = Raised::default();
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                None => return Ok(()),
                Some(Order::Raise(notification)) => raise(&service, open, notification, &mut raised).await,
                Some(Order::Withdraw(tag)) => {
                    if let Some(id) = raised.take(&tag) {
                        let _ = service.close_notification(id).await;
                    }
                }
            },
            Some(action) = actions.next() => {
                if let Ok(action) = action.args() && let Some(click) = raised.click(action.id) {
                    let _ = clicks.send(click);
                }
            }
            Some(token) = tokens.next() => {
                if let Ok(token) = token.args() {
                    raised.token(token.id, token.activation_token.clone());
                }
            }
            Some(signal) = closed.next() => {
                if let Ok(signal) = signal.args() {
                    raised.closed(signal.id);
                }
            }
            // Another service gives the same numbers to other notifications.
            Some(_) = owners.next() => raised = Raised::default(),
        }
    }
}

async fn raise(service: &ServiceProxy<'_>, open: &str, notification: Notification, raised: &mut Raised) {
    let Notification { tag, title, body, urgency, category, sound, target } = notification;
    let mut hints = HashMap::from([
        (
            "urgency",
            Value::U8(match urgency {
                Urgency::Low => 0,
                Urgency::Normal => 1,
            }),
        ),
        ("desktop-entry", Value::from(DESKTOP_ENTRY)),
    ]);
    if !category.is_empty() {
        hints.insert("category", Value::from(category));
    }
    if sound {
        hints.insert("sound-name", Value::from("message-new-instant"));
    } else {
        hints.insert("suppress-sound", Value::Bool(true));
    }
    let replaces = raised.id_of(&tag);
    let body = without_markup(&body);
    let actions = ["default", open];
    let id = service.notify(
        "Presente",
        replaces,
        "presente",
        &title,
        &body,
        &actions,
        hints,
        AS_THE_DESKTOP_LIKES,
    );
    match id.await {
        Ok(id) => {
            tracing::info!("notification raised");
            raised.remember(id, tag, target);
        }
        Err(error) => tracing::warn!(%error, "a notification was not shown"),
    }
}

/// The notifications that are on the screen, as far as is known.
#[derive(Debug, Default)]
struct Raised {
    by_id: BTreeMap<u32, Known>,
}

#[derive(Debug)]
struct Known {
    tag: String,
    target: Option<(AccountNumber, String)>,
    token: Option<String>,
}

impl Raised {
    /// The number of the one with this tag; 0 for none, as the service has it.
    fn id_of(&self, tag: &str) -> u32 {
        let mut known = self.by_id.iter();
        known.find(|(_, known)| !tag.is_empty() && known.tag == tag).map_or(0, |(id, _)| *id)
    }

    fn remember(&mut self, id: u32, tag: String, target: Option<(AccountNumber, String)>) {
        self.by_id.retain(|_, known| tag.is_empty() || known.tag != tag);
        self.by_id.insert(id, Known { tag, target, token: None });
        if self.by_id.len() > REMEMBERED {
            // Numbers grow: the first is the oldest.
            self.by_id.pop_first();
        }
    }

    fn take(&mut self, tag: &str) -> Option<u32> {
        let id = self.id_of(tag);
        self.by_id.remove(&id).map(|_| id)
    }

    fn token(&mut self, id: u32, token: String) {
        if let Some(known) = self.by_id.get_mut(&id) {
            known.token = Some(token);
        }
    }

    /// What a click on it means; of one that is not ours, nothing.
    fn click(&mut self, id: u32) -> Option<Click> {
        let known = self.by_id.get_mut(&id)?;
        Some(Click { target: known.target.clone(), token: known.token.take() })
    }

    /// It is not on the screen any more, so it cannot be replaced; the click that closed it may still be on its way.
    fn closed(&mut self, id: u32) {
        if let Some(known) = self.by_id.get_mut(&id) {
            known.tag.clear();
        }
    }
}

/// Notification services differ in whether they read markup; characters that look alike are read as text by all.
pub(crate) fn without_markup(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '<' => '‹',
            '>' => '›',
            '&' => '＆',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_holds_no_markup() {
        assert_eq!(without_markup("<b>a & b</b>"), "‹b›a ＆ b‹/b›");
        assert_eq!(without_markup("escuela.example"), "escuela.example");
    }

    #[test]
    fn one_with_the_same_tag_takes_the_place_of_the_other_until_it_is_closed() {
        let mut raised = Raised::default();
        raised.remember(5, "ana".to_owned(), None);
        raised.remember(6, String::new(), None);
        assert_eq!((raised.id_of("ana"), raised.id_of("beto"), raised.id_of("")), (5, 0, 0));
        raised.closed(5);
        assert_eq!(raised.id_of("ana"), 0, "what is closed is not replaced");
        assert_eq!(raised.click(5), Some(Click { target: None, token: None }), "a click may close it");
        raised.remember(7, "ana".to_owned(), None);
        assert_eq!(raised.take("ana"), Some(7));
        assert_eq!(raised.take("ana"), None);
        assert_eq!(raised.click(99), None, "not ours");
    }

    #[test]
    fn only_the_last_ones_are_remembered() {
        let mut raised = Raised::default();
        for id in 1..=500 {
            raised.remember(id, format!("p{id}"), None);
        }
        assert_eq!(raised.by_id.len(), REMEMBERED);
        assert_eq!((raised.id_of("p1"), raised.id_of("p500")), (0, 500));
    }
}
