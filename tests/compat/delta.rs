//! Our client at our server, which tells its list in changes: that everybody sees the same, that a connection goes on
//! where the last one ended, and that people are seen as they want to be.

use crate::dialects::driver::{Core, Home, ana, beto, people};
use presente_core::{
    Command,
    roster::Availability,
    settings::Presence,
    view::{RowView, Shape, View},
};
use presente_tests::{
    faults::FaultProxy,
    node::{FieldClient, SeedUser},
    presente_server::{Options, PresenteServer},
    process::Signal,
    wait::{PATIENCE, until},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

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

    /// Waits until somebody is shown in this way: the shape, and what the words begin with.
    async fn shows_row(&mut self, name: &str, shape: Shape, words: &str) {
        let row = |view: &View| {
            view.roster.rows.iter().any(|row| {
                matches!(row, RowView::Contact { name: of, shape: seen, words: said, .. }
                    if of.starts_with(name) && *seen == shape && said.starts_with(words))
            })
        };
        let what = format!("{name} as {shape:?}, {words}");
        self.core.shows(&what, |view| row(view).then_some(())).await.unwrap();
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

    beto_seat.core.tell(Command::SetAvailability(Availability::Away, None)).await;
    beto_seat.core.tell(Command::SetStatusLine("back at four".to_owned(), None)).await;
    ana_seat.shows_row("Beto", Shape::Away, "Away · back at four").await;
    beto_seat
        .core
        .shows("how others see us", |view| (view.roster.presence_text == "Away").then_some(()))
        .await
        .unwrap();
    beto_seat.core.tell(Command::SetAvailability(Availability::DoNotDisturb, None)).await;
    ana_seat.shows_row("Beto", Shape::Busy, "Do not disturb · back at four").await;

    beto_seat.core.tell(Command::SetPresence(Presence::Offline, None)).await;
    ana_seat.shows_row("Beto", Shape::Offline, "Offline").await;
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
    beto_seat.core.tell(Command::SetPresence(Presence::Online, None)).await;
    ana_seat.shows_row("Beto", Shape::Busy, "Do not disturb · back at four").await;
    hears_list(&mut field, &three).await;
    assert_eq!(beto_seat.asked("/api/auth/signOut"), 0);

    beto_seat.core.quit().await.unwrap();
    ana_seat.shows_row("Beto", Shape::Offline, "Offline").await;
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
