//! What every desktop test starts from: a server with people, and the words for using the window.

use anyhow::Result;
use presente_tests::{
    desktop::{Display, DrivenApp, PageDriver, World},
    node::{FieldClient, ReferenceServer, SeedUser},
    presente_server::PresenteServer,
    wait::{PATIENCE, until, until_with_state},
};
use serde_json::{Value, json};
use std::{path::PathBuf, time::Duration};
use thirtyfour::{components::SelectElement, prelude::*};

/// The title of the app's window.
pub(crate) const TITLE: &str = "Presente";

pub(crate) fn lucia() -> SeedUser {
    SeedUser::new("lucia@example.org", "Lucía", "Méndez")
}

pub(crate) fn ana() -> SeedUser {
    SeedUser::new("ana@example.org", "Ana", "Ríos")
}

/// A server of the field with Lucía, who uses the app, and Ana, who comes and goes.
pub(crate) async fn server() -> ReferenceServer {
    ReferenceServer::start(&[lucia(), ana()]).await.unwrap()
}

/// A server with Ana, who is there and asks for lists, this crowd, and Lucía, who uses the app.
pub(crate) async fn server_with(people: &[SeedUser]) -> (ReferenceServer, FieldClient) {
    let everybody: Vec<SeedUser> = people.iter().cloned().chain([lucia(), ana()]).collect();
    let server = ReferenceServer::start(&everybody).await.unwrap();
    let ana = FieldClient::start(server.url(), &ana()).await.unwrap();
    (server, ana)
}

/// Ana, who is there, and the app of Lucía, who sees her.
pub(crate) async fn lucia_sees_ana(world: &World, server: &ReferenceServer) -> (FieldClient, DrivenApp) {
    let ana = FieldClient::start(server.url(), &ana()).await.unwrap();
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.says("#list", "Ana Ríos").await;
    (ana, app)
}

/// Waits until what is typed goes into the window.
pub(crate) async fn window_has_keyboard(display: &Display) {
    let window = display.window(TITLE).await.unwrap();
    until("the window to have the keyboard", PATIENCE, async || {
        display.has_focus(&window).await.ok()?.then_some(())
    })
    .await
    .unwrap();
}

/// A desktop with everything, in English.
pub(crate) async fn world() -> World {
    World::builder().env("LC_ALL", "en_GB.UTF-8").start().await.unwrap()
}

/// The words for using the page.
pub(crate) trait Page {
    /// The driver of the page.
    fn page(&self) -> &WebDriver;

    /// Types into the sign-in form, as a person does, and presses Return.
    async fn sign_in(&self, server: &str, user: &SeedUser) {
        self.fill("server", server).await;
        self.fill("email", &user.email).await;
        self.fill("password", &user.password).await;
        self.page().find(By::Id("submit")).await.unwrap().click().await.unwrap();
    }

