//! The whole as people reach it: through nginx, with TLS, on both transports.

use presente_tests::{
    cluster::{Cluster, Eyes},
    node::{FieldClient, FieldClientBuilder, Heard, SeedUser, Transport},
    process::Signal,
    services::nginx::Nginx,
};

use crate::{
    people::{emails, eyes_at, people},
    watch::{Watch, command},
};

/// How somebody comes: each way in turn.
fn client(nginx: &Nginx, number: usize, user: &SeedUser) -> FieldClientBuilder {
    let client = FieldClient::builder(&nginx.url(), user).trusting(&nginx.authority());
    match number % 3 {
        0 => client.first_transport(Transport::WebSocket),
        1 => client.only(Transport::Polling),
        // Polling first, then an upgrade.
        _ => client,
    }
}

#[tokio::test]
async fn through_nginx_people_on_both_transports_see_each_other_and_a_killed_node_is_made_up_for_by_the_others()
 {
    let mut cluster = Cluster::start(3).await.unwrap();
    let people = people(8);
    cluster.sign_up(&people).await.unwrap();
    let nginx = cluster.nginx().await.unwrap();
    // One at a node that stays and is not behind nginx, to see how the others fare.
    let aside = cluster.add_node().await.unwrap();
    let mut fixed = eyes_at(cluster.url(aside), &people[0]).await;
    let mut all = Vec::new();
    for (number, user) in people.iter().enumerate().take(7).skip(1) {
        all.push(Eyes::open(client(&nginx, number, user)).await.unwrap());
    }
    for one in all.iter_mut().chain([&mut fixed]) {
        one.see(&emails(0..7), None).await.unwrap();
    }
    let by_websocket = |heard: &Heard| {
        // The upgrade may be over before the connection is told of.
        ["upgraded", "connected"].contains(&heard.kind.as_str())
            && heard.transport.as_deref() == Some("websocket")
    };
    all[1].hear("the upgrade through nginx", by_websocket).await.unwrap();
    assert_eq!(all[0].times(by_websocket).unwrap(), 0, "polling alone was asked for");
    // And our own client, which begins with polling too.
    let mut own = command(&nginx.url(), &people[7]);
    let mut own = Watch::launch(own.env("SSL_CERT_FILE", nginx.authority()));
    assert_eq!(own.roster().await.len(), 7);

    let mut left = all.pop().unwrap();
    left.client().close().unwrap();
    own.change("offline", &people[6].email).await;
    let here = emails([0, 1, 2, 3, 4, 5, 7]);
    fixed.see(&here, None).await.unwrap();

    let database = cluster.database().await.unwrap();
    // Whichever has the polling sessions is among them.
    for lost in 0..3 {
        cluster.stop(lost, Signal::Kill).await.unwrap();
        for one in &mut all {
            one.forget(true).unwrap();
            // Who was there comes back elsewhere without anybody's help, and has a list again.
            one.client().list().unwrap();
        }
        // How soon is measured by `cargo xtask ghosts`: here everybody may find the dead node first, and wait before
        // the next attempt.
        for one in all.iter_mut().chain([&mut fixed]) {
            one.see(&here, None).await.unwrap();
        }
        database.settles_on(&here, None).await.unwrap();
        cluster.node(lost).unwrap().start_again().await.unwrap();
    }
}
