//! Each dialect as its documentation has it: one field client sees another come, speak and go.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ana, bo};
use crate::{
    node::{Dialect, DialectServer, FieldClient, Heard, ReferenceServer, SeedUser},
    process::Signal,
    wait::{PATIENCE, until},
};

async fn client(server: &DialectServer, dialect: Dialect, user: &SeedUser) -> FieldClient {
    let user = dialect.has_accounts().then_some(user);
    FieldClient::of(dialect, server.url(), user).start().await.unwrap()
}

async fn here(server: &DialectServer, expected: &[&str]) {
    until(&format!("{expected:?} to be here"), PATIENCE, async || {
        (server.here().await.unwrap() == expected).then_some(())
    })
    .await
    .unwrap();
}

/// Reads on to the event `name` whose arguments are `args`.
async fn hears(client: &mut FieldClient, name: &str, args: &Value) {
    let fits = |heard: &Heard| heard.event == name && json!(heard.args) == *args && heard.kind == "event";
    client.wait_for(&format!("{name} {args}"), fits).await.unwrap();
}

/// Reads on to a list under the event `name` that has these values at `field` of its rows.
async fn hears_list(client: &mut FieldClient, name: &str, place: &str, field: &str, expected: &[&str]) {
    let fits = |heard: &Heard| {
        let rows = heard.args.first().and_then(|list| list.pointer(place)).and_then(Value::as_array);
        heard.event == name
            && rows.is_some_and(|rows| {
                rows.iter().map(|row| row.pointer(field).unwrap_or(row)).eq(expected.iter())
            })
    };
    client.wait_for(&format!("{name} with {expected:?}"), fits).await.unwrap();
}

async fn ack(client: &mut FieldClient) -> Value {
    client.wait_for("the acknowledgement", |heard| heard.kind == "ack").await.unwrap().args[0].clone()
}

/// What `usuarios-activos` lists.
async fn active(client: &mut FieldClient, expected: &[&str]) {
    hears_list(client, "usuarios-activos", "", "/nombre", expected).await;
}

#[tokio::test]
async fn whoever_is_connected_is_listed_once_until_the_last_of_their_sockets_is_gone() {
    let dialect = Dialect::UsuariosActivos;
    let server = DialectServer::start(dialect, &[ana(), bo()]).await.unwrap();
    let bo_name = bo().first_name;
    let mut first = client(&server, dialect, &ana()).await;
    active(&mut first, &["Ana López"]).await;
    let second = client(&server, dialect, &bo()).await;
    active(&mut first, &["Ana López", &bo_name]).await;
    let third = client(&server, dialect, &bo()).await;
    active(&mut first, &["Ana López", &bo_name]).await;
    second.quit().await.unwrap();
    active(&mut first, &["Ana López", &bo_name]).await;
    third.quit().await.unwrap();
    active(&mut first, &["Ana López"]).await;

    server.join(&bo().email).await.unwrap();
    active(&mut first, &["Ana López", &bo_name]).await;
    server.leave(&bo().email).await.unwrap();
    active(&mut first, &["Ana López"]).await;
}

#[tokio::test]
async fn whoever_falls_silent_is_gone_after_the_heartbeat() {
    let dialect = Dialect::UsuariosActivos;
    let beat = Duration::from_millis(400);
    let server = DialectServer::builder(dialect).users(&[ana(), bo()]).heartbeat(beat, beat);
    let server = server.start().await.unwrap();
    let mut first = client(&server, dialect, &ana()).await;
    let mut second = client(&server, dialect, &bo()).await;
    active(&mut first, &["Ana López", &bo().first_name]).await;
    second.process().signal(Signal::Stop).unwrap();
    active(&mut first, &["Ana López"]).await;
}

#[tokio::test]
async fn the_last_ten_messages_go_to_all_and_private_ones_to_one() {
    let dialect = Dialect::UsuariosActivos;
    let server = DialectServer::start(dialect, &[ana(), bo()]).await.unwrap();
    let mut from = client(&server, dialect, &ana()).await;
    for number in 1..=11 {
        from.say(&number.to_string()).unwrap();
        assert!(ack(&mut from).await["id"].is_string());
    }
    let mut to = client(&server, dialect, &bo()).await;
    let last_ten = ["11", "10", "9", "8", "7", "6", "5", "4", "3", "2"];
    hears_list(&mut to, "recibir-mensajes", "", "/mensaje", &last_ten).await;
    let uid = to.user()["uid"].as_str().unwrap().to_owned();
    from.tell(&uid, "hola tú").unwrap();
    hears(&mut to, "mensaje-privado", &json!([{ "de": "Ana López", "mensaje": "hola tú" }])).await;
    server.tell(&ana().email, &bo().email, "otra vez").await.unwrap();
    hears(&mut to, "mensaje-privado", &json!([{ "de": "Ana López", "mensaje": "otra vez" }])).await;
    assert!(!from.heard().unwrap().iter().any(|heard| heard.event == "mensaje-privado"));
    server.say(&bo().email, "a todos").await.unwrap();
    let list = from.wait_for("the message", |heard| heard.event == "recibir-mensajes").await;
    assert!(list.is_ok());
}

