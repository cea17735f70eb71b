//! Every view in both colours and both languages: axe-core looks at each, and a picture is kept to be looked at.

use crate::stage::{Page, ana, lucia, picture_file, sign_up, world, write_settings};
use jiff::SignedDuration;
use presente_core::{
    clock::{Clock, SystemClock},
    history::{HistoryStore, Record, Seen, SqliteHistory},
    roster::{Availability, Contact},
    settings::OpenSession,
};
use presente_tests::{
    axe,
    desktop::{DrivenApp, World},
    node::{FieldClient, SeedUser},
    presente_server::{Options, PresenteServer},
    process::Signal,
};
use serde_json::json;
use std::sync::Arc;
use thirtyfour::By;

struct Gallery<'a> {
    app: &'a DrivenApp,
    look: String,
    found: Vec<String>,
}

impl Gallery<'_> {
    /// Keeps a picture of what is in the window under this name, and what axe-core finds in it.
    async fn shows(&mut self, view: &str) {
        // Nothing of a picture is half on its way.
        let settled = "const done = arguments[0];
            Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))
                .then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));";
        self.app.driver().execute_async(settled, vec![]).await.unwrap();
        self.app.screenshot(&picture_file(&format!("{view}-{}", self.look))).await.unwrap();
        let found = axe::findings(self.app.page()).await.unwrap();
        if !found.is_empty() {
            self.found.push(format!("{view}: {found}"));
        }
    }

    async fn scrolls_to_end(&self, sheet: &str) {
        self.app
            .look(&format!(
                "const sheet = document.getElementById('{sheet}'); sheet.scrollTop = sheet.scrollHeight"
            ))
            .await;
    }
}

fn people() -> [SeedUser; 6] {
    [
        ana(),
        SeedUser::new("beto@example.org", "Beto", "Núñez"),
        SeedUser::new("carla@example.org", "Carla", "Domínguez"),
        SeedUser::new("diego@example.org", "Diego", "Salas"),
        SeedUser::new("elena@example.org", "Elena", "Prado"),
        SeedUser::new("fatima@example.org", "Fátima", "Ruiz"),
    ]
}

async fn comes(server: &PresenteServer, person: &SeedUser) -> FieldClient {
    FieldClient::builder(server.url(), person).with_token().start().await.unwrap()
}

/// The identity of a person, as the server's list has it.
async fn id_of(client: &mut FieldClient, person: &SeedUser) -> String {
    client.list().unwrap();
    let is_list = |heard: &presente_tests::node::Heard| {
        heard.event == "usersConected" && heard.args[0].to_string().contains(&person.email)
    };
    let heard = client.wait_for("a list with them in it", is_list).await.unwrap();
    let rows = heard.args[0].pointer("/response/user").unwrap().as_array().unwrap().clone();
    let row = rows.into_iter().find(|row| row["email"] == person.email.as_str()).unwrap();
    row["_id"].as_str().unwrap().to_owned()
}

/// Three weeks in which Ana came on weekdays, as if the app had watched.
async fn remember(world: &World, server: &PresenteServer, id: &str) {
    let store = SqliteHistory::new(world.home().join(".local/share/presente/history.sqlite"));
    let account = OpenSession { server: server.url().to_owned().try_into().unwrap(), email: lucia().email };
    let contact = |availability: Option<Availability>| {
        let ana = ana();
        let name = format!("{} {}", ana.first_name, ana.last_name);
        Seen::of(&Arc::new(Contact {
            id: id.into(),
            name: name.into(),
            email: Some(ana.email.into()),
            online: availability.is_some(),
            availability,
            status_line: None,
            since: None,
            picture: None,
        }))
    };
    let now = SystemClock.now();
    let zone = jiff::tz::TimeZone::system();
    let mut records = vec![Record::Began {
        account: account.clone(),
        at: now - SignedDuration::from_hours(22 * 24),
        online: Vec::new(),
    }];
    for ago in (1..22_i64).rev() {
        let day = (now - SignedDuration::from_hours(24 * ago)).to_zoned(zone.clone()).start_of_day().unwrap();
        if matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday) {
            continue;
        }
        let day = day.timestamp();
        let moments = [
            (8 * 60 + 50 + ago % 3 * 10, Some(Availability::Online)),
            (12 * 60 + 30, Some(Availability::Away)),
            (13 * 60 + 20, Some(Availability::Online)),
            (15 * 60, Some(Availability::DoNotDisturb)),
            (16 * 60, Some(Availability::Online)),
            (17 * 60 + ago % 4 * 15, None),
        ];
        for (minutes, availability) in moments {
            let at = day + SignedDuration::from_mins(minutes);
            records.push(Record::Changed {
                account: account.clone(),
                at,
                people: vec![contact(availability)],
            });
        }
    }
    records.push(Record::Ended { account, at: now - SignedDuration::from_mins(1) });
    store.record(&records).await.unwrap();
    store.close().await;
}

