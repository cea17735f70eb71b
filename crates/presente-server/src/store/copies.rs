//! Copies of all accounts: read as a whole, written as a whole.

use sqlx::{Any, Row as _, Transaction, any::AnyRow};

use super::{Account, Choices, Store, account, choices, flag};

/// Everything that is kept about one account. Times are seconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FullAccount {
    pub(crate) account: Account,
    pub(crate) choices: Choices,
    pub(crate) password_hash: String,
    pub(crate) verify_code: String,
    pub(crate) verified: bool,
    pub(crate) disabled: bool,
    pub(crate) created_at: i64,
    pub(crate) last_online: Option<i64>,
}

impl Store {
    /// All accounts as they are at one moment, the oldest first.
    pub(crate) async fn all_accounts(&self) -> Result<Vec<FullAccount>, sqlx::Error> {
        let query = sqlx::query(
            "SELECT id AS user_id, first_name, last_name, email, invisible, status_line, password_hash,
                    verify_code, verified, disabled, created_at, last_online
             FROM users ORDER BY created_at, id",
        );
        query.fetch_all(&self.pool).await?.iter().map(full_account).collect()
    }

    /// Puts these accounts into a database that has none; `false`, and nothing done, when it has some.
    pub(crate) async fn restore_accounts(&self, accounts: &[FullAccount]) -> Result<bool, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let mut written = 0;
        for account in accounts {
            written += insert(account, &mut transaction).await?;
        }
        // Counted after writing, so that what somebody else has written meanwhile is seen.
        let all = sqlx::query("SELECT COUNT(*) AS people FROM users").fetch_one(&mut *transaction).await?;
        let all: i64 = all.try_get("people")?;
        let wanted = accounts.len();
        if usize::try_from(written) != Ok(wanted) || usize::try_from(all) != Ok(wanted) {
            transaction.rollback().await?;
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }
}

async fn insert(full: &FullAccount, transaction: &mut Transaction<'_, Any>) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO users (id, email, first_name, last_name, invisible, status_line, password_hash,
                            verify_code, verified, disabled, created_at, last_online)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT DO NOTHING",
    )
    .bind(&*full.account.id)
    .bind(&*full.account.email)
    .bind(&*full.account.first_name)
    .bind(&*full.account.last_name)
    .bind(i64::from(full.choices.invisible))
    .bind(&*full.choices.status_line)
    .bind(&*full.password_hash)
    .bind(&*full.verify_code)
    .bind(i64::from(full.verified))
    .bind(i64::from(full.disabled))
    .bind(full.created_at)
    .bind(full.last_online)
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected())
}

fn full_account(row: &AnyRow) -> Result<FullAccount, sqlx::Error> {
    Ok(FullAccount {
        account: account(row)?,
        choices: choices(row)?,
        password_hash: row.try_get("password_hash")?,
        verify_code: row.try_get("verify_code")?,
        verified: flag(row, "verified")?,
        disabled: flag(row, "disabled")?,
        created_at: row.try_get("created_at")?,
        last_online: row.try_get("last_online")?,
    })
}
