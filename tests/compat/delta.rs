//! Our client at our server, which tells its list in changes: that everybody sees the same, that a connection goes on
//! where the last one ended, and that people are seen as they want to be.

use crate::dialects::driver::{Core, Home, ana, beto, people};
use presente_core::{
    Command,
    controller::{Activity, SettingsChange},
    view::{RowView, Shape, View},
};
use presente_tests::{
    faults::FaultProxy,
    node::{FieldClient, SeedUser},
    presente_server::{Options, PresenteServer},
    process::Signal,
    wait::{PATIENCE, until},
};
use presente_wire::OwnAvailability;
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

/// Where the list is fetched.
const LIST: &str = "/api/presence";

fn carla() -> SeedUser {
    SeedUser { password: "clave de carla".to_owned(), ..SeedUser::new("carla@example.org", "Carla", "Sosa") }
}

fn somebody(number: usize) -> SeedUser {
    let email = format!("p{number}@example.org");
    SeedUser {
        password: "clave comun".to_owned(),
        ..SeedUser::new(&email, "Persona", &format!("{number:02}"))
    }
}

async fn post(server: &PresenteServer, path: &str, body: &Value) -> Value {
    let request = reqwest::Client::new().post(format!("{}{path}", server.url()));
    let answer = request.json(body).send().await.unwrap();
    answer.json().await.unwrap()
}

async fn sign_up(server: &PresenteServer, user: &SeedUser) {
    let person = json!({"firstName": user.first_name, "lastName": user.last_name, "email": user.email,
                        "password": user.password, "from": "signup"});
    let answer = post(server, "/api/auth/signUp", &json!({ "newUser": person })).await;
    assert_eq!(answer["success"], true, "{answer}");
}

/// In open mode who signs in is online without a socket.
async fn comes(server: &PresenteServer, user: &SeedUser) {
    let who = json!({"email": user.email, "password": user.password, "from": "test"});
    let answer = post(server, "/api/auth/signIn", &json!({ "logedUser": who })).await;
    assert_eq!(answer["success"], true, "{answer}");
}

async fn server_with(people: usize) -> PresenteServer {
    let server = PresenteServer::start(Options { open: true, ..Options::default() }).await.unwrap();
    for user in [ana(), beto(), carla()] {
        sign_up(&server, &user).await;
    }
    for number in 0..people {
        sign_up(&server, &somebody(number)).await;
        comes(&server, &somebody(number)).await;
    }
    server
}

/// A core of somebody, behind a proxy that counts what it asks.
struct Seat {
    core: Core,
    proxy: FaultProxy,
    _home: Home,
}

impl Seat {
    async fn of(user: &SeedUser, server: &PresenteServer) -> Self {
        let address = server.url().strip_prefix("http://").unwrap().parse().unwrap();
        let proxy = FaultProxy::start(address).await.unwrap();
        let home = Home::new();
        let mut core = home.start();
        core.sign_in(&format!("http://{}", proxy.address()), &user.email, &user.password).await;
        core.roster().await.unwrap();
        Self { core, proxy, _home: home }
    }

    fn asked(&self, path: &str) -> usize {
        self.proxy.requests().iter().filter(|request| request.target.starts_with(path)).count()
    }

    async fn shows_online(&mut self, names: &BTreeSet<String>) {
        let what = format!("these online: {names:?}");
        self.core.shows(&what, |view| (online(view) == *names).then_some(())).await.unwrap();
    }

    /// Waits until somebody is shown in this way: the shape, what the words begin with, and what is in them besides.
    async fn shows_row(&mut self, name: &str, shape: Shape, words: &str) {
        let mut parts = words.split(" · ");
        let start = parts.next().unwrap_or_default();
        let rest: Vec<&str> = parts.collect();
        let fits = |said: &str| said.starts_with(start) && rest.iter().all(|part| said.contains(part));
        let row = |view: &View| {
            view.roster.rows.iter().any(|row| {
                matches!(row, RowView::Contact { name: of, shape: seen, words: said, .. }
                    if of.starts_with(name) && *seen == shape && fits(said))
            })
        };
        let what = format!("{name} as {shape:?}, {words}");
        self.core.shows(&what, |view| row(view).then_some(())).await.unwrap();
    }

    /// Waits until nobody who is online is called so.
    async fn shows_no_more(&mut self, name: &str) {
        let gone = |view: &View| !online(view).iter().any(|online| online.starts_with(name));
        self.core.shows(&format!("{name} no more"), |view| gone(view).then_some(())).await.unwrap();
    }
}

fn online(view: &View) -> BTreeSet<String> {
    people(view).filter(|person| person.online).map(|person| person.name).collect()
}

