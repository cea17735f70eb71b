//! Parts of the whole go away and come back: a node, the bus, the database.

use std::time::Duration;

use presente_tests::{cluster::Eyes, process::Signal, wait::until};

use crate::{
    people::{email, emails, eyes_at, three_nodes},
    watch::Watch,
};

/// By then everything is right again, whatever has happened.
const RIGHT_AGAIN: Option<Duration> = Some(Duration::from_secs(5));

/// Begins to watch for flaps.
fn mark(eyes: &mut [Eyes]) {
    for one in eyes {
        one.forget(false).unwrap();
    }
}

async fn all_see(eyes: &mut [Eyes], expected: impl IntoIterator<Item = usize>) {
    see(eyes, expected, RIGHT_AGAIN).await;
}

/// The same where it is not a matter of time: somebody closes a socket, and grace goes by.
async fn all_come_to_see(eyes: &mut [Eyes], expected: impl IntoIterator<Item = usize>) {
    see(eyes, expected, None).await;
}

async fn see(eyes: &mut [Eyes], expected: impl IntoIterator<Item = usize>, timeout: Option<Duration>) {
    let expected = emails(expected);
    for one in eyes {
        one.see(&expected, timeout).await.unwrap();
    }
}

/// Nobody of these was missing from any list since the mark.
#[track_caller]
fn nobody_flapped(eyes: &mut [Eyes], people: &[usize]) {
    let people: Vec<String> = people.iter().map(|number| email(*number)).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    for one in eyes {
        one.never_missed(&people).unwrap();
    }
}

