//! Several accounts in one window: a group for each server, and what is done in one of them leaves the others alone.

use crate::stage::{Page, ana, lucia, picture, server, server_says, world};
use presente_tests::{
    desktop::{DrivenApp, World},
    node::{Dialect, DialectServer, FieldClient, ReferenceServer, SeedUser},
    wait::{PATIENCE, until_with_state},
};
use thirtyfour::By;

pub(crate) fn fatima() -> SeedUser {
    SeedUser::new("fatima@example.org", "Fátima", "Ruiz")
}

/// A server whose presence is the connection, with Lucía, who uses the app, and Fátima, who comes and goes.
pub(crate) async fn active_server() -> DialectServer {
    DialectServer::start(Dialect::UsuariosActivos, &[lucia(), fatima()]).await.unwrap()
}

pub(crate) async fn fatima_comes(server: &DialectServer) -> FieldClient {
    FieldClient::of(Dialect::UsuariosActivos, server.url(), Some(&fatima())).start().await.unwrap()
}

/// Adds Lucía's account at another server to those that are there.
pub(crate) async fn add_account(app: &DrivenApp, url: &str) {
    app.presence_menu("add-account").await.click().await.unwrap();
    app.visible("screen-sign-in").await;
    app.sign_in(url, &lucia()).await;
    app.visible("screen-roster").await;
}

/// Opens the menu of an account, and gives one of its items.
pub(crate) async fn account_menu(app: &DrivenApp, url: &str, item: &str) -> thirtyfour::WebElement {
    let button = format!("//div[contains(@class,'account')][contains(., '{}')]//button", place(url));
    app.page().find(By::XPath(button)).await.unwrap().click().await.unwrap();
    app.visible(item).await
}

/// The server as the list calls it.
fn place(url: &str) -> &str {
    url.trim_start_matches("http://")
}

