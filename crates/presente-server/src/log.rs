//! The log: to standard error, as text or JSON, and without secrets.
//!
//! Requests are logged at debug, never with their query, headers or body: any of these may hold a token or
//! a password. The libraries underneath do print such things, so they are kept to warnings.

use std::{
    io::{self, IsTerminal as _},
    time::Instant,
};

use axum::{extract::Request, middleware::Next, response::Response};
use tracing_subscriber::EnvFilter;

use crate::{address::ClientAddress, config::LogFormat};

/// Libraries that print what is secret when they debug: CONNECT payloads, handshakes, mail sign-ins.
const KEPT_QUIET: &str = "socketioxide=warn,engineioxide=warn,lettre=warn";
/// Paths whose last part is a secret.
const SECRET_PATHS: [&str; 1] = ["/api/verify/"];

/// Logs from here on, as much as the environment's `RUST_LOG` says; `info` unless it does. Naming a library
/// there in so many words lets it print what it likes, secrets included.
pub fn start(format: LogFormat) {
    let wanted = std::env::var("RUST_LOG").unwrap_or_else(|_| "info".to_owned());
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(format!("{KEPT_QUIET},{wanted}")))
        .with_writer(io::stderr);
    let started = match format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).try_init(),
    };
    if let Err(error) = started {
        // Somebody logs already, and what they do will do.
        tracing::debug!(%error, "the log was started before");
    }
}

/// The layer: one line for each request.
pub(crate) async fn request(request: Request, next: Next) -> Response {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return next.run(request).await;
    }
    let client = request.extensions().get::<ClientAddress>().map(|address| address.0.to_string());
    let (method, path) = (request.method().clone(), shown(request.uri().path()).to_owned());
    let start = Instant::now();
    let response = next.run(request).await;
    tracing::debug!(
        %method,
        %path,
        status = response.status().as_u16(),
        client = client.as_deref().unwrap_or("?"),
        took = ?start.elapsed(),
        "request"
    );
    response
}

/// As much of a path as may be read by anybody.
fn shown(path: &str) -> &str {
    SECRET_PATHS.into_iter().find(|secret| path.starts_with(secret)).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_verification_link_is_not_shown() {
        for (path, expected) in [
            ("/api/auth/signIn", "/api/auth/signIn"),
            ("/api/verify/0123456789abcdef", "/api/verify/"),
            ("/", "/"),
        ] {
            assert_eq!(shown(path), expected);
        }
    }
}
