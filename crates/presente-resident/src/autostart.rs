//! Starting with the session, in the tray.

use crate::programs;
use anyhow::{Context, Result};
use auto_launch::{AutoLaunch, AutoLaunchBuilder};

/// Makes the app start with the session, or not.
///
/// # Errors
/// The entry cannot be written or removed.
pub(crate) fn set(wanted: bool) -> Result<()> {
    let entry = entry()?;
    if wanted { entry.enable() } else { disable(&entry) }.context("the entry for starting with the session")
}

/// Whether the app starts with the session.
pub(crate) fn is_set() -> bool {
    entry().is_ok_and(|entry| entry.is_enabled().unwrap_or(false))
}

fn disable(entry: &AutoLaunch) -> Result<(), auto_launch::Error> {
    if entry.is_enabled()? { entry.disable() } else { Ok(()) }
}

fn entry() -> Result<AutoLaunch> {
    let program = programs::own()?;
    let program = program.to_str().context("our own path is no text")?.to_owned();
    // An entry is a line of words: a path with spaces has to be quoted.
    let program = if program.contains(' ') { format!("\"{program}\"") } else { program };
    Ok(AutoLaunchBuilder::new()
        .set_app_name("presente")
        .set_app_path(&program)
        .set_args(&["--hidden"])
        .build()?)
}
