//! The app beside somebody who has only a browser: both on this project's own server.

use presente_tests::{
    browser::{Browser, Look},
    presente_server::{Options, PresenteServer},
    process::Signal,
};
use thirtyfour::prelude::*;

use crate::stage::{Page, ana, lucia, picture_file, sign_up, world};

impl Page for Browser {
    fn page(&self) -> &WebDriver {
        self.driver()
    }
}

#[tokio::test]
async fn the_app_and_the_servers_web_page_see_each_other_come_and_go() {
    let world = world().await;
    let server = PresenteServer::start(Options::default()).await.unwrap();
    sign_up(&server, &[lucia(), ana()]).await;
    let browser = Browser::start(Look { width: 420, still: true, ..Look::default() }).await.unwrap();
    browser.driver().goto(server.url()).await.unwrap();
    browser.fill("email", &ana().email).await;
    browser.fill("password", &ana().password).await;
    browser.visible("submit").await.click().await.unwrap();
    browser.says("#me-words", "En línea").await;

    let app = world.app().drive().await.unwrap();
    app.sign_in(server.url(), &lucia()).await;
    app.says("#list", "Ana Ríos").await;
    browser.says("#people", "Lucía Méndez").await;
    browser.screenshot(&picture_file("web-beside-the-app")).await.unwrap();

    browser.visible("sign-out").await.click().await.unwrap();
    app.says_no_more("#list .row:not(.offline)", "Ana Ríos").await;
    browser.fill("password", &ana().password).await;
    browser.visible("submit").await.click().await.unwrap();
    browser.says("#people", "Lucía Méndez").await;
    app.signal(Signal::Term).unwrap();
    browser.says_no_more("#people", "Lucía Méndez").await;
}