fn full_name(user: &SeedUser) -> String {
    format!("{} {}", user.first_name, user.last_name)
}

/// Who is online in a whole list, as clients of the field hear it.
fn listed(list: &Value) -> BTreeSet<String> {
    let users = list["response"]["user"].as_array().unwrap();
    users.iter().map(|user| format!("{} {}", user["firstName"], user["lastName"]).replace('"', "")).collect()
}

async fn hears_list(field: &mut FieldClient, names: &BTreeSet<String>) {
    let fits = |heard: &presente_tests::node::Heard| {
        heard.event == "usersConected" && listed(&heard.args[0]) == *names
    };
    field.wait_for("the same list", fits).await.unwrap();
}

#[tokio::test]
async fn everybody_sees_the_same_and_a_connection_goes_on_where_the_last_one_ended() {
    let server = server_with(50).await;
    let (mut ana_seat, mut beto_seat) = (Seat::of(&ana(), &server).await, Seat::of(&beto(), &server).await);
    let mut field = FieldClient::start(server.url(), &carla()).await.unwrap();
    let mut all: BTreeSet<String> = (0..50).map(|number| full_name(&somebody(number))).collect();
    all.extend([ana(), beto(), carla()].iter().map(full_name));
    let but = |all: &BTreeSet<String>, user: &SeedUser| {
        all.iter().filter(|name| **name != full_name(user)).cloned().collect::<BTreeSet<_>>()
    };
    ana_seat.shows_online(&but(&all, &ana())).await;
    beto_seat.shows_online(&but(&all, &beto())).await;
    hears_list(&mut field, &all).await;
    assert_eq!((ana_seat.asked(LIST), beto_seat.asked(LIST)), (1, 1), "once, and then changes");

    // Somebody comes while nobody is connected.
    ana_seat.proxy.cut();
    let late = SeedUser {
        password: "clave de dario".to_owned(),
        ..SeedUser::new("dario@example.org", "Dario", "Paz")
    };
    sign_up(&server, &late).await;
    comes(&server, &late).await;
    all.insert(full_name(&late));
    ana_seat.shows_online(&but(&all, &ana())).await;
    beto_seat.shows_online(&but(&all, &beto())).await;
    hears_list(&mut field, &all).await;
    until("another connection", PATIENCE, async || {
        let handshakes = ana_seat.proxy.requests().iter().filter(|request| request.is_handshake()).count();
        (handshakes >= 2).then_some(())
    })
    .await
    .unwrap();
    ana_seat.core.shows("no banner", |view| view.roster.banner.is_none().then_some(())).await.unwrap();
    ana_seat.shows_online(&but(&all, &ana())).await;
    assert_eq!(ana_seat.asked(LIST), 1, "what was missed came by the socket");
    assert_eq!(beto_seat.asked(LIST), 1);
}

#[tokio::test]
async fn people_are_seen_as_they_want_to_be_and_hiding_does_not_sign_out() {
    let server = server_with(0).await;
    let (mut ana_seat, mut beto_seat) = (Seat::of(&ana(), &server).await, Seat::of(&beto(), &server).await);
    let mut field = FieldClient::start(server.url(), &carla()).await.unwrap();
    let three: BTreeSet<String> = [ana(), beto(), carla()].iter().map(full_name).collect();
    hears_list(&mut field, &three).await;
    ana_seat.shows_row("Beto", Shape::Online, "Online").await;

    beto_seat.core.tell(Command::SetState(OwnAvailability::Away, None)).await;
    beto_seat.core.tell(Command::SetStatusLine("back at four".to_owned(), None)).await;
    ana_seat.shows_row("Beto", Shape::Away, "Away · back at four").await;
    beto_seat
        .core
        .shows("how others see us", |view| (view.roster.presence_text == "Away").then_some(()))
        .await
        .unwrap();
    beto_seat.core.tell(Command::SetState(OwnAvailability::DoNotDisturb, None)).await;
    ana_seat.shows_row("Beto", Shape::Busy, "Do not disturb · back at four").await;

    beto_seat.core.tell(Command::SetState(OwnAvailability::Invisible, None)).await;
    ana_seat.shows_no_more("Beto").await;
    hears_list(&mut field, &[ana(), carla()].iter().map(full_name).collect()).await;
    let hidden = |view: &View| (view.roster.presence_text == "Appearing offline").then_some(());
    beto_seat.core.shows("that we are hidden", hidden).await.unwrap();
    assert_eq!(beto_seat.asked("/api/auth/signOut"), 0, "the session stays");

    // Through a loss of the connection too.
    beto_seat.proxy.cut();
    until("another connection", PATIENCE, async || {
        let handshakes = beto_seat.proxy.requests().iter().filter(|request| request.is_handshake()).count();
        (handshakes >= 2).then_some(())
    })
    .await
    .unwrap();
    beto_seat.core.shows("that we are hidden", hidden).await.unwrap();
    beto_seat.shows_row("Ana", Shape::Online, "Online").await;
    beto_seat.core.tell(Command::SetState(OwnAvailability::DoNotDisturb, None)).await;
    ana_seat.shows_row("Beto", Shape::Busy, "Do not disturb · back at four").await;
    hears_list(&mut field, &three).await;
    assert_eq!(beto_seat.asked("/api/auth/signOut"), 0);

    beto_seat.core.quit().await.unwrap();
    ana_seat.shows_no_more("Beto").await;
}

