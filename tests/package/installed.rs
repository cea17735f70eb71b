//! The app as a package has installed it: started from its desktop entry on the clean system, in a world.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    time::Duration,
};

use presente_tests::{
    descendants,
    desktop::World,
    process::{Process, Signal, send_signal},
    root::CleanRoot,
    wait::{PATIENCE, until, until_with_state},
};
use serde_json::json;
use thirtyfour::prelude::*;

/// Where the package puts its entry.
pub(crate) const ENTRY: &str = "/usr/share/applications/app.presente.Presente.desktop";
/// The name that the app has on the bus.
const BUS_NAME: &str = "app.presente.Presente";
/// How long signing out and ending may take.
const TIME_TO_END: Duration = Duration::from_secs(10);

/// What the entry says to start, without a link.
pub(crate) fn words_of_entry(root: &CleanRoot) -> Vec<String> {
    let entry = fs::read_to_string(root.path().join(ENTRY.trim_start_matches('/'))).unwrap();
    let exec = entry.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap();
    exec.split_whitespace().filter(|word| !word.starts_with('%')).map(str::to_owned).collect()
}

/// The app, with its page in the hands of WebDriver.
pub(crate) struct Driven {
    // Ends before the process that holds its session.
    page: WebDriver,
    launcher: Process,
}

impl Driven {
    /// Starts what the entry says.
    pub(crate) async fn start(root: &CleanRoot, world: &World) -> Self {
        let words = words_of_entry(root);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut command = world.command("WebKitWebDriver");
        command.arg(format!("--port={port}")).arg("--host=127.0.0.1").env("TAURI_WEBVIEW_AUTOMATION", "true");
        let launcher = Process::start("WebKitWebDriver", &mut command).unwrap();
        until("WebKitWebDriver to listen", PATIENCE, async || {
            tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()
        })
        .await
        .unwrap();
        let mut capabilities = Capabilities::new();
        let options = json!({ "binary": "/usr/bin/unshare", "args": root.words_in(Some(world), &words) });
        capabilities.set("webkitgtk:browserOptions", options).unwrap();
        let session =
            WebDriver::builder(format!("http://127.0.0.1:{port}"), capabilities).request_timeout(PATIENCE);
        let page =
            session.await.unwrap_or_else(|error| panic!("{error}; it wrote: {}", launcher.stderr().text()));
        Self { page, launcher }
    }

    /// Waits until the element is on the screen.
    pub(crate) async fn visible(&self, id: &str) -> WebElement {
        until_with_state(&format!("#{id} on the screen"), PATIENCE, async || {
            let element = self.page.find(By::Id(id)).await.map_err(|error| error.to_string())?;
            match element.is_displayed().await {
                Ok(true) => Ok(element),
                _ => Err(self.launcher.stderr().text()),
            }
        })
        .await
        .unwrap()
    }

    /// Replaces what a field holds.
    pub(crate) async fn fill(&self, id: &str, text: &str) {
        let field = self.visible(id).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Waits until a field holds this.
    pub(crate) async fn holds(&self, id: &str, text: &str) {
        until_with_state(&format!("#{id} to hold {text:?}"), PATIENCE, async || {
            let field = self.page.find(By::Id(id)).await.map_err(|error| error.to_string())?;
            let value = field.prop("value").await.ok().flatten().unwrap_or_default();
            if value == text { Ok(()) } else { Err(value) }
        })
        .await
        .unwrap();
    }

    /// Ends the app as the end of a session does.
    pub(crate) async fn end(self) {
        let all = descendants(self.launcher.pid());
        let is_app = |pid: &u32| {
            fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim_end() == "presente")
        };
        let pid = all.into_iter().find(is_app).expect("the app runs");
        send_signal(pid, Signal::Term).unwrap();
        gone(pid).await;
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        // It would ask for the end of its session and wait for an answer that never comes when the window has gone.
        let _ = self.page.clone().leak();
    }
}

/// The app as somebody else has started it, found by its name on the bus. It ends with the clean system at the latest.
pub(crate) struct Found(u32);

impl Found {
    pub(crate) async fn on_the_bus(world: &World) -> Self {
        let connection = world.bus().connect().await.unwrap();
        let bus = zbus::fdo::DBusProxy::new(&connection).await.unwrap();
        let pid = until("the app on the bus", PATIENCE, async || {
            bus.get_connection_unix_process_id(BUS_NAME.try_into().ok()?).await.ok()
        });
        Self(pid.await.unwrap())
    }

    /// Ends it as the end of a session does.
    pub(crate) async fn end(self) {
        send_signal(self.0, Signal::Term).unwrap();
        gone(self.0).await;
    }
}

async fn gone(pid: u32) {
    // One that nobody has waited for yet is still listed, and has ended.
    let has_ended = || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
        stat.map_or(true, |stat| stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('Z')))
    };
    until("the end of the app", TIME_TO_END, async || has_ended().then_some(())).await.unwrap();
}
