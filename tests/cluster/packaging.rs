//! What lies in `packaging/` is what the programs take.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use presente_tests::{
    binaries::{SERVER, binary},
    cluster::{Node, NodeOptions},
};
use tempfile::TempDir;

fn packaging(name: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn systemd_takes_the_unit_and_finds_it_well_locked_up() {
    let folder = TempDir::new().unwrap();
    let unit = packaging("presente-server.service");
    let program = binary(SERVER).unwrap();
    assert_eq!(unit.matches("/usr/local/bin/presente-server").count(), 1);
    let unit = unit.replace("/usr/local/bin/presente-server", program.to_str().unwrap());
    let file = folder.path().join("presente-server.service");
    fs::write(&file, unit).unwrap();
    let Ok(version) = Command::new("systemd-analyze").arg("--version").output() else {
        eprintln!("there is no systemd here to ask about the unit");
        return;
    };
    assert!(version.status.success());
    let ask = |arguments: &[&str]| {
        let output = Command::new("systemd-analyze").args(arguments).arg(&file).output().unwrap();
        let words = String::from_utf8([output.stderr, output.stdout].concat()).unwrap();
        (output.status.success(), words)
    };
    let (is_well, words) = ask(&["verify", "--man=no"]);
    assert!(is_well && !words.contains("presente-server.service:"), "{words}");
    // Of 100; what is not locked up scores above 90.
    let (is_well, words) = ask(&["security", "--offline=true", "--threshold=20"]);
    assert!(is_well, "{words}");
}

/// The names of all settings, as `--help` has them.
fn flags() -> BTreeSet<String> {
    let help = Command::new(binary(SERVER).unwrap()).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let words = help.lines().filter_map(|line| line.trim_start().strip_prefix("--"));
    let names = words.map(|line| line.split([' ', '[', '=', '<']).next().unwrap().to_owned());
    names.filter(|name| !["config", "help", "version"].contains(&name.as_str())).collect()
}

/// Whether a line of the example is a setting, be it in a comment.
fn is_setting(line: &str) -> bool {
    let name = line.trim_start_matches("# ").split_once(" = ").map(|(name, _)| name);
    name.is_some_and(|name| !name.contains(' '))
}

/// The names in the example, those in comments too.
fn exemplified(example: &str) -> BTreeSet<String> {
    let settings = example.lines().filter(|line| is_setting(line));
    settings.filter_map(|line| Some(line.trim_start_matches("# ").split_once(" = ")?.0.to_owned())).collect()
}

#[tokio::test]
async fn the_example_of_settings_has_every_setting_and_the_server_starts_with_it() {
    let example = packaging("presente-server.toml");
    assert_eq!(exemplified(&example), flags());

    let folder = TempDir::new().unwrap();
    let file = folder.path().join("presente-server.toml");
    fs::write(&file, &example).unwrap();
    let more = vec!["--config".to_owned(), file.display().to_string()];
    let node = Node::start(NodeOptions { more, ..NodeOptions::default() }).await.unwrap();
    assert!(node.url().starts_with("http://127.0.0.1:"));
}

#[test]
fn the_server_takes_every_setting_of_the_example_with_the_value_that_it_has_there() {
    let example = packaging("presente-server.toml");
    let all =
        example.lines().map(|line| line.strip_prefix("# ").filter(|_| is_setting(line)).unwrap_or(line));
    // The same secret in two ways is one too many.
    let all = all.filter(|line| !line.contains("-file = "));
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("all.toml");
    let all: String = all.map(|line| format!("{line}\n")).collect();
    fs::write(&file, all.replace("/var/lib/presente", "data").replace("127.0.0.1/presente", "127.0.0.1:1/x"))
        .unwrap();
    let mut list = Command::new(binary(SERVER).unwrap());
    let list = list.arg("--config").arg(&file).args(["user", "list"]).output().unwrap();
    let words = String::from_utf8_lossy(&list.stderr).into_owned();
    // 2 is a mistake in the settings; there is no such database, which is another matter.
    assert_eq!(list.status.code(), Some(1), "{words}");
}

/// The steps of the container file: an instruction and the rest, continued lines joined.
fn steps(file: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = file.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    let steps = joined.lines().filter_map(|line| line.trim().split_once(' '));
    steps.map(|(instruction, rest)| (instruction.to_owned(), rest.trim().to_owned())).collect()
}

#[test]
fn the_container_runs_as_nobody_in_particular_and_takes_the_page_that_the_tests_take() {
    let file = packaging("Containerfile");
    let steps = steps(&file);
    let of = |name: &str| -> Vec<&str> {
        steps.iter().filter(|(instruction, _)| instruction == name).map(|(_, rest)| rest.as_str()).collect()
    };
    assert!(of("FROM").iter().all(|image| image.contains(':')), "every image has a tag: {:?}", of("FROM"));
    let place = |name: &str| steps.iter().rposition(|(instruction, _)| instruction == name).unwrap();
    assert!(place("USER") > place("COPY") && place("USER") < place("ENTRYPOINT"));
    assert_eq!(of("USER"), ["10001:10001"], "a number, so that nobody has to look it up");
    assert_eq!(of("ENTRYPOINT"), [r#"["presente-server"]"#]);
    let rust = env!("CARGO_PKG_RUST_VERSION");
    assert!(of("FROM").iter().any(|image| image.starts_with(&format!("rust:{rust}"))), "Rust {rust}");
    let packages: serde_json::Value = serde_json::from_str(include_str!("../servers/package.json")).unwrap();
    let client = packages["dependencies"]["socket.io-client"].as_str().unwrap();
    assert_eq!(file.matches(&format!("socket.io-client@{client}")).count(), 1, "socket.io-client {client}");
    assert_eq!(file.matches(&format!("socket.io-client-{client}.tgz")).count(), 2);
}

#[tokio::test]
async fn the_health_check_of_the_container_knows_a_server_that_is_well_from_one_that_is_away() {
    let file = packaging("Containerfile");
    let steps = steps(&file);
    let (_, check) = steps.iter().find(|(instruction, _)| instruction == "HEALTHCHECK").unwrap();
    let (_, command) = check.split_once("CMD ").unwrap();
    let command: Vec<String> = serde_json::from_str(command).unwrap();
    let is_well = |port: u16| {
        let mut bash = Command::new(&command[0]);
        bash.args(&command[1..]).env("PORT", port.to_string()).status().unwrap().success()
    };
    let node = Node::start(NodeOptions::default()).await.unwrap();
    let port = node.address().port();
    assert!(is_well(port));
    drop(node);
    assert!(!is_well(port));
}
