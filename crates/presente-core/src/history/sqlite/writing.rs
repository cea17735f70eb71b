//! What is written into the file. Many people are one statement: they are handed over as a JSON array.

use super::number_of;
use crate::{
    history::{Record, Seen, SpanState},
    people::PersonKey,
    settings::OpenSession,
};
use jiff::Timestamp;
use sqlx::{Connection as _, SqliteConnection};
use std::collections::BTreeMap;

/// How many people are handed over at once.
const AT_ONCE: usize = 5_000;

/// Writes all of it or nothing.
pub(super) async fn write(connection: &mut SqliteConnection, records: &[Record]) -> Result<(), sqlx::Error> {
    let mut all = connection.begin().await?;
    let mut known = BTreeMap::new();
    for record in records {
        one(&mut all, &mut known, record).await?;
    }
    all.commit().await
}

async fn one<'a>(
    connection: &mut SqliteConnection,
    known: &mut BTreeMap<&'a OpenSession, i64>,
    record: &'a Record,
) -> Result<(), sqlx::Error> {
    let (account, at) = match record {
        Record::Moved { before, now } => {
            known.clear();
            let moved = sqlx::query("UPDATE OR IGNORE accounts SET server = ?2 WHERE server = ?1");
            return moved.bind(before.to_string()).bind(now.to_string()).execute(connection).await.map(drop);
        }
        Record::Began { account, at, .. }
        | Record::Changed { account, at, .. }
        | Record::Renamed { account, at, .. }
        | Record::Kept { account, at, .. }
        | Record::GoesOn { account, at }
        | Record::Ended { account, at } => (account, at.as_second()),
    };
    let number = match known.get(account) {
        Some(number) => *number,
        None => *known.entry(account).or_insert(number_of_account(connection, account).await?),
    };
    match record {
        Record::Began { online, .. } => {
            end_spans(connection, Some(number), None).await?;
            let began =
                sqlx::query("INSERT OR IGNORE INTO watched (account, began, ended) VALUES (?1, ?2, ?2)");
            began.bind(number).bind(at).execute(&mut *connection).await?;
            see(connection, number, at, online).await
        }
        Record::Changed { people, .. } => see(connection, number, at, people).await,
        Record::Renamed { was, now, .. } => {
            rename(connection, number, was, &now.contact.id).await?;
            see(connection, number, at, std::slice::from_ref(now)).await
        }
        Record::Kept { now, .. } => {
            let kept = sqlx::query("UPDATE people SET known_from = ?3 WHERE account = ?1 AND id = ?2");
            kept.bind(number).bind(now.contact.id.as_str()).bind(at).execute(&mut *connection).await?;
            see(connection, number, at, std::slice::from_ref(now)).await
        }
        Record::GoesOn { .. } => go_on(connection, number, at).await,
        Record::Ended { .. } => {
            go_on(connection, number, at).await?;
            end_spans(connection, Some(number), Some(at)).await
        }
        Record::Moved { .. } => Ok(()),
    }
}

async fn number_of_account(
    connection: &mut SqliteConnection,
    account: &OpenSession,
) -> Result<i64, sqlx::Error> {
    let server = account.server.to_string();
    let new = sqlx::query("INSERT OR IGNORE INTO accounts (server, login) VALUES (?1, ?2)");
    new.bind(&server).bind(&account.email).execute(&mut *connection).await?;
    let number = sqlx::query_scalar("SELECT account FROM accounts WHERE server = ?1 AND login = ?2");
    number.bind(&server).bind(&account.email).fetch_one(connection).await
}

/// The last watch goes on until then.
async fn go_on(connection: &mut SqliteConnection, account: i64, at: i64) -> Result<(), sqlx::Error> {
    let goes_on = sqlx::query(
        "UPDATE watched SET ended = max(ended, ?2)
         WHERE account = ?1 AND began = (SELECT max(began) FROM watched WHERE account = ?1)",
    );
    goes_on.bind(account).bind(at).execute(connection).await.map(drop)
}

