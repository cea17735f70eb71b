//! A screen of its own (Xvfb) with a window manager (openbox).

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::{
    process::Process,
    wait::{PATIENCE, until},
};

/// Longer than any of the small programs takes that look at a screen.
const ONE_LOOK: Duration = Duration::from_secs(10);

/// Longer than a window takes to close when it has heard the key.
const ONE_PRESS: Duration = Duration::from_secs(2);

/// A running screen.
#[derive(Debug)]
pub struct Display {
    window_manager: Option<Process>,
    name: String,
    _server: Process,
}

impl Display {
    /// Starts a screen of 1280 × 800; the server itself picks a display number that is free.
    pub(crate) async fn start() -> Result<Self> {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"]);
        let mut server = Process::start("Xvfb", &mut command)?;
        let number = server.first_line().await?;
        Ok(Self { window_manager: None, name: format!(":{}", number.trim()), _server: server })
    }

    /// For `DISPLAY`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Starts the window manager by `command`, which brings the world's environment, and waits until it manages:
    /// windows that open while it starts are lost to it, and it shows its hints long before it is done.
    pub(crate) async fn manage(&mut self, command: &mut Command) -> Result<()> {
        command.args(["--startup", "echo managing"]);
        let mut window_manager = Process::start("openbox", command)?;
        window_manager.first_line().await?;
        self.window_manager = Some(window_manager);
        Ok(())
    }

    /// The ids of the visible windows with exactly this title.
    ///
    /// # Errors
    /// When `xdotool` cannot be run.
    pub async fn windows(&self, title: &str) -> Result<Vec<String>> {
        self.search(title, &["--onlyvisible"]).await
    }

    /// Whether there is such a window at all, shown or not: none is seen while the window manager puts it in its frame.
    ///
    /// # Errors
    /// When `xdotool` cannot be run.
    pub async fn has_window(&self, title: &str) -> Result<bool> {
        Ok(!self.search(title, &[]).await?.is_empty())
    }

    async fn search(&self, title: &str, which: &[&str]) -> Result<Vec<String>> {
        let pattern = format!("^{title}$");
        let output = self.run("xdotool", &[&["search"], which, &["--name", &pattern]].concat()).await?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        // It fails when it finds none, which is an answer, and when a window goes while it looks, which is none.
        if !output.status.success() && !complaint.trim().is_empty() {
            bail!("the window {title:?} cannot be looked for: {}", complaint.trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    }

    /// Waits until there is a visible window with this title, and gives its id.
    ///
    /// # Errors
    /// When none comes in time.
    pub async fn window(&self, title: &str) -> Result<String> {
        let what = format!("a visible window {title:?}");
        until(&what, PATIENCE, async || self.windows(title).await.ok()?.pop()).await
    }

    /// Waits until there is no window with this title.
    ///
    /// # Errors
    /// When one stays.
    pub async fn no_window(&self, title: &str) -> Result<()> {
        let what = format!("the window {title:?} to go");
        until(&what, PATIENCE, async || self.gone(title).await).await
    }

    async fn gone(&self, title: &str) -> Option<()> {
        (!self.has_window(title).await.ok()?).then_some(())
    }

    /// Waits until the window with this title is not shown, be it minimised or gone.
    ///
    /// # Errors
    /// When it stays in sight.
    pub async fn out_of_sight(&self, title: &str) -> Result<()> {
        let what = format!("the window {title:?} to go out of sight");
        until(&what, PATIENCE, async || self.windows(title).await.ok()?.is_empty().then_some(())).await
    }

    /// Closes the window as a person does, by Alt+F4, and waits until it has gone.
    ///
    /// # Errors
    /// When there is none, or it stays.
    pub async fn close_window(&self, title: &str) -> Result<()> {
        self.window(title).await?;
        until(&format!("the window {title:?} to close by Alt+F4"), PATIENCE, async || {
            // On a new screen the window manager now and then misses the very first key. Then it is pressed again,
            // as a person would.
            if self.gone(title).await.is_some() {
                return Some(());
            }
            let id = self.windows(title).await.ok()?.pop()?;
            self.ask("xdotool", &["windowactivate", "--sync", &id]).await.ok()?;
            self.ask("xdotool", &["key", "--clearmodifiers", "alt+F4"]).await.ok()?;
            until("it to go", ONE_PRESS, async || self.gone(title).await).await.ok()
        })
        .await
    }

    /// Types text into the window that has the focus.
    ///
    /// # Errors
    /// When `xdotool` cannot be run.
    pub async fn type_text(&self, text: &str) -> Result<()> {
        self.ask("xdotool", &["type", "--delay", "5", "--", text]).await.map(drop)
    }

    /// Presses keys, named as `xdotool` does: `Return`, `ctrl+f`.
    ///
    /// # Errors
    /// When there is no such key.
    pub async fn press(&self, keys: &str) -> Result<()> {
        self.ask("xdotool", &["key", "--clearmodifiers", keys]).await.map(drop)
    }

    /// Whether the window has the focus.
    ///
    /// # Errors
    /// When `xdotool` cannot be run.
    pub async fn has_focus(&self, window: &str) -> Result<bool> {
        let output = self.run("xdotool", &["getactivewindow"]).await?;
        Ok(String::from_utf8_lossy(&output.stdout).trim() == window)
    }

    /// Where a window is on the screen, in pixels from its top left corner: `(left, top, width, height)`.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn place(&self, window: &str) -> Result<(i32, i32, i32, i32)> {
        let said = self.ask("xdotool", &["getwindowgeometry", "--shell", window]).await?;
        let number = |name: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line.and_then(|number| number.parse().ok()).with_context(|| format!("no {name} in {said}"))
        };
        Ok((number("X")?, number("Y")?, number("WIDTH")?, number("HEIGHT")?))
    }

