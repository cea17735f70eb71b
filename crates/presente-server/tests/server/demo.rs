//! The demo people.

use std::time::{Duration, Instant};

use presente_server::demo;
use serde_json::json;

use crate::harness::{Server, database};

fn seeded(config: &mut presente_server::Config) {
    config.seed_demo = true;
    config.demo_pause = (Duration::from_millis(30), Duration::from_millis(60));
}

#[tokio::test]
async fn the_demo_user_signs_in_and_sees_people_come_and_go() {
    let server = Server::with(seeded).await;
    let login = json!({ "logedUser": { "email": demo::EMAIL, "password": demo::PASSWORD, "from": "app" } });
    let (_, answer) = server.post("/api/auth/signIn", &login).await;
    assert_eq!(answer["response"]["userData"]["firstName"], json!("Lucía"));
    let mut socket = server.socket(answer["response"]["token"].as_str().unwrap()).await;
    let mut sizes = Vec::new();
    while sizes.len() < 12 {
        let list = socket.next_list().await;
        assert!(list.contains(&"Lucía".to_owned()));
        sizes.push(list.len());
    }
    assert!(sizes.windows(2).any(|two| two[0] < two[1]), "somebody came: {sizes:?}");
    assert!(sizes.windows(2).any(|two| two[0] > two[1]), "somebody left: {sizes:?}");
}

#[tokio::test]
async fn seeding_twice_adds_nobody_and_no_demo_person_outlives_the_demo() {
    let server = Server::with(seeded).await;
    let folder = server.stop().await;
    let server = Server::in_folder(folder, seeded).await;
    let folder = server.stop().await;
    let server = Server::in_folder(folder, |config| config.open = true).await;
    let pool = database(server.folder.path()).await;
    // Who is connected is written a moment after the start.
    let counted = async || -> (i64, i64) {
        let query = sqlx::query_as("SELECT COUNT(*), SUM(is_connected) FROM users");
        query.fetch_one(&pool).await.unwrap()
    };
    let start = Instant::now();
    while counted().await != (7, 0) {
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", counted().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    pool.close().await;
}
