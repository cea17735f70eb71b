//! The field's client, unmodified, with our server; and ours beside it.

use crate::watch::Watch;
use presente_tests::{
    node::{FieldClient, SeedUser, Transport},
    presente_server::{Options, PresenteServer},
    process::Signal,
};
use serde_json::{Value, json};

fn ana() -> SeedUser {
    SeedUser { password: "clave de ana".to_owned(), ..SeedUser::new("ana@example.org", "Ana", "Ríos") }
}

fn beto() -> SeedUser {
    SeedUser { password: "clave de beto".to_owned(), ..SeedUser::new("beto@example.org", "Beto", "Núñez") }
}

async fn server(open: bool) -> PresenteServer {
    let server = PresenteServer::start(Options { open, seed_demo: false }).await.unwrap();
    for user in [ana(), beto()] {
        let person = json!({"firstName": user.first_name, "lastName": user.last_name, "email": user.email,
                            "password": user.password, "from": "signup"});
        let request = reqwest::Client::new().post(format!("{}/api/auth/signUp", server.url()));
        let answer: Value =
            request.json(&json!({ "newUser": person })).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["success"], true, "{answer}");
    }
    server
}

fn lists(heard: &Value, email: &str) -> bool {
    heard["response"]["user"].as_array().unwrap().iter().any(|user| user["email"] == email)
}

#[tokio::test]
async fn an_unmodified_client_signs_in_sees_others_and_signs_out_on_both_transports() {
    for transport in [Transport::Polling, Transport::WebSocket] {
        let server = server(true).await;
        let client = FieldClient::builder(server.url(), &ana()).first_transport(transport);
        let mut field = client.start().await.unwrap();
        field.wait_for("the greeting", |heard| heard.event == "saludo").await.unwrap();
        let list = field.next_event("usersConected").await.unwrap();
        assert!(lists(&list[0], "ana@example.org"), "{transport:?}: {list:?}");

        let (mut watch, contacts) = Watch::start(server.url(), &beto()).await;
        assert_eq!(contacts[0]["email"], "ana@example.org", "{transport:?}");
        field
            .wait_for("us in the list", |heard| {
                heard.event == "usersConected" && lists(&heard.args[0], "beto@example.org")
            })
            .await
            .unwrap();

        field.sign_out().await.unwrap();
        watch.change("offline", "ana@example.org").await;
        watch.signal(Signal::Term);
        assert!(watch.ended().await.unwrap().success());
        field
            .wait_for("us gone", |heard| {
                heard.event == "usersConected" && !lists(&heard.args[0], "beto@example.org")
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn by_default_a_socket_without_a_token_is_refused_and_one_with_it_is_served() {
    let server = server(false).await;
    let mut without = FieldClient::builder(server.url(), &ana()).launch().unwrap();
    let refused = without.wait_for("a refusal", |heard| heard.kind == "connect-error").await.unwrap();
    assert!(refused.message.is_some_and(|message| !message.is_empty()));
    let with = FieldClient::builder(server.url(), &beto()).with_token();
    let mut with = with.start().await.unwrap();
    let list = with.next_event("usersConected").await.unwrap();
    assert!(lists(&list[0], "beto@example.org"));
}

#[tokio::test]
async fn an_announcement_is_acknowledged_and_reaches_us_with_the_senders_name() {
    let server = server(false).await;
    let (mut watch, _) = Watch::start(server.url(), &ana()).await;
    let beto_client = FieldClient::builder(server.url(), &beto()).with_token();
    let mut beto_client = beto_client.start().await.unwrap();
    beto_client.emit("enviar-mensaje", &json!({"mensaje": "A las diez", "emisor": "Otra"})).unwrap();
    let ack = beto_client.wait_for("the ack", |heard| heard.kind == "ack").await.unwrap();
    assert!(ack.args[0]["id"].is_string(), "{ack:?}");
    let line = watch.next("the announcement", |line| line["text"] == "A las diez").await;
    assert_eq!(line["from"], "Beto Núñez", "the server says who speaks, not the speaker");
}

#[tokio::test]
async fn a_client_that_dies_is_gone_without_anybodys_help() {
    let server = server(false).await;
    let (mut watch, _) = Watch::start(server.url(), &ana()).await;
    let (beto_watch, _) = Watch::start(server.url(), &beto()).await;
    watch.change("online", "beto@example.org").await;
    beto_watch.signal(Signal::Kill);
    watch.change("offline", "beto@example.org").await;
}

#[tokio::test]
async fn a_server_that_is_killed_and_started_again_has_everybody_back() {
    let mut server = server(false).await;
    let (mut watch, _) = Watch::start(server.url(), &ana()).await;
    let (mut beto_watch, _) = Watch::start(server.url(), &beto()).await;
    server.restart(Signal::Kill).await.unwrap();
    for watch in [&mut watch, &mut beto_watch] {
        watch.connection("offline").await;
        watch.connection("online").await;
    }
    let ana_is_there = |contacts: &Value| contacts.to_string().contains("ana@example.org");
    beto_watch
        .next("Ana again", |line| ana_is_there(&line["contacts"]) || ana_is_there(&line["contact"]))
        .await;
}
