//! The assistant: a server that nobody has a profile for is listened to, and a person says what is what.

use crate::stage::{Page, picture, world};
use presente_tests::{
    desktop::{DrivenApp, World},
    node::{Dialect, DialectServer},
};
use thirtyfour::{By, Key, components::SelectElement};

/// A server that speaks like no other, with two people in it.
pub(crate) async fn invented_server() -> DialectServer {
    let server = DialectServer::start(Dialect::Invented, &[]).await.unwrap();
    for name in ["Ana Ríos", "Beto Núñez"] {
        server.join(name).await.unwrap();
    }
    server
}

/// Gives the server's address to the form, and its unknown speech to the assistant.
pub(crate) async fn begin_to_learn(app: &DrivenApp, url: &str) {
    app.fill("server", url).await;
    app.visible("submit").await.click().await.unwrap();
    app.visible("learn").await.click().await.unwrap();
    app.visible("screen-learn").await;
    app.visible("learn-save").await;
}

#[tokio::test]
async fn a_server_that_nobody_knows_is_learnt_in_the_window_and_its_people_are_listed() {
    let (world, server) = (world().await, invented_server().await);
    let app = world.app().drive().await.unwrap();
    begin_to_learn(&app, server.url()).await;
    app.says("#proposals", "who.is.here").await;
    app.says("#learn-rows", "Ana Ríos").await;
    picture(&app, "desktop-learn").await;

    // Another list than that of the people, and back.
    let proposals = app.page().find_all(By::Css("#proposals .option")).await.unwrap();
    assert!(proposals.len() > 1, "rooms are a list too");
    proposals[1].click().await.unwrap();
    app.says("#learn-rows", "Lobby").await;
    proposals[0].click().await.unwrap();
    app.says("#learn-rows", "Ana Ríos").await;

    app.visible("learn-heard").await.find(By::Css("summary")).await.unwrap().click().await.unwrap();
    app.says("#learn-events", "tick").await;
    app.fill("profile-name", "inventado").await;
    app.visible("profile-name").await.send_keys(Key::Enter).await.unwrap();
    app.visible("screen-roster").await;
    app.says("#list", "Beto Núñez").await;
    let profile = world.home().join(".config/presente/profiles/inventado.toml");
    let profile = std::fs::read_to_string(profile).unwrap();
    assert!(profile.contains("who.is.here"), "{profile}");
    server.leave("Beto Núñez").await.unwrap();
    app.says("#list", "Offline").await;
}

#[tokio::test]
async fn the_fields_of_a_person_can_be_chosen_and_the_assistant_left_again() {
    let spanish = World::builder()
        .env("LC_ALL", "es_MX.UTF-8")
        .env("LANG", "es_MX.UTF-8")
        .env("GTK_THEME", "Adwaita:dark");
    let (world, server) = (spanish.start().await.unwrap(), invented_server().await);
    let app = world.app().drive().await.unwrap();
    begin_to_learn(&app, server.url()).await;
    app.says("#learn-rows", "Ana Ríos").await;
    picture(&app, "desktop-learn-es-dark").await;
    let name = SelectElement::new(&app.visible("learn-name").await).await.unwrap();
    name.select_by_value("id").await.unwrap();
    app.says_no_more("#learn-rows", "Ana Ríos").await;
    app.visible("learn-cancel").await.click().await.unwrap();
    let held = app.visible("server").await.prop("value").await.unwrap();
    assert_eq!(held.as_deref(), Some(server.url()), "the form is as it was");
}
