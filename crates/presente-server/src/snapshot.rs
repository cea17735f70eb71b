//! The snapshot over HTTP: the whole list, or what is missing of it, for clients that hear changes.
//!
//! Written and compressed once for each sequence, however many fetch it, and shared without copies: that is why it
//! goes this way and not through sockets, which keep a copy each.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use presente_wire::{Answer, Epoch, Position};
use serde::Deserialize;

use crate::{
    board::Board,
    http::{header_language, header_token, refused},
    messages::Phrase,
    metrics::{Metrics, Sent},
    presence::UserId,
    register::Register,
};

/// Where it is.
pub(crate) const PATH: &str = "/api/presence";
/// When people were last online.
const LAST: &str = "/api/presence/last";
/// Most people that may be asked for at once.
const ASKED: usize = 100;
/// The level of compression: the list is made to be thrown away soon.
const LEVEL: i32 = 1;

/// What the route shares.
pub(crate) struct Snapshots {
    pub(crate) board: Arc<Board>,
    pub(crate) register: Arc<Register>,
    pub(crate) metrics: Metrics,
    /// Whether it may be fetched without a token.
    pub(crate) open: bool,
    pub(crate) latest: Mutex<Option<Written>>,
}

/// A snapshot as it travels.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    position: Position,
    plain: Bytes,
    zstd: Bytes,
}

/// Where the client stands.
#[derive(Debug, Deserialize)]
struct From {
    e: Option<String>,
    s: Option<u64>,
}

/// The route.
pub(crate) fn routes(snapshots: Arc<Snapshots>) -> Router {
    Router::new().route(PATH, get(fetch)).route(LAST, get(last_online)).with_state(snapshots)
}

async fn fetch(
    State(snapshots): State<Arc<Snapshots>>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = snapshots.admit(&headers).await {
        return refusal;
    }
    let position = from.e.as_deref().and_then(|e| e.parse::<Epoch>().ok()).zip(from.s);
    let position = position.map(|(e, s)| Position { e, s });
    let missing = position.and_then(|position| snapshots.board.lists().journal.since(position));
    if let Some(delta) = missing {
        let no_store = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        return (no_store, axum::Json(Answer::Delta(delta))).into_response();
    }
    let takes_zstd = headers.get_all(ACCEPT_ENCODING).iter().any(|value| takes_zstd(value.as_bytes()));
    match snapshots.latest().await {
        Some(written) => snapshots.answer(&written, takes_zstd, &headers),
        None => refused(StatusCode::INTERNAL_SERVER_ERROR, Phrase::Failure, header_language(&headers)),
    }
}

/// Whom the client asks for, with commas between them.
#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    ids: String,
}

/// When people who are not online were so last; of others nothing is said. Who hid is as good as gone.
async fn last_online(
    State(snapshots): State<Arc<Snapshots>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = snapshots.admit(&headers).await {
        return refusal;
    }
    let ids = asked.ids.split(',').filter(|id| !id.is_empty()).take(ASKED).map(UserId::from);
    let ids: Vec<UserId> = ids.filter(|id| !snapshots.board.is_online(id)).collect();
    match snapshots.register.last_online(&ids).await {
        Ok(last) => axum::Json(serde_json::json!({ "last": last })).into_response(),
        Err(error) => {
            tracing::error!(%error, "who was online when could not be read");
            refused(StatusCode::INTERNAL_SERVER_ERROR, Phrase::Failure, header_language(&headers))
        }
    }
}

impl Snapshots {
    async fn admit(&self, headers: &HeaderMap) -> Result<(), Response> {
        let language = header_language(headers);
        let token = match header_token(headers) {
            Some(token) => token,
            None if self.open => return Ok(()),
            None => return Err(refused(StatusCode::UNAUTHORIZED, Phrase::TokenMissing, language)),
        };
        match self.register.session(&token).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(refused(StatusCode::UNAUTHORIZED, Phrase::SignInAgain, language)),
            Err(error) => {
                tracing::error!(%error, "a token could not be checked");
                Err(refused(StatusCode::INTERNAL_SERVER_ERROR, Phrase::Failure, language))
            }
        }
    }

    /// The snapshot of now, written anew when the list has moved on.
    async fn latest(self: &Arc<Self>) -> Option<Written> {
        let snapshots = Arc::clone(self);
        // A long list takes a while to write and compress; sockets are not to wait for it.
        let written = tokio::task::spawn_blocking(move || snapshots.write()).await;
        let written = written.map_err(|error| error.to_string()).and_then(|written| written);
        written.inspect_err(|error| tracing::error!(%error, "the snapshot could not be written")).ok()
    }

    fn write(&self) -> Result<Written, String> {
        // Held while it is written: all who come meanwhile want this very one.
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = {
            let lists = self.board.lists();
            if let Some(written) = latest.as_ref().filter(|w| w.position == lists.journal.position()) {
                return Ok(written.clone());
            }
            lists.journal.snapshot()
        };
        let position = Position { e: snapshot.e, s: snapshot.s };
        let plain = serde_json::to_vec(&Answer::Snapshot(snapshot)).map_err(|error| error.to_string())?;
        let zstd = zstd::bulk::compress(&plain, LEVEL).map_err(|error| error.to_string())?;
        let written = Written { position, plain: plain.into(), zstd: zstd.into() };
        *latest = Some(written.clone());
        Ok(written)
    }

    fn answer(&self, written: &Written, takes_zstd: bool, headers: &HeaderMap) -> Response {
        let Position { e, s } = written.position;
        // One tag for each encoding: a strong tag promises the same bytes.
        let tag = if takes_zstd { format!("\"{e}-{s}-zstd\"") } else { format!("\"{e}-{s}\"") };
        let is_known = headers
            .get_all(IF_NONE_MATCH)
            .iter()
            .any(|value| value.to_str().is_ok_and(|tags| tags.split(',').any(|known| known.trim() == tag)));
        let mut answer = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let body = if takes_zstd { &written.zstd } else { &written.plain };
            self.metrics.sent(Sent::Snapshot, body.len(), 1);
            body.clone().into_response()
        };
        let fields = answer.headers_mut();
        fields.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        fields.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        fields.append(VARY, HeaderValue::from_static("accept-encoding"));
        if takes_zstd && !is_known {
            fields.insert(CONTENT_ENCODING, HeaderValue::from_static("zstd"));
        }
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            fields.insert(ETAG, tag);
        }
        answer
    }
}

/// Whether an `Accept-Encoding` names zstd and does not refuse it.
fn takes_zstd(accepted: &[u8]) -> bool {
    let text = String::from_utf8_lossy(accepted);
    text.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_zstd = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("zstd"));
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
        is_zstd && weight > 0.0
    })
}

#[cfg(test)]
mod tests {
    use super::takes_zstd;

    #[test]
    fn zstd_is_sent_to_those_who_name_it() {
        for (accepted, expected) in [
            ("zstd", true),
            ("gzip, deflate, br, ZSTD", true),
            ("gzip, zstd;q=0.5", true),
            ("zstd;q=0", false),
            ("gzip", false),
            ("", false),
        ] {
            assert_eq!(takes_zstd(accepted.as_bytes()), expected, "{accepted:?}");
        }
    }
}
