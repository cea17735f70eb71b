//! Who takes part, and how they are opened.

use std::collections::BTreeSet;

use presente_tests::{
    cluster::{Cluster, Eyes},
    node::SeedUser,
};

/// So many people, `p0@example.org` and so on.
pub(crate) fn people(count: usize) -> Vec<SeedUser> {
    (0..count).map(|number| SeedUser::new(&email(number), &format!("P{number}"), "Example")).collect()
}

/// The address of the one with this number.
pub(crate) fn email(number: usize) -> String {
    format!("p{number}@example.org")
}

/// The addresses of these.
pub(crate) fn emails(numbers: impl IntoIterator<Item = usize>) -> BTreeSet<String> {
    numbers.into_iter().map(email).collect()
}

/// Signs somebody in at `url`, by WebSocket.
pub(crate) async fn eyes_at(url: &str, user: &SeedUser) -> Eyes {
    Eyes::sign_in(url, user).await.unwrap()
}

/// A cluster of three, with one person at each node, who all see each other; there are accounts for `accounts` more.
pub(crate) async fn three_nodes(accounts: usize) -> (Cluster, Vec<SeedUser>, Vec<Eyes>) {
    let cluster = Cluster::start(3).await.unwrap();
    let people = people(3 + accounts);
    cluster.sign_up(&people).await.unwrap();
    let mut eyes = Vec::new();
    for (place, user) in people.iter().enumerate().take(3) {
        eyes.push(eyes_at(cluster.url(place), user).await);
    }
    for one in &mut eyes {
        one.see(&emails(0..3), None).await.unwrap();
    }
    (cluster, people, eyes)
}