    /// Moves a window to this place, and waits until it is there or near.
    ///
    /// # Errors
    /// When it is gone, or stays elsewhere.
    pub async fn move_to(&self, window: &str, left: i32, top: i32) -> Result<()> {
        self.ask("xdotool", &["windowmove", window, &left.to_string(), &top.to_string()]).await?;
        // Its frame takes a few pixels.
        until("the window to move", PATIENCE, async || {
            let (is_left, is_top, ..) = self.place(window).await.ok()?;
            ((is_left - left).abs() < 60 && (is_top - top).abs() < 60).then_some(())
        })
        .await
    }

    /// Puts the pointer on a point of the screen.
    ///
    /// # Errors
    /// When `xdotool` cannot be run.
    pub async fn point_at(&self, left: i32, top: i32) -> Result<()> {
        self.ask("xdotool", &["mousemove", "--sync", &left.to_string(), &top.to_string()]).await.map(drop)
    }

    /// Makes two monitors of the screen, side by side and 640 pixels wide each.
    ///
    /// # Errors
    /// When `xrandr` cannot do it.
    pub async fn plug_in_second_monitor(&self) -> Result<()> {
        self.ask("xrandr", &["--setmonitor", "left", "640/200x800/250+0+0", "screen"]).await?;
        self.ask("xrandr", &["--setmonitor", "right", "640/200x800/250+640+0", "none"]).await.map(drop)
    }

    /// Takes the right one away again; what is there is seen by nobody then.
    ///
    /// # Errors
    /// When there is none.
    pub async fn pull_out_second_monitor(&self) -> Result<()> {
        self.ask("xrandr", &["--delmonitor", "right"]).await.map(drop)
    }

    /// Writes a picture of the whole screen.
    ///
    /// # Errors
    /// When it cannot be taken or written.
    pub async fn screenshot(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        self.ask("import", &["-window", "root", &path.to_string_lossy()]).await.map(drop)
    }

    async fn ask(&self, program: &str, args: &[&str]) -> Result<String> {
        let output = self.run(program, args).await?;
        if !output.status.success() {
            bail!("{program} {args:?} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    async fn run(&self, program: &str, args: &[&str]) -> Result<std::process::Output> {
        let mut command = tokio::process::Command::new(program);
        command.args(args).env("DISPLAY", &self.name).stdin(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(ONE_LOOK, command.output()).await;
        let output = output.with_context(|| format!("{program} {args:?} did not end within {ONE_LOOK:?}"))?;
        output.with_context(|| format!("cannot run {program}; `cargo xtask test` installs what tests need"))
    }
}
