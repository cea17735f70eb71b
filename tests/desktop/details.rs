//! The line at the bottom opens what is known of the connection, for the hand and for the keyboard.

use crate::stage::{Page, lucia, picture, server, world};
use presente_tests::{
    desktop::{DrivenApp, World},
    process::Signal,
    wait::{PATIENCE, until},
};
use thirtyfour::{By, Key};

async fn is_open(app: &DrivenApp) -> bool {
    app.page().find(By::Id("details")).await.unwrap().is_displayed().await.unwrap()
}

#[tokio::test]
async fn the_line_at_the_bottom_opens_the_details_of_the_connection() {
    let (world, mut server) = (world().await, server().await);
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    let line = app.visible("footer").await;
    app.says("#footer", "nobody online").await;
    assert!(!is_open(&app).await, "closed until it is asked for");

    line.send_keys(Key::Enter).await.unwrap();
    app.visible("details").await;
    assert_eq!(line.attr("aria-expanded").await.unwrap().as_deref(), Some("true"));
    app.says("#details", "Connected").await;
    app.says("#details", "WebSocket").await;
    app.says("#details", "Attempts it took1").await;
    picture(&app, "desktop-details").await;
    line.send_keys(Key::Escape).await.unwrap();
    until("the details to close", PATIENCE, async || (!is_open(&app).await).then_some(())).await.unwrap();

    line.click().await.unwrap();
    app.visible("details").await;
    server.process().signal(Signal::Kill).unwrap();
    server.process().ended(PATIENCE).await.unwrap();
    app.says("#details", "Attempts so far").await;
    app.says("#details", "Last trouble").await;
    app.says_no_more("#details", "WebSocket").await;
    picture(&app, "desktop-details-disconnected").await;
}

#[tokio::test]
async fn the_details_of_the_connection_are_in_spanish_where_the_system_is() {
    let spanish = World::builder().env("LC_ALL", "es_MX.UTF-8").env("LANG", "es_MX.UTF-8");
    let (world, server) = (spanish.start().await.unwrap(), server().await);
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.visible("footer").await.click().await.unwrap();
    app.says("#details", "Viaja por").await;
    picture(&app, "desktop-details-es").await;
}