    /// Replaces what a field holds.
    async fn fill(&self, id: &str, text: &str) {
        let field = self.visible(id).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Waits until the element is on the screen.
    async fn visible(&self, id: &str) -> WebElement {
        until_with_state(&format!("#{id} on the screen"), PATIENCE, async || {
            let element = self.page().find(By::Id(id)).await.map_err(|error| error.to_string())?;
            match element.is_displayed().await {
                Ok(true) => Ok(element),
                _ => Err(self.visible_words().await),
            }
        })
        .await
        .unwrap()
    }

    /// Opens the presence menu and gives one of its items. Right after signing in the button still changes its
    /// width, maybe before it is pressed; as a person does, a click that missed is made again.
    async fn presence_menu(&self, item: &str) -> WebElement {
        self.visible("presence").await;
        until(&format!("#{item} in the open menu"), PATIENCE, async || {
            let button = self.page().find(By::Id("presence")).await.ok()?;
            if button.attr("aria-expanded").await.ok()?.as_deref() != Some("true") {
                button.click().await.ok()?;
            }
            let item = self.page().find(By::Id(item)).await.ok()?;
            item.is_displayed().await.ok()?.then_some(item)
        })
        .await
        .unwrap()
    }

    /// Opens the page of the contact whose row says this.
    async fn open_contact(&self, name: &str) {
        until_with_state(&format!("the page of {name}"), PATIENCE, async || {
            let row = By::XPath(format!("//div[contains(@class,'contact')][contains(., '{name}')]//button"));
            if let Ok(row) = self.page().find(row).await {
                // It may have moved just then.
                let _ = row.click().await;
            }
            // In one look, for it may come between two.
            let page = "const page = document.getElementById('screen-contact');
                return page.hidden ? null : document.getElementById('contact-name').textContent";
            let shown = self.look(page).await;
            if shown == name {
                return Ok(());
            }
            if !shown.is_null()
                && let Ok(back) = self.page().find(By::Id("contact-back")).await
            {
                // The row had moved, and another one was under the pointer.
                let _ = back.click().await;
            }
            Err(format!("{shown}; {}", self.visible_words().await))
        })
        .await
        .unwrap();
        self.visible("screen-contact").await;
    }

    /// Chooses from a list of options, as a person does.
    async fn choose(&self, id: &str, value: &str) {
        let element = self.visible(id).await;
        // The engine tells of a change against what was chosen when the list was pressed or had the focus, and the
        // driver does neither.
        element.focus().await.unwrap();
        let select = SelectElement::new(&element).await.unwrap();
        select.select_by_value(value).await.unwrap();
    }

    /// Picks one of several, whose own circle is not drawn: its words are clicked.
    async fn picks(&self, id: &str) {
        let label = By::XPath(format!("//label[input[@id='{id}']]"));
        self.page().find(label).await.unwrap().click().await.unwrap();
    }

    /// Goes back to the list.
    async fn back(&self) {
        self.active().await.send_keys(Key::Escape).await.unwrap();
        self.visible("screen-roster").await;
    }

    /// What has the focus.
    async fn active(&self) -> WebElement {
        self.page().active_element().await.unwrap()
    }

    /// What a script gives.
    async fn look(&self, script: &str) -> Value {
        self.page().execute(script, vec![]).await.unwrap().json().clone()
    }

    /// Waits until a script gives this.
    async fn looks(&self, what: &str, script: &str, wanted: Value) {
        until_with_state(what, PATIENCE, async || {
            let is = self.page().execute(script, vec![]).await.map_err(|error| error.to_string())?;
            if *is.json() == wanted { Ok(()) } else { Err(is.json().to_string()) }
        })
        .await
        .unwrap();
    }

    /// The words that are on the screen, for messages.
    async fn visible_words(&self) -> String {
        let words = self.page().execute("return document.body.innerText", vec![]).await;
        words.ok().and_then(|words| words.json().as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Takes the pointer off the list: a row under it stays where it is.
    async fn points_elsewhere(&self) {
        let elsewhere = self.visible("me-name").await;
        self.page().action_chain().move_to_element_center(&elsewhere).perform().await.unwrap();
    }

    /// The words of the first element that fits. Not WebDriver's own idea of them, which leaves out what could be
    /// cut off with an ellipsis.
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
                Err(format!("{text:?} in\n{}", self.visible_words().await))
            }
        })
        .await
        .unwrap()
    }

    /// Waits until the element's words do not contain these.
    async fn says_no_more(&self, selector: &str, words: &str) {
        let what = format!("{selector} not to say {words:?}");
        let gone = async || (!self.text(selector).await.contains(words)).then_some(());
        until(&what, PATIENCE, gone).await.unwrap();
    }
}

impl Page for DrivenApp {
    fn page(&self) -> &WebDriver {
        self.driver()
    }
}

impl Page for PageDriver {
    fn page(&self) -> &WebDriver {
        self.driver()
    }
}

