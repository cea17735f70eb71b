//! History in a SQLite file: private, opened when it is needed, set aside when it cannot be read.
//!
//! There is one connection. Whoever waits for it waits for one batch at most, and nobody who shows anything waits.

mod reading;
mod writing;

use super::{ExportFormat, Exported, HistoryError, HistoryStore, Past, Record, SpanState, export};
use crate::{people::PersonKey, settings::OpenSession};
use async_trait::async_trait;
use jiff::{Timestamp, tz::TimeZone};
use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{
        Mutex as StdMutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::{Mutex, MutexGuard};

/// What makes a database of one version that of the next. The last statement of each says which it is.
const STEPS: [&str; 1] = [include_str!("sqlite/0001.sql")];
/// What belongs to a database beside its file.
const COMPANIONS: [&str; 3] = ["", "-wal", "-shm"];
/// SQLite's words for a file that is damaged, and for one that is something else.
const UNREADABLE: [&str; 2] = ["11", "26"];

/// History in a SQLite file.
#[derive(Debug)]
pub struct SqliteHistory {
    file: PathBuf,
    connection: Mutex<Option<SqliteConnection>>,
    /// What an earlier run left open has been ended.
    recovered: AtomicBool,
    aside: StdMutex<Option<PathBuf>>,
}

type Place<'a> = MutexGuard<'a, Option<SqliteConnection>>;

impl SqliteHistory {
    /// The history in this file, which need not exist, nor its folder.
    pub fn new(file: PathBuf) -> Self {
        Self {
            file,
            connection: Mutex::new(None),
            recovered: AtomicBool::new(false),
            aside: StdMutex::new(None),
        }
    }

    /// The connection, and the place to which it is to come back.
    async fn take(&self) -> Result<(Place<'_>, SqliteConnection), HistoryError> {
        let mut place = self.connection.lock().await;
        let connection = match place.take() {
            Some(connection) => Ok(connection),
            None => match self.connect().await {
                Err(error) if is_unreadable(&error) => {
                    self.put_aside();
                    self.connect().await
                }
                connected => connected,
            },
        };
        connection.map(|connection| (place, connection)).map_err(|error| self.error(&error))
    }

    /// Gives the connection back. After an error the file is opened anew: what was wrong may be mended then.
    async fn give_back<T>(
        &self,
        mut place: Place<'_>,
        connection: SqliteConnection,
        result: Result<T, sqlx::Error>,
    ) -> Result<T, HistoryError> {
        match &result {
            Ok(_) => *place = Some(connection),
            Err(error) => {
                let _ = connection.close().await;
                if is_unreadable(error) {
                    self.put_aside();
                }
            }
        }
        result.map_err(|error| self.error(&error))
    }

    async fn connect(&self) -> Result<SqliteConnection, sqlx::Error> {
        prepare(&self.file)?;
        let options = SqliteConnectOptions::new()
            .filename(&self.file)
            .journal_mode(SqliteJournalMode::Wal)
            // A loss of power costs the last batches, never the file.
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            // What is forgotten is overwritten.
            .pragma("secure_delete", "ON");
        let mut connection = options.connect().await?;
        let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut connection).await?;
        let version = usize::try_from(version).unwrap_or(usize::MAX);
        if version > STEPS.len() {
            return Err(sqlx::Error::Configuration("a newer version of Presente has written it".into()));
        }
        for step in STEPS.into_iter().skip(version) {
            let mut step_of_all = connection.begin().await?;
            sqlx::raw_sql(step).execute(&mut *step_of_all).await?;
            step_of_all.commit().await?;
        }
        if !self.recovered.load(Ordering::Acquire) {
            writing::recover(&mut connection).await?;
            self.recovered.store(true, Ordering::Release);
        }
        Ok(connection)
    }

    /// Moves a file that cannot be read out of the way; never over an earlier one.
    fn put_aside(&self) {
        let name = |number: u32, companion: &str| {
            let mut name = self.file.with_extension("unreadable").into_os_string();
            if number > 1 {
                name.push(format!("-{number}"));
            }
            name.push(companion);
            PathBuf::from(name)
        };
        let number = (1..).find(|number| !name(*number, "").exists()).unwrap_or(1);
        for companion in COMPANIONS {
            match std::fs::rename(with(&self.file, companion), name(number, companion)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(%error, "an unreadable history stays where it is");
                    return;
                }
                _ => {}
            }
        }
        *self.aside.lock().unwrap_or_else(PoisonError::into_inner) = Some(name(number, ""));
    }

    fn error(&self, error: &sqlx::Error) -> HistoryError {
        let reason = match error {
            sqlx::Error::Database(error) => error.message().to_owned(),
            sqlx::Error::Io(error) => error.to_string(),
            other => other.to_string(),
        };
        HistoryError { path: self.file.clone(), reason }
    }
}

