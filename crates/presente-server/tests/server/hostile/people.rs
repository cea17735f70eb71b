//! Attacks on people: guessing their passwords, speaking for them, and reaching their database.

use std::{net::Ipv4Addr, time::Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{
    Case, OTHERS, case,
    raw::Raw,
    target::{EVIL, HOME, Target, answer},
};
use crate::harness::{PASSWORD, email};

const SQL: [&str; 8] = [
    "'; DROP TABLE users; --",
    "' OR '1'='1",
    "\" OR \"\"=\"",
    "ana@test.example' --",
    "' UNION SELECT password_hash FROM users --",
    "%",
    "$1",
    "?1",
];

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!("200 sign-ins from one address", 40, 64, one_guesses),
        case!("2,000 sign-ins at once from 20 addresses", 40, 96, many_guess),
        case!("30 sign-ups from one address", 30, 64, sign_ups),
        case!(
            "signing out somebody else: with another's token, a wrong one, none",
            10,
            16,
            sign_out_of_others
        ),
        case!("speaking as somebody else", 10, 16, false_names),
        case!("SQL in every field", 30, 64, sql_everywhere),
    ]
}

async fn one_guesses(target: &Target) -> String {
    let (mut wrong, mut later, start) = (0, 0, Instant::now());
    for number in 0..200 {
        match target.sign_in(EVIL, &email("ana"), &format!("guess {number}")).await {
            Err((StatusCode::OK, _)) => wrong += 1,
            Err((StatusCode::TOO_MANY_REQUESTS, _)) => later += 1,
            other => panic!("{other:?}"),
        }
    }
    let allowed = 31 + start.elapsed().as_secs() / 2;
    assert!(wrong <= allowed, "{wrong} passwords were looked at");
    assert_eq!(wrong + later, 200);
    "30 a minute at most, the others 429".to_owned()
}

async fn many_guess(target: &Target) -> String {
    let mut guesses = JoinSet::new();
    for last in 1..=20 {
        let client = Target::client(Ipv4Addr::new(127, 0, 1, last));
        for number in 0..100 {
            let name = if number % 2 == 0 { email("ana") } else { format!("nobody{number}@test.example") };
            let user = json!({ "email": name, "password": format!("guess {number}"), "from": "app" });
            let request = client.post(target.url("/api/auth/signIn")).json(&json!({ "logedUser": user }));
            guesses.spawn(async move { answer(request).await });
        }
    }
    let mut later = 0;
    let guessing = async {
        while let Some(guess) = guesses.join_next().await {
            match guess.unwrap() {
                (StatusCode::OK, answer) => assert_eq!(answer["success"], false),
                (StatusCode::TOO_MANY_REQUESTS, _) => later += 1,
                other => panic!("{other:?}"),
            }
        }
    };
    // The very person whose password is guessed gets in meanwhile.
    let ((), took) = tokio::join!(guessing, target.gets_in("ana"));
    assert!(took < OTHERS, "ana needed {took:?}");
    assert!(later >= 1_400, "only {later} were put off");
    "at most 30 an address, the others 429".to_owned()
}

