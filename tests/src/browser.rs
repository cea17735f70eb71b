//! Chromium without a window, for pages as people see them in a browser.

use std::{path::Path, process::Command};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::prelude::*;

use crate::{
    process::Process,
    wait::{PATIENCE, until_with_state},
};

/// A name that leads to this machine in the browser without being one of its own: a page from there is another site.
pub const OTHER_SITE: &str = "other-site.test";

/// How somebody's browser is set up.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// What it asks for in `Accept-Language`, such as `es-MX,es`.
    pub languages: &'static str,
    /// Whether its owner likes it dark.
    pub dark: bool,
    /// Whether its owner wants no motion.
    pub still: bool,
    /// Width of the page in pixels; its height is 740.
    pub width: u32,
}

impl Default for Look {
    fn default() -> Self {
        Self { languages: "es-MX,es", dark: false, still: false, width: 800 }
    }
}

/// A running browser with a profile of its own. It ends with this.
#[derive(Debug)]
pub struct Browser {
    driver: WebDriver,
    _chromedriver: Process,
    _home: TempDir,
}

impl Browser {
    /// Starts one, with an empty page.
    ///
    /// # Errors
    /// When Chromium or its driver are not installed, or do not start.
    pub async fn start(look: Look) -> Result<Self> {
        let home = TempDir::with_prefix("presente-browser-")?;
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("HOME", home.path()).env_remove("DISPLAY").env("LC_ALL", "C.UTF-8");
        let chromedriver = Process::start("chromedriver", &mut command)?;
        let line = chromedriver.stdout().wait_for("on port ", PATIENCE);
        line.await.with_context(|| format!("chromedriver wrote: {}", chromedriver.stderr().text()))?;
        let port = until_with_state("the port of chromedriver", PATIENCE, async || {
            let lines = chromedriver.stdout();
            let line = lines.find(|line| line.contains("started successfully on port "));
            let port =
                line.as_deref().and_then(|line| line.trim_end_matches('.').rsplit(' ').next()?.parse().ok());
            port.ok_or_else(|| lines.text())
        });
        let port: u16 = port.await?;

        let mut capabilities = Capabilities::new();
        capabilities.set("browserName", "chrome")?;
        capabilities.set("goog:chromeOptions", options(look, home.path()))?;
        capabilities.set("goog:loggingPrefs", json!({ "browser": "ALL" }))?;
        let session =
            WebDriver::builder(format!("http://127.0.0.1:{port}"), capabilities).request_timeout(PATIENCE);
        let driver = session.await.context("Chromium does not start")?;
        let browser = Self { driver, _chromedriver: chromedriver, _home: home };
        browser.set_up(look).await?;
        Ok(browser)
    }

    /// The page.
    #[must_use]
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Sets the tab up as its owner likes it: each new tab wants this anew.
    ///
    /// # Errors
    /// When the browser has ended.
    pub async fn set_up(&self, look: Look) -> Result<()> {
        let scheme = if look.dark { "dark" } else { "light" };
        let motion = if look.still { "reduce" } else { "no-preference" };
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": motion },
        ] });
        let metrics = json!({ "width": look.width, "height": 740, "deviceScaleFactor": 1, "mobile": false });
        self.driver.cdp().send_raw("Emulation.setEmulatedMedia", media).await?;
        self.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", metrics).await?;
        Ok(())
    }

    /// What the console has said since this was asked last: level and words of each entry.
    ///
    /// # Errors
    /// When the browser has ended.
    pub async fn console(&self) -> Result<Vec<String>> {
        let entries = self.driver.browser_log().await?;
        Ok(entries.into_iter().map(|entry| format!("{}: {}", entry.level, entry.message)).collect())
    }

    /// Writes a picture of what is to be seen.
    ///
    /// # Errors
    /// When none can be taken, or not be written.
    pub async fn screenshot(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(path, self.driver.screenshot_as_png().await?)?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The session ends with the process that holds it, and need not be waited for.
        let _ = self.driver.clone().leak();
    }
}

fn options(look: Look, home: &Path) -> Value {
    let profile = format!("--user-data-dir={}", home.join("profile").display());
    let hosts = format!("--host-resolver-rules=MAP {OTHER_SITE} 127.0.0.1");
    json!({
        "args": [
            "--headless=new",
            // Root has no sandbox, and what is opened is our own.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            "--no-proxy-server",
            "--hide-scrollbars",
            profile,
            hosts,
        ],
        "prefs": { "intl.accept_languages": look.languages },
    })
}
