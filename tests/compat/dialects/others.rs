//! What only some dialects or only some servers have: pictures, new people, tokens that end.

use super::driver::{Core, Home, ana, beto, form, people};
use presente_core::{
    Command, Update,
    pictures::PictureKey,
    profile::{Message, MessageKind},
    session::NewPerson,
    view::{RowView, Screen, View},
};
use presente_tests::{
    node::{Dialect, DialectServer, DialectServerBuilder, FieldClient, TokenPlace},
    wait::{PATIENCE, until},
};
use serde_json::json;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

fn server(dialect: Dialect) -> DialectServerBuilder {
    DialectServer::builder(dialect).users(&[ana(), beto()])
}

/// A core that has signed in there.
async fn signed_in(home: &Home, server: &DialectServer) -> Core {
    let mut core = home.start();
    core.sign_in(server.url(), &ana().email, &ana().password).await;
    core.roster().await.unwrap();
    core
}

fn picture_of(view: &View, who: &str) -> Option<PictureKey> {
    view.roster.rows.iter().find_map(|row| match row {
        RowView::Contact { name, picture, .. } if name.starts_with(who) => *picture,
        _ => None,
    })
}

#[tokio::test]
async fn pictures_of_people_arrive_as_attachments_and_as_data_urls() {
    for dialect in [Dialect::Reference, Dialect::UsuariosActivos] {
        let server = server(dialect).pictures().start().await.unwrap();
        let home = Home::new();
        let mut core = signed_in(&home, &server).await;
        let _beto = FieldClient::of(dialect, server.url(), Some(&beto())).start().await.unwrap();
        let key = core.shows("a picture of Beto", |view| picture_of(view, "Beto")).await.unwrap();
        let png = core.pictures.png(key).expect("what is shown can be had");
        assert!(png.starts_with(PNG), "{dialect:?}: {png:?}");
        let side = u32::from_be_bytes(png[16..20].try_into().unwrap());
        assert_eq!(side, presente_core::pictures::SIDE, "{dialect:?}");
    }
}

async fn new_user(core: &mut Core) -> Message {
    core.next("a new user", |update| match update {
        Update::Message(_, message) if message.kind == MessageKind::NewUser => Some(message.clone()),
        _ => None,
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn somebody_who_has_just_made_an_account_is_told_of() {
    let reference = server(Dialect::Reference).start().await.unwrap();
    let mut core = signed_in(&Home::new(), &reference).await;
    let eva = json!({ "newUser": {
        "firstName": "Eva", "lastName": "Luz", "email": "eva@example.org", "password": "p", "from": "signup",
    } });
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    http.post(format!("{}/api/auth/signUp", reference.url())).json(&eva).send().await.unwrap();
    assert_eq!(new_user(&mut core).await.from, "Eva Luz");

    let active = server(Dialect::UsuariosActivos).start().await.unwrap();
    let mut core = signed_in(&Home::new(), &active).await;
    let eva = json!({ "uid": "e1", "nombre": "Eva Luz", "correo": "eva@example.org" });
    active.emit("nuevo-usuario", &[eva]).await.unwrap();
    assert_eq!(new_user(&mut core).await.from, "Eva Luz");
}

#[tokio::test]
async fn an_account_is_made_at_a_server_of_which_only_the_address_is_known() {
    let mut server = server(Dialect::Reference).start().await.unwrap();
    let home = Home::new();
    let mut core = home.start();
    core.attach().await;
    let mut form = form(server.url(), "eva@example.org", "clave de eva");
    form.new_person = Some(NewPerson { first_name: "Eva".to_owned(), last_name: "Luz".to_owned() });
    core.tell(Command::SignIn(Box::new(form))).await;
    core.roster().await.unwrap();
    assert_eq!(server.here().await.unwrap(), ["eva@example.org"]);
    assert_eq!(server.process().exit_status(), None, "{}", server.errors().text());
}

#[tokio::test]
async fn a_token_that_has_ended_is_replaced_in_every_place_and_however_the_socket_is_refused() {
    use presente_tests::node::Refusal::{ConnectError, Disconnect};
    for (dialect, place, refusal) in [
        (Dialect::Reference, TokenPlace::Auth, ConnectError),
        (Dialect::Reference, TokenPlace::Query, Disconnect),
        (Dialect::UsuariosActivos, TokenPlace::Bearer, ConnectError),
        (Dialect::UsuariosActivos, TokenPlace::XToken, Disconnect),
    ] {
        let context = format!("{dialect:?} {place:?} {refusal:?}");
        let server = server(dialect).token(place).refuse(refusal).start().await.unwrap();
        let home = Home::new();
        let mut core = signed_in(&home, &server).await;
        server.expire_tokens().await.unwrap();
        server.drop_sockets().await.unwrap();
        core.roster().await.unwrap_or_else(|error| panic!("{context}: {error:#}"));
        assert_eq!(server.here().await.unwrap(), [ana().email], "{context}");
    }
}

#[tokio::test]
async fn a_logout_by_the_id_of_the_socket_is_understood_of_whom_we_have_seen_come() {
    let dialect = Dialect::Nickname;
    let server = server(dialect).flag("--logout-by", "id").start().await.unwrap();
    let mut core = Home::new().start();
    core.sign_in(server.url(), "Ana", "").await;
    core.roster().await.unwrap();
    let mut beto = FieldClient::of(dialect, server.url(), None).start().await.unwrap();
    beto.nickname("Beto").unwrap();
    core.shows_person("Beto", true).await.unwrap();
    beto.close().unwrap();
    core.shows_person("Beto", false).await.unwrap();
}

#[tokio::test]
async fn two_accounts_at_servers_of_two_dialects_stand_side_by_side() {
    let reference = server(Dialect::Reference).start().await.unwrap();
    let nicknames = server(Dialect::Nickname).start().await.unwrap();
    let mut core = signed_in(&Home::new(), &reference).await;
    core.tell(Command::AddAccount).await;
    core.tell(Command::SignIn(Box::new(form(nicknames.url(), "Ana", "")))).await;
    core.roster().await.unwrap();
    core.shows("the list", |view| (view.screen == Screen::Roster).then_some(())).await.unwrap();
    reference.join(&beto().email).await.unwrap();
    // Here, the list goes round when somebody asks.
    let _beto = FieldClient::start(reference.url(), &beto()).await.unwrap();
    nicknames.join("Carla").await.unwrap();
    let both = |view: &View| {
        let names: Vec<_> = people(view).map(|person| person.name).collect();
        names.iter().any(|name| name.starts_with("Beto")) && names.contains(&"Carla".to_owned())
    };
    core.shows("people of both", |view| both(view).then_some(())).await.unwrap();
    core.quit().await.unwrap();
    until("nothing of us to be left", PATIENCE, async || {
        let here = reference.here().await.unwrap();
        (!here.contains(&ana().email) && nicknames.here().await.unwrap() == ["Carla"]).then_some(())
    })
    .await
    .unwrap();
}
