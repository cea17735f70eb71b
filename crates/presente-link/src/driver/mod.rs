//! Drives a [`crate::proto::Session`] with tokio: one task for each connection.

mod alarm;
mod network;
mod polling;
mod websocket;

pub use network::SetupError;

use crate::{
    options::{Options, Request, Transport},
    proto::{Action, Frame},
    reason::{CloseReason, Failure},
    shared::{Room, Shared},
};
use alarm::Alarm;
use bytes::Bytes;
pub(crate) use network::Network;
use polling::Door;
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};
use tokio::time::timeout;
use url::Url;
use websocket::{Said, WebSocket};

/// Engine.IO's packet that closes a session.
const CLOSE: &str = "1";

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What the transports report.
enum Report {
    Polled(Result<Bytes, Failure>),
    Posted(Result<(), Failure>),
    Opened(Result<Box<WebSocket>, Failure>),
    Frames(Vec<Frame>),
    Written,
    Failed(Failure),
}

/// Carries out what a session wants done.
struct Driver {
    network: Arc<Network>,
    options: Arc<Options>,
    request: Request,
    sid: Option<String>,
    /// Makes each polling request another one, for caches on the way.
    stamp: u64,
    http: Option<reqwest::Client>,
    polling: Option<Boxed<Result<Bytes, Failure>>>,
    posting: Option<Boxed<Result<(), Failure>>>,
    opening: Option<Boxed<Result<WebSocket, Failure>>>,
    websocket: Option<Box<WebSocket>>,
}

/// Drives the session in `shared` until it has ended.
pub(crate) async fn drive(
    shared: Arc<Shared>,
    network: Arc<Network>,
    options: Arc<Options>,
    request: Request,
) {
    let stamp = u64::from(rand::random::<u32>());
    let mut driver = Driver {
        network,
        options,
        request,
        sid: None,
        stamp,
        http: None,
        polling: None,
        posting: None,
        opening: None,
        websocket: None,
    };
    let mut alarm = Alarm::default();
    let reason = loop {
        let turn = shared.turn(now());
        if let Some(reason) = turn.ended {
            break reason;
        }
        for action in turn.actions {
            driver.act(action, &shared);
        }
        tokio::select! {
            // The next turn sees to everything, whatever ends this one; the timer, which is dear, is set last.
            biased;
            report = std::future::poll_fn(|cx| driver.poll(cx, turn.room)) => driver.on_report(report, &shared),
            () = shared.woken() => {}
            () = alarm.rings(turn.deadline) => {}
        }
    };
    let within = driver.options.deadlines.close;
    match shared.with(|session| session.engine().transport()) {
        Transport::WebSocket if reason == CloseReason::Local => {
            if let Some(websocket) = driver.websocket {
                websocket.close(within).await;
            }
        }
        // A server notices a GET that is dropped; while there is none it has to be told.
        Transport::Polling if driver.polling.is_none() => {
            drop(timeout(within, driver.post_close(&shared)).await);
        }
        _ => {}
    }
}

/// The time that the protocol counts by: tokio's, so that tests may stop it.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

impl Driver {
    fn act(&mut self, action: Action, shared: &Shared) {
        match action {
            Action::Poll => {
                let door = self.door(shared);
                self.polling = Some(Box::pin(async move { door?.get().await }));
            }
            Action::Post(body) => {
                let door = self.door(shared);
                self.posting = Some(Box::pin(async move { door?.post(body).await }));
            }
            Action::OpenWebSocket => {
                let url = self.request_url(Transport::WebSocket, shared);
                let (network, headers) = (self.network.clone(), self.request.headers.clone());
                self.opening =
                    Some(Box::pin(WebSocket::open(network, url, headers, self.options.limits.clone())));
            }
            Action::Write(frames) => {
                if let Some(websocket) = &mut self.websocket {
                    websocket.write(frames);
                }
            }
            Action::DropWebSocket => {
                self.opening = None;
                self.websocket = None;
            }
            Action::DropPolling => {
                self.polling = None;
                self.posting = None;
            }
        }
    }

