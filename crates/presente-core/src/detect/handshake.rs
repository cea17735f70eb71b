//! The first question: does Socket.IO answer there, and which?

use crate::{
    http::{Http, redirection, transport_error},
    server_url::ServerUrl,
    session::SessionError,
};
use async_trait::async_trait;
use reqwest::{RequestBuilder, header::CONTENT_TYPE};
use serde::Deserialize;
use std::time::Duration;

/// How long the answer may take.
const WITHIN: Duration = Duration::from_secs(10);
/// How long closing may take what was opened to look.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// A handshake has some hundred bytes.
const MAX_BYTES: usize = 16 * 1024;

/// What answers where Socket.IO should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handshake {
    /// Engine.IO 4.
    Open {
        /// The transports that it offers besides polling.
        upgrades: Vec<String>,
    },
    /// Engine.IO, without long-polling.
    PollingOff,
    /// Engine.IO that lets us in only with a proof.
    Forbidden,
    /// Engine.IO 3: Socket.IO 2 or older.
    Old,
    /// Something else.
    Nothing {
        /// Its HTTP status.
        status: u16,
    },
}

/// Asks whether Socket.IO answers.
#[async_trait]
pub trait Handshakes: Send + Sync {
    /// Asks at this path below the server's address, and leaves nothing open. Redirects are not followed.
    ///
    /// # Errors
    /// No answer of HTTP came, or it was a redirect, or one that tells of a failure of the server.
    async fn ask(&self, server: &ServerUrl, path: &str) -> Result<Handshake, SessionError>;
}

/// The same over HTTP.
#[derive(Debug, Clone)]
pub struct HttpHandshakes {
    http: Http,
}

impl HttpHandshakes {
    /// Makes the HTTP client; servers are asked to answer in `language`, an ISO 639 code.
    ///
    /// # Errors
    /// The TLS library cannot start.
    pub fn new(language: &'static str) -> Result<Self, reqwest::Error> {
        Ok(Self { http: Http::new(language, WITHIN)? })
    }

    /// Says goodbye. Best effort: a session that nobody uses ends by itself.
    async fn close(request: RequestBuilder, packet: &'static str) {
        let request =
            request.timeout(CLOSE_WITHIN).header(CONTENT_TYPE, "text/plain;charset=UTF-8").body(packet);
        if let Err(error) = request.send().await {
            tracing::debug!(error = %error.without_url(), "the session that was opened to look was not closed");
        }
    }
}

#[async_trait]
impl Handshakes for HttpHandshakes {
    async fn ask(&self, server: &ServerUrl, path: &str) -> Result<Handshake, SessionError> {
        let client = self.http.to(server);
        let mut url = server.with_path(path);
        url.set_query(Some("EIO=4&transport=polling"));
        let mut response = client.get(url.clone()).send().await.map_err(|error| transport_error(&error))?;
        let status = response.status();
        if let Some(elsewhere) = redirection(&response) {
            return Err(elsewhere);
        }
        let mut bytes = Vec::new();
        while bytes.len() < MAX_BYTES {
            let Some(chunk) = response.chunk().await.map_err(|error| transport_error(&error))? else { break };
            bytes.extend_from_slice(&chunk);
        }
        let (handshake, sid) = read(status.as_u16(), &String::from_utf8_lossy(&bytes));
        if let Some(sid) = sid {
            let goodbye = if handshake == Handshake::Old { "1:1" } else { "1" };
            url.query_pairs_mut().append_pair("sid", &sid);
            Self::close(client.post(url), goodbye).await;
        }
        match handshake {
            Handshake::Nothing { status: 500.. } => {
                Err(SessionError::ServerFailed { status: status.as_u16() })
            }
            handshake => Ok(handshake),
        }
    }
}

/// The packet that opens a session.
#[derive(Deserialize)]
struct Opened {
    sid: String,
    #[serde(default)]
    upgrades: Vec<String>,
}

/// What Engine.IO says to a request that it does not take.
#[derive(Deserialize)]
struct Complaint {
    code: u8,
    message: String,
}

