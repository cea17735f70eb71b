//! Which web pages may speak to this server: those of this computer, the server's own, and those of the
//! origins that it was told of.
//!
//! A browser says in `Origin` whose page makes a request. Native clients send none and are let through:
//! their token speaks for them. Socket.IO requests pass here as well, upgrades to WebSocket included, which
//! browsers send to anybody.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HOST, ORIGIN, VARY,
        },
        uri::Authority,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::metrics::{Metrics, Refused};

/// The web pages of other sites that may speak to the server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origins {
    allowed: Arc<[Origin]>,
    metrics: Metrics,
}

/// A site: scheme, host and port, as browsers compare them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    secure: bool,
    /// In lower case.
    host: String,
    port: u16,
}

impl Origins {
    /// Allows each of `origins`, such as `https://a.example` or `http://b.example:8080`.
    ///
    /// # Errors
    /// The first that is no origin: with a path, another scheme, a pattern.
    pub(crate) fn new(origins: &[String], metrics: Metrics) -> Result<Self, String> {
        let allowed = origins.iter().map(|text| Origin::read(text).ok_or_else(|| text.clone()));
        Ok(Self { allowed: allowed.collect::<Result<_, _>>()?, metrics })
    }

    /// Whether a page of `origin` may speak to the server that was addressed as `host`.
    fn allow(&self, origin: &HeaderValue, host: Option<&HeaderValue>) -> bool {
        let Some(page) = origin.to_str().ok().and_then(Origin::read) else { return false };
        if is_loopback(&page.host) || self.allowed.contains(&page) {
            return true;
        }
        let Some(host) = host.and_then(|host| host.to_str().ok()?.parse::<Authority>().ok()) else {
            return false;
        };
        page.host.eq_ignore_ascii_case(host.host())
            && page.port == host.port_u16().unwrap_or(standard_port(page.secure))
    }
}

impl Origin {
    fn read(text: &str) -> Option<Self> {
        // `Uri` takes a path for granted, and browsers never send one.
        if text.matches('/').count() != 2 || text.contains(['?', '#', '@', '*']) {
            return None;
        }
        let origin = text.parse::<Uri>().ok()?;
        let secure = match origin.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return None,
        };
        let site = origin.authority()?;
        let port = match site.as_str().strip_prefix(site.host())? {
            "" => standard_port(secure),
            port => port.strip_prefix(':')?.parse().ok()?,
        };
        Some(Self { secure, host: site.host().to_ascii_lowercase(), port })
    }
}

fn standard_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

/// The layer: lets a request through, answers a preflight, or refuses with 403.
pub(crate) async fn guard(State(pages): State<Origins>, request: Request, next: Next) -> Response {
    let origins: Vec<_> = request.headers().get_all(ORIGIN).iter().cloned().collect();
    let origin = match origins.as_slice() {
        [] => return next.run(request).await,
        [one] if pages.allow(one, request.headers().get(HOST)) => one.clone(),
        _ => {
            pages.metrics.refused(Refused::Origin);
            return StatusCode::FORBIDDEN.into_response();
        }
    };
    let preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight { preflight_answer() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(VARY, HeaderValue::from_static("origin"));
    response
}

fn preflight_answer() -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, OPTIONS"));
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("authorization, content-type, x-token"),
    );
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    (StatusCode::NO_CONTENT, headers).into_response()
}

fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn pages_of_this_computer_and_of_the_server_itself_are_allowed_and_no_others() {
        for (origin, host, expected) in [
            ("http://localhost", "team.example:4000", true),
            ("http://LOCALHOST:5173", "team.example:4000", true),
            ("https://127.0.0.1:8443", "team.example:4000", true),
            ("http://127.8.9.1:1", "team.example:4000", true),
            ("http://[::1]:3000", "team.example:4000", true),
            ("http://team.example:4000", "team.example:4000", true),
            ("http://Team.Example:4000", "team.example:4000", true),
            ("https://team.example", "team.example", true),
            ("http://team.example", "team.example:80", true),
            ("https://team.example", "team.example:80", false),
            ("http://team.example:4001", "team.example:4000", false),
            ("http://evil.example", "team.example:4000", false),
            ("http://localhost.evil.example", "127.0.0.1:4000", false),
            ("http://127.0.0.1.evil.example", "127.0.0.1:4000", false),
            ("http://localhost@evil.example", "127.0.0.1:4000", false),
            ("http://evil.example@localhost", "127.0.0.1:4000", false),
            ("http://10.0.0.1", "127.0.0.1:4000", false),
            ("null", "127.0.0.1:4000", false),
            ("", "127.0.0.1:4000", false),
            ("file://localhost", "127.0.0.1:4000", false),
            ("//localhost", "127.0.0.1:4000", false),
        ] {
            let verdict = Origins::default()
                .allow(&HeaderValue::from_str(origin).unwrap(), Some(&HeaderValue::from_str(host).unwrap()));
            assert_eq!(verdict, expected, "{origin} at {host}");
        }
        assert!(!Origins::default().allow(&HeaderValue::from_static("http://evil.example"), None));
    }

    #[test]
    fn an_allowed_origin_is_that_site_exactly() {
        let told = ["https://a.example", "http://B.example:8080"].map(str::to_owned);
        let origins = Origins::new(&told, Metrics::default()).unwrap();
        for (origin, expected) in [
            ("https://a.example", true),
            ("https://A.EXAMPLE", true),
            ("https://a.example:443", true),
            ("http://b.example:8080", true),
            ("http://a.example", false),
            ("https://a.example:8443", false),
            ("https://www.a.example", false),
            ("https://a.example.evil.example", false),
            ("https://evil.example/https://a.example", false),
            ("https://a.example@evil.example", false),
            ("http://b.example", false),
            ("null", false),
        ] {
            let host = HeaderValue::from_static("team.example");
            let verdict = origins.allow(&HeaderValue::from_str(origin).unwrap(), Some(&host));
            assert_eq!(verdict, expected, "{origin}");
        }
    }

    #[test]
    fn what_is_no_origin_cannot_be_allowed() {
        for text in [
            "*",
            "a.example",
            "https://*.a.example",
            "https://a.example/",
            "https://a.example/x",
            "null",
            "",
            "ftp://a.example",
            "https://",
            "https://a@b.example",
            "https://a.example?x",
            "https://a.example:",
            "https://a.example:99999",
        ] {
            let verdict = Origins::new(&[text.to_owned()], Metrics::default());
            assert_eq!(verdict.err().as_deref(), Some(text));
        }
    }
}
