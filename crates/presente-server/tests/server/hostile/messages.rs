//! Messages that are too large, too deep, in too many pieces, or too many.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use tokio::time::{Instant, timeout};

use super::{
    Case, case,
    raw::{CONTINUED, LAST, Raw, TEXT, text_frame},
    target::{EVIL, Target, answer},
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!("a frame of 64 MiB", 10, 8, huge_frame),
        case!("a message of 64 MiB in frames of 32 KiB", 15, 8, endless_message),
        case!("10,000 attachments", 5, 8, attachments),
        case!("JSON 60,000 deep, as request and as event", 5, 8, deep_json),
        case!("100,000 events", 20, 16, event_flood),
        case!("1,000 events that nobody listens for", 20, 16, unknown_events),
        case!("60 questions for the list at once", 15, 16, list_flood),
        case!("90 announcements at once", 10, 16, announcements),
        case!(
            "POST abuse of polling: strange bodies, two polls at once, 20,000 packets",
            10,
            16,
            polling_abuse
        ),
    ]
}

async fn member(target: &Target) -> Raw {
    Raw::socket(target.addr, EVIL, target.token_of("leo")).await
}

async fn huge_frame(target: &Target) -> String {
    let mut socket = member(target).await;
    socket.frame(LAST | TEXT, 64 << 20, b"42[\"enviar-mensaje\",\"").await;
    let out = socket.pour(&[b'a'; 16 * 1024], 64 << 20).await;
    assert!(out < 16 << 20, "{out} bytes were taken");
    socket.closed().await;
    "closed".to_owned()
}

async fn endless_message(target: &Target) -> String {
    let mut socket = member(target).await;
    socket.frame(TEXT, 4, b"42[\"").await;
    let piece = super::raw::frame(CONTINUED, 32 * 1024, &[b'a'; 32 * 1024]);
    let out = socket.pour(&piece, 64 << 20).await;
    assert!(out < 16 << 20, "{out} bytes were taken");
    socket.closed().await;
    "closed after 64 KiB".to_owned()
}

async fn attachments(target: &Target) -> String {
    for count in ["10000", "99999999999999999999", "2"] {
        let mut socket = member(target).await;
        socket.text(&format!(r#"45{count}-["enviar-mensaje",{{"_placeholder":true,"num":0}}]"#)).await;
        socket.closed().await;
    }
    "closed".to_owned()
}

async fn deep_json(target: &Target) -> String {
    let deep = "[".repeat(60_000);
    for body in [deep.clone(), format!("{{\"logedUser\":{deep}")] {
        let request = Target::client(EVIL).post(target.url("/api/auth/signIn")).body(body);
        assert_eq!(answer(request).await.0, StatusCode::BAD_REQUEST);
    }
    let mut socket = member(target).await;
    socket.text(&format!("421[\"enviar-mensaje\",{deep}")).await;
    socket.closed().await;
    let mut socket = member(target).await;
    socket.text(&format!("421[\"enviar-mensaje\",{}{}]", "[".repeat(30_000), "]".repeat(30_000))).await;
    let ack = socket.next_that("an ack", |text| text.starts_with("43")).await;
    assert!(ack.contains("\"success\":false"), "{ack}");
    "400; closed when broken, refused when whole".to_owned()
}

async fn event_flood(target: &Target) -> String {
    let mut socket = member(target).await;
    let flood = text_frame(r#"421["enviar-mensaje",7]"#).repeat(100);
    socket.pour(&flood, flood.len() * 1_000).await;
    let (said, _) = socket.closed().await;
    let refused = said.matches("\"success\":false").count();
    // A little more than 300: those that were read together with the last straw.
    assert!((100..=2_000).contains(&refused), "{refused} answers");
    "refused from the 101st on, closed after 300".to_owned()
}

async fn unknown_events(target: &Target) -> String {
    let mut socket = member(target).await;
    for _ in 0..10 {
        socket.write(&text_frame(r#"421["no such event",{}]"#).repeat(100)).await;
    }
    let (said, _) = socket.closed().await;
    let refused = said.matches("\"success\":false").count();
    assert!((1..=200).contains(&refused), "{refused} answers");
    "closed after 300".to_owned()
}

async fn list_flood(target: &Target) -> String {
    let mut socket = member(target).await;
    socket.write(&text_frame(r#"42["user list"]"#).repeat(60)).await;
    let start = Instant::now();
    let (mut lists, mut last) = (0, Duration::ZERO);
    while let Some(left) = Duration::from_secs(7).checked_sub(start.elapsed()) {
        let Ok(text) = timeout(left, socket.next()).await else { break };
        if text.expect("the socket stays open").starts_with("42[\"usersConected\"") {
            lists += 1;
            last = start.elapsed();
        }
    }
    assert!((2..=15).contains(&lists), "{lists} lists");
    assert!(last > Duration::from_secs(3), "the last question was not answered later: {last:?}");
    "5 answered, the rest later with one list".to_owned()
}

async fn announcements(target: &Target) -> String {
    let mut socket = member(target).await;
    for number in 0..90 {
        socket.text(&format!("42{number}[\"enviar-mensaje\",{}]", json!({ "mensaje": "hola" }))).await;
    }
    let mut refused = 0;
    for _ in 0..90 {
        let ack = socket.next_that("an ack", |text| text.starts_with("43")).await;
        refused += usize::from(ack.contains("\"success\":false"));
    }
    assert_eq!(refused, 70);
    "20 pass, 70 are refused".to_owned()
}

async fn polling_abuse(target: &Target) -> String {
    let client = Target::client(EVIL);
    let open = async || {
        let url = target.url("/socket.io/?EIO=4&transport=polling");
        let opened = client.get(&url).send().await.unwrap().text().await.unwrap();
        let opened: serde_json::Value = serde_json::from_str(&opened[1..]).unwrap();
        format!("{url}&sid={}", opened["sid"].as_str().unwrap())
    };
    for sid in ["", "x", "AAAAAAAAAAAAAAAA", "..%2f..", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let url = target.url(&format!("/socket.io/?EIO=4&transport=polling&sid={sid}"));
        assert_eq!(answer(client.post(url).body("2")).await.0, StatusCode::BAD_REQUEST, "{sid:?}");
    }
    for body in [
        "b!!!".to_owned(),
        "9".to_owned(),
        "\u{1e}".repeat(60_000),
        "3\u{1e}".repeat(20_000),
        "4".repeat(60_000),
        "42[\"user list\"]\u{1e}".repeat(4_000),
    ] {
        let url = open().await;
        let _ = answer(client.post(&url).body(body)).await;
    }
    // The second poll finds the first one waiting, and ends the session for both.
    let url = open().await;
    // There is a ping from the first moment on.
    assert_eq!(client.get(&url).send().await.unwrap().text().await.unwrap(), "2");
    let both = async { tokio::join!(client.get(&url).send(), client.get(&url).send()) };
    let _ = timeout(Duration::from_secs(3), both).await.expect("neither waits any longer");
    assert_eq!(answer(client.get(&url)).await.0, StatusCode::BAD_REQUEST, "the session is over");
    "400, sessions closed".to_owned()
}
