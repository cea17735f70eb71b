//! The accounts as the database has them, seen past the server.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Result;
use sqlx::{
    AnyPool, Row as _,
    any::{AnyPoolOptions, install_default_drivers},
};

use crate::wait::{PATIENCE, until_with_state};

/// An open database of a server or of a cluster.
#[derive(Debug, Clone)]
pub struct Database {
    pool: AnyPool,
}

impl Database {
    /// Opens the one at a URL, `postgres://…` or `sqlite:…`.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn open(url: &str) -> Result<Self> {
        install_default_drivers();
        // A question is answered soon or not at all: who asks, asks again.
        let options = AnyPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(2));
        Ok(Self { pool: options.connect(url).await? })
    }

    /// E-mail addresses of those whom the database has as connected.
    ///
    /// # Errors
    /// When it is away.
    pub async fn connected(&self) -> Result<BTreeSet<String>> {
        self.emails("SELECT email FROM users WHERE is_connected = 1").await
    }

    /// E-mail addresses of all accounts.
    ///
    /// # Errors
    /// When it is away.
    pub async fn accounts(&self) -> Result<BTreeSet<String>> {
        self.emails("SELECT email FROM users").await
    }

    /// Waits until exactly `expected` are connected.
    ///
    /// # Errors
    /// When that does not come true within `timeout`, or within 20 s.
    pub async fn settles_on(&self, expected: &BTreeSet<String>, timeout: Option<Duration>) -> Result<()> {
        let what = format!("the database to have {expected:?} as connected");
        until_with_state(&what, timeout.unwrap_or(PATIENCE), async || match self.connected().await {
            Ok(connected) if connected == *expected => Ok(()),
            Ok(connected) => Err(format!("{connected:?}")),
            Err(error) => Err(format!("{error:#}")),
        })
        .await
    }

    async fn emails(&self, question: &'static str) -> Result<BTreeSet<String>> {
        let rows = sqlx::query(question).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(|row| row.try_get("email")).collect::<Result<_, _>>()?)
    }
}
