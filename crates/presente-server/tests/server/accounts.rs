//! Signing up, in and out over HTTP.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{PASSWORD, Server, Socket, database, email};

#[tokio::test]
async fn signing_up_in_and_out_answers_in_the_words_of_the_wire() {
    let server = Server::start().await;
    let user = json!({ "firstName": "Ana", "lastName": "Ríos", "email": "Ana@Test.example",
                       "password": PASSWORD, "from": "signup" });
    let (status, answer) = server.post("/api/auth/signUp", &json!({ "newUser": user })).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&answer["success"], &answer["from"]), (&json!(true), &json!("signup")));
    assert!(answer["message"].as_str().is_some_and(|text| !text.is_empty()));

    let login = json!({ "logedUser": { "email": "ANA@test.example ", "password": PASSWORD, "from": "app" } });
    let (status, answer) = server.post("/api/auth/signIn", &login).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&answer["success"], &answer["from"]), (&json!(true), &json!("app")));
    let data = &answer["response"]["userData"];
    assert_eq!(
        (&data["firstName"], &data["lastName"], &data["email"]),
        (&json!("Ana"), &json!("Ríos"), &json!("ana@test.example"))
    );
    assert_eq!(data["_id"].as_str().unwrap().len(), 24);
    let token = answer["response"]["token"].as_str().unwrap();

    server.until_connected("ana", true).await;
    assert_eq!(server.sign_out("ana", Some(token)).await, Value::Null);
    server.until_connected("ana", false).await;
}

#[tokio::test]
async fn refusals_are_answers_with_a_message() {
    let server = Server::start().await;
    server.sign_up("ana").await;
    let user = |first: &str, email: &str, password: &str| json!({ "newUser": { "firstName": first, "lastName": "x", "email": email, "password": password, "from": "signup" } });
    let long = "x".repeat(1025);
    for (what, body) in [
        ("taken, in another spelling", user("Ana", "ANA@test.example", PASSWORD)),
        ("no name", user("\u{202e}", "b@test.example", PASSWORD)),
        ("a name too long", user(&"x".repeat(129), "b@test.example", PASSWORD)),
        ("no e-mail", user("B", "nonsense", PASSWORD)),
        ("a short password", user("B", "b@test.example", "1234567")),
        ("an endless password", user("B", "b@test.example", &long)),
    ] {
        let (status, answer) = server.post("/api/auth/signUp", &body).await;
        assert_eq!((status, &answer["success"]), (StatusCode::OK, &json!(false)), "{what}");
        assert!(answer["message"].is_string(), "{what}");
    }
    for (what, email, password) in [
        ("wrong password", email("ana"), "una clave corta"),
        ("unknown person", email("nadie"), PASSWORD),
        ("empty password", email("ana"), ""),
        ("endless password", email("ana"), &long),
    ] {
        for from in ["app", "signin"] {
            let body = json!({ "logedUser": { "email": email, "password": password, "from": from } });
            let (status, answer) = server.post("/api/auth/signIn", &body).await;
            assert_eq!((status, &answer["success"]), (StatusCode::OK, &json!(false)), "{what} from {from}");
            assert_eq!(answer.get("response"), None, "{what}");
        }
    }
    server.until_connected("ana", false).await;
}

#[tokio::test]
async fn messages_are_in_the_language_of_the_client() {
    let server = Server::start().await;
    let body = json!({ "logedUser": { "email": "x@y", "password": "z", "from": "app" } });
    for (language, word) in [("es", "contraseña"), ("en-GB, es;q=0.5", "password"), ("fr", "contraseña")] {
        let url = format!("{}/api/auth/signIn", server.base);
        let answer =
            server.http.post(url).json(&body).header("accept-language", language).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        assert!(answer["message"].as_str().unwrap().contains(word), "{language}: {answer}");
    }
}

