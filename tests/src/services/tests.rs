//! What the harness promises about the services.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail by panicking")]

use std::{net::SocketAddr, process::Command};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::{
    namespace::{Machine, here_or_alone},
    nginx::Nginx,
    postgres::Postgres,
    redis::Redis,
};
use crate::{
    process::{Process, Signal},
    wait::PATIENCE,
};

#[tokio::test]
async fn postgresql_keeps_what_was_committed_through_a_shutdown_and_a_loss_of_power() {
    let mut postgres = Postgres::start().await.unwrap();
    let url = postgres.url();
    postgres.ask("CREATE TABLE kept (word text)").await.unwrap();
    for (signal, expected) in [(Signal::Interrupt, "1"), (Signal::Kill, "2")] {
        postgres.ask("INSERT INTO kept VALUES ('here')").await.unwrap();
        postgres.stop(signal).await.unwrap();
        assert!(postgres.ask("SELECT 1").await.is_err(), "it was to be away");
        postgres.start_again().await.unwrap();
        assert_eq!(postgres.ask("SELECT count(*) FROM kept").await.unwrap(), expected, "{signal:?}");
    }
    assert_eq!(postgres.url(), url);
    postgres.create_database("other").await.unwrap();
    assert!(postgres.create_database("other").await.is_err());
}

#[tokio::test]
async fn redis_comes_back_at_its_port() {
    let mut redis = Redis::start().await.unwrap();
    for signal in [Signal::Term, Signal::Kill] {
        assert_eq!(redis.ask("PING").await.unwrap(), "+PONG");
        redis.stop(signal).await.unwrap();
        assert!(redis.ask("PING").await.is_err(), "it was to be away");
        redis.start_again().await.unwrap();
    }
    assert_eq!(redis.ask("PING").await.unwrap(), "+PONG");
}

/// A node that answers every request with the number of the request's cookie and of its own.
async fn node(name: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    if stream.read_buf(&mut head).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let body = format!("{name}\n{head}");
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    address
}

