//! Devices: signing one out or all of them, making a session last; and guessing passwords.

use std::time::Duration;

use presente_server::Database;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    harness::{PASSWORD, Server, Socket, database, email},
    postgres::{self, Postgres},
};

#[tokio::test]
async fn signing_out_ends_one_device_and_the_person_stays_online_with_the_other() {
    let server = Server::start().await;
    let (phone, desk) = (server.join("ana").await, server.sign_in("ana").await);
    let (phone_socket, mut desk_socket) = (server.socket(&phone).await, server.socket(&desk).await);
    assert_eq!(server.sign_out("ana", Some(&phone)).await, Value::Null);
    desk_socket.emit("user list", None).await;
    assert_eq!(desk_socket.next_list().await, ["ana"]);
    assert_eq!(server.renew(&phone).await["success"], json!(false));
    assert_eq!(server.renew(&desk).await["success"], json!(true));
    drop(phone_socket);
    server.sign_out("ana", Some(&desk)).await;
    desk_socket.wait_for(&[]).await;
}

#[tokio::test]
async fn signing_out_everywhere_closes_all_devices_and_their_tokens_are_worth_nothing() {
    let server = Server::start().await;
    let (phone, desk) = (server.join("ana").await, server.sign_in("ana").await);
    let (mut phone_socket, mut desk_socket) = (server.socket(&phone).await, server.socket(&desk).await);
    let beto = server.join("beto").await;
    let mut watching = server.socket(&beto).await;
    watching.emit("user list", None).await;
    watching.wait_for(&["ana", "beto"]).await;
    let body = json!({ "closeuser": email("ana"), "everywhere": true });
    let (status, answer) = server.post_with("/api/auth/signOut", &body, Some(&beto)).await;
    assert_eq!((status, &answer["success"]), (StatusCode::OK, &json!(false)), "not somebody else");
    let (status, answer) = server.post_with("/api/auth/signOut", &body, Some(&phone)).await;
    assert_eq!((status, answer), (StatusCode::OK, Value::Null));
    phone_socket.closed().await;
    desk_socket.closed().await;
    watching.wait_for(&["beto"]).await;
    for token in [&phone, &desk] {
        assert_eq!(server.renew(token).await["success"], json!(false));
        let refused = Socket::connect(server.http.clone(), &server.base, "", json!({ "token": token })).await;
        assert!(refused.is_err());
    }
    server.sign_in("ana").await;
}

#[tokio::test]
async fn a_session_is_renewed_in_the_words_of_signing_in_and_lasts_longer() {
    let server = Server::with(|config| config.token_life = Duration::from_secs(3600)).await;
    let token = server.join("ana").await;
    let pool = database(server.folder.path()).await;
    sqlx::query("UPDATE sessions SET expires_at = expires_at - 1800").execute(&pool).await.unwrap();
    let end = "SELECT expires_at FROM sessions";
    let (before,): (i64,) = sqlx::query_as(end).fetch_one(&pool).await.unwrap();
    let answer = server.renew(&token).await;
    assert_eq!((&answer["success"], &answer["response"]["token"]), (&json!(true), &json!(token)));
    assert_eq!(answer["response"]["userData"]["email"], json!(email("ana")));
    let (after,): (i64,) = sqlx::query_as(end).fetch_one(&pool).await.unwrap();
    assert!((1795..=1805).contains(&(after - before)), "{before} {after}");
    pool.close().await;
    for nonsense in ["nonsense", "' OR 1=1 --"] {
        assert_eq!(server.renew(nonsense).await["success"], json!(false));
    }
    let bare = server.http.get(format!("{}/api/auth/renew", server.base)).send().await.unwrap();
    assert_eq!(bare.json::<Value>().await.unwrap()["success"], json!(false));
}

/// Tries a password from an address, as a proxy tells it.
async fn try_from(server: &Server, address: &str, name: &str, password: &str) -> Response {
    let body = json!({ "logedUser": { "email": email(name), "password": password, "from": "app" } });
    let url = format!("{}/api/auth/signIn", server.base);
    server.http.post(url).header("x-forwarded-for", address).json(&body).send().await.unwrap()
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_owner_gets_in_all_the_same() {
    let server = Server::with(|config| config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await;
    server.sign_up("ana").await;
    let home = "198.51.100.7";
    assert_eq!(try_from(&server, home, "ana", PASSWORD).await.status(), StatusCode::OK);
    for stranger in 1..=5 {
        let answer = try_from(&server, &format!("203.0.113.{stranger}"), "ana", "guessed wrong").await;
        assert_eq!(answer.status(), StatusCode::OK);
    }
    // Right or wrong, known or new: who is not at home waits, and nobody is told which it was.
    for password in ["guessed again", PASSWORD] {
        let slowed = try_from(&server, "203.0.113.99", "ana", password).await;
        assert_eq!(slowed.status(), StatusCode::TOO_MANY_REQUESTS);
        let wait: u64 = slowed.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        assert_eq!(slowed.json::<Value>().await.unwrap()["success"], json!(false));
    }
    let owner: Value = try_from(&server, home, "ana", PASSWORD).await.json().await.unwrap();
    assert_eq!(owner["success"], json!(true));

    // One address that tries one after another is slowed as well, and nobody else at another.
    for n in 1..=5 {
        try_from(&server, "192.0.2.1", &format!("nobody{n}"), "guessed wrong").await;
    }
    let slowed = try_from(&server, "192.0.2.1", "nobody6", "guessed wrong").await;
    assert_eq!(slowed.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(try_from(&server, "192.0.2.2", "nobody6", "guessed wrong").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_server_does_with_postgresql_what_it_does_with_sqlite() {
    let url = postgres::new_database().await;
    let server = Server::with(|config| config.database = Database::Postgres(url.clone().into())).await;
    let (ana, beto) = (server.join("ana").await, server.join("beto").await);
    let mut socket = server.socket(&ana).await;
    socket.emit("user list", None).await;
    socket.wait_for(&["ana", "beto"]).await;
    server.sign_out("beto", Some(&beto)).await;
    socket.wait_for(&["ana"]).await;
    drop(socket);
    let folder = server.stop().await;
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "no file is made beside the server's database"
    );
    let server = Server::with(|config| config.database = Database::Postgres(url.into())).await;
    assert_eq!(server.renew(&ana).await["success"], json!(true), "sessions outlive a restart");
}

#[tokio::test]
async fn while_the_database_is_away_requests_fail_in_time_and_after_it_they_do_not() {
    let mut postgres = Postgres::own().await;
    let url = postgres.new_database().await;
    let server = Server::with(|config| config.database = Database::Postgres(url.into())).await;
    let token = server.join("ana").await;
    let mut socket = server.socket(&token).await;
    postgres.stop();
    let body = json!({ "logedUser": { "email": email("ana"), "password": PASSWORD, "from": "app" } });
    let answer = tokio::time::timeout(Duration::from_secs(5), server.post("/api/auth/signIn", &body)).await;
    let (status, answer) = answer.expect("an answer comes in time");
    assert_eq!((status, &answer["success"]), (StatusCode::INTERNAL_SERVER_ERROR, &json!(false)));
    socket.emit("user list", None).await;
    assert_eq!(socket.next_list().await, ["ana"], "who is here still sees the others");
    postgres.start_again().await;
    server.sign_in("ana").await;
    assert_eq!(server.renew(&token).await["success"], json!(true));
    drop(socket);
    server.stop().await;
}