/// Signs in and writes what is noted of people, so that the lists have something to show.
async fn note_people(app: &DrivenApp) {
    app.open_contact("Carla Domínguez").await;
    app.visible("contact-favourite").await.click().await.unwrap();
    app.back().await;
    app.open_contact("Diego Salas").await;
    app.choose("rule-often", "never").await;
    app.fill("group", "Escuela").await;
    app.back().await;
    app.open_contact("Ana Ríos").await;
    app.choose("rule-often", "always").await;
    app.fill("note", "Presenta el martes").await;
    app.fill("group", "Escuela").await;
    app.back().await;
}

async fn gallery(theme: &str, lang: &str) {
    let world = world().await;
    let server = PresenteServer::start(Options::default()).await.unwrap();
    let [ana, beto, carla, diego, elena, fatima] = people();
    sign_up(&server, &people()).await;
    sign_up(&server, &[lucia()]).await;
    let (mut ana_client, mut beto, mut carla, mut diego) = (
        comes(&server, &ana).await,
        comes(&server, &beto).await,
        comes(&server, &carla).await,
        comes(&server, &diego).await,
    );
    beto.emit("presence:set", &json!({ "a": "away" })).unwrap();
    carla.emit("presence:set", &json!({ "t": "En la biblioteca" })).unwrap();
    diego.emit("presence:set", &json!({ "a": "dnd", "t": "Clase hasta las 11" })).unwrap();
    let mut others = vec![comes(&server, &elena).await, comes(&server, &fatima).await];
    let id = id_of(&mut ana_client, &ana).await;
    remember(&world, &server, &id).await;
    write_settings(
        &world,
        &format!(
            "language = \"{lang}\"\ntheme = \"{theme}\"\n[[alerts.quiet]]\nfrom = \"22:00\"\nuntil = \"07:00\"\nenabled = false\n"
        ),
    );

    let app = world.app().drive().await.unwrap();
    let mut gallery = Gallery { app: &app, look: format!("{theme}-{lang}"), found: Vec::new() };
    app.visible("screen-sign-in").await;
    gallery.shows("sign-in").await;
    app.sign_in(server.url(), &lucia()).await;
    app.says("#list", "Fátima Ruiz").await;
    others.pop().unwrap().quit().await.unwrap();
    app.says_no_more("#list", "Fátima Ruiz").await;
    note_people(&app).await;
    roster_views(&mut gallery).await;
    page_views(&mut gallery).await;
    message_views(&mut gallery, &mut ana_client).await;
    let mut server = server;
    server.process().signal(Signal::Kill).unwrap();
    app.visible("banner").await;
    gallery.shows("disconnected").await;
    assert_eq!(gallery.found, Vec::<String>::new());
}

async fn roster_views(gallery: &mut Gallery<'_>) {
    let app = gallery.app;
    app.says("#list", "Escuela").await;
    gallery.shows("roster").await;
    app.presence_menu("presence-away").await;
    gallery.shows("menu").await;
    app.active().await.send_keys(thirtyfour::Key::Escape).await.unwrap();
    app.fill("search", "ri").await;
    app.says_no_more("#list", "Beto").await;
    gallery.shows("search").await;
    app.visible("search-clear").await.click().await.unwrap();
    app.says("#list", "Beto").await;
    app.visible("footer").await.click().await.unwrap();
    app.visible("details").await;
    gallery.shows("connection").await;
    app.visible("footer").await.click().await.unwrap();
}