/// Waits until this is so with the rows: each as its name, with a mark if it is greyed. Times are left out.
async fn shows(app: &DrivenApp, wanted: &[&str]) {
    let rows = "return [...document.querySelectorAll('#rows .row')].map((row) =>
        row.querySelector('.name, h2').textContent + (row.classList.contains('stale') ? ', greyed' : ''))";
    until_with_state(&format!("the rows to be {wanted:?}"), PATIENCE, async || {
        let found = app.page().execute(rows, vec![]).await.map_err(|error| error.to_string())?;
        let found: Vec<String> = found.convert().map_err(|error| error.to_string())?;
        if found == wanted { Ok(()) } else { Err(format!("they are {found:?}")) }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn two_servers_stand_in_one_list_and_the_end_of_one_greys_its_group_only() {
    let (world, reference, mut active) = (world().await, server().await, active_server().await);
    let _ana = FieldClient::start(reference.url(), &ana()).await.unwrap();
    let _fatima = fatima_comes(&active).await;
    let app = world.app().drive().await.unwrap();
    app.sign_in(reference.url(), &lucia()).await;
    shows(&app, &["Online", "Ana Ríos"]).await;
    add_account(&app, active.url()).await;
    let (one, other) = (place(reference.url()).to_owned(), place(active.url()).to_owned());
    shows(&app, &[&one, "Online", "Ana Ríos", &other, "Online", "Fátima Ruiz"]).await;
    app.says("#me-detail", "2 accounts").await;
    picture(&app, "desktop-accounts").await;

    active.process().signal(presente_tests::process::Signal::Kill).unwrap();
    active.process().ended(PATIENCE).await.unwrap();
    shows(&app, &[&one, "Online", "Ana Ríos", &other, "Online", "Fátima Ruiz, greyed"]).await;
    app.says("#presence-text", "Online at 1 of 2").await;
    app.says("#rows", "The list is as of").await;
    account_menu(&app, active.url(), "account-sign-out").await;
    app.says("#account-pop-words", "The list is as of").await;
    picture(&app, "desktop-accounts-one-lost").await;

    app.visible("account-sign-out").await.click().await.unwrap();
    shows(&app, &["Online", "Ana Ríos"]).await;
    server_says(&reference, true).await;
}

#[tokio::test]
async fn what_is_chosen_in_the_menu_of_one_account_leaves_the_other_alone() {
    let (world, reference, active) = (world().await, server().await, active_server().await);
    let app = world.app().drive().await.unwrap();
    app.sign_in(reference.url(), &lucia()).await;
    server_says(&reference, true).await;
    add_account(&app, active.url()).await;
    app.says("#presence-text", "Online").await;

    account_menu(&app, reference.url(), "account-offline").await.click().await.unwrap();
    server_says(&reference, false).await;
    app.says("#presence-text", "Online at 1 of 2").await;
    assert_eq!(active.here().await.unwrap(), [lucia().email], "still there");
    account_menu(&app, reference.url(), "account-online").await.click().await.unwrap();
    server_says(&reference, true).await;

    app.presence_menu("presence-offline").await.click().await.unwrap();
    server_says(&reference, false).await;
    app.says("#presence-text", "Appearing offline").await;
    app.presence_menu("sign-out").await.click().await.unwrap();
    app.visible("screen-sign-in").await;
}

#[tokio::test]
async fn whoever_thinks_better_of_another_account_is_back_at_the_list() {
    let (world, reference) = (world().await, server().await);
    let app = world.app().drive().await.unwrap();
    app.sign_in(reference.url(), &lucia()).await;
    app.presence_menu("add-account").await.click().await.unwrap();
    app.says("#sign-in-title", "Add an account").await;
    picture(&app, "desktop-add-account").await;
    app.visible("cancel").await.click().await.unwrap();
    app.visible("screen-roster").await;
    app.says("#me-name", "Lucía Méndez").await;
    server_says(&reference, true).await;
}

#[tokio::test]
async fn several_accounts_are_told_in_spanish_and_in_the_dark() {
    let spanish = World::builder()
        .env("LC_ALL", "es_MX.UTF-8")
        .env("LANG", "es_MX.UTF-8")
        .env("GTK_THEME", "Adwaita:dark");
    let (world, reference, active) = (spanish.start().await.unwrap(), server().await, active_server().await);
    let _ana = FieldClient::start(reference.url(), &ana()).await.unwrap();
    let _fatima = fatima_comes(&active).await;
    let app = world.app().drive().await.unwrap();
    app.sign_in(reference.url(), &lucia()).await;
    app.visible("screen-roster").await;
    add_account(&app, active.url()).await;
    app.says("#list", "Fátima Ruiz").await;
    let item = account_menu(&app, active.url(), "account-offline").await;
    assert_eq!(item.text().await.unwrap(), "Aparecer desconectado aquí");
    picture(&app, "desktop-accounts-es-dark").await;
}

#[tokio::test]
async fn people_are_seen_by_their_pictures_where_servers_have_them() {
    let world = world().await;
    let reference = ReferenceServer::builder().users(&[lucia(), ana()]).also(|server| server.pictures());
    let active = DialectServer::builder(Dialect::UsuariosActivos).users(&[lucia(), fatima()]).pictures();
    let (reference, active) = (reference.start().await.unwrap(), active.start().await.unwrap());
    let _ana = FieldClient::start(reference.url(), &ana()).await.unwrap();
    let _fatima = fatima_comes(&active).await;
    let app = world.app().drive().await.unwrap();
    app.sign_in(reference.url(), &lucia()).await;
    app.visible("screen-roster").await;
    add_account(&app, active.url()).await;
    let seen = "return [...document.querySelectorAll('#rows img')]
        .filter((image) => !image.hidden && image.naturalWidth > 0).length";
    until_with_state("two pictures in the list", PATIENCE, async || {
        let seen = app.page().execute(seen, vec![]).await.map_err(|error| error.to_string())?;
        if seen.json() == 2 { Ok(()) } else { Err(seen.json().to_string()) }
    })
    .await
    .unwrap();
    picture(&app, "desktop-pictures").await;
}