fn is_unreadable(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| UNREADABLE.contains(&code.as_ref()))
}

fn with(file: &Path, companion: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(companion);
    name.into()
}

/// Creates folder and file. When people come and go is nobody else's business on this computer; SQLite gives its other
/// files the rights of the first.
fn prepare(file: &Path) -> io::Result<()> {
    std::fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        let file = options.mode(0o600).open(file)?;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))
    }
    #[cfg(not(unix))]
    options.open(file).map(drop)
}

/// A state as it is stored.
fn number_of(state: SpanState) -> i64 {
    match state {
        SpanState::Online => 0,
        SpanState::Away => 1,
        SpanState::Busy => 2,
    }
}

fn state_of(number: i64) -> SpanState {
    match number {
        1 => SpanState::Away,
        2 => SpanState::Busy,
        _ => SpanState::Online,
    }
}

fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or_default()
}

#[async_trait]
impl HistoryStore for SqliteHistory {
    async fn record(&self, records: &[Record]) -> Result<(), HistoryError> {
        let (place, mut connection) = self.take().await?;
        let written = writing::write(&mut connection, records).await;
        self.give_back(place, connection, written).await
    }

    async fn past(
        &self,
        person: &PersonKey,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Past, HistoryError> {
        let (place, mut connection) = self.take().await?;
        let past = reading::past(&mut connection, person, from, until).await;
        self.give_back(place, connection, past).await
    }

    async fn last_online(&self, account: &OpenSession) -> Result<HashMap<String, Timestamp>, HistoryError> {
        let (place, mut connection) = self.take().await?;
        let people = reading::last_online(&mut connection, account).await;
        self.give_back(place, connection, people).await
    }

    async fn forget(&self, whom: Option<&PersonKey>) -> Result<(), HistoryError> {
        let (place, mut connection) = self.take().await?;
        let forgotten = writing::forget(&mut connection, whom).await;
        self.give_back(place, connection, forgotten).await
    }

    async fn prune(&self, before: Timestamp) -> Result<(), HistoryError> {
        let (place, mut connection) = self.take().await?;
        let pruned = writing::prune(&mut connection, before).await;
        self.give_back(place, connection, pruned).await
    }

    async fn export(
        &self,
        format: ExportFormat,
        whom: Option<&PersonKey>,
        folder: &Path,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Exported, HistoryError> {
        let unwritable =
            |path: &Path, error: io::Error| HistoryError { path: path.to_owned(), reason: error.to_string() };
        let day = now.to_zoned(zone.clone()).date();
        let mut file =
            export::NewFile::create(folder, day, format).await.map_err(|error| unwritable(folder, error))?;
        let mut after = reading::Position::default();
        loop {
            // The connection is given back after each page: others have not to wait for all of it.
            let (place, mut connection) = self.take().await?;
            let page = reading::page(&mut connection, whom, after).await;
            let (spans, last) = self.give_back(place, connection, page).await?;
            let path = file.path().to_owned();
            let Some(last) = last else {
                return file.finish().await.map_err(|error| unwritable(&path, error));
            };
            file.write(&spans, zone).await.map_err(|error| unwritable(&path, error))?;
            after = last;
        }
    }

    async fn size(&self) -> u64 {
        let mut size = 0;
        for companion in COMPANIONS {
            size += tokio::fs::metadata(with(&self.file, companion)).await.map_or(0, |file| file.len());
        }
        size
    }

    fn path(&self) -> PathBuf {
        self.file.clone()
    }

    fn set_aside(&self) -> Option<PathBuf> {
        self.aside.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn close(&self) {
        if let Some(connection) = self.connection.lock().await.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the history was not closed");
        }
    }
}

#[cfg(test)]
mod tests;
