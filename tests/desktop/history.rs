//! Who was online when: seen on the page of a contact, taken away as a file, forgotten.

use crate::stage::{Page, ana, lucia_sees_ana, server, server_says, world};
use presente_tests::{
    desktop::World,
    node::FieldClient,
    wait::{PATIENCE, until, until_with_state},
};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// With the fraction that is cut off.
const SECOND: Duration = Duration::from_secs(2);

/// The files of this kind that were exported, the oldest first.
fn exported(world: &World, extension: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(world.home()).unwrap().map(|entry| entry.unwrap().path());
    let is_one = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("presente-") && path.extension().is_some_and(|is| is == extension)
    };
    let mut files: Vec<PathBuf> = files.filter(is_one).collect();
    files.sort_by_key(|path| path.metadata().unwrap().modified().unwrap());
    files
}

/// Waits until so many files of this kind were exported, and gives the words of the last.
async fn export_says(world: &World, extension: &str, count: usize, words: &str) {
    until_with_state(&format!("file {count} of kind {extension} to say {words:?}"), PATIENCE, async || {
        let files = exported(world, extension);
        let last = files.last().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        if files.len() == count && last.contains(words) {
            Ok(())
        } else {
            Err(format!("{files:?}: {last:?}"))
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn what_happened_is_on_the_page_of_the_contact_in_a_file_and_then_forgotten() {
    let (world, server) = (world().await, server().await);
    let (mut ana, app) = lucia_sees_ana(&world, &server).await;
    app.open_contact("Ana Ríos").await;
    app.visible("as-table").await.click().await.unwrap();
    app.says("#timeline-table", "online").await;
    // History counts in seconds; who was there for less was not there.
    let since = Instant::now();
    until("a second of history", PATIENCE, async || (since.elapsed() > SECOND).then_some(())).await.unwrap();
    ana.sign_out().await.unwrap();
    app.says("#contact-words", "Offline").await;
    app.picks("span-week").await;
    app.says("#timeline-table", "Day").await;

    app.visible("contact-export-csv").await.click().await.unwrap();
    export_says(&world, "csv", 1, "Ana Ríos,online,").await;
    world.notifications().wait_for("of the file", |note| note.summary == "History written").await.unwrap();
    app.visible("contact-export-json").await.click().await.unwrap();
    export_says(&world, "json", 1, "\"Ana Ríos\"").await;

    // Asked again before anything is gone.
    app.visible("contact-forget").await.click().await.unwrap();
    app.visible("contact-forget-no").await.click().await.unwrap();
    app.visible("contact-export-json").await.click().await.unwrap();
    export_says(&world, "json", 2, "\"Ana Ríos\"").await;
    app.visible("contact-forget").await.click().await.unwrap();
    app.visible("contact-forget-yes").await.click().await.unwrap();
    app.visible("contact-forget").await;
    app.visible("contact-export-json").await.click().await.unwrap();
    export_says(&world, "json", 3, "[\n]").await;
}

/// Looks at every picture of the page: how many there were of a contact, and in how many of those of the first quarter
/// of a second the controls were to be seen without what stands above them.
const WATCH: &str = "const seen = window.seen = { pictures: 0, early: 0 };
    const there = (id) => !document.getElementById(id).hidden;
    let since = null;
    const look = (now) => {
        requestAnimationFrame(look);
        if (!there('screen-contact')) return;
        since ??= now;
        seen.pictures += 1;
        const isSeen = getComputedStyle(document.getElementById('alias')).visibility === 'visible';
        const isRead = there('timeline') || there('timeline-empty');
        if (isSeen && !isRead && now - since < 250) seen.early += 1;
    };
    requestAnimationFrame(look);";

#[tokio::test]
async fn the_controls_of_a_contact_are_not_seen_before_the_history_that_stands_above_them() {
    let (world, server) = (world().await, server().await);
    let (_ana, app) = lucia_sees_ana(&world, &server).await;
    app.page().execute(WATCH, vec![]).await.unwrap();
    app.open_contact("Ana Ríos").await;
    app.visible("alias").await;
    app.looks("pictures of the contact", "return window.seen.pictures > 10", true.into()).await;
    assert_eq!(app.look("return window.seen.early").await, 0);
}

#[tokio::test]
async fn what_was_known_before_is_known_after_a_new_start() {
    let (world, server) = (world().await, server().await);
    crate::stage::signed_in_before(&world, &server).await.unwrap();
    let mut ana = FieldClient::start(server.url(), &ana()).await.unwrap();
    let mut app = world.app().drive().await.unwrap();
    app.says("#list", "Ana Ríos").await;
    let since = Instant::now();
    until("a second of history", PATIENCE, async || (since.elapsed() > SECOND).then_some(())).await.unwrap();
    ana.sign_out().await.unwrap();
    app.says("#list", "Offline").await;
    app.signal(presente_tests::process::Signal::Term).unwrap();
    app.ended(PATIENCE).await.unwrap();
    server_says(&server, false).await;

    ana.sign_in().await.unwrap();
    let app = world.app().drive().await.unwrap();
    app.says("#list", "Ana Ríos").await;
    app.open_contact("Ana Ríos").await;
    app.visible("as-table").await.click().await.unwrap();
    app.says("#timeline-table", "not known").await;
    app.says("#timeline-table", "online").await;
    app.back().await;
    app.visible("settings-open").await.click().await.unwrap();
    app.says("#history-words", "history.sqlite").await;
    app.visible("forget-all").await.click().await.unwrap();
    app.visible("forget-all-yes").await.click().await.unwrap();
    app.visible("export-csv").await.click().await.unwrap();
    until_with_state("a file with one span at most: that of now", PATIENCE, async || {
        let files = exported(&world, "csv");
        let text = files.last().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        if text.starts_with("server,") && text.lines().count() <= 2 {
            Ok(())
        } else {
            Err(format!("{files:?}: {text}"))
        }
    })
    .await
    .unwrap();
}
