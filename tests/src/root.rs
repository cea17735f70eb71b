//! A clean system to install packages on: the same release as this machine's, with nothing but its base, in a folder.
//!
//! It is made from the machine's own package sources, and kept packed; every test unpacks one of its own. Programs run in
//! it by `chroot`, with mounts that only they see, so that nothing stays mounted whatever happens. The screen, the bus and
//! the home folder are those of a [`World`] outside.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::{
    binaries::binary,
    desktop::World,
    process::{Signal, send_signal},
};

/// What every desktop has and the base does not: certificates, and what makes known which app opens which links.
const BESIDES_THE_BASE: &str = "ca-certificates,desktop-file-utils,hicolor-icon-theme,libglib2.0-bin";

/// After so long the packed system is made anew: what it lacks of updates is fetched each time.
const KEPT_FOR: Duration = Duration::from_secs(60 * 60 * 24 * 30);

/// What is different there without anybody having installed anything.
const IN_MOTION: [&str; 9] =
    ["dev", "proc", "run", "sys", "tmp", "var/cache/apt", "var/cache/fontconfig", "var/lib/apt", "var/log"];

/// Mounts what programs expect, and the folders that come after the root and their number; then runs the rest there.
const ENTER: &str = r#"
root=$1 folders=$2
shift 2
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
while [ "$folders" -gt 0 ]; do
    mkdir -p "$root$2"
    mount --bind "$1" "$root$2"
    shift 2
    folders=$((folders - 1))
done
exec chroot "$root" "$@"
"#;

/// A clean system, gone when it is dropped.
#[derive(Debug)]
pub struct CleanRoot {
    folder: TempDir,
    /// Packages that were downloaded, kept from one test run to the next.
    archives: PathBuf,
}

impl CleanRoot {
    /// Why none can be made here; `None` when it can.
    #[must_use]
    pub fn why_not() -> Option<&'static str> {
        let can = |program: &str, arguments: &[&str]| {
            Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
        };
        if !can("apt-get", &["--version"]) || !can("mmdebstrap", &["--version"]) {
            Some("this is no Debian or Ubuntu with mmdebstrap")
        } else if !can("unshare", &["--mount", "chroot", "/", "true"]) {
            Some("only root may mount and change the root")
        } else {
            None
        }
    }

    /// Makes one; the first time in a while that takes half a minute.
    ///
    /// # Errors
    /// When packages cannot be fetched.
    pub fn make() -> Result<Self> {
        let program = binary("xtask")?;
        let target = program.ancestors().nth(2).context("a program outside of a target folder")?;
        let place = target.join("clean-root");
        let archives = place.join("archives");
        fs::create_dir_all(archives.join("partial"))?;
        let release = release()?;
        let packed = place.join(format!("{}.tar", release.codename));
        if !is_fresh(&packed) {
            pack(&release, &packed)?;
        }
        let folder = TempDir::with_prefix_in("root-", &place)?;
        // As in every system; the temporary folder is nobody else's.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        output(Command::new("tar").arg("-xf").arg(&packed).arg("--directory").arg(folder.path()))?;
        let root = Self { folder, archives };
        root.write("etc/resolv.conf", &fs::read_to_string("/etc/resolv.conf").unwrap_or_default(), 0o644)?;
        // Nothing that is installed is to start a service.
        root.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)?;
        root.apt(&["update"])?;
        Ok(root)
    }

    /// The folder that is its `/`.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of its own, by its path without the first slash.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &str, text: &str, mode: u32) -> Result<()> {
        let path = self.path().join(path);
        let _ = fs::remove_file(&path);
        fs::write(&path, text)?;
        Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
    }

    /// The words by which `unshare` runs `words` here, with the home folder and the screen of a world.
    #[must_use]
    pub fn words_in(&self, world: Option<&World>, words: &[&str]) -> Vec<String> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut folders = vec![(text(&self.archives), "/var/cache/apt/archives".to_owned())];
        if let Some(world) = world {
            let home = text(world.home());
            folders.push((home.clone(), home));
            folders.push(("/tmp/.X11-unix".to_owned(), "/tmp/.X11-unix".to_owned()));
        }
        let mut all: Vec<String> = ["--mount", "sh", "-euc", ENTER, "sh"].map(str::to_owned).to_vec();
        all.extend([text(self.path()), folders.len().to_string()]);
        all.extend(folders.into_iter().flat_map(|(from, to)| [from, to]));
        all.extend(words.iter().map(|word| (*word).to_owned()));
        all
    }

    /// Has a program here, in a world, start another one that stays: what that one says is nobody's.
    ///
    /// # Errors
    /// When the first one fails.
    pub fn launch_in(&self, world: &World, words: &[&str]) -> Result<()> {
        let mut launch = world.command("unshare");
        launch.args(self.words_in(Some(world), words));
        let status = launch.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        if !status.success() {
            bail!("{words:?} failed ({status})");
        }
        Ok(())
    }

    /// Runs a program here; what it writes to standard output.
    ///
    /// # Errors
    /// When it fails; with what it said.
    pub fn run(&self, words: &[&str]) -> Result<String> {
        output(
            Command::new("unshare")
                .args(self.words_in(None, words))
                .env("HOME", "/root")
                .env("TMPDIR", "/tmp"),
        )
    }

    /// Runs apt-get here, without what is only recommended.
    ///
    /// # Errors
    /// When it fails; with what it said.
    pub fn apt(&self, words: &[&str]) -> Result<String> {
        let apt = ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "apt-get", "--yes"];
        let options = ["--no-install-recommends", "-oDpkg::Use-Pty=0"];
        self.run(&[&apt[..], &options, words].concat())
    }

    /// Puts a package file here, and gives its path here.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub fn bring(&self, package: &Path) -> Result<String> {
        let name = package.file_name().and_then(|name| name.to_str()).context("a package without a name")?;
        let path = format!("tmp/{name}");
        fs::copy(package, self.path().join(&path))?;
        fs::set_permissions(self.path().join(&path), fs::Permissions::from_mode(0o644))?;
        Ok(format!("/{path}"))
    }

    /// The packages that apt would have to install or change for this file, itself among them.
    ///
    /// # Errors
    /// When apt finds no way.
    pub fn wanted_by(&self, package: &str) -> Result<BTreeSet<String>> {
        let plan = self.apt(&["--simulate", "install", package])?;
        let names = plan.lines().filter_map(|line| line.strip_prefix("Inst ")?.split(' ').next());
        Ok(names.map(str::to_owned).collect())
    }

    /// Every file and folder of the system, but for what is in motion anyway.
    ///
    /// # Errors
    /// When something cannot be looked at.
    pub fn files(&self) -> Result<BTreeSet<String>> {
        let all = output(Command::new("find").arg(self.path()).args(["-mindepth", "1", "-printf", "%P\\n"]))?;
        let is_still = |path: &&str| {
            !IN_MOTION.iter().any(|moving| Path::new(path).starts_with(moving) && path != moving)
        };
        Ok(all.lines().filter(is_still).map(str::to_owned).collect())
    }
}