async fn sign_ups(target: &Target) -> String {
    let mut later = 0;
    for number in 0..30 {
        let user = json!({ "firstName": "x", "lastName": "", "email": format!("x{number}@test.example"),
                           "password": PASSWORD, "from": "signup" });
        let (status, _) = target.post(EVIL, "/api/auth/signUp", &json!({ "newUser": user })).await;
        later += usize::from(status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(later >= 18, "{later}");
    "10, then 429".to_owned()
}

/// Whether `leo` is online in the eyes of `ana`.
async fn leo_is_seen(target: &Target, ana: &str) -> bool {
    let mut socket = Raw::socket(target.addr, HOME, ana).await;
    socket.text(r#"42["user list"]"#).await;
    socket.next_of("usersConected").await.contains(&email("leo"))
}

async fn sign_out_of_others(target: &Target) -> String {
    let (ana, leo) = (target.token_of("ana"), target.token_of("leo"));
    let _at_home = Raw::socket(target.addr, HOME, leo).await;
    let client = Target::client(EVIL);
    for (token, everywhere) in [
        (Some(ana), false),
        (Some(ana), true),
        (Some("0123456789abcdef"), false),
        (None, false),
        (None, true),
    ] {
        let mut body = json!({ "closeuser": email("leo") });
        if everywhere {
            body["everywhere"] = Value::Bool(true);
        }
        let mut request = client.post(target.url("/api/auth/signOut")).json(&body);
        if let Some(token) = token {
            request = request.header("x-token", token);
        }
        let (_, said) = answer(request).await;
        assert_eq!(said["success"], false, "{token:?}: {said}");
    }
    assert!(leo_is_seen(target, ana).await, "leo was signed out");
    "refused, nobody is signed out".to_owned()
}

async fn false_names(target: &Target) -> String {
    let (ana, leo) = (target.token_of("ana"), target.token_of("leo"));
    let (mut listener, mut liar) =
        (Raw::socket(target.addr, HOME, ana).await, Raw::socket(target.addr, EVIL, leo).await);
    let lie = json!({ "mensaje": "hola", "emisor": "ana", "uid": "1", "de": "ana", "nombre": "ana",
                      "from": email("ana"), "email": email("ana") });
    liar.text(&format!("421[\"enviar-mensaje\",{lie}]")).await;
    let heard = listener.next_of("enviar-mensaje").await;
    assert!(heard.contains("\"emisor\":\"leo\"") && !heard.contains("ana"), "{heard}");
    "told under the real name".to_owned()
}

async fn sql_everywhere(target: &Target) -> String {
    let client = Target::client(EVIL);
    let fine = |status: StatusCode, said: &Value, what: &str| {
        assert!(!status.is_server_error(), "{what}: {status} {said}");
        assert_ne!(said["success"], true, "{what}: {said}");
    };
    for (number, sql) in (0_u8..).zip(SQL) {
        // Each from an address of its own, so that no limit answers in the place of the database.
        let from = Ipv4Addr::new(127, 0, 2, number + 1);
        for (mail, password) in [(sql.to_owned(), PASSWORD), (email("ana"), sql)] {
            let Err((status, said)) = target.sign_in(from, &mail, password).await else {
                panic!("{sql} gets in")
            };
            fine(status, &said, sql);
        }
        let user = json!({ "firstName": sql, "lastName": sql, "email": format!("s{number}@test.example"),
                           "password": format!("{sql} 12345678"), "from": sql });
        let (status, said) = target.post(from, "/api/auth/signUp", &json!({ "newUser": user })).await;
        assert_eq!(
            (status, &said["success"]),
            (StatusCode::OK, &json!(true)),
            "a strange name is a name: {said}"
        );
        let user =
            json!({ "firstName": "x", "lastName": "", "email": sql, "password": PASSWORD, "from": "" });
        let (status, said) = target.post(from, "/api/auth/signUp", &json!({ "newUser": user })).await;
        fine(status, &said, sql);
        for header in ["x-token", "authorization"] {
            let request = client.post(target.url("/api/auth/signOut")).header(header, sql);
            let (status, said) = answer(request.json(&json!({ "closeuser": sql }))).await;
            fine(status, &said, sql);
        }
        let encoded: String = sql.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for path in [
            format!("/api/verify/{encoded}"),
            format!("/api/presence?e={encoded}&s={encoded}"),
            format!("/?search={encoded}"),
        ] {
            let (status, said) = answer(client.get(target.url(&path)).header("x-token", sql)).await;
            fine(status, &said, &path);
        }
        let mut socket = Raw::websocket(target.addr, EVIL, &format!("&token={encoded}")).await;
        socket.text(&format!("40{}", json!({ "token": sql }))).await;
        socket.next_that("a refusal", |text| text.starts_with("44")).await;
    }
    // Everything is still there, and a name is what it was.
    let token = target
        .sign_in(HOME, "s0@test.example", &format!("{} 12345678", SQL[0]))
        .await
        .expect("who signed up gets in");
    let _here = Raw::socket(target.addr, HOME, &token).await;
    let mut socket = Raw::socket(target.addr, HOME, target.token_of("ana")).await;
    socket.text(r#"42["user list"]"#).await;
    let list = socket.next_that("the name", |text| text.contains("DROP TABLE")).await;
    assert!(list.contains(SQL[0]), "{list}");
    "refused, or kept as text".to_owned()
}
