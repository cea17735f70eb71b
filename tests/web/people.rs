//! The list: other clients, several tabs, what people say of themselves.

use std::process::Command;

use presente_tests::{
    binaries::{self, binary},
    browser::{Browser, Look},
    process::{Process, Signal},
    wait::PATIENCE,
};
use serde_json::json;
use tempfile::TempDir;
use thirtyfour::prelude::*;

use crate::stage::{Page, ana, beto, browser_at, comes, lucia, server};

#[tokio::test]
async fn the_page_and_our_own_client_see_each_other() {
    let server = server(&[lucia(), ana()]).await;
    let browser = browser_at(&server, Look::default()).await;
    browser.sign_in(&lucia()).await;
    let home = TempDir::new().unwrap();
    let mut command = Command::new(binary(binaries::CLI).unwrap());
    command.args(["watch", "--server", server.url(), "--email", &ana().email, "--json"]);
    command.env("PRESENTE_PASSWORD", ana().password).env("HOME", home.path());
    command.env_remove("XDG_CONFIG_HOME").env_remove("XDG_CACHE_HOME");
    let mut watch = Process::start("presente-cli watch", &mut command).unwrap();
    watch.stdout().wait_for("Lucía Méndez", PATIENCE).await.unwrap();
    browser.says("#people", "Ana Ríos").await;
    watch.signal(Signal::Term).unwrap();
    assert!(watch.ended(PATIENCE).await.unwrap().success());
    browser.says_no_more("#people", "Ana Ríos").await;
}

/// A second tab, which has the focus from now on; gives the first.
async fn second_tab(browser: &Browser, url: &str) -> WindowHandle {
    let first = browser.driver().window().await.unwrap();
    let second = browser.driver().new_tab().await.unwrap();
    browser.driver().switch_to_window(second).await.unwrap();
    browser.driver().goto(url).await.unwrap();
    first
}

#[tokio::test]
async fn two_tabs_are_two_people_or_the_same_one_twice() {
    let server = server(&[lucia(), ana(), beto()]).await;
    let browser = browser_at(&server, Look::default()).await;
    browser.sign_in(&lucia()).await;
    let first = second_tab(&browser, server.url()).await;
    assert!(browser.is_visible("screen-entry").await, "a session belongs to its tab");
    browser.sign_in(&ana()).await;
    browser.says("#people", "Lucía Méndez").await;
    let second = browser.driver().window().await.unwrap();
    browser.driver().switch_to_window(first.clone()).await.unwrap();
    browser.says("#people", "Ana Ríos").await;

    // The same person on a third one: once in the list, and gone from it with the last.
    second_tab(&browser, server.url()).await;
    browser.sign_in(&lucia()).await;
    browser.driver().switch_to_window(second.clone()).await.unwrap();
    assert_eq!(browser.text("#people").await.matches("Lucía Méndez").count(), 1);
    browser.driver().switch_to_window(first).await.unwrap();
    browser.click("sign-out").await;
    browser.visible("screen-entry").await;
    let beto = comes(&server, &beto()).await;
    browser.driver().switch_to_window(second).await.unwrap();
    browser.says("#people", "Beto Núñez").await;
    assert!(browser.text("#people").await.contains("Lucía Méndez"), "one device was signed out, not all");
    drop(beto);
}

#[tokio::test]
async fn tabs_opened_out_of_one_another_share_a_session_and_end_it_together() {
    let server = server(&[lucia()]).await;
    let browser = browser_at(&server, Look::default()).await;
    browser.sign_in(&lucia()).await;
    let first = browser.driver().window().await.unwrap();
    // As "duplicate this tab" does.
    browser.driver().execute("window.open(location.href)", vec![]).await.unwrap();
    let tabs = browser.driver().windows().await.unwrap();
    let copy = tabs.into_iter().find(|tab| *tab != first).unwrap();
    browser.driver().switch_to_window(copy).await.unwrap();
    browser.says("#me-words", "En línea").await;
    browser.click("sign-out").await;
    browser.visible("screen-entry").await;
    browser.driver().switch_to_window(first).await.unwrap();
    browser.says("#problem", "Has cerrado la sesión.").await;
    assert_eq!(browser.value("return sessionStorage.length").await, json!(0));
}

#[tokio::test]
async fn how_people_can_be_reached_is_said_in_words_and_in_shapes() {
    let server = server(&[lucia(), ana(), beto()]).await;
    let browser = browser_at(&server, Look::default()).await;
    browser.sign_in(&lucia()).await;
    let (mut ana, mut beto) = (comes(&server, &ana()).await, comes(&server, &beto()).await);
    ana.emit("presence:set", &json!({ "a": "dnd", "t": "En la biblioteca" })).unwrap();
    beto.emit("presence:set", &json!({ "a": "away" })).unwrap();
    browser.says("#people .person:first-child .words", "No molestar · En la biblioteca").await;
    browser.says("#people .person:last-child .words", "Ausente").await;
    let shapes =
        "return [...document.querySelectorAll('#people use')].map((use) => use.getAttribute('href'))";
    assert_eq!(browser.value(shapes).await, json!(["#shape-dnd", "#shape-away"]));
    beto.emit("presence:set", &json!({ "a": "invisible" })).unwrap();
    browser.says_no_more("#people", "Beto Núñez").await;
}

#[tokio::test]
async fn where_the_server_offers_nothing_better_the_page_is_a_client_of_the_field() {
    let server = server(&[lucia(), ana()]).await;
    let browser = Browser::start(Look::default()).await.unwrap();
    // What the page offers is lost on the way, as by a server that knows nothing of it.
    let lost = "let real; Object.defineProperty(window, 'io', {
        set(io) { real = io; },
        get() { return (options) => { delete options.auth.presence; window.plain = true; return real(options); }; },
    });";
    let cdp = browser.driver().cdp();
    let script = json!({ "source": lost });
    cdp.send_raw("Page.addScriptToEvaluateOnNewDocument", script).await.unwrap();
    browser.driver().goto(server.url()).await.unwrap();
    browser.sign_in(&lucia()).await;
    assert_eq!(browser.value("return window.plain").await, json!(true));
    let mut ana = comes(&server, &ana()).await;
    browser.says("#people", "Ana Ríos").await;
    ana.close().unwrap();
    browser.says_no_more("#people", "Ana Ríos").await;
}

#[tokio::test]
async fn the_servers_greeting_is_shown_and_read_as_the_message_of_the_day() {
    let server = server(&[lucia()]).await;
    let browser = browser_at(&server, Look::default()).await;
    browser.sign_in(&lucia()).await;
    let said = browser.visible("said").await;
    let words = said.prop("textContent").await.unwrap().unwrap();
    assert_eq!(words, "Mensaje del día: ¡Hola! Estás en contacto con el servidor de Presente.");
}

#[tokio::test]
async fn who_comes_is_read_out_in_one_breath_and_the_list_itself_is_no_live_region() {
    let server = server(&[lucia(), ana(), beto()]).await;
    let browser = browser_at(&server, Look::default()).await;
    browser.sign_in(&lucia()).await;
    browser.says("#live", "nadie más en línea").await;
    browser.listen().await;
    let (_ana, _beto) = (comes(&server, &ana()).await, comes(&server, &beto()).await);
    browser.until_true("something to be said", "return spoken.length > 0").await;
    assert_eq!(browser.value("return spoken").await, json!(["Han llegado 2 personas."]));
    let live = "return [...document.querySelectorAll('[aria-live], [role=status], [role=alert], [role=log]')].map((one) => one.id)";
    assert_eq!(browser.value(live).await, json!(["live", "problem"]));
}
