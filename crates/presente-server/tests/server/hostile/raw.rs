//! Bytes on a connection, and just enough WebSocket to send what no library would.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::target::PATIENCE;

pub(crate) const TEXT: u8 = 1;
pub(crate) const CONTINUED: u8 = 0;
/// The bit of a frame that says that it is the last one of its message.
pub(crate) const LAST: u8 = 0x80;

/// A connection to the server.
pub(crate) struct Raw {
    stream: TcpStream,
    /// What was read and not looked at yet.
    read: Vec<u8>,
}

impl Raw {
    /// Connects from `from`.
    pub(crate) async fn open(to: SocketAddr, from: Ipv4Addr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        Self { stream: socket.connect(to).await.unwrap(), read: Vec::new() }
    }

    /// Connects and sends `bytes`.
    pub(crate) async fn send(to: SocketAddr, from: Ipv4Addr, bytes: &[u8]) -> Self {
        let mut raw = Self::open(to, from).await;
        raw.write(bytes).await;
        raw
    }

    /// Opens a WebSocket; `query` goes after the transport.
    pub(crate) async fn websocket(to: SocketAddr, from: Ipv4Addr, query: &str) -> Self {
        let head = format!(
            "GET /socket.io/?EIO=4&transport=websocket{query} HTTP/1.1\r\nHost: {to}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        let mut raw = Self::send(to, from, head.as_bytes()).await;
        let head = raw.head().await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        raw
    }

    /// Opens a WebSocket and CONNECTs with `token`.
    pub(crate) async fn socket(to: SocketAddr, from: Ipv4Addr, token: &str) -> Self {
        let mut raw = Self::websocket(to, from, "").await;
        raw.text(&format!("40{}", json!({ "token": token }))).await;
        raw.next_that("a CONNECT answer", |text| text.starts_with("40")).await;
        raw
    }

    /// Writes; that the server has closed meanwhile is nothing to this side.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        let _ = timeout(PATIENCE, self.stream.write_all(bytes)).await.expect("the server reads");
    }

    /// Writes `piece` again and again until the server has closed or `most` bytes are out; how many were.
    pub(crate) async fn pour(&mut self, piece: &[u8], most: usize) -> usize {
        let mut out = 0;
        let pouring = async {
            while out < most && self.stream.write_all(piece).await.is_ok() {
                out += piece.len();
            }
        };
        // A server that no longer reads is as good as one that has closed.
        let _ = timeout(Duration::from_secs(5), pouring).await;
        out
    }

    /// Sends a frame whose head says `length`; the mask is all zeros, so that the payload stays as it is.
    pub(crate) async fn frame(&mut self, first: u8, length: u64, payload: &[u8]) {
        self.write(&frame(first, length, payload)).await;
    }

    /// Sends a text message.
    pub(crate) async fn text(&mut self, text: &str) {
        self.write(&text_frame(text)).await;
    }

    /// The head of an HTTP answer.
    pub(crate) async fn head(&mut self) -> String {
        loop {
            if let Some(end) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = self.read.drain(..end + 4).collect();
                return String::from_utf8(head).unwrap();
            }
            assert!(self.more().await, "closed before an answer: {:?}", String::from_utf8_lossy(&self.read));
        }
    }

    /// The next text message; `None` once the server has closed. Pings are answered.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((code, payload)) = self.take_frame() {
                match code {
                    TEXT if payload == b"2" => self.text("3").await,
                    TEXT => return Some(String::from_utf8(payload).unwrap()),
                    8 => return None,
                    _ => {}
                }
            } else if !self.more().await {
                return None;
            }
        }
    }

    /// The next text message that is asked for.
    pub(crate) async fn next_that(&mut self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        let found = async {
            loop {
                let text = self.next().await.unwrap_or_else(|| panic!("closed before {what}"));
                if fits(&text) {
                    return text;
                }
            }
        };
        timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("no {what} came"))
    }

    /// The next event of this name.
    pub(crate) async fn next_of(&mut self, event: &str) -> String {
        let start = format!("42[\"{event}\"");
        self.next_that(event, |text| text.starts_with(&start)).await
    }

    /// Waits until the server has closed; what it sent, and how long that took.
    pub(crate) async fn closed(mut self) -> (String, Duration) {
        let start = Instant::now();
        let closed = async { while self.more().await {} };
        timeout(PATIENCE, closed).await.expect("the server closes the connection");
        (String::from_utf8_lossy(&self.read).into_owned(), start.elapsed())
    }

    /// Whether the server has closed by now.
    pub(crate) async fn is_closed(&mut self) -> bool {
        timeout(Duration::from_millis(1), self.more()).await.is_ok_and(|more| !more)
    }

    /// Reads some more; `false` once the server has closed.
    async fn more(&mut self) -> bool {
        let mut piece = [0; 16 * 1024];
        match self.stream.read(&mut piece).await {
            Ok(0) | Err(_) => false,
            Ok(count) => {
                self.read.extend_from_slice(&piece[..count]);
                true
            }
        }
    }

    fn take_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let (head, length) = match *self.read.get(1)? {
            126 => (4, u16::from_be_bytes(self.read.get(2..4)?.try_into().unwrap()).into()),
            127 => {
                (10, usize::try_from(u64::from_be_bytes(self.read.get(2..10)?.try_into().unwrap())).unwrap())
            }
            short => (2, short.into()),
        };
        let payload = self.read.get(head..head + length)?.to_vec();
        let code = self.read[0] & 0x0f;
        self.read.drain(..head + length);
        Some((code, payload))
    }
}

/// A frame of a client.
pub(crate) fn frame(first: u8, length: u64, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first, 0x80 | 127];
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}

/// A text message of a client.
pub(crate) fn text_frame(text: &str) -> Vec<u8> {
    frame(LAST | TEXT, text.len() as u64, text.as_bytes())
}
