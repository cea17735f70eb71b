//! Many names, and names that try to be something else.

use crate::stage::{Page, lucia, picture, sign_in_quietly, world};
use presente_tests::node::{FieldClient, ReferenceServer, SeedUser};

#[tokio::test]
async fn hundreds_of_people_are_scrolled_through_though_the_page_holds_only_some() {
    let people: Vec<SeedUser> = (0..300)
        .map(|i| SeedUser::new(&format!("p{i}@example.org"), &format!("Person {i:03}"), "Surname"))
        .collect();
    let everybody: Vec<SeedUser> = people.iter().cloned().chain([lucia()]).collect();
    let world = world().await;
    let server = ReferenceServer::start(&everybody).await.unwrap();
    sign_in_quietly(&server, &people).await;
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.says("#footer", "300 online").await;
    app.says("#list", "Person 000").await;
    let held = "return document.querySelectorAll('#list [data-key]').length";
    let held = app.page().execute(held, vec![]).await.unwrap().json().as_u64().unwrap();
    assert!((10..=60).contains(&held), "{held} rows are held");
    let to_the_end = "const list = document.getElementById('list'); list.scrollTop = list.scrollHeight";
    app.page().execute(to_the_end, vec![]).await.unwrap();
    app.says("#list", "Person 299").await;
    app.says_no_more("#list", "Person 000").await;
    picture(&app, "desktop-hundreds").await;
}

#[tokio::test]
async fn hostile_names_are_shown_as_text_in_list_and_notification() {
    let script = SeedUser::new("s@example.org", "<img src=x onerror=alert(1)>", "");
    let bidi = SeedUser::new("b@example.org", "\u{202E}gnp.\u{2066}ana", "Ríos\u{202C}");
    let world = world().await;
    let server = ReferenceServer::start(&[lucia(), script.clone(), bidi.clone()]).await.unwrap();
    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.visible("screen-roster").await;

    let _script = FieldClient::start(server.url(), &script).await.unwrap();
    app.says("#list", "<img src=x onerror=alert(1)>").await;
    let images =
        app.page().execute("return document.querySelectorAll('#list img').length", vec![]).await.unwrap();
    assert_eq!(images.json(), 0, "no element was made of it");
    let note = world
        .notifications()
        .wait_for("of the script", |note| note.summary.contains("onerror"))
        .await
        .unwrap();
    assert_eq!(note.summary, "<img src=x onerror=alert(1)> is online");
    assert!(!note.body.contains('<'), "no markup in the body: {}", note.body);

    let _bidi = FieldClient::start(server.url(), &bidi).await.unwrap();
    app.says("#list", "gnp.ana Ríos").await;
    // So soon after the other it is told in the same breath.
    let note = world.notifications().wait_for("of the bidi", |note| note.body.contains("gnp")).await.unwrap();
    assert_eq!(note.body, "gnp.ana Ríos");
    let tricks = |text: &str| text.contains(['\u{202E}', '\u{2066}', '\u{202C}']);
    assert!(!tricks(&app.text("#list").await) && !tricks(&note.body));
    picture(&app, "desktop-hostile-names").await;
}
