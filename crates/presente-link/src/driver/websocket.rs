//! One WebSocket: its handshake, and frames in and out at the same time.

use super::network::{Io, Network};
use crate::{options::Limits, proto::Frame, reason::Failure, shared::Room};
use bytes::Bytes;
use engineioxide_core::Str;
use futures_util::{Sink, Stream};
use http::{HeaderMap, header};
use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::timeout;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::WebSocketConfig},
};
use url::Url;

/// Each connection keeps a buffer of this size for reading, however idle it is.
const READ_BUFFER: usize = 8 * 1024;
/// How many frames are handed on in one go.
const READ_BATCH: usize = 64;

/// What a WebSocket has to tell.
#[derive(Debug)]
pub(super) enum Said {
    /// These have come, in this order.
    Frames(Vec<Frame>),
    /// Everything handed to it has been taken by the network.
    Written,
    Failed(Failure),
}

pub(super) struct WebSocket {
    stream: WebSocketStream<Box<dyn Io>>,
    outgoing: VecDeque<Message>,
    unflushed: bool,
    /// What is to be told once the frames before it have been.
    failed: Option<Failure>,
}

impl WebSocket {
    /// Connects. `url` is the one for HTTP.
    pub(super) async fn open(
        network: Arc<Network>,
        url: Url,
        headers: HeaderMap,
        limits: Limits,
    ) -> Result<Self, Failure> {
        let stream = network.dial(&url).await?;
        let mut request = websocket_url(&url)
            .as_str()
            .into_client_request()
            .map_err(|error| Failure::Unreachable(error.to_string()))?;
        request.headers_mut().extend(headers);
        if let Some(cookies) = network.cookies(&url) {
            request.headers_mut().insert(header::COOKIE, cookies);
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(Some(limits.message))
            .max_frame_size(Some(limits.message));
        let (stream, response) =
            client_async_with_config(request, stream, Some(config)).await.map_err(|error| failure(&error))?;
        network.keep_cookies(response.headers(), &url);
        Ok(Self { stream, outgoing: VecDeque::new(), unflushed: false, failed: None })
    }

    pub(super) fn write(&mut self, frames: Vec<Frame>) {
        self.unflushed = true;
        self.outgoing.extend(frames.into_iter().map(|frame| match frame {
            // The text is UTF-8 by its type; the WebSocket's own type wants to see for itself.
            Frame::Text(text) => Message::text(String::from(text)),
            Frame::Binary(data) => Message::Binary(data),
            Frame::Ping => Message::Ping(Bytes::new()),
            Frame::Pong => Message::Pong(Bytes::new()),
        }));
    }

    /// Waits for the next thing to tell. Writing goes on whether or not there is room for reading.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, room: Room) -> Poll<Said> {
        match self.poll_write(cx) {
            Poll::Ready(Ok(())) => return Poll::Ready(Said::Written),
            Poll::Ready(Err(error)) => return Poll::Ready(Said::Failed(failure(&error))),
            Poll::Pending => {}
        }
        let frames = self.take_frames(cx, room);
        if !frames.is_empty() {
            return Poll::Ready(Said::Frames(frames));
        }
        match self.failed.take() {
            Some(failure) => Poll::Ready(Said::Failed(failure)),
            None => Poll::Pending,
        }
    }

    /// Takes the frames that have come already: handing them on one by one costs more than reading them.
    fn take_frames(&mut self, cx: &mut Context<'_>, room: Room) -> Vec<Frame> {
        let mut frames = Vec::new();
        let mut bytes = 0;
        while self.failed.is_none() && frames.len() < room.events.min(READ_BATCH) && bytes < room.bytes {
            match Pin::new(&mut self.stream).poll_next(cx) {
                Poll::Pending => break,
                Poll::Ready(None) => {
                    self.failed = Some(Failure::Lost("the WebSocket ended".to_owned()));
                }
                Poll::Ready(Some(Err(error))) => self.failed = Some(failure(&error)),
                Poll::Ready(Some(Ok(message))) => {
                    bytes += message.len();
                    match read(message) {
                        Ok(frame) => frames.extend(frame),
                        Err(failure) => self.failed = Some(failure),
                    }
                }
            }
        }
        frames
    }

    /// Says goodbye as WebSockets do, and waits no longer than `within`.
    pub(super) async fn close(mut self, within: Duration) {
        let _ = timeout(within, self.stream.close(None)).await;
    }

    /// Ready once everything is written, if there was anything.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if !self.unflushed {
            return Poll::Pending;
        }
        let mut stream = Pin::new(&mut self.stream);
        while !self.outgoing.is_empty() {
            match stream.as_mut().poll_ready(cx) {
                Poll::Ready(Ok(())) => {}
                other => return other,
            }
            if let Some(message) = self.outgoing.pop_front() {
                stream.as_mut().start_send(message)?;
            }
        }
        let flushed = stream.poll_flush(cx);
        self.unflushed = flushed.is_pending();
        flushed
    }
}

fn read(message: Message) -> Result<Option<Frame>, Failure> {
    Ok(Some(match message {
        Message::Text(text) => Frame::Text(Str::copy_from_slice(&text)),
        Message::Binary(data) => Frame::Binary(data),
        Message::Ping(_) => Frame::Ping,
        Message::Pong(_) => Frame::Pong,
        Message::Close(frame) => {
            let code = frame.map_or_else(|| "no code".to_owned(), |frame| frame.code.to_string());
            return Err(Failure::Lost(format!("the WebSocket was closed ({code})")));
        }
        Message::Frame(_) => return Ok(None),
    }))
}

fn websocket_url(url: &Url) -> Url {
    let mut url = url.clone();
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    // Both are special schemes, between which a URL may change.
    let _ = url.set_scheme(scheme);
    url
}

fn failure(error: &Error) -> Failure {
    match error {
        Error::Http(response) => {
            let status = response.status();
            if status.is_redirection() {
                let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
                return Failure::Redirected(to.unwrap_or("nowhere").chars().take(200).collect());
            }
            let body = response.body().as_deref().unwrap_or_default();
            Failure::Status { status: status.as_u16(), message: super::polling::words_of(body) }
        }
        Error::Capacity(tokio_tungstenite::tungstenite::error::CapacityError::MessageTooLong {
            max_size,
            ..
        }) => Failure::TooLarge(*max_size),
        error => Failure::Lost(error.to_string()),
    }
}
