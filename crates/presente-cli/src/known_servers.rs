//! What the terminal remembers between runs: how servers were found to speak, and nothing else. Sessions are not among
//! it: two terminals may watch at the same time, and none may take the other's session for a ghost.

use directories::ProjectDirs;
use presente_core::{
    problem::Problem,
    settings::{FileSettings, Settings, SettingsStore},
};

/// How servers were found to speak.
pub(crate) struct KnownServers(Option<FileSettings>);

impl KnownServers {
    /// Those that this user has found; kept where caches are.
    pub(crate) fn of_user() -> Self {
        let folders = ProjectDirs::from("", "", "presente");
        Self(folders.map(|folders| FileSettings::new(folders.cache_dir().join("servers.toml"))))
    }
}

impl SettingsStore for KnownServers {
    fn load(&self) -> (Settings, Option<Problem>) {
        // What cannot be read is found out anew.
        let (settings, _) = self.0.as_ref().map(SettingsStore::load).unwrap_or_default();
        (Settings { servers: settings.servers, ..Settings::default() }, None)
    }

    fn save(&self, settings: &Settings) -> Result<(), Problem> {
        let Some(file) = &self.0 else { return Ok(()) };
        let (kept, _) = file.load();
        if kept.servers != settings.servers {
            // A cache that cannot be written costs two seconds the next time.
            let kept = file.save(&Settings { servers: settings.servers.clone(), ..Settings::default() });
            if let Err(problem) = kept {
                tracing::debug!(code = problem.code(), "what was found out is not remembered");
            }
        }
        Ok(())
    }
}
