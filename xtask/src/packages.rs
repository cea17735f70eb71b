//! What the system must bring along, and getting it there: by apt on Debian and Ubuntu, by words elsewhere.

use std::{collections::BTreeSet, io::IsTerminal as _, process::Command};

use anyhow::{Context, Result, bail};

use crate::child::{answer, is_installed, run};

/// The oldest Node that the test servers run on.
const OLDEST_NODE: u32 = 18;

/// Something that a task needs of the system.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Need {
    /// To build the app and the server, and to run the app on a desktop.
    App,
    /// A screen that nobody sees, and hands and eyes on it.
    InvisibleScreen,
    /// What else the tests of the whole use.
    Tests,
    /// To make packages.
    Packaging,
    /// To look at packages, and a clean system to install them on.
    PackageTests,
}

/// The packages of one need, as three families of systems call them, and the programs that show that it is met.
struct Packages {
    debian: &'static [&'static str],
    fedora: &'static [&'static str],
    arch: &'static [&'static str],
    programs: &'static [&'static str],
    libraries: &'static [&'static str],
}

const APP: Packages = Packages {
    debian: &["pkg-config", "build-essential", "libwebkit2gtk-4.1-dev", "libssl-dev", "librsvg2-common"],
    fedora: &["gcc", "pkgconf-pkg-config", "webkit2gtk4.1-devel", "openssl-devel", "librsvg2"],
    arch: &["base-devel", "webkit2gtk-4.1", "openssl", "librsvg"],
    programs: &["pkg-config", "cc"],
    libraries: &["webkit2gtk-4.1", "openssl"],
};

const INVISIBLE_SCREEN: Packages = Packages {
    debian: &["xvfb", "openbox", "xdotool", "imagemagick", "dbus", "dunst", "x11-utils", "fonts-dejavu-core"],
    fedora: &[
        "xorg-x11-server-Xvfb",
        "openbox",
        "xdotool",
        "ImageMagick",
        "dbus-daemon",
        "dunst",
        "dejavu-sans-fonts",
    ],
    arch: &["xorg-server-xvfb", "openbox", "xdotool", "imagemagick", "dbus", "dunst", "ttf-dejavu"],
    programs: &["Xvfb", "openbox", "xdotool", "import", "dbus-daemon", "dunst"],
    libraries: &[],
};

const TESTS: Packages = Packages {
    debian: &[
        "webkit2gtk-driver",
        "gnome-keyring",
        "libglib2.0-bin",
        "postgresql",
        "redis-server",
        "nginx",
        "iproute2",
        "chromium",
        "chromium-driver",
        "x11-xserver-utils",
        "at-spi2-core",
    ],
    // dnf finds the package that has a file.
    fedora: &[
        "/usr/bin/WebKitWebDriver",
        "gnome-keyring",
        "glib2",
        "/usr/bin/xmessage",
        "postgresql-server",
        "/usr/bin/redis-server",
        "nginx",
        "iproute",
        "chromium",
        "chromedriver",
        "/usr/bin/xrandr",
        "at-spi2-core",
    ],
    arch: &[
        "gnome-keyring",
        "glib2",
        "xorg-xmessage",
        "postgresql",
        "valkey",
        "nginx",
        "iproute2",
        "chromium",
        "xorg-xrandr",
        "at-spi2-core",
    ],
    programs: &[
        "WebKitWebDriver",
        "gnome-keyring-daemon",
        "gdbus",
        "xmessage",
        "psql",
        "redis-server",
        "nginx",
        "ip",
        "chromedriver",
        "xrandr",
    ],
    libraries: &[],
};

const PACKAGING: Packages = Packages {
    debian: &["dpkg-dev", "rpm"],
    fedora: &["rpm-build", "binutils"],
    arch: &["rpm-tools", "binutils"],
    programs: &["rpmbuild", "strip"],
    libraries: &[],
};

// Elsewhere there is no .deb to be looked at.
const PACKAGE_TESTS: Packages = Packages {
    debian: &["appstream", "desktop-file-utils", "mmdebstrap"],
    fedora: &["appstream", "desktop-file-utils"],
    arch: &["appstream", "desktop-file-utils"],
    programs: &["appstreamcli", "desktop-file-validate"],
    libraries: &[],
};

const NODE: Packages = Packages {
    debian: &["nodejs", "npm"],
    fedora: &["nodejs", "nodejs-npm"],
    arch: &["nodejs", "npm"],
    programs: &["node", "npm"],
    libraries: &[],
};

