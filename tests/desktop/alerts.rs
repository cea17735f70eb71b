//! Of whom one is told and when, as the notification service hears it.

use crate::stage::{
    Page, TITLE, ana, crowd, lucia, server, server_says, server_with, sign_in_quietly, sign_out_quietly,
    signed_in_before, world, write_settings,
};
use presente_tests::{
    desktop::{DrivenApp, Note, World},
    node::{FieldClient, ReferenceServer},
    wait::{PATIENCE, until},
};
use thirtyfour::prelude::*;

/// Who goes has gone at once, and is told of again at once.
const AT_ONCE: &str = "[alerts]\nhold = 0\nabsence = 0\ncool_down = 0\n";

/// The app, signed in, with the first list on the screen.
async fn signed_in(world: &World, server: &ReferenceServer, sees: &str) -> DrivenApp {
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.says("#footer", sees).await;
    app
}

#[tokio::test]
async fn twenty_who_come_at_once_are_one_notification() {
    let people = crowd(20);
    let (world, (server, mut ana)) = (world().await, server_with(&people).await);
    let app = signed_in(&world, &server, "1 online").await;
    sign_in_quietly(&server, &people).await;
    ana.list().unwrap();
    app.says("#footer", "21 online").await;
    let in_one = |note: &Note| note.summary == "Person 00 and 19 others are online";
    let note = world.notifications().wait_for("of all of them", in_one).await.unwrap();
    assert_eq!(note.category.as_deref(), Some("presence.online"));
    assert_eq!((note.urgency, note.silent), (Some(1), true), "as usual, and without a sound");
    assert_eq!(note.desktop_entry.as_deref(), Some("app.presente.Presente"));
    assert_eq!(note.body.matches("Person").count(), 4, "some of the others: {}", note.body);
    assert_eq!(world.notifications().all().len(), 1);
}

#[tokio::test]
async fn who_goes_and_is_back_at_once_is_not_told_of() {
    let people = crowd(2);
    let (world, (server, mut ana)) = (world().await, server_with(&people).await);
    sign_in_quietly(&server, &people[..1]).await;
    ana.list().unwrap();
    let app = signed_in(&world, &server, "2 online").await;
    sign_out_quietly(&server, &people[..1]).await;
    ana.list().unwrap();
    app.says("#footer", "1 online").await;
    sign_in_quietly(&server, &people[..1]).await;
    ana.list().unwrap();
    app.says("#footer", "2 online").await;
    // Somebody else is told of: so would the first have been.
    sign_in_quietly(&server, &people[1..]).await;
    ana.list().unwrap();
    world.notifications().show(&["Person 01 is online"]).await.unwrap();
    assert_eq!(world.notifications().all().len(), 1, "{:?}", world.notifications().all());
}

#[tokio::test]
async fn a_rule_for_once_tells_once_and_is_then_what_it_was_before() {
    let people = crowd(1);
    let (world, (server, mut ana)) = (world().await, server_with(&people).await);
    write_settings(&world, &format!("{AT_ONCE}tell_of = \"nobody\"\n"));
    sign_in_quietly(&server, &people).await;
    ana.list().unwrap();
    let app = signed_in(&world, &server, "2 online").await;
    app.open_contact("Person 00").await;
    app.choose("rule-often", "once").await;
    app.says("#contact-rule", "Once").await;
    for _ in 0..2 {
        sign_out_quietly(&server, &people).await;
        ana.list().unwrap();
        app.says("#contact-words", "Offline").await;
        sign_in_quietly(&server, &people).await;
        ana.list().unwrap();
        app.says("#contact-words", "Online").await;
        world.notifications().wait_for("once", |note| note.summary == "Person 00 is online").await.unwrap();
        app.looks(
            "the rule to be forgotten",
            "return document.getElementById('rule-often').value",
            "default".into(),
        )
        .await;
    }
    assert_eq!(world.notifications().all().len(), 1, "the second time nobody was waiting any more");
}

