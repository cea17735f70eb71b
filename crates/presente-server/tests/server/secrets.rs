//! What the log says, and what it never says, however much it is asked to say.

use std::process::Stdio;

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::harness::{Socket, email};

const SECRET: &str = "una clave muy secreta";

/// A server that logs as much as it can, and its address.
async fn talkative(folder: &TempDir, format: &str) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_presente-server"))
        .args(["--addr", "127.0.0.1:0", "--log-format", format, "--data"])
        .arg(folder.path())
        .env("RUST_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
    let base = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    (child, base.to_owned())
}

#[tokio::test]
async fn no_token_and_no_password_is_in_the_log_however_much_it_says() {
    for format in ["text", "json"] {
        let folder = TempDir::new().unwrap();
        let (mut child, base) = talkative(&folder, format).await;
        // Read along, or the server would wait for room in the pipe.
        let mut log = child.stderr.take().unwrap();
        let reading = tokio::spawn(async move {
            let mut text = String::new();
            log.read_to_string(&mut text).await.unwrap();
            text
        });
        let token = live_through_everything(&base).await;
        child.start_kill().unwrap();
        let log = reading.await.unwrap();
        for secret in [SECRET, &token] {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "a secret is in the log");
        }
        for expected in ["/api/auth/signIn", "/socket.io/", "POST"] {
            assert!(log.contains(expected), "{expected} is not in the log");
        }
        if format == "json" {
            for line in log.lines() {
                assert!(serde_json::from_str::<Value>(line).is_ok(), "no JSON: {line}");
            }
        }
    }
}

/// Signs up, in and out, wrong and right, with the token in every place where it may be; returns the token.
async fn live_through_everything(base: &str) -> String {
    let http = Client::builder().no_proxy().build().unwrap();
    let post = async |path: &str, body: Value, token: Option<&str>| {
        let mut request = http.post(format!("{base}{path}")).json(&body);
        if let Some(token) = token {
            request = request.header("x-token", token);
        }
        request.send().await.unwrap().json::<Value>().await.unwrap_or(Value::Null)
    };
    let user = json!({ "firstName": "Ana", "lastName": "", "email": email("ana"), "password": SECRET,
                       "from": "signup" });
    post("/api/auth/signUp", json!({ "newUser": user }), None).await;
    let wrong = json!({ "email": email("ana"), "password": format!("{SECRET}!"), "from": "app" });
    post("/api/auth/signIn", json!({ "logedUser": wrong }), None).await;
    let right = json!({ "email": email("ana"), "password": SECRET, "from": "app" });
    let answer = post("/api/auth/signIn", json!({ "logedUser": right }), None).await;
    let token = answer["response"]["token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    // Broken bodies with secrets in them are what parsers like to quote.
    http.post(format!("{base}/api/auth/signIn"))
        .body(format!("{{\"logedUser\":\"{SECRET}\""))
        .send()
        .await
        .unwrap();
    for (query, auth) in [
        (String::new(), json!({ "token": token })),
        (format!("&token={token}"), json!({})),
        (format!("&token={token}x"), json!({})),
    ] {
        if let Ok(mut socket) = Socket::connect(http.clone(), base, &query, auth).await {
            socket.emit("user list", None).await;
            socket.next_list().await;
            socket.ask("enviar-mensaje", json!({ "mensaje": "hola" })).await;
            socket.leave().await;
        }
    }
    for path in
        [format!("/?token={token}"), format!("/api/presence?token={token}"), format!("/api/verify/{token}")]
    {
        let request = http.get(format!("{base}{path}")).header("authorization", format!("Bearer {token}"));
        request.header("x-token", &token).send().await.unwrap();
    }
    post("/api/auth/signOut", json!({ "closeuser": email("ana") }), Some(&token)).await;
    token
}
