//! Where things are kept; for a demo, nowhere that lasts.

use crate::{local_server::InProcess, secrets::Keyring};
use anyhow::{Context, Result};
use directories::{ProjectDirs, UserDirs};
use presente_core::{
    secrets::{MemorySecrets, SecretStore},
    settings::{FileSettings, MemorySettings, SettingsStore},
};
use std::{path::PathBuf, sync::Arc};

/// Where things are kept.
pub(crate) struct Home {
    pub(crate) secrets: Arc<dyn SecretStore>,
    pub(crate) settings: Box<dyn SettingsStore>,
    pub(crate) server: InProcess,
    /// Where the user's own profiles are.
    pub(crate) profiles: Option<PathBuf>,
    /// Who was online when.
    pub(crate) history: PathBuf,
    /// Where people expect files that they have asked for.
    pub(crate) downloads: PathBuf,
}

impl Home {
    pub(crate) fn new(demo: bool) -> Result<Self> {
        if demo {
            let folder = tempfile::tempdir().context("no temporary folder can be made for the demo")?;
            let path = folder.path().to_owned();
            return Ok(Self {
                secrets: Arc::new(MemorySecrets::default()),
                settings: Box::new(MemorySettings),
                server: InProcess::demo(folder),
                profiles: None,
                history: path.join("history.sqlite"),
                downloads: path,
            });
        }
        let no_home = "there is no home folder to keep settings in: set HOME and start again";
        let folders = ProjectDirs::from("", "", "presente").context(no_home)?;
        let user = UserDirs::new().context(no_home)?;
        let downloads = user.download_dir().filter(|folder| folder.is_dir()).unwrap_or(user.home_dir());
        Ok(Self {
            secrets: Arc::new(Keyring),
            settings: Box::new(FileSettings::new(folders.config_dir().join("settings.toml"))),
            server: InProcess::new(folders.data_dir().join("server")),
            profiles: Some(folders.config_dir().join("profiles")),
            history: folders.data_dir().join("history.sqlite"),
            downloads: downloads.to_owned(),
        })
    }
}
