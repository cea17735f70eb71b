//! Accounts: how they come into being, how they are found, what is changed about them.

use std::{collections::BTreeMap, time::Duration};

use sqlx::{AssertSqlSafe, Row as _, any::AnyRow};

use super::{
    Account, Choices, Login, NewAccount, Store, account, choices, flag, in_time, lists, placeholders,
};
use crate::{
    clock::{from_seconds, to_seconds},
    presence::UserId,
};

/// What [`login`] reads.
const LOGIN: &str = "SELECT id AS user_id, first_name, last_name, email, password_hash, verified, disabled,
     invisible, status_line FROM users";

/// An account as those who run the server see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) account: Account,
    pub(crate) verified: bool,
    pub(crate) disabled: bool,
    pub(crate) connected: bool,
}

impl Store {
    /// Creates an account; `false` when its e-mail is taken.
    pub(crate) async fn create_account(&self, new: NewAccount<'_>) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(
            "INSERT INTO users (id, email, first_name, last_name, password_hash, verify_code, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email) DO NOTHING",
        )
        .bind(&*new.account.id)
        .bind(&*new.account.email)
        .bind(&*new.account.first_name)
        .bind(&*new.account.last_name)
        .bind(new.password_hash)
        .bind(new.verify_code)
        .bind(to_seconds(self.clock.now()));
        Ok(in_time(done.execute(&self.pool)).await?.rows_affected() > 0)
    }

    /// The account of a normalised e-mail and its password hash.
    pub(crate) async fn credentials(&self, email: &str) -> Result<Option<(Account, String)>, sqlx::Error> {
        Ok(self.login(email).await?.map(|login| (login.account, login.password_hash)))
    }

    /// What signing in to the account of a normalised e-mail looks at.
    pub(crate) async fn login(&self, email: &str) -> Result<Option<Login>, sqlx::Error> {
        // PostgreSQL has no text with this character in it and would call looking for it an error.
        if email.contains('\0') {
            return Ok(None);
        }
        let sql = AssertSqlSafe(format!("{LOGIN} WHERE email = $1"));
        let row = in_time(sqlx::query(sql).bind(email).fetch_optional(&self.pool)).await?;
        row.map(|row| login(&row)).transpose()
    }

    /// Marks the account of a verification code as verified; `false` when there is none.
    pub(crate) async fn verify(&self, code: &str) -> Result<bool, sqlx::Error> {
        if code.contains('\0') {
            return Ok(false);
        }
        let done = sqlx::query("UPDATE users SET verified = 1 WHERE verify_code = $1").bind(code);
        Ok(in_time(done.execute(&self.pool)).await?.rows_affected() > 0)
    }

    /// The verification code of an unverified account, if the last one was sent at least `pause` ago; it counts
    /// as sent from now on, on all servers of this database.
    pub(crate) async fn verification_to_send(
        &self,
        user: &UserId,
        pause: Duration,
    ) -> Result<Option<String>, sqlx::Error> {
        let now = self.clock.now();
        let code = sqlx::query(
            "UPDATE users SET verify_sent_at = $1
             WHERE id = $2 AND verified = 0 AND verify_sent_at <= $3 RETURNING verify_code",
        )
        .bind(to_seconds(now))
        .bind(&**user)
        .bind(to_seconds(now.checked_sub(pause).unwrap_or(std::time::UNIX_EPOCH)));
        in_time(code.fetch_optional(&self.pool)).await?.map(|row| row.try_get("verify_code")).transpose()
    }

    /// Writes down what a person has chosen.
    pub(crate) async fn set_choices(&self, user: &UserId, choices: &Choices) -> Result<(), sqlx::Error> {
        let done = sqlx::query("UPDATE users SET invisible = $1, status_line = $2 WHERE id = $3")
            .bind(i64::from(choices.invisible))
            .bind(choices.status_line.replace('\0', ""))
            .bind(&**user);
        in_time(done.execute(&self.pool)).await.map(|_| ())
    }

    /// Closes an account, or opens it again; closing takes all its sessions away. `false` when there is no
    /// account of this normalised e-mail.
    pub(crate) async fn set_disabled(&self, email: &str, disabled: bool) -> Result<bool, sqlx::Error> {
        in_time(async {
            let mut transaction = self.pool.begin().await?;
            let done = sqlx::query("UPDATE users SET disabled = $1 WHERE email = $2")
                .bind(i64::from(disabled))
                .bind(email)
                .execute(&mut *transaction)
                .await?;
            if disabled {
                Self::revoke_sessions_of(email, &mut transaction).await?;
            }
            transaction.commit().await?;
            Ok(done.rows_affected() > 0)
        })
        .await
    }

    /// Gives an account another password and takes all its sessions away. `false` when there is no account of
    /// this normalised e-mail.
    pub(crate) async fn set_password(&self, email: &str, hash: &str) -> Result<bool, sqlx::Error> {
        in_time(async {
            let mut transaction = self.pool.begin().await?;
            let done = sqlx::query("UPDATE users SET password_hash = $1 WHERE email = $2")
                .bind(hash)
                .bind(email)
                .execute(&mut *transaction)
                .await?;
            Self::revoke_sessions_of(email, &mut transaction).await?;
            transaction.commit().await?;
            Ok(done.rows_affected() > 0)
        })
        .await
    }

    /// All accounts, by e-mail.
    pub(crate) async fn accounts(&self) -> Result<Vec<Listed>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT id AS user_id, first_name, last_name, email, verified, disabled, is_connected
             FROM users ORDER BY email",
        );
        let listed = |row: &AnyRow| {
            Ok(Listed {
                account: account(row)?,
                verified: flag(row, "verified")?,
                disabled: flag(row, "disabled")?,
                connected: flag(row, "is_connected")?,
            })
        };
        rows.fetch_all(&self.pool).await?.iter().map(listed).collect()
    }

    /// When these users were last seen to go; those who never were are left out.
    pub(crate) async fn last_online(
        &self,
        users: &[UserId],
    ) -> Result<BTreeMap<UserId, std::time::SystemTime>, sqlx::Error> {
        let sql = format!(
            "SELECT id, last_online FROM users WHERE last_online IS NOT NULL AND id IN ({})",
            placeholders(1)
        );
        let mut found = BTreeMap::new();
        for list in lists(users) {
            let query = list.fold(sqlx::query(AssertSqlSafe(sql.clone())), |query, user| query.bind(&**user));
            for row in in_time(query.fetch_all(&self.pool)).await? {
                let id: String = row.try_get("id")?;
                found.insert(id.into(), from_seconds(row.try_get("last_online")?));
            }
        }
        Ok(found)
    }
}

fn login(row: &AnyRow) -> Result<Login, sqlx::Error> {
    Ok(Login {
        account: account(row)?,
        choices: choices(row)?,
        password_hash: row.try_get("password_hash")?,
        verified: flag(row, "verified")?,
        disabled: flag(row, "disabled")?,
    })
}
