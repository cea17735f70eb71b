//! Where a server wants a token, how it refuses, and what it stands on.

use super::{ana, bo};
use crate::node::{
    Dialect, DialectServer, DialectServerBuilder, FieldClient, FieldClientBuilder, Refusal, SocketIo,
    TokenPlace, Transport,
};

/// The dialects in which a place for the token can be chosen.
const DIALECTS: [Dialect; 4] =
    [Dialect::Reference, Dialect::UsuariosActivos, Dialect::Nickname, Dialect::Invented];
const TOKEN: &str = "handed-out";

fn server(dialect: Dialect) -> DialectServerBuilder {
    let server = DialectServer::builder(dialect).users(&[ana(), bo()]);
    if dialect.has_accounts() { server } else { server.accept_token(TOKEN) }
}

fn client(server: &DialectServer, dialect: Dialect) -> FieldClientBuilder {
    let user = ana();
    if dialect.has_accounts() {
        return FieldClient::of(dialect, server.url(), Some(&user));
    }
    FieldClient::of(dialect, server.url(), None).own_token(TOKEN)
}

/// Starts a server that wants its token in `place`, and lets a client show it there, and others `elsewhere` in vain.
async fn counts_only_in(place: TokenPlace, dialect: Dialect, elsewhere: &[TokenPlace]) {
    let server = server(dialect).token(place).refuse(Refusal::ConnectError).start().await.unwrap();
    let _let_in = client(&server, dialect).token_in(place).start().await.unwrap();
    for elsewhere in elsewhere {
        let mut refused = client(&server, dialect).token_in(*elsewhere).launch().unwrap();
        let heard = refused.wait_for("the refusal", |heard| heard.kind == "connect-error").await.unwrap();
        assert_eq!(heard.message.as_deref(), Some("Token no válido"), "{dialect:?} {place:?} {elsewhere:?}");
    }
    let log = server.log().await.unwrap();
    assert_eq!((log.count_events("refused"), log.sockets), (elsewhere.len(), 1), "{dialect:?} {place:?}");
}

#[tokio::test]
async fn a_token_counts_only_in_its_place() {
    for place in TokenPlace::ALL {
        let elsewhere = TokenPlace::ALL.into_iter().filter(|elsewhere| *elsewhere != place);
        counts_only_in(place, Dialect::Reference, &elsewhere.collect::<Vec<_>>()).await;
    }
}

#[tokio::test]
async fn every_dialect_can_want_a_token() {
    for dialect in DIALECTS {
        counts_only_in(TokenPlace::Bearer, dialect, &[TokenPlace::None]).await;
    }
}

#[tokio::test]
async fn a_refusal_by_disconnecting_comes_after_the_connection() {
    for dialect in DIALECTS {
        let server =
            server(dialect).token(TokenPlace::XToken).refuse(Refusal::Disconnect).start().await.unwrap();
        let mut refused = client(&server, dialect).token_in(TokenPlace::None).launch().unwrap();
        refused.wait_for("the connection", |heard| heard.kind == "connected").await.unwrap();
        let heard = refused.wait_for("the end", |heard| heard.kind == "disconnected").await.unwrap();
        assert_eq!(heard.reason.as_deref(), Some("io server disconnect"), "{dialect:?}");
        let events = refused.heard().unwrap().into_iter().filter(|heard| heard.kind == "event");
        assert_eq!(events.count(), 0, "nothing is told to who is thrown out");
    }
}

#[tokio::test]
async fn usuarios_activos_wants_its_token_in_a_header_and_throws_out_who_has_none() {
    let dialect = Dialect::UsuariosActivos;
    let server = DialectServer::start(dialect, &[ana()]).await.unwrap();
    let mut good = client(&server, dialect).start().await.unwrap();
    let mut refused = client(&server, dialect).token_in(TokenPlace::Auth).launch().unwrap();
    refused.wait_for("being thrown out", |heard| heard.kind == "disconnected").await.unwrap();

    server.expire_tokens().await.unwrap();
    server.drop_sockets().await.unwrap();
    good.wait_for("the cut", |heard| heard.kind == "disconnected").await.unwrap();
    let thrown_out = |heard: &crate::node::Heard| heard.reason.as_deref() == Some("io server disconnect");
    good.wait_for("being thrown out", thrown_out).await.unwrap();
    good.renew().unwrap();
    good.wait_for("the refusal", |heard| heard.kind == "refused").await.unwrap();
    good.sign_in().await.unwrap();
    good.open().unwrap();
    good.wait_for("the list", |heard| heard.event == "usuarios-activos").await.unwrap();
}

#[tokio::test]
async fn each_server_runs_on_both_releases_elsewhere_and_by_one_transport() {
    let dialects = [Dialect::Friendly].into_iter().chain(DIALECTS);
    let releases = [(SocketIo::Three, "polling"), (SocketIo::Four, "websocket")];
    for (dialect, (release, transport)) in
        dialects.flat_map(|dialect| releases.map(|release| (dialect, release)))
    {
        let server = DialectServer::builder(dialect).users(&[ana()]).socket_io(release);
        let server =
            server.path("/elsewhere/").namespace("/sala").transports(transport).start().await.unwrap();
        let first = if transport == "polling" { Transport::Polling } else { Transport::WebSocket };
        let client = client(&server, dialect).path("/elsewhere/").namespace("/sala").first_transport(first);
        let _client = client.start().await.unwrap();
        let log = server.log().await.unwrap();
        let connect = log.event("connect").unwrap();
        assert_eq!(connect.args[0]["transport"], transport, "{dialect:?} {release:?}");
        assert_eq!((log.sockets, log.handshakes), (1, vec![transport.to_owned()]), "{dialect:?} {release:?}");
    }
}

#[tokio::test]
async fn servers_that_nobody_can_be_present_on_say_so_in_their_own_ways() {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let handshake = async |server: &DialectServer| {
        let url = format!("{}/socket.io/?EIO=4&transport=polling", server.url());
        let answer = http.get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let mute = DialectServer::start(Dialect::Mute, &[]).await.unwrap();
    let (status, page) = handshake(&mute).await;
    assert_eq!((status, page.starts_with("<!DOCTYPE html>")), (404, true), "{page}");
    assert_eq!(mute.log().await.unwrap().count_requests("/socket.io/"), 1);

    let ancient = DialectServer::start(Dialect::Ancient, &[]).await.unwrap();
    let (status, opening) = handshake(&ancient).await;
    assert_eq!((status, opening.contains(":0{\"sid\"")), (200, true), "lengths before packets: {opening}");
    assert_eq!(ancient.log().await.unwrap().handshakes, ["polling"]);
}
