//! The commands of those who run a server, beside a server that runs.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
    sync::Arc,
};

use presente_server::Database;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    harness::{PASSWORD, Server, email},
    postgres,
};

/// Runs `presente-server` with these arguments and this standard input.
fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_presente-server"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who does not want it does not read it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn succeeds(arguments: &[&str], input: &str) -> String {
    let output = run(arguments, input);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn fails(arguments: &[&str], input: &str) -> String {
    let output = run(arguments, input);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

async fn sign_in(server: &Server, name: &str, password: &str) -> Value {
    let body = json!({ "logedUser": { "email": email(name), "password": password, "from": "app" } });
    server.post("/api/auth/signIn", &body).await.1
}

#[tokio::test]
async fn people_are_added_and_listed_while_the_server_runs() {
    let server = Server::start().await;
    let data = text(server.folder.path()).to_owned();
    server.join("ana").await;
    succeeds(
        &["user", "add", "Beto@Test.example", "Beto", "Núñez", "--data", &data],
        &format!("{PASSWORD}\n"),
    );
    assert_eq!(sign_in(&server, "beto", PASSWORD).await["response"]["userData"]["lastName"], json!("Núñez"));
    let listed = succeeds(&["--data", &data, "user", "list"], "");
    assert_eq!(listed.lines().count(), 2, "{listed}");
    assert!(listed.lines().any(|line| line.starts_with("beto@test.example\tBeto Núñez\t")), "{listed}");
    assert!(listed.contains("ana@test.example\tana Test\t") && listed.contains("unverified"), "{listed}");

    let add = |who: &'static str, name: &'static str| ["user", "add", who, name, "--data"];
    for (arguments, password, said) in [
        (add("beto@test.example", "Beto"), PASSWORD, "already an account"),
        (add("nonsense", "Beto"), PASSWORD, "valid e-mail"),
        (add("carla@test.example", " "), PASSWORD, "first name"),
        (add("carla@test.example", "Carla"), "short", "between 8 and 1024"),
        (add("carla@test.example", "Carla"), "", "between 8 and 1024"),
    ] {
        let failure = fails(&[&arguments[..], &[&data]].concat(), password);
        assert!(failure.contains(said), "{failure}");
    }
    assert_eq!(
        run(&["user", "add", "d@test.example", "D", "d", PASSWORD, "--data", &data], "").status.code(),
        Some(2)
    );
}

#[tokio::test]
async fn a_disabled_person_is_out_at_once_and_learns_why_only_with_the_right_password() {
    let server = Server::start().await;
    let data = text(server.folder.path()).to_owned();
    let token = server.join("ana").await;
    let mut socket = server.socket(&token).await;
    succeeds(&["user", "disable", "ANA@test.example", "--data", &data], "");
    socket.closed().await;
    assert_eq!(server.renew(&token).await["success"], json!(false));
    let disabled = sign_in(&server, "ana", PASSWORD).await;
    assert_eq!(disabled["success"], json!(false));
    assert!(disabled["message"].as_str().unwrap().contains("desactivada"), "{disabled}");
    let wrong = sign_in(&server, "ana", "another password").await;
    assert!(!wrong["message"].as_str().unwrap().contains("desactivada"), "{wrong}");
    assert!(succeeds(&["user", "list", "--data", &data], "").contains("disabled"));

    succeeds(&["user", "enable", "ana@test.example", "--data", &data], "");
    assert_eq!(server.renew(&token).await["success"], json!(false), "the old session stays ended");
    server.sign_in("ana").await;
    for order in ["disable", "enable", "reset-password"] {
        let failure = fails(&["user", order, "nobody@test.example", "--data", &data], PASSWORD);
        assert!(failure.contains("no account nobody@test.example"), "{failure}");
    }
}

#[tokio::test]
async fn another_password_ends_all_sessions_and_lets_only_its_owner_in() {
    let server = Server::start().await;
    let data = text(server.folder.path()).to_owned();
    let token = server.join("ana").await;
    let mut socket = server.socket(&token).await;
    succeeds(&["user", "reset-password", "ana@test.example", "--data", &data], "una clave nueva\r\n");
    socket.closed().await;
    assert_eq!(server.renew(&token).await["success"], json!(false));
    assert_eq!(sign_in(&server, "ana", PASSWORD).await["success"], json!(false));
    assert_eq!(sign_in(&server, "ana", "una clave nueva").await["success"], json!(true));
}

#[tokio::test]
async fn a_copy_moves_all_accounts_to_another_database_and_nobody_notices() {
    let server = Server::start().await;
    let data = text(server.folder.path()).to_owned();
    for name in ["ana", "beto", "carla"] {
        server.join(name).await;
    }
    let copy = server.folder.path().join("copy.jsonl");
    let said = succeeds(&["backup", text(&copy), "--data", &data], "");
    assert!(said.contains("3 accounts"), "{said}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let lines = std::fs::read_to_string(&copy).unwrap();
    assert_eq!(lines.lines().count(), 4, "a head and three accounts");
    let failure = fails(&["backup", text(&copy), "--data", &data], "");
    assert!(failure.contains("cannot be written"), "{failure}");
    let failure = fails(&["restore", text(&copy), "--data", &data], "");
    assert!(failure.contains("has accounts already"), "{failure}");

    let url = postgres::new_database().await;
    let at_postgres = ["--database", &url];
    assert!(succeeds(&[&["restore", text(&copy)], &at_postgres[..]].concat(), "").contains("3 accounts"));
    server.stop().await;
    let server = Server::with(|config| config.database = Database::Postgres(url.clone().into())).await;
    server.sign_in("beto").await;
    let listed = succeeds(&[&["user", "list"], &at_postgres[..]].concat(), "");
    assert_eq!(listed.lines().count(), 3, "{listed}");

    let again = server.folder.path().join("again.jsonl");
    succeeds(&[&["backup", text(&again)], &at_postgres[..]].concat(), "");
    let without_last_seen = |text: &str| {
        let lines = text.lines().map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            line["lastOnline"] = Value::Null;
            line
        });
        lines.collect::<Vec<_>>()
    };
    assert_eq!(without_last_seen(&std::fs::read_to_string(&again).unwrap()), without_last_seen(&lines));
}

