//! What is asked of the file.

use super::{moment, state_of};
use crate::{
    history::{Past, Span, Watch, export::ExportedSpan},
    people::PersonKey,
    settings::OpenSession,
};
use jiff::Timestamp;
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};
use std::collections::HashMap;

/// How many spans are read at once for somebody to take away.
const PAGE: i64 = 1_000;

/// What is known of a person between two moments.
pub(super) async fn past(
    connection: &mut SqliteConnection,
    person: &PersonKey,
    from: Timestamp,
    until: Timestamp,
) -> Result<Past, sqlx::Error> {
    let spans = sqlx::query(
        "SELECT s.state, s.began, s.ended FROM accounts a JOIN people p USING (account) JOIN spans s USING (person)
         WHERE a.server = ?1 AND a.login = ?2 AND p.id = ?3
         AND s.began <= ?5 AND (s.ended > ?4 OR s.ended IS NULL) ORDER BY s.began",
    );
    // A watch that has only just begun has no length yet, and is to be known of all the same.
    let watched = sqlx::query(
        "SELECT max(w.began, p.known_from) AS began, w.ended
         FROM accounts a JOIN people p USING (account) JOIN watched w USING (account)
         WHERE a.server = ?1 AND a.login = ?2 AND p.id = ?3
         AND w.began <= ?5 AND w.ended >= max(?4, p.known_from) ORDER BY w.began",
    );
    let (from, until) = (from.as_second(), until.as_second());
    let mut rows = Vec::new();
    for question in [spans, watched] {
        let server = person.server.to_string();
        let asked = question.bind(server).bind(&person.login).bind(&person.id).bind(from).bind(until);
        rows.push(asked.fetch_all(&mut *connection).await?);
    }
    let (watched, spans) = (rows.pop().unwrap_or_default(), rows.pop().unwrap_or_default());
    let watch = |row: &SqliteRow| {
        Ok(Watch { from: moment(row.try_get("began")?), until: moment(row.try_get("ended")?) })
    };
    Ok(Past {
        spans: spans.iter().map(span).collect::<Result<_, sqlx::Error>>()?,
        watched: watched.iter().map(watch).collect::<Result<_, sqlx::Error>>()?,
    })
}

fn span(row: &SqliteRow) -> Result<Span, sqlx::Error> {
    Ok(Span {
        state: state_of(row.try_get("state")?),
        from: moment(row.try_get("began")?),
        until: row.try_get::<Option<i64>, _>("ended")?.map(moment),
    })
}

/// When the people of an account were online last, of those who were seen to go.
pub(super) async fn last_online(
    connection: &mut SqliteConnection,
    account: &OpenSession,
) -> Result<HashMap<String, Timestamp>, sqlx::Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT p.id, p.last_online FROM accounts a JOIN people p USING (account)
         WHERE a.server = ?1 AND a.login = ?2 AND p.last_online IS NOT NULL",
    )
    .bind(account.server.to_string())
    .bind(&account.email)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(id, at)| (id, moment(at))).collect())
}

/// How far somebody has read: the last person, and the last of their spans.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    person: i64,
    began: i64,
}

impl Default for Position {
    fn default() -> Self {
        Self { person: i64::MIN, began: i64::MIN }
    }
}

/// The next spans of a person, or of everybody, and how far that is; at the end none, and nowhere.
pub(super) async fn page(
    connection: &mut SqliteConnection,
    whom: Option<&PersonKey>,
    after: Position,
) -> Result<(Vec<ExportedSpan>, Option<Position>), sqlx::Error> {
    let rows = sqlx::query(
        "SELECT a.server, a.login, p.id, p.name, s.person, s.state, s.began, s.ended
         FROM spans s JOIN people p USING (person) JOIN accounts a USING (account)
         WHERE (s.person, s.began) > (?1, ?2) AND (?3 IS NULL OR (a.server = ?3 AND a.login = ?4 AND p.id = ?5))
         ORDER BY s.person, s.began LIMIT ?6",
    )
    .bind(after.person)
    .bind(after.began)
    .bind(whom.map(|person| person.server.to_string()))
    .bind(whom.map(|person| &person.login))
    .bind(whom.map(|person| &person.id))
    .bind(PAGE)
    .fetch_all(connection)
    .await?;
    let mut last = None;
    let mut spans = Vec::with_capacity(rows.len());
    for row in &rows {
        last = Some(Position { person: row.try_get("person")?, began: row.try_get("began")? });
        spans.push(ExportedSpan {
            server: row.try_get("server")?,
            account: row.try_get("login")?,
            person: row.try_get("id")?,
            name: row.try_get("name")?,
            span: span(row)?,
        });
    }
    Ok((spans, last))
}