#[tokio::test]
async fn incomplete_and_broken_bodies_are_refused_and_the_server_lives_on() {
    let server = Server::start().await;
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    for path in ["signUp", "signIn", "signOut"] {
        for body in [
            "",
            "{",
            "null",
            "[]",
            "{}",
            "1",
            "\u{0}",
            &deep,
            r#"{"logedUser":{}}"#,
            r#"{"logedUser":null}"#,
            r#"{"logedUser":{"email":1,"password":[]}}"#,
            r#"{"newUser":{"firstName":"x"}}"#,
            r#"{"closeuser":null}"#,
            r#"{"closeuser":{"a":1}}"#,
        ] {
            let url = format!("{}/api/auth/{path}", server.base);
            let answer = server.http.post(url).body(body.to_owned()).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path} {body}");
            let answer: Value = answer.json().await.unwrap();
            assert_eq!(answer["success"], json!(false));
            assert!(answer["message"].is_string());
        }
        let url = format!("{}/api/auth/{path}", server.base);
        let answer = server.http.post(url).body("x".repeat(70_000)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
    server.join("ana").await;
}

#[tokio::test]
async fn nobody_signs_out_somebody_else() {
    let server = Server::start().await;
    let ana = server.join("ana").await;
    let beto = server.join("beto").await;
    let _watching = server.socket(&ana).await;
    for token in [None, Some(beto.as_str()), Some("nonsense"), Some("")] {
        assert_eq!(server.sign_out("ana", token).await["success"], json!(false), "{token:?}");
    }
    assert_eq!(server.sign_out("nadie", Some(&beto)).await["success"], json!(false));
    server.until_connected("ana", true).await;
    let url = format!("{}/api/auth/signOut", server.base);
    let bearer = server.http.post(url).bearer_auth(&ana).json(&json!({ "closeuser": "ANA@test.example" }));
    assert_eq!(bearer.send().await.unwrap().text().await.unwrap(), "null");
    server.until_connected("ana", false).await;
}

#[tokio::test]
async fn a_signed_out_token_does_not_end_a_newer_session() {
    let server = Server::start().await;
    let old = server.join("ana").await;
    server.sign_out("ana", Some(&old)).await;
    let new = server.sign_in("ana").await;
    let _socket = server.socket(&new).await;
    assert_eq!(server.sign_out("ana", Some(&old)).await, Value::Null);
    server.until_connected("ana", true).await;
}

#[tokio::test]
async fn in_open_mode_anybody_signs_out_anybody_as_in_the_field() {
    let server = Server::open().await;
    server.join("ana").await;
    assert_eq!(server.sign_out("nadie", None).await, Value::Null);
    server.until_connected("ana", true).await;
    assert_eq!(server.sign_out("ana", None).await, Value::Null);
    server.until_connected("ana", false).await;
}

#[tokio::test]
async fn no_token_and_no_password_is_in_the_database_files() {
    let server = Server::start().await;
    let token = server.join("ana").await;
    let socket = Socket::connect(server.http.clone(), &server.base, "", json!({ "token": token })).await;
    assert!(socket.is_ok());
    let folder = server.stop().await;
    let mut seen_hash = false;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!has(&token) && !has(PASSWORD));
        seen_hash |= has("$argon2id$");
    }
    assert!(seen_hash, "the search looks at the right files");
}

#[tokio::test]
async fn the_verification_link_verifies_and_leads_to_the_front_page() {
    let server = Server::start().await;
    server.sign_up("ana").await;
    let pool = database(server.folder.path()).await;
    let (code,): (String,) = sqlx::query_as("SELECT verify_code FROM users").fetch_one(&pool).await.unwrap();
    let get = |code: String| server.http.get(format!("{}/api/verify/{code}", server.base)).send();
    assert_eq!(get("nonsense".into()).await.unwrap().status(), StatusCode::NOT_FOUND);
    let answer = get(code).await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()["location"], "/");
    let (verified,): (bool,) = sqlx::query_as("SELECT verified FROM users").fetch_one(&pool).await.unwrap();
    assert!(verified);
    pool.close().await;
}
