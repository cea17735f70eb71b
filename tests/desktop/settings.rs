//! What is changed on the page of the settings holds at once: in the window, in the tray, and on the disk.

use crate::stage::{Page, ana, lucia, lucia_sees_ana, server, settings, world};
use presente_tests::{
    desktop::{DrivenApp, World},
    node::{FieldClient, ReferenceServer},
    wait::{PATIENCE, until_with_state},
};
use serde_json::json;

async fn open_settings(world: &World, server: &ReferenceServer) -> DrivenApp {
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.visible("screen-roster").await;
    app.visible("settings-open").await.click().await.unwrap();
    app.visible("screen-settings").await;
    app
}

/// Waits until a file is as wanted, or, without words, is not there.
async fn file_says(file: &std::path::Path, words: Option<&str>) {
    until_with_state(&format!("{} to say {words:?}", file.display()), PATIENCE, async || {
        let text = std::fs::read_to_string(file).ok();
        let is_so = match (&text, words) {
            (Some(text), Some(words)) => text.contains(words),
            (None, None) => true,
            _ => false,
        };
        if is_so { Ok(()) } else { Err(format!("{text:?}")) }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn another_language_is_spoken_at_once_in_the_window_and_in_the_tray() {
    let (world, server) = (world().await, server().await);
    let app = open_settings(&world, &server).await;
    let tray = world.tray().await.unwrap();
    app.choose("language", "es").await;
    app.says("#settings-title", "Ajustes").await;
    app.looks("the page's language", "return document.documentElement.lang", "es".into()).await;
    tray.wait_for_label("Salir").await.unwrap();
    tray.wait_for_label("Aparecer desconectado").await.unwrap();
    let _ana = FieldClient::start(server.url(), &ana()).await.unwrap();
    world.notifications().show(&["Ana Ríos está en línea"]).await.unwrap();
    file_says(&settings(&world), Some("language = \"es\"")).await;
    app.choose("language", "en").await;
    tray.wait_for_label("Quit").await.unwrap();
    app.says("#settings-title", "Settings").await;
}

#[tokio::test]
async fn other_colours_are_shown_at_once() {
    let (world, server) = (world().await, server().await);
    let app = open_settings(&world, &server).await;
    let ground =
        "const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number);
        return r + g + b < 3 * 128";
    app.looks("light colours", ground, false.into()).await;
    app.choose("theme", "dark").await;
    app.looks("dark colours", ground, true.into()).await;
    file_says(&settings(&world), Some("theme = \"dark\"")).await;
    app.choose("theme", "light").await;
    app.looks("light colours", ground, false.into()).await;
}

#[tokio::test]
async fn starting_with_the_computer_is_an_entry_that_comes_and_goes() {
    let (world, server) = (world().await, server().await);
    let app = open_settings(&world, &server).await;
    let entry = world.home().join(".config/autostart/presente.desktop");
    assert!(!entry.exists());
    app.visible("start-at-login").await.click().await.unwrap();
    file_says(&entry, Some("presente --hidden")).await;
    app.visible("start-at-login").await.click().await.unwrap();
    file_says(&entry, None).await;
}

#[tokio::test]
async fn where_the_entry_cannot_be_written_the_switch_goes_back_and_it_is_said_why() {
    let (world, server) = (world().await, server().await);
    // Where its folder would be is a file.
    let folder = world.home().join(".config/autostart");
    std::fs::create_dir_all(world.home().join(".config")).unwrap();
    std::fs::write(&folder, "").unwrap();
    let app = open_settings(&world, &server).await;
    app.visible("start-at-login").await.click().await.unwrap();
    app.says("#notices", "Starting with the computer could not be changed").await;
    let is_on = "return document.getElementById('start-at-login').checked";
    app.looks("the switch to be off again", is_on, false.into()).await;
    std::fs::remove_file(&folder).unwrap();
    app.visible("start-at-login").await.click().await.unwrap();
    file_says(&folder.join("presente.desktop"), Some("presente --hidden")).await;
    app.looks("the switch to be on", is_on, true.into()).await;
}

#[tokio::test]
async fn nothing_moves_on_the_page_while_something_is_pressed() {
    let (world, server) = (world().await, server().await);
    let (mut ana, app) = lucia_sees_ana(&world, &server).await;
    app.open_contact("Ana Ríos").await;
    app.says("#contact-words", "Online").await;
    let tray = world.tray().await.unwrap();
    let forget = app.visible("contact-forget").await;
    forget.scroll_into_view().await.unwrap();
    app.page().action_chain().move_to_element_center(&forget).click_and_hold().perform().await.unwrap();
    ana.sign_out().await.unwrap();
    tray.wait_for_label("nobody online").await.unwrap();
    assert_eq!(app.text("#contact-words").await, "Online", "the page waits for the end of the press");
    app.page().action_chain().release().perform().await.unwrap();
    app.visible("contact-forget-yes").await;
    app.says("#contact-words", "Offline").await;
}

#[tokio::test]
async fn a_press_holds_back_what_is_to_be_shown_and_one_that_opens_a_list_of_options_does_not() {
    let (world, server) = (world().await, server().await);
    let app = open_settings(&world, &server).await;
    // The driver chooses options without a press, so the press is made in the page.
    let is_shown_while_pressed = r#"
        const [id, done] = arguments;
        const press = (type) => document.getElementById(id).dispatchEvent(new PointerEvent(type, { bubbles: true }));
        import("/js/press.js").then(({ whenLetGo }) => {
            let shown = false;
            press("pointerdown");
            whenLetGo(() => { shown = true; });
            const meanwhile = shown;
            press("pointerup");
            setTimeout(() => done([meanwhile, shown]));
        });
    "#;
    for (id, shown) in [("tell-of", [true, true]), ("settings-snooze", [false, true])] {
        let said = app.page().execute_async(is_shown_while_pressed, vec![id.into()]).await.unwrap();
        assert_eq!(*said.json(), json!(shown), "while {id} is pressed, and then");
    }
}

#[tokio::test]
async fn alerts_are_for_those_whom_the_settings_say() {
    let (world, server) = (world().await, server().await);
    let app = open_settings(&world, &server).await;
    app.choose("tell-of", "nobody").await;
    file_says(&settings(&world), Some("tell_of = \"nobody\"")).await;
    let _ana = FieldClient::start(server.url(), &ana()).await.unwrap();
    world.tray().await.unwrap().wait_for_label("1 online").await.unwrap();
    app.back().await;
    app.says("#list", "Ana Ríos").await;
    assert_eq!(world.notifications().all(), []);
}
