//! What presence leaves in the database: who is connected, and when somebody was last seen.

use std::{collections::BTreeMap, sync::Arc, time::SystemTime};

use sqlx::{AssertSqlSafe, Row as _};

use super::{Recorded, Store, in_time, lists, placeholders};
use crate::{clock::to_seconds, presence::UserId};

impl Store {
    /// Writes down who came and who left. Of several words about one user the last one counts; a failure
    /// leaves nothing half done.
    pub(crate) async fn record(&self, changes: &[Recorded]) -> Result<(), sqlx::Error> {
        if changes.is_empty() {
            return Ok(());
        }
        let last: BTreeMap<&UserId, &Recorded> =
            changes.iter().map(|change| (&change.user, change)).collect();
        let came: Vec<_> = last.values().filter(|change| change.online).map(|change| &change.user).collect();
        let mut left: BTreeMap<SystemTime, Vec<&UserId>> = BTreeMap::new();
        for change in last.values().filter(|change| !change.online) {
            left.entry(change.at).or_default().push(&change.user);
        }
        in_time(async {
            let mut transaction = self.pool.begin().await?;
            let sql = format!("UPDATE users SET is_connected = 1 WHERE id IN ({})", placeholders(1));
            for list in lists(&came) {
                let query = sqlx::query(AssertSqlSafe(sql.clone()));
                list.fold(query, |query, user| query.bind(&***user)).execute(&mut *transaction).await?;
            }
            let sql = format!(
                "UPDATE users SET is_connected = 0, last_online = $1 WHERE id IN ({})",
                placeholders(2)
            );
            for (at, users) in &left {
                for list in lists(users) {
                    let query = sqlx::query(AssertSqlSafe(sql.clone())).bind(to_seconds(*at));
                    list.fold(query, |query, user| query.bind(&***user)).execute(&mut *transaction).await?;
                }
            }
            transaction.commit().await
        })
        .await
    }

    /// Who is connected, as far as has been written down.
    pub(crate) async fn connected_users(&self) -> Result<Vec<UserId>, sqlx::Error> {
        let query = sqlx::query("SELECT id FROM users WHERE is_connected <> 0 ORDER BY id");
        let rows = in_time(query.fetch_all(&self.pool)).await?;
        rows.iter().map(|row| row.try_get::<String, _>("id").map(Arc::from)).collect()
    }
}
