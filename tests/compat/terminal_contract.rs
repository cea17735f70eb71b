//! `presente-cli watch`: what scripts and status bars rely on.

use crate::watch::{Watch, command};
use presente_tests::{
    binaries::{self, binary},
    node::{ReferenceServer, SeedUser},
    process::Process,
    wait::{PATIENCE, until_with_state},
};
use std::{net::TcpListener, process::Command};

fn ana() -> SeedUser {
    SeedUser::new("ana@example.org", "Ana", "Ríos")
}

/// An address where nothing listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn after_its_time_it_signs_out_and_succeeds() {
    let server = ReferenceServer::start(&[ana()]).await.unwrap();
    let mut watch = Watch::launch(command(server.url(), &ana()).args(["--for", "6"]));
    watch.connection("connecting").await;
    watch.connection("online").await;
    watch.roster().await;
    assert_eq!(watch.ended().await.unwrap().code(), Some(0));
    assert!(!server.is_conected("ana@example.org").await.unwrap());
}

#[tokio::test]
async fn a_refusal_exits_3_with_the_servers_own_words() {
    let server = ReferenceServer::start(&[ana()]).await.unwrap();
    let wrong = SeedUser { password: "equivocada".to_owned(), ..ana() };
    let answer: serde_json::Value = reqwest::Client::new()
        .post(format!("{}/api/auth/signIn", server.url()))
        .json(&serde_json::json!({"logedUser": {"email": wrong.email, "password": wrong.password, "from": "t"}}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let mut watch = Watch::launch(&mut command(server.url(), &wrong));
    assert_eq!(watch.ended().await.unwrap().code(), Some(3));
    assert_eq!(watch.complaints(), answer["message"].as_str().unwrap());
    assert!(!watch.complaints().contains("equivocada"));
}

#[tokio::test]
async fn bad_usage_exits_2_and_says_what_is_wrong() {
    let url = nobody();
    for (arguments, password, word) in [
        (vec!["watch", "--email", "a@x"], "p", "--server"),
        (vec!["watch", "--server", &url, "--email", "a@x"], "", "PRESENTE_PASSWORD"),
        (vec!["watch", "--server", &url, "--email", "a@x", "--for", "soon"], "p", "soon"),
        (vec!["watch", "--server", &url, "--email", "a@x", "--profile", "nope"], "p", "usersconected"),
        (vec!["watch", "--server", &url, "--email", "a@x", "--profile", "./nope.toml"], "p", "nope.toml"),
        (
            vec!["watch", "--server", &url, "--email", "a@x", "--link", "rust-socketio"],
            "p",
            "--features rust_socketio",
        ),
        (vec!["watch", "--server", "ftp://x", "--email", "a@x"], "p", "ftp://x"),
        (vec!["watch", "--server", "http://10.1.1.1", "--email", "a@x"], "p", "http://10.1.1.1"),
    ] {
        let mut program = Command::new(binary(binaries::CLI).unwrap());
        program.args(&arguments).env("PRESENTE_PASSWORD", password).env("LC_ALL", "C");
        let mut process = Process::start("presente-cli", &mut program).unwrap();
        let code = process.ended(PATIENCE).await.unwrap().code();
        assert_eq!(code, Some(2), "{arguments:?}: {}", process.stderr().text());
        // Its last words are read a little after its end.
        until_with_state(&format!("{arguments:?} to mention {word:?}"), PATIENCE, async || {
            let words = process.stderr().text();
            if words.contains(word) { Ok(()) } else { Err(words) }
        })
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn an_unreachable_server_is_said_once_and_retried() {
    let url = nobody();
    let mut watch = Watch::launch(command(&url, &ana()).args(["--for", "30"]));
    let line = watch.connection("offline").await;
    assert!(line["reason"].as_str().unwrap().contains("Nothing answers"), "{line}");
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    let _server = ReferenceServer::builder().users(&[ana()]).port(port).start().await.unwrap();
    watch.connection("online").await;
    let said = watch.lines().iter().filter(|line| line.contains("offline")).count();
    assert_eq!(said, 1, "{:?}", watch.lines());
}

#[tokio::test]
async fn the_password_may_come_by_standard_input_and_a_profile_by_file() {
    let server = ReferenceServer::start(&[ana()]).await.unwrap();
    let profile = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    let preset = include_str!("../../crates/presente-core/profiles/usersconected.toml");
    std::fs::write(profile.path(), preset).unwrap();
    let mut program = command(server.url(), &ana());
    program
        .env_remove("PRESENTE_PASSWORD")
        .args(["--password-stdin", "--for", "1", "--profile"])
        .arg(profile.path());
    let mut process = Process::start("presente-cli", &mut program).unwrap();
    process.write_line(&ana().password).unwrap();
    assert!(process.ended(PATIENCE).await.unwrap().success(), "{}", process.stderr().text());
    assert!(process.stdout().text().contains("\"roster\""), "{}", process.stdout().text());
}
