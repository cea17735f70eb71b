//! Our client with a server of the field.

use crate::watch::Watch;
use presente_tests::{
    node::{FieldClient, ReferenceServer, SeedUser, Shape},
    process::Signal,
    wait::{PATIENCE, until},
};
use std::time::{Duration, Instant};

fn ana() -> SeedUser {
    SeedUser::new("ana@example.org", "Ana", "Ríos")
}

fn beto() -> SeedUser {
    SeedUser::new("beto@example.org", "Beto", "Núñez")
}

#[tokio::test]
async fn we_see_who_comes_and_goes_and_are_seen_and_leave_no_ghost() {
    let server = ReferenceServer::start(&[ana(), beto()]).await.unwrap();
    let (mut watch, contacts) = Watch::start(server.url(), &ana()).await;
    assert!(contacts.is_empty(), "we are not our own contact: {contacts:?}");

    let mut beto_client = FieldClient::start(server.url(), &beto()).await.unwrap();
    let contact = watch.change("online", "beto@example.org").await;
    assert_eq!(contact["name"], "Beto Núñez");
    let seen = beto_client.next_event("usersConected").await.unwrap();
    assert!(seen[0].to_string().contains("ana@example.org"), "the field sees us: {seen:?}");

    beto_client.sign_out().await.unwrap();
    watch.change("offline", "beto@example.org").await;

    let told = Instant::now();
    watch.signal(Signal::Term);
    assert!(watch.ended().await.unwrap().success(), "{}", watch.complaints());
    assert!(told.elapsed() < Duration::from_secs(2), "leaving took {:?}", told.elapsed());
    assert!(!server.is_conected("ana@example.org").await.unwrap(), "no ghost stays behind");
    beto_client
        .wait_for("a list without us", |heard| {
            heard.event == "usersConected" && !heard.args[0].to_string().contains("ana@example.org")
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn every_variant_of_the_dialect_is_read() {
    for shape in [Shape::Nested, Shape::ResponseArray, Shape::UserArray, Shape::Array] {
        let server = ReferenceServer::builder().users(&[ana(), beto()]).shape(shape).start().await.unwrap();
        let (mut watch, _) = Watch::start(server.url(), &ana()).await;
        let _beto = FieldClient::start(server.url(), &beto()).await.unwrap();
        let contact = watch.change("online", "beto@example.org").await;
        assert_eq!(contact["name"], "Beto Núñez", "shape {shape:?}");
    }
}

#[tokio::test]
async fn a_list_of_bare_names_is_a_roster_too() {
    let server =
        ReferenceServer::builder().users(&[ana(), beto()]).shape(Shape::Names).start().await.unwrap();
    let (mut watch, _) = Watch::start(server.url(), &ana()).await;
    let _beto = FieldClient::start(server.url(), &beto()).await.unwrap();
    let line = watch.next("Beto", |line| line["event"] == "online").await;
    assert!(line["contact"]["name"].as_str().unwrap().contains("Beto"), "{line}");
}

#[tokio::test]
async fn a_server_that_knows_only_the_other_request_is_asked_by_that() {
    let server = ReferenceServer::builder()
        .users(&[ana(), beto()])
        .request_event("userList")
        .empty_sign_out_answer()
        .start()
        .await
        .unwrap();
    let (mut watch, _) = Watch::start(server.url(), &ana()).await;
    let beto_client = FieldClient::builder(server.url(), &beto()).request_event("userList");
    let _beto_client = beto_client.start().await.unwrap();
    watch.change("online", "beto@example.org").await;
    watch.signal(Signal::Interrupt);
    assert!(watch.ended().await.unwrap().success());
    assert!(!server.is_conected("ana@example.org").await.unwrap());
}

#[tokio::test]
async fn a_cut_connection_comes_back_with_the_whole_list_and_without_signing_in_again() {
    let server = ReferenceServer::start(&[ana(), beto()]).await.unwrap();
    let (mut watch, _) = Watch::start(server.url(), &ana()).await;
    server.drop_sockets().await.unwrap();
    let line = watch.connection("offline").await;
    assert!(line["reason"].as_str().unwrap().contains("connection"), "{line}");
    watch.connection("online").await;
    watch.roster().await;
    assert_eq!(server.log().await.unwrap().count_requests("/api/auth/signIn"), 1);
}

#[tokio::test]
async fn a_server_that_was_killed_and_forgot_us_has_us_online_again() {
    let mut server = ReferenceServer::start(&[ana(), beto()]).await.unwrap();
    let (mut watch, _) = Watch::start(server.url(), &ana()).await;
    let port = server.port().unwrap();
    server.process().signal(Signal::Kill).unwrap();
    server.process().ended(PATIENCE).await.unwrap();
    watch.connection("offline").await;
    let server = ReferenceServer::builder().users(&[ana(), beto()]).port(port).start().await.unwrap();
    watch.connection("online").await;
    until("us to be online at the new server", PATIENCE, async || {
        server.is_conected("ana@example.org").await.ok().filter(|online| *online)
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn nothing_we_ever_send_ends_a_fragile_server() {
    let mut server = ReferenceServer::start(&[ana()]).await.unwrap();
    let wrong = SeedUser { password: "otra".to_owned(), ..ana() };
    let unknown = SeedUser::new("nadie@example.org", "N", "N");
    for user in [wrong, unknown] {
        let mut watch = Watch::launch(&mut crate::watch::command(server.url(), &user));
        assert_eq!(watch.ended().await.unwrap().code(), Some(3), "{}", watch.complaints());
    }
    let (mut watch, _) = Watch::start(server.url(), &ana()).await;
    watch.signal(Signal::Term);
    watch.ended().await.unwrap();
    assert_eq!(server.process().exit_status(), None, "still running: {}", server.errors().text());
    let log = server.log().await.unwrap();
    let froms: Vec<_> =
        log.requests.iter().filter_map(|request| request.body["logedUser"]["from"].as_str()).collect();
    assert_eq!(froms, ["presente"; 3], "never the word that skips the password check");
}

#[tokio::test]
async fn a_greeting_is_the_servers_word() {
    let server = ReferenceServer::start(&[ana()]).await.unwrap();
    let mut watch = Watch::launch(&mut crate::watch::command(server.url(), &ana()));
    let line = watch.next("the greeting", |line| line["event"] == "message").await;
    assert!(
        !line["text"].as_str().unwrap().is_empty() && !line["from"].as_str().unwrap().is_empty(),
        "{line}"
    );
}

#[tokio::test]
async fn a_hostile_name_arrives_as_text_without_its_tricks() {
    let mallory = SeedUser::new("m@example.org", "<img src=x onerror=alert(1)>", "\u{202E}live\u{1b}[31m");
    let server = ReferenceServer::start(&[ana(), mallory.clone()]).await.unwrap();
    let (mut watch, _) = Watch::start(server.url(), &ana()).await;
    let _mallory = FieldClient::start(server.url(), &mallory).await.unwrap();
    let contact = watch.change("online", "m@example.org").await;
    assert_eq!(contact["name"], "<img src=x onerror=alert(1)> live [31m");
}
