//! How long, how often and when it is tried to reach the server, and what is known of it.

use super::{
    field::{Field, ME, SERVER},
    *,
};
use crate::{link::Transport, settings::KnownServer, view::RowView};

fn lost(update: &Update) -> Option<()> {
    matches!(update, Update::Connection { state: ConnectionState::Offline, .. }).then_some(())
}

fn back(update: &Update) -> Option<ConnectionDetails> {
    match update {
        Update::Connection { state: ConnectionState::Online, details, .. } => Some(details.clone()),
        _ => None,
    }
}

fn names(rows: &[RowView]) -> Vec<&str> {
    rows.iter()
        .filter_map(|row| match row {
            RowView::Contact { name, .. } => Some(name.as_str()),
            RowView::Account { .. } | RowView::Heading { .. } => None,
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_who_offers_to_hear_changes_is_remembered_for_that_and_offered_nothing() {
    let field = Field::with_people(&[]);
    field.world().refuses_offers = true;
    let known = KnownServer { profile: "usersconected".to_owned(), socket: None, no_offer_until: None };
    field.world().settings.servers.insert(SERVER.to_owned(), known);
    let mut stage = signed_in(&field).await;
    assert_eq!(field.asked("open"), 2, "once with the offer and once without");
    assert_eq!(field.asked("sign in"), 1, "the token is good");
    assert!(field.world().settings.servers[SERVER].no_offer_until.is_some());
    stage.notified_within(seconds(1)).await;
    stage.crash().await;
    field.closes_sockets();
    let mut stage = field.start();
    stage.roster().await;
    assert_eq!(field.asked("open"), 3, "nothing is offered any more");
}

#[tokio::test(start_paused = true)]
async fn an_hour_without_network_greys_the_list_all_the_while_and_nobody_comes_online_falsely() {
    let field = Field::with_people(&["ana@x", "beto@x", "carla@x"]);
    field.comes("ana@x");
    field.comes("beto@x");
    let mut stage = signed_in(&field).await;
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    stage.view("the list", |view| view.roster.total == 3 && !view.roster.stale).await;
    let before = field.asked("open");
    field.world().down = true;
    field.closes_sockets();
    stage.view("a greyed list", |view| view.roster.stale).await;
    let began = Instant::now();
    while began.elapsed() < seconds(3600) {
        let view = stage.view("the countdown", |_| true).await;
        let banner = view.roster.banner.expect("why the list is grey");
        assert!(view.roster.stale, "after {:?}", began.elapsed());
        assert!(banner.strong.is_some_and(|strong| strong.starts_with("The list is as of")));
        assert_eq!(names(&view.roster.rows), ["ana", "beto"], "nobody is said to have gone");
    }
    let attempts = field.asked("open") - before;
    assert!((100..1_000).contains(&attempts), "{attempts} attempts in an hour");

    field.world().online.remove("beto@x");
    field.world().online.insert("carla@x".to_owned());
    field.world().down = false;
    assert_eq!(stage.roster().await, ["ana", "beto", "carla"]);
    let view = stage.view("a fresh list", |view| !view.roster.stale && view.roster.total == 4).await;
    assert_eq!(names(&view.roster.rows), ["ana", "carla"], "online; those who left are folded");
    assert_eq!(stage.notified_within(seconds(60)).await, Vec::<String>::new(), "the first list is silent");
    let came = |update: &Update| matches!(update, Update::Presence(..)).then_some(());
    field.comes("beto@x");
    stage.next("who comes now", came).await;
    field.comes("dora@x");
    assert_eq!(
        stage.notified_within(seconds(1)).await,
        ["dora is online"],
        "who was merely not seen has not come"
    );
}

#[tokio::test(start_paused = true)]
async fn another_network_ends_the_wait_for_the_next_attempt() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    field.world().down = true;
    field.closes_sockets();
    // The waits have become long.
    stage.notified_within(seconds(600)).await;
    field.world().down = false;
    let began = Instant::now();
    field.changes_network();
    stage.next("being back", back).await;
    assert!(began.elapsed() <= seconds(1), "back after {:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_network_that_changes_all_the_time_does_not_make_attempts_many() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    field.world().down = true;
    field.closes_sockets();
    let before = field.asked("open");
    for _ in 0..600 {
        field.changes_network();
        stage.notified_within(Duration::from_millis(100)).await;
    }
    let attempts = field.asked("open") - before;
    assert!((30..=60).contains(&attempts), "{attempts} attempts in a minute of 600 changes");
}

#[tokio::test(start_paused = true)]
async fn another_network_leaves_a_connection_that_answers_and_ends_one_that_does_not() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    field.changes_network();
    stage.notified_within(seconds(20)).await;
    assert_eq!((field.asked("check"), field.asked("open")), (1, 1), "asked, and kept");
    field.world().silent = true;
    let began = Instant::now();
    field.changes_network();
    stage.next("the loss", lost).await;
    assert!(began.elapsed() <= seconds(6), "noticed after {:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_every_socket_is_asked_a_few_times_and_then_the_person_is() {
    let field = Field::with_people(&[]);
    let mut stage = signed_in(&field).await;
    stage.notified_within(seconds(1)).await;
    stage.crash().await;
    field.world().refuses_sockets = true;
    field.world().asked.clear();
    let mut stage = field.start();
    stage.rejected().await;
    stage.notified_within(seconds(24 * 3600)).await;
    assert!(field.asked("open") <= 2, "asked: {:?}", field.world().asked);
    assert!(field.asked("sign in") <= 2, "asked: {:?}", field.world().asked);
}

#[tokio::test(start_paused = true)]
async fn what_is_known_of_the_connection_is_told_with_its_state_and_in_the_window() {
    let field = Field::with_people(&[]);
    let mut stage = field.start();
    stage.core.tell(Command::Attach { from: 0, len: 20 }).await;
    stage.sign_in("clave").await;
    let details = stage.next("being online", back).await;
    assert_eq!((details.transport, details.attempts), (Some(Transport::WebSocket), 1));
    assert_eq!(details.last_reason, None);
    field.answers_in(Duration::from_millis(42));
    let value = |view: &View, id: &str| {
        let found = view.roster.details.iter().find(|detail| detail.id == id);
        found.map(|detail| detail.value.clone())
    };
    let view = stage.view("the round trip", |view| value(view, "round-trip").is_some()).await;
    assert_eq!(value(&view, "round-trip").unwrap(), "42 ms");
    assert_eq!(value(&view, "transport").unwrap(), "WebSocket");
    assert_eq!(value(&view, "state").unwrap(), "Connected");
    assert_eq!(value(&view, "reason"), None);

    field.world().down = true;
    field.closes_sockets();
    let view = stage.view("the reason", |view| value(view, "reason").is_some()).await;
    assert_eq!(value(&view, "reason").unwrap(), "gone");
    stage.view("the attempts", |view| value(view, "attempts").as_deref() == Some("3")).await;
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_renewed_waits_for_the_rest_of_the_second() {
    let field = Field::with_people(&[]);
    field.world().good_tokens.insert("none of ours".to_owned());
    let mut stage: Stage = signed_in(&field).await;
    field.world().good_tokens.retain(|token| token == "none of ours");
    field.closes_sockets();
    stage.next("the loss", lost).await;
    let mut opened = Vec::new();
    while opened.len() < 3 {
        let count = field.asked("open");
        if count > opened.len() {
            opened.push(Instant::now());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(opened[2] - opened[1] >= seconds(1), "two attempts within {:?}", opened[2] - opened[1]);
    stage.next("being back", back).await;
    assert!(field.world().online.contains(ME));
}
