//! Fuzzes the protocol of `presente-link`: each target for some minutes, on one core, from the corpus that is kept.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    child::{answer, cargo, is_installed, run},
    root, target,
};

/// The version that is installed where there is none.
const CARGO_FUZZ: &str = "0.13.2";
/// The targets, in the order in which they run.
const TARGETS: [&str; 2] = ["engine_input", "socket_input"];
/// The longest input, bytes: what is longer says nothing new.
const LONGEST_INPUT: u32 = 4096;

/// Runs every target for so many minutes.
///
/// # Errors
/// There is no nightly toolchain, cargo-fuzz cannot be installed, or a target found something.
pub(crate) fn fuzz(minutes: u64) -> Result<()> {
    if answer("cargo", &["+nightly", "--version"]).is_none() {
        bail!(
            "fuzzing needs a nightly toolchain beside the stable one, because the sanitizers are only there. \
             Install it with: rustup toolchain install nightly --profile minimal"
        );
    }
    let tools = install_cargo_fuzz()?;
    let mut failed = Vec::new();
    for name in TARGETS {
        println!("\n== {name}: {minutes} min");
        if let Err(error) = fuzz_target(name, minutes, &tools) {
            println!("{error:#}");
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!(
            "{} failed; the input that did it, where there is one, is named above. It is tried alone with: \
             cargo +nightly fuzz run --fuzz-dir {} TARGET INPUT",
            failed.join(" and "),
            folder().display()
        );
    }
    Ok(())
}

fn folder() -> PathBuf {
    root().join("crates/presente-link/fuzz")
}

fn fuzz_target(name: &str, minutes: u64, tools: &Path) -> Result<()> {
    let (kept, work) = (folder().join("corpus").join(name), target().join("fuzz"));
    let (found, artifacts) = (work.join("corpus").join(name), work.join("artifacts").join(name));
    for folder in [&kept, &found, &artifacts] {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let mut command = nightly(tools)?;
    command.args(["fuzz", "run", "--fuzz-dir"]).arg(folder()).arg("--target-dir").arg(&work);
    // New inputs go to the first folder; the kept corpus is only read.
    command.arg(name).args([found, kept]).arg("--");
    command.arg(format!("-max_total_time={}", minutes.saturating_mul(60)));
    command.arg(format!("-max_len={LONGEST_INPUT}"));
    command.arg(format!("-dict={}", folder().join("socket_io.dict").display()));
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    run(command.arg("-print_final_stats=1"))
}

/// cargo of the nightly toolchain, which finds the tools.
fn nightly(tools: &Path) -> Result<Command> {
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([tools.to_owned()].into_iter().chain(env::split_paths(&path)))?;
    let mut command = Command::new("cargo");
    // This program was started by the stable cargo, which says so to its children.
    command.arg("+nightly").current_dir(root()).env("PATH", path).env_remove("CARGO").env_remove("RUSTC");
    Ok(command)
}

/// Where cargo-fuzz is, installed if need be.
fn install_cargo_fuzz() -> Result<PathBuf> {
    let tools = target().join("tools");
    let own = tools.join("bin");
    if !is_installed("cargo-fuzz") && !own.join("cargo-fuzz").is_file() {
        println!("Installing cargo-fuzz {CARGO_FUZZ} into {}", tools.display());
        let mut install = cargo();
        install.args(["install", "--quiet", "--locked", "--version", CARGO_FUZZ, "cargo-fuzz", "--root"]);
        run(install.arg(&tools))?;
    }
    Ok(own)
}
