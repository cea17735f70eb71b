//! The door of HTTP: how often an address may ask, sign up and sign in, and how many sockets it may open.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Json,
    extract::{Request, State},
    http::{
        HeaderValue, Method, StatusCode, Uri,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{Connects, Crowd, Full, Rate, RateTable};
use crate::{
    address::ClientAddress,
    config::Config,
    http::header_language,
    messages::{Language, Phrase},
    metrics::{Metrics, Refused},
};

/// Addresses that each table remembers at least.
const ADDRESSES: usize = 10_000;
/// Requests a minute for each socket that an address may have, polling included.
const REQUESTS_PER_SOCKET: u32 = 120;
/// The same for requests that may look into the database, which clients send a few times a day.
const QUERIES_PER_SOCKET: u32 = 4;
/// What who finds no room for a socket is told to wait.
const ROOM_WAIT: Duration = Duration::from_secs(5);
/// What Engine.IO answers to a version that it does not speak.
const UNSUPPORTED_VERSION: &str = r#"{"code":5,"message":"Unsupported protocol version"}"#;

/// Holds requests to the limits.
#[derive(Debug)]
pub(crate) struct Door {
    tables: Mutex<Tables>,
    /// Sockets, from their handshake to their end, whether they CONNECT or not.
    sockets: Crowd,
    eio3: bool,
    metrics: Metrics,
}

#[derive(Debug)]
struct Tables {
    requests: RateTable<ClientAddress>,
    queries: RateTable<ClientAddress>,
    sign_ups: RateTable<ClientAddress>,
    sign_ins: RateTable<ClientAddress>,
}

/// What a request is to the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    SignUp,
    SignIn,
    /// Anything else under `/api/`.
    Query,
    /// Opens a socket, in a version of Engine.IO that is spoken here or not.
    Handshake {
        spoken: bool,
    },
    Other,
}

/// Why a request is not let in.
struct NotNow {
    reason: Refused,
    phrase: Phrase,
    wait: Duration,
}

impl Door {
    /// The door of a server with these settings.
    pub(crate) fn new(config: &Config, metrics: Metrics) -> Self {
        let limits = &config.limits;
        let table = |count| RateTable::new(Rate::a_minute(count), ADDRESSES);
        let per_socket = |count: u32| {
            let sockets = u32::try_from(limits.sockets_per_address).unwrap_or(u32::MAX);
            table(count.saturating_mul(sockets.max(100)))
        };
        Self {
            tables: Mutex::new(Tables {
                requests: per_socket(REQUESTS_PER_SOCKET),
                queries: per_socket(QUERIES_PER_SOCKET),
                sign_ups: table(limits.sign_ups_per_minute),
                sign_ins: table(limits.sign_ins_per_minute),
            }),
            sockets: Crowd::new(limits.connections, limits.sockets_per_address),
            eio3: config.eio3,
            metrics,
        }
    }

    /// Looks at a request; what a socket will need goes into its extensions.
    fn admit(&self, request: &mut Request, now: Instant) -> Result<(), NotNow> {
        // Missing only where no listener has put it in.
        let Some(&address) = request.extensions().get::<ClientAddress>() else { return Ok(()) };
        let kind = kind(request.method(), request.uri(), self.eio3);
        self.tables.lock().unwrap_or_else(PoisonError::into_inner).take(kind, address.group(), now)?;
        if let Kind::Handshake { spoken: true } = kind {
            let place = self.sockets.enter(Some(address)).map_err(|full| NotNow {
                reason: match full {
                    Full::ForAll => Refused::Connections,
                    Full::ForOne => Refused::SocketsOfAddress,
                },
                phrase: Phrase::TooManySockets,
                wait: ROOM_WAIT,
            })?;
            // The socket keeps its request for as long as it lives, so its place is free when it has ended.
            request.extensions_mut().insert(Arc::new(place));
            request.extensions_mut().insert(Connects::default());
        }
        if let Kind::Handshake { spoken: false } = kind {
            return Err(NotNow { reason: Refused::Version, phrase: Phrase::Failure, wait: Duration::ZERO });
        }
        Ok(())
    }
}

impl Tables {
    fn take(&mut self, kind: Kind, address: ClientAddress, now: Instant) -> Result<(), NotNow> {
        let not_now = |reason, phrase| move |wait| NotNow { reason, phrase, wait };
        let too_many = not_now(Refused::Requests, Phrase::TooManyRequests);
        self.requests.take(address, now).map_err(&too_many)?;
        match kind {
            Kind::SignUp => {
                self.sign_ups.take(address, now).map_err(not_now(Refused::SignUps, Phrase::TooManySignUps))
            }
            Kind::SignIn => {
                self.sign_ins.take(address, now).map_err(not_now(Refused::SignIns, Phrase::TooManySignIns))
            }
            Kind::Query => self.queries.take(address, now).map_err(too_many),
            Kind::Handshake { .. } | Kind::Other => Ok(()),
        }
    }
}