/// Makes sure that all of this is there; installs what is missing where it can.
///
/// # Errors
/// When something stays missing; with what to install.
pub(crate) fn ensure(needs: &[Need]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        // Elsewhere the system brings its own web view.
        return Ok(());
    }
    let mut wanted: Vec<&Packages> = Vec::new();
    for need in needs {
        match need {
            Need::App => {
                wanted.push(&APP);
                // The build takes from npm what web pages load from the server.
                if !is_installed("npm") {
                    wanted.push(&NODE);
                }
            }
            Need::InvisibleScreen => wanted.push(&INVISIBLE_SCREEN),
            Need::Packaging => wanted.push(&PACKAGING),
            Need::PackageTests => wanted.push(&PACKAGE_TESTS),
            Need::Tests => {
                wanted.push(&TESTS);
                // Node often comes from elsewhere than the system's packages, and newer.
                if !node_is_new_enough() {
                    wanted.push(&NODE);
                }
            }
        }
    }
    if is_installed("apt-get") {
        install(&wanted)?;
    } else {
        say_what_is_missing(&wanted)?;
    }
    if needs.iter().any(|need| matches!(need, Need::Tests)) && !node_is_new_enough() {
        bail!(
            "the tests need Node {OLDEST_NODE} or newer with npm, and this system's packages have an older one"
        );
    }
    Ok(())
}

fn install(wanted: &[&Packages]) -> Result<()> {
    let names: Vec<&str> = wanted.iter().flat_map(|packages| packages.debian).copied().collect();
    let missing = missing_of(&names);
    if missing.is_empty() {
        return Ok(());
    }
    println!("Installing what the system lacks: {}", missing.join(" "));
    let by_apt = apt(&["update", "--quiet"]).and_then(|()| {
        // One name that this system does not know must not keep the others away.
        let known: Vec<&str> = missing.iter().copied().filter(|name| apt_knows(name)).collect();
        apt(&[&["install", "--yes", "--quiet", "--no-install-recommends"], &known[..]].concat())?;
        Ok(known.len() == missing.len())
    });
    match by_apt {
        Ok(true) => return Ok(()),
        Ok(false) => println!("This system does not know all of them."),
        Err(error) => {
            println!("That did not work ({error:#}). By hand: apt-get install {}", missing.join(" "));
        }
    }
    say_what_is_missing(wanted)
}

/// Whether there is such a package; Ubuntu, for one, has the browser under another name and as a snap.
fn apt_knows(name: &str) -> bool {
    // In English, whatever language the system speaks.
    let policy = answer("env", &["LC_ALL=C", "apt-cache", "policy", name]).unwrap_or_default();
    policy.lines().any(|line| line.trim().starts_with("Candidate:") && !line.contains("(none)"))
}

/// Those of `names` that are not installed.
fn missing_of<'n>(names: &[&'n str]) -> Vec<&'n str> {
    // It fails when it does not know one of them, and still tells about the others.
    let mut query = Command::new("dpkg-query");
    let output = query.args(["-W", "-f", "${Package} ${db:Status-Status}\n"]).args(names).output();
    let told = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let installed: BTreeSet<&str> = told.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    names.iter().filter(|name| !installed.contains(**name)).copied().collect()
}

fn apt(args: &[&str]) -> Result<()> {
    let is_root = answer("id", &["-u"]).is_some_and(|id| id == "0");
    let mut command = Command::new(if is_root { "env" } else { "sudo" });
    if !is_root {
        if !is_installed("sudo") {
            bail!("installing needs root or sudo");
        }
        if !std::io::stdin().is_terminal() {
            // Nobody could type a password.
            command.arg("-n");
        }
        command.arg("env");
    }
    run(command.arg("DEBIAN_FRONTEND=noninteractive").arg("apt-get").args(args)).context("apt-get")
}

/// For systems without apt: fails only when something is really not there.
fn say_what_is_missing(wanted: &[&Packages]) -> Result<()> {
    let programs =
        wanted.iter().flat_map(|packages| packages.programs).filter(|program| !is_installed(program));
    let libraries = wanted.iter().flat_map(|packages| packages.libraries);
    let libraries = libraries.filter(|library| answer("pkg-config", &["--exists", library]).is_none());
    let missing: Vec<&str> = programs.chain(libraries).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = |names: fn(&Packages) -> &'static [&'static str]| {
        wanted.iter().flat_map(|packages| names(packages)).copied().collect::<Vec<_>>().join(" ")
    };
    bail!(
        "this system lacks: {}\n  Debian, Ubuntu: apt-get install {}\n  Fedora: dnf install {}\n  Arch: pacman -S {}",
        missing.join(", "),
        list(|packages| packages.debian),
        list(|packages| packages.fedora),
        list(|packages| packages.arch),
    )
}

fn node_is_new_enough() -> bool {
    let version = answer("node", &["--version"]);
    let major =
        version.as_deref().and_then(|version| version.strip_prefix('v')?.split('.').next()?.parse().ok());
    major.is_some_and(|major: u32| major >= OLDEST_NODE) && is_installed("npm")
}
