//! Accounts and sessions in SQLite. Only the hashes of passwords and tokens are stored.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use sqlx::{
    Row as _, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};

use crate::{
    clock::{Clock, from_seconds, to_seconds},
    presence::{Change, SessionId, UserId},
    token::Token,
};

/// Sessions a user may have; one more takes the oldest one away.
const SESSIONS_PER_USER: i64 = 32;

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

/// An account that is to be created.
pub(crate) struct NewAccount<'a> {
    pub(crate) account: &'a Account,
    pub(crate) password_hash: &'a str,
    pub(crate) verify_code: &'a str,
}

/// A session as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredSession {
    pub(crate) id: SessionId,
    pub(crate) account: Account,
    pub(crate) expires: SystemTime,
    pub(crate) signed_in: bool,
    pub(crate) had_socket: bool,
}

/// The database.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pool: SqlitePool,
    clock: Clock,
}

impl Store {
    /// Opens the database file, creating it when it is missing, and brings its tables up to date.
    pub(crate) async fn open(file: &Path, clock: Clock) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options)
            .await?;
        sqlx::migrate!("./migrations").run(&pool).await?;
        Ok(Self { pool, clock })
    }

    /// Writes everything out and closes the file.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// Creates an account; `false` when its e-mail is taken.
    pub(crate) async fn create_account(&self, new: NewAccount<'_>) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(
            "INSERT INTO users (id, email, first_name, last_name, password_hash, verify_code, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING",
        )
        .bind(&*new.account.id)
        .bind(&new.account.email)
        .bind(&new.account.first_name)
        .bind(&new.account.last_name)
        .bind(new.password_hash)
        .bind(new.verify_code)
        .bind(to_seconds(self.clock.now()))
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// The account of a normalised e-mail and its password hash.
    pub(crate) async fn credentials(&self, email: &str) -> Result<Option<(Account, String)>, sqlx::Error> {
        sqlx::query(
            "SELECT id AS user_id, first_name, last_name, email, password_hash FROM users WHERE email = ?",
        )
        .bind(email)
        .fetch_optional(&self.pool)
        .await?
        .map(|row| Ok((account(&row)?, row.try_get("password_hash")?)))
        .transpose()
    }

    /// Marks the account of a verification code as verified; `false` when there is none.
    pub(crate) async fn verify(&self, code: &str) -> Result<bool, sqlx::Error> {
        let done = sqlx::query("UPDATE users SET verified = 1 WHERE verify_code = ?")
            .bind(code)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Creates a signed-in session. Also returns the sessions of the user that had to make room for it.
    pub(crate) async fn create_session(
        &self,
        user: &UserId,
        token: &Token,
        expires: SystemTime,
    ) -> Result<(SessionId, Vec<SessionId>), sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let id = sqlx::query(
            "INSERT INTO sessions (user_id, token_hash, created_at, expires_at, signed_in)
             VALUES (?, ?, ?, ?, 1)",
        )
        .bind(&**user)
        .bind(token.hash())
        .bind(to_seconds(self.clock.now()))
        .bind(to_seconds(expires))
        .execute(&mut *transaction)
        .await?
        .last_insert_rowid();
        let removed = sqlx::query(
            "DELETE FROM sessions WHERE user_id = ?1 AND id NOT IN
             (SELECT id FROM sessions WHERE user_id = ?1 ORDER BY id DESC LIMIT ?2) RETURNING id",
        )
        .bind(&**user)
        .bind(SESSIONS_PER_USER)
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let removed = removed.iter().map(|row| row.try_get("id").map(SessionId)).collect::<Result<_, _>>()?;
        Ok((SessionId(id), removed))
    }

    /// Signs a session in again and moves its end.
    pub(crate) async fn resume_session(&self, id: SessionId, expires: SystemTime) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE sessions SET signed_in = 1, expires_at = ? WHERE id = ?")
            .bind(to_seconds(expires))
            .bind(id.0)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The session of a token, unless its time is over.
    pub(crate) async fn session(&self, token: &Token) -> Result<Option<StoredSession>, sqlx::Error> {
        sqlx::query(
            "SELECT s.id, s.expires_at, s.signed_in, s.had_socket,
                    u.id AS user_id, u.first_name, u.last_name, u.email
             FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.token_hash = ? AND s.expires_at > ?",
        )
        .bind(token.hash())
        .bind(to_seconds(self.clock.now()))
        .fetch_optional(&self.pool)
        .await?
        .map(|row| stored_session(&row))
        .transpose()
    }

    /// All sessions that are signed in.
    pub(crate) async fn signed_in_sessions(&self) -> Result<Vec<StoredSession>, sqlx::Error> {
        sqlx::query(
            "SELECT s.id, s.expires_at, s.signed_in, s.had_socket,
                    u.id AS user_id, u.first_name, u.last_name, u.email
             FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.signed_in = 1 AND s.expires_at > ? ORDER BY s.id",
        )
        .bind(to_seconds(self.clock.now()))
        .fetch_all(&self.pool)
        .await?
        .iter()
        .map(stored_session)
        .collect()
    }

    /// Signs out all sessions of a user; their tokens end at `listen_until` at the latest.
    pub(crate) async fn sign_out(&self, user: &UserId, listen_until: SystemTime) -> Result<(), sqlx::Error> {
        sqlx::query(
            "UPDATE sessions SET signed_in = 0, expires_at = MIN(expires_at, ?)
             WHERE user_id = ? AND signed_in = 1",
        )
        .bind(to_seconds(listen_until))
        .bind(&**user)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Remembers that a socket has proved itself with the session's token.
    pub(crate) async fn mark_socket(&self, id: SessionId) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE sessions SET had_socket = 1 WHERE id = ?").bind(id.0).execute(&self.pool).await?;
        Ok(())
    }

    /// Writes who came and who left to the accounts.
    pub(crate) async fn set_connected(&self, changes: &[Change]) -> Result<(), sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        for change in changes {
            sqlx::query("UPDATE users SET is_connected = ? WHERE id = ?")
                .bind(change.online)
                .bind(&*change.user)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }

    /// Nobody is connected to a server that starts or stops.
    pub(crate) async fn reset_connected(&self) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE users SET is_connected = 0 WHERE is_connected <> 0").execute(&self.pool).await?;
        Ok(())
    }

    /// Removes sessions whose time is over.
    pub(crate) async fn remove_expired(&self) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM sessions WHERE expires_at <= ?")
            .bind(to_seconds(self.clock.now()))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Removes all sessions of an account, by its normalised e-mail.
    pub(crate) async fn remove_sessions_of(&self, email: &str) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE email = ?)")
            .bind(email)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

