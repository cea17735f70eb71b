//! How the app is started, how its window comes and goes, and what happens when one of its two processes is gone.

use crate::stage::{Page, TITLE, server, server_says, signed_in_before, world};
use presente_tests::{
    desktop::{App, World},
    process::{Signal, send_signal},
    wait::{PATIENCE, until, until_with_state},
};

const LINK: &str = "presente://add?server=https%3A%2F%2Fescuela.example";

/// Waits for the process of another window than this one.
async fn another_window(app: &App, before: Option<u32>) -> u32 {
    let another = async || app.window_pid().filter(|pid| Some(*pid) != before);
    until("the process of a window", PATIENCE, another).await.unwrap()
}

async fn no_window_process(app: &App) {
    until("the window's process to end", PATIENCE, async || app.window_pid().is_none().then_some(()))
        .await
        .unwrap();
}

#[tokio::test]
async fn started_hidden_there_is_no_process_of_a_window_at_all() {
    let (world, server) = (world().await, server().await);
    signed_in_before(&world, &server).await.unwrap();
    let app = world.app().arg("--hidden").start().unwrap();
    server_says(&server, true).await;
    world.tray().await.unwrap().wait_for_label("nobody online").await.unwrap();
    assert_eq!(app.window_pid(), None);
    let parts = presente_tests::pss_by_process(app.pid());
    assert_eq!(parts.len(), 1, "one process and no more: {parts:?}");
}

#[tokio::test]
async fn a_left_click_on_the_tray_icon_opens_the_window_and_closes_it() {
    let world = world().await;
    let app = world.app().arg("--hidden").start().unwrap();
    let tray = world.tray().await.unwrap();
    for _ in 0..2 {
        tray.activate().await.unwrap();
        world.display().window(TITLE).await.unwrap();
        tray.activate().await.unwrap();
        world.display().no_window(TITLE).await.unwrap();
        no_window_process(&app).await;
    }
}

#[tokio::test]
async fn a_second_start_with_a_link_fills_in_the_form_of_the_first() {
    let (world, server) = (world().await, server().await);
    signed_in_before(&world, &server).await.unwrap();
    let app = world.app().arg("--hidden").drivable().start().unwrap();
    server_says(&server, true).await;
    world.tray().await.unwrap();
    let mut second = world.app().arg(LINK).start().unwrap();
    assert!(second.process().ended(PATIENCE).await.unwrap().success());
    let page = app.page().await.unwrap();
    page.says("#sign-in-title", "Add an account").await;
    page.looks(
        "the address",
        "return document.getElementById('server').value",
        "https://escuela.example".into(),
    )
    .await;
    assert_eq!(page.text("#problem").await, "", "nothing is tried by itself");
    server_says(&server, true).await;
}

#[tokio::test]
async fn a_start_with_a_link_opens_the_form_with_its_address() {
    let world = world().await;
    let app = world.app().arg(LINK).drive().await.unwrap();
    app.visible("screen-sign-in").await;
    app.looks(
        "the address",
        "return document.getElementById('server').value",
        "https://escuela.example".into(),
    )
    .await;
}

#[tokio::test]
async fn of_a_link_that_asks_for_nothing_known_the_window_says_so() {
    let world = world().await;
    let app = world.app().arg("presente://quit?server=escuela.example").drive().await.unwrap();
    app.says("#notices", "does not know what that link asks for").await;
    assert!(!app.visible_words().await.contains("escuela.example"), "nothing of the link is repeated");
}

#[tokio::test]
async fn when_the_window_is_killed_the_app_stays_in_the_tray_and_opens_another_one() {
    let (world, server) = (world().await, server().await);
    signed_in_before(&world, &server).await.unwrap();
    let mut app = world.app().drive().await.unwrap();
    app.visible("screen-roster").await;
    server_says(&server, true).await;
    let window = app.app().window_pid().unwrap();
    send_signal(window, Signal::Kill).unwrap();
    world.display().no_window(TITLE).await.unwrap();
    let tray = world.tray().await.unwrap();
    tray.wait_for_label("nobody online").await.unwrap();
    assert!(server.is_conected(&crate::stage::lucia().email).await.unwrap(), "signed in all the time");
    tray.click_menu("Open Presente").await.unwrap();
    another_window(app.app(), Some(window)).await;
    app.drive_again().await.unwrap();
    app.says("#me-name", "Lucía Méndez").await;
}

#[tokio::test]
async fn when_the_app_is_killed_its_window_goes_with_it() {
    let world = world().await;
    let mut app = world.app().start().unwrap();
    world.display().window(TITLE).await.unwrap();
    let window = another_window(&app, None).await;
    app.process().signal(Signal::Kill).unwrap();
    app.process().ended(PATIENCE).await.unwrap();
    world.display().no_window(TITLE).await.unwrap();
    let gone = || !std::path::Path::new(&format!("/proc/{window}/exe")).exists();
    until("the window's process to end", PATIENCE, async || gone().then_some(())).await.unwrap();
}

#[tokio::test]
async fn a_tray_whose_host_restarts_has_the_icon_again_and_nobody_complains() {
    let world = world().await;
    let app = world.app().drive().await.unwrap();
    app.visible("screen-sign-in").await;
    world.tray().await.unwrap().wait_for_label("Not signed in").await.unwrap();
    for _ in 0..2 {
        world.tray_host().leave().await.unwrap();
        world.tray_host().appear().await.unwrap();
        let tray = world.tray().await.unwrap();
        tray.wait_for_label("Not signed in").await.unwrap();
        tray.click_menu("Open Presente").await.unwrap();
    }
    assert!(!app.text("#notices").await.contains("no tray"));
    world.display().close_window(TITLE).await.unwrap();
    assert_eq!(world.tray_host().trays().await.unwrap().len(), 1, "it goes on in the tray");
}

/// Waits until the whole window is on the left monitor.
async fn is_on_the_left(world: &World) {
    until_with_state("the window on the monitor that is left", PATIENCE, async || {
        let window = world.display().windows(TITLE).await.ok().and_then(|mut windows| windows.pop());
        let window = window.ok_or("there is none")?;
        let place = world.display().place(&window).await.map_err(|error| error.to_string())?;
        let (left, top, width, height) = place;
        let is_there = left >= 0 && left + width <= 640 && top >= 0 && top + height <= 800;
        if is_there { Ok(()) } else { Err(format!("{width} × {height} at {left}, {top}")) }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_window_whose_monitor_is_pulled_out_is_brought_to_the_one_that_is_left() {
    let world = world().await;
    world.display().plug_in_second_monitor().await.unwrap();
    let _app = world.app().start().unwrap();
    let window = world.display().window(TITLE).await.unwrap();
    world.display().move_to(&window, 900, 100).await.unwrap();
    world.display().pull_out_second_monitor().await.unwrap();
    world.tray().await.unwrap().click_menu("Open Presente").await.unwrap();
    is_on_the_left(&world).await;
}

#[tokio::test]
async fn a_window_that_was_closed_on_a_monitor_that_is_gone_opens_on_the_one_that_is_left() {
    let world = world().await;
    world.display().plug_in_second_monitor().await.unwrap();
    let app = world.app().start().unwrap();
    let window = world.display().window(TITLE).await.unwrap();
    world.display().move_to(&window, 900, 100).await.unwrap();
    world.display().close_window(TITLE).await.unwrap();
    no_window_process(&app).await;
    world.display().pull_out_second_monitor().await.unwrap();
    world.tray().await.unwrap().click_menu("Open Presente").await.unwrap();
    is_on_the_left(&world).await;
}
