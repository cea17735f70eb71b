//! What axe-core finds on the screens (WCAG 2.1, levels A and AA), and what a screen reader is told of the list.

use crate::{
    accounts::{account_menu, active_server, add_account, fatima_comes},
    learning::{begin_to_learn, invented_server},
    stage::{Page, TITLE, ana, lucia, picture_file, server, world},
};
use presente_tests::{
    axe,
    desktop::{ACCESSIBILITY_VARIABLES, Accessibility, DrivenApp},
    node::FieldClient,
    wait::{PATIENCE, until_with_state},
};

async fn findings(app: &DrivenApp) -> String {
    axe::findings(app.page()).await.unwrap()
}

#[tokio::test]
async fn axe_finds_nothing_on_the_sign_in_form_the_roster_and_the_greyed_roster() {
    let (world, mut server) = (world().await, server().await);
    let app = world.app().drive().await.unwrap();
    app.visible("screen-sign-in").await;
    assert_eq!(findings(&app).await, "", "on the sign-in form");
    app.sign_in("http://192.0.2.1", &lucia()).await;
    app.says("#plain-http-text", "without encryption").await;
    assert_eq!(findings(&app).await, "", "on the form with its problem and its question");
    let _ana = FieldClient::start(server.url(), &ana()).await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.says("#list", "Ana Ríos").await;
    assert_eq!(findings(&app).await, "", "on the roster");
    app.visible("footer").await.click().await.unwrap();
    app.visible("details").await;
    assert_eq!(findings(&app).await, "", "on the roster with the details of the connection");
    app.presence_menu("presence-offline").await;
    assert_eq!(findings(&app).await, "", "on the roster with its menu open");
    server.process().stop().await.unwrap();
    app.says("#banner", "The list is as of").await;
    assert_eq!(findings(&app).await, "", "on the greyed roster");
}

#[tokio::test]
async fn axe_finds_nothing_on_two_accounts_their_menus_and_their_messages() {
    let (world, reference, mut active) = (world().await, server().await, active_server().await);
    let mut ana = FieldClient::start(reference.url(), &ana()).await.unwrap();
    let _fatima = fatima_comes(&active).await;
    let app = world.app().drive().await.unwrap();
    app.sign_in(reference.url(), &lucia()).await;
    app.visible("screen-roster").await;
    app.visible("messages-open").await.click().await.unwrap();
    app.visible("messages").await;
    assert_eq!(findings(&app).await, "", "on the messages while there are none");
    app.visible("messages-close").await.click().await.unwrap();
    app.presence_menu("add-account").await.click().await.unwrap();
    app.says("#sign-in-title", "Add an account").await;
    assert_eq!(findings(&app).await, "", "on the form with a way back");
    app.visible("cancel").await.click().await.unwrap();
    add_account(&app, active.url()).await;
    app.says("#list", "Fátima Ruiz").await;
    ana.say("Hola").unwrap();
    app.visible("unread").await;
    assert_eq!(findings(&app).await, "", "on two accounts");
    account_menu(&app, active.url(), "account-pop").await;
    assert_eq!(findings(&app).await, "", "on the menu of an account");
    app.visible("footer").await.click().await.unwrap();
    app.visible("messages-open").await.click().await.unwrap();
    app.fill("message-text", "Hola").await;
    app.visible("message-send").await.click().await.unwrap();
    app.says("#said", "delivered").await;
    assert_eq!(findings(&app).await, "", "on the messages, with a choice of servers");
    app.visible("messages-close").await.click().await.unwrap();
    active.process().stop().await.unwrap();
    app.says("#rows", "The list is as of").await;
    assert_eq!(findings(&app).await, "", "on two accounts, one of them greyed");
}

#[tokio::test]
async fn axe_finds_nothing_on_the_assistant() {
    let (world, server) = (world().await, invented_server().await);
    let app = world.app().drive().await.unwrap();
    begin_to_learn(&app, server.url()).await;
    app.says("#learn-rows", "Ana Ríos").await;
    assert_eq!(findings(&app).await, "", "on the assistant");
    app.visible("learn-heard")
        .await
        .find(thirtyfour::By::Css("summary"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    app.says("#learn-events", "who.is.here").await;
    assert_eq!(findings(&app).await, "", "on the assistant with what was heard");
}

#[tokio::test]
async fn a_screen_reader_is_told_who_is_there_and_how() {
    let (world, server) = (world().await, server().await);
    let bus = Accessibility::start(&world).await.unwrap();
    let _ana = FieldClient::start(server.url(), &ana()).await.unwrap();
    let start =
        ACCESSIBILITY_VARIABLES.into_iter().fold(world.app(), |app, (name, value)| app.env(name, value));
    let app = start.drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.says("#list", "Ana Ríos").await;
    let wanted = [
        "heading \"Lucía Méndez\"",
        "list \"Contacts\"",
        "list item \"Online, 1\"",
        "button \"Ana Ríos Online",
        "entry \"Search 1 person\"",
    ];
    let tree = until_with_state("the list on the accessibility bus", PATIENCE, async || {
        let tree = bus.tree(TITLE).await.map_err(|error| format!("{error:#}"))?.join("\n");
        if wanted.iter().all(|words| tree.contains(words)) { Ok(tree) } else { Err(tree) }
    })
    .await
    .unwrap();
    println!("{tree}");
    std::fs::write(picture_file("at-spi-roster").with_extension("txt"), format!("{tree}\n")).unwrap();
    assert!(!tree.contains("button \"\""), "every button has a name:\n{tree}");
}
