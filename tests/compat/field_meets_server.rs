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
    let server = PresenteServer::start(Options { open, ..Options::default() }).await.unwrap();
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

async fn post(server: &PresenteServer, route: &str, token: Option<&str>, body: &Value) -> Value {
    let mut request = reqwest::Client::new().post(format!("{}/api/auth/{route}", server.url())).json(body);
    if let Some(token) = token {
        request = request.header("x-token", token);
    }
    request.send().await.unwrap().json().await.unwrap()
}

/// One more device of Ana: its token, and a socket of it.
async fn device_of_ana(server: &PresenteServer) -> (String, FieldClient) {
    let words = json!({"logedUser": {"email": ana().email, "password": ana().password, "from": "signup"}});
    let answer = post(server, "signIn", None, &words).await;
    let token = answer["response"]["token"].as_str().unwrap().to_owned();
    let client = FieldClient::builder(server.url(), &ana()).with_token().own_token(&token);
    (token, client.start().await.unwrap())
}

fn saw_ana_go(watch: &Watch) -> bool {
    let line = |line: &String| serde_json::from_str::<Value>(line).unwrap();
    let gone = |line: Value| line["event"] == "offline" && line["contact"]["email"] == ana().email;
    watch.lines().iter().map(line).any(gone)
}

#[tokio::test]
async fn a_token_signs_out_its_own_device_and_all_of_them_if_told_so() {
    let server = server(false).await;
    let (mut watch, _) = Watch::start(server.url(), &beto()).await;
    let (first, _first_client) = device_of_ana(&server).await;
    watch.change("online", "ana@example.org").await;
    let (second, mut second_client) = device_of_ana(&server).await;

    let closeuser = json!({ "closeuser": ana().email });
    assert_eq!(post(&server, "signOut", Some(&first), &closeuser).await, Value::Null);
    // What comes of it would have come before this answer.
    second_client.skip_heard().unwrap();
    second_client.list().unwrap();
    let list = second_client.next_event("usersConected").await.unwrap();
    assert!(lists(&list[0], "ana@example.org"), "the other device is still here: {list:?}");

    let (_, _third_client) = device_of_ana(&server).await;
    assert!(!saw_ana_go(&watch), "she was here all the time");
    let everywhere = json!({ "closeuser": ana().email, "everywhere": true });
    assert_eq!(post(&server, "signOut", Some(&second), &everywhere).await, Value::Null);
    watch.change("offline", "ana@example.org").await;
}

#[tokio::test]
async fn without_a_token_an_open_server_signs_out_every_device_and_a_closed_one_none() {
    let closeuser = json!({ "closeuser": ana().email });
    for open in [true, false] {
        let server = server(open).await;
        let (mut watch, _) = Watch::start(server.url(), &beto()).await;
        let (_, _first) = device_of_ana(&server).await;
        let (token, _second) = device_of_ana(&server).await;
        watch.change("online", "ana@example.org").await;
        let answer = post(&server, "signOut", None, &closeuser).await;
        if open {
            assert_eq!(answer, Value::Null);
        } else {
            assert_eq!(answer["success"], false, "{answer}");
            let everywhere = json!({ "closeuser": ana().email, "everywhere": true });
            assert!(!saw_ana_go(&watch));
            post(&server, "signOut", Some(&token), &everywhere).await;
        }
        watch.change("offline", "ana@example.org").await;
    }
}
