//! Who is online, as sockets and the database see it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{PASSWORD, Server, Socket, database, email};

#[tokio::test]
async fn a_socket_is_greeted_and_gets_the_list_it_asks_for() {
    let server = Server::start().await;
    let token = server.join("ana").await;
    let mut socket = server.socket(&token).await;
    let greeting = socket.next("saludo").await;
    assert!(greeting["emisor"].is_string() && greeting["mensaje"].is_string());
    for spelling in ["user list", "userList"] {
        while socket.hears_a_list_within(Duration::from_millis(100)).await {}
        socket.emit(spelling, None).await;
        let list = socket.next("usersConected").await;
        let row = &list["response"]["user"][0];
        let mut keys: Vec<_> = row.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        assert_eq!(keys, ["_id", "email", "firstName", "isConected", "lastName"], "nothing secret in {row}");
        assert_eq!((&row["email"], &row["isConected"]), (&json!(email("ana")), &json!(true)));
    }
}

#[tokio::test]
async fn a_question_is_answered_at_once_and_costs_the_others_nothing() {
    let server = Server::start().await;
    let token = server.join("ana").await;
    let mut asker = server.socket(&token).await;
    let mut other = server.socket(&token).await;
    while asker.hears_a_list_within(Duration::from_millis(150)).await {}
    while other.hears_a_list_within(Duration::from_millis(10)).await {}
    for _ in 0..3 {
        asker.emit("user list", None).await;
        assert_eq!(asker.next_list().await, ["ana"]);
    }
    assert!(!other.hears_a_list_within(Duration::from_millis(150)).await, "nothing has changed");
}

#[tokio::test]
async fn everybody_hears_of_sign_ins_and_sign_outs_without_asking() {
    let server = Server::start().await;
    let ana = server.join("ana").await;
    let mut watcher = server.socket(&ana).await;
    let beto = server.join("beto").await;
    watcher.wait_for(&["ana", "beto"]).await;
    server.sign_out("beto", Some(&beto)).await;
    watcher.wait_for(&["ana"]).await;
}

#[tokio::test]
async fn a_session_without_a_socket_is_gone_after_the_grace() {
    let server = Server::start().await;
    let ana = server.join("ana").await;
    let mut watcher = server.socket(&ana).await;
    server.join("beto").await;
    watcher.wait_for(&["ana", "beto"]).await;
    watcher.wait_for(&["ana"]).await;
    server.until_connected("beto", false).await;
}

#[tokio::test]
async fn a_socket_that_dies_is_gone_after_the_grace_and_back_when_it_returns() {
    let server = Server::with(|config| {
        config.ping_interval = Duration::from_millis(300);
        config.ping_timeout = Duration::from_millis(200);
    })
    .await;
    let ana = server.join("ana").await;
    let mut watcher = server.socket(&ana).await;
    let beto = server.join("beto").await;
    let socket = server.socket(&beto).await;
    watcher.wait_for(&["ana", "beto"]).await;
    drop(socket);
    watcher.wait_for(&["ana"]).await;
    server.until_connected("beto", false).await;
    let _back = server.socket(&beto).await;
    watcher.wait_for(&["ana", "beto"]).await;
    server.until_connected("beto", true).await;
}

#[tokio::test]
async fn a_quick_reconnect_is_noticed_by_nobody() {
    let server = Server::with(|config| config.grace = Duration::from_secs(3)).await;
    let ana = server.join("ana").await;
    let mut watcher = server.socket(&ana).await;
    let beto = server.join("beto").await;
    let socket = server.socket(&beto).await;
    watcher.wait_for(&["ana", "beto"]).await;
    socket.leave().await;
    let _back = server.socket(&beto).await;
    assert!(!watcher.hears_a_list_within(Duration::from_secs(1)).await);
}

#[tokio::test]
async fn who_appears_offline_still_listens_and_may_reconnect_but_is_not_online() {
    let server = Server::start().await;
    let ana = server.join("ana").await;
    let mut watcher = server.socket(&ana).await;
    let beto = server.join("beto").await;
    let mut hidden = server.socket(&beto).await;
    watcher.wait_for(&["ana", "beto"]).await;
    assert_eq!(server.sign_out("beto", Some(&beto)).await, Value::Null);
    watcher.wait_for(&["ana"]).await;
    hidden.wait_for(&["ana"]).await;
    hidden.leave().await;
    let mut hidden = server.socket(&beto).await;
    hidden.emit("user list", None).await;
    assert_eq!(hidden.next_list().await, ["ana"]);
    let refused = hidden.ask("enviar-mensaje", json!({ "mensaje": "hola" })).await;
    assert_eq!(refused["success"], json!(false), "listening is all it may do");

    let pool = database(server.folder.path()).await;
    let (left,): (i64,) =
        sqlx::query_as("SELECT MAX(expires_at) - unixepoch() FROM sessions WHERE signed_in = 0")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert!(left > 0 && left <= 12 * 3600, "{left} s");
    pool.close().await;
}

