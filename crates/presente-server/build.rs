//! Gets the files of `socket.io-client` that web pages load from a Socket.IO server: the server hands them out at
//! `/socket.io/`. They are taken once, and kept among what the build has made.
//!
//! From the folder or the package that `PRESENTE_SOCKET_IO_CLIENT` names; else from `tests/servers/node_modules` when
//! the pinned version is there; else by `npm pack`. With none of these the server is built without them.

#![allow(clippy::print_stdout, reason = "cargo listens to what a build script prints")]

use std::{
    env,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest as _, Sha512};

const PACKAGE: &str = "socket.io-client";
const VERSION: &str = "4.8.4";
/// SHA-512 of the packed package, as the npm registry and lock files write it.
const INTEGRITY: &str =
    "7wjKAvVXYOJsbmUgkWbnhPD4bFpkqrUR0++XOjpGFmqDqsqV1CI93VTraeExLxpjxEqrWgFoSRZu1ihjLWfkAA==";
/// The files that pages load.
const FILES: [&str; 3] = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js"];
/// Names a folder of the unpacked package, or the package as `npm pack` makes it.
const OWN_COPY: &str = "PRESENTE_SOCKET_IO_CLIENT";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={OWN_COPY}");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let client = out.join("client");
    if let Some(copy) = env::var_os(OWN_COPY).filter(|copy| !copy.is_empty()) {
        // Asked for by name: what cannot be read is an error, not something to do without.
        let copy = PathBuf::from(copy);
        println!("cargo::rerun-if-changed={}", copy.display());
        take_copy(&copy, &out, &client)
            .map_err(|error| format!("{OWN_COPY} ({}): {error}", copy.display()))?;
    } else if !is_complete(&client)
        && let Err(error) = take_installed(&client).or_else(|_| take_packed(&out, &client))
    {
        println!(
            "cargo::warning=the server will hand out no /socket.io/socket.io.js, and its web page will not work, \
             because {PACKAGE} {VERSION} cannot be had ({error}); install npm and run `cargo clean -p presente-server`, \
             or name a copy of the package in {OWN_COPY}"
        );
    }
    fs::write(out.join("client.rs"), list_of(&client))?;
    Ok(())
}

/// Rust source: the names and contents of the files that are there.
fn list_of(client: &Path) -> String {
    let entry =
        |name: &str| format!("({name:?}, include_bytes!(concat!(env!(\"OUT_DIR\"), \"/client/{name}\"))),");
    let entries: String =
        if is_complete(client) { FILES.into_iter().map(entry).collect() } else { String::new() };
    format!("&[{entries}]")
}

fn is_complete(client: &Path) -> bool {
    fs::read_to_string(client.join("version")).is_ok_and(|version| version == VERSION)
}

/// Takes what the person who builds has named.
fn take_copy(copy: &Path, out: &Path, client: &Path) -> Outcome<()> {
    if copy.is_dir() { take(copy, client) } else { take(&unpacked(&fs::read(copy)?, out)?, client) }
}

/// Takes what the tests have installed.
fn take_installed(client: &Path) -> Outcome<()> {
    let crate_folder =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?);
    take(&crate_folder.join("../../tests/servers/node_modules").join(PACKAGE), client)
}

/// Takes what npm fetches, or has in its cache.
fn take_packed(out: &Path, client: &Path) -> Outcome<()> {
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let done = Command::new(npm)
        .args(["pack", &format!("{PACKAGE}@{VERSION}"), "--prefer-offline", "--ignore-scripts"])
        .args(["--fetch-retries=1", "--fetch-timeout=30000", "--loglevel=error"])
        .current_dir(out)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("npm cannot be run: {error}"))?;
    if !done.success() {
        return Err("npm cannot fetch it".into());
    }
    take(&unpacked(&fs::read(out.join(format!("{PACKAGE}-{VERSION}.tgz")))?, out)?, client)
}

/// Unpacks a package whose hash is right, and says where it is.
fn unpacked(package: &[u8], out: &Path) -> Outcome<PathBuf> {
    if BASE64_STANDARD.encode(Sha512::digest(package)) != INTEGRITY {
        return Err(format!("it is not {PACKAGE} {VERSION}: its SHA-512 is another one").into());
    }
    let archive = out.join("verified.tgz");
    fs::write(&archive, package)?;
    let mut tar = Command::new("tar");
    let done = tar.arg("-xzf").arg(&archive).current_dir(out).stdin(Stdio::null()).status();
    if !done.map_err(|error| format!("tar cannot be run: {error}"))?.success() {
        return Err("tar cannot unpack it".into());
    }
    Ok(out.join("package"))
}

/// Copies the files out of an unpacked package of the pinned version. The version is noted last: half a copy is none.
fn take(package: &Path, client: &Path) -> Outcome<()> {
    let manifest = fs::read_to_string(package.join("package.json"))?;
    if !manifest.contains(&format!("\"version\": \"{VERSION}\"")) {
        return Err(format!("the package in {} is not {PACKAGE} {VERSION}", package.display()).into());
    }
    if let Err(error) = fs::remove_file(client.join("version"))
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error.into());
    }
    fs::create_dir_all(client)?;
    for name in FILES {
        fs::write(client.join(name), fs::read(package.join("dist").join(name))?)?;
    }
    Ok(fs::write(client.join("version"), VERSION)?)
}
