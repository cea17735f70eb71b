//! What of other projects is built into the programs, and under which terms: their licences ask to be passed on.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs,
    path::Path,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::child::cargo;

/// What the text begins with.
const HEAD: &str = "\
Presente is built from the work of others: the libraries below, under their terms, the standard library of Rust
(MIT OR Apache-2.0, by The Rust Project Developers), and for pages that the server inside the app hands out
socket.io-client (MIT, Copyright (c) 2014-present Guillermo Rauch and Socket.IO contributors), whose notice stands in its
files.
";

/// How files are called that say under which terms something is.
const NAMES: [&str; 6] = ["licen", "copying", "copyright", "notice", "unlicense", "authors"];

/// A library with its terms.
struct Crate<'m> {
    name: &'m str,
    version: &'m str,
    terms: &'m str,
    source: &'m str,
    manifest: &'m Path,
}

/// The text for the package.
///
/// # Errors
/// When cargo cannot say what is built in.
pub(super) fn of_what_is_built_in() -> Result<String> {
    let platform = format!("{}-unknown-linux-gnu", env::consts::ARCH);
    let mut ask = cargo();
    ask.args(["metadata", "--locked", "--format-version=1", "--filter-platform", &platform]);
    let output = ask.output().context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let crates = built_in(&metadata).context("cargo metadata is not as it used to be")?;
    Ok(text(&crates))
}

/// The crates that end up in the root package's programs, in order of their names.
fn built_in(metadata: &Value) -> Option<Vec<Crate<'_>>> {
    let nodes = metadata.pointer("/resolve/nodes")?.as_array()?.iter();
    let nodes: BTreeMap<&str, &Value> =
        nodes.filter_map(|node| Some((node.get("id")?.as_str()?, node))).collect();
    let mut found = BTreeSet::new();
    let mut next = vec![metadata.pointer("/resolve/root")?.as_str()?];
    while let Some(id) = next.pop() {
        if found.insert(id) {
            next.extend(normal_dependencies(nodes.get(id)?));
        }
    }
    let packages = metadata.get("packages")?.as_array()?;
    let mut crates: Vec<_> = packages.iter().filter_map(|package| of_others(package, &found)).collect();
    crates.sort_by_key(|one| (one.name, one.version));
    Some(crates)
}

/// What a crate is built with that is in the program then; not what only builds or tests it.
fn normal_dependencies(node: &Value) -> impl Iterator<Item = &str> {
    let all = node.get("deps").and_then(Value::as_array).into_iter().flatten();
    let is_normal = |dependency: &&Value| {
        let kinds = dependency.get("dep_kinds").and_then(Value::as_array);
        kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind.get("kind").is_some_and(Value::is_null)))
    };
    all.filter(is_normal).filter_map(|dependency| dependency.get("pkg")?.as_str())
}

/// One of those that were found, if it is not our own.
fn of_others<'m>(package: &'m Value, found: &BTreeSet<&str>) -> Option<Crate<'m>> {
    let words = |name: &str| package.get(name).and_then(Value::as_str);
    let is_foreign = words("source").is_some() && found.contains(words("id")?);
    is_foreign.then_some(Crate {
        name: words("name")?,
        version: words("version")?,
        terms: words("license").unwrap_or("see below"),
        source: words("repository").unwrap_or(""),
        manifest: Path::new(words("manifest_path")?),
    })
}

fn text(crates: &[Crate<'_>]) -> String {
    let mut text = format!("{HEAD}\n");
    // Most texts are the same for many.
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in crates {
        let Crate { name, version, terms, source, manifest } = one;
        let _ = writeln!(text, "{name} {version}: {terms} {source}");
        for terms in manifest.parent().map(terms_in).unwrap_or_default() {
            texts.entry(terms).or_default().insert(format!("{name} {version}"));
        }
    }
    for (terms, names) in texts {
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        let _ = write!(text, "\n{}\n{names}:\n\n{terms}\n", "-".repeat(80));
    }
    text
}

/// The texts in a crate's folder. Of those that may be chosen from, the short one.
fn terms_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter_map(|entry| Some((entry.file_name().to_str()?.to_lowercase(), entry.path())));
    let files: Vec<_> = files.filter(|(name, _)| NAMES.iter().any(|begin| name.starts_with(begin))).collect();
    let has_mit = files.iter().any(|(name, _)| name.contains("mit"));
    let wanted = files.into_iter().filter(|(name, _)| !(has_mit && name.contains("apache")));
    wanted.filter_map(|(_, path)| Some(fs::read_to_string(path).ok()?.trim().replace("\r\n", "\n"))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn what_only_builds_or_tests_us_and_what_is_our_own_is_left_out() {
        let metadata = r#"{
            "resolve": {"root": "own", "nodes": [
                {"id": "own", "deps": [
                    {"pkg": "near", "dep_kinds": [{"kind": "build"}, {"kind": null}]},
                    {"pkg": "tool", "dep_kinds": [{"kind": "dev"}]}]},
                {"id": "near", "deps": [{"pkg": "far", "dep_kinds": [{"kind": null}]}]},
                {"id": "far", "deps": []}, {"id": "tool", "deps": []}]},
            "packages": [
                {"id": "own", "name": "own", "version": "1", "source": null, "manifest_path": "/"},
                {"id": "near", "name": "near", "version": "2", "source": "registry", "license": "MIT", "manifest_path": "/"},
                {"id": "far", "name": "far", "version": "3", "source": "registry", "manifest_path": "/"},
                {"id": "tool", "name": "tool", "version": "4", "source": "registry", "manifest_path": "/"}]}"#;
        let metadata = serde_json::from_str(metadata).unwrap();
        let crates = built_in(&metadata).unwrap();
        let names: Vec<_> = crates.iter().map(|one| (one.name, one.terms)).collect();
        assert_eq!(names, [("far", "see below"), ("near", "MIT")]);
    }
}
