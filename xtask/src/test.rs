//! Runs the suites, shows their output as it comes, and adds it all up.

use std::{
    fs,
    process::{Command, ExitCode, Stdio},
    time::{Instant, SystemTime},
};

use anyhow::{Context, Result, bail};

use crate::{
    child::{self, cargo},
    lint::lint,
    packages::{self, Need},
    root,
    suites::{self, Suite, TestProgram},
};

/// How many tests passed and failed. A check or a build that fails counts as one that failed.
#[derive(Debug, Default)]
struct Tally {
    passed: u64,
    failed: u64,
    failures: Vec<String>,
}

impl Tally {
    fn note(&mut self, what: &str, result: Result<()>) {
        if let Err(error) = result {
            self.failed += 1;
            self.failures.push(format!("{what}: {error:#}"));
        }
    }
}

/// Runs these suites, or all. The last line printed is `N passed, N failed`.
///
/// # Errors
/// When the system lacks something that tests need. Failing tests are an exit code, not an error.
pub(crate) fn test(chosen: &[Suite], long: bool) -> Result<ExitCode> {
    let is_chosen = |suite: Suite| chosen.is_empty() || chosen.contains(&suite);
    let with_packages = is_chosen(Suite::Package);
    let with_others = is_chosen(Suite::Compat) || is_chosen(Suite::Desktop) || with_packages;
    let mut needs = vec![Need::App];
    if with_others {
        needs.extend([Need::InvisibleScreen, Need::Tests]);
    }
    if with_packages {
        needs.extend([Need::Packaging, Need::PackageTests]);
    }
    packages::ensure(&needs)?;

    let mut tally = Tally::default();
    if is_chosen(Suite::Lint) {
        timed("lint", || {
            for (check, result) in lint() {
                tally.note(check, result);
            }
        });
    }
    if chosen.iter().any(|suite| *suite != Suite::Lint) || chosen.is_empty() {
        if with_others {
            tally.note("the Node packages of tests/servers", install_node_packages());
        }
        match timed("build", suites::build) {
            Ok(programs) => run_suites(&programs, is_chosen, long, &mut tally),
            Err(error) => tally.note("build", Err(error)),
        }
    }

    println!();
    for failure in &tally.failures {
        println!("failed: {failure}");
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn run_suites(programs: &[TestProgram], is_chosen: impl Fn(Suite) -> bool, long: bool, tally: &mut Tally) {
    use Suite::{App, Cli, Compat, Core, Desktop, Package, Server};
    let all = [Core, Server, App, Cli, Compat, Desktop, Package];
    for suite in all.into_iter().filter(|suite| is_chosen(*suite)) {
        timed(suite.name(), || {
            for program in programs.iter().filter(|program| program.suite == suite) {
                println!("-- {}", program.name);
                run_tests(&program.name, &mut suites::command(program, long), tally);
            }
            if suite == Suite::Core {
                println!("-- examples in the documentation");
                run_tests("doc tests", cargo().args(["test", "--quiet", "--workspace", "--doc"]), tally);
            }
        });
    }
}

/// Runs a program of tests, shows what it says, and reads its results out of it.
fn run_tests(name: &str, command: &mut Command, tally: &mut Tally) {
    let failed_before = tally.failed;
    let result = show_and_count(command, tally);
    // A program that crashes tells no results; one whose tests fail has told them.
    if tally.failed == failed_before {
        tally.note(name, result);
    } else {
        tally.failures.push(name.to_owned());
    }
}

fn show_and_count(command: &mut Command, tally: &mut Tally) -> Result<()> {
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot be started")?;
    let output = child.stdout.take().context("its output is not at hand")?;
    for line in child::lines(output, |line| println!("{line}")) {
        if let Some((passed, failed)) = counts(&line) {
            tally.passed += passed;
            tally.failed += failed;
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("ended with {status}");
    }
    Ok(())
}

/// Reads `test result: ok. 3 passed; 0 failed; …`
fn counts(line: &str) -> Option<(u64, u64)> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |word: &str| counts.split("; ").find_map(|part| part.strip_suffix(word)?.trim().parse().ok());
    Some((count("passed")?, count("failed")?))
}

/// Runs `npm ci` when the lock file is newer than what is installed.
pub(crate) fn install_node_packages() -> Result<()> {
    let folder = root().join("tests/servers");
    let changed =
        |name: &str| -> Option<SystemTime> { fs::metadata(folder.join(name)).ok()?.modified().ok() };
    if changed("node_modules/.package-lock.json") >= changed("package-lock.json") {
        return Ok(());
    }
    println!("Installing the Node packages of tests/servers");
    child::run(
        Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder),
    )
}

/// Runs a part under a heading, and says how long it took.
fn timed<T>(name: &str, part: impl FnOnce() -> T) -> T {
    println!("\n== {name}");
    let start = Instant::now();
    let result = part();
    println!("== {name}: {:.1} s", start.elapsed().as_secs_f64());
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_from_the_line_that_tells_them() {
        let line = "test result: FAILED. 17 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.1s";
        assert_eq!(counts(line), Some((17, 2)));
        assert_eq!(counts("test result: ok. 0 passed; 0 failed; 0 ignored"), Some((0, 0)));
        assert_eq!(counts("test a_result ... ok"), None);
    }

    #[test]
    fn a_program_that_crashes_without_a_result_counts_as_one_failure() {
        let mut tally = Tally::default();
        run_tests(
            "crash",
            Command::new("sh").args(["-c", "echo 'test result: ok. 2 passed; 0 failed'; exit 9"]),
            &mut tally,
        );
        run_tests(
            "told",
            Command::new("sh").args(["-c", "echo 'test result: FAILED. 1 passed; 3 failed'; exit 1"]),
            &mut tally,
        );
        assert_eq!((tally.passed, tally.failed, tally.failures.len()), (3, 4, 2));
    }
}
