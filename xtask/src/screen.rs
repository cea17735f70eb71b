//! An invisible desktop, for machines without one: a screen, a window manager, a session bus, notifications, an
//! empty home.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::child::{Running, run, until};

/// How long a part of the desktop may take to start, or the screen to show something.
const PATIENCE: Duration = Duration::from_secs(20);

/// Fewer colours than any page with text on it has; an empty one has one.
const COLOURS_OF_A_PAGE: u32 = 8;

/// Who looks the same for so long is done: longer than a frame of what moves, shorter than the blink of a caret.
const SETTLED: Duration = Duration::from_millis(400);

/// Its own settings, which say why it starts no services.
const BUS_CONFIG: &str = include_str!("../../tests/src/desktop/bus.conf");

/// A running invisible desktop.
#[derive(Debug)]
pub(crate) struct Screen {
    env: Vec<(&'static str, String)>,
    // In the order in which they are to end.
    _notifications: Running,
    _window_manager: Running,
    _bus: Running,
    _server: Running,
    _home: Home,
}

impl Screen {
    /// Starts one with a home folder that goes with it.
    pub(crate) fn start() -> Result<Self> {
        let home = Home::make()?;
        let mut server = Command::new("Xvfb");
        server.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"]);
        let (server, number) = Running::start_and_read_line(&mut server, PATIENCE)?;

        let config = home.0.join("bus.conf");
        fs::write(&config, BUS_CONFIG.replace("FOLDER", &home.0.to_string_lossy()))?;
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--nofork", "--nopidfile", "--nosyslog", "--print-address"]);
        bus.arg(format!("--config-file={}", config.display()));
        let (bus, address) = Running::start_and_read_line(&mut bus, PATIENCE)?;

        let inside = |folder: &str| home.0.join(folder).to_string_lossy().into_owned();
        let env = vec![
            ("DISPLAY", format!(":{}", number.trim())),
            ("DBUS_SESSION_BUS_ADDRESS", address.trim().to_owned()),
            ("HOME", inside("")),
            ("XDG_RUNTIME_DIR", inside("run")),
            ("XDG_CONFIG_HOME", inside("config")),
            ("XDG_DATA_HOME", inside("data")),
            ("XDG_STATE_HOME", inside("state")),
            ("XDG_CACHE_HOME", inside("cache")),
            ("GDK_BACKEND", "x11".to_owned()),
            ("NO_AT_BRIDGE", "1".to_owned()),
            ("GTK_A11Y", "none".to_owned()),
        ];
        let mut window_manager = Command::new("openbox");
        // It says that it is ready; windows that open before are lost to it.
        window_manager.args(["--startup", "echo managing"]).envs(env.iter().cloned());
        let (window_manager, _) = Running::start_and_read_line(&mut window_manager, PATIENCE)?;
        let mut notifications = Command::new("dunst");
        notifications.envs(env.iter().cloned()).stdout(Stdio::null()).stderr(Stdio::null());
        let notifications = Running::start(&mut notifications)?;
        let screen = Self {
            env,
            _notifications: notifications,
            _window_manager: window_manager,
            _bus: bus,
            _server: server,
            _home: home,
        };
        until("the notification service", PATIENCE, || Ok(screen.can_notify().then_some(())))?;
        Ok(screen)
    }

    /// Whether somebody shows notifications.
    fn can_notify(&self) -> bool {
        let question =
            ["--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"];
        let method = ["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.Notifications"];
        self.ask("dbus-send", &[&question[..], &method[..]].concat())
            .is_ok_and(|answer| answer.contains("true"))
    }

    /// A program to be run on it.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_remove("WAYLAND_DISPLAY").envs(self.env.iter().cloned());
        command
    }

    /// Waits for a visible window with this title whose page shows something, and gives its id.
    pub(crate) fn window(&self, title: &str, mut check: impl FnMut() -> Result<()>) -> Result<String> {
        let pattern = format!("^{title}$");
        until(&format!("the window {title:?} to show something"), PATIENCE, || {
            check()?;
            let Ok(found) = self.ask("xdotool", &["search", "--onlyvisible", "--name", &pattern]) else {
                return Ok(None);
            };
            let Some(window) = found.lines().last() else { return Ok(None) };
            let colours = self.ask("import", &["-window", window, "-format", "%k", "info:-"])?;
            Ok((colours.trim().parse::<u32>()? >= COLOURS_OF_A_PAGE).then(|| window.to_owned()))
        })
    }

    /// Types into the window what is to replace what its field holds, and presses Return.
    pub(crate) fn enter(&self, window: &str, text: &str) -> Result<()> {
        self.ask("xdotool", &["windowactivate", "--sync", window])?;
        self.ask("xdotool", &["key", "--clearmodifiers", "ctrl+a"])?;
        self.ask("xdotool", &["type", "--delay", "10", "--", text])?;
        self.ask("xdotool", &["key", "Return"]).map(drop)
    }

    /// Waits until the screen has stopped changing.
    pub(crate) fn settled(&self, timeout: Duration) -> Result<String> {
        self.changed_since("root", "", timeout)
    }

    /// Waits until the window looks otherwise than `before` and has stopped changing; gives its looks.
    pub(crate) fn changed_since(&self, window: &str, before: &str, timeout: Duration) -> Result<String> {
        let mut last = String::new();
        let mut since = Instant::now();
        until("the window to change", timeout, || {
            let looks = self.ask("import", &["-window", window, "-format", "%#", "info:-"])?;
            if looks != last {
                last = looks;
                since = Instant::now();
            }
            let is_settled = since.elapsed() >= SETTLED;
            Ok((is_settled && last != before).then(|| last.clone()))
        })
    }

    /// Writes a picture of the whole screen.
    pub(crate) fn picture(&self, path: &Path) -> Result<()> {
        run(self.command("import").args(["-window", "root"]).arg(path))
    }

    fn ask(&self, program: &str, args: &[&str]) -> Result<String> {
        let output = self.command(program).args(args).stdin(Stdio::null()).output();
        let output = output.with_context(|| format!("cannot run {program}"))?;
        if !output.status.success() {
            bail!("{program} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// A home folder that goes when it is no longer needed.
#[derive(Debug)]
struct Home(PathBuf);

impl Home {
    fn make() -> Result<Self> {
        let home = Self(std::env::temp_dir().join(format!("presente-run-{}", std::process::id())));
        for folder in ["run", "config", "data", "state", "cache"] {
            fs::create_dir_all(home.0.join(folder))?;
        }
        // Programs refuse a runtime folder that others may look into.
        fs::set_permissions(home.0.join("run"), fs::Permissions::from_mode(0o700))?;
        Ok(home)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
