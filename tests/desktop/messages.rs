//! What is said: to everybody and to one, heard and read, and what became of it.

use crate::{
    accounts::{active_server, fatima_comes},
    stage::{Page, lucia, lucia_sees_ana, picture, server, world},
};
use presente_tests::{
    desktop::{DrivenApp, World},
    node::FieldClient,
    wait::{PATIENCE, until},
};
use thirtyfour::{By, Key};

async fn open_messages(app: &DrivenApp) {
    app.visible("messages-open").await.click().await.unwrap();
    app.visible("messages").await;
}

/// Types a message, as a person does, and presses Return.
async fn say(app: &DrivenApp, text: &str) {
    app.fill("message-text", text).await;
    app.visible("message-text").await.send_keys(Key::Enter).await.unwrap();
    assert_eq!(typed(app).await, "", "sent, and gone from the field");
}

async fn typed(app: &DrivenApp) -> String {
    app.visible("message-text").await.prop("value").await.unwrap().unwrap_or_default()
}

async fn is_shown(app: &DrivenApp, id: &str) -> bool {
    app.page().find(By::Id(id)).await.unwrap().is_displayed().await.unwrap()
}

async fn hears(client: &mut FieldClient, text: &'static str) {
    client.wait_for(text, |heard| heard.args.iter().any(|arg| arg.to_string().contains(text))).await.unwrap();
}

#[tokio::test]
async fn an_announcement_is_heard_by_the_others_and_confirmed_in_the_window() {
    let (world, server) = (world().await, server().await);
    let (mut ana_client, app) = lucia_sees_ana(&world, &server).await;
    open_messages(&app).await;
    app.says("#to-all", "To everybody at 127.0.0.1").await;

    app.visible("message-text").await.send_keys(Key::Enter).await.unwrap();
    app.fill("message-text", "   ").await;
    app.visible("message-text").await.send_keys(Key::Enter).await.unwrap();
    say(&app, "Subo en cinco minutos").await;
    hears(&mut ana_client, "Subo en cinco minutos").await;
    app.says(".message.ours .delivery", "delivered").await;
    app.says(".message.ours .from", "You to everybody at").await;
    let log = server.log().await.unwrap();
    assert_eq!(log.count_events("enviar-mensaje"), 1, "nothing empty was sent");
    picture(&app, "desktop-messages").await;

    ana_client.say("Te espero").unwrap();
    app.says("#said", "Te espero").await;
    app.says("#said", "Ana Ríos says").await;
    app.says("#unread-count", "0").await;
}

#[tokio::test]
async fn what_was_said_meanwhile_is_counted_until_it_is_seen_and_what_was_typed_stays() {
    let (world, server) = (world().await, server().await);
    let (mut ana_client, app) = lucia_sees_ana(&world, &server).await;
    open_messages(&app).await;
    app.fill("message-text", "Todavía no").await;
    app.visible("message-text").await.send_keys(Key::Escape).await.unwrap();
    assert!(!is_shown(&app, "messages").await);

    ana_client.say("¿Vienes?").unwrap();
    app.visible("unread").await;
    app.says("#messages-open", "Unread: 1").await;
    picture(&app, "desktop-unread").await;
    open_messages(&app).await;
    app.says("#said", "¿Vienes?").await;
    until("the count to go", PATIENCE, async || (!is_shown(&app, "unread").await).then_some(()))
        .await
        .unwrap();
    assert_eq!(typed(&app).await, "Todavía no", "it stayed");
}

#[tokio::test]
async fn where_presence_is_the_connection_everybody_or_one_can_be_told_something() {
    let (world, server) = (world().await, active_server().await);
    let mut fatima = fatima_comes(&server).await;
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.says("#list", "Fátima Ruiz").await;
    open_messages(&app).await;
    say(&app, "A todos").await;
    hears(&mut fatima, "A todos").await;
    app.says(".message.ours .delivery", "delivered").await;
    app.visible("messages-close").await.click().await.unwrap();

    // Return on the row is the page of the contact; the button beside it is for writing.
    let button = app.page().find(By::Css(".row.contact .round")).await.unwrap();
    button.send_keys(Key::Enter).await.unwrap();
    app.says("#to-one", "To Fátima Ruiz").await;
    say(&app, "Solo a ti").await;
    let heard = fatima.next_event("mensaje-privado").await.unwrap();
    assert_eq!(heard[0]["mensaje"], "Solo a ti");
    app.says("#said", "You to Fátima Ruiz").await;
    picture(&app, "desktop-whisper").await;
    app.visible("to-all-again").await.click().await.unwrap();
    app.says("#to-all", "To everybody at 127.0.0.1").await;
    assert!(!is_shown(&app, "to-one").await);
    app.visible("messages-close").await.click().await.unwrap();

    // The page of a contact leads there too.
    app.open_contact("Fátima Ruiz").await;
    app.visible("contact-write").await.click().await.unwrap();
    app.says("#to-one", "To Fátima Ruiz").await;
}

#[tokio::test]
async fn without_a_connection_nothing_is_sent_and_the_words_stay_in_the_field() {
    let spanish = World::builder().env("LC_ALL", "es_MX.UTF-8").env("LANG", "es_MX.UTF-8");
    let (world, mut server) = (spanish.start().await.unwrap(), server().await);
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.visible("screen-roster").await;
    open_messages(&app).await;
    app.says("#to-all", "A todos en 127.0.0.1").await;
    app.fill("message-text", "Ya voy").await;
    server.process().signal(presente_tests::process::Signal::Kill).unwrap();
    server.process().ended(PATIENCE).await.unwrap();
    app.visible("cannot-write").await;
    app.visible("message-text").await.send_keys(Key::Enter).await.unwrap();
    assert_eq!(typed(&app).await, "Ya voy");
    assert_eq!(app.text(".message.ours").await, "", "nothing was said");
    picture(&app, "desktop-messages-cut-off").await;
}
