//! What every test of the page starts from: a server with people, a browser, and the words for using the page.

use std::path::{Path, PathBuf};

use presente_tests::{
    browser::{Browser, Look},
    node::{FieldClient, SeedUser},
    presente_server::{Options, PresenteServer},
    wait::{PATIENCE, until, until_with_state},
};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

pub(crate) fn lucia() -> SeedUser {
    SeedUser::new("lucia@example.org", "Lucía", "Méndez")
}

pub(crate) fn ana() -> SeedUser {
    SeedUser::new("ana@example.org", "Ana", "Ríos")
}

pub(crate) fn beto() -> SeedUser {
    SeedUser::new("beto@example.org", "Beto", "Núñez")
}

/// A server with these accounts, and nobody online.
pub(crate) async fn server(people: &[SeedUser]) -> PresenteServer {
    let server = PresenteServer::start(Options::default()).await.unwrap();
    for person in people {
        sign_up(&server, person).await;
    }
    server
}

pub(crate) async fn sign_up(server: &PresenteServer, person: &SeedUser) {
    let user = json!({ "firstName": person.first_name, "lastName": person.last_name, "email": person.email,
                       "password": person.password, "from": "signup" });
    let answer = post(server, "/api/auth/signUp", None, &json!({ "newUser": user })).await;
    assert_eq!(answer["success"], true, "{answer}");
}

/// A session of somebody who has no page and no client; its token.
pub(crate) async fn token_of(server: &PresenteServer, person: &SeedUser) -> String {
    let user = json!({ "email": person.email, "password": person.password, "from": "test" });
    let answer = post(server, "/api/auth/signIn", None, &json!({ "logedUser": user })).await;
    answer["response"]["token"].as_str().unwrap().to_owned()
}

pub(crate) async fn post(server: &PresenteServer, path: &str, token: Option<&str>, body: &Value) -> Value {
    let mut request = reqwest::Client::new().post(format!("{}{path}", server.url())).json(body);
    if let Some(token) = token {
        request = request.header("x-token", token);
    }
    request.send().await.unwrap().json().await.unwrap()
}

/// Somebody who comes online with the field's own client.
pub(crate) async fn comes(server: &PresenteServer, person: &SeedUser) -> FieldClient {
    FieldClient::builder(server.url(), person).with_token().start().await.unwrap()
}

/// A browser, set up like this, with the server's page open.
pub(crate) async fn browser_at(server: &PresenteServer, look: Look) -> Browser {
    let browser = Browser::start(look).await.unwrap();
    browser.driver().goto(server.url()).await.unwrap();
    browser
}

/// The words for using the page.
pub(crate) trait Page {
    fn page(&self) -> &WebDriver;

    /// Signs in, as a person does, and waits for the first list.
    async fn sign_in(&self, person: &SeedUser) {
        self.fill("email", &person.email).await;
        self.fill("password", &person.password).await;
        self.click("submit").await;
        self.visible("screen-people").await;
        self.says("#me-name", &person.first_name).await;
        let listed = "return document.title && !document.body.classList.contains('stale')
            && !document.querySelector('#me-face use').getAttribute('href').endsWith('cut')";
        self.until_true("the first list", listed).await;
    }

    /// Replaces what a field holds.
    async fn fill(&self, id: &str, text: &str) {
        let field = self.visible(id).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    async fn click(&self, id: &str) {
        self.visible(id).await.click().await.unwrap();
    }

    /// Waits until the element is on the screen.
    async fn visible(&self, id: &str) -> WebElement {
        until_with_state(&format!("#{id} on the screen"), PATIENCE, async || {
            let element = self.page().find(By::Id(id)).await.map_err(|error| error.to_string())?;
            match element.is_displayed().await {
                Ok(true) => Ok(element),
                _ => Err(self.text("body").await),
            }
        })
        .await
        .unwrap()
    }

    /// Whether the element is to be seen now.
    async fn is_visible(&self, id: &str) -> bool {
        self.page().find(By::Id(id)).await.unwrap().is_displayed().await.unwrap()
    }

    /// The words of the first element that fits; nothing where there is none.
    async fn text(&self, selector: &str) -> String {
        let Ok(element) = self.page().find(By::Css(selector)).await else { return String::new() };
        element.prop("textContent").await.ok().flatten().unwrap_or_default()
    }

    /// Waits until the element's words contain these.
    async fn says(&self, selector: &str, words: &str) -> String {
        until_with_state(&format!("{selector} to say {words:?}"), PATIENCE, async || {
            let text = self.text(selector).await;
            if text.contains(words) {
                Ok(text)
            } else {
                Err(format!("{text:?} in {}", self.text("body").await))
            }
        })
        .await
        .unwrap()
    }

    /// Waits until the element's words do not contain these.
    async fn says_no_more(&self, selector: &str, words: &str) {
        let gone = async || (!self.text(selector).await.contains(words)).then_some(());
        until(&format!("{selector} not to say {words:?}"), PATIENCE, gone).await.unwrap();
    }

    /// From now on, notes what the page says aloud.
    async fn listen(&self) {
        let listen = "window.spoken = [];
            const live = document.getElementById('live');
            new MutationObserver(() => { if (live.textContent) spoken.push(live.textContent); })
              .observe(live, { childList: true, characterData: true, subtree: true })";
        self.page().execute(listen, vec![]).await.unwrap();
    }

    /// Waits until the page has said aloud something with these words, and forgets what it has said.
    async fn says_aloud(&self, words: &str) {
        let look = "return spoken.some((one) => one.includes(arguments[0])) || spoken.join(' | ')";
        until_with_state(&format!("{words:?} to be said aloud"), PATIENCE, async || {
            let said =
                self.page().execute(look, vec![json!(words)]).await.map_err(|error| error.to_string())?;
            if *said.json() == json!(true) { Ok(()) } else { Err(said.json().to_string()) }
        })
        .await
        .unwrap();
        self.value("spoken.length = 0").await;
    }

    /// What a script of the page gives.
    async fn value(&self, script: &str) -> Value {
        self.page().execute(script, vec![]).await.unwrap().json().clone()
    }

    /// Waits until a script of the page gives `true`.
    async fn until_true(&self, what: &str, script: &str) {
        let look = async || (self.value(script).await == json!(true)).then_some(());
        until(what, PATIENCE, look).await.unwrap();
    }

    /// The id of the element that has the focus.
    async fn focus(&self) -> String {
        self.value("return document.activeElement.id").await.as_str().unwrap_or_default().to_owned()
    }
}

impl Page for Browser {
    fn page(&self) -> &WebDriver {
        self.driver()
    }
}

/// Keeps a picture of the page below the target folder, to be looked at.
pub(crate) async fn picture(browser: &Browser, name: &str) {
    // What is in the page is not at once on the screen, and what comes fades in.
    let painted = "const done = arguments[0];
        Promise.all(document.getAnimations().map((one) => one.finished))
          .then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));";
    browser.driver().execute_async(painted, vec![]).await.unwrap();
    browser.screenshot(&picture_file(name)).await.unwrap();
}

fn picture_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots").join(format!("{name}.png"))
}
