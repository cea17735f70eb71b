//! What every desktop test starts from: a server with people, and the words for using the window.

use anyhow::Result;
use presente_tests::{
    desktop::{DrivenApp, World},
    node::{ReferenceServer, SeedUser},
    wait::{PATIENCE, until, until_with_state},
};
use std::{path::PathBuf, time::Duration};
use thirtyfour::prelude::*;

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
                _ => Err(self.text("body").await),
            }
        })
        .await
        .unwrap()
    }

    /// Opens the presence menu and gives one of its items. Right after signing in the button still changes its
    /// width under the pointer; as a person does, a click that missed is made again.
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
                Err(format!("{text:?} in\n{}", self.text("body").await))
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

/// Signs in once with "keep me signed in", and ends the app again; the next start signs in by itself.
pub(crate) async fn signed_in_before(world: &World, server: &ReferenceServer) -> Result<()> {
    let app = world.app().drive().await?;
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