#[tokio::test]
async fn who_has_left_one_device_is_online_as_long_as_they_are_on_another() {
    let server = server_with(0).await;
    let mut ana_seat = Seat::of(&ana(), &server).await;
    let (mut desk, phone) = (Seat::of(&beto(), &server).await, Seat::of(&beto(), &server).await);
    ana_seat.shows_row("Beto", Shape::Online, "Online").await;
    for device in [&desk, &phone] {
        let change = SettingsChange { auto_away_minutes: Some(5), ..SettingsChange::default() };
        device.core.tell(Command::ChangeSettings(Box::new(change))).await;
    }
    let idle = |minutes: u64| Command::Activity(Activity::Idle(Duration::from_secs(minutes * 60)));
    desk.core.tell(idle(6)).await;
    // What a device says is heard in that order: with the line the server has heard that nobody is at the desk.
    desk.core.tell(Command::SetStatusLine("at lunch".to_owned(), None)).await;
    ana_seat.shows_row("Beto", Shape::Online, "Online · at lunch").await;
    let as_others_see_us = |view: &View| (view.roster.presence_text == "Online").then_some(());
    desk.core.shows("that others see us online", as_others_see_us).await.unwrap();

    phone.core.tell(idle(6)).await;
    ana_seat.shows_row("Beto", Shape::Away, "Away · at lunch").await;
    desk.core
        .shows("that we are away, which nobody chose", |view| {
            let is_so = view.roster.presence_text == "Away" && view.roster.state == OwnAvailability::Online;
            (is_so && view.roster.tells_more).then_some(())
        })
        .await
        .unwrap();
    desk.core.tell(idle(0)).await;
    ana_seat.shows_row("Beto", Shape::Online, "Online · at lunch").await;
}

#[tokio::test]
async fn what_was_chosen_holds_after_a_restart_and_a_newer_line_of_another_device_wins() {
    let server = server_with(0).await;
    let mut ana_seat = Seat::of(&ana(), &server).await;
    let home = Home::new();
    let mut core = home.start();
    core.sign_in(server.url(), &beto().email, &beto().password).await;
    core.roster().await.unwrap();
    core.tell(Command::SetState(OwnAvailability::DoNotDisturb, None)).await;
    core.tell(Command::SetStatusLine("in a meeting".to_owned(), None)).await;
    ana_seat.shows_row("Beto", Shape::Busy, "Do not disturb · in a meeting").await;
    core.quit().await.unwrap();
    ana_seat.shows_no_more("Beto").await;

    let phone = Seat::of(&beto(), &server).await;
    phone.core.tell(Command::SetStatusLine("on the train".to_owned(), None)).await;
    ana_seat.shows_row("Beto", Shape::Online, "Online · on the train").await;
    let mut core = home.start();
    core.attach().await;
    ana_seat.shows_row("Beto", Shape::Busy, "Do not disturb · on the train").await;
    core.shows("the newer line", |view| (view.roster.status_line == "on the train").then_some(()))
        .await
        .unwrap();
    assert_eq!(home.settings().status_line, "on the train");
}

#[tokio::test]
async fn after_a_restart_of_the_server_the_list_is_fetched_anew() {
    let mut server = server_with(5).await;
    let mut seat = Seat::of(&ana(), &server).await;
    let five: BTreeSet<String> = (0..5).map(|number| full_name(&somebody(number))).collect();
    seat.shows_online(&five).await;
    server.restart(Signal::Term).await.unwrap();
    comes(&server, &carla()).await;
    let mut six = five.clone();
    six.insert(full_name(&carla()));
    seat.shows_online(&six).await;
    assert_eq!(seat.asked(LIST), 2);
    assert_eq!(seat.asked("/api/auth/signIn"), 1, "the session goes on");
}
