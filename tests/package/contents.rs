//! What is in the packages, and what they say of themselves.

use std::{collections::BTreeSet, path::Path, process::Command};

use tempfile::TempDir;

use crate::made::packages;

/// All that is installed.
const FILES: [&str; 18] = [
    "/usr/bin/presente",
    "/usr/bin/presente-window",
    "/usr/share/applications/app.presente.Presente.desktop",
    "/usr/share/doc/presente/LICENSE-APACHE",
    "/usr/share/doc/presente/LICENSE-MIT",
    "/usr/share/doc/presente/THIRD-PARTY.gz",
    "/usr/share/doc/presente/changelog.gz",
    "/usr/share/doc/presente/copyright",
    "/usr/share/icons/hicolor/128x128/apps/presente.png",
    "/usr/share/icons/hicolor/16x16/apps/presente.png",
    "/usr/share/icons/hicolor/24x24/apps/presente.png",
    "/usr/share/icons/hicolor/256x256/apps/presente.png",
    "/usr/share/icons/hicolor/32x32/apps/presente.png",
    "/usr/share/icons/hicolor/48x48/apps/presente.png",
    "/usr/share/icons/hicolor/512x512/apps/presente.png",
    "/usr/share/icons/hicolor/64x64/apps/presente.png",
    "/usr/share/icons/hicolor/scalable/apps/presente.svg",
    "/usr/share/metainfo/app.presente.Presente.metainfo.xml",
];

fn ask(program: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(program).args(arguments).arg(file).env("LC_ALL", "C.UTF-8").output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// The .deb, unpacked.
fn unpacked() -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut unpack = Command::new("dpkg-deb");
    assert!(unpack.arg("--extract").arg(&packages().deb).arg(folder.path()).status().unwrap().success());
    folder
}

#[test]
fn the_deb_installs_these_files_for_everybody_and_runs_nothing_of_its_own() {
    let listing = ask("dpkg-deb", &["--contents"], &packages().deb);
    let mut files = BTreeSet::new();
    for line in listing.lines() {
        let (mode, path) = (line.split_whitespace().next().unwrap(), line.split_whitespace().nth(5).unwrap());
        let is_program = path.starts_with("./usr/bin/presente");
        let expected = match mode.starts_with('d') {
            true => "drwxr-xr-x",
            false if is_program => "-rwxr-xr-x",
            false => "-rw-r--r--",
        };
        assert_eq!(mode, expected, "{line}");
        assert!(line.contains(" root/root "), "{line}");
        if !mode.starts_with('d') {
            files.insert(path.trim_start_matches('.').to_owned());
        }
    }
    assert_eq!(files, FILES.map(str::to_owned).into());
    // Neither scripts at installing nor, as nothing is below /etc, an app that starts with everybody's session.
    let control = TempDir::new().unwrap();
    let mut unpack = Command::new("dpkg-deb");
    assert!(unpack.arg("--control").arg(&packages().deb).arg(control.path()).status().unwrap().success());
    let names = std::fs::read_dir(control.path()).unwrap();
    let names: BTreeSet<_> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names, ["control".to_owned(), "md5sums".to_owned()].into());
}

#[test]
fn the_rpm_installs_the_same_files() {
    let listing = ask("rpm", &["--query", "--list", "--package"], &packages().rpm);
    let mut expected: BTreeSet<_> = FILES.into();
    expected.insert("/usr/share/doc/presente");
    assert_eq!(listing.lines().collect::<BTreeSet<_>>(), expected);
    let format = "--queryformat=[%{FILEMODES:perms} %{FILEUSERNAME} %{FILENAMES}\\n]";
    let modes = ask("rpm", &["--query", format, "--package"], &packages().rpm);
    assert!(modes.contains("-rwxr-xr-x root /usr/bin/presente\n"), "{modes}");
    assert!(modes.contains("-rw-r--r-- root /usr/share/applications/"), "{modes}");
    let scripts = ask("rpm", &["--query", "--scripts", "--triggers", "--package"], &packages().rpm);
    assert_eq!(scripts, "");
}

