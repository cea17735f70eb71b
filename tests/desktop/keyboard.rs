//! The whole way without a mouse: real keys, pressed into whatever has the focus.

use crate::stage::{
    Page, TITLE, crowd, lucia, server_says, server_with, settings, sign_in_quietly, window_has_keyboard,
    world,
};
use presente_tests::{
    desktop::{Display, DrivenApp},
    node::{FieldClient, ReferenceServer, SeedUser},
    wait::{PATIENCE, until},
};

/// More presses than any way through a page takes.
const FAR: usize = 60;

/// Presses Tab until this has the focus.
async fn tab_to(app: &DrivenApp, display: &Display, id: &str) {
    let focused = "return document.activeElement.id";
    let mut been = Vec::new();
    for _ in 0..FAR {
        let is = app.look(focused).await;
        if is == id {
            return;
        }
        been.push(is);
        // One press, one step: the next is made when the first has been taken.
        let before = app.look("window.tabbed ??= 0; return window.tabbed").await;
        let count = "if (!window.counts) { window.counts = true;
            document.addEventListener('keydown', ({ key }) => { if (key === 'Tab') window.tabbed += 1; }, true); }";
        app.look(count).await;
        display.press("Tab").await.unwrap();
        until("Tab to arrive", PATIENCE, async || {
            (app.look("return window.tabbed").await != before).then_some(())
        })
        .await
        .unwrap();
    }
    panic!("Tab does not lead to #{id}; it leads to {been:?}");
}

async fn focus_is(app: &DrivenApp, id: &str) {
    app.looks(&format!("the focus on #{id}"), "return document.activeElement.id", id.into()).await;
}

#[tokio::test]
async fn from_the_start_to_the_end_everything_is_done_by_the_keyboard_alone() {
    let people = crowd(3);
    let everybody: Vec<SeedUser> = people.iter().cloned().chain([lucia()]).collect();
    let (world, server) = (world().await, ReferenceServer::start(&everybody).await.unwrap());
    let mut first = FieldClient::start(server.url(), &people[0]).await.unwrap();
    sign_in_quietly(&server, &people[1..]).await;
    first.list().unwrap();
    let mut app = world.app().drive().await.unwrap();
    let display = world.display();
    window_has_keyboard(display).await;

    // Signing in.
    app.visible("screen-sign-in").await;
    tab_to(&app, display, "server").await;
    display.type_text(server.url()).await.unwrap();
    tab_to(&app, display, "email").await;
    display.type_text(&lucia().email).await.unwrap();
    tab_to(&app, display, "password").await;
    display.type_text(&lucia().password).await.unwrap();
    display.press("Return").await.unwrap();
    app.says("#footer", "3 online").await;
    app.says("#list", "Person 01").await;

    // Finding somebody, and a rule for them.
    display.press("slash").await.unwrap();
    focus_is(&app, "search").await;
    display.type_text("person 01").await.unwrap();
    app.says_no_more("#list", "Person 02").await;
    display.press("Return").await.unwrap();
    app.says("#contact-name", "Person 01").await;
    tab_to(&app, display, "contact-favourite").await;
    display.press("space").await.unwrap();
    app.looks(
        "the star",
        "return document.getElementById('contact-favourite').getAttribute('aria-pressed')",
        "true".into(),
    )
    .await;
    tab_to(&app, display, "rule-often").await;
    display.type_text("on").await.unwrap();
    app.looks("the rule", "return document.getElementById('rule-often').value", "once".into()).await;
    display.press("Escape").await.unwrap();
    app.visible("screen-roster").await;

    // The focus is back on that row; the way to the search, and out of it.
    app.looks(
        "the focus on the row",
        "return document.activeElement.closest('.row')?.textContent.includes('Person 01') ?? false",
        true.into(),
    )
    .await;
    display.press("slash").await.unwrap();
    focus_is(&app, "search").await;
    display.press("Escape").await.unwrap();
    app.says("#list", "Favourites").await;
    app.says("#list", "Told of once").await;
    app.says("#list", "Person 02").await;

    // Our own state.
    tab_to(&app, display, "presence").await;
    display.press("Return").await.unwrap();
    focus_is(&app, "presence-online").await;
    display.press("Up").await.unwrap();
    focus_is(&app, "sign-out").await;
    display.type_text("aa").await.unwrap();
    focus_is(&app, "presence-offline").await;
    display.press("Return").await.unwrap();
    app.says("#presence-text", "Appearing offline").await;
    focus_is(&app, "presence").await;

    // And out. The tray's menu belongs to the desktop; without a tray the window is the app.
    world.tray_host().leave().await.unwrap();
    app.says("#notices", "no tray").await;
    display.close_window(TITLE).await.unwrap();
    app.ended(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn ctrl_w_closes_the_window_into_the_tray_with_what_was_typed_kept_and_ctrl_q_quits() {
    let (world, (server, _ana)) = (world().await, server_with(&[]).await);
    let mut app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.says("#list", "Ana Ríos").await;
    app.open_contact("Ana Ríos").await;
    let display = world.display();
    window_has_keyboard(display).await;
    tab_to(&app, display, "note").await;
    display.type_text("Llega los lunes").await.unwrap();
    app.looks("the note", "return document.getElementById('note').value", "Llega los lunes".into()).await;

    display.press("ctrl+w").await.unwrap();
    display.no_window(TITLE).await.unwrap();
    world.notifications().wait_for("about the tray", |note| note.summary.contains("tray")).await.unwrap();
    server_says(&server, true).await;
    until("the note among the settings", PATIENCE, async || {
        let kept = std::fs::read_to_string(settings(&world)).ok()?;
        kept.contains("note = \"Llega los lunes\"").then_some(())
    })
    .await
    .unwrap();

    world.tray().await.unwrap().click_menu("Open Presente").await.unwrap();
    app.drive_again().await.unwrap();
    app.says("#contact-name", "Ana Ríos").await;
    window_has_keyboard(display).await;
    display.press("ctrl+q").await.unwrap();
    display.no_window(TITLE).await.unwrap();
    app.ended(PATIENCE).await.unwrap();
    server_says(&server, false).await;
}
