//! Makes the packages that people install: the same files as a .deb and as an .rpm.
//!
//! Not by Tauri's bundler: docs/decisions/0021-packages.md says why. What the packages say of themselves lies in
//! packaging/desktop.

mod notices;
mod tree;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::{
    child::{answer, cargo, is_installed, run},
    packages::{self, Need},
    root, target,
};

/// The two programs that a package installs; the first is what the menu starts.
const PROGRAMS: [&str; 2] = ["presente", "presente-window"];

/// What goes into the packages, and where they go.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// Packs the programs of this folder instead of building what is shipped; tests do, with target/debug.
    #[arg(long, value_name = "FOLDER")]
    programs: Option<PathBuf>,
    /// The version of the packages, where it is not to be that of the programs; for tests of upgrades.
    #[arg(long)]
    version: Option<String>,
    /// Where the packages go; target/packages unless told.
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
    /// Compresses little, which makes large packages in a short time.
    #[arg(long)]
    quick: bool,
}

/// A package that is being made.
struct Package {
    version: String,
    /// What it installs lies below this, as it will lie below `/`.
    tree: PathBuf,
    /// For what is needed on the way.
    work: PathBuf,
    into: PathBuf,
    quick: bool,
}

/// Makes the packages that this system has the tools for, and says where they are.
///
/// # Errors
/// Something cannot be built, or no tool for any package is there.
pub(crate) fn package(choice: &Choice) -> Result<()> {
    packages::ensure(if choice.programs.is_some() {
        &[Need::Packaging]
    } else {
        &[Need::App, Need::Packaging]
    })?;
    let programs = match &choice.programs {
        Some(folder) => folder.clone(),
        None => build()?,
    };
    let work = target().join("tmp").join(format!("package-{}", std::process::id()));
    let made = make(choice, &programs, &work);
    let cleared = fs::remove_dir_all(&work);
    for package in made? {
        println!("{}", package.display());
    }
    cleared.context("what was needed on the way stays behind")
}

/// Builds what is shipped; the folder in which it is then.
fn build() -> Result<PathBuf> {
    // By this feature Tauri knows that it is no longer being developed.
    let features = ["--features", "tauri/custom-protocol"];
    run(cargo().args(["build", "--locked", "--release", "--package", "presente"]).args(features))?;
    Ok(target().join("release"))
}

fn make(choice: &Choice, programs: &Path, work: &Path) -> Result<Vec<PathBuf>> {
    let version = choice.version.clone().unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned());
    let into = choice.into.clone().unwrap_or_else(|| target().join("packages"));
    fs::create_dir_all(&into).with_context(|| format!("cannot create {}", into.display()))?;
    let tree = work.join("tree");
    tree::lay_out(&tree, programs)?;
    let package = Package {
        // What comes before a release is `~` to both kinds of packages, and sorts before it.
        version: version.replace('-', "~"),
        tree,
        work: work.to_owned(),
        into: into.canonicalize()?,
        quick: choice.quick,
    };
    let mut made = Vec::new();
    // Elsewhere there is nobody to ask which package a library is in.
    if is_installed("dpkg-shlibdeps") && is_installed("apt-get") {
        made.push(deb(&package).context("the .deb")?);
    }
    if is_installed("rpmbuild") {
        made.push(rpm(&package).context("the .rpm")?);
    }
    if made.is_empty() {
        bail!("there is neither dpkg-shlibdeps nor rpmbuild here");
    }
    Ok(made)
}

fn deb(package: &Package) -> Result<PathBuf> {
    let debian = package.tree.join("DEBIAN");
    let architecture = answer("dpkg", &["--print-architecture"]).context("dpkg knows no architecture")?;
    let control = fs::read_to_string(root().join("packaging/desktop/control"))?
        .replace("@VERSION@", &package.version)
        .replace("@ARCHITECTURE@", &architecture)
        .replace("@KIB@", &tree::kib(&package.tree)?.to_string())
        .replace("@LIBRARIES@", &libraries(package)?);
    tree::folder(&debian)?;
    tree::write(&debian.join("control"), &control)?;
    tree::write(&debian.join("md5sums"), &md5sums(&package.tree)?)?;
    let made = package.into.join(format!("presente_{}_{architecture}.deb", package.version));
    let mut build = dated("dpkg-deb");
    build.args(["--root-owner-group", "--build"]);
    // xz, which every dpkg unpacks.
    build.args(if package.quick { ["-Zgzip", "-z1"] } else { ["-Zxz", "-z6"] });
    // It says what it builds; we say it ourselves, of both.
    run(build.arg(&package.tree).arg(&made).stdout(std::process::Stdio::null()))?;
    fs::remove_dir_all(debian)?;
    Ok(made)
}

/// The packages of the libraries that the programs are linked to, as dpkg knows them of this system.
fn libraries(package: &Package) -> Result<String> {
    // It wants to stand where a source package is unpacked.
    let source = package.work.join("source");
    fs::create_dir_all(source.join("debian"))?;
    let control = "Source: presente\n\nPackage: presente\nArchitecture: any\n";
    fs::write(source.join("debian/control"), control)?;
    let mut ask = Command::new("dpkg-shlibdeps");
    ask.current_dir(source).arg("-O").args(PROGRAMS.map(|name| package.tree.join("usr/bin").join(name)));
    let output = ask.output().context("cannot run dpkg-shlibdeps")?;
    if !output.status.success() {
        bail!("dpkg-shlibdeps: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let said = String::from_utf8(output.stdout)?;
    let depends = said.trim().strip_prefix("shlibs:Depends=");
    depends.map(str::to_owned).with_context(|| format!("dpkg-shlibdeps says {said:?}"))
}

/// What `dpkg --verify` compares with.
fn md5sums(tree: &Path) -> Result<String> {
    let files = tree::files(tree)?;
    let names = files.iter().map(|file| file.strip_prefix(tree)).collect::<Result<Vec<_>, _>>()?;
    let output = Command::new("md5sum").current_dir(tree).arg("--").args(names).output()?;
    if !output.status.success() {
        bail!("md5sum: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn rpm(package: &Package) -> Result<PathBuf> {
    let define = |name: &str, value: &str| ["--define".to_owned(), format!("{name} {value}")];
    let path = |path: &Path| path.to_str().map(str::to_owned).context("a path is no text");
    let top = package.work.join("rpm");
    let mut build = dated("rpmbuild");
    build.args(["-bb", "--quiet"]).arg(root().join("packaging/desktop/presente.spec"));
    build.args(define("presente_version", &package.version));
    build.args(define("staging", &path(&package.tree)?));
    build.args(define("_topdir", &path(&top)?));
    build.args(define("_rpmfilename", "made.rpm"));
    build.args(define("_binary_payload", if package.quick { "w1.gzdio" } else { "w6.xzdio" }));
    let output = build.output().context("cannot run rpmbuild")?;
    if !output.status.success() {
        bail!("rpmbuild: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let name = format!("presente-{}-1.{}.rpm", package.version, env::consts::ARCH);
    let made = package.into.join(name);
    // Not renamed: it may go to another disk.
    fs::copy(top.join("RPMS/made.rpm"), &made)?;
    Ok(made)
}

/// A command that writes the time of the last commit where it would write its own, so that the same sources make the
/// same package.
fn dated(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env("LC_ALL", "C.UTF-8");
    if env::var_os("SOURCE_DATE_EPOCH").is_none() {
        let root = root().to_string_lossy().into_owned();
        let time = answer("git", &["-C", &root, "log", "-1", "--format=%ct"]);
        command.envs(time.map(|time| ("SOURCE_DATE_EPOCH", time)));
    }
    command
}
