//! Whether the benchmarks work; not how fast anything is.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::process::Command;

#[test]
fn every_client_does_every_case_and_is_in_its_table() {
    let output = Command::new(env!("CARGO_BIN_EXE_presente-bench")).arg("--smallest").output().unwrap();
    let (tables, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{errors}");
    for client in ["| presente-link |", "| rust_socketio 0.6 |", "| socket.io-client 4.8 (Node) |"] {
        assert_eq!(tables.matches(client).count(), 6, "tables of {client}:\n{tables}");
    }
    assert!(!tables.contains("NaN") && !tables.contains("inf"), "{tables}");
}

#[test]
fn every_server_does_every_case_and_is_in_its_table() {
    let output = Command::new(env!("CARGO_BIN_EXE_bench-server")).arg("--smallest").output().unwrap();
    let (tables, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{errors}");
    for row in ["| Node, unchanged", "| presente-server, unchanged", "| presente-server, its own"] {
        assert_eq!(tables.matches(row).count(), 4, "tables of {row}:\n{tables}");
    }
    assert!(!tables.contains("NaN") && !tables.contains("inf"), "{tables}");
}

#[test]
fn every_program_is_started_and_watched_and_is_in_its_tables() {
    let output = Command::new(env!("CARGO_BIN_EXE_bench-desktop")).arg("--smallest").output().unwrap();
    let (tables, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{errors}");
    let rows = [
        ("| a page in Chromium |", 6),
        ("| presente |", 6),
        ("| presente, notifications by", 1),
        ("| both |", 1),
    ];
    for (row, count) in rows {
        assert_eq!(tables.matches(row).count(), count, "tables of {row}:\n{tables}");
    }
    assert!(!tables.contains("NaN") && !tables.contains("inf"), "{tables}");
}
