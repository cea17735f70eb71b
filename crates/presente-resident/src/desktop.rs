//! What the desktop offers: a tray host, a notification service. They may be missing, come late or restart; the core is
//! told what people should know of.

use futures_util::{StreamExt, stream::select_all};
use presente_core::{Command, Handle, problem::Problem};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use zbus::{Connection, MatchRule, MessageStream, Proxy, fdo::DBusProxy, names::BusName};

const TRAY_WATCHER: &str = "org.kde.StatusNotifierWatcher";
const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
/// The signals after which something may be different: who owns a name, and whether a watcher has a host.
const CHANGES: [&str; 4] = [
    "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.kde.StatusNotifierWatcher'",
    "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.freedesktop.Notifications'",
    "type='signal',interface='org.kde.StatusNotifierWatcher',member='StatusNotifierHostRegistered'",
    "type='signal',interface='org.kde.StatusNotifierWatcher',member='StatusNotifierHostUnregistered'",
];
/// At login the tray's host often starts after us, and it may restart; before this long nothing is said.
const TRAY_PATIENCE: Duration = Duration::from_secs(3);

/// Whether somebody shows our icon, so that the window may be closed without losing the app.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrayHost(Arc<AtomicBool>);

impl TrayHost {
    pub(crate) fn is_there(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Follows tray host and notification service for as long as the app runs. `no_way_in` is called where nothing of the app
/// could be reached any more but by a window.
pub(crate) fn watch(
    bus: Option<Connection>,
    core: Handle,
    no_way_in: impl Fn() + Send + Sync + 'static,
) -> TrayHost {
    let host = TrayHost::default();
    let seen = host.clone();
    tokio::spawn(async move {
        let no_way_in = Arc::new(no_way_in);
        let followed = match bus {
            Some(bus) => follow(&bus, &core, &seen, &no_way_in).await,
            None => Err(zbus::Error::Failure("there is no session bus".to_owned())),
        };
        if let Err(error) = followed {
            tracing::warn!(%error, "the session bus cannot be used");
            seen.0.store(false, Ordering::Relaxed);
            core.tell(Command::Notice(Problem::NoNotifications)).await;
            core.tell(Command::Notice(Problem::NoTray)).await;
            no_way_in();
        }
    });
    host
}

async fn follow<F: Fn() + Send + Sync + 'static>(
    connection: &Connection,
    core: &Handle,
    host: &TrayHost,
    no_way_in: &Arc<F>,
) -> zbus::Result<()> {
    let bus = DBusProxy::new(connection).await?;
    let mut changes = Vec::new();
    for rule in CHANGES {
        let rule = MatchRule::try_from(rule)?;
        changes.push(MessageStream::for_match_rule(rule, connection, None).await?);
    }
    let mut changes = select_all(changes);
    let (mut was_there, mut could_notify) = (None, None);
    loop {
        let can_notify = can_notify(&bus).await?;
        if could_notify.replace(can_notify) != Some(can_notify) {
            core.tell(notice(Problem::NoNotifications, !can_notify)).await;
        }
        let is_there = has_tray_host(connection, &bus).await;
        host.0.store(is_there, Ordering::Relaxed);
        if was_there.replace(is_there) != Some(is_there) {
            tracing::info!(is_there, "tray host");
            if is_there {
                core.tell(notice(Problem::NoTray, false)).await;
            } else {
                complain_later(core.clone(), host.clone(), no_way_in.clone());
            }
        }
        if changes.next().await.is_none() {
            return Ok(());
        }
    }
}

fn notice(problem: Problem, is_so: bool) -> Command {
    if is_so { Command::Notice(problem) } else { Command::Dismiss(problem.code().to_owned()) }
}

fn complain_later(core: Handle, host: TrayHost, no_way_in: Arc<impl Fn() + Send + Sync + 'static>) {
    tokio::spawn(async move {
        tokio::time::sleep(TRAY_PATIENCE).await;
        if !host.is_there() {
            core.tell(Command::Notice(Problem::NoTray)).await;
            // Started into the tray, and there is none: without a window nobody could reach us.
            no_way_in();
        }
    });
}

async fn can_notify(bus: &DBusProxy<'_>) -> zbus::Result<bool> {
    let name = BusName::try_from(NOTIFICATIONS)?;
    let starts_on_demand =
        bus.list_activatable_names().await?.iter().any(|activatable| activatable.as_str() == NOTIFICATIONS);
    Ok(starts_on_demand || bus.name_has_owner(name).await?)
}

/// A watcher without a host collects icons that nobody shows.
async fn has_tray_host(connection: &Connection, bus: &DBusProxy<'_>) -> bool {
    let Ok(name) = BusName::try_from(TRAY_WATCHER) else { return false };
    if !bus.name_has_owner(name).await.unwrap_or(false) {
        return false;
    }
    match Proxy::new(connection, TRAY_WATCHER, "/StatusNotifierWatcher", TRAY_WATCHER).await {
        Ok(watcher) => watcher.get_property("IsStatusNotifierHostRegistered").await.unwrap_or(true),
        Err(_) => true,
    }
}

/// What the page about the app says of the desktop.
pub(crate) async fn facts(bus: Option<&Connection>) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    for (label, variable) in [("desktop", "XDG_CURRENT_DESKTOP"), ("session", "XDG_SESSION_TYPE")] {
        facts.push((label.to_owned(), std::env::var(variable).unwrap_or_else(|_| "-".to_owned())));
    }
    let service = match bus {
        Some(bus) => notification_service(bus).await,
        None => None,
    };
    facts.push(("notifications".to_owned(), service.unwrap_or_else(|| "-".to_owned())));
    facts
}

async fn notification_service(bus: &Connection) -> Option<String> {
    let service =
        Proxy::new(bus, NOTIFICATIONS, "/org/freedesktop/Notifications", NOTIFICATIONS).await.ok()?;
    let (name, _, version, _): (String, String, String, String) =
        service.call("GetServerInformation", &()).await.ok()?;
    Some(format!("{name} {version}"))
}
