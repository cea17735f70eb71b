//! Sockets that never prove themselves, and handshakes that lead nowhere.

use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode};

use super::{
    Case, case,
    raw::Raw,
    target::{EVIL, Target},
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!("300 sockets from one address that never CONNECT", 25, 24, never_connect),
        case!("1,000 attempts to CONNECT on one socket", 10, 16, knocking),
        case!("upgrades that never finish or belong to nobody", 16, 16, upgrades),
        case!("a client of Engine.IO 3", 5, 8, old_version),
        case!("40 sockets of one person", 10, 24, many_of_one),
    ]
}

async fn open(client: &Client, target: &Target) -> Result<String, StatusCode> {
    let url = target.url("/socket.io/?EIO=4&transport=polling");
    let answer = client.get(&url).send().await.unwrap();
    match answer.status() {
        StatusCode::OK => {
            let opened = answer.text().await.unwrap();
            let opened: serde_json::Value = serde_json::from_str(&opened[1..]).unwrap();
            Ok(opened["sid"].as_str().unwrap().to_owned())
        }
        refused => Err(refused),
    }
}

async fn never_connect(target: &Target) -> String {
    let client = Target::client(EVIL);
    let (start, mut refused) = (Instant::now(), 0);
    for _ in 0..300 {
        match open(&client, target).await {
            Ok(_) => {}
            Err(StatusCode::TOO_MANY_REQUESTS) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(refused, 300 - 256);
    while open(&client, target).await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(10), "the places are not free again");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (_, took) = Raw::websocket(target.addr, EVIL, "").await.closed().await;
    assert!((3..=7).contains(&took.as_secs()), "{took:?}");
    "256 get in, the others 429; closed after 5 s".to_owned()
}

async fn knocking(target: &Target) -> String {
    let mut socket = Raw::websocket(target.addr, EVIL, "").await;
    for _ in 0..1_000 {
        socket.text(r#"40{"token":"guess"}"#).await;
    }
    let (said, took) = socket.closed().await;
    assert!(took < Duration::from_secs(7), "{took:?}");
    assert!(!said.contains("40{\"sid\""), "it got in");
    "10 are looked at, closed after 5 s".to_owned()
}

async fn upgrades(target: &Target) -> String {
    let client = Target::client(EVIL);
    let (_, took) = Raw::websocket(target.addr, EVIL, "&sid=AAAAAAAAAAAAAAAA").await.closed().await;
    assert!(took < Duration::from_secs(2), "{took:?}");
    let sid = open(&client, target).await.unwrap();
    let query = format!("&sid={sid}");
    let mut probes = Vec::new();
    for _ in 0..20 {
        probes.push(Raw::websocket(target.addr, EVIL, &query).await);
    }
    for mut probe in probes {
        probe.text("2probe").await;
        probe.closed().await;
    }
    "closed".to_owned()
}

async fn old_version(target: &Target) -> String {
    let client = Target::client(EVIL);
    for transport in ["polling", "websocket"] {
        let url = target.url(&format!("/socket.io/?EIO=3&transport={transport}"));
        let answer = client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let body: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(body["code"], 5, "{body}");
    }
    "400, code 5".to_owned()
}

async fn many_of_one(target: &Target) -> String {
    let token = target.token_of("leo");
    let mut sockets = Vec::new();
    for _ in 0..40 {
        sockets.push(Raw::socket(target.addr, EVIL, token).await);
    }
    // The newest works, whatever became of the oldest.
    let newest = sockets.last_mut().unwrap();
    newest.text(r#"42["user list"]"#).await;
    newest.next_of("usersConected").await;
    let oldest = sockets.remove(0);
    let mut oldest = oldest;
    oldest.next_that("a farewell", |text| text == "41").await;
    "10 stay, the oldest go".to_owned()
}
