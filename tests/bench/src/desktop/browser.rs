//! Chromium with the page, as small as it can be had: a window of its own without tabs, and nothing beside it.

use super::site::Site;
use anyhow::{Context, Result, ensure};
use presente_tests::{desktop::World, node::SeedUser, process::Process, wait::PATIENCE};
use serde_json::json;
use std::{fs, process::Command};
use tokio::time::timeout;

/// The title of the page, and so of the window.
pub(super) const TITLE: &str = "Presencia en la web";
const PROFILE: &str = "chromium";

/// Chromium, and the site of the page.
#[derive(Debug)]
pub(super) struct Chromium {
    site: Site,
}

impl Chromium {
    /// Makes a profile in which the page may raise notifications, and starts once: what is done only at the very first
    /// start is not what people wait for.
    pub(super) async fn set_up(world: &World, server: &str, user: &SeedUser) -> Result<Self> {
        let profile = world.home().join(PROFILE).join("Default");
        fs::create_dir_all(&profile)?;
        let allowed = json!({ "profile": { "default_content_setting_values": { "notifications": 1 } } });
        fs::write(profile.join("Preferences"), allowed.to_string())?;
        let chromium = Self { site: Site::start(server, user).await? };
        let mut first = chromium.start(world)?;
        let shown = chromium.shows_people().await;
        shown.with_context(|| format!("Chromium wrote: {}", first.stderr().text()))?;
        first.stop().await?;
        Ok(chromium)
    }

    /// Starts it.
    pub(super) fn start(&self, world: &World) -> Result<Process> {
        let mut command = world.command("chromium");
        command
            .arg(format!("--app={}", self.site.address()))
            .args(["--window-size=360,640", "--window-position=0,0"]);
        command.arg(format!("--user-data-dir={}", world.home().join(PROFILE).display()));
        // Root has no sandbox, and what is opened is our own. A screen in memory has no graphics card to look for.
        command.args(["--no-sandbox", "--disable-gpu", "--no-first-run", "--no-default-browser-check"]);
        command.args([
            "--disable-background-networking",
            "--disable-component-update",
            "--password-store=basic",
        ]);
        command.args(["--no-proxy-server", "--test-type"]);
        Process::start("Chromium", &mut command)
    }

    /// Waits until the page says that it shows people, once more than when this was asked.
    pub(super) async fn shows_people(&self) -> Result<()> {
        let mut shown = self.site.shown();
        shown.mark_unchanged();
        timeout(PATIENCE, shown.changed()).await.context("the page shows nobody")??;
        Ok(())
    }
}

/// Minimises the window, for there is no tray that it could go to.
pub(super) async fn minimise(world: &World) -> Result<()> {
    let window = world.display().window(TITLE).await?;
    let mut command = Command::new("xdotool");
    command.args(["windowminimize", &window]).env("DISPLAY", world.display().name());
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    ensure!(output.status.success(), "the window is not minimised");
    world.display().out_of_sight(TITLE).await
}
