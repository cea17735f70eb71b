//! Builds the app and runs it: on the screen that is there, or on an invisible one of which pictures are left.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::Receiver,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use crate::{
    child::{self, Running, cargo, until},
    packages::{self, Need},
    screen::Screen,
    target,
};

/// The password of the demo account; the app fills in the rest of the form.
const DEMO_PASSWORD: &str = "presente-demo";

/// What the app logs when people are on its screen for the first time.
const ROSTER_SHOWN: &str = "roster shown";

/// What it logs when it tells of somebody.
const NOTIFIED: &str = "notification raised";

/// How long the app runs on an invisible screen.
const INVISIBLE_RUN: Duration = Duration::from_secs(20);

/// How often the password is typed: what is typed before the page listens is lost.
const TRIES: usize = 5;

/// Builds and runs the app in its demo mode, for `duration` if told, else until it is quit.
///
/// # Errors
/// When it does not build, does not show its people, or ends by itself with an error.
pub(crate) fn run(duration: Option<Duration>) -> Result<()> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let has_screen = !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
    packages::ensure(if has_screen { &[Need::App] } else { &[Need::App, Need::InvisibleScreen] })?;
    child::run(cargo().args(["build", "--package", "presente"]))?;
    let app = target().join("debug/presente").with_extension(std::env::consts::EXE_EXTENSION);
    if has_screen {
        println!("Starting Presente with demo people. The demo account's password is {DEMO_PASSWORD}");
        return Running::start(Command::new(app).arg("--demo"))?.wait(duration);
    }
    println!(
        "There is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set): running on an invisible one."
    );
    on_an_invisible_screen(&app, duration.unwrap_or(INVISIBLE_RUN))
}

fn on_an_invisible_screen(app: &Path, duration: Duration) -> Result<()> {
    let pictures = target().join("screenshots");
    fs::create_dir_all(&pictures)?;
    let screen = Screen::start()?;
    let mut command = screen.command(app);
    if std::env::var_os("RUST_LOG").is_none() {
        command.env("RUST_LOG", "info");
    }
    let start = Instant::now();
    let mut app = Running::start(command.arg("--demo").env("NO_COLOR", "1").stderr(Stdio::piped()))?;
    let log = app.shown_errors()?;

    let window = screen.window("Presente", || app.must_run())?;
    let form = screen.changed_since(&window, "", Duration::from_secs(5))?;
    take(&screen, &pictures, "sign-in.png")?;

    sign_in(&screen, &window, &mut app, &log)?;
    screen.changed_since(&window, &form, Duration::from_secs(10))?;
    take(&screen, &pictures, "roster.png")?;

    let rest = duration.saturating_sub(start.elapsed());
    let told = until("somebody to come", rest, || {
        app.must_run()?;
        Ok(log.try_iter().any(|line| line.contains(NOTIFIED)).then_some(()))
    });
    match told {
        Ok(()) => {
            // The list and the notification's own window follow the log.
            screen.settled(Duration::from_secs(3))?;
            take(&screen, &pictures, "roster-later.png")?;
        }
        Err(_) => {
            app.must_run().map(|()| println!("Nobody came while the app ran; a longer --for shows more."))?;
        }
    }
    app.wait(Some(duration.saturating_sub(start.elapsed())))
}

/// Types the password until the app says that it shows people.
fn sign_in(screen: &Screen, window: &str, app: &mut Running, log: &Receiver<String>) -> Result<()> {
    let mut result = Ok(());
    for _ in 0..TRIES {
        screen.enter(window, DEMO_PASSWORD)?;
        result = until("the app to show people", Duration::from_secs(4), || {
            app.must_run()?;
            Ok(log.try_iter().any(|line| line.contains(ROSTER_SHOWN)).then_some(()))
        });
        if result.is_ok() {
            break;
        }
    }
    result.context("signing in to the demo server")
}

fn take(screen: &Screen, pictures: &Path, name: &str) -> Result<()> {
    let path = pictures.join(name);
    screen.picture(&path)?;
    println!("Picture: {}", path.display());
    Ok(())
}
