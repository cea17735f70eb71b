//! Everything that a desktop app expects around it, made for one test and gone with it.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use anyhow::{Context, Result};
use tempfile::TempDir;
use zbus::connection;

use super::{
    app::AppStart,
    attendance::{self, Attendance, Machine},
    bus::Bus,
    display::Display,
    keyring,
    notifications::{self, Notes, Notifications},
    tray::Tray,
    tray_host::{self, Registry, TrayHost},
};
use crate::process::Process;

/// What would let the machine's own desktop shine through.
const FORGOTTEN: [&str; 7] = [
    "WAYLAND_DISPLAY",
    "LANGUAGE",
    "LC_ALL",
    "LC_MESSAGES",
    "XDG_CURRENT_DESKTOP",
    "DESKTOP_SESSION",
    "RUST_LOG",
];

/// What a world is to have.
#[derive(Debug, Clone)]
pub struct WorldBuilder {
    keyring: bool,
    tray_host: bool,
    notifications: bool,
    env: Vec<(String, String)>,
}

impl WorldBuilder {
    /// Whether there is an unlocked keyring.
    #[must_use]
    pub fn with_keyring(mut self, keyring: bool) -> Self {
        self.keyring = keyring;
        self
    }

    /// Whether there is a tray from the start; it can still come later, by [`TrayHost::appear`].
    #[must_use]
    pub fn with_tray_host(mut self, tray_host: bool) -> Self {
        self.tray_host = tray_host;
        self
    }

    /// Whether there is a notification service.
    #[must_use]
    pub fn with_notifications(mut self, notifications: bool) -> Self {
        self.notifications = notifications;
        self
    }

    /// One more variable for every program in this world, such as `LANG`; it wins over the world's own.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Makes the world; takes about a second, most of it the keyring's.
    ///
    /// # Errors
    /// When a part cannot be started; `cargo xtask test` installs what is needed.
    pub async fn start(self) -> Result<World> {
        let home = TempDir::with_prefix("presente-world-")?;
        let mut env = folders(home.path())?;
        let mut display = Display::start().await?;
        let bus = Bus::start(&home.path().join("run")).await?;
        env.extend([
            ("DISPLAY".to_owned(), display.name().to_owned()),
            ("DBUS_SESSION_BUS_ADDRESS".to_owned(), bus.address().to_owned()),
        ]);
        env.extend(
            [
                ("GDK_BACKEND", "x11"),
                ("GIO_USE_VFS", "local"),
                ("GSETTINGS_BACKEND", "memory"),
                // There is no accessibility bus here, and looking for one takes seconds.
                ("GTK_A11Y", "none"),
                ("NO_AT_BRIDGE", "1"),
                ("LANG", "C.UTF-8"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        env.extend(self.env);
        let env = Env(env);
        display.manage(&mut env.command("openbox")).await?;

        let (notes, registry, machine) = (Notes::default(), Registry::default(), Machine::default());
        let connection = connection::Builder::address(bus.address())?
            .serve_at(notifications::PATH, notifications::Service(notes.clone()))?
            .serve_at(tray_host::PATH, tray_host::Watcher(registry.clone()))?
            .serve_at(attendance::SAVER_PATH, attendance::Saver(machine.clone()))?
            .serve_at(attendance::IDLE_PATH, attendance::IdleMonitor(machine.clone()))?
            .build()
            .await
            .context("cannot put the test's services on its bus")?;
        if self.notifications {
            connection.request_name(notifications::NAME).await?;
        }
        let tray_host = TrayHost::new(registry, connection.clone());
        if self.tray_host {
            tray_host.appear().await?;
        }
        let keyring = if self.keyring {
            Some(keyring::start(&mut env.command("gnome-keyring-daemon"), &connection).await?)
        } else {
            None
        };
        let attendance = Attendance::new(machine, connection.clone());
        let notifications = Notifications::new(notes, connection);
        Ok(World { keyring, notifications, tray_host, attendance, display, bus, env, home })
    }
}

/// A private desktop. Its parts end with it.
#[derive(Debug)]
pub struct World {
    keyring: Option<Process>,
    notifications: Notifications,
    tray_host: TrayHost,
    attendance: Attendance,
    display: Display,
    bus: Bus,
    env: Env,
    home: TempDir,
}

impl World {
    /// A world with everything; leave out what is not to be there.
    #[must_use]
    pub fn builder() -> WorldBuilder {
        WorldBuilder { keyring: true, tray_host: true, notifications: true, env: Vec::new() }
    }

    /// The notification service.
    #[must_use]
    pub fn notifications(&self) -> &Notifications {
        &self.notifications
    }

    /// The tray's place.
    #[must_use]
    pub fn tray_host(&self) -> &TrayHost {
        &self.tray_host
    }

    /// Whether somebody is at the machine.
    #[must_use]
    pub fn attendance(&self) -> &Attendance {
        &self.attendance
    }

    /// Waits for an icon in the tray.
    ///
    /// # Errors
    /// When none comes in time.
    pub async fn tray(&self) -> Result<Tray> {
        self.tray_host.tray().await
    }

    /// Ends the keyring, as when it crashes; what it held stays in the home folder, locked away.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop_keyring(&mut self) -> Result<()> {
        if let Some(mut keyring) = self.keyring.take() {
            keyring.stop().await?;
        }
        Ok(())
    }

    /// The screen: windows, keys, pictures.
    #[must_use]
    pub fn display(&self) -> &Display {
        &self.display
    }

    /// The session bus.
    #[must_use]
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// The session bus, to end it.
    pub fn bus_mut(&mut self) -> &mut Bus {
        &mut self.bus
    }

    /// The home folder; settings are below `.config`, data below `.local/share`.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The variables of every program in this world.
    #[must_use]
    pub fn env(&self) -> &[(String, String)] {
        &self.env.0
    }

    /// Any program, to be run in this world.
    #[must_use]
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        self.env.command(program)
    }

    /// The app, to be started in this world: [`AppStart::start`] or [`AppStart::drive`].
    #[must_use]
    pub fn app(&self) -> AppStart<'_> {
        AppStart::new(self)
    }
}

#[derive(Debug)]
struct Env(Vec<(String, String)>);

impl Env {
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        for name in FORGOTTEN {
            command.env_remove(name);
        }
        command.envs(self.0.iter().map(|(name, value)| (name, value)));
        command
    }
}

fn folders(home: &Path) -> Result<Vec<(String, String)>> {
    let places = [
        ("HOME", ""),
        ("XDG_RUNTIME_DIR", "run"),
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_DATA_HOME", ".local/share"),
        ("XDG_STATE_HOME", ".local/state"),
        ("XDG_CACHE_HOME", ".cache"),
    ];
    let mut env = Vec::new();
    for (name, place) in places {
        let folder = home.join(place);
        fs::create_dir_all(&folder)?;
        env.push((name.to_owned(), folder.to_string_lossy().trim_end_matches('/').to_owned()));
    }
    // Programs refuse a runtime folder that others may look into.
    fs::set_permissions(home.join("run"), fs::Permissions::from_mode(0o700))?;
    Ok(env)
}
