//! The bodies of requests: each has arrived whole, in time and within its size before anybody looks at it.

use std::time::Duration;

use axum::{
    Json,
    body::{Body, HttpBody as _, to_bytes},
    extract::{Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{CONNECTION, CONTENT_LENGTH},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    http::header_language,
    messages::{Language, Phrase},
    metrics::{Metrics, Refused},
};

/// How a body may come.
#[derive(Debug, Clone)]
pub(crate) struct BodyRules {
    /// Most bytes.
    pub(crate) bytes: usize,
    /// From the end of the head to the end of the body, however steadily it drips.
    pub(crate) timeout: Duration,
    pub(crate) metrics: Metrics,
}

/// The layer: waits for the body, or refuses the request.
pub(crate) async fn take_in(State(rules): State<BodyRules>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let language = header_language(request.headers());
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: u64| usize::try_from(bytes).map_or(true, |bytes| bytes > rules.bytes)) {
        return rules.refuse(Refused::TooLarge, language);
    }
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(rules.timeout, to_bytes(body, rules.bytes)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        // The other way to fail, a connection that broke, has nobody left to read the answer.
        Ok(Err(_)) => rules.refuse(Refused::TooLarge, language),
        Err(_) => rules.refuse(Refused::TooSlow, language),
    }
}

impl BodyRules {
    fn refuse(&self, reason: Refused, language: Language) -> Response {
        self.metrics.refused(reason);
        let (status, phrase) = match reason {
            Refused::TooSlow => (StatusCode::REQUEST_TIMEOUT, Phrase::RequestTooSlow),
            _ => (StatusCode::PAYLOAD_TOO_LARGE, Phrase::RequestTooLarge),
        };
        // What is still to come of the body would otherwise be read as the next request, or read in vain.
        let close = [(CONNECTION, HeaderValue::from_static("close"))];
        let words = json!({ "success": false, "message": phrase.text(language) });
        (status, close, Json(words)).into_response()
    }
}
