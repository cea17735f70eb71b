//! Clients that hold a connection and say little, the wrong thing, or too much.

use std::time::Duration;

use reqwest::StatusCode;

use super::{
    Case, case,
    raw::Raw,
    target::{EVIL, Target, answer},
};

/// Connections that each of the patient attacks holds.
const MANY: usize = 100;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!("half a head, on 100 connections", 12, 16, half_a_head),
        case!("connections that say nothing, 100", 12, 16, silence),
        case!("a body that drips, on 100 connections", 14, 16, dripping_body),
        case!("a head of 1 MiB", 5, 16, huge_head),
        case!("10,000 headers", 5, 16, many_headers),
        case!("TLS on the plain port", 5, 8, tls),
        case!("HTTP/2 without asking", 5, 8, http2),
        case!("a POST of 64 MiB that says so", 5, 8, announced_post),
        case!("a POST of 64 MiB in chunks", 10, 8, chunked_post),
        case!("600 connections from one address", 10, 24, many_connections),
        case!("pages of another site: request, polling, WebSocket, preflight", 5, 8, evil_origin),
    ]
}

/// Sends the same on many connections and waits until each is closed.
async fn on_many(target: &Target, bytes: &[u8]) -> (String, Duration) {
    let mut connections = Vec::new();
    for _ in 0..MANY {
        connections.push(Raw::send(target.addr, EVIL, bytes).await);
    }
    let mut last = (String::new(), Duration::ZERO);
    for connection in connections {
        let (said, took) = connection.closed().await;
        last = (said, last.1 + took);
    }
    last
}

async fn half_a_head(target: &Target) -> String {
    let (_, took) = on_many(target, b"GET / HTTP/1.1\r\nHost: x\r\n").await;
    assert!(took > Duration::from_secs(5), "honest slow clients have some time: {took:?}");
    "closed".to_owned()
}

async fn silence(target: &Target) -> String {
    on_many(target, b"").await;
    "closed".to_owned()
}

async fn dripping_body(target: &Target) -> String {
    let mut connections = Vec::new();
    for path in ["/api/auth/signOut", "/socket.io/?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAA"] {
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
        for _ in 0..MANY / 2 {
            connections.push(Raw::send(target.addr, EVIL, head.as_bytes()).await);
        }
    }
    for _ in 0..9 {
        for connection in &mut connections {
            connection.write(b" ").await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    for connection in connections {
        let (said, _) = connection.closed().await;
        assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    }
    "408, closed".to_owned()
}

async fn huge_head(target: &Target) -> String {
    let mut raw = Raw::send(target.addr, EVIL, b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ").await;
    let out = raw.pour(&[b'a'; 4096], 1 << 20).await;
    assert!(out < 1 << 20 || raw.closed().await.0.starts_with("HTTP/1.1 431"));
    "431, closed".to_owned()
}

async fn many_headers(target: &Target) -> String {
    let mut raw = Raw::send(target.addr, EVIL, b"GET / HTTP/1.1\r\nHost: x\r\n").await;
    raw.pour(b"a: b\r\n", 60_000).await;
    raw.write(b"\r\n").await;
    let (said, _) = raw.closed().await;
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 431"), "{said}");
    "431, closed".to_owned()
}

async fn tls(target: &Target) -> String {
    let mut hello = vec![0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03];
    hello.resize(517, 0x5a);
    let (said, took) = Raw::send(target.addr, EVIL, &hello).await.closed().await;
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 400"), "{said}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    "400, closed at once".to_owned()
}

async fn http2(target: &Target) -> String {
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";
    let (said, took) = Raw::send(target.addr, EVIL, preface).await.closed().await;
    assert!(!said.starts_with("HTTP/1.1 2"), "{said}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    "closed at once".to_owned()
}

async fn announced_post(target: &Target) -> String {
    for path in
        ["/api/auth/signIn", "/api/auth/signUp", "/socket.io/?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAA"]
    {
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", 64 << 20);
        let mut raw = Raw::send(target.addr, EVIL, head.as_bytes()).await;
        let head = raw.head().await;
        assert!(head.starts_with("HTTP/1.1 413"), "{head}");
        let out = raw.pour(&[b' '; 16 * 1024], 64 << 20).await;
        assert!(out < 16 << 20, "{out} bytes were taken");
    }
    "413 before the body".to_owned()
}

async fn chunked_post(target: &Target) -> String {
    let head = "POST /api/auth/signIn HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut raw = Raw::send(target.addr, EVIL, head.as_bytes()).await;
    let mut chunk = b"4000\r\n".to_vec();
    chunk.resize(6 + 0x4000, b' ');
    chunk.extend_from_slice(b"\r\n");
    let out = raw.pour(&chunk, 64 << 20).await;
    assert!(out < 16 << 20, "{out} bytes were taken");
    "413 after 64 KiB".to_owned()
}

async fn many_connections(target: &Target) -> String {
    let mut open = Vec::new();
    for _ in 0..600 {
        open.push(Raw::open(target.addr, EVIL).await);
    }
    // The one that came last is certainly looked at.
    open.pop().unwrap().closed().await;
    let mut closed = 1;
    for raw in &mut open {
        closed += usize::from(raw.is_closed().await);
    }
    assert_eq!(closed, 600 - 512);
    "512 stay, the others are closed at once".to_owned()
}

async fn evil_origin(target: &Target) -> String {
    let client = Target::client(EVIL);
    let evil = [("origin", "https://evil.example")];
    let with = |request: reqwest::RequestBuilder, headers: &[(&str, &str)]| {
        evil.iter().chain(headers).fold(request, |request, (name, value)| request.header(*name, *value))
    };
    let upgrade = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let polling = target.url("/socket.io/?EIO=4&transport=polling");
    for request in [
        with(client.get(target.url("/")), &[]),
        with(client.post(target.url("/api/auth/signIn")).body("{}"), &[]),
        with(client.get(&polling), &[]),
        with(client.post(&polling).body("40"), &[]),
        with(client.get(target.url("/socket.io/?EIO=4&transport=websocket")), &upgrade),
        with(
            client.request(reqwest::Method::OPTIONS, target.url("/api/auth/signIn")),
            &[("access-control-request-method", "POST")],
        ),
    ] {
        assert_eq!(answer(request).await.0, StatusCode::FORBIDDEN);
    }
    "403 each time".to_owned()
}
