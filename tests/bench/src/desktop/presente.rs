//! The app in a world, signed in before.

use super::page::sign_in;
use anyhow::{Context, Result, ensure};
use presente_core::{
    alerts::{AlertSettings, TellOf},
    settings::{FileSettings, Settings, SettingsStore as _},
};
use presente_tests::{
    binaries::{self, binary},
    desktop::World,
    node::SeedUser,
    process::{Process, Signal},
    wait::{PATIENCE, until},
};
use std::time::Duration;

/// The title of the app's window.
pub(super) const TITLE: &str = "Presente";
/// How long it may take to sign out and end.
const TIME_TO_END: Duration = Duration::from_secs(10);

/// Through what it raises notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Raise {
    /// The notification service, spoken to directly.
    Service,
    /// Tauri's plug-in.
    Plugin,
}

/// The app.
#[derive(Debug)]
pub(super) struct Presente {
    raise: Raise,
}

impl Presente {
    /// Signs in once, and stays so.
    pub(super) async fn set_up(world: &World, server: &str, user: &SeedUser, raise: Raise) -> Result<Self> {
        set_up(world, server, &user.email, &user.password, TellOf::Everybody).await?;
        Ok(Self { raise })
    }

    /// Starts it.
    pub(super) fn start(&self, world: &World) -> Result<Process> {
        let mut command = world.command(binary(binaries::APP)?);
        if self.raise == Raise::Plugin {
            command.args(["--notifications", "plugin"]);
        }
        Process::start("the app", &mut command)
    }

    /// Waits until it has handed people to its window.
    pub(super) async fn shows_people(process: &Process) -> Result<()> {
        process.stderr().wait_for("roster shown", PATIENCE).await.map(drop)
    }
}

/// Signs in once, and stays so; who comes is told of at once, however short they were away.
pub(super) async fn set_up(
    world: &World,
    server: &str,
    email: &str,
    password: &str,
    tell_of: TellOf,
) -> Result<()> {
    let file = FileSettings::new(world.home().join(".config/presente/settings.toml"));
    let settings = || -> Result<Settings> {
        let (settings, problem) = file.load();
        ensure!(problem.is_none(), "the settings cannot be read: {problem:?}");
        Ok(settings)
    };
    let mut app = world.app().drive().await?;
    sign_in(app.driver(), server, email, password).await?;
    until("the account among the settings", PATIENCE, async || {
        settings().ok().filter(|settings| !settings.accounts.is_empty()).map(drop)
    })
    .await
    .with_context(|| format!("the app wrote: {}", app.log().text()))?;
    app.log().wait_for("roster shown", PATIENCE).await?;
    app.signal(Signal::Term)?;
    app.ended(TIME_TO_END).await?;
    let mut settings = settings()?;
    settings.told_close_to_tray = true;
    settings.alerts = AlertSettings { tell_of, hold: 0, absence: 0, cool_down: 0, ..settings.alerts };
    file.save(&settings).ok().context("the settings cannot be written")
}
