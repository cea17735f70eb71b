//! What axe-core finds on the screens (WCAG 2.1, levels A and AA).

use crate::stage::{Page, ana, lucia, server, world};
use presente_tests::{
    desktop::DrivenApp,
    node::{self, FieldClient},
};

async fn findings(app: &DrivenApp) -> String {
    let axe = std::fs::read_to_string(node::folder().join("node_modules/axe-core/axe.min.js")).unwrap();
    app.page().execute(format!("{axe}; window.axe = axe;"), vec![]).await.unwrap();
    let run = "const done = arguments[0];
        axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })
           .then(({ violations, passes }) => done({ passes: passes.length,
               violations: violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`) }),
               (error) => done({ violations: [String(error)] }));";
    let found = app.page().execute_async(run, vec![]).await.unwrap();
    assert!(found.json()["passes"].as_u64().is_some_and(|passes| passes > 5), "axe looked: {}", found.json());
    found.json()["violations"].as_array().unwrap().iter().map(|violation| format!("{violation}\n")).collect()
}

#[tokio::test]
async fn axe_finds_nothing_on_the_sign_in_form_the_roster_and_the_greyed_roster() {
    let (world, mut server) = (world().await, server().await);
    let app = world.app().drive().await.unwrap();
    app.visible("screen-sign-in").await;
    assert_eq!(findings(&app).await, "", "on the sign-in form");
    app.sign_in("http://192.0.2.1", &lucia()).await;
    app.says("#plain-http-text", "without encryption").await;
    assert_eq!(findings(&app).await, "", "on the form with its problem and its question");
    let _ana = FieldClient::start(server.url(), &ana()).await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.says("#list", "Ana Ríos").await;
    assert_eq!(findings(&app).await, "", "on the roster");
    app.visible("footer").await.click().await.unwrap();
    app.visible("details").await;
    assert_eq!(findings(&app).await, "", "on the roster with the details of the connection");
    app.presence_menu("presence-offline").await;
    assert_eq!(findings(&app).await, "", "on the roster with its menu open");
    server.process().stop().await.unwrap();
    app.says("#banner", "The list is as of").await;
    assert_eq!(findings(&app).await, "", "on the greyed roster");
}
