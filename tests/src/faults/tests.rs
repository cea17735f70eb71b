//! The faults themselves.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{Answer, Fault, FaultProxy, HttpProxy, SocksProxy, UpgradeFault};

const REQUEST: &[u8] = b"GET /socket.io/?EIO=4 HTTP/1.1\r\nHost: x\r\n\r\n";
const UPGRADE: &[u8] = b"GET /socket.io/?EIO=4&sid=a HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
const MOMENT: Duration = Duration::from_millis(200);

/// A server that sends everything back.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = client.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    address
}

async fn say(to: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

async fn hear(stream: &mut TcpStream, length: usize) -> Vec<u8> {
    let mut heard = vec![0; length];
    stream.read_exact(&mut heard).await.unwrap();
    heard
}

#[tokio::test]
async fn what_passes_is_counted_and_arrives_even_byte_by_byte() {
    let proxy = FaultProxy::start(echo().await).await.unwrap();
    for size in [None, Some(1), Some(1400)] {
        if let Some(size) = size {
            proxy.split(size);
        }
        assert_eq!(hear(&mut say(proxy.address(), REQUEST).await, REQUEST.len()).await, REQUEST);
    }
    assert_eq!(proxy.requests().iter().filter(|request| request.is_handshake()).count(), 3);
    assert_eq!(proxy.connections().len(), 3);
}

#[tokio::test]
async fn every_fault_does_what_it_says() {
    let proxy = FaultProxy::start(echo().await).await.unwrap();
    for (fault, request, answer) in [
        (Fault::AcceptThenClose, REQUEST, Some("")),
        (Fault::Hang, REQUEST, None),
        (Fault::Answer(Answer::Empty), REQUEST, Some("HTTP/1.1 200")),
        (Fault::Answer(Answer::BadGateway), REQUEST, Some("HTTP/1.1 502")),
        (Fault::Answer(Answer::CaptivePortal), REQUEST, Some("HTTP/1.1 302")),
        (Fault::Upgrades(UpgradeFault::Refuse), UPGRADE, Some("HTTP/1.1 400")),
        (Fault::Upgrades(UpgradeFault::Hang), UPGRADE, None),
    ] {
        proxy.set(fault);
        let mut stream = say(proxy.address(), request).await;
        let mut heard = Vec::new();
        let ended = timeout(MOMENT, stream.read_to_end(&mut heard)).await;
        let heard = String::from_utf8_lossy(&heard);
        match answer {
            Some(answer) => assert!(ended.is_ok() && heard.starts_with(answer), "{fault:?}: {heard}"),
            None => assert!(ended.is_err() && heard.is_empty(), "{fault:?}: {heard}"),
        }
    }
}

#[tokio::test]
async fn a_frozen_connection_stays_half_open_beside_new_ones_until_it_is_reset() {
    let proxy = FaultProxy::start(echo().await).await.unwrap();
    let mut old = say(proxy.address(), b"a").await;
    assert_eq!(hear(&mut old, 1).await, b"a");
    proxy.freeze();
    old.write_all(b"b").await.unwrap();
    assert!(timeout(MOMENT, old.read_u8()).await.is_err(), "nothing passes");
    assert_eq!(hear(&mut say(proxy.address(), b"c").await, 1).await, b"c");
    proxy.reset();
    let error = old.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn proxies_pass_to_their_server_whatever_name_was_asked_for() {
    let server = echo().await;
    let proxy = HttpProxy::start(server, Some(("ana", "secret"))).await.unwrap();
    let mut stream = say(proxy.address(), b"CONNECT a.test:80 HTTP/1.1\r\n\r\n").await;
    assert!(hear(&mut stream, 12).await.ends_with(b"407"));
    let with_password = b"CONNECT a.test:80 HTTP/1.1\r\nProxy-Authorization: Basic YW5hOnNlY3JldA==\r\n\r\n";
    let mut stream = say(proxy.address(), with_password).await;
    assert!(hear(&mut stream, 39).await.ends_with(b"\r\n\r\n"));
    stream.write_all(b"x").await.unwrap();
    assert_eq!(hear(&mut stream, 1).await, b"x");
    assert_eq!((proxy.passed(), proxy.refused()), (1, 1));

    let proxy = SocksProxy::start(server).await.unwrap();
    let mut stream = say(proxy.address(), b"\x05\x01\x00\x05\x01\x00\x03\x06a.test\x00\x50x").await;
    assert_eq!(hear(&mut stream, 13).await.last(), Some(&b'x'));
    assert_eq!(proxy.passed(), 1);
}