#[tokio::test]
async fn a_broken_copy_is_refused_with_its_line_and_changes_nothing() {
    let server = Server::start().await;
    server.join("ana").await;
    server.join("beto").await;
    let folder = server.stop().await;
    let copy = folder.path().join("copy.jsonl");
    succeeds(&["backup", text(&copy), "--data", text(folder.path())], "");
    let good = std::fs::read_to_string(&copy).unwrap();
    let cut = good.trim_end().rsplit_once('\n').unwrap().0.to_owned();
    let other = Arc::new(TempDir::new().unwrap());
    for (broken, said) in [
        (String::new(), "line 1: this is no copy"),
        (good.replacen("\"presenteAccounts\":1", "\"presenteAccounts\":2", 1), "line 1: a newer version"),
        (cut, "line 1: 2 accounts should follow, and there are 1"),
        (good.replacen("\"verified\"", "\"checked\"", 1), "line 2: this is no account"),
        (good.replacen("ana@test.example", "ANA@test.example", 1), ": this is no account that could"),
        (good.replace("$argon2id$", "$plain$"), ": this is no account that could"),
        (good.replace("beto@test.example", "ana@test.example"), "has one twice"),
    ] {
        std::fs::write(&copy, broken).unwrap();
        let failure = fails(&["restore", text(&copy), "--data", text(other.path())], "");
        assert!(failure.contains(said) && failure.contains("nothing was changed"), "{failure}");
    }
    assert_eq!(succeeds(&["user", "list", "--data", text(other.path())], "").trim(), "");
    let failure = fails(&["restore", "/nowhere/copy", "--data", text(other.path())], "");
    assert!(failure.contains("cannot be read"), "{failure}");
}