    /// Ends a session that stands with the server, over polling.
    async fn post_close(&mut self, shared: &Shared) {
        // Without a client nothing was ever asked.
        if self.http.is_none() {
            return;
        }
        let door = self.door(shared);
        if let (Some(_), Ok(door)) = (&self.sid, door) {
            // Whatever comes of it, there is nothing more to be done.
            let _ = door.post(CLOSE.to_owned()).await;
        }
    }

    /// What the next polling request is made with.
    fn door(&mut self, shared: &Shared) -> Result<Door, Failure> {
        let url = self.request_url(Transport::Polling, shared);
        let (headers, limit) = (self.request.headers.clone(), self.options.limits.message);
        Ok(Door { client: self.http()?, url, headers, limit })
    }

    fn http(&mut self) -> Result<reqwest::Client, Failure> {
        if let Some(http) = &self.http {
            return Ok(http.clone());
        }
        let http = self.network.http(&self.request.url)?;
        Ok(self.http.insert(http).clone())
    }

    fn request_url(&mut self, transport: Transport, shared: &Shared) -> Url {
        if self.sid.is_none() {
            self.sid = shared.with(|session| session.engine().open().map(|open| open.sid.clone()));
        }
        let mut url = self.request.url.clone();
        {
            let mut query = url.query_pairs_mut();
            for (name, value) in &self.request.query {
                query.append_pair(name, value);
            }
            query.append_pair("EIO", "4").append_pair("transport", transport.name());
            if let Some(sid) = &self.sid {
                query.append_pair("sid", sid);
            }
            if transport == Transport::Polling {
                self.stamp += 1;
                query.append_pair("t", &format!("{:x}", self.stamp));
            }
        }
        url
    }

    fn poll(&mut self, cx: &mut Context<'_>, room: Room) -> Poll<Report> {
        if let Some(websocket) = &mut self.websocket
            && let Poll::Ready(said) = websocket.poll(cx, room)
        {
            return Poll::Ready(match said {
                Said::Frames(frames) => Report::Frames(frames),
                Said::Written => Report::Written,
                Said::Failed(failure) => Report::Failed(failure),
            });
        }
        if let Poll::Ready(result) = take_ready(&mut self.opening, cx) {
            return Poll::Ready(Report::Opened(result.map(Box::new)));
        }
        if let Poll::Ready(result) = take_ready(&mut self.posting, cx) {
            return Poll::Ready(Report::Posted(result));
        }
        take_ready(&mut self.polling, cx).map(Report::Polled)
    }

    fn on_report(&mut self, report: Report, shared: &Shared) {
        let now = now();
        shared.with(|session| match report {
            Report::Polled(Ok(body)) => session.polled(body, now),
            Report::Posted(Ok(())) => session.posted(now),
            Report::Polled(Err(failure)) | Report::Posted(Err(failure)) => {
                session.failed(Transport::Polling, failure, now);
            }
            Report::Opened(Ok(websocket)) => {
                self.websocket = Some(websocket);
                session.websocket_opened(now);
            }
            Report::Frames(frames) => {
                for frame in frames {
                    session.received(frame, now);
                }
            }
            Report::Written => session.written(now),
            Report::Failed(failure) | Report::Opened(Err(failure)) => {
                self.websocket = None;
                session.failed(Transport::WebSocket, failure, now);
            }
        });
    }
}

/// Polls a future that may be there, and takes it away when it is done.
fn take_ready<T>(slot: &mut Option<Boxed<T>>, cx: &mut Context<'_>) -> Poll<T> {
    let Some(future) = slot else { return Poll::Pending };
    let result = future.as_mut().poll(cx);
    if result.is_ready() {
        *slot = None;
    }
    result
}
