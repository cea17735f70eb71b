//! The suite that runs nothing: formatting, clippy, and what may be depended on.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    child::{cargo, is_installed, run},
    root, target,
};

/// The version that CI installs; deny.toml is written for it.
const CARGO_DENY: &str = "0.20.2";

/// All checks, each with its name and whether it was passed.
pub(crate) fn lint() -> Vec<(&'static str, Result<()>)> {
    let mut checks = vec![
        ("formatting", run(cargo().args(["fmt", "--all", "--check"]))),
        (
            "clippy",
            run(cargo().args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])),
        ),
    ];
    match cargo_deny() {
        Ok(Some(program)) => checks.extend(dependencies(&program)),
        Ok(None) => println!(
            "Dependencies are not checked: cargo-deny is not installed (cargo install --locked cargo-deny)."
        ),
        Err(error) => checks.push(("installing cargo-deny", Err(error))),
    }
    checks
}

fn dependencies(program: &PathBuf) -> Vec<(&'static str, Result<()>)> {
    let deny = |args: &[&str]| run(Command::new(program).current_dir(root()).args(args));
    let mut checks = vec![(
        "what is depended on",
        deny(&["--log-level", "error", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"]),
    )];
    // The list of known weaknesses comes from the network, and not every machine gets there.
    if deny(&["--log-level", "off", "fetch", "db"]).is_ok() {
        checks.push((
            "known weaknesses",
            deny(&["--log-level", "error", "check", "--disable-fetch", "advisories"]),
        ));
    } else {
        println!(
            "Known weaknesses of dependencies are NOT checked: the advisory database cannot be fetched here."
        );
    }
    checks
}

/// cargo-deny: the installed one, or in CI one of its own; `None` when there is none.
fn cargo_deny() -> Result<Option<PathBuf>> {
    let tools = target().join("tools");
    let own = tools.join("bin/cargo-deny");
    if own.is_file() {
        return Ok(Some(own));
    }
    if is_installed("cargo-deny") {
        return Ok(Some(PathBuf::from("cargo-deny")));
    }
    if std::env::var_os("CI").is_none() {
        return Ok(None);
    }
    println!("Installing cargo-deny {CARGO_DENY} into {}", tools.display());
    let mut install = cargo();
    install
        .args(["install", "--quiet", "--locked", "--version", CARGO_DENY, "cargo-deny", "--root"])
        .arg(tools);
    // What runs for a second is not worth the minutes that its own release profile takes.
    let quick = [("LTO", "off"), ("CODEGEN_UNITS", "16"), ("OPT_LEVEL", "1")];
    install.envs(quick.map(|(name, value)| (format!("CARGO_PROFILE_RELEASE_{name}"), value)));
    run(&mut install)?;
    Ok(Some(own))
}
