//! Starting, failing to start, and the binary.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Command, Stdio},
};

use presente_server::{Config, StartError, start};
use tempfile::TempDir;

use crate::harness::Server;

#[tokio::test]
async fn a_start_that_fails_says_what_to_do() {
    let server = Server::start().await;
    let taken = server.base.trim_start_matches("http://").parse().unwrap();
    let folder = TempDir::new().unwrap();
    let error = start(Config::new(taken, folder.path())).await.err().unwrap();
    assert!(matches!(error, StartError::PortTaken { .. }) && error.to_string().contains("another port"));

    let any = "127.0.0.1:0".parse().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let error = start(Config::new(any, &file)).await.err().unwrap();
    assert!(matches!(error, StartError::Folder { .. }) && error.to_string().contains("another folder"));

    std::fs::write(folder.path().join("presente.db"), "this is no database, ".repeat(100)).unwrap();
    let error = start(Config::new(any, folder.path())).await.err().unwrap();
    assert!(
        matches!(error, StartError::Database { .. }) && error.to_string().contains("presente.db"),
        "{error}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::start().await;
    for entry in std::fs::read_dir(server.folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.path());
    }
}

#[cfg(unix)]
#[test]
fn the_binary_says_one_line_and_stops_in_good_order() {
    let folder = TempDir::new().unwrap();
    for signal in ["-TERM", "-INT"] {
        let mut server = Command::new(env!("CARGO_BIN_EXE_presente-server"))
            .args(["--addr", "127.0.0.1:0", "--open", "--data"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(server.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let port: u16 = line
            .trim()
            .strip_prefix("presente-server listening on http://127.0.0.1:")
            .unwrap_or_else(|| panic!("{line:?}"))
            .parse()
            .unwrap();
        assert_ne!(port, 0);
        assert!(Command::new("kill").args([signal, &server.id().to_string()]).status().unwrap().success());
        assert_eq!(server.wait().unwrap().code(), Some(0));
        let (mut rest, mut log) = (String::new(), String::new());
        stdout.read_to_string(&mut rest).unwrap();
        server.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert_eq!(rest, "");
        assert!(log.contains("open mode"), "{log}");
    }
}

#[test]
fn the_binary_tells_bad_usage_and_a_failed_start_apart() {
    let run =
        |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_presente-server")).args(arguments).output();
    assert_eq!(run(&["--nonsense"]).unwrap().status.code(), Some(2));
    assert_eq!(run(&[]).unwrap().status.code(), Some(2));
    let failed = run(&["--addr", "127.0.0.1:0", "--data", "/dev/null/folder"]).unwrap();
    assert_eq!((failed.status.code(), failed.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8(failed.stderr).unwrap().contains("another folder"));
}
