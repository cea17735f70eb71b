//! How the page looks: both themes, both languages, narrow screens; and what axe-core finds on it.

use presente_tests::{
    axe,
    browser::{Browser, Look},
    node::SeedUser,
};
use serde_json::json;

use crate::stage::{Page, ana, beto, browser_at, comes, lucia, picture, server, sign_up};

const SPANISH: Look = Look { languages: "es-MX,es", dark: false, still: true, width: 420 };
const ENGLISH_DARK: Look = Look { languages: "en-GB,en", dark: true, still: true, width: 420 };

async fn nothing_found(browser: &Browser, where_: &str) {
    assert_eq!(axe::findings(browser.driver()).await.unwrap(), "", "{where_}");
}

#[tokio::test]
async fn axe_finds_nothing_on_any_screen_in_either_theme_and_language() {
    for (look, name) in [(SPANISH, "light"), (ENGLISH_DARK, "dark")] {
        let mut server = server(&[lucia(), ana(), beto()]).await;
        let browser = browser_at(&server, look).await;
        let lang = browser.value("return document.documentElement.lang").await;
        assert_eq!(lang, json!(&look.languages[..2]));
        nothing_found(&browser, "on the form").await;
        picture(&browser, &format!("web-sign-in-{name}")).await;
        browser.fill("email", "nobody@example.org").await;
        browser.fill("password", "not the password").await;
        browser.click("submit").await;
        browser.until_true("a refusal", "return document.getElementById('problem').textContent !== ''").await;
        nothing_found(&browser, "on the form with a refusal").await;
        picture(&browser, &format!("web-refused-{name}")).await;
        browser.click("mode").await;
        nothing_found(&browser, "on the form for a new account").await;
        picture(&browser, &format!("web-sign-up-{name}")).await;
        browser.click("mode").await;

        browser.sign_in(&lucia()).await;
        nothing_found(&browser, "on the empty list").await;
        picture(&browser, &format!("web-empty-{name}")).await;
        let (mut ana, mut beto) = (comes(&server, &ana()).await, comes(&server, &beto()).await);
        ana.emit("presence:set", &json!({ "a": "dnd", "t": "En la biblioteca" })).unwrap();
        beto.emit("presence:set", &json!({ "a": "away" })).unwrap();
        browser.says("#people", "biblioteca").await;
        browser.says("#people", "Beto Núñez").await;
        nothing_found(&browser, "on the list").await;
        picture(&browser, &format!("web-list-{name}")).await;

        server.process().stop().await.unwrap();
        browser.visible("banner").await;
        nothing_found(&browser, "without a connection").await;
        picture(&browser, &format!("web-disconnected-{name}")).await;
    }
}

#[tokio::test]
async fn nothing_is_wider_than_a_narrow_screen_however_long_names_are() {
    let server = server(&[lucia()]).await;
    let long =
        SeedUser::new("long@example.org", &"Wolfeschlegelsteinhausen".repeat(5), "de la Vega y Bergerdorff");
    sign_up(&server, &long).await;
    let browser = browser_at(&server, Look { width: 320, ..Look::default() }).await;
    let width = "return document.documentElement.scrollWidth";
    browser.click("mode").await;
    assert_eq!(browser.value(width).await, json!(320), "the form");
    browser.click("mode").await;
    browser.sign_in(&lucia()).await;
    let _long = comes(&server, &long).await;
    browser.says("#people", "Wolfeschlegel").await;
    assert_eq!(browser.value(width).await, json!(320), "the list");
    picture(&browser, "web-narrow").await;
    let hits = "return [...document.querySelectorAll('button, a, input')].filter((one) => one.offsetParent)
        .map((one) => one.getBoundingClientRect()).filter(({ width, height }) => width < 32 || height < 32).length";
    assert_eq!(browser.value(hits).await, json!(0), "what can be hit is large enough");
}

#[tokio::test]
async fn nothing_moves_for_those_who_want_no_motion() {
    for (still, expected) in [(false, "come"), (true, "none")] {
        let server = server(&[lucia(), ana(), beto()]).await;
        let browser = browser_at(&server, Look { still, ..Look::default() }).await;
        browser.sign_in(&lucia()).await;
        let _ana = comes(&server, &ana()).await;
        browser.says("#people", "Ana Ríos").await;
        // The first ones do not come: they were there.
        let _beto = comes(&server, &beto()).await;
        browser.says("#people", "Beto Núñez").await;
        let animation = "return getComputedStyle(document.querySelector('.person:last-child')).animationName";
        assert_eq!(browser.value(animation).await, json!(expected));
    }
}
