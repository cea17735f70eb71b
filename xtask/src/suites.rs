//! The suites: what belongs to which, and what the build made for them.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde_json::Value;

use crate::{
    child::{cargo, lines},
    root,
};

/// How many cases a property is tried with in a long run; a short one leaves that to proptest (256).
const LONG_CASES: &str = "20000";

/// One suite, in the order in which they run: what is quick and tells much comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Suite {
    /// Formatting, clippy, and what may be depended on.
    Lint,
    /// The client without a screen, every crate that has no suite of its own, and the examples in the documentation.
    Core,
    /// The server.
    Server,
    /// The shell of the desktop app, without a screen.
    App,
    /// The client in a terminal.
    Cli,
    /// Everything against real servers and clients of the field.
    Compat,
    /// The real window, tray, notifications and keyring.
    Desktop,
    /// The packages, installed on a clean system.
    Package,
}

impl Suite {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lint => "lint",
            Self::Core => "core",
            Self::Server => "server",
            Self::App => "app",
            Self::Cli => "cli",
            Self::Compat => "compat",
            Self::Desktop => "desktop",
            Self::Package => "package",
        }
    }

    /// The suite of a test program, by the folder of its package and its name: none is left out, a new crate is `core`.
    fn of(folder: &Path, target: &str) -> Self {
        match (folder.to_str(), target) {
            (Some(""), _) => Self::App,
            (Some("crates/presente-server"), _) => Self::Server,
            (Some("crates/presente-cli"), _) => Self::Cli,
            (Some("tests"), "desktop") => Self::Desktop,
            (Some("tests"), "package") => Self::Package,
            (Some("tests" | "tests/bench"), _) => Self::Compat,
            _ => Self::Core,
        }
    }

    /// Whether its tests share something of which there is only one.
    pub(crate) fn one_at_a_time(self) -> bool {
        matches!(self, Self::Desktop | Self::Package)
    }
}

/// A program full of tests.
#[derive(Debug)]
pub(crate) struct TestProgram {
    pub(crate) suite: Suite,
    /// For headings: the package's folder and the target.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// The package's folder, in which cargo runs it too.
    pub(crate) folder: PathBuf,
}

/// Builds everything in one go and says which test programs there are.
///
/// One build of the whole workspace on purpose: asked for one package at a time, cargo gives shared dependencies other
/// features each time (tokio's `test-util` is enough) and builds most of them anew.
///
/// # Errors
/// When something does not compile.
pub(crate) fn build() -> Result<Vec<TestProgram>> {
    let mut command = cargo();
    command.args(["build", "--workspace", "--all-targets", "--message-format=json-render-diagnostics"]);
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot run cargo")?;
    let messages = lines(child.stdout.take().context("cargo's output is not at hand")?, |_| ());
    let mut programs: Vec<TestProgram> =
        messages.iter().filter_map(|message| test_program(&message)).collect();
    let status = child.wait()?;
    if !status.success() {
        bail!("the build failed ({status})");
    }
    programs.sort_by(|one, other| (one.suite, &one.name).cmp(&(other.suite, &other.name)));
    Ok(programs)
}

/// The test program that one of cargo's messages tells of.
fn test_program(message: &str) -> Option<TestProgram> {
    let message: Value = serde_json::from_str(message).ok()?;
    if message.pointer("/profile/test")?.as_bool() != Some(true) {
        return None;
    }
    let path = PathBuf::from(message.get("executable")?.as_str()?);
    let target = message.pointer("/target/name")?.as_str()?;
    let kind = message.pointer("/target/kind/0")?.as_str()?;
    let folder = Path::new(message.get("manifest_path")?.as_str()?).parent()?.to_owned();
    let inside = folder.strip_prefix(root()).unwrap_or(&folder);
    let suite = Suite::of(inside, target);
    let name = format!("{kind} {target}");
    Some(TestProgram { suite, name, path, folder })
}

/// The command that runs a test program as cargo would.
pub(crate) fn command(program: &TestProgram, long: bool) -> Command {
    let mut command = Command::new(&program.path);
    command.current_dir(&program.folder).env("CARGO_MANIFEST_DIR", &program.folder);
    if program.suite.one_at_a_time() {
        command.arg("--test-threads=1");
    } else if program.name == "test matrix" {
        // Its rows wait most of the time, and see to it themselves that not too many are played at once.
        command.arg("--test-threads=16");
    } else if program.name == "test cluster" {
        // The same; how many clusters run at once is their own business.
        command.arg("--test-threads=4");
    }
    if long {
        command.arg("--include-ignored").env("PROPTEST_CASES", LONG_CASES);
    }
    command
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn every_package_has_a_suite_and_a_new_one_is_core() {
        let suite = |folder: &str, target| Suite::of(Path::new(folder), target);
        assert_eq!(suite("", "presente_app"), Suite::App);
        assert_eq!(suite("tests", "desktop"), Suite::Desktop);
        assert_eq!(suite("tests", "package"), Suite::Package);
        assert_eq!(suite("tests", "presente_tests"), Suite::Compat);
        assert_eq!(suite("crates/presente-core", "presente_core"), Suite::Core);
        assert_eq!(suite("crates/presente-new", "anything"), Suite::Core);
    }

    #[test]
    fn test_programs_are_told_from_everything_else_that_cargo_builds() {
        let root = root().display().to_string();
        let message = |test: bool, executable: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"{root}/tests/Cargo.toml",
                "target":{{"name":"compat","kind":["test"]}},"profile":{{"test":{test}}},"executable":{executable}}}"#
            )
        };
        let program = test_program(&message(true, r#""/x/compat-1""#)).unwrap();
        assert_eq!((program.suite, program.name.as_str()), (Suite::Compat, "test compat"));
        assert!(test_program(&message(false, r#""/x/presente""#)).is_none(), "a program, not its tests");
        assert!(test_program(&message(true, "null")).is_none(), "only checked, not built");
        assert!(test_program("Compiling something").is_none());
    }
}
