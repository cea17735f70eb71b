//! The app in a world: as a plain process, or with its page in the hands of WebDriver.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use thirtyfour::{Capabilities, WebDriver};

use super::World;
use crate::{
    binaries::{self, binary},
    process::{Lines, Process, Signal, send_signal},
    process_tree::{descendants, pss_kib},
    wait::{PATIENCE, until, until_with_state},
};

/// How long the window may take to say that it can be driven before it is asked again.
const ONE_SESSION: Duration = Duration::from_secs(8);

/// How the app is to be started.
#[derive(Debug, Clone)]
pub struct AppStart<'w> {
    world: &'w World,
    binary: Option<PathBuf>,
    args: Vec<String>,
    env: Vec<(String, String)>,
    drivable: bool,
}

impl<'w> AppStart<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        Self { world, binary: None, args: Vec::new(), env: Vec::new(), drivable: false }
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

    /// Each window that it opens can be driven, by [`App::page`].
    #[must_use]
    pub fn drivable(mut self) -> Self {
        self.drivable = true;
        self
    }

    fn program(&self) -> Result<PathBuf> {
        // It starts the window by itself, from beside it.
        binary(binaries::WINDOW)?;
        self.binary.clone().map_or_else(|| binary(binaries::APP), Ok)
    }

    /// Starts it. It is not waited for: a second one may end at once, and a hidden one shows no window.
    ///
    /// # Errors
    /// When it was not built.
    pub fn start(self) -> Result<App> {
        let mut command = self.world.command(self.program()?);
        command.args(&self.args).envs(self.env.iter().map(|(name, value)| (name, value)));
        let mut inspector = None;
        if self.drivable {
            let port = free_port()?;
            // The window inherits both, and so does each that is opened later.
            command.env("TAURI_WEBVIEW_AUTOMATION", "true");
            command.env("WEBKIT_INSPECTOR_SERVER", format!("127.0.0.1:{port}"));
            inspector = Some(port);
        }
        Ok(App { process: Process::start("the app", &mut command)?, inspector })
    }

    /// Starts it with its page driven by WebDriver, and waits until the page is there.
    ///
    /// # Errors
    /// When it was not built, or shows no page; with what it wrote.
    pub async fn drive(self) -> Result<DrivenApp> {
        let app = self.drivable().start()?;
        let page = app.page().await?;
        Ok(DrivenApp { page, app })
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Whether the process `pid` is the program at this path.
fn runs(pid: u32, program: &Path) -> bool {
    let is = fs::read_link(format!("/proc/{pid}/exe"));
    let wanted = fs::canonicalize(program);
    matches!((is, wanted), (Ok(is), Ok(wanted)) if is == wanted)
}

/// The app as a process.
#[derive(Debug)]
pub struct App {
    process: Process,
    inspector: Option<u16>,
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

    /// What it logs, and its window.
    #[must_use]
    pub fn log(&self) -> &Lines {
        self.process.stderr()
    }

    /// Memory of the app, its window and its web processes, in KiB (PSS).
    ///
    /// # Errors
    /// When it has ended.
    pub fn pss_kib(&self) -> Result<u64> {
        pss_kib(self.pid())
    }

    /// The process of its window, while it is open.
    #[must_use]
    pub fn window_pid(&self) -> Option<u32> {
        let program = binary(binaries::WINDOW).ok()?;
        descendants(self.pid()).into_iter().find(|pid| runs(*pid, &program))
    }

    /// Waits for a window of an app that was started as drivable, and drives its page.
    ///
    /// # Errors
    /// When it shows no page; with what it wrote.
    pub async fn page(&self) -> Result<PageDriver> {
        let Some(inspector) = self.inspector else { bail!("this app was not started to be driven") };
        let port = free_port()?;
        let mut command = Command::new("WebKitWebDriver");
        command.arg(format!("--port={port}")).arg("--host=127.0.0.1");
        command.arg(format!("--target=127.0.0.1:{inspector}"));
        let launcher = Process::start("WebKitWebDriver", &mut command)?;
        until("WebKitWebDriver to listen", PATIENCE, async || {
            tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()
        })
        .await?;
        // A window that has only just begun does not let itself be driven yet.
        let driver = until_with_state("a page to be driven", PATIENCE, async || {
            until("its process", PATIENCE, async || self.window_pid())
                .await
                .map_err(|error| error.to_string())?;
            let session = WebDriver::builder(format!("http://127.0.0.1:{port}"), Capabilities::new());
            let session = tokio::time::timeout(ONE_SESSION, session.request_timeout(PATIENCE)).await;
            let session = session.map_err(|error| error.to_string())?;
            session.map_err(|error| error.to_string())
        })
        .await
        .with_context(|| format!("the app shows no page to WebDriver; it wrote: {}", self.log().text()))?;
        Ok(PageDriver { _launcher: launcher, driver })
    }
}

/// The page of one window in the hands of WebDriver, for as long as that window is open.
#[derive(Debug)]
pub struct PageDriver {
    _launcher: Process,
    driver: WebDriver,
}

impl PageDriver {
    /// The page.
    #[must_use]
    pub fn driver(&self) -> &WebDriver {
        &self.driver
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

impl Drop for PageDriver {
    fn drop(&mut self) {
        // A session that is dropped would ask for its own end and wait for an answer, for minutes when the window has
        // gone before. It ends with the process that holds it.
        let _ = self.driver.clone().leak();
    }
}

/// The app with its page in the hands of WebDriver.
#[derive(Debug)]
pub struct DrivenApp {
    page: PageDriver,
    app: App,
}

impl DrivenApp {
    /// The page. Once its window was closed, the session is over until [`drive_again`](Self::drive_again).
    #[must_use]
    pub fn driver(&self) -> &WebDriver {
        self.page.driver()
    }

    /// Waits for the next window and drives its page.
    ///
    /// # Errors
    /// When none comes in time.
    pub async fn drive_again(&mut self) -> Result<()> {
        self.page = self.app.page().await?;
        Ok(())
    }

    /// The process of the app.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The app's process number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.app.pid()
    }

    /// What it logs.
    #[must_use]
    pub fn log(&self) -> &Lines {
        self.app.log()
    }

    /// Sends the app a signal.
    ///
    /// # Errors
    /// When it has ended.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        send_signal(self.pid(), signal)
    }

    /// Waits for the app's end.
    ///
    /// # Errors
    /// When it still runs after `timeout`.
    pub async fn ended(&mut self, timeout: Duration) -> Result<()> {
        self.app.process().ended(timeout).await.map(drop)
    }

    /// Memory of the app, its window and its web processes, in KiB (PSS).
    ///
    /// # Errors
    /// When it has ended.
    pub fn pss_kib(&self) -> Result<u64> {
        self.app.pss_kib()
    }

    /// Writes a picture of the page.
    ///
    /// # Errors
    /// When none can be taken in time.
    pub async fn screenshot(&self, path: &Path) -> Result<()> {
        self.page.screenshot(path).await
    }
}
