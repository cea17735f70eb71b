//! The whole path: sign in by typing, see somebody come, be told, toggle from the tray.

use crate::stage::{Page, TITLE, ana, lucia, lucia_sees_ana, picture, server, server_says, world};
use presente_tests::{
    desktop::World,
    node::{FieldClient, ReferenceServer},
    wait::{PATIENCE, until},
};

#[tokio::test]
async fn signing_in_seeing_somebody_come_being_told_and_toggling_from_the_tray() {
    let (world, server) = (world().await, server().await);
    let app = world.app().drive().await.unwrap();
    app.visible("screen-sign-in").await;
    picture(&app, "desktop-sign-in").await;
    app.sign_in(server.url(), &lucia()).await;
    app.says("#screen-roster", "Lucía Méndez").await;
    app.says("#empty-text", "Nobody else").await;
    server_says(&server, true).await;

    let mut ana_client = FieldClient::start(server.url(), &ana()).await.unwrap();
    app.says("#list", "Ana Ríos").await;
    let note =
        world.notifications().wait_for("of Ana", |note| note.summary.contains("Ana Ríos")).await.unwrap();
    assert_eq!(note.summary, "Ana Ríos is online");
    picture(&app, "desktop-roster").await;

    let tray = world.tray().await.unwrap();
    let labels = tray.labels().await.unwrap();
    assert!(labels[0].starts_with("Lucía Méndez"), "the first item is our own state: {labels:?}");
    tray.wait_for_label("1 online").await.unwrap();
    let online_icon = tray.icon().await.unwrap();

    tray.click_menu("Appear offline").await.unwrap();
    server_says(&server, false).await;
    ana_client
        .wait_for("a list without us", |heard| {
            heard.event == "usersConected" && !heard.args[0].to_string().contains(&lucia().email)
        })
        .await
        .unwrap();
    app.says("#presence-text", "Appearing offline").await;
    let ticked = |label: &'static str| {
        let tray = &tray;
        async move {
            let what = format!("{label} to be ticked");
            tray.wait_for_item(&what, |item| item.label == label && item.ticked == Some(true)).await.unwrap()
        }
    };
    ticked("Appear offline").await;
    let offline_icon = tray.icon_other_than(&online_icon).await.unwrap();
    assert_ne!(offline_icon, online_icon, "the states have shapes of their own");
    app.says("#list", "Ana Ríos").await;

    tray.click_menu("Online").await.unwrap();
    server_says(&server, true).await;
    ana_client
        .wait_for("us in the list again", |heard| {
            heard.event == "usersConected" && heard.args[0].to_string().contains(&lucia().email)
        })
        .await
        .unwrap();
    ticked("Online").await;
    let log = server.log().await.unwrap();
    let sockets = log.events.iter().filter(|event| event.name == "connect").count();
    assert_eq!(
        sockets, 3,
        "the socket was kept all the time (one to find out what is spoken, ours and Ana's)"
    );

    ana_client.sign_out().await.unwrap();
    app.says("#list", "Offline").await;
}

#[tokio::test]
async fn a_click_on_the_notification_brings_the_window_back() {
    let (world, server) = (world().await, server().await);
    crate::stage::signed_in_before(&world, &server).await.unwrap();
    let _app = world.app().start().unwrap();
    world.display().window(TITLE).await.unwrap();
    server_says(&server, true).await;
    world.tray().await.unwrap().wait_for_label("nobody online").await.unwrap();
    world.display().close_window(TITLE).await.unwrap();
    let _ana = FieldClient::start(server.url(), &ana()).await.unwrap();
    let note =
        world.notifications().wait_for("of Ana", |note| note.summary.contains("Ana Ríos")).await.unwrap();
    assert!(!world.display().has_window(TITLE).await.unwrap(), "nothing opens by itself");
    world.notifications().click(note.id).await.unwrap();
    world.display().window(TITLE).await.unwrap();
}

#[tokio::test]
async fn the_presence_menu_of_the_page_does_the_same() {
    let (world, server) = (world().await, server().await);
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    server_says(&server, true).await;
    for (item, is_conected) in [("presence-offline", false), ("presence-online", true)] {
        app.presence_menu(item).await.click().await.unwrap();
        server_says(&server, is_conected).await;
    }
    app.presence_menu("sign-out").await.click().await.unwrap();
    app.visible("screen-sign-in").await;
    server_says(&server, false).await;
}

#[tokio::test]
async fn a_lost_connection_greys_the_list_and_says_as_of_when() {
    let (world, mut server) = (world().await, server().await);
    let (_ana, app) = lucia_sees_ana(&world, &server).await;
    let tray = world.tray().await.unwrap();
    tray.wait_for_label("1 online").await.unwrap();
    let icon = tray.icon().await.unwrap();
    let port = server.port().unwrap();
    server.process().signal(presente_tests::process::Signal::Kill).unwrap();
    server.process().ended(PATIENCE).await.unwrap();
    app.says("#banner", "The list is as of").await;
    picture(&app, "desktop-disconnected").await;
    assert!(app.text("#list").await.contains("Ana Ríos"), "own trouble is not other people's absence");
    tray.icon_other_than(&icon).await.unwrap();
    let before = world.notifications().all().len();
    let server = ReferenceServer::builder().users(&[lucia(), ana()]).port(port).start().await.unwrap();
    server_says(&server, true).await;
    until("the banner to go", PATIENCE, async || {
        let banner = app.page().find(thirtyfour::By::Id("banner")).await.ok()?;
        (!banner.is_displayed().await.ok()?).then_some(())
    })
    .await
    .unwrap();
    assert_eq!(world.notifications().all().len(), before, "coming back raises no alert");
}

#[tokio::test]
async fn the_app_speaks_spanish_where_the_system_does() {
    let world =
        World::builder().env("LC_ALL", "es_MX.UTF-8").env("LANG", "es_MX.UTF-8").start().await.unwrap();
    let server = server().await;
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.says("#empty-text", "Todavía no hay nadie más").await;
    let _ana = FieldClient::start(server.url(), &ana()).await.unwrap();
    world
        .notifications()
        .wait_for("in Spanish", |note| note.summary == "Ana Ríos está en línea")
        .await
        .unwrap();
    world.tray().await.unwrap().wait_for_label("Aparecer desconectado").await.unwrap();
    picture(&app, "desktop-roster-es").await;
}

#[tokio::test]
async fn the_server_of_this_computer_needs_nothing_but_a_name() {
    let world = world().await;
    let app = world.app().drive().await.unwrap();
    app.visible("screen-sign-in").await;
    app.page().find(thirtyfour::By::Id("place-here")).await.unwrap().click().await.unwrap();
    app.visible("mode").await;
    until("the address of the server in the app", PATIENCE, async || {
        let server = app.page().find(thirtyfour::By::Id("server")).await.ok()?.prop("value").await.ok()??;
        server.starts_with("http://127.0.0.1:").then_some(())
    })
    .await
    .unwrap();
    app.page().find(thirtyfour::By::Id("mode")).await.unwrap().click().await.unwrap();
    app.fill("first-name", "Nora").await;
    app.fill("last-name", "Vega").await;
    app.fill("email", "nora@example.org").await;
    app.fill("password", "una clave larga").await;
    app.page().find(thirtyfour::By::Id("submit")).await.unwrap().click().await.unwrap();
    app.says("#me-name", "Nora Vega").await;
    app.says("#presence-text", "Online").await;
}
