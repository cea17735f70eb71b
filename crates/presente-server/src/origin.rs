//! Which web pages may speak to this server: those of this computer and the server's own.
//!
//! A browser says in `Origin` whose page makes a request. Native clients send none and are let through:
//! their token speaks for them. Socket.IO requests pass here as well.

use std::net::IpAddr;

use axum::{
    extract::Request,
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

/// The layer: lets a request through, answers a preflight, or refuses with 403.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let origins: Vec<_> = request.headers().get_all(ORIGIN).iter().cloned().collect();
    let origin = match origins.as_slice() {
        [] => return next.run(request).await,
        [one] if is_allowed(one, request.headers().get(HOST)) => one.clone(),
        _ => return StatusCode::FORBIDDEN.into_response(),
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

/// Whether a page of `origin` may speak to the server that was addressed as `host`.
fn is_allowed(origin: &HeaderValue, host: Option<&HeaderValue>) -> bool {
    let Some(origin) = origin.to_str().ok().and_then(|text| text.parse::<Uri>().ok()) else { return false };
    let standard_port = match origin.scheme_str() {
        Some("http") => 80,
        Some("https") => 443,
        _ => return false,
    };
    let Some(page) = origin.authority() else { return false };
    if page.as_str().contains('@') {
        return false;
    }
    if is_loopback(page.host()) {
        return true;
    }
    let Some(host) = host.and_then(|host| host.to_str().ok()?.parse::<Authority>().ok()) else {
        return false;
    };
    page.host().eq_ignore_ascii_case(host.host())
        && page.port_u16().unwrap_or(standard_port) == host.port_u16().unwrap_or(standard_port)
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
            let verdict = is_allowed(
                &HeaderValue::from_str(origin).unwrap(),
                Some(&HeaderValue::from_str(host).unwrap()),
            );
            assert_eq!(verdict, expected, "{origin} at {host}");
        }
        assert!(!is_allowed(&HeaderValue::from_static("http://evil.example"), None));
    }
}