/// What somebody gets for a path, by the node that answers; and the cookie that is set.
async fn get(nginx: &Nginx, path: &str, headers: &[(&str, &str)]) -> (String, Option<String>) {
    let authority = reqwest::Certificate::from_pem(&std::fs::read(nginx.authority()).unwrap()).unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build().unwrap();
    let mut request = client.get(format!("{}{path}", nginx.url()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    let cookie = answer.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
    (answer.text().await.unwrap(), cookie)
}

fn who(answer: &str) -> &str {
    answer.lines().next().unwrap()
}

#[tokio::test]
async fn a_session_stays_at_its_node_whatever_its_client_shows() {
    let nodes = [node("one").await, node("two").await, node("three").await];
    let nginx = Nginx::start(&nodes).await.unwrap();
    let poll = "/socket.io/?EIO=4&transport=polling";
    let mut seen = std::collections::BTreeSet::new();
    for client in 0..24 {
        let cookie = format!("presente_route=browser-{client}");
        let token = format!("token-{client}");
        for shown in [("cookie", cookie.as_str()), ("x-token", token.as_str())] {
            let (first, set) = get(&nginx, poll, &[shown]).await;
            assert_eq!(set, None, "a new cookie would send the next request elsewhere");
            for later in
                [format!("{poll}&sid=abc&t={client}"), "/socket.io/?EIO=4&transport=websocket&sid=abc".into()]
            {
                assert_eq!(who(&get(&nginx, &later, &[shown]).await.0), who(&first), "{shown:?}");
            }
            // Node's client says its name in polling and not by WebSocket.
            let named = get(&nginx, poll, &[shown, ("user-agent", "node-XMLHttpRequest")]).await;
            assert_eq!(who(&named.0), who(&first), "{shown:?}");
            seen.insert(who(&first).to_owned());
        }
    }
    assert_eq!(seen.len(), 3, "clients behind one address are at {seen:?} only");
    let mut sockets = std::collections::BTreeSet::new();
    for _ in 0..24 {
        sockets.insert(who(&get(&nginx, "/socket.io/?EIO=4&transport=websocket", &[]).await.0).to_owned());
    }
    assert_eq!(sockets.len(), 3, "WebSockets are at {sockets:?} only");
}

#[tokio::test]
async fn who_has_no_cookie_gets_one_before_the_socket_and_nobody_gets_the_figures() {
    let nginx = Nginx::start(&[node("one").await]).await.unwrap();
    let (_, cookie) = get(&nginx, "/", &[]).await;
    assert!(cookie.is_some_and(|cookie| cookie.starts_with("presente_route=") && cookie.contains("Secure")));
    assert_eq!(get(&nginx, "/", &[("cookie", "presente_route=mine")]).await.1, None);
    let (metrics, _) = get(&nginx, "/metrics", &[]).await;
    assert!(metrics.contains("404"), "{metrics}");
}

#[tokio::test]
async fn a_node_is_told_whom_it_answers_and_a_client_cannot_lie_about_itself() {
    let nginx = Nginx::start(&[node("one").await]).await.unwrap();
    let lies = [("x-forwarded-for", "8.8.8.8"), ("forwarded", "for=8.8.8.8"), ("upgrade", "h2c")];
    let (seen, _) = get(&nginx, "/", &lies).await;
    let seen = seen.to_ascii_lowercase();
    assert!(seen.contains("x-forwarded-for: 127.0.0.1\r\n"), "{seen}");
    assert!(seen.contains("x-forwarded-proto: https\r\n"), "{seen}");
    assert!(seen.contains(&format!("host: {}\r\n", nginx.url().trim_start_matches("https://"))), "{seen}");
    assert!(!seen.contains("8.8.8.8") && !seen.contains("h2c"), "{seen}");
}

#[tokio::test]
async fn a_node_that_is_away_is_passed_over_and_a_new_one_is_taken() {
    let away = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let here = node("here").await;
    let mut nginx = Nginx::start(&[away, here]).await.unwrap();
    for client in 0..8 {
        let cookie = format!("presente_route={client}");
        assert_eq!(who(&get(&nginx, "/", &[("cookie", &cookie)]).await.0), "here");
    }
    nginx.stand_before(&[node("new").await]).await.unwrap();
    assert_eq!(who(&get(&nginx, "/", &[]).await.0), "new");
}

#[tokio::test]
async fn plain_http_is_sent_to_https() {
    let nginx = Nginx::start(&[node("one").await]).await.unwrap();
    let client =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = client.get(format!("{}/x?y", nginx.plain_url())).send().await.unwrap();
    assert_eq!(answer.status(), 301);
    assert_eq!(answer.headers()["location"], "https://localhost/x?y");
}

#[tokio::test]
async fn a_cut_cable_lets_nothing_through_and_says_nothing_and_a_mended_one_goes_on() {
    let name = "services::tests::a_cut_cable_lets_nothing_through_and_says_nothing_and_a_mended_one_goes_on";
    if !here_or_alone(name).await.unwrap() {
        return;
    }
    let machine = Machine::start().await.unwrap();
    let second = Machine::start().await.unwrap();
    let listener = TcpListener::bind((machine.this_end(), 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let talk = |machine: &Machine, to: std::net::Ipv4Addr| {
        let script =
            format!("exec 3<>/dev/tcp/{to}/{port}; while read line; do echo \"$line\" >&3; done; cat");
        let command = &mut Command::new("bash");
        Process::start("a talker", &mut machine.moved(command.args(["-c", &script]))).unwrap()
    };
    // The other machine reaches the same address by its own cable.
    for there in [&machine, &second] {
        let mut talker = talk(there, machine.this_end());
        let (mut stream, from) = listener.accept().await.unwrap();
        assert_eq!(from.ip(), there.address());
        talker.write_line("one").unwrap();
        assert_eq!(heard(&mut stream).await, "one\n");
        there.cut().unwrap();
        talker.write_line("two").unwrap();
        let silence = tokio::time::timeout(std::time::Duration::from_millis(700), heard(&mut stream)).await;
        assert!(silence.is_err(), "{silence:?} came through a cut cable");
        there.mend().unwrap();
        assert_eq!(tokio::time::timeout(PATIENCE, heard(&mut stream)).await.unwrap(), "two\n");
    }
}

async fn heard(stream: &mut TcpStream) -> String {
    let mut bytes = [0; 64];
    let count = stream.read(&mut bytes).await.unwrap();
    String::from_utf8_lossy(bytes.get(..count).unwrap()).into_owned()
}