/// Ends what is open, of one account or of all, at a moment or when its account was last watched. What would have
/// lasted no time is dropped.
async fn end_spans(
    connection: &mut SqliteConnection,
    account: Option<i64>,
    at: Option<i64>,
) -> Result<(), sqlx::Error> {
    let last_online = sqlx::query(
        "WITH open AS MATERIALIZED (
             SELECT p.person, coalesce(?2, (SELECT max(w.ended) FROM watched w WHERE w.account = p.account), s.began) AS at
             FROM spans AS s INDEXED BY spans_open CROSS JOIN people AS p
             WHERE s.ended IS NULL AND p.person = s.person AND (?1 IS NULL OR p.account = ?1)
         )
         UPDATE people SET last_online = max(coalesce(last_online, open.at), open.at) FROM open
         WHERE people.person = open.person",
    );
    let ended = sqlx::query(
        "WITH open AS MATERIALIZED (
             SELECT p.person, s.began, coalesce(?2, (SELECT max(w.ended) FROM watched w WHERE w.account = p.account), s.began) AS at
             FROM spans AS s INDEXED BY spans_open CROSS JOIN people AS p
             WHERE s.ended IS NULL AND p.person = s.person AND (?1 IS NULL OR p.account = ?1)
         )
         UPDATE spans SET ended = max(spans.began, open.at) FROM open
         WHERE spans.person = open.person AND spans.began = open.began",
    );
    for statement in [last_online, ended] {
        statement.bind(account).bind(at).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Ends what an earlier run left open, when that run last said that it was there.
pub(super) async fn recover(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut all = connection.begin().await?;
    end_spans(&mut all, None, None).await?;
    all.commit().await
}

/// The same person under another identity. Whoever had that before was the same person, and stays.
async fn rename(
    connection: &mut SqliteConnection,
    account: i64,
    was: &str,
    id: &str,
) -> Result<(), sqlx::Error> {
    let renamed = sqlx::query("UPDATE OR IGNORE people SET id = ?3 WHERE account = ?1 AND id = ?2");
    renamed.bind(account).bind(was).bind(id).execute(&mut *connection).await?;
    // Where the new identity was known already, the old one is nobody any more.
    let merged = sqlx::query(
        "UPDATE OR IGNORE spans SET person = (SELECT person FROM people WHERE account = ?1 AND id = ?3)
         WHERE person = (SELECT person FROM people WHERE account = ?1 AND id = ?2)",
    );
    merged.bind(account).bind(was).bind(id).execute(&mut *connection).await?;
    let gone = sqlx::query("DELETE FROM people WHERE account = ?1 AND id = ?2");
    gone.bind(account).bind(was).execute(connection).await.map(drop)
}

/// People as they are now.
async fn see(
    connection: &mut SqliteConnection,
    account: i64,
    at: i64,
    people: &[Seen],
) -> Result<(), sqlx::Error> {
    for state in [None, Some(SpanState::Online), Some(SpanState::Away), Some(SpanState::Busy)] {
        let those: Vec<(&str, &str)> = people
            .iter()
            .filter(|seen| seen.state == state)
            .map(|seen| (seen.contact.id.as_str(), seen.contact.name.as_str()))
            .collect();
        for some in those.chunks(AT_ONCE) {
            let some = serde_json::to_string(some).map_err(|error| sqlx::Error::Encode(error.into()))?;
            see_all(connection, account, at, state, &some).await?;
        }
    }
    Ok(())
}

/// Everybody of a JSON array of identities and names is in this state now.
async fn see_all(
    connection: &mut SqliteConnection,
    account: i64,
    at: i64,
    state: Option<SpanState>,
    people: &str,
) -> Result<(), sqlx::Error> {
    let known = sqlx::query(
        "INSERT INTO people (account, id, name, known_from)
         SELECT ?1, value ->> 0, value ->> 1, ?2 FROM json_each(?3) WHERE ?4 IS NOT NULL
         ON CONFLICT (account, id) DO UPDATE SET name = excluded.name WHERE name <> excluded.name",
    );
    let last_online = sqlx::query(
        "UPDATE people SET last_online = max(coalesce(last_online, ?2), ?2)
         WHERE ?4 IS NULL AND account = ?1 AND id IN (SELECT value ->> 0 FROM json_each(?3))
         AND EXISTS (SELECT 1 FROM spans INDEXED BY spans_open WHERE spans.person = people.person AND ended IS NULL)",
    );
    // What would have lasted no time, e.g. since the clock was set back, is dropped.
    let dropped = sqlx::query(
        "DELETE FROM spans INDEXED BY spans_open WHERE ended IS NULL AND began >= ?2 AND state IS NOT ?4
         AND person IN (SELECT p.person FROM json_each(?3) AS s CROSS JOIN people AS p
                        WHERE p.account = ?1 AND p.id = s.value ->> 0)",
    );
    let ended = sqlx::query(
        "UPDATE spans INDEXED BY spans_open SET ended = ?2 WHERE ended IS NULL AND state IS NOT ?4
         AND person IN (SELECT p.person FROM json_each(?3) AS s CROSS JOIN people AS p
                        WHERE p.account = ?1 AND p.id = s.value ->> 0)",
    );
    let begun = sqlx::query(
        "INSERT OR REPLACE INTO spans (person, began, state)
         SELECT p.person, ?2, ?4 FROM json_each(?3) AS s CROSS JOIN people AS p
         WHERE ?4 IS NOT NULL AND p.account = ?1 AND p.id = s.value ->> 0
         AND NOT EXISTS (SELECT 1 FROM spans AS o INDEXED BY spans_open WHERE o.person = p.person AND o.ended IS NULL)",
    );
    let state = state.map(number_of);
    for statement in [known, last_online, dropped, ended, begun] {
        statement.bind(account).bind(at).bind(people).bind(state).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Forgets a person, or everybody, and leaves nothing of it in the file.
pub(super) async fn forget(
    connection: &mut SqliteConnection,
    whom: Option<&PersonKey>,
) -> Result<(), sqlx::Error> {
    match whom {
        Some(person) => {
            let forgotten = sqlx::query(
                "DELETE FROM people WHERE id = ?3
                 AND account = (SELECT account FROM accounts WHERE server = ?1 AND login = ?2)",
            );
            let forgotten = forgotten.bind(person.server.to_string()).bind(&person.login).bind(&person.id);
            forgotten.execute(&mut *connection).await?;
        }
        None => {
            sqlx::query("DELETE FROM accounts").execute(&mut *connection).await?;
            sqlx::query("VACUUM").execute(&mut *connection).await?;
        }
    }
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(connection).await.map(drop)
}

/// Forgets what was before.
pub(super) async fn prune(connection: &mut SqliteConnection, before: Timestamp) -> Result<(), sqlx::Error> {
    let mut all = connection.begin().await?;
    for statement in [
        "DELETE FROM spans WHERE ended <= ?1",
        "UPDATE OR REPLACE spans SET began = ?1 WHERE began < ?1",
        "DELETE FROM watched WHERE ended <= ?1",
        "UPDATE OR REPLACE watched SET began = ?1 WHERE began < ?1",
        "UPDATE people SET last_online = NULL WHERE last_online < ?1",
        "DELETE FROM people WHERE last_online IS NULL
         AND NOT EXISTS (SELECT 1 FROM spans WHERE spans.person = people.person)",
        "DELETE FROM accounts WHERE account NOT IN (SELECT account FROM people)
         AND account NOT IN (SELECT account FROM watched)",
    ] {
        sqlx::query(statement).bind(before.as_second()).execute(&mut *all).await?;
    }
    all.commit().await
}
