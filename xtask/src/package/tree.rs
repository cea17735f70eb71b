//! What a package installs, laid out as it will lie below `/`.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::{PROGRAMS, notices};
use crate::{child::run, root};

/// The name under which desktops know the app.
const ID: &str = "app.presente.Presente";
/// Its icons: the size that the theme files them under, and the picture in icons/.
const ICONS: [(&str, &str); 9] = [
    ("16x16", "16x16.png"),
    ("24x24", "24x24.png"),
    ("32x32", "32x32.png"),
    ("48x48", "48x48.png"),
    ("64x64", "64x64.png"),
    ("128x128", "128x128.png"),
    ("256x256", "128x128@2x.png"),
    ("512x512", "icon.png"),
    ("scalable", "src/app.svg"),
];

/// Lays out everything below `tree`, with the programs of this folder.
///
/// # Errors
/// When the programs are not there, or something cannot be written.
pub(super) fn lay_out(tree: &Path, programs: &Path) -> Result<()> {
    let (usr, root) = (tree.join("usr"), root());
    let share = usr.join("share");
    folder(tree)?;
    for name in PROGRAMS {
        program(&programs.join(name), &usr.join("bin").join(name))?;
    }
    let desktop = root.join("packaging/desktop");
    for (place, kind) in [("applications", "desktop"), ("metainfo", "metainfo.xml")] {
        let name = format!("{ID}.{kind}");
        copy(&desktop.join(&name), &share.join(place).join(&name))?;
    }
    for (size, picture) in ICONS {
        let kind = if size == "scalable" { "svg" } else { "png" };
        let icon = share.join("icons/hicolor").join(size).join("apps").join(format!("presente.{kind}"));
        copy(&root.join("icons").join(picture), &icon)?;
    }
    let doc = share.join("doc/presente");
    copy(&desktop.join("copyright"), &doc.join("copyright"))?;
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        copy(&root.join(licence), &doc.join(licence))?;
    }
    write_packed(&doc.join("changelog"), &fs::read_to_string(root.join("CHANGELOG.md"))?)?;
    write_packed(&doc.join("THIRD-PARTY"), &notices::of_what_is_built_in()?)
}

/// A program without what only debuggers read.
fn program(from: &Path, to: &Path) -> Result<()> {
    if !from.is_file() {
        bail!("{} is not there", from.display());
    }
    folder_of(to)?;
    run(Command::new("strip").args(["--strip-unneeded", "-o"]).arg(to).arg(from))?;
    allow(to, 0o755)
}

/// Writes a file that everybody may read.
pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    folder_of(path)?;
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    allow(path, 0o644)
}

/// Writes it with `.gz` behind its name, packed.
fn write_packed(path: &Path, text: &str) -> Result<()> {
    write(path, text)?;
    // Without name and time, which would make every build another one.
    run(Command::new("gzip").args(["--best", "--no-name"]).arg(path))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    folder_of(to)?;
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    allow(to, 0o644)
}

fn folder_of(path: &Path) -> Result<()> {
    path.parent().map_or(Ok(()), folder)
}

/// Makes a folder, and those above it, as everybody may open them, whatever the umask of who packs.
pub(super) fn folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    folder_of(path)?;
    fs::create_dir(path).with_context(|| format!("cannot create {}", path.display()))?;
    allow(path, 0o755)
}

fn allow(path: &Path, mode: u32) -> Result<()> {
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
}

/// The files below `folder`, in order of their names.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if !entry.file_type()?.is_dir() {
            found.push(entry.path());
        } else if entry.file_name() != "DEBIAN" {
            found.extend(files(&entry.path())?);
        }
    }
    Ok(found)
}

/// The size of all files, in KiB, each rounded up.
pub(super) fn kib(folder: &Path) -> Result<u64> {
    let sizes = files(folder)?.into_iter().map(|file| Ok(fs::metadata(file)?.len().div_ceil(1024)));
    sizes.sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn every_icon_is_as_large_as_the_theme_files_it() {
        for (size, picture) in ICONS.into_iter().filter(|(size, _)| *size != "scalable") {
            let bytes = fs::read(root().join("icons").join(picture)).unwrap();
            // Width and height of a PNG stand at its beginning.
            let number = |at: usize| u32::from_be_bytes(bytes.get(at..at + 4).unwrap().try_into().unwrap());
            assert_eq!(format!("{}x{}", number(16), number(20)), size, "{picture}");
        }
    }

    #[test]
    fn the_newest_release_that_shops_are_told_of_is_this_version() {
        let metainfo = root().join("packaging/desktop").join(format!("{ID}.metainfo.xml"));
        let metainfo = fs::read_to_string(metainfo).unwrap();
        let newest = metainfo.split("<release version=\"").nth(1).and_then(|rest| rest.split('"').next());
        assert_eq!(newest, Some(env!("CARGO_PKG_VERSION")));
    }
}
