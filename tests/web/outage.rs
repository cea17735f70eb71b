//! What the page says when the server goes away and comes back.

use presente_tests::{browser::Look, process::Signal};
use serde_json::json;

use crate::stage::{Page, ana, browser_at, comes, lucia, server};

#[tokio::test]
async fn an_outage_is_said_in_words_with_the_time_of_the_list_and_ends_by_itself() {
    let mut server = server(&[lucia(), ana()]).await;
    let browser = browser_at(&server, Look::default()).await;
    browser.sign_in(&lucia()).await;
    let mut ana = comes(&server, &ana()).await;
    browser.says("#people", "Ana Ríos").await;

    browser.listen().await;
    for signal in [Signal::Kill, Signal::Term] {
        server.process().signal(signal).unwrap();
        browser.visible("banner").await;
        browser.says("#me-words", "Reconectando").await;
        let banner = browser.text("#banner").await;
        assert!(banner.contains("Se perdió la conexión con 127.0.0.1"), "{banner}");
        let time = banner.split("La lista es de las ").nth(1).unwrap_or_default();
        // As in "14:02."
        assert!(time.len() == 6 && time.find(':') == Some(2), "{banner:?}");
        assert!(browser.text("#people").await.contains("Ana Ríos"), "the last list stays");
        assert_eq!(browser.value("return document.body.className").await, json!("stale"));
        // Said once, and only when it is no mere blip.
        browser.says_aloud("Se perdió la conexión").await;

        server.restart(signal).await.unwrap();
        browser.says("#me-words", "En línea").await;
        browser.says_aloud("Conectado de nuevo.").await;
        assert!(!browser.is_visible("banner").await);
        browser.says("#people", "Ana Ríos").await;
    }
    ana.close().unwrap();
    browser.says_no_more("#people", "Ana Ríos").await;
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_no_reason_to_lose_what_was_typed() {
    let mut server = server(&[lucia()]).await;
    let browser = browser_at(&server, Look::default()).await;
    browser.fill("email", &lucia().email).await;
    browser.fill("password", &lucia().password).await;
    server.process().stop().await.unwrap();
    browser.click("submit").await;
    browser.says("#problem", "No se puede llegar al servidor").await;
    assert_eq!(
        browser.value("return document.getElementById('password').value").await,
        json!(lucia().password)
    );
    assert_eq!(browser.focus().await, "submit");
}