#[tokio::test]
async fn a_killed_node_takes_nobody_with_it_but_those_who_were_there_and_these_for_no_longer_than_5_s() {
    for lost in [0, 2] {
        let (mut cluster, people, mut eyes) = three_nodes(1).await;
        let database = cluster.database().await.unwrap();
        let (mut watch, _) = Watch::start(cluster.url(1), &people[3]).await;
        database.settles_on(&emails(0..4), None).await.unwrap();
        all_see(&mut eyes, 0..4).await;
        let mut there = eyes.remove(lost);
        mark(&mut eyes);
        cluster.stop(lost, Signal::Kill).await.unwrap();
        let left: Vec<usize> = (0..4).filter(|place| *place != lost).collect();
        all_see(&mut eyes, left.clone()).await;
        database.settles_on(&emails(left.clone()), RIGHT_AGAIN).await.unwrap();

        cluster.node(lost).unwrap().start_again().await.unwrap();
        there.hear("the connection", |heard| heard.kind == "connected").await.unwrap();
        all_see(&mut eyes, 0..4).await;
        there.see(&emails(0..4), RIGHT_AGAIN).await.unwrap();
        database.settles_on(&emails(0..4), RIGHT_AGAIN).await.unwrap();
        nobody_flapped(&mut eyes, &left);
        watch.change("offline", &email(lost)).await;
        watch.change("online", &email(lost)).await;
        let lines = watch.lines();
        assert_eq!(lines.iter().filter(|line| line.contains(r#""event":"offline""#)).count(), 1, "{lines:?}");
    }
}

#[tokio::test]
async fn a_node_that_stops_in_order_leaves_no_ghosts_at_all() {
    let (mut cluster, _people, mut eyes) = three_nodes(0).await;
    let database = cluster.database().await.unwrap();
    // Before the nodes have found out who there is, nobody writes.
    database.settles_on(&emails(0..3), RIGHT_AGAIN).await.unwrap();
    let there = eyes.remove(1);
    mark(&mut eyes);
    cluster.stop(1, Signal::Term).await.unwrap();
    let soon = Some(Duration::from_secs(1));
    for one in &mut eyes {
        one.see(&emails([0, 2]), soon).await.unwrap();
    }
    database.settles_on(&emails([0, 2]), soon).await.unwrap();
    nobody_flapped(&mut eyes, &[0, 2]);
    drop(there);
}

#[tokio::test]
async fn a_node_that_joins_while_the_others_run_sees_everybody_and_is_seen() {
    let (mut cluster, people, mut eyes) = three_nodes(1).await;
    mark(&mut eyes);
    let place = cluster.add_node().await.unwrap();
    let mut new = eyes_at(cluster.url(place), &people[3]).await;
    new.see(&emails(0..4), RIGHT_AGAIN).await.unwrap();
    all_see(&mut eyes, 0..4).await;
    nobody_flapped(&mut eyes, &[0, 1, 2]);
    cluster.database().await.unwrap().settles_on(&emails(0..4), RIGHT_AGAIN).await.unwrap();
}

#[tokio::test]
async fn redis_that_starts_anew_costs_nobody_anything_and_what_happened_meanwhile_is_made_up_for() {
    let (mut cluster, people, mut eyes) = three_nodes(2).await;
    let database = cluster.database().await.unwrap();
    let mut leaving = eyes_at(cluster.url(0), &people[3]).await;
    all_see(&mut eyes, 0..4).await;
    mark(&mut eyes);
    for signal in [Signal::Term, Signal::Kill] {
        cluster.redis.stop(signal).await.unwrap();
        // Somebody comes, and somebody else goes, while the nodes cannot speak with each other.
        let coming = eyes_at(cluster.url(1), &people[4]).await;
        leaving.sign_out().await.unwrap();
        eyes[0].see(&emails(0..3), None).await.unwrap();
        cluster.redis.start_again().await.unwrap();
        all_see(&mut eyes, [0, 1, 2, 4]).await;
        database.settles_on(&emails([0, 1, 2, 4]), RIGHT_AGAIN).await.unwrap();
        // And the bus is one again.
        leaving = eyes_at(cluster.url(0), &people[3]).await;
        all_see(&mut eyes, 0..5).await;
        drop(coming);
        all_come_to_see(&mut eyes, 0..4).await;
    }
    nobody_flapped(&mut eyes, &[0, 1, 2]);
}

#[tokio::test]
async fn postgresql_that_starts_anew_loses_no_account_and_has_everybody_right_after_5_s() {
    let (mut cluster, people, mut eyes) = three_nodes(2).await;
    let database = cluster.database().await.unwrap();
    let accounts = database.accounts().await.unwrap();
    let mut leaving = eyes_at(cluster.url(1), &people[3]).await;
    all_see(&mut eyes, 0..4).await;
    mark(&mut eyes);
    for (signal, absence) in [(Signal::Interrupt, Duration::ZERO), (Signal::Kill, Duration::from_secs(5))] {
        cluster.postgres.stop(signal).await.unwrap();
        // Who is online needs no database: a socket that goes is seen to go.
        leaving.client().close().unwrap();
        if !absence.is_zero() {
            all_come_to_see(&mut eyes, 0..3).await;
        }
        let back = tokio::time::Instant::now() + absence;
        until("the end of the absence", absence, async || {
            (tokio::time::Instant::now() >= back).then_some(())
        })
        .await
        .unwrap();
        cluster.postgres.start_again().await.unwrap();
        all_see(&mut eyes, 0..3).await;
        database.settles_on(&emails(0..3), RIGHT_AGAIN).await.unwrap();
        assert_eq!(database.accounts().await.unwrap(), accounts, "{signal:?}");
        // Who is new can sign in, and who was here comes back.
        leaving.client().open().unwrap();
        all_see(&mut eyes, 0..4).await;
        let coming = eyes_at(cluster.url(2), &people[4]).await;
        all_see(&mut eyes, 0..5).await;
        database.settles_on(&emails(0..5), RIGHT_AGAIN).await.unwrap();
        drop(coming);
        all_come_to_see(&mut eyes, 0..4).await;
    }
    nobody_flapped(&mut eyes, &[0, 1, 2]);
}

#[tokio::test]
async fn a_node_that_stands_still_for_a_while_is_passed_over_and_taken_back_when_it_goes_on() {
    let (mut cluster, people, mut eyes) = three_nodes(1).await;
    let database = cluster.database().await.unwrap();
    let mut there = eyes.remove(2);
    mark(&mut eyes);
    cluster.node(2).unwrap().process().signal(Signal::Stop).unwrap();
    all_see(&mut eyes, 0..2).await;
    database.settles_on(&emails(0..2), RIGHT_AGAIN).await.unwrap();
    let new = eyes_at(cluster.url(0), &people[3]).await;
    all_see(&mut eyes, [0, 1, 3]).await;

    cluster.node(2).unwrap().process().signal(Signal::Continue).unwrap();
    all_see(&mut eyes, 0..4).await;
    there.see(&emails(0..4), RIGHT_AGAIN).await.unwrap();
    database.settles_on(&emails(0..4), RIGHT_AGAIN).await.unwrap();
    nobody_flapped(&mut eyes, &[0, 1]);
    drop(new);
}

#[tokio::test]
async fn redis_that_stands_still_for_a_while_costs_nobody_anything() {
    let (mut cluster, people, mut eyes) = three_nodes(1).await;
    let database = cluster.database().await.unwrap();
    mark(&mut eyes);
    cluster.redis.process().signal(Signal::Stop).unwrap();
    let new = eyes_at(cluster.url(0), &people[3]).await;
    eyes[0].see(&emails(0..4), None).await.unwrap();
    // Longer than a node may be silent.
    let on = tokio::time::Instant::now() + Duration::from_secs(5);
    until("five seconds", Duration::from_secs(6), async || (tokio::time::Instant::now() >= on).then_some(()))
        .await
        .unwrap();
    nobody_flapped(&mut eyes, &[0, 1, 2]);
    cluster.redis.process().signal(Signal::Continue).unwrap();
    all_see(&mut eyes, 0..4).await;
    database.settles_on(&emails(0..4), RIGHT_AGAIN).await.unwrap();
    nobody_flapped(&mut eyes, &[0, 1, 2]);
    drop(new);
}
