//! Where the terminal finds profiles.

use crate::{arguments::is_file, output, watch::GivenUp};
use anyhow::Result;
use directories::ProjectDirs;
use presente_core::profile::{Library, Profile};
use std::sync::Arc;

/// The presets and the user's own profiles; those that cannot be used are told of.
pub(crate) fn library() -> Library {
    let folders = ProjectDirs::from("", "", "presente");
    let folder = folders.map(|folders| folders.config_dir().join("profiles"));
    let (library, left_out) = Library::load(folder.as_deref());
    for profile in left_out {
        output::complain(&format!("A profile is left out: {profile}"));
    }
    library
}

/// The profile that was asked for: by its name, or by a file.
pub(crate) fn named(profile: &str, library: &Library) -> Result<Arc<Profile>> {
    let usage = |error: String| GivenUp::Usage(format!("--profile {profile}: {error}"));
    if is_file(profile) {
        let text = std::fs::read_to_string(profile).map_err(|error| usage(error.to_string()))?;
        return Ok(Arc::new(Profile::from_toml(&text).map_err(|error| usage(error.to_string()))?));
    }
    let folder =
        library.folder().map(|folder| format!(". Your own are in {}", folder.display())).unwrap_or_default();
    let known = library.all().map(|profile| profile.name.as_str()).collect::<Vec<_>>().join(", ");
    Ok(library
        .get(profile)
        .ok_or_else(|| usage(format!("there is no profile of that name; there is: {known}{folder}")))?)
}
