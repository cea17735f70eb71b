//! Coming in and going out: with a password, a new account, the keyboard alone, after a reload.

use presente_tests::{
    browser::{Browser, Look},
    node::{FieldClient, SeedUser},
    presente_server::PresenteServer,
};
use serde_json::{Value, json};
use thirtyfour::{TypingData, prelude::*};

use crate::stage::{Page, ana, browser_at, comes, lucia, post, server, token_of};

const ENGLISH: Look = Look { languages: "en-GB,en", dark: false, still: false, width: 800 };

/// Whether Lucía is in a list.
fn has_lucia(list: &Value) -> bool {
    list["response"]["user"].as_array().unwrap().iter().any(|user| user["email"] == "lucia@example.org")
}

/// Waits until somebody's client hears a list with or without Lucía.
async fn hears_lucia(client: &mut FieldClient, online: bool) {
    let fits = |list: &Value| has_lucia(list) == online;
    client
        .wait_for("Lucía in a list or out of it", |heard| {
            heard.event == "usersConected" && heard.args.first().is_some_and(fits)
        })
        .await
        .unwrap();
}

async fn page_of_lucia(server: &PresenteServer) -> Browser {
    let browser = browser_at(server, Look::default()).await;
    browser.sign_in(&lucia()).await;
    browser
}

#[tokio::test]
async fn somebody_signs_in_sees_who_comes_and_goes_and_signs_out() {
    let server = server(&[lucia(), ana()]).await;
    let browser = page_of_lucia(&server).await;
    assert_eq!(browser.text("#me-words").await, "En línea");
    assert!(browser.is_visible("empty").await, "nobody else is there");

    let mut ana = comes(&server, &ana()).await;
    hears_lucia(&mut ana, true).await;
    browser.says("#people .person", "Ana Ríos").await;
    assert_eq!(browser.text("#people .person .words").await, "En línea");
    assert_eq!(browser.text("#people").await.matches("Lucía").count(), 0, "she is above the list, not in it");
    browser.says("#where", "1 persona más en línea").await;
    ana.close().unwrap();
    browser.says_no_more("#people", "Ana Ríos").await;

    ana.open().unwrap();
    browser.says("#people .person", "Ana Ríos").await;
    browser.click("sign-out").await;
    browser.says("#problem", "Has cerrado la sesión.").await;
    hears_lucia(&mut ana, false).await;
    assert_eq!(browser.value("return sessionStorage.length + localStorage.length").await, json!(0));
    assert_eq!(browser.value("return document.cookie").await, json!(""));
    assert_eq!(browser.focus().await, "password", "the address is filled in already");
}

#[tokio::test]
async fn an_account_is_made_and_used_at_once() {
    let server = server(&[]).await;
    let browser = browser_at(&server, ENGLISH).await;
    browser.click("mode").await;
    assert_eq!(browser.text("#entry-title").await, "Create your account");
    assert_eq!(browser.focus().await, "first-name");
    for (field, text) in
        [("first-name", "Eva"), ("last-name", "Soto"), ("email", "eva@example.org"), ("password", "corta")]
    {
        browser.fill(field, text).await;
    }
    browser.click("submit").await;
    browser.says("#problem", "between 8 and 1024").await;
    browser.fill("password", "larga y buena").await;
    browser.click("submit").await;
    browser.says("#me-name", "Eva Soto").await;
    browser.says("#me-words", "Online").await;
}

#[tokio::test]
async fn a_refusal_is_shown_in_the_language_of_the_page_and_the_focus_is_where_to_mend_it() {
    let server = server(&[lucia()]).await;
    let stranger = SeedUser::new("nobody@example.org", "No", "Body");
    for (languages, path, words, missing) in [
        ("es-MX,es", "", "no son correctos", "Escribe tu correo"),
        ("en-GB,en", "", "is not right", "Enter your e-mail"),
        ("es-MX,es", "/?lang=en", "is not right", "Enter your e-mail"),
    ] {
        let browser = Browser::start(Look { languages, ..Look::default() }).await.unwrap();
        browser.driver().goto(format!("{}{path}", server.url())).await.unwrap();
        browser.click("submit").await;
        browser.says("#problem", missing).await;
        assert_eq!(browser.focus().await, "email");
        browser.fill("email", &stranger.email).await;
        browser.fill("password", &stranger.password).await;
        browser.click("submit").await;
        browser.says("#problem", words).await;
        assert_eq!(browser.focus().await, "password");
        let chosen = "const { selectionStart, selectionEnd } = document.activeElement; return selectionEnd - selectionStart";
        assert_eq!(browser.value(chosen).await, json!(stranger.password.len()), "ready to be typed anew");
    }
}

#[tokio::test]
async fn everything_can_be_done_with_the_keyboard() {
    let server = server(&[lucia()]).await;
    let browser = browser_at(&server, Look::default()).await;
    let press = async |keys: TypingData| {
        browser.driver().active_element().await.unwrap().send_keys(keys).await.unwrap();
    };
    browser.until_true("the focus in the form", "return document.activeElement.id === 'email'").await;
    press(lucia().email.into()).await;
    press(Key::Tab + "").await;
    press(lucia().password.into()).await;
    press(Key::Enter + "").await;
    browser.says("#me-words", "En línea").await;
    assert_eq!(browser.focus().await, "people-title", "reading goes on at the list");
    browser
        .driver()
        .action_chain()
        .key_down(Key::Shift)
        .send_keys(Key::Tab)
        .key_up(Key::Shift)
        .perform()
        .await
        .unwrap();
    assert_eq!(browser.focus().await, "sign-out");
    press(Key::Enter + "").await;
    browser.visible("screen-entry").await;
}

#[tokio::test]
async fn a_reload_keeps_the_session_and_nobody_sees_it() {
    let server = server(&[lucia(), ana()]).await;
    let browser = page_of_lucia(&server).await;
    let mut ana = comes(&server, &ana()).await;
    hears_lucia(&mut ana, true).await;
    browser.driver().refresh().await.unwrap();
    browser.says("#people", "Ana Ríos").await;
    assert_eq!(browser.text("#me-name").await, "Lucía Méndez");
    let lists = ana.heard().unwrap().into_iter().filter(|heard| heard.event == "usersConected");
    let seen: Vec<bool> = lists.map(|heard| has_lucia(&heard.args[0])).collect();
    assert!(!seen.contains(&false), "she was there all the time: {seen:?}");
}

#[tokio::test]
async fn a_session_that_was_ended_elsewhere_leads_back_to_the_form() {
    let server = server(&[lucia()]).await;
    let browser = page_of_lucia(&server).await;
    let elsewhere = token_of(&server, &lucia()).await;
    let order = json!({ "closeuser": lucia().email, "everywhere": true });
    post(&server, "/api/auth/signOut", Some(&elsewhere), &order).await;
    browser.says("#problem", "Inicia sesión de nuevo").await;
    assert!(!browser.is_visible("screen-people").await);
    assert_eq!(browser.value("return sessionStorage.length").await, json!(0));
}
