//! For whoever operates the server: `/healthz` says whether it can do its work, `/metrics` what it does.
//!
//! Anybody may ask whether it is well. What is wrong, and every number, is told on this computer only, or to
//! who shows the token of the metrics.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use crate::{
    address::{PeerAddress, is_forwarded},
    http::header_token,
    metrics::Metrics,
    token::Token,
};

/// How long a part may take to say that it is well.
const ANSWER: Duration = Duration::from_secs(2);
/// How long what was found out is good for: asking more often costs the parts nothing.
const FRESH: Duration = Duration::from_secs(1);
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Reading = Box<dyn Fn(&Metrics) + Send + Sync>;
/// Each part and whether it is well.
type Answers = Vec<(&'static str, bool)>;
type Answer = Pin<Box<dyn Future<Output = bool> + Send>>;

/// Something the server cannot work without.
struct Part {
    name: &'static str,
    is_well: Box<dyn Fn() -> Answer + Send + Sync>,
}

/// What the operators' routes tell. Parts and readings are added before it is served.
pub(crate) struct Ops {
    parts: Vec<Part>,
    readings: Vec<Reading>,
    metrics: Metrics,
    token: Option<SecretString>,
    /// What was found out last, and when.
    found: Mutex<Option<(Instant, Answers)>>,
}

impl fmt::Debug for Ops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ops")
    }
}

impl Ops {
    /// Nothing to look after yet; who shows `token` may read everything from anywhere.
    pub(crate) fn new(metrics: Metrics, token: Option<SecretString>) -> Self {
        Self { parts: Vec::new(), readings: Vec::new(), metrics, token, found: Mutex::default() }
    }

    /// Adds a part without which the server is not well: the database, the bus.
    pub(crate) fn needs<F, A>(mut self, name: &'static str, is_well: F) -> Self
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = bool> + Send + 'static,
    {
        self.parts.push(Part { name, is_well: Box::new(move || Box::pin(is_well())) });
        self
    }

    /// Adds something that sets metrics just before they are read.
    pub(crate) fn reads(mut self, reading: impl Fn(&Metrics) + Send + Sync + 'static) -> Self {
        self.readings.push(Box::new(reading));
        self
    }

    /// Asks every part, unless that was done a moment ago. Who asks meanwhile waits for the same answer.
    async fn look(&self) -> Answers {
        let mut found = self.found.lock().await;
        if let Some((at, answers)) = &*found
            && at.elapsed() < FRESH
        {
            return answers.clone();
        }
        let mut answers = Answers::new();
        for part in &self.parts {
            let well = tokio::time::timeout(ANSWER, (part.is_well)()).await.unwrap_or(false);
            answers.push((part.name, well));
        }
        *found = Some((Instant::now(), answers.clone()));
        answers
    }

    /// Whether who asks may know everything.
    fn trusts(&self, request: &Request) -> bool {
        let here = request.extensions().get::<PeerAddress>().is_some_and(|peer| peer.0.is_loopback())
            && !is_forwarded(request.headers());
        // Hashes are compared, so that how long it takes tells nothing about the token.
        here || self.token.as_ref().is_some_and(|token| {
            let expected = Token::presented(token.expose_secret());
            let shown = header_token(request.headers());
            expected.zip(shown).is_some_and(|(expected, shown)| expected.hash() == shown.hash())
        })
    }
}

/// The routes of the operators.
pub(crate) fn routes(ops: Arc<Ops>) -> Router {
    Router::new().route("/healthz", get(health)).route("/metrics", get(metrics)).with_state(ops)
}

async fn health(State(ops): State<Arc<Ops>>, request: Request) -> Response {
    let tells_all = ops.trusts(&request);
    let answers = ops.look().await;
    let well = answers.iter().all(|(_, well)| *well);
    let word = |well: bool| if well { "ok" } else { "unavailable" };
    let mut body = Map::from_iter([("status".to_owned(), Value::from(word(well)))]);
    if tells_all {
        let parts = answers.into_iter().map(|(name, well)| (name.to_owned(), Value::from(word(well))));
        body.insert("parts".to_owned(), Value::Object(parts.collect()));
        body.insert("version".to_owned(), json!(env!("CARGO_PKG_VERSION")));
    }
    let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(body)).into_response()
}

