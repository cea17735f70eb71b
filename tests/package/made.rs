//! The packages, as `cargo xtask package` makes them.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use presente_tests::binaries::{APP, binary};

/// A version that no release has reached.
pub(crate) const HIGHER_VERSION: &str = "99.0.0";

/// Both packages, of one version.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) deb: PathBuf,
    /// Where there is a tool for it.
    pub(crate) rpm: PathBuf,
}

/// The packages of this version, made once.
pub(crate) fn packages() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| make(&[]))
}

/// Those of a version that comes later.
pub(crate) fn higher_packages() -> Made {
    make(&["--version", HIGHER_VERSION])
}

fn make(arguments: &[&str]) -> Made {
    let beside_us = || binary(APP).unwrap().parent().unwrap().to_owned();
    let programs = std::env::var_os("PRESENTE_PROGRAMS").map_or_else(beside_us, |folder| root().join(folder));
    let mut make = Command::new(binary("xtask").unwrap());
    make.args(["package", "--quick", "--programs"]).arg(programs);
    make.arg("--into").arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages")).args(arguments);
    let output = make.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let made = |kind: &str| said.lines().find(|line| line.ends_with(kind)).map(PathBuf::from);
    let (Some(deb), Some(rpm)) = (made(".deb"), made(".rpm")) else { panic!("not both were made: {said}") };
    Made { deb, rpm }
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
