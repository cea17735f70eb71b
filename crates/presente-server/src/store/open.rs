//! Opening the database: the file and its folder, or the connection to PostgreSQL, and the tables.

use std::{io, path::Path, str::FromStr as _, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{
    AnyPool, Executor as _,
    any::{AnyConnectOptions, AnyPoolOptions},
};

use super::Store;
use crate::{
    clock::Clock,
    config::{Config, Database},
    error::StartError,
};

const FILE: &str = "presente.db";
/// How long a step waits for a connection; also how long a start waits for PostgreSQL.
const ACQUIRE: Duration = Duration::from_secs(3);
/// SQLite writes one at a time; more connections only read beside it.
const SQLITE_CONNECTIONS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 10;

impl Store {
    /// Opens the database that the settings name, creating folder and file where one is missing, and brings
    /// its tables up to date.
    pub(crate) async fn connect(config: &Config, clock: Clock) -> Result<Self, StartError> {
        let folder = &config.data;
        let unwritable = |source: io::Error| StartError::Folder { path: folder.clone(), source };
        let unusable = |error: sqlx::Error| Self::unusable(config, error.to_string());
        match &config.database {
            Database::Sqlite => {
                prepare_folder(folder).map_err(unwritable)?;
                let store = Self::open(&folder.join(FILE), clock).await.map_err(unusable)?;
                keep_private(&folder.join(FILE)).map_err(unwritable)?;
                Ok(store)
            }
            Database::Postgres(url) => Self::at_server(url, clock).await.map_err(unusable),
        }
    }

    /// The sentence for a database that cannot be used, for this `reason`.
    pub(crate) fn unusable(config: &Config, reason: String) -> StartError {
        match config.database {
            Database::Sqlite => StartError::Database { path: config.data.join(FILE), reason },
            Database::Postgres(_) => StartError::DatabaseServer { reason },
        }
    }

    /// Opens the database file, creating it when it is missing, and brings its tables up to date.
    pub(crate) async fn open(file: &Path, clock: Clock) -> Result<Self, sqlx::Error> {
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new()
            .max_connections(SQLITE_CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    // Readers beside a writer, and no wait for the disk at every step: what a loss of power
                    // costs is the last steps, never the file.
                    connection.execute("PRAGMA journal_mode = WAL").await?;
                    connection.execute("PRAGMA synchronous = NORMAL").await?;
                    Ok(())
                })
            })
            .connect_with(AnyConnectOptions::from_str(&file_url(file)?)?)
            .await?;
        sqlx::migrate!("./migrations/sqlite").run(&pool).await?;
        Ok(Self { pool, clock })
    }

    /// Connects to PostgreSQL and brings its tables up to date, while no other server does.
    async fn at_server(url: &SecretString, clock: Clock) -> Result<Self, sqlx::Error> {
        sqlx::any::install_default_drivers();
        let pool: AnyPool = AnyPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .connect_with(AnyConnectOptions::from_str(url.expose_secret())?)
            .await?;
        sqlx::migrate!("./migrations/postgres").run(&pool).await?;
        Ok(Self { pool, clock })
    }
}

/// The address of a database file. Every byte that could mean something in an address is escaped.
fn file_url(file: &Path) -> Result<String, sqlx::Error> {
    let path = file
        .to_str()
        .ok_or_else(|| sqlx::Error::Configuration("the path of the database is not UTF-8".into()))?;
    let mut url = "sqlite:".to_owned();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url.push_str("?mode=rwc");
    Ok(url)
}

/// Creates the folder and makes sure that files can be created in it, which the database itself would
/// report in less clear words.
fn prepare_folder(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let probe = folder.join(format!(".presente-{}", std::process::id()));
    std::fs::File::create(&probe)?;
    std::fs::remove_file(&probe)
}

/// Password hashes and people's addresses are nobody else's business on this computer.
#[cfg(unix)]
fn keep_private(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    for suffix in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::set_permissions(&name, std::fs::Permissions::from_mode(0o600)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// On Windows a folder in the user's profile is private already.
#[cfg(not(unix))]
fn keep_private(_: &Path) -> io::Result<()> {
    Ok(())
}