#[tokio::test]
async fn a_command_that_somebody_has_set_is_run_and_one_that_cannot_be_is_told_of() {
    let people = crowd(2);
    let (world, (server, mut ana)) = (world().await, server_with(&people).await);
    write_settings(&world, "[alerts]\nhold = 0\nabsence = 0\ncool_down = 0\nallow_commands = true\n");
    let app = signed_in(&world, &server, "1 online").await;
    sign_in_quietly(&server, &people).await;
    ana.list().unwrap();
    app.says("#footer", "3 online").await;
    let written = world.home().join("who came");
    let written_as = written.to_string_lossy();
    let writes = ["sh", "-c", "printf %s \"$PRESENTE_NAME\" > \"$0\"", &written_as];
    for (name, command) in [("Person 00", &writes[..]), ("Person 01", &["/no/such program", "secret"])] {
        app.open_contact(name).await;
        app.choose("rule-often", "always").await;
        app.visible("rule-finer").await.find(By::Tag("summary")).await.unwrap().click().await.unwrap();
        app.fill("rule-command", &command.join(&char::from(Key::Enter).to_string())).await;
        app.back().await;
    }
    sign_out_quietly(&server, &people).await;
    ana.list().unwrap();
    app.says("#footer", "1 online").await;
    sign_in_quietly(&server, &people).await;
    ana.list().unwrap();
    let said = app.says("#notices", "“/no/such program” could not be run").await;
    assert!(!said.contains("secret"), "{said}");
    until("who came in a file", PATIENCE, async || {
        (std::fs::read_to_string(&written).ok()? == "Person 00").then_some(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn in_quiet_hours_nobody_is_told_of_anything_and_the_log_says_why() {
    let people = crowd(2);
    let (world, (server, mut ana)) = (world().await, server_with(&people).await);
    write_settings(&world, "[[alerts.quiet]]\nfrom = \"00:00\"\nuntil = \"00:00\"\n");
    let app = signed_in(&world, &server, "1 online").await;
    sign_in_quietly(&server, &people[..1]).await;
    ana.list().unwrap();
    app.says("#footer", "2 online").await;
    app.presence_menu("open-about").await.click().await.unwrap();
    app.says("#about-alerts", "Person 00 is online · not told: quiet hours").await;
    assert_eq!(world.notifications().all(), []);
    app.back().await;

    // They are turned off in the settings: what was missed is told in one sentence, what comes then as always.
    app.visible("settings-open").await.click().await.unwrap();
    app.visible("screen-settings").await;
    app.page().find(By::Css("#quiet-list .switch")).await.unwrap().click().await.unwrap();
    world.notifications().show(&["While alerts were quiet: Person 00 came"]).await.unwrap();
    sign_in_quietly(&server, &people[1..]).await;
    ana.list().unwrap();
    world.notifications().wait_for("then", |note| note.summary == "Person 01 is online").await.unwrap();
}

#[tokio::test]
async fn alerts_are_paused_and_resumed_from_the_tray() {
    let people = crowd(2);
    let (world, (server, mut ana)) = (world().await, server_with(&people).await);
    let app = signed_in(&world, &server, "1 online").await;
    let tray = world.tray().await.unwrap();
    tray.click_menu("Pause alerts for an hour").await.unwrap();
    app.visible("snoozed").await;
    sign_in_quietly(&server, &people[..1]).await;
    ana.list().unwrap();
    app.says("#footer", "2 online").await;
    tray.wait_for_label("2 online").await.unwrap();
    assert_eq!(world.notifications().all(), [], "nobody is told of anything");
    tray.click_menu("Resume alerts").await.unwrap();
    tray.wait_for_label("Pause alerts for an hour").await.unwrap();
    world.notifications().show(&["While alerts were quiet: Person 00 came"]).await.unwrap();
    sign_in_quietly(&server, &people[1..]).await;
    ana.list().unwrap();
    world.notifications().wait_for("as before", |note| note.summary == "Person 01 is online").await.unwrap();
}

#[tokio::test]
async fn a_click_on_a_notification_opens_the_page_of_that_contact() {
    let (world, server) = (world().await, server().await);
    signed_in_before(&world, &server).await.unwrap();
    let app = world.app().arg("--hidden").drivable().start().unwrap();
    server_says(&server, true).await;
    world.tray().await.unwrap().wait_for_label("nobody online").await.unwrap();
    let _ana = FieldClient::start(server.url(), &ana()).await.unwrap();
    let notes = world.notifications().show(&["Ana Ríos is online"]).await.unwrap();
    world.notifications().click(notes[0].id).await.unwrap();
    let page = app.page().await.unwrap();
    page.says("#contact-name", "Ana Ríos").await;
    page.visible("screen-contact").await;
    world.display().window(TITLE).await.unwrap();
}

#[tokio::test]
async fn a_notification_takes_the_place_of_the_one_before_and_goes_when_it_is_not_true_any_more() {
    let people = crowd(3);
    let (world, (server, mut ana)) = (world().await, server_with(&people).await);
    write_settings(&world, AT_ONCE);
    let app = signed_in(&world, &server, "1 online").await;
    // One after the other, within a breath: the notification grows.
    sign_in_quietly(&server, &people[..1]).await;
    ana.list().unwrap();
    sign_in_quietly(&server, &people[1..2]).await;
    ana.list().unwrap();
    let notes = world.notifications().show(&["Person 00 and 1 other are online"]).await.unwrap();
    let all = world.notifications().all();
    assert_eq!((all.len(), all[0].summary.as_str()), (2, "Person 00 is online"), "{all:?}");
    assert_eq!((notes[0].id, notes[0].replaces), (all[0].id, all[0].id), "in the place of the first");

    // Both go: nothing is left to say.
    sign_out_quietly(&server, &people[..2]).await;
    ana.list().unwrap();
    app.says("#footer", "1 online").await;
    world.notifications().show(&[]).await.unwrap();

    // The same one again and again is one notification at a time.
    for _ in 0..2 {
        sign_in_quietly(&server, &people[2..]).await;
        ana.list().unwrap();
        world.notifications().show(&["Person 02 is online"]).await.unwrap();
        sign_out_quietly(&server, &people[2..]).await;
        ana.list().unwrap();
        world.notifications().show(&[]).await.unwrap();
    }
}
