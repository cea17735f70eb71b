//! The field's server and client against each other: what the harness promises about both.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod dialects;
mod tokens;

use serde_json::json;

use super::*;
use crate::wait::{PATIENCE, until};

fn ana() -> SeedUser {
    SeedUser::new("ana@example.org", "Ana", "López")
}

fn bo() -> SeedUser {
    SeedUser::new("bo@example.org", "Bo: \"the\" <b>", "")
}

#[tokio::test]
async fn two_field_clients_see_each_other_come_and_go() {
    let server = ReferenceServer::start(&[ana(), bo()]).await.unwrap();
    let mut first = FieldClient::start(server.url(), &ana()).await.unwrap();
    let listed = first.next_event("usersConected").await.unwrap();
    assert_eq!(listed[0]["response"]["user"].as_array().unwrap().len(), 1);

    let second = FieldClient::builder(server.url(), &bo()).first_transport(Transport::WebSocket);
    let mut second = second.start().await.unwrap();
    let listed = first.next_event("usersConected").await.unwrap();
    assert_eq!(listed[0]["response"]["user"][1]["firstName"], "Bo: \"the\" <b>");
    assert!(server.is_conected(&bo().email).await.unwrap());

    second.sign_out().await.unwrap();
    let listed = first.next_event("usersConected").await.unwrap();
    assert_eq!(listed[0]["response"]["user"].as_array().unwrap().len(), 1);
    assert!(!server.is_conected(&bo().email).await.unwrap());

    let log = server.log().await.unwrap();
    assert_eq!(log.count_requests("/api/auth/signIn"), 2);
    assert_eq!(log.requests[0].body["logedUser"]["password"], ana().password.len());
    assert_eq!(log.sockets, 2);
}

#[tokio::test]
async fn an_announcement_is_acknowledged_and_reaches_the_others_bytes_and_all() {
    let server = ReferenceServer::start(&[ana(), bo()]).await.unwrap();
    let mut from = FieldClient::start(server.url(), &ana()).await.unwrap();
    let mut to = FieldClient::start(server.url(), &bo()).await.unwrap();
    let message = json!({ "mensaje": "hola", "foto": { "$binary": "AAEC" } });
    from.emit("enviar-mensaje", &message).unwrap();
    let ack = from.wait_for("the acknowledgement", |heard| heard.kind == "ack").await.unwrap();
    assert!(ack.args[0]["id"].is_string(), "{ack:?}");
    assert_eq!(to.next_event("enviar-mensaje").await.unwrap(), [message]);
}

#[tokio::test]
async fn a_field_client_comes_back_after_its_connection_was_cut() {
    let server = ReferenceServer::start(&[ana()]).await.unwrap();
    let mut client = FieldClient::start(server.url(), &ana()).await.unwrap();
    server.drop_sockets().await.unwrap();
    client.wait_for("the cut", |heard| heard.kind == "disconnected").await.unwrap();
    client.wait_for("the connection", |heard| heard.kind == "connected").await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_refused_in_the_servers_own_words() {
    let server = ReferenceServer::start(&[ana()]).await.unwrap();
    let stranger = SeedUser { password: "wrong".to_owned(), ..ana() };
    let mut client = FieldClient::builder(server.url(), &stranger).launch().unwrap();
    let refused = client.next().await.unwrap();
    assert_eq!((refused.kind.as_str(), refused.message.is_some()), ("refused", true));
    assert!(!server.is_conected(&ana().email).await.unwrap());
}

#[tokio::test]
async fn a_sign_out_of_an_unknown_address_ends_the_server_as_in_the_field() {
    let mut server = ReferenceServer::start(&[ana()]).await.unwrap();
    let request = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = request.post(format!("{}/api/auth/signOut", server.url()));
    assert!(request.json(&json!({ "closeuser": "nobody@example.org" })).send().await.is_err());
    assert!(!server.process().ended(PATIENCE).await.unwrap().success());
}

#[tokio::test]
async fn the_list_comes_in_the_spelling_and_under_the_request_that_were_asked_for() {
    let server = ReferenceServer::builder().users(&[ana()]).shape(Shape::Names).request_event("userList");
    let server = server.start().await.unwrap();
    let mut client =
        FieldClient::builder(server.url(), &ana()).request_event("userList").start().await.unwrap();
    assert_eq!(client.next_event("usersConected").await.unwrap(), [json!(["Ana López"])]);
    until("the request in the log", PATIENCE, async || {
        (server.log().await.unwrap().count_events("userList") == 1).then_some(())
    })
    .await
    .unwrap();
}
