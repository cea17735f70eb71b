//! The listener: accepts connections and speaks HTTP/1 on them until it is told to stop.
//!
//! Not `axum::serve`, because that lets half a request head stay open for ever.

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::{
    address::{ClientAddress, PeerAddress, Proxies, is_forwarded},
    config::Config,
    limits::{Crowd, Full},
    metrics::{Metrics, Refused},
    stream::Paced,
};

/// How long requests that are being answered may take to end when the server stops.
const FAREWELL: Duration = Duration::from_millis(500);
/// Pause after the system could not give a connection (for example, too many open files).
const RECOVERY: Duration = Duration::from_millis(100);
/// Most bytes of the head of a request.
const HEAD_BYTES: usize = 16 * 1024;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Listening {
    proxies: Proxies,
    /// The connections that are open, upgraded ones included.
    crowd: Crowd,
    /// For the head of a request; also how long a connection may wait for its next one.
    read_timeout: Duration,
    metrics: Metrics,
    /// Whether it was said that a proxy is not believed.
    warned: AtomicBool,
}

impl Listening {
    /// With the settings of a server.
    pub(crate) fn new(config: &Config, metrics: Metrics) -> Self {
        Self {
            proxies: Proxies::new(config.trusted_proxies.clone()),
            crowd: Crowd::new(config.limits.connections, config.limits.connections_per_address),
            read_timeout: config.read_timeout,
            metrics,
            warned: AtomicBool::new(false),
        }
    }

    /// How many connections are open.
    pub(crate) fn connections(&self) -> usize {
        self.crowd.len()
    }

    /// A connection with a place of its own, if there is one. All clients of a proxy come from its address,
    /// so that counts for nobody.
    fn admit(&self, stream: TcpStream, peer: IpAddr) -> Option<Paced<TcpStream>> {
        let counted = (!self.proxies.contain(peer)).then_some(ClientAddress(peer));
        match self.crowd.enter(counted) {
            Ok(place) => Some(Paced::new(stream, place)),
            Err(full) => {
                self.metrics.refused(match full {
                    Full::ForAll => Refused::Connections,
                    Full::ForOne => Refused::ConnectionsOfAddress,
                });
                None
            }
        }
    }

    /// Notes in a request where it comes from.
    fn address(&self, peer: IpAddr, request: &mut Request<Body>) {
        let client = self.proxies.client(peer, request.headers());
        if is_forwarded(request.headers())
            && !self.proxies.contain(peer)
            && peer.is_loopback()
            && !self.warned.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                "a proxy on this computer passes requests on and is not trusted, so all its clients count as \
                 one address: trust it ({peer})"
            );
        }
        request.extensions_mut().insert(PeerAddress(peer));
        request.extensions_mut().insert(client);
    }
}

/// Serves until `stop` is cancelled, then lets running requests end within half a second.
pub(crate) async fn run(
    listener: TcpListener,
    router: Router,
    listening: Arc<Listening>,
    stop: CancellationToken,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let peer = peer.ip().to_canonical();
                // Without room it is closed at once: an answer would cost what is to be saved.
                if let Some(stream) = listening.admit(stream, peer) {
                    connections.spawn(serve(
                        stream,
                        peer,
                        router.clone(),
                        Arc::clone(&listening),
                        stop.clone(),
                    ));
                }
            }
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted");
                tokio::time::sleep(RECOVERY).await;
            }
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, all).await.is_err() {
        tracing::debug!("some connections did not end in time");
    }
}

async fn serve(
    stream: Paced<TcpStream>,
    peer: IpAddr,
    router: Router,
    listening: Arc<Listening>,
    stop: CancellationToken,
) {
    if let Err(error) = stream.get_ref().set_nodelay(true) {
        tracing::debug!(%error, "small answers may be delayed");
    }
    let read_timeout = listening.read_timeout;
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        listening.address(peer, &mut request);
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(read_timeout)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// Whether an error of accepting says nothing about the next connection.
fn is_about_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
