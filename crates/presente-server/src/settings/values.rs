//! Reading one value. The sentences never repeat a secret: those are taken as they are and looked at later.

use std::{convert::Infallible, net::IpAddr};

use axum::http::Uri;
use ipnet::IpNet;
use secrecy::SecretString;

/// A secret, as it is.
#[expect(clippy::unnecessary_wraps, reason = "the shape of a reader of values")]
pub(super) fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(SecretString::from(text))
}

/// A network, or an address as the network of it alone.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| "a network is written like 10.0.0.0/8 or fd00::/8".to_owned())
}

/// The address of a web server, without a slash at the end.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let bare = text.trim().trim_end_matches('/');
    let parsed = bare.parse::<Uri>().ok().filter(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    });
    match parsed {
        Some(uri) if uri.query().is_none() => Ok(bare.to_owned()),
        _ => Err("an address is written like https://presente.a.example".to_owned()),
    }
}

/// A number of things, at least one.
pub(super) fn count(text: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(0) | Err(_) => Err("a number from 1 on is needed".to_owned()),
        Ok(count) => Ok(count),
    }
}

/// An origin: scheme, host and perhaps a port, nothing else; in lower case.
pub(super) fn origin(text: &str) -> Option<String> {
    let bare = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let uri = bare.parse::<Uri>().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
    let authority = uri.authority().filter(|it| !it.as_str().contains('@') && !it.host().is_empty())?;
    (bare == format!("{scheme}://{authority}")).then_some(bare)
}