async fn metrics(State(ops): State<Arc<Ops>>, request: Request) -> Response {
    if !ops.trusts(&request) {
        return StatusCode::FORBIDDEN.into_response();
    }
    for reading in &ops.readings {
        reading(&ops.metrics);
    }
    match ops.metrics.text() {
        Some(text) => ([(CONTENT_TYPE, HeaderValue::from_static(METRICS_TYPE))], text).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use axum::body::{Body, to_bytes};
    use tower::ServiceExt as _;

    use super::*;

    async fn ask(router: &Router, path: &str, peer: &str, headers: &[(&str, &str)]) -> (StatusCode, String) {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(PeerAddress(peer.parse().unwrap()));
        let answer = router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn health_tells_everybody_whether_and_this_computer_what() {
        let well = Arc::new(AtomicBool::new(true));
        let ops = Ops::new(Metrics::default(), None).needs("database", || async { true }).needs("bus", {
            let well = Arc::clone(&well);
            move || std::future::ready(well.load(Ordering::SeqCst))
        });
        let all = routes(Arc::new(ops));
        let (status, body) = ask(&all, "/healthz", "203.0.113.9", &[]).await;
        assert_eq!((status, body.as_str()), (StatusCode::OK, r#"{"status":"ok"}"#));
        let (_, body) = ask(&all, "/healthz", "127.0.0.1", &[]).await;
        assert!(body.contains(r#""bus":"ok""#), "{body}");
        let (_, body) = ask(&all, "/healthz", "127.0.0.1", &[("x-forwarded-for", "203.0.113.9")]).await;
        assert!(!body.contains("bus"), "a proxy on this computer asks for somebody else: {body}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_that_is_away_or_silent_makes_the_server_unavailable() {
        for silent in [false, true] {
            let ops = Ops::new(Metrics::default(), None).needs("database", move || async move {
                if silent {
                    std::future::pending::<()>().await;
                }
                false
            });
            let (status, body) = ask(&routes(Arc::new(ops)), "/healthz", "127.0.0.1", &[]).await;
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(body.contains(r#""database":"unavailable""#), "{body}");
        }
    }

    #[tokio::test]
    async fn asking_often_does_not_ask_the_parts_often() {
        let asked = Arc::new(AtomicUsize::new(0));
        let ops = Ops::new(Metrics::default(), None).needs("database", {
            let asked = Arc::clone(&asked);
            move || {
                asked.fetch_add(1, Ordering::SeqCst);
                std::future::ready(true)
            }
        });
        let all = routes(Arc::new(ops));
        for _ in 0..100 {
            ask(&all, "/healthz", "203.0.113.9", &[]).await;
        }
        assert!(asked.load(Ordering::SeqCst) < 5, "{asked:?}");
    }

    #[tokio::test]
    async fn numbers_are_for_this_computer_and_for_who_shows_the_token() {
        let ops =
            Ops::new(Metrics::default(), Some("a long secret".into())).reads(|metrics| metrics.online(7));
        let all = routes(Arc::new(ops));
        for (peer, headers, expected) in [
            ("127.0.0.1", vec![], StatusCode::OK),
            ("::1", vec![], StatusCode::OK),
            ("203.0.113.9", vec![], StatusCode::FORBIDDEN),
            ("127.0.0.1", vec![("x-forwarded-for", "127.0.0.1")], StatusCode::FORBIDDEN),
            ("127.0.0.1", vec![("x-real-ip", "127.0.0.1")], StatusCode::FORBIDDEN),
            ("127.0.0.1", vec![("forwarded", "for=127.0.0.1")], StatusCode::FORBIDDEN),
            ("203.0.113.9", vec![("authorization", "Bearer a long secret")], StatusCode::OK),
            ("203.0.113.9", vec![("authorization", "Bearer a long secre")], StatusCode::FORBIDDEN),
            ("203.0.113.9", vec![("authorization", "Bearer ")], StatusCode::FORBIDDEN),
        ] {
            let (status, body) = ask(&all, "/metrics", peer, &headers).await;
            assert_eq!(status, expected, "{peer} {headers:?}");
            assert_eq!(body.contains("presente_online 7"), status == StatusCode::OK, "{body}");
        }
    }
}
