//! How others see us: what is chosen in the window or the tray, and what the machine says, on this project's own server.

use crate::stage::{Page, TITLE, ana, lucia, sign_up, window_has_keyboard, world, write_settings};
use presente_tests::{
    binaries::{self, binary},
    desktop::World,
    presente_server::{Options, PresenteServer},
    process::Process,
    wait::{PATIENCE, until, until_with_state},
};
use serde_json::Value;
use std::time::Duration;
use thirtyfour::Key;

/// Ana, who watches from a terminal.
struct Onlooker(Process);

impl Onlooker {
    async fn start(world: &World, server: &PresenteServer) -> Self {
        let mut command = world.command(binary(binaries::CLI).unwrap());
        command.args(["watch", "--server", server.url(), "--email", &ana().email, "--json"]);
        command.env("PRESENTE_PASSWORD", ana().password);
        let watch = Process::start("presente-cli watch", &mut command).unwrap();
        watch.stdout().wait_for(r#""event":"roster""#, PATIENCE).await.unwrap();
        Self(watch)
    }

    /// What Ana has been told of Lucía last: `(availability, status line)`.
    fn sees(&self) -> (String, String) {
        let mut seen = (String::new(), String::new());
        for line in self.0.stdout().all() {
            let Ok(said) = serde_json::from_str::<Value>(&line) else { continue };
            let people =
                said["contacts"].as_array().cloned().unwrap_or_else(|| vec![said["contact"].clone()]);
            for person in people.iter().filter(|person| person["name"] == "Lucía Méndez") {
                let is_online = person["online"] == true;
                let word = |name: &str| person[name].as_str().unwrap_or_default().to_owned();
                seen = if is_online {
                    (word("availability"), word("status"))
                } else {
                    ("gone".to_owned(), String::new())
                };
            }
        }
        seen
    }

    async fn waits_for(&self, availability: &str, status: &str) {
        until_with_state(&format!("Ana to see {availability:?} {status:?}"), PATIENCE, async || {
            let (is, line) = self.sees();
            if is == availability && line == status { Ok(()) } else { Err(format!("{is:?} {line:?}")) }
        })
        .await
        .unwrap();
    }
}

async fn server() -> PresenteServer {
    let server = PresenteServer::start(Options::default()).await.unwrap();
    sign_up(&server, &[lucia(), ana()]).await;
    server
}

#[tokio::test]
async fn what_is_chosen_in_the_window_and_in_the_tray_is_what_others_see() {
    let (world, server) = (world().await, server().await);
    let ana = Onlooker::start(&world, &server).await;
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.says("#list", "Ana Ríos").await;
    ana.waits_for("online", "").await;
    let tray = world.tray().await.unwrap();
    let mut icons = vec![tray.icon().await.unwrap()];

    app.presence_menu("presence-away").await.click().await.unwrap();
    ana.waits_for("away", "").await;
    app.says("#presence-text", "Away").await;
    icons.push(tray.icon_other_than(&icons[0]).await.unwrap());

    tray.click_menu("Do not disturb").await.unwrap();
    ana.waits_for("dnd", "").await;
    app.says("#presence-text", "Do not disturb").await;
    icons.push(tray.icon_other_than(&icons[1]).await.unwrap());

    app.presence_menu("presence-dnd").await;
    app.fill("status-line", "Vuelvo a las tres").await;
    app.active().await.send_keys(Key::Enter).await.unwrap();
    ana.waits_for("dnd", "Vuelvo a las tres").await;

    tray.click_menu("Appear offline").await.unwrap();
    ana.waits_for("gone", "").await;
    app.says("#presence-text", "Appearing offline").await;
    icons.push(tray.icon_other_than(&icons[2]).await.unwrap());
    let ticked = |item: &presente_tests::desktop::MenuItem| {
        item.label == "Appear offline" && item.ticked == Some(true)
    };
    tray.wait_for_item("“Appear offline” to be ticked", ticked).await.unwrap();

    tray.click_menu("Online").await.unwrap();
    ana.waits_for("online", "Vuelvo a las tres").await;
    for (at, icon) in icons.iter().enumerate() {
        assert!(!icons[..at].contains(icon), "a shape for each state: {icons:?}");
    }
}

#[tokio::test]
async fn the_line_that_is_asked_for_in_the_tray_is_typed_in_the_window_whether_it_was_open_or_not() {
    let (world, server) = (world().await, server().await);
    let ana = Onlooker::start(&world, &server).await;
    let mut app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    ana.waits_for("online", "").await;
    let (tray, display) = (world.tray().await.unwrap(), world.display());
    for (before, line) in
        [("no window", "Vuelvo a las tres"), ("the list", "En clase"), ("a page", "Ya vuelvo")]
    {
        match before {
            "no window" => display.close_window(TITLE).await.unwrap(),
            "a page" => app.open_contact("Ana Ríos").await,
            _ => {}
        }
        tray.click_menu("Status line…").await.unwrap();
        if before == "no window" {
            app.drive_again().await.unwrap();
        }
        window_has_keyboard(display).await;
        app.looks("the focus in the field", "return document.activeElement.id", "status-line".into()).await;
        // What was there before is marked, and gives way to what is typed.
        display.type_text(line).await.unwrap();
        display.press("Return").await.unwrap();
        ana.waits_for("online", line).await;
    }
}

#[tokio::test]
async fn a_locked_screen_is_away_and_an_unlocked_one_is_back() {
    let (world, server) = (world().await, server().await);
    write_settings(&world, "auto_away_minutes = 5\n");
    world.attendance().screen_saver_appears().await.unwrap();
    let ana = Onlooker::start(&world, &server).await;
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    ana.waits_for("online", "").await;
    world.attendance().lock(true).await.unwrap();
    ana.waits_for("away", "").await;
    world.attendance().lock(false).await.unwrap();
    ana.waits_for("online", "").await;

    // Whoever has chosen something else by hand stays as they chose.
    app.presence_menu("presence-dnd").await.click().await.unwrap();
    ana.waits_for("dnd", "").await;
    let before = ana.0.stdout().all().len();
    world.attendance().lock(true).await.unwrap();
    world.attendance().lock(false).await.unwrap();
    app.presence_menu("presence-online").await.click().await.unwrap();
    ana.waits_for("online", "").await;
    let meanwhile = ana.0.stdout().since(before);
    assert!(!meanwhile.iter().any(|line| line.contains("away")), "{meanwhile:?}");
}

#[tokio::test]
async fn nobody_touches_the_machine_and_is_away_until_somebody_does() {
    let (world, server) = (world().await, server().await);
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.visible("screen-roster").await;
    app.visible("settings-open").await.click().await.unwrap();
    app.choose("auto-away", "5").await;
    until("the minutes among the settings", PATIENCE, async || {
        let settings = std::fs::read_to_string(crate::stage::settings(&world)).ok()?;
        (settings.contains("auto_away_minutes = 5") && settings.contains("[[accounts]]")).then_some(())
    })
    .await
    .unwrap();
    let mut app = app;
    app.signal(presente_tests::process::Signal::Term).unwrap();
    app.ended(Duration::from_secs(10)).await.unwrap();

    // Without a display GNOME's clock is asked, which is the test's here: nobody wants to wait for five minutes.
    let ana = Onlooker::start(&world, &server).await;
    world.attendance().idle_monitor_appears().await.unwrap();
    world.attendance().nobody_touched_for(299);
    let _app = world.app().arg("--hidden").env("DISPLAY", "").start().unwrap();
    ana.waits_for("online", "").await;
    world.attendance().nobody_touched_for(300);
    ana.waits_for("away", "").await;
    world.attendance().nobody_touched_for(0);
    ana.waits_for("online", "").await;
}

#[tokio::test]
#[ignore = "it takes the minute that is the shortest time after which anybody is away"]
async fn on_an_x_server_nobody_who_touches_anything_is_away_after_a_minute() {
    let (world, server) = (world().await, server().await);
    write_settings(&world, "auto_away_minutes = 1\n");
    let ana = Onlooker::start(&world, &server).await;
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    ana.waits_for("online", "").await;
    world.display().point_at(5, 5).await.unwrap();
    until("Ana to see that nobody is there", Duration::from_secs(75), async || {
        (ana.sees().0 == "away").then_some(())
    })
    .await
    .unwrap();
    world.display().point_at(50, 50).await.unwrap();
    ana.waits_for("online", "").await;
}
