//! What happens at one node is seen at the others.

use std::collections::BTreeSet;

use presente_tests::{cluster::Pass, node::Heard, process::Signal};
use serde_json::json;

use crate::{
    people::{emails, eyes_at, three_nodes},
    watch::Watch,
};

#[tokio::test]
async fn people_at_different_nodes_see_each_other_come_and_go_and_so_does_the_database() {
    let (cluster, people, mut eyes) = three_nodes(1).await;
    let database = cluster.database().await.unwrap();
    database.settles_on(&emails(0..3), None).await.unwrap();

    let mut late = eyes_at(cluster.url(1), &people[3]).await;
    for one in &mut eyes {
        one.see(&emails(0..4), None).await.unwrap();
    }
    for leaving in [&mut late, &mut eyes[2]] {
        leaving.sign_out().await.unwrap();
    }
    for one in &mut eyes {
        one.see(&emails(0..2), None).await.unwrap();
    }
    database.settles_on(&emails(0..2), None).await.unwrap();
}

#[tokio::test]
async fn an_announcement_is_heard_at_every_node_once() {
    let (_cluster, _, mut eyes) = three_nodes(0).await;
    let said = json!({"mensaje": "A las diez"});
    eyes[0].client().emit("enviar-mensaje", &said).unwrap();
    eyes[0].hear("the receipt", |heard| heard.kind == "ack").await.unwrap();
    let is_it = |heard: &Heard| heard.event == "enviar-mensaje" && heard.kind == "event";
    for one in &mut eyes[1..] {
        let heard = one.hear("the announcement", is_it).await.unwrap();
        assert_eq!(heard.args[0]["mensaje"], "A las diez");
        assert_eq!(heard.args[0]["emisor"], "P0 Example", "the server says who speaks");
    }
    // What is said later is heard later: by then a second copy would be there.
    eyes[1].client().emit("enviar-mensaje", &json!({"mensaje": "Después"})).unwrap();
    eyes[2]
        .hear("what was said later", |heard| heard.args.first().is_some_and(|it| it["mensaje"] == "Después"))
        .await
        .unwrap();
    assert_eq!(eyes[2].times(is_it).unwrap(), 2, "each is heard once");
    assert_eq!(eyes[0].times(is_it).unwrap(), 1, "nobody hears themselves");
}

#[tokio::test]
async fn a_sign_out_everywhere_at_one_node_ends_the_devices_at_the_others() {
    let (cluster, people, mut eyes) = three_nodes(0).await;
    let mut second = eyes_at(cluster.url(1), &people[0]).await;
    Pass::sign_in(cluster.url(2), &people[0]).await.unwrap().sign_out(true).await.unwrap();
    for one in &mut eyes[1..] {
        one.see(&emails(1..3), None).await.unwrap();
    }
    let database = cluster.database().await.unwrap();
    database.settles_on(&emails(1..3), None).await.unwrap();
    for device in [&mut eyes[0], &mut second] {
        device.hear("the end of the socket", |heard| heard.kind == "disconnected").await.unwrap();
    }
    let again = eyes_at(cluster.url(1), &people[0]).await;
    for one in &mut eyes[1..] {
        one.see(&emails(0..3), None).await.unwrap();
    }
    drop(again);
}

#[tokio::test]
async fn a_device_that_signs_out_leaves_the_others_of_its_person_as_they_are() {
    let (cluster, people, mut eyes) = three_nodes(0).await;
    let mut second = eyes_at(cluster.url(1), &people[0]).await;
    for one in &mut eyes {
        one.forget(false).unwrap();
    }
    second.sign_out().await.unwrap();
    second.client().close().unwrap();
    // Something that comes after it at every node.
    eyes[1].client().emit("enviar-mensaje", &json!({"mensaje": "ya"})).unwrap();
    eyes[2].hear("what was said later", |heard| heard.event == "enviar-mensaje").await.unwrap();
    for one in &mut eyes {
        one.never_missed(&["p0@example.org"]).unwrap();
    }
    cluster.database().await.unwrap().settles_on(&emails(0..3), None).await.unwrap();
}

#[tokio::test]
async fn who_becomes_invisible_at_one_node_is_gone_at_all_and_comes_back_the_same_way() {
    let (cluster, people, mut eyes) = three_nodes(0).await;
    let database = cluster.database().await.unwrap();
    // With a second device at another node: being invisible is a matter of the person.
    let mut second = eyes_at(cluster.url(1), &people[0]).await;
    for (word, expected) in [("invisible", emails(1..3)), ("online", emails(0..3))] {
        second.client().emit("presence:set", &json!({"a": word})).unwrap();
        let answer = second.hear("the receipt", |heard| heard.kind == "ack").await.unwrap();
        assert_eq!(answer.args[0]["success"], true, "{answer:?}");
        second.forget(true).unwrap();
        for one in &mut eyes[1..] {
            one.see(&expected, None).await.unwrap();
        }
        database.settles_on(&expected, None).await.unwrap();
    }
}

#[tokio::test]
async fn our_own_client_at_one_node_sees_the_people_of_the_others_come_and_go() {
    let (cluster, people, mut eyes) = three_nodes(2).await;
    let (mut watch, contacts) = Watch::start(cluster.url(2), &people[3]).await;
    let seen: BTreeSet<&str> = contacts.iter().filter_map(|contact| contact["email"].as_str()).collect();
    let expected = emails(0..3);
    assert_eq!(seen, expected.iter().map(String::as_str).collect());
    eyes[0].see(&emails(0..4), None).await.unwrap();

    let (mut other, _) = Watch::start(cluster.url(0), &people[4]).await;
    watch.change("online", &people[4].email).await;
    eyes[1].sign_out().await.unwrap();
    watch.change("offline", &people[1].email).await;
    other.change("offline", &people[1].email).await;
    watch.signal(Signal::Term);
    assert!(watch.ended().await.unwrap().success());
    other.change("offline", &people[3].email).await;
    eyes[2].see(&emails([0, 2, 4]), None).await.unwrap();
}
