//! The requests of long-polling.

use super::network::{root_cause, tls_error};
use crate::reason::Failure;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use reqwest::{Client, RequestBuilder, Response};
use serde::Deserialize;
use url::Url;

/// How much of an error's body is looked at for the server's words.
const ERROR_BODY: usize = 4096;

/// What a request is made with.
pub(super) struct Door {
    pub(super) client: Client,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    /// The longest answer, in bytes.
    pub(super) limit: usize,
}

impl Door {
    /// Makes a GET; the body of the answer is a polling body.
    pub(super) async fn get(self) -> Result<Bytes, Failure> {
        exchange(self.client.get(self.url).headers(self.headers), self.limit).await
    }

    /// Makes a POST.
    pub(super) async fn post(self, body: String) -> Result<(), Failure> {
        let request = self.client.post(self.url).headers(self.headers);
        let request = request.header(header::CONTENT_TYPE, "text/plain;charset=UTF-8").body(body);
        let answer = exchange(request, self.limit).await?;
        // Whatever else answers 200 to everything (a portal, a proxy) has not passed the packets on.
        match answer.trim_ascii().eq_ignore_ascii_case(b"ok") {
            true => Ok(()),
            false => Err(Failure::Lost("a POST was not answered with \"ok\"".to_owned())),
        }
    }
}

async fn exchange(request: RequestBuilder, limit: usize) -> Result<Bytes, Failure> {
    let response = request.send().await.map_err(http_failure)?;
    let status = response.status();
    if status == StatusCode::OK {
        return whole_body(response, limit).await;
    }
    if status.is_redirection() {
        let location = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
        return Err(Failure::Redirected(location.unwrap_or("nowhere").chars().take(200).collect()));
    }
    let body = whole_body(response, ERROR_BODY).await.unwrap_or_default();
    Err(Failure::Status { status: status.as_u16(), message: words_of(&body) })
}

async fn whole_body(mut response: Response, limit: usize) -> Result<Bytes, Failure> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    if announced > limit {
        return Err(Failure::TooLarge(limit));
    }
    let mut body = BytesMut::with_capacity(announced);
    while let Some(chunk) = response.chunk().await.map_err(http_failure)? {
        if body.len() + chunk.len() > limit {
            return Err(Failure::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The server's own words in an error's body: Engine.IO's `{"code":…,"message":…}`, or nothing.
pub(super) fn words_of(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Said {
        message: String,
    }
    let said = serde_json::from_slice::<Said>(body).map(|said| said.message);
    said.unwrap_or_default().chars().filter(|character| !character.is_control()).take(200).collect()
}

pub(super) fn http_failure(error: reqwest::Error) -> Failure {
    // The URL may hold tokens.
    let error = error.without_url();
    match tls_error(&error) {
        Some(words) => Failure::Tls(words),
        None if error.is_connect() => Failure::Unreachable(root_cause(&error)),
        None => Failure::Lost(root_cause(&error)),
    }
}