/// Reads an answer; returns too the session that was opened to look, if one was.
fn read(status: u16, text: &str) -> (Handshake, Option<String>) {
    let opened = |text: &str| {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<Opened>();
        values.next()?.ok()
    };
    if let Some(Opened { sid, upgrades }) = text.strip_prefix('0').and_then(opened) {
        return (Handshake::Open { upgrades }, Some(sid));
    }
    // Engine.IO 3 writes the length of each packet before it.
    if let Some((length, packet)) = text.split_once(":0")
        && length.parse::<u32>().is_ok()
        && let Some(Opened { sid, .. }) = opened(packet)
    {
        return (Handshake::Old, Some(sid));
    }
    let handshake = match serde_json::from_str::<Complaint>(text) {
        Ok(Complaint { code: 0, message }) if message.contains("ransport") => Handshake::PollingOff,
        Ok(Complaint { code: 4, .. }) => Handshake::Forbidden,
        Ok(Complaint { code: 5, .. }) => Handshake::Old,
        _ => Handshake::Nothing { status },
    };
    (handshake, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        sync::mpsc,
    };

    #[test]
    fn every_answer_is_known_for_what_it_is() {
        let open = |upgrades: &[&str]| Handshake::Open {
            upgrades: upgrades.iter().map(|name| (*name).to_owned()).collect(),
        };
        for (status, text, means) in [
            (
                200,
                r#"0{"sid":"x","upgrades":["websocket"],"pingInterval":1,"maxPayload":2}"#,
                open(&["websocket"]),
            ),
            (200, r#"0{"sid":"x","upgrades":[]}"#, open(&[])),
            (200, "0{\"sid\":\"x\"}\u{1e}2probe", open(&[])),
            (400, r#"{"code":0,"message":"Transport unknown"}"#, Handshake::PollingOff),
            (403, r#"{"code":4,"message":"Forbidden"}"#, Handshake::Forbidden),
            (400, r#"{"code":5,"message":"Unsupported protocol version"}"#, Handshake::Old),
            (200, r#"96:0{"sid":"x","upgrades":[]}2:40"#, Handshake::Old),
            (404, "<!doctype html>", Handshake::Nothing { status: 404 }),
            (200, "0", Handshake::Nothing { status: 200 }),
            (200, "0{}", Handshake::Nothing { status: 200 }),
            (401, r#"{"code":0,"message":"Token missing"}"#, Handshake::Nothing { status: 401 }),
            (200, r#"{"code":1000,"message":"x"}"#, Handshake::Nothing { status: 200 }),
            (200, "", Handshake::Nothing { status: 200 }),
        ] {
            let (handshake, sid) = read(status, text);
            assert_eq!(handshake, means, "of {status} {text}");
            assert_eq!(sid.is_some(), text.contains("sid"), "what was opened is to be closed: {text}");
        }
    }

    /// Asks a server that answers every request with this, and returns the first lines of all requests too.
    async fn ask(answer: &str) -> (Result<Handshake, SessionError>, Vec<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = ServerUrl::parse(&listener.local_addr().unwrap().to_string()).unwrap();
        let answer = answer.to_owned();
        let (sender, mut lines) = mpsc::unbounded_channel();
        let answering = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap();
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                sender.send(request.lines().next().unwrap_or_default().to_owned()).unwrap();
                // Who has read enough hangs up.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        let asked = HttpHandshakes::new("es").unwrap().ask(&server, "/socket.io/").await;
        answering.abort();
        let _ = answering.await;
        let mut told = Vec::new();
        while let Some(line) = lines.recv().await {
            told.push(line);
        }
        (asked, told)
    }

    #[tokio::test]
    async fn redirects_are_not_followed_failures_are_told_and_what_has_no_end_is_not_read_to_it() {
        let endless = format!("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n{}", "x".repeat(1 << 20));
        for (answer, expected) in [
            (
                "HTTP/1.1 301 Moved\r\nLocation: https://b.example/x?secret=1\r\nContent-Length: 0\r\n\r\n",
                Err(SessionError::Redirected { to: "https://b.example/x".to_owned() }),
            ),
            (
                "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nbad",
                Err(SessionError::ServerFailed { status: 502 }),
            ),
            ("nonsense\r\n\r\n", Err(SessionError::Unreachable)),
            (endless.as_str(), Ok(Handshake::Nothing { status: 200 })),
        ] {
            let (asked, told) = ask(answer).await;
            assert_eq!(asked, expected);
            assert_eq!(told, ["GET /socket.io/?EIO=4&transport=polling HTTP/1.1"]);
        }
    }

    #[tokio::test]
    async fn the_session_that_was_opened_to_look_is_closed() {
        let opened = r#"0{"sid":"s&1","upgrades":[]}"#;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{opened}",
            opened.len()
        );
        let (asked, told) = ask(&answer).await;
        assert_eq!(asked, Ok(Handshake::Open { upgrades: Vec::new() }));
        assert_eq!(told[1..], ["POST /socket.io/?EIO=4&transport=polling&sid=s%261 HTTP/1.1"]);
    }

    proptest! {
        #[test]
        fn no_answer_makes_reading_panic(start in "(0|9?9:0|)", text in ".*") {
            read(200, &format!("{start}{text}"));
        }
    }
}