fn account(row: &SqliteRow) -> Result<Account, sqlx::Error> {
    Ok(Account {
        id: Arc::from(row.try_get::<String, _>("user_id")?),
        first_name: row.try_get("first_name")?,
        last_name: row.try_get("last_name")?,
        email: row.try_get("email")?,
    })
}

fn stored_session(row: &SqliteRow) -> Result<StoredSession, sqlx::Error> {
    Ok(StoredSession {
        id: SessionId(row.try_get("id")?),
        account: account(row)?,
        expires: from_seconds(row.try_get("expires_at")?),
        signed_in: row.try_get("signed_in")?,
        had_socket: row.try_get("had_socket")?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::token;

    /// A store in a folder of its own, one account, and a clock to set.
    async fn stage() -> (tempfile::TempDir, Store, Account, Arc<AtomicI64>) {
        let folder = tempfile::tempdir().unwrap();
        let time = Arc::new(AtomicI64::new(1000));
        let clock = Clock::of({
            let time = Arc::clone(&time);
            move || from_seconds(time.load(Ordering::SeqCst))
        });
        let store = Store::open(&folder.path().join("test.db"), clock).await.unwrap();
        let account = Account {
            id: token::new_id(),
            first_name: "Ana".into(),
            last_name: String::new(),
            email: "ana@test.example".into(),
        };
        let new = NewAccount { account: &account, password_hash: "h", verify_code: "c" };
        assert!(store.create_account(new).await.unwrap());
        (folder, store, account, time)
    }

    #[tokio::test]
    async fn a_token_is_good_until_its_end_and_its_row_is_removed_after() {
        let (_folder, store, ana, time) = stage().await;
        let token = Token::random();
        store.create_session(&ana.id, &token, from_seconds(2000)).await.unwrap();
        time.store(1999, Ordering::SeqCst);
        store.remove_expired().await.unwrap();
        let session = store.session(&token).await.unwrap().unwrap();
        assert_eq!((session.account, session.signed_in, session.had_socket), (ana, true, false));
        time.store(2000, Ordering::SeqCst);
        assert!(store.session(&token).await.unwrap().is_none());
        assert!(store.signed_in_sessions().await.unwrap().is_empty());
        store.remove_expired().await.unwrap();
        time.store(1000, Ordering::SeqCst);
        assert!(store.session(&token).await.unwrap().is_none(), "the row is gone");
    }

    #[tokio::test]
    async fn signing_out_shortens_a_token_and_never_lengthens_it() {
        let (_folder, store, ana, _) = stage().await;
        let (long, short) = (Token::random(), Token::random());
        store.create_session(&ana.id, &long, from_seconds(9000)).await.unwrap();
        store.create_session(&ana.id, &short, from_seconds(1500)).await.unwrap();
        store.sign_out(&ana.id, from_seconds(2000)).await.unwrap();
        for (token, expires) in [(long, 2000), (short, 1500)] {
            let session = store.session(&token).await.unwrap().unwrap();
            assert_eq!((session.expires, session.signed_in), (from_seconds(expires), false));
        }
    }

    #[tokio::test]
    async fn the_oldest_of_too_many_sessions_makes_room() {
        let (_folder, store, ana, _) = stage().await;
        let first = Token::random();
        let (first_id, _) = store.create_session(&ana.id, &first, from_seconds(9000)).await.unwrap();
        let mut removed = Vec::new();
        for _ in 0..SESSIONS_PER_USER {
            let (_, old) = store.create_session(&ana.id, &Token::random(), from_seconds(9000)).await.unwrap();
            removed.extend(old);
        }
        assert_eq!(removed, [first_id]);
        assert!(store.session(&first).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn an_address_has_one_account() {
        let (_folder, store, ana, _) = stage().await;
        let other = Account { id: token::new_id(), ..ana };
        let new = NewAccount { account: &other, password_hash: "h", verify_code: "d" };
        assert!(!store.create_account(new).await.unwrap());
    }
}
