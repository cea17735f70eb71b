//! Each part of the world missing or broken in turn: the app starts, says what is wrong in a clear sentence, and
//! goes on where it can.

use crate::stage::{Page, TITLE, lucia, picture, server, server_says, settings, world, write_settings};
use presente_tests::{
    desktop::{World, WorldBuilder},
    node::{FieldClient, SeedUser},
    process::Process,
    wait::PATIENCE,
};
use std::{
    io::{Read, Write},
    net::TcpListener,
    time::Duration,
};

fn english() -> WorldBuilder {
    World::builder().env("LC_ALL", "en_GB.UTF-8")
}

#[tokio::test]
async fn without_a_keyring_it_signs_in_and_says_that_the_password_is_not_kept() {
    let (world, server) = (english().with_keyring(false).start().await.unwrap(), server().await);
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.visible("screen-roster").await;
    app.says("#notices", "no keyring").await;
    server_says(&server, true).await;
    picture(&app, "desktop-no-keyring").await;
}

#[tokio::test]
async fn without_a_tray_closing_the_window_quits_and_it_says_so_before() {
    let (world, server) = (english().with_tray_host(false).start().await.unwrap(), server().await);
    let mut app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.says("#notices", "no tray").await;
    server_says(&server, true).await;
    world.display().close_window(TITLE).await.unwrap();
    app.ended(Duration::from_secs(10)).await.unwrap();
    server_says(&server, false).await;
}

#[tokio::test]
async fn a_tray_that_comes_late_is_used() {
    let (world, server) = (english().with_tray_host(false).start().await.unwrap(), server().await);
    let app = world.app().drive().await.unwrap();
    app.says("#notices", "no tray").await;
    world.tray_host().appear().await.unwrap();
    world.tray().await.unwrap().wait_for_label("Not signed in").await.unwrap();
    app.says_no_more("#notices", "no tray").await;
    drop(server);
}

#[tokio::test]
async fn without_a_notification_service_arrivals_are_in_the_window_until_one_comes() {
    let (world, server) = (english().with_notifications(false).start().await.unwrap(), server().await);
    write_settings(&world, "[alerts]\nhold = 0\nabsence = 0\ncool_down = 0\n");
    let app = world.app().drive().await.unwrap();
    app.says("#notices", "No notification service").await;
    app.sign_in(server.url(), &lucia()).await;
    app.visible("screen-roster").await;
    let ana = FieldClient::start(server.url(), &crate::stage::ana()).await.unwrap();
    app.says("#list", "Ana Ríos").await;

    world.notifications().appear().await.unwrap();
    app.says_no_more("#notices", "No notification service").await;
    let mut ana = ana;
    ana.sign_out().await.unwrap();
    app.says("#footer", "nobody online").await;
    ana.sign_in().await.unwrap();
    world.notifications().wait_for("of Ana", |note| note.summary.contains("Ana Ríos")).await.unwrap();
}

#[tokio::test]
async fn a_tray_whose_host_comes_after_its_watcher_is_used() {
    let world = english().with_tray_host(false).start().await.unwrap();
    world.tray_host().set_shows_icons(false).await.unwrap();
    world.tray_host().appear().await.unwrap();
    let app = world.app().drive().await.unwrap();
    app.says("#notices", "no tray").await;
    world.tray_host().set_shows_icons(true).await.unwrap();
    world.tray().await.unwrap().wait_for_label("Not signed in").await.unwrap();
    app.says_no_more("#notices", "no tray").await;
}

#[tokio::test]
async fn without_a_server_it_says_that_nothing_answers_and_keeps_what_was_typed() {
    let world = world().await;
    let url = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let app = world.app().drive().await.unwrap();
    app.sign_in(&url, &lucia()).await;
    app.says("#problem", "Nothing answers at").await;
    picture(&app, "desktop-unreachable").await;
    for (field, value) in [("server", url.as_str()), ("email", &lucia().email)] {
        let held = app.visible(field).await.prop("value").await.unwrap();
        assert_eq!(held.as_deref(), Some(value));
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_in_the_servers_words_and_the_right_one_works_after() {
    let (world, server) = (world().await, server().await);
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &SeedUser { password: "equivocada".to_owned(), ..lucia() }).await;
    let words = app.says("#problem", "ontraseña").await;
    assert!(!words.contains("equivocada"));
    app.fill("password", &lucia().password).await;
    app.visible("submit").await.click().await.unwrap();
    app.says("#me-name", "Lucía Méndez").await;
}

#[tokio::test]
async fn a_server_that_answers_with_a_page_is_called_what_it_is() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let page = "<!doctype html><title>Welcome</title>";
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n", page.len());
            let _ = write!(stream, "{head}connection: close\r\n\r\n{page}");
        }
    });
    let world = world().await;
    let app = world.app().drive().await.unwrap();
    app.sign_in(&url, &lucia()).await;
    app.says("#problem", "is not a presence server").await;
}

#[tokio::test]
async fn an_unencrypted_server_is_asked_about_in_words_before_anything_is_sent() {
    let world = world().await;
    let app = world.app().drive().await.unwrap();
    app.sign_in("http://192.0.2.1:4000", &lucia()).await;
    app.says("#problem", "does not encrypt").await;
    app.says("#plain-http-text", "Send my password to http://192.0.2.1:4000 without encryption").await;
    picture(&app, "desktop-unencrypted").await;
}

#[tokio::test]
async fn settings_that_cannot_be_read_are_set_aside_and_said() {
    let world = world().await;
    let folder = settings(&world).parent().unwrap().to_owned();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("settings.toml"), "presence = \"on the moon\"").unwrap();
    let app = world.app().drive().await.unwrap();
    app.says("#notices", "set aside").await;
    let kept = std::fs::read_to_string(folder.join("settings.unreadable")).unwrap();
    assert_eq!(kept, "presence = \"on the moon\"");
}

#[tokio::test]
async fn without_a_display_it_says_so_and_ends() {
    let world = world().await;
    for display in ["", ":9999"] {
        let mut command = world.command(presente_tests::binaries::binary("presente").unwrap());
        command.env("DISPLAY", display).env_remove("WAYLAND_DISPLAY");
        let mut process = Process::start("the app without a display", &mut command).unwrap();
        let status = process.ended(PATIENCE).await.unwrap();
        assert_eq!(status.code(), Some(1), "{}", process.stderr().text());
        assert!(process.stderr().text().contains("no display"), "{}", process.stderr().text());
    }
}
