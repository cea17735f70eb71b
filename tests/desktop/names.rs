//! Names that try to be something else.

use crate::stage::{Page, lucia, picture, world};
use presente_tests::node::{FieldClient, ReferenceServer, SeedUser};

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
    let note =
        world.notifications().wait_for("of the bidi", |note| note.summary.contains("gnp")).await.unwrap();
    assert_eq!(note.summary, "gnp.ana Ríos is online");
    let tricks = |text: &str| text.contains(['\u{202E}', '\u{2066}', '\u{202C}']);
    assert!(!tricks(&app.text("#list").await) && !tricks(&note.summary));
    picture(&app, "desktop-hostile-names").await;
}