impl Drop for CleanRoot {
    fn drop(&mut self) {
        // What was launched here is nobody's child, and would hold on to files that are about to go.
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let lives_here =
            |pid: &u32| fs::read_link(format!("/proc/{pid}/root")).is_ok_and(|root| root == self.path());
        for pid in numbers.filter(lives_here) {
            let _ = send_signal(pid, Signal::Kill);
        }
    }
}

/// The release of this machine, and where its packages come from.
struct Release {
    codename: String,
    sources: BTreeSet<String>,
}

fn release() -> Result<Release> {
    let about = fs::read_to_string("/etc/os-release")?;
    let field = |name: &str| about.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let field = |name: &str| field(name).map(|value| value.trim_matches('"').to_lowercase());
    let codename = field("VERSION_CODENAME").context("this system's release has no name")?;
    let origin = field("ID").context("this system has no name")?;
    let mut ask = Command::new("apt-get");
    let format = "$(ORIGIN)|deb $(REPO_URI) $(RELEASE) $(COMPONENT)";
    let lines = output(ask.args(["indextargets", "--format", format, "Created-By: Packages"]))?;
    // Only the distribution's own: what else this machine has is not what people have.
    let own = lines.lines().filter_map(|line| line.split_once('|'));
    let own = own.filter(|(whose, _)| whose.to_lowercase() == origin);
    let sources: BTreeSet<String> = own.map(|(_, source)| source.to_owned()).collect();
    if sources.is_empty() {
        bail!("apt has no lists of {origin}; `apt-get update` fetches them");
    }
    Ok(Release { codename, sources })
}

fn is_fresh(packed: &Path) -> bool {
    let age =
        fs::metadata(packed).and_then(|packed| packed.modified()).ok().and_then(|made| made.elapsed().ok());
    age.is_some_and(|age| age < KEPT_FOR)
}

/// Makes the packed system.
fn pack(release: &Release, packed: &Path) -> Result<()> {
    let unfinished = packed.with_extension("part.tar");
    let mut make = Command::new("mmdebstrap");
    make.args(["--quiet", "--mode=root", "--variant=minbase", "--dpkgopt=force-unsafe-io"]);
    make.arg(format!("--include={BESIDES_THE_BASE}")).arg(&release.codename).arg(&unfinished);
    output(make.args(&release.sources)).context("no clean system can be made")?;
    Ok(fs::rename(unfinished, packed)?)
}

/// What a command writes to standard output.
fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {:?}", command.get_program()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("{:?} failed ({}): {}\n{text}", command.get_program(), output.status, errors.trim());
    }
    Ok(text)
}
