//! The edge: what every request passes before anybody of the inside sees it, in this order.
//!
//! 1. `log`: one line at debug, without what may be secret.
//! 2. `origin`: pages of other sites.
//! 3. `limits`: how often, and how many sockets.
//! 4. `body`: whole, in time, within its size.
//! 5. `eio3`, where it is allowed: on the way back, what the library writes wrongly for it.

use std::sync::Arc;

use axum::{Router, middleware::from_fn, middleware::from_fn_with_state};

use crate::{
    body::{self, BodyRules},
    config::Config,
    eio3,
    error::StartError,
    limits::{self, Door},
    log,
    metrics::Metrics,
    origin::{self, Origins},
    protocol_suite,
};

/// Most bytes of a request's body.
const BODY_BYTES: usize = 64 * 1024;

/// Puts the edge around routes and sockets.
///
/// # Errors
/// An allowed origin is none.
pub(crate) fn around(router: Router, config: &Config, metrics: &Metrics) -> Result<Router, StartError> {
    let bytes = if config.protocol_suite { protocol_suite::MESSAGE_BYTES } else { BODY_BYTES };
    let rules = BodyRules { bytes, timeout: config.read_timeout, metrics: metrics.clone() };
    let door = Arc::new(Door::new(config, metrics.clone()));
    let origins =
        Origins::new(&config.allow_origins, metrics.clone()).map_err(|text| StartError::Origin { text })?;
    let router = if config.eio3 { router.layer(from_fn(eio3::mend)) } else { router };
    // The last one is the outermost.
    Ok(router
        .layer(from_fn_with_state(rules, body::take_in))
        .layer(from_fn_with_state(door, limits::guard))
        .layer(from_fn_with_state(origins, origin::guard))
        .layer(from_fn(log::request)))
}