/// The layer: lets a request in, or says with 429 when to come back.
pub(crate) async fn guard(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    match door.admit(&mut request, Instant::now()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => {
            door.metrics.refused(refusal.reason);
            refusal.answer(header_language(request.headers()))
        }
    }
}

impl NotNow {
    fn answer(&self, language: Language) -> Response {
        if self.reason == Refused::Version {
            let json = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
            return (StatusCode::BAD_REQUEST, json, UNSUPPORTED_VERSION).into_response();
        }
        let body = json!({ "success": false, "message": self.phrase.text(language) });
        let seconds = self.wait.as_secs().saturating_add(1);
        (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds.to_string())], Json(body)).into_response()
    }
}

fn kind(method: &Method, uri: &Uri, eio3: bool) -> Kind {
    let query = uri.query().unwrap_or_default();
    let value = |key: &str| query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='));
    match uri.path() {
        "/api/auth/signUp" if method == Method::POST => Kind::SignUp,
        "/api/auth/signIn" if method == Method::POST => Kind::SignIn,
        path if path.starts_with("/api/") => Kind::Query,
        path if path.starts_with("/socket.io") => match value("EIO") {
            // Whatever its session is: a client of a version that is not spoken has none.
            Some("3") if !eio3 => Kind::Handshake { spoken: false },
            Some(_) if value("sid").is_none() => Kind::Handshake { spoken: true },
            _ => Kind::Other,
        },
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use axum::body::Body;

    use super::*;

    fn door(change: impl FnOnce(&mut Config)) -> Door {
        let mut config = Config::new("127.0.0.1:0".parse().unwrap(), "");
        change(&mut config);
        Door::new(&config, Metrics::default())
    }

    fn request(method: Method, uri: &str, from: &str) -> Request {
        let mut request = Request::builder().method(method).uri(uri).body(Body::empty()).unwrap();
        request.extensions_mut().insert(ClientAddress(from.parse().unwrap()));
        request
    }

    #[test]
    fn the_door_knows_a_handshake_from_what_follows_it() {
        for (method, uri, eio3, expected) in [
            (Method::POST, "/api/auth/signUp", false, Kind::SignUp),
            (Method::GET, "/api/auth/signUp", false, Kind::Query),
            (Method::POST, "/api/auth/signIn?x=1", false, Kind::SignIn),
            (Method::GET, "/api/verify/1", false, Kind::Query),
            (Method::GET, "/", false, Kind::Other),
            (Method::GET, "/socket.io/?EIO=4&transport=polling", false, Kind::Handshake { spoken: true }),
            (Method::GET, "/socket.io/?transport=polling&EIO=4", false, Kind::Handshake { spoken: true }),
            (Method::GET, "/socket.io/?EIO=4&transport=polling&sid=a", false, Kind::Other),
            (
                Method::GET,
                "/socket.io/?EIO=4&transport=polling&tsid=a",
                false,
                Kind::Handshake { spoken: true },
            ),
            (Method::GET, "/socket.io/socket.io.js", false, Kind::Other),
            (Method::GET, "/socket.io/?EIO=3&transport=polling", false, Kind::Handshake { spoken: false }),
            (
                Method::GET,
                "/socket.io/?EIO=3&transport=polling&sid=a",
                false,
                Kind::Handshake { spoken: false },
            ),
            (Method::GET, "/socket.io/?EIO=3&transport=polling", true, Kind::Handshake { spoken: true }),
            (Method::GET, "/socket.io/?EIO=3&transport=polling&sid=a", true, Kind::Other),
        ] {
            assert_eq!(kind(&method, &uri.parse().unwrap(), eio3), expected, "{method} {uri}");
        }
    }

    #[test]
    fn one_address_that_signs_in_too_often_does_not_hold_up_another() {
        let door = door(|config| config.limits.sign_ins_per_minute = 3);
        let now = Instant::now();
        let try_in = |from: &str| {
            door.admit(&mut request(Method::POST, "/api/auth/signIn", from), now)
                .map_err(|refusal| (refusal.reason, refusal.wait))
        };
        for _ in 0..3 {
            try_in("192.0.2.1").unwrap();
        }
        assert_eq!(try_in("192.0.2.1"), Err((Refused::SignIns, Duration::from_secs(20))));
        try_in("192.0.2.2").unwrap();
    }

    #[test]
    fn a_place_is_taken_from_the_handshake_on_and_free_when_the_socket_has_gone() {
        let door = door(|config| config.limits.sockets_per_address = 2);
        let open = |from: &str| {
            let mut handshake = request(Method::GET, "/socket.io/?EIO=4&transport=websocket", from);
            door.admit(&mut handshake, Instant::now()).map(|()| handshake).map_err(|refusal| refusal.reason)
        };
        let (one, _two) = (open("192.0.2.1").unwrap(), open("192.0.2.1").unwrap());
        assert_eq!(open("192.0.2.1").err(), Some(Refused::SocketsOfAddress));
        let _other = open("192.0.2.2").unwrap();
        drop(one);
        let _again = open("192.0.2.1").unwrap();
    }
}
