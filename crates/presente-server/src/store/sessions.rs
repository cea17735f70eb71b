//! Sessions: how they begin, are found, and end.

use std::time::{Duration, SystemTime};

use sqlx::{Any, AssertSqlSafe, Row as _, Transaction, any::AnyRow};

use super::{Store, StoredSession, in_time, lists, placeholders, stored_session};
use crate::{
    clock::{from_seconds, to_seconds},
    presence::{SessionId, UserId},
    token::Token,
};

/// Sessions a user may have; one more takes the oldest one away.
pub(super) const SESSIONS_PER_USER: i64 = 32;
/// How long a session may be made to last by renewing it, from its beginning.
pub(super) const LONGEST: Duration = Duration::from_secs(180 * 24 * 3600);

/// What `stored_session` reads.
const SESSION: &str = "SELECT s.id, s.expires_at, s.signed_in, s.had_socket,
            u.id AS user_id, u.first_name, u.last_name, u.email, u.invisible, u.status_line
     FROM sessions s JOIN users u ON u.id = s.user_id";

impl Store {
    /// Creates a signed-in session. Also returns the sessions of the user that had to make room for it.
    pub(crate) async fn create_session(
        &self,
        user: &UserId,
        token: &Token,
        expires: SystemTime,
    ) -> Result<(SessionId, Vec<SessionId>), sqlx::Error> {
        in_time(async {
            let mut transaction = self.pool.begin().await?;
            let created = sqlx::query(
                "INSERT INTO sessions (user_id, token_hash, created_at, expires_at, signed_in)
                 VALUES ($1, $2, $3, $4, 1) RETURNING id",
            )
            .bind(&**user)
            .bind(token.hash())
            .bind(to_seconds(self.clock.now()))
            .bind(to_seconds(expires))
            .fetch_one(&mut *transaction)
            .await?;
            let removed = sqlx::query(
                "DELETE FROM sessions WHERE user_id = $1 AND id NOT IN
                 (SELECT id FROM sessions WHERE user_id = $1 ORDER BY id DESC LIMIT $2) RETURNING id",
            )
            .bind(&**user)
            .bind(SESSIONS_PER_USER)
            .fetch_all(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok((id(&created)?, removed.iter().map(id).collect::<Result<_, _>>()?))
        })
        .await
    }

    /// Signs a session in again and moves its end to `expires`, but not beyond 180 days after its beginning.
    /// Returns the new end.
    pub(crate) async fn resume_session(
        &self,
        session: SessionId,
        expires: SystemTime,
    ) -> Result<SystemTime, sqlx::Error> {
        let query = sqlx::query(
            "UPDATE sessions SET signed_in = 1,
                 expires_at = CASE WHEN created_at + $1 < $2 THEN created_at + $1 ELSE $2 END
             WHERE id = $3 RETURNING expires_at",
        )
        .bind(i64::try_from(LONGEST.as_secs()).unwrap_or(i64::MAX))
        .bind(to_seconds(expires))
        .bind(session.0);
        let row = in_time(query.fetch_optional(&self.pool)).await?;
        row.map_or(Ok(expires), |row| row.try_get("expires_at").map(from_seconds))
    }

    /// The session of a token, unless its time is over or its account is disabled.
    pub(crate) async fn session(&self, token: &Token) -> Result<Option<StoredSession>, sqlx::Error> {
        let sql = format!("{SESSION} WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.disabled = 0");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(token.hash()).bind(to_seconds(self.clock.now()));
        in_time(query.fetch_optional(&self.pool)).await?.map(|row| stored_session(&row)).transpose()
    }

    /// All sessions that are signed in.
    pub(crate) async fn signed_in_sessions(&self) -> Result<Vec<StoredSession>, sqlx::Error> {
        let sql =
            format!("{SESSION} WHERE s.signed_in = 1 AND s.expires_at > $1 AND u.disabled = 0 ORDER BY s.id");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(to_seconds(self.clock.now()));
        in_time(query.fetch_all(&self.pool)).await?.iter().map(stored_session).collect()
    }

    /// Signs out one session; its token ends at `listen_until` at the latest.
    pub(crate) async fn sign_out_session(
        &self,
        session: SessionId,
        listen_until: SystemTime,
    ) -> Result<(), sqlx::Error> {
        let query = sqlx::query(
            "UPDATE sessions SET signed_in = 0,
                 expires_at = CASE WHEN expires_at < $1 THEN expires_at ELSE $1 END
             WHERE id = $2 AND signed_in = 1",
        )
        .bind(to_seconds(listen_until))
        .bind(session.0);
        in_time(query.execute(&self.pool)).await.map(|_| ())
    }

    /// Signs out all sessions of a user; their tokens end at `listen_until` at the latest. Returns which they were.
    pub(crate) async fn sign_out(
        &self,
        user: &UserId,
        listen_until: SystemTime,
    ) -> Result<Vec<SessionId>, sqlx::Error> {
        let query = sqlx::query(
            "UPDATE sessions SET signed_in = 0,
                 expires_at = CASE WHEN expires_at < $1 THEN expires_at ELSE $1 END
             WHERE user_id = $2 AND signed_in = 1 RETURNING id",
        )
        .bind(to_seconds(listen_until))
        .bind(&**user);
        in_time(query.fetch_all(&self.pool)).await?.iter().map(id).collect()
    }

    /// Takes all sessions of a user away, tokens and all. Returns which they were.
    pub(crate) async fn sign_out_everywhere(&self, user: &UserId) -> Result<Vec<SessionId>, sqlx::Error> {
        let query = sqlx::query("DELETE FROM sessions WHERE user_id = $1 RETURNING id").bind(&**user);
        in_time(query.fetch_all(&self.pool)).await?.iter().map(id).collect()
    }

    /// Remembers that a socket has proved itself with the session's token.
    pub(crate) async fn mark_socket(&self, session: SessionId) -> Result<(), sqlx::Error> {
        let query = sqlx::query("UPDATE sessions SET had_socket = 1 WHERE id = $1").bind(session.0);
        in_time(query.execute(&self.pool)).await.map(|_| ())
    }

    /// How often sessions have been taken away behind the back of the servers that run.
    pub(crate) async fn revocations(&self) -> Result<i64, sqlx::Error> {
        let query = sqlx::query("SELECT value FROM marks WHERE name = 'revocations'");
        in_time(query.fetch_one(&self.pool)).await?.try_get("value")
    }

    /// Those of these sessions that still exist and have an account that is not disabled, as they are now.
    pub(crate) async fn stored_of(&self, sessions: &[SessionId]) -> Result<Vec<StoredSession>, sqlx::Error> {
        let sql = format!("{SESSION} WHERE u.disabled = 0 AND s.id IN ({})", placeholders(1));
        let mut stored = Vec::with_capacity(sessions.len());
        for list in lists(sessions) {
            let query =
                list.fold(sqlx::query(AssertSqlSafe(sql.clone())), |query, session| query.bind(session.0));
            for row in in_time(query.fetch_all(&self.pool)).await? {
                stored.push(stored_session(&row)?);
            }
        }
        Ok(stored)
    }

    /// Removes sessions whose time is over.
    pub(crate) async fn remove_expired(&self) -> Result<(), sqlx::Error> {
        let query =
            sqlx::query("DELETE FROM sessions WHERE expires_at <= $1").bind(to_seconds(self.clock.now()));
        in_time(query.execute(&self.pool)).await.map(|_| ())
    }

    /// Removes all sessions of an account, by its normalised e-mail.
    pub(crate) async fn remove_sessions_of(&self, email: &str) -> Result<(), sqlx::Error> {
        let query =
            sqlx::query("DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE email = $1)")
                .bind(email);
        in_time(query.execute(&self.pool)).await.map(|_| ())
    }

    /// Takes the sessions of an account away and says so to the servers that run.
    pub(super) async fn revoke_sessions_of(
        email: &str,
        transaction: &mut Transaction<'_, Any>,
    ) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE email = $1)")
            .bind(email)
            .execute(&mut **transaction)
            .await?;
        sqlx::query("UPDATE marks SET value = value + 1 WHERE name = 'revocations'")
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }
}

fn id(row: &AnyRow) -> Result<SessionId, sqlx::Error> {
    row.try_get("id").map(SessionId)
}
