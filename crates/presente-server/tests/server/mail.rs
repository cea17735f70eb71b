//! Mail that verifies addresses, in real SMTP conversations.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    harness::{PASSWORD, Server, database, email},
    smtp::MailServer,
};

async fn server_with(mail: &MailServer, required: bool) -> Server {
    let url = mail.url.clone();
    Server::with(move |config| {
        config.mail = Some(url.into());
        config.mail_from = Some("Presente <presente@test.example>".into());
        config.public_url = Some("https://presente.test.example".into());
        config.mail_pauses = vec![Duration::from_millis(50); 3];
        config.require_verified = required;
    })
    .await
}

async fn sign_in(server: &Server, name: &str, password: &str) -> Value {
    let body = json!({ "logedUser": { "email": email(name), "password": password, "from": "app" } });
    server.post("/api/auth/signIn", &body).await.1
}

/// The path of the link in a letter.
fn link(text: &str) -> &str {
    let after = text.split_once("https://presente.test.example").expect(text).1;
    after.split_whitespace().next().unwrap()
}

#[tokio::test]
async fn the_link_in_the_letter_is_what_lets_a_new_person_in() {
    let mut mail = MailServer::start().await;
    let server = server_with(&mail, true).await;
    server.sign_up("ana").await;
    let letter = mail.letter().await;
    assert_eq!((letter.from.as_str(), letter.to), ("presente@test.example", vec![email("ana")]));
    assert!(letter.head.contains("Subject: Tu cuenta en Presente"), "{}", letter.head);
    assert!(letter.text.contains("Hola, ana:"), "{}", letter.text);

    let refused = sign_in(&server, "ana", PASSWORD).await;
    assert_eq!(refused["success"], json!(false));
    assert!(refused["message"].as_str().unwrap().contains("verificado"), "{refused}");
    let wrong = sign_in(&server, "ana", "another password").await;
    assert!(
        !wrong["message"].as_str().unwrap().contains("verificado"),
        "only who knows the password learns it"
    );

    let verified = server.http.get(format!("{}{}", server.base, link(&letter.text))).send().await.unwrap();
    assert_eq!(verified.status(), StatusCode::SEE_OTHER);
    assert_eq!(sign_in(&server, "ana", PASSWORD).await["success"], json!(true));
    assert_eq!(mail.unread().0, 0);
}

#[tokio::test]
async fn a_letter_is_in_the_language_of_who_signs_up() {
    let mut mail = MailServer::start().await;
    let server = server_with(&mail, false).await;
    let user = json!({ "firstName": "Zoë", "lastName": "O'Neil, \"Jr\" <x@y.example>", "email": email("zoe"),
                       "password": PASSWORD, "from": "signup" });
    let url = format!("{}/api/auth/signUp", server.base);
    let request = server.http.post(url).header("accept-language", "en").json(&json!({ "newUser": user }));
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["message"], json!("Your account is ready. You can sign in now."));
    let letter = mail.letter().await;
    assert!(letter.head.contains("Subject: Your account at Presente"), "{}", letter.head);
    assert!(letter.text.contains("Hello Zoë"), "{}", letter.text);
    assert_eq!(letter.to, [email("zoe")], "a name is no second address");
    assert_eq!(
        sign_in(&server, "zoe", PASSWORD).await["success"],
        json!(true),
        "nobody asks for the link here"
    );
}

#[tokio::test]
async fn signing_in_unverified_sends_the_link_again_but_not_every_time() {
    let mut mail = MailServer::start().await;
    let server = server_with(&mail, true).await;
    server.sign_up("ana").await;
    let first = mail.letter().await;
    sign_in(&server, "ana", PASSWORD).await;
    let pool = database(server.folder.path()).await;
    let ten_minutes_pass = "UPDATE users SET verify_sent_at = verify_sent_at - 600";
    sqlx::query(ten_minutes_pass).execute(&pool).await.unwrap();
    sign_in(&server, "ana", "another password").await;
    sign_in(&server, "ana", PASSWORD).await;
    let second = mail.letter().await;
    assert_eq!(link(&first.text), link(&second.text));
    sign_in(&server, "ana", PASSWORD).await;
    // Whatever else was sent would have come before this one.
    server.sign_up("beto").await;
    assert_eq!(mail.letter().await.to, [email("beto")]);
    pool.close().await;
}

#[tokio::test]
async fn a_mail_server_in_trouble_is_tried_again_and_nobody_waits_for_it() {
    let mut mail = MailServer::answering(vec!["451 later", "421 busy"]).await;
    let server = server_with(&mail, false).await;
    let start = Instant::now();
    server.sign_up("ana").await;
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    for _ in 0..3 {
        mail.attempt().await;
    }
    assert_eq!(mail.letter().await.to, [email("ana")]);
}

#[tokio::test]
async fn a_letter_that_nobody_takes_is_given_up_and_the_next_one_is_sent() {
    let mut mail = MailServer::answering(vec!["550 no such person"]).await;
    let server = server_with(&mail, false).await;
    server.sign_up("ana").await;
    mail.attempt().await;
    server.sign_up("beto").await;
    assert_eq!(mail.letter().await.to, [email("beto")]);
    assert_eq!(mail.unread(), (0, 1), "one attempt for each");
}

#[tokio::test]
async fn no_letter_leaves_without_the_tls_that_was_asked_for() {
    for (asked, with) in [("smtps://", ""), ("smtp://", "?tls=required")] {
        let mut mail = MailServer::start().await;
        mail.url = format!("{}{with}", mail.url.replace("smtp://", asked));
        let server = server_with(&mail, false).await;
        server.sign_up("ana").await;
        for _try in 0..4 {
            mail.connection().await;
        }
        assert_eq!(mail.unread(), (0, 0), "{asked} {with}");
    }
}

#[tokio::test]
async fn without_any_mail_server_people_sign_up_all_the_same() {
    let mail = MailServer::start().await;
    let server = server_with(&mail, false).await;
    drop(mail);
    server.join("ana").await;
}
