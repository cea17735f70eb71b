//! The app in a world: as a plain process, or with its page in the hands of WebDriver.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use serde_json::json;
use thirtyfour::{Capabilities, WebDriver};

use super::World;
use crate::{
    binaries::{self, binary},
    process::{Lines, Process, Signal, send_signal},
    process_tree::{descendants, pss_kib},
    wait::{PATIENCE, until},
};

/// How the app is to be started.
#[derive(Debug, Clone)]
pub struct AppStart<'w> {
    world: &'w World,
    binary: Option<PathBuf>,
    args: Vec<String>,
    env: Vec<(String, String)>,
}

impl<'w> AppStart<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        Self { world, binary: None, args: Vec::new(), env: Vec::new() }
    }

    /// One more argument.
    #[must_use]
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    /// One more variable, such as `RUST_LOG`.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Another program than the app that was built last.
    #[must_use]
    pub fn binary(mut self, path: impl Into<PathBuf>) -> Self {
        self.binary = Some(path.into());
        self
    }

    fn program(&self) -> Result<PathBuf> {
        self.binary.clone().map_or_else(|| binary(binaries::APP), Ok)
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.world.command(program);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts it plainly. It is not waited for: a second one may end at once, and a hidden one shows no window.
    ///
    /// # Errors
    /// When it was not built.
    pub fn start(self) -> Result<App> {
        let mut command = self.command(self.program()?);
        command.args(&self.args);
        Ok(App { process: Process::start("the app", &mut command)? })
    }

    /// Starts it with its page driven by WebDriver, and waits until the page is there.
    ///
    /// # Errors
    /// When it was not built, or shows no page; with what it wrote.
    pub async fn drive(self) -> Result<DrivenApp> {
        let program = self.program()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut command = self.command("WebKitWebDriver");
        command.arg(format!("--port={port}")).arg("--host=127.0.0.1").env("TAURI_WEBVIEW_AUTOMATION", "true");
        let launcher = Process::start("WebKitWebDriver", &mut command)?;
        until("WebKitWebDriver to listen", PATIENCE, async || {
            tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()
        })
        .await?;

        let mut capabilities = Capabilities::new();
        let options = json!({ "binary": program, "args": self.args });
        capabilities.set("webkitgtk:browserOptions", options)?;
        let session =
            WebDriver::builder(format!("http://127.0.0.1:{port}"), capabilities).request_timeout(PATIENCE);
        let words = || format!("the app shows no page to WebDriver; it wrote: {}", launcher.stderr().text());
        let driver = session.await.with_context(words)?;
        let pid = until("the app among the children of WebKitWebDriver", PATIENCE, async || {
            descendants(launcher.pid()).into_iter().find(|pid| runs(*pid, &program))
        })
        .await?;
        Ok(DrivenApp { launcher, driver, pid })
    }
}

/// Whether the process `pid` is the program at this path.
fn runs(pid: u32, program: &Path) -> bool {
    let is = fs::read_link(format!("/proc/{pid}/exe"));
    let wanted = fs::canonicalize(program);
    matches!((is, wanted), (Ok(is), Ok(wanted)) if is == wanted)
}

/// The app as a plain process.
#[derive(Debug)]
pub struct App {
    process: Process,
}

impl App {
    /// The process: to signal it, to wait for its end.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Its process number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// What it logs.
    #[must_use]
    pub fn log(&self) -> &Lines {
        self.process.stderr()
    }

    /// Memory of the app and its web processes, in KiB (PSS).
    ///
    /// # Errors
    /// When it has ended.
    pub fn pss_kib(&self) -> Result<u64> {
        pss_kib(self.pid())
    }
}

/// The app with its page in the hands of WebDriver.
#[derive(Debug)]
pub struct DrivenApp {
    launcher: Process,
    driver: WebDriver,
    pid: u32,
}

impl DrivenApp {
    /// The page. Once the window was destroyed, as by closing it to the tray, the session is over.
    #[must_use]
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// The app's process number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// What it logs.
    #[must_use]
    pub fn log(&self) -> &Lines {
        self.launcher.stderr()
    }

    /// Sends the app a signal.
    ///
    /// # Errors
    /// When it has ended.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        send_signal(self.pid, signal)
    }

    /// Whether the app still runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        descendants(self.launcher.pid()).contains(&self.pid)
    }

    /// Waits for the app's end.
    ///
    /// # Errors
    /// When it still runs after `timeout`.
    pub async fn ended(&self, timeout: Duration) -> Result<()> {
        until("the end of the app", timeout, async || (!self.is_running()).then_some(())).await
    }

    /// Memory of the app and its web processes, in KiB (PSS).
    ///
    /// # Errors
    /// When it has ended.
    pub fn pss_kib(&self) -> Result<u64> {
        pss_kib(self.pid)
    }

    /// Writes a picture of the page.
    ///
    /// # Errors
    /// When none can be taken in time.
    pub async fn screenshot(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        // A web engine that cannot draw keeps one waiting for ever.
        let picture = tokio::time::timeout(PATIENCE, self.driver.screenshot_as_png()).await;
        let picture = picture.context("the page gave no picture of itself in time")??;
        Ok(fs::write(path, picture)?)
    }
}

impl Drop for DrivenApp {
    fn drop(&mut self) {
        // A session that is dropped would ask for its own end and wait for an answer, for minutes when the window has
        // gone before. It ends with the process that holds it.
        let _ = self.driver.clone().leak();
    }
}