/// What stands above a picture of when somebody is here is said nowhere else for the eye.
async fn titles_are_said_once(app: &DrivenApp) {
    let seen = "return ['history-title', 'usual-title'].map((id) => document.getElementById(id).textContent)
        .map((title) => [...document.querySelectorAll('#history *')].filter((one) => one.childElementCount === 0
            && !one.closest('.unseen, [hidden]') && one.textContent.includes(title)).length)";
    assert_eq!(app.look(seen).await, json!([1, 1]));
}

async fn page_views(gallery: &mut Gallery<'_>) {
    let app = gallery.app;
    app.open_contact("Ana Ríos").await;
    app.looks("the timeline", "return document.querySelectorAll('#timeline *').length > 3", true.into())
        .await;
    gallery.shows("contact").await;
    titles_are_said_once(app).await;
    app.picks("span-week").await;
    app.looks("the week", "return document.querySelectorAll('#timeline .strip-row').length", 7.into()).await;
    gallery.shows("contact-week").await;
    app.visible("as-table").await.click().await.unwrap();
    app.visible("timeline-table").await;
    gallery.shows("contact-table").await;
    titles_are_said_once(app).await;
    let named = "return ['timeline', 'usual'].map((name) => document.getElementById(`${name}-table`)).every(
        (frame) => frame.getAttribute('aria-label') && frame.querySelector('caption').textContent)";
    assert_eq!(app.look(named).await, true, "whoever listens hears what each table is of");
    app.visible("as-table").await.click().await.unwrap();
    gallery.scrolls_to_end("contact-sheet").await;
    gallery.shows("contact-below").await;
    app.back().await;
    app.visible("settings-open").await.click().await.unwrap();
    app.visible("screen-settings").await;
    gallery.shows("settings").await;
    app.page().find(By::Css("#alert-finer summary")).await.unwrap().click().await.unwrap();
    app.look("const sheet = document.getElementById('settings-sheet'); sheet.scrollTop = 420").await;
    gallery.shows("settings-middle").await;
    gallery.scrolls_to_end("settings-sheet").await;
    gallery.shows("settings-below").await;
    app.back().await;
    app.presence_menu("open-about").await.click().await.unwrap();
    app.visible("screen-about").await;
    gallery.shows("about").await;
    gallery.scrolls_to_end("about-sheet").await;
    gallery.shows("about-below").await;
    app.back().await;
}

async fn message_views(gallery: &mut Gallery<'_>, ana: &mut FieldClient) {
    let app = gallery.app;
    app.visible("messages-open").await.click().await.unwrap();
    app.visible("messages").await;
    ana.say("¿Empezamos?").unwrap();
    app.says("#said", "¿Empezamos?").await;
    app.fill("message-text", "Subo en cinco minutos").await;
    app.visible("message-send").await.click().await.unwrap();
    app.looks("an answer", "return document.querySelectorAll('.message.ours .delivery').length", 1.into())
        .await;
    gallery.shows("messages").await;
    app.visible("messages-close").await.click().await.unwrap();
    app.presence_menu("snooze").await.click().await.unwrap();
    app.visible("snoozed").await;
    gallery.shows("snoozed").await;
}

#[tokio::test]
async fn axe_finds_nothing_on_any_view_in_light_colours_and_english() {
    gallery("light", "en").await;
}

#[tokio::test]
async fn axe_finds_nothing_on_any_view_in_dark_colours_and_english() {
    gallery("dark", "en").await;
}

#[tokio::test]
async fn axe_finds_nothing_on_any_view_in_light_colours_and_spanish() {
    gallery("light", "es").await;
}

#[tokio::test]
async fn axe_finds_nothing_on_any_view_in_dark_colours_and_spanish() {
    gallery("dark", "es").await;
}