#[tokio::test]
async fn an_account_of_usuarios_activos_is_refused_and_renewed_as_written() {
    let server =
        DialectServer::builder(Dialect::UsuariosActivos).users(&[ana()]).pictures().start().await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let login = async |body: Value| {
        let answer = http.post(format!("{}/api/auth/login", server.url())).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, wrong) = login(json!({ "correo": ana().email, "password": "wrong" })).await;
    assert_eq!((status, wrong["msg"].is_string()), (400, true), "{wrong}");
    let (status, incomplete) = login(json!({})).await;
    assert_eq!((status, incomplete["errors"].as_array().unwrap().len()), (400, 2), "{incomplete}");
    assert!(incomplete["errors"][0]["msg"].is_string());
    let (status, good) = login(json!({ "correo": ana().email, "password": ana().password })).await;
    assert_eq!((status, &good["usuario"]["nombre"]), (200, &json!("Ana López")));
    assert!(good["usuario"]["img"].as_str().unwrap().starts_with("data:image/png;base64,"));

    let renew = async |token: Option<&str>| {
        let request = http.get(format!("{}/api/auth/", server.url()));
        let request = if let Some(token) = token { request.header("x-token", token) } else { request };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let token = good["token"].as_str().unwrap().to_owned();
    let (status, renewed) = renew(Some(&token)).await;
    assert_eq!((status, &renewed["usuario"]), (200, &good["usuario"]));
    server.expire_tokens().await.unwrap();
    let (status, refused) = renew(Some(&token)).await;
    assert_eq!((status, refused["msg"].is_string()), (401, true), "{refused}");
    assert_eq!(renew(None).await.0, 401);

    let log = server.log().await.unwrap();
    assert_eq!(log.requests[0].body["password"], "wrong".len());
    assert_eq!(log.requests[3].shown, ["x-token"]);
    assert!(!format!("{log:?}").contains(&token), "no token stands in the journal");
}

#[tokio::test]
async fn nicknames_come_go_and_change_by_increments() {
    let dialect = Dialect::Nickname;
    let server = DialectServer::start(dialect, &[]).await.unwrap();
    let mut first = client(&server, dialect, &ana()).await;
    let first_id = first.id().to_owned();
    hears(&mut first, "saludo", &json!([{ "emisor": "Servidor", "mensaje": "Bienvenido al servidor" }]))
        .await;
    hears(&mut first, "usersConected", &json!([[first_id]])).await;

    let mut second = client(&server, dialect, &bo()).await;
    let second_id = second.id().to_owned();
    hears(&mut second, "usersConected", &json!([[first_id, second_id]])).await;
    hears(&mut first, "connection", &json!([second_id])).await;
    second.nickname("bo the second").unwrap();
    hears(&mut first, "updateUsers", &json!([second_id, "bo the second"])).await;
    here(&server, &[&first_id, "bo the second"]).await;

    second.say("hola").unwrap();
    assert!(ack(&mut second).await["id"].is_string());
    let message = json!([{ "mensaje": "hola", "emisor": "bo the second" }]);
    hears(&mut first, "enviar-mensaje", &message).await;
    server.join("carla").await.unwrap();
    hears(&mut first, "connection", &json!(["carla"])).await;
    server.leave("carla").await.unwrap();
    hears(&mut first, "logout", &json!(["carla"])).await;
    server.kick("bo the second").await.unwrap();
    hears(&mut first, "logout", &json!(["bo the second"])).await;
    let lists = first.heard().unwrap().into_iter().filter(|heard| heard.event == "usersConected");
    assert_eq!(lists.count(), 1, "only a newcomer gets the whole list");
}

#[tokio::test]
async fn a_logout_may_name_the_socket_whatever_its_holder_was_called() {
    let dialect = Dialect::Nickname;
    let server = DialectServer::builder(dialect).flag("--logout-by", "id").start().await.unwrap();
    let mut first = client(&server, dialect, &ana()).await;
    let mut second = client(&server, dialect, &bo()).await;
    let second_id = second.id().to_owned();
    second.nickname("bo").unwrap();
    hears(&mut first, "updateUsers", &json!([second_id, "bo"])).await;
    second.close().unwrap();
    hears(&mut first, "logout", &json!([second_id])).await;
}

#[tokio::test]
async fn the_invented_server_lists_deep_inside_and_makes_noise() {
    let dialect = Dialect::Invented;
    let server = DialectServer::start(dialect, &[]).await.unwrap();
    let mut first = client(&server, dialect, &ana()).await;
    let members = "/data/room/members";
    hears(&mut first, "you.are", &json!([{ "id": 1 }])).await;
    assert!(first.next_event("rooms").await.unwrap()[0].is_array());
    hears_list(&mut first, "who.is.here", members, "/profile/display", &["Guest 1"]).await;

    let mut second = client(&server, dialect, &bo()).await;
    second.nickname("Bo").unwrap();
    hears_list(&mut first, "who.is.here", members, "/profile/display", &["Guest 1", "Bo"]).await;
    second.say("hello all").unwrap();
    let said = json!([{ "from": { "id": 2, "display": "Bo" }, "text": "hello all" }]);
    hears(&mut first, "chat", &said).await;
    server.join("Carla").await.unwrap();
    hears_list(&mut first, "who.is.here", members, "/profile/display", &["Guest 1", "Bo", "Carla"]).await;
    server.kick("Bo").await.unwrap();
    hears_list(&mut first, "who.is.here", members, "/profile/display", &["Guest 1", "Carla"]).await;
    server.leave("Carla").await.unwrap();
    hears_list(&mut first, "who.is.here", members, "/profile/display", &["Guest 1"]).await;
    assert!(first.next_event("tick").await.unwrap()[0].is_number());
    assert!(server.leave("Guest 1").await.is_err(), "real sockets are kicked, not made to leave");
}

#[tokio::test]
async fn the_friendly_server_does_what_its_documentation_says() {
    let dialect = Dialect::Friendly;
    let server = DialectServer::start(dialect, &[ana(), bo()]).await.unwrap();
    let mut first = client(&server, dialect, &ana()).await;
    hears_list(&mut first, "people", "/list/online", "/mail", &[&ana().email]).await;
    let mut second = client(&server, dialect, &bo()).await;
    let row = second.user().clone();
    hears(&mut first, "came", &json!([row])).await;
    first.list().unwrap();
    hears_list(&mut first, "people", "/list/online", "/mail", &[&ana().email, &bo().email]).await;
    second.say("Coffee?").unwrap();
    assert_eq!(ack(&mut second).await, json!({ "ok": true, "number": 1 }));
    hears(&mut first, "said", &json!([{ "by": bo().first_name, "what": "Coffee?" }])).await;
    second.emit("i-am-gone", &Value::Null).unwrap();
    hears(&mut first, "went", &json!([row["key"]])).await;
    here(&server, &[&ana().email]).await;
    server.join(&bo().email).await.unwrap();
    hears(&mut first, "came", &json!([row])).await;
    server.leave(&bo().email).await.unwrap();
    hears(&mut first, "went", &json!([row["key"]])).await;
    second.emit("i-am-here", &Value::Null).unwrap();
    hears(&mut first, "came", &json!([row])).await;
    second.quit().await.unwrap();
    hears(&mut first, "went", &json!([row["key"]])).await;

    server.expire_tokens().await.unwrap();
    server.drop_sockets().await.unwrap();
    let refused = first.wait_for("the refusal", |heard| heard.kind == "connect-error").await.unwrap();
    assert_eq!(refused.message.as_deref(), Some("No such session"));
}

#[tokio::test]
async fn the_reference_lists_oddly_where_it_was_told_to() {
    let server = ReferenceServer::builder().users(&[ana(), bo()]);
    let server = server.numeric_ids().offline_rows().first_twice().sparse_rows();
    let server = server.also(|server| server.pictures()).start().await.unwrap();
    let mut client = FieldClient::start(server.url(), &bo()).await.unwrap();
    let listed = client.next_event("usersConected").await.unwrap();
    let rows = listed[0]["response"]["user"].as_array().unwrap();
    let ids: Vec<_> = rows.iter().map(|row| &row["_id"]).collect();
    assert_eq!(json!(ids), json!([1, 1, 2]));
    assert_eq!(json!([rows[1]["isConected"], rows[2]["isConected"]]), json!([false, true]));
    assert!(rows[0].get("lastName").is_none() && rows[0].get("email").is_none());
    assert!(rows[0]["picture"]["$binary"].as_str().unwrap().starts_with("iVBORw0KGgo"), "{}", rows[0]);
}

#[tokio::test]
async fn the_reference_says_who_has_signed_up_and_who_has_spoken() {
    let server = ReferenceServer::start(&[ana(), bo()]).await.unwrap();
    let mut to = FieldClient::start(server.url(), &bo()).await.unwrap();
    let mut from = FieldClient::builder(server.url(), &ana()).with_token().start().await.unwrap();
    from.say("hola").unwrap();
    hears(&mut to, "enviar-mensaje", &json!([{ "mensaje": "hola", "emisor": "Ana López" }])).await;

    let new = json!({ "newUser": {
        "firstName": "Eva", "lastName": "Luz", "email": "eva@example.org", "password": "p", "from": "signup",
    } });
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    http.post(format!("{}/api/auth/signUp", server.url())).json(&new).send().await.unwrap();
    let record = to.next_event("new user").await.unwrap();
    assert_eq!(json!([record[0]["firstName"], record[0]["email"]]), json!(["Eva", "eva@example.org"]));

    server.join("eva@example.org").await.unwrap();
    let listed = to.next_event("usersConected").await.unwrap();
    assert!(listed[0].to_string().contains("eva@example.org"), "{listed:?}");
    server.leave("eva@example.org").await.unwrap();
    server.kick(&ana().email).await.unwrap();
    from.wait_for("being thrown out", |heard| heard.kind == "disconnected").await.unwrap();
}
