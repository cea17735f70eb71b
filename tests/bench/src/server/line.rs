//! How a client reaches a server: from an address of its own, by HTTP and WebSocket, every byte that comes counted.

use super::people::{PASSWORD, Person};
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, StatusCode, header::HOST};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use socket2::SockRef;
use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{self, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpSocket, TcpStream},
};
use tokio_tungstenite::{WebSocketStream, client_async_with_config, tungstenite::protocol::WebSocketConfig};

/// What a client's WebSocket reads at once: ten thousand of them share this process.
const READ_BUFFER: usize = 16 * 1024;

/// Bytes for what comes by a narrow line; the system makes it a little more.
const NARROW_WINDOW: u32 = 2048;
/// Bytes of a segment on a real network.
const SEGMENT: u32 = 1400;

/// The way from one client's address to the server. Clones count into the same number.
#[derive(Debug, Clone)]
pub struct Line {
    server: SocketAddr,
    from: Ipv4Addr,
    received: Arc<AtomicU64>,
    narrow: bool,
}

/// An answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body as it came, maybe compressed.
    pub body: Bytes,
}

impl Line {
    /// From `from` to `server`; what comes is added to `received`.
    pub fn new(server: SocketAddr, from: Ipv4Addr, received: Arc<AtomicU64>) -> Self {
        Self { server, from, received, narrow: false }
    }

    /// The same, but little can be on its way at once. On the loopback interface the system would else keep megabytes for
    /// who does not read; by segments of a real network and with the smallest window it is a few ten KiB.
    #[must_use]
    pub fn narrow(self) -> Self {
        Self { narrow: true, ..self }
    }

    async fn open(&self) -> Result<Counted> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(IpAddr::V4(self.from), 0)).context("no port is free")?;
        if self.narrow {
            socket.set_recv_buffer_size(NARROW_WINDOW)?;
            SockRef::from(&socket).set_tcp_mss(SEGMENT)?;
        }
        let stream = socket.connect(self.server).await.context("cannot reach the server")?;
        stream.set_nodelay(true)?;
        Ok(Counted { stream, received: Arc::clone(&self.received) })
    }

    /// The Engine.IO WebSocket, as far as HTTP goes.
    ///
    /// # Errors
    /// The server is away or does not want to.
    pub async fn websocket(&self) -> Result<WebSocketStream<Counted>> {
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", self.server);
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER).write_buffer_size(0);
        let opened = client_async_with_config(url, self.open().await?, Some(config)).await;
        Ok(opened.context("no WebSocket")?.0)
    }

    /// `GET path`.
    ///
    /// # Errors
    /// The server is away.
    pub async fn get(&self, path: &str, headers: &[(HeaderName, &str)]) -> Result<Answer> {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        self.send(request, Bytes::new()).await
    }

    async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Result<Answer> {
        let mut request = Request::post(path).header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("x-token", token);
        }
        self.send(request, serde_json::to_vec(body)?.into()).await
    }

    async fn send(&self, request: http::request::Builder, body: Bytes) -> Result<Answer> {
        let request = request.header(HOST, self.server.to_string()).body(Full::new(body))?;
        let stream = TokioIo::new(self.open().await?);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
        let exchange = async {
            let (head, body) = sender.send_request(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            anyhow::Ok(Answer { status: head.status, headers: head.headers, body })
        };
        tokio::select! {
            // The connection moves what the exchange waits for; by itself it ends only when it breaks.
            biased;
            answer = exchange => answer,
            ended = connection => {
                ended?;
                anyhow::bail!("the server hung up")
            }
        }
    }

    /// Signs somebody in and gives their token.
    ///
    /// # Errors
    /// The server is away or does not let them in.
    pub async fn sign_in(&self, person: &Person) -> Result<String> {
        let user = json!({ "email": person.email, "password": PASSWORD, "from": "signup" });
        let answer = self.post("/api/auth/signIn", None, &json!({ "logedUser": user })).await?;
        let body: Value = serde_json::from_slice(&answer.body).context("no JSON answers a sign-in")?;
        let token = body.pointer("/response/token").and_then(Value::as_str);
        token.map(str::to_owned).with_context(|| format!("not signed in ({}): {body}", answer.status))
    }

    /// Signs somebody out.
    ///
    /// # Errors
    /// The server is away or does not want to.
    pub async fn sign_out(&self, person: &Person, token: &str) -> Result<()> {
        let body = json!({ "closeuser": person.email });
        let answer = self.post("/api/auth/signOut", Some(token), &body).await?;
        ensure!(&*answer.body == b"null", "not signed out ({})", answer.status);
        Ok(())
    }
}

/// A stream that counts what comes.
#[derive(Debug)]
pub struct Counted {
    stream: TcpStream,
    received: Arc<AtomicU64>,
}

impl AsyncRead for Counted {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let polled = Pin::new(&mut this.stream).poll_read(context, buffer);
        let came = u64::try_from(buffer.filled().len() - before).unwrap_or_default();
        this.received.fetch_add(came, Ordering::Relaxed);
        polled
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
