//! An HTTP proxy as companies have them: CONNECT, requests with an absolute address, and a password if wanted. It knows
//! one server, and takes every name for it.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use base64::{Engine, prelude::BASE64_STANDARD};
use tokio::{
    io::{AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{
    proxy::read_until_end_of_head,
    requests::{Request, Scanner},
};

const WANTS_PASSWORD: &[u8] = b"HTTP/1.1 407 Proxy Authentication Required\r\n\
    Proxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

#[derive(Debug)]
struct Terms {
    server: SocketAddr,
    /// What `Proxy-Authorization` must be.
    authorization: Option<String>,
    passed: AtomicUsize,
    refused: AtomicUsize,
}

/// A listening proxy; it ends when it is dropped.
#[derive(Debug)]
pub struct HttpProxy {
    address: SocketAddr,
    terms: Arc<Terms>,
    _tasks: JoinSet<()>,
}

impl HttpProxy {
    /// Listens on a free port of this machine; with `credentials` (name, password) it wants these.
    ///
    /// # Errors
    /// No port could be had.
    pub async fn start(server: SocketAddr, credentials: Option<(&str, &str)>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let authorization = credentials.map(|(name, password)| {
            format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")))
        });
        let terms = Arc::new(Terms {
            server,
            authorization,
            passed: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&terms)));
        Ok(Self { address, terms, _tasks: tasks })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections it has let through.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.terms.passed.load(Ordering::Relaxed)
    }

    /// How many it has turned away for want of the right password.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.terms.refused.load(Ordering::Relaxed)
    }
}

async fn accept(listener: TcpListener, terms: Arc<Terms>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let terms = Arc::clone(&terms);
        connections.spawn(async move {
            // A connection that breaks off concerns its two ends only.
            let _ = pass(client, &terms).await;
        });
    }
}

async fn pass(mut client: TcpStream, terms: &Terms) -> io::Result<()> {
    let head = read_until_end_of_head(&mut client).await?;
    let Some(request) = Scanner::default().feed(&head).into_iter().next() else { return Ok(()) };
    if terms.authorization.is_some() && request.proxy_authorization != terms.authorization {
        terms.refused.fetch_add(1, Ordering::Relaxed);
        client.write_all(WANTS_PASSWORD).await?;
        return client.shutdown().await;
    }
    terms.passed.fetch_add(1, Ordering::Relaxed);
    let mut server = TcpStream::connect(terms.server).await?;
    if request.method == "CONNECT" {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    } else {
        server.write_all(&as_the_server_wants_it(&head, &request)).await?;
    }
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

/// The path alone in the first line, and no second request on this connection, which would not be rewritten.
fn as_the_server_wants_it(head: &[u8], request: &Request) -> Vec<u8> {
    let path = request.target.splitn(4, '/').nth(3).unwrap_or_default();
    let first_line_ends = head.windows(2).position(|pair| pair == b"\r\n").unwrap_or(head.len());
    let mut rewritten = format!("{} /{path} HTTP/1.1\r\nConnection: close", request.method).into_bytes();
    rewritten.extend_from_slice(head.get(first_line_ends..).unwrap_or_default());
    rewritten
}