#[tokio::test]
async fn who_appeared_offline_and_signs_in_again_is_online_on_the_socket_that_is_open() {
    let server = Server::with(|config| config.grace = Duration::from_millis(300)).await;
    let token = server.join("ana").await;
    let watcher = server.join("beto").await;
    let mut beto = server.socket(&watcher).await;
    let ana = server.socket(&token).await;
    beto.wait_for(&["ana", "beto"]).await;
    server.sign_out("ana", Some(&token)).await;
    beto.wait_for(&["beto"]).await;
    let body = json!({"logedUser": {"email": email("ana"), "password": PASSWORD, "from": "presente"}});
    let (_, answer) = server.post_with("/api/auth/signIn", &body, Some(&token)).await;
    assert_eq!(answer["response"]["token"], token, "the session goes on with its token");
    beto.wait_for(&["ana", "beto"]).await;
    assert!(!beto.hears_a_list_within(Duration::from_millis(900)).await, "the open socket keeps her online");
    ana.leave().await;
    beto.wait_for(&["beto"]).await;
}

#[tokio::test]
async fn a_token_that_ends_closes_its_socket_and_opens_no_other() {
    let server = Server::with(|config| config.token_life = Duration::from_secs(2)).await;
    let token = server.join("ana").await;
    let mut socket = server.socket(&token).await;
    socket.closed().await;
    assert!(server.connect(json!({ "token": token })).await.is_err());
}

#[tokio::test]
async fn by_default_a_socket_needs_a_good_token() {
    let server = Server::start().await;
    for auth in [json!({}), json!({ "token": "" }), json!({ "token": null }), json!({ "token": 7 })] {
        let reason = server.connect(auth.clone()).await.err().unwrap_or_else(|| panic!("{auth} got in"));
        assert!(reason.contains("token"), "{reason}");
    }
    let reason = server.connect(json!({ "token": "f".repeat(64) })).await.err().unwrap();
    assert!(reason.contains("sesión"), "{reason}");
    assert!(Socket::connect(server.http.clone(), &server.base, "", json!("text")).await.is_err());
}

#[tokio::test]
async fn a_token_may_come_as_a_header_or_in_the_query() {
    let server = Server::start().await;
    let token = server.join("ana").await;
    let query = format!("&token={token}");
    assert!(Socket::connect(server.http.clone(), &server.base, &query, json!({})).await.is_ok());
    for (name, value) in [("x-token", token.clone()), ("authorization", format!("Bearer {token}"))] {
        let headers = [(name.parse().unwrap(), value.parse().unwrap())].into_iter().collect();
        let http = reqwest::Client::builder().no_proxy().default_headers(headers).build().unwrap();
        assert!(Socket::connect(http, &server.base, "", json!({})).await.is_ok(), "{name}");
    }
}

#[tokio::test]
async fn in_open_mode_a_client_of_the_field_works_as_it_is() {
    let server = Server::open().await;
    let mut socket = server.connect(json!({})).await.expect("no token is needed to listen");
    server.join("ana").await;
    socket.wait_for(&["ana"]).await;
    assert!(!socket.hears_a_list_within(Duration::from_secs(1)).await, "no socket, and yet not gone");
    server.sign_out("ana", None).await;
    socket.wait_for(&[]).await;
    assert!(server.connect(json!({ "token": "nonsense" })).await.is_err(), "a bad token is still bad");
}

#[tokio::test]
async fn in_open_mode_a_session_that_showed_a_socket_needs_one() {
    let server = Server::open().await;
    let mut watcher = server.connect(json!({})).await.unwrap();
    let token = server.join("ana").await;
    let socket = server.socket(&token).await;
    watcher.wait_for(&["ana"]).await;
    socket.leave().await;
    watcher.wait_for(&[]).await;
}

#[tokio::test]
async fn a_restart_keeps_no_ghosts_and_loses_nobody_who_comes_back() {
    let server = Server::start().await;
    let ana = server.join("ana").await;
    let beto = server.join("beto").await;
    let sockets = (server.socket(&ana).await, server.socket(&beto).await);
    let folder = server.stop().await;
    drop(sockets);

    let server = Server::in_folder(folder, |_| {}).await;
    server.until_connected("beto", true).await;
    let mut back = server.socket(&ana).await;
    back.wait_for(&["ana"]).await;
    server.until_connected("beto", false).await;
    let folder = server.stop().await;
    let pool = database(folder.path()).await;
    let (online,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM users WHERE is_connected").fetch_one(&pool).await.unwrap();
    assert_eq!(online, 0, "nobody is connected to a server that is not there");
    pool.close().await;
}

#[tokio::test]
async fn in_open_mode_a_restart_keeps_sessions_of_the_field_and_no_others() {
    let server = Server::open().await;
    server.join("ana").await;
    let beto = server.join("beto").await;
    let socket = server.socket(&beto).await;
    let folder = server.stop().await;
    drop(socket);
    let server = Server::in_folder(folder, |config| config.open = true).await;
    let mut watcher = server.connect(json!({})).await.unwrap();
    watcher.wait_for(&["ana"]).await;
    assert!(!watcher.hears_a_list_within(Duration::from_millis(600)).await);
}
