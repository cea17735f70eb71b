//! A whole life on a clean system: installed, started from the menu, used, replaced by a later version, removed.

use std::{collections::BTreeSet, fs};

use presente_tests::{
    desktop::World,
    node::{ReferenceServer, SeedUser},
    root::CleanRoot,
    wait::{PATIENCE, until, until_with_state},
};

use crate::{
    installed::{Driven, ENTRY, Found, words_of_entry},
    made::{HIGHER_VERSION, higher_packages, packages},
};

/// The title of the app's window.
const TITLE: &str = "Presente";

fn lucia() -> SeedUser {
    SeedUser::new("lucia@example.org", "Lucía", "Méndez")
}

async fn server_says(server: &ReferenceServer, is_conected: bool) {
    until_with_state(&format!("Lucía's isConected to be {is_conected}"), PATIENCE, async || {
        let is = server.is_conected(&lucia().email).await.map_err(|error| format!("{error:#}"))?;
        if is == is_conected { Ok(()) } else { Err(format!("it is {is}")) }
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_installed_starts_from_the_menu_outlives_an_upgrade_and_leaves_only_what_is_the_users() {
    if let Some(why) = CleanRoot::why_not() {
        let must =
            std::env::var_os("CI").is_some() || fs::metadata("/proc/self").is_ok_and(|own| is_root(&own));
        assert!(!must, "packages cannot be installed on a clean system: {why}");
        eprintln!("packages are NOT installed on a clean system: {why}");
        return;
    }
    let root = CleanRoot::make().unwrap();
    let package = root.bring(&packages().deb).unwrap();
    with_what_it_needs(&root, &package);
    let before = root.files().unwrap();

    root.apt(&["install", &package]).unwrap();
    assert_eq!(root.run(&["dpkg", "--verify", "presente"]).unwrap(), "");
    let version = format!("presente {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(root.run(&["presente", "--version"]).unwrap().trim(), version);
    assert!(root.files().unwrap().contains("usr/bin/presente-window"), "what would be left behind is seen");
    let opener = root.run(&["gio", "mime", "x-scheme-handler/presente"]).unwrap();
    assert!(opener.contains("app.presente.Presente.desktop"), "{opener}");

    let server = ReferenceServer::start(&[lucia()]).await.unwrap();
    let world = World::builder().env("LC_ALL", "C.UTF-8").start().await.unwrap();
    signs_in_by_a_link(&root, &world, &server).await;
    let settings = world.home().join(".config/presente/settings.toml");
    assert!(fs::read_to_string(&settings).unwrap().contains("[[accounts]]"));

    root.apt(&["install", &root.bring(&higher_packages().deb).unwrap()]).unwrap();
    assert_eq!(
        root.run(&["dpkg-query", "--show", "--showformat=${Version}", "presente"]).unwrap(),
        HIGHER_VERSION
    );
    is_still_signed_in(&root, &world, &server).await;

    root.apt(&["remove", "presente"]).unwrap();
    assert_eq!(difference(&before, &root.files().unwrap()), Vec::<String>::new());
    let rest = root.run(&["dpkg-query", "--show", "presente"]);
    assert!(rest.is_err(), "removed, and nothing is left to be purged: {rest:?}");
    let links = root.run(&["gio", "mime", "x-scheme-handler/presente"]).unwrap_or_default();
    assert!(!links.contains("app.presente.Presente"), "{links}");
    assert!(settings.is_file(), "what is the user's own stays");
}

fn is_root(own: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(own) == 0
}

/// Installs what apt finds that the package needs, and only that: so it is seen afterwards what the package itself adds.
fn with_what_it_needs(root: &CleanRoot, package: &str) {
    let mut wanted = root.wanted_by(package).unwrap();
    assert!(wanted.remove("presente"), "{wanted:?}");
    assert!(wanted.contains("libwebkit2gtk-4.1-0"), "{wanted:?}");
    let names: Vec<&str> = wanted.iter().map(String::as_str).collect();
    root.apt(&[&["install"], &names[..]].concat()).unwrap();
    assert_eq!(root.wanted_by(package).unwrap(), BTreeSet::from(["presente".to_owned()]));
}

/// Starts it from its entry, has a link fill in the address, and signs in by hand.
async fn signs_in_by_a_link(root: &CleanRoot, world: &World, server: &ReferenceServer) {
    assert_eq!(words_of_entry(root), ["presente"]);
    let app = Driven::start(root, world).await;
    app.visible("server").await;
    assert_eq!(class_of_window(world).await, wanted_class(root));
    world.tray().await.unwrap();
    // As a browser opens it: by who is known to take such links, which is a second start of the app.
    root.launch_in(world, &["gio", "open", &format!("presente://add?server={}", server.url())]).unwrap();
    app.holds("server", server.url()).await;
    app.fill("email", &lucia().email).await;
    app.fill("password", &lucia().password).await;
    app.visible("submit").await.click().await.unwrap();
    app.visible("screen-roster").await;
    server_says(server, true).await;
    until("the account among the settings", PATIENCE, async || {
        let settings = fs::read_to_string(world.home().join(".config/presente/settings.toml")).ok()?;
        settings.contains("[[accounts]]").then_some(())
    })
    .await
    .unwrap();
    app.end().await;
    server_says(server, false).await;
}

/// Starts it as a menu does, and does nothing more.
async fn is_still_signed_in(root: &CleanRoot, world: &World, server: &ReferenceServer) {
    root.launch_in(world, &["gio", "launch", ENTRY]).unwrap();
    let app = Found::on_the_bus(world).await;
    server_says(server, true).await;
    world.display().window(TITLE).await.unwrap();
    app.end().await;
    server_says(server, false).await;
}

/// The class by which desktops find the entry of a window.
async fn class_of_window(world: &World) -> String {
    let window = world.display().window(TITLE).await.unwrap();
    let output = world.command("xprop").args(["-id", &window, "WM_CLASS"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.split('"').nth(1).unwrap_or_else(|| panic!("{said}")).to_owned()
}

fn wanted_class(root: &CleanRoot) -> String {
    let entry = fs::read_to_string(root.path().join(ENTRY.trim_start_matches('/'))).unwrap();
    entry.lines().find_map(|line| line.strip_prefix("StartupWMClass=")).unwrap().to_owned()
}

/// What is there only before or only after.
fn difference(before: &BTreeSet<String>, after: &BTreeSet<String>) -> Vec<String> {
    let gone = before.difference(after).map(|path| format!("-{path}"));
    gone.chain(after.difference(before).map(|path| format!("+{path}"))).collect()
}