#[test]
fn the_deb_says_what_it_is_and_whom_it_needs() {
    let field =
        |name: &str| ask("dpkg-deb", &["--show", &format!("--showformat=${{{name}}}")], &packages().deb);
    assert_eq!(field("Package"), "presente");
    assert_eq!(field("Version"), env!("CARGO_PKG_VERSION"));
    assert!(field("Installed-Size").parse::<u64>().unwrap() > 1_000);
    let needed = field("Depends");
    let names: BTreeSet<_> = needed.split(", ").map(|one| one.split(' ').next().unwrap()).collect();
    for name in ["ca-certificates", "libc6", "libwebkit2gtk-4.1-0"] {
        assert!(names.contains(name), "{needed}");
    }
    assert!(names.iter().any(|name| name.starts_with("libgtk-3-0")), "{needed}");
    // The tray is our own. OpenSSL may be there: what tests are built with brings a client of the field along.
    assert!(!needed.contains("appindicator"), "{needed}");
    assert!(field("Recommends").contains("gnome-keyring | kwalletmanager"));
}

#[test]
fn the_rpm_says_what_it_is_and_whom_it_needs() {
    let ask =
        |arguments: &[&str]| ask("rpm", &[&["--query", "--package"], arguments].concat(), &packages().rpm);
    let format = "--queryformat=%{NAME} %{VERSION} %{LICENSE} %{SUMMARY}";
    let summary =
        format!("presente {} MIT OR Apache-2.0 See who of your people is online", env!("CARGO_PKG_VERSION"));
    assert_eq!(ask(&[format]), summary);
    let needed = ask(&["--requires"]);
    for name in ["libwebkit2gtk-4.1.so.0()(64bit)", "libgtk-3.so.0()(64bit)", "ca-certificates"] {
        assert!(needed.lines().any(|line| line == name), "{needed}");
    }
    assert!(!needed.contains("appindicator"), "{needed}");
    assert!(ask(&["--recommends"]).contains("gnome-keyring or kwalletmanager"));
}

#[test]
fn desktops_take_the_entry_and_shops_the_description() {
    let folder = unpacked();
    let entry = folder.path().join("usr/share/applications/app.presente.Presente.desktop");
    assert_eq!(ask("desktop-file-validate", &[], &entry), "");
    // Of the whole tree: the description says which entry it is of, and that one which icon it has.
    ask("appstreamcli", &["validate-tree", "--no-net"], folder.path());
}

#[test]
fn what_stays_in_the_tray_is_linked_to_no_web_engine() {
    let folder = unpacked();
    let linked_to = |name: &str| {
        let headers = ask("objdump", &["--private-headers"], &folder.path().join("usr/bin").join(name));
        let names = headers.lines().filter_map(|line| line.trim().strip_prefix("NEEDED"));
        names.map(|name| name.trim().to_owned()).collect::<Vec<_>>()
    };
    let window = linked_to("presente-window");
    assert!(window.iter().any(|name| name.starts_with("libwebkit2gtk")), "{window:?}");
    let resident = linked_to("presente");
    let is_heavy = |name: &String| {
        ["webkit", "gtk", "gdk", "javascriptcore", "cairo"].iter().any(|part| name.contains(part))
    };
    assert!(!resident.is_empty() && !resident.iter().any(is_heavy), "{resident:?}");
}

#[test]
fn the_terms_of_what_is_built_in_come_along() {
    let folder = unpacked();
    let packed = folder.path().join("usr/share/doc/presente/THIRD-PARTY.gz");
    let notices = ask("gzip", &["--decompress", "--stdout"], &packed);
    for library in ["tauri ", "tokio ", "rustls "] {
        assert!(notices.lines().any(|line| line.starts_with(library)), "{library} is not named");
    }
    assert!(notices.contains("Permission is hereby granted"));
}
