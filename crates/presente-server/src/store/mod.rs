//! Accounts and sessions, in a SQLite file or in PostgreSQL. Only the hashes of passwords and tokens are
//! stored.
//!
//! Both databases hear the same statements through sqlx's `Any` driver: flags are stored as 0 and 1, times as
//! seconds, and what only one of them knows is not used. What differs are the tables' types (`migrations/`)
//! and how a connection is opened.
//!
//! A database that is away costs an error after a few seconds, never more; the pool connects anew by itself.

mod accounts;
mod copies;
mod open;
mod presence;
mod sessions;
#[cfg(test)]
mod tests;

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

pub(crate) use accounts::Listed;
pub(crate) use copies::FullAccount;
use sqlx::{AnyPool, Row as _, any::AnyRow};

use crate::{
    clock::{Clock, from_seconds},
    presence::{SessionId, UserId},
};

/// How long one step may take altogether. Whoever waits for it holds up others.
const PATIENCE: Duration = Duration::from_secs(5);
/// Values in the list of one statement. Always as many, so that the databases know the statement again.
const LIST: usize = 100;

/// Somebody's account, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) id: UserId,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    /// Normalised.
    pub(crate) email: String,
}

impl Account {
    /// The name as others see it.
    pub(crate) fn display_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

/// What a person has chosen for all their devices.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Choices {
    /// Not shown to others, whatever their devices do.
    pub(crate) invisible: bool,
    /// Shown beside the name; empty for none.
    pub(crate) status_line: String,
}

/// An account that is to be created.
pub(crate) struct NewAccount<'a> {
    pub(crate) account: &'a Account,
    pub(crate) password_hash: &'a str,
    pub(crate) verify_code: &'a str,
}

/// What signing in looks at.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) account: Account,
    pub(crate) choices: Choices,
    pub(crate) password_hash: String,
    pub(crate) verified: bool,
    /// Whether the operator has closed the account.
    pub(crate) disabled: bool,
}

/// A session as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredSession {
    pub(crate) id: SessionId,
    pub(crate) account: Account,
    pub(crate) choices: Choices,
    pub(crate) expires: SystemTime,
    pub(crate) signed_in: bool,
    pub(crate) had_socket: bool,
}

/// A user came or left, as it is written to the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) user: UserId,
    pub(crate) online: bool,
    pub(crate) at: SystemTime,
}

/// The database.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pool: AnyPool,
    clock: Clock,
}

impl Store {
    /// Writes everything out and closes the database.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// Whether the database answers, for those who watch over the server.
    pub(crate) async fn answers(&self) -> Result<(), sqlx::Error> {
        in_time(async { sqlx::query("SELECT 1").execute(&self.pool).await.map(|_| ()) }).await
    }
}

/// What `work` yields, or an error when it takes too long: a database behind a cut cable says nothing at all.
async fn in_time<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// Placeholders `$first, …` for [`LIST`] values.
fn placeholders(first: usize) -> String {
    let all: Vec<_> = (first..first + LIST).map(|n| format!("${n}")).collect();
    all.join(", ")
}

/// `values` in lists of [`LIST`]; a shorter list repeats its last value, which changes no set.
fn lists<T>(values: &[T]) -> impl Iterator<Item = impl Iterator<Item = &T>> {
    values
        .chunks(LIST)
        .map(|chunk| chunk.iter().chain(std::iter::repeat_n(chunk.last(), LIST - chunk.len()).flatten()))
}

/// A flag, which is stored as 0 or 1.
fn flag(row: &AnyRow, column: &str) -> Result<bool, sqlx::Error> {
    Ok(row.try_get::<i64, _>(column)? != 0)
}

fn account(row: &AnyRow) -> Result<Account, sqlx::Error> {
    Ok(Account {
        id: Arc::from(row.try_get::<String, _>("user_id")?),
        first_name: row.try_get("first_name")?,
        last_name: row.try_get("last_name")?,
        email: row.try_get("email")?,
    })
}

fn choices(row: &AnyRow) -> Result<Choices, sqlx::Error> {
    Ok(Choices { invisible: flag(row, "invisible")?, status_line: row.try_get("status_line")? })
}

fn stored_session(row: &AnyRow) -> Result<StoredSession, sqlx::Error> {
    Ok(StoredSession {
        id: SessionId(row.try_get("id")?),
        account: account(row)?,
        choices: choices(row)?,
        expires: from_seconds(row.try_get("expires_at")?),
        signed_in: flag(row, "signed_in")?,
        had_socket: flag(row, "had_socket")?,
    })
}
