//! The app's life: close to the tray and come back, quit, be killed, be started twice.

use crate::stage::{
    EMPTY_PICTURE, Page, TITLE, ana, lucia, picture_file, server, server_says, settings, signed_in_before,
    world,
};
use presente_tests::{
    node::FieldClient,
    process::Signal,
    pss_by_process,
    wait::{PATIENCE, until, until_with_state},
};
use std::time::{Duration, Instant};

#[tokio::test]
async fn killed_and_started_again_it_is_signed_in_without_a_password() {
    let (world, server) = (world().await, server().await);
    signed_in_before(&world, &server).await.unwrap();
    let mut app = world.app().start().unwrap();
    server_says(&server, true).await;
    app.process().signal(Signal::Kill).unwrap();
    app.process().ended(PATIENCE).await.unwrap();
    assert!(server.is_conected(&lucia().email).await.unwrap(), "the field keeps the ghost");

    let app = world.app().drive().await.unwrap();
    app.says("#me-name", "Lucía Méndez").await;
    app.says("#presence-text", "Online").await;
    server_says(&server, true).await;
    let settings = std::fs::read_to_string(settings(&world)).unwrap();
    assert!(settings.contains("[[accounts]]"), "{settings}");
    assert!(!settings.contains(&lucia().password), "no password in a file: {settings}");
}

#[tokio::test]
async fn killed_and_started_without_its_keyring_the_ghost_is_repaired() {
    let (mut world, server) = (world().await, server().await);
    signed_in_before(&world, &server).await.unwrap();
    let mut app = world.app().start().unwrap();
    server_says(&server, true).await;
    app.process().signal(Signal::Kill).unwrap();
    app.process().ended(PATIENCE).await.unwrap();
    let mut ana_client = FieldClient::start(server.url(), &ana()).await.unwrap();
    world.stop_keyring().await.unwrap();

    let app = world.app().drive().await.unwrap();
    app.visible("screen-sign-in").await;
    server_says(&server, false).await;
    ana_client
        .wait_for("a list without the ghost", |heard| {
            heard.event == "usersConected" && !heard.args[0].to_string().contains(&lucia().email)
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn sigterm_and_quit_sign_out_within_two_seconds() {
    let (world, server) = (world().await, server().await);
    signed_in_before(&world, &server).await.unwrap();
    for by_tray in [false, true] {
        let mut app = world.app().start().unwrap();
        server_says(&server, true).await;
        let tray = world.tray().await.unwrap();
        tray.wait_for_label("nobody online").await.unwrap();
        let told = Instant::now();
        match by_tray {
            true => tray.click_menu("Quit").await.unwrap(),
            false => app.process().signal(Signal::Term).unwrap(),
        }
        server_says(&server, false).await;
        let signed_out = told.elapsed();
        let status = app.process().ended(PATIENCE).await.unwrap();
        let ended = told.elapsed();
        println!("by tray: {by_tray}; signed out after {signed_out:?}, ended after {ended:?}");
        assert!(signed_out < Duration::from_secs(2), "signed out after {signed_out:?}");
        assert!(status.success(), "{status}: {}", app.log().text());
    }
}

#[tokio::test]
async fn closed_to_the_tray_it_gives_its_memory_back_and_shows_the_roster_at_once_when_opened() {
    let (world, server) = (world().await, server().await);
    signed_in_before(&world, &server).await.unwrap();
    let _ana = FieldClient::start(server.url(), &ana()).await.unwrap();
    let app = world.app().start().unwrap();
    app.log().wait_for("roster shown", PATIENCE).await.unwrap();
    let tray = world.tray().await.unwrap();
    tray.wait_for_label("1 online").await.unwrap();
    let open = app.pss_kib().unwrap();

    world.display().close_window(TITLE).await.unwrap();
    world.notifications().wait_for("about the tray", |note| note.summary.contains("tray")).await.unwrap();
    let closed = until_with_state("the web process to end", PATIENCE, async || {
        let parts = pss_by_process(app.pid());
        let web = parts.iter().any(|(name, _)| name.starts_with("WebKitWebProces"));
        if web { Err(format!("{parts:?}")) } else { Ok(parts) }
    });
    let closed = closed.await.unwrap();
    let kept: u64 = closed.iter().map(|(_, kib)| kib).sum();
    println!("PSS of the whole process tree: {open} KiB with the window, {kept} KiB in the tray: {closed:?}");
    assert!(kept * 4 < open * 3, "a quarter at least is given back: {kept} KiB of {open} KiB");
    server_says(&server, true).await;

    let asked = server.log().await.unwrap();
    tray.click_menu("Open Presente").await.unwrap();
    world.display().window(TITLE).await.unwrap();
    until("the roster on the screen", PATIENCE, async || {
        let views = app.log().all().iter().filter(|line| line.contains("page attached")).count();
        (views >= 2).then_some(())
    })
    .await
    .unwrap();
    until("something to be painted", PATIENCE, async || {
        let file = picture_file("desktop-reopened");
        world.display().screenshot(&file).await.ok()?;
        (std::fs::metadata(file).ok()?.len() > EMPTY_PICTURE).then_some(())
    })
    .await
    .unwrap();
    let later = server.log().await.unwrap();
    assert_eq!(later.requests.len(), asked.requests.len(), "opening asks the server nothing");
    assert_eq!(later.count_events("user list"), asked.count_events("user list"), "not even for the list");

    world.display().close_window(TITLE).await.unwrap();
    tray.activate().await.unwrap();
    world.display().window(TITLE).await.unwrap();
    let notes = world.notifications().all();
    assert_eq!(notes.iter().filter(|note| note.summary.contains("tray")).count(), 1, "said once: {notes:?}");
}

#[tokio::test]
async fn a_second_start_brings_the_window_of_the_first() {
    let (world, server) = (world().await, server().await);
    signed_in_before(&world, &server).await.unwrap();
    let app = world.app().arg("--hidden").start().unwrap();
    server_says(&server, true).await;
    world.tray().await.unwrap();
    let mut hidden = world.app().arg("--hidden").start().unwrap();
    assert!(hidden.process().ended(PATIENCE).await.unwrap().success());
    assert!(!world.display().has_window(TITLE).await.unwrap(), "hidden stays hidden");
    let mut second = world.app().start().unwrap();
    assert!(second.process().ended(PATIENCE).await.unwrap().success());
    world.display().window(TITLE).await.unwrap();
    drop(app);
}
