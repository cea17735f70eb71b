//! The program and its settings.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_presente-server"));
    program.env_remove("PORT").stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null());
    program
}

fn output(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

/// Starts the program, waits for its one line and ends it. Returns where it listened.
fn listens_at(program: &mut Command) -> String {
    let mut child: Child = program.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    let ended = child.wait_with_output().unwrap();
    let log = String::from_utf8_lossy(&ended.stderr);
    let at = line.trim().strip_prefix("presente-server listening on http://");
    at.unwrap_or_else(|| panic!("{line:?} {log}")).to_owned()
}

#[test]
fn the_program_starts_with_a_file_with_the_environment_and_with_flags() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("presente.toml");
    std::fs::write(&file, "addr = \"127.0.0.2:0\"\ndata = \"accounts\"\n").unwrap();
    assert!(listens_at(program().arg("--config").arg(&file)).starts_with("127.0.0.2:"));
    assert!(folder.path().join("accounts/presente.db").exists());
    assert!(listens_at(program().env("PRESENTE_CONFIG", &file).arg("serve")).starts_with("127.0.0.2:"));
    let environment = |name: &str, value: &str| {
        let mut program = program();
        program.env("PRESENTE_CONFIG", &file).env(name, value);
        program
    };
    assert!(listens_at(&mut environment("PRESENTE_ADDR", "127.0.0.3:0")).starts_with("127.0.0.3:"));
    let mut both = environment("PRESENTE_ADDR", "127.0.0.3:0");
    assert!(listens_at(both.args(["serve", "--addr", "127.0.0.4:0"])).starts_with("127.0.0.4:"));
    let mut hosted = program();
    hosted.env("PORT", "0").args(["--data".as_ref(), folder.path().as_os_str()]);
    assert!(listens_at(&mut hosted).starts_with("0.0.0.0:"));
}

#[test]
fn settings_that_cannot_be_used_are_bad_usage_and_no_secret_is_repeated() {
    for arguments in [
        &["--data", "d", "--database", "mysql://u:geheim@h/d"][..],
        &["--redis", "redis://:geheim@h", "--data", "d"],
        &["--mail", "geheim", "--data", "d"],
        &["--sockets-per-user", "0", "--data", "d"],
        &["--config", "/nowhere/presente.toml"],
        &["user", "list"],
    ] {
        let output = output(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}: {said}");
        assert!(said.starts_with("error: ") && !said.contains("geheim"), "{said}");
    }
}

#[test]
fn a_database_server_that_does_not_answer_fails_the_start_without_showing_its_password() {
    let failed = output(&["--addr", "127.0.0.1:0", "--database", "postgres://u:geheim@127.0.0.1:1/d"]);
    let said = String::from_utf8_lossy(&failed.stderr);
    assert_eq!(failed.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot use the database server") && !said.contains("geheim"), "{said}");
}

#[test]
fn help_names_the_commands_and_every_way_to_say_a_setting() {
    let help = String::from_utf8(output(&["--help"]).stdout).unwrap();
    for word in
        ["serve", "user", "backup", "restore", "--config", "PRESENTE_PUBLIC_URL", "PORT=8080", "Limits:"]
    {
        assert!(help.contains(word), "{word} in {help}");
    }
    let help = String::from_utf8(output(&["user", "add", "--help"]).stdout).unwrap();
    assert!(help.contains("<FIRST_NAME>") && !help.contains("--redis"), "{help}");
}