/// A picture of the page, kept below the target folder to be looked at.
pub(crate) async fn picture(app: &DrivenApp, name: &str) {
    // What is in the page is not at once on the screen.
    let painted =
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)));";
    app.driver().execute_async(painted, vec![]).await.unwrap();
    until("something to be painted", PATIENCE, async || {
        let file = picture_file(name);
        app.screenshot(&file).await.ok()?;
        (std::fs::metadata(file).ok()?.len() > EMPTY_PICTURE).then_some(())
    })
    .await
    .unwrap();
}

/// A picture of an empty window makes a smaller file than this many bytes.
pub(crate) const EMPTY_PICTURE: u64 = 8_000;

/// Where a picture is kept.
pub(crate) fn picture_file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{name}.png"))
}

/// Waits until the server's record of Lucía says so.
pub(crate) async fn server_says(server: &ReferenceServer, is_conected: bool) {
    until_with_state(&format!("Lucía's isConected to be {is_conected}"), PATIENCE, async || {
        let is = server.is_conected(&lucia().email).await.map_err(|error| format!("{error:#}"))?;
        if is == is_conected { Ok(()) } else { Err(format!("it is {is}")) }
    })
    .await
    .unwrap();
}

/// Where the app keeps its settings in this world.
pub(crate) fn settings(world: &World) -> PathBuf {
    world.home().join(".config/presente/settings.toml")
}

/// Writes these settings before the app starts.
pub(crate) fn write_settings(world: &World, toml: &str) {
    let file = settings(world);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, toml).unwrap();
}

/// Signs people in at a server of the field without any of its sockets: they are in the next list.
pub(crate) async fn sign_in_quietly(server: &ReferenceServer, people: &[SeedUser]) {
    for person in people {
        let who = json!({"email": person.email, "password": person.password, "from": "test"});
        let request = reqwest::Client::new().post(format!("{}/api/auth/signIn", server.url()));
        request.json(&json!({ "logedUser": who })).send().await.unwrap().error_for_status().unwrap();
    }
}

/// Signs them out in the same way.
pub(crate) async fn sign_out_quietly(server: &ReferenceServer, people: &[SeedUser]) {
    for person in people {
        let request = reqwest::Client::new().post(format!("{}/api/auth/signOut", server.url()));
        let who = json!({ "closeuser": person.email });
        request.json(&who).send().await.unwrap().error_for_status().unwrap();
    }
}

/// Makes accounts at this project's own server.
pub(crate) async fn sign_up(server: &PresenteServer, people: &[SeedUser]) {
    for person in people {
        let user = json!({ "firstName": person.first_name, "lastName": person.last_name, "email": person.email,
                           "password": person.password, "from": "signup" });
        let request = reqwest::Client::new().post(format!("{}/api/auth/signUp", server.url()));
        let answer = request.json(&json!({ "newUser": user })).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["success"], true, "{answer}");
    }
}

/// People called `Person 00`, `Person 01` and so on.
pub(crate) fn crowd(count: usize) -> Vec<SeedUser> {
    let person = |i| SeedUser::new(&format!("p{i:02}@example.org"), &format!("Person {i:02}"), "");
    (0..count).map(person).collect()
}

/// Signs in once with "keep me signed in", and ends the app again; the next start signs in by itself.
pub(crate) async fn signed_in_before(world: &World, server: &ReferenceServer) -> Result<()> {
    let mut app = world.app().drive().await?;
    app.sign_in(server.url(), &lucia()).await;
    app.visible("screen-roster").await;
    until("the account among the settings", PATIENCE, async || {
        let settings = std::fs::read_to_string(settings(world)).ok()?;
        settings.contains("[[accounts]]").then_some(())
    })
    .await?;
    app.signal(presente_tests::process::Signal::Term)?;
    app.ended(Duration::from_secs(10)).await?;
    server_says(server, false).await;
    Ok(())
}
