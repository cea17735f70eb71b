//! What the desktop offers: a display, a tray host, a notification service. They may be missing, come late or
//! restart; the core is told what people should know of.

use presente_core::texts::Texts;

/// Says what is wrong where no window can be shown at all.
pub(crate) fn check_display(texts: &Texts) -> Result<(), String> {
    #[cfg(target_os = "linux")]
    if gtk::init().is_err() {
        return Err(texts.get("problem-no-display"));
    }
    let _ = texts;
    Ok(())
}

#[cfg(target_os = "linux")]
pub(crate) use linux::watch;

/// Other systems always have a tray and notifications.
#[cfg(not(target_os = "linux"))]
pub(crate) fn watch(app: &tauri::AppHandle) {
    crate::tray::set_host(app, true);
}

#[cfg(target_os = "linux")]
mod linux {
    use crate::tray;
    use presente_core::{Command, Handle, problem::Problem};
    use std::time::Duration;
    use tauri::{AppHandle, Manager};
    use zbus::{
        MatchRule,
        blocking::{Connection, MessageIterator, Proxy, fdo::DBusProxy},
        names::BusName,
    };

    const TRAY_WATCHER: &str = "org.kde.StatusNotifierWatcher";
    const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
    const HOST_CAME: &str = "StatusNotifierHostRegistered";
    const HOST_WENT: &str = "StatusNotifierHostUnregistered";
    /// The signals after which something may be different: who owns a name, and whether a watcher has a host.
    const CHANGES: [&str; 4] = [
        "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.kde.StatusNotifierWatcher'",
        "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.freedesktop.Notifications'",
        "type='signal',interface='org.kde.StatusNotifierWatcher',member='StatusNotifierHostRegistered'",
        "type='signal',interface='org.kde.StatusNotifierWatcher',member='StatusNotifierHostUnregistered'",
    ];
    /// At login the tray's host often starts after us, and it may restart; before this long nothing is said.
    const TRAY_PATIENCE: Duration = Duration::from_secs(3);

    /// Follows tray host and notification service for as long as the app runs.
    pub(crate) fn watch(app: &AppHandle) {
        let handle = app.clone();
        let thread = std::thread::Builder::new().name("desktop-watch".to_owned()).spawn(move || {
            if let Err(error) = follow(&handle) {
                tracing::warn!(%error, "the session bus cannot be used");
                tell(&handle, Command::Notice(Problem::NoNotifications));
                tell(&handle, Command::Notice(Problem::NoTray));
                // Without a tray a window is the only way to reach us.
                crate::window::open_if_closed(&handle);
            }
        });
        if let Err(error) = thread {
            tracing::warn!(%error, "the desktop is not watched");
        }
    }

    fn tell(app: &AppHandle, command: Command) {
        app.state::<Handle>().tell_now(command);
    }

    fn follow(app: &AppHandle) -> zbus::Result<()> {
        let connection = Connection::session()?;
        let bus = DBusProxy::new(&connection)?;
        let messages = MessageIterator::from(&connection);
        for rule in CHANGES {
            bus.add_match_rule(MatchRule::try_from(rule)?)?;
        }
        let mut seen = Seen::default();
        seen.look(app, &connection, &bus)?;
        for message in messages {
            let message = message?;
            let header = message.header();
            let member = header.member().map(|member| member.as_str());
            if matches!(member, Some("NameOwnerChanged" | HOST_CAME | HOST_WENT)) {
                seen.look(app, &connection, &bus)?;
            }
        }
        Ok(())
    }

    /// What was there when we looked last; `None` before.
    #[derive(Default)]
    struct Seen {
        tray_host: Option<bool>,
        notifications: Option<bool>,
    }

    impl Seen {
        /// Looks again, and passes on what has become different.
        fn look(
            &mut self,
            app: &AppHandle,
            connection: &Connection,
            bus: &DBusProxy<'_>,
        ) -> zbus::Result<()> {
            let notifications = can_notify(bus)?;
            if self.notifications.replace(notifications) != Some(notifications) {
                tell(app, notice(Problem::NoNotifications, !notifications));
            }
            let tray_host = has_tray_host(connection, bus);
            if self.tray_host.replace(tray_host) != Some(tray_host) {
                tray::set_host(app, tray_host);
                if tray_host {
                    tell(app, notice(Problem::NoTray, false));
                } else {
                    complain_later(app);
                }
            }
            Ok(())
        }
    }

    fn notice(problem: Problem, is_so: bool) -> Command {
        if is_so { Command::Notice(problem) } else { Command::Dismiss(problem.code().to_owned()) }
    }

    fn complain_later(app: &AppHandle) {
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(TRAY_PATIENCE).await;
            if !app.state::<tray::TrayState>().is_shown() {
                tell(&app, Command::Notice(Problem::NoTray));
                // Started into the tray, and there is none: without a window nobody could reach us.
                crate::window::open_if_closed(&app);
            }
        });
    }

    fn can_notify(bus: &DBusProxy<'_>) -> zbus::Result<bool> {
        let name = BusName::try_from(NOTIFICATIONS)?;
        let starts_on_demand =
            bus.list_activatable_names()?.iter().any(|activatable| activatable.as_str() == NOTIFICATIONS);
        Ok(starts_on_demand || bus.name_has_owner(name)?)
    }

    /// A watcher without a host collects icons that nobody shows.
    fn has_tray_host(connection: &Connection, bus: &DBusProxy<'_>) -> bool {
        let owned =
            BusName::try_from(TRAY_WATCHER).is_ok_and(|name| bus.name_has_owner(name).unwrap_or(false));
        owned
            && Proxy::new(connection, TRAY_WATCHER, "/StatusNotifierWatcher", TRAY_WATCHER)
                .and_then(|watcher| watcher.get_property("IsStatusNotifierHostRegistered"))
                .unwrap_or(true)
    }
}
