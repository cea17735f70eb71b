//! The same server another time: what was found out is remembered, and looked for again when it is not so any more.

use super::driver::{Home, ana, beto, remembered};
use presente_tests::{
    node::{Dialect, DialectServer, DialectServerBuilder, FieldClient, Log, Refusal, TokenPlace},
    process::Signal,
    wait::PATIENCE,
};

fn server(dialect: Dialect) -> DialectServerBuilder {
    DialectServer::builder(dialect).users(&[ana(), beto()])
}

/// What of a journal grows when a server is probed.
fn counts(log: &Log) -> [usize; 4] {
    [log.requests.len(), log.handshakes.len(), log.count_events("connect"), log.count_events("refused")]
}

#[tokio::test]
async fn after_a_restart_the_dialect_is_known_without_looking_again() {
    for (dialect, place, refusal) in [
        (Dialect::Reference, TokenPlace::Query, Refusal::Disconnect),
        (Dialect::Reference, TokenPlace::Auth, Refusal::ConnectError),
        (Dialect::UsuariosActivos, TokenPlace::Bearer, Refusal::ConnectError),
        (Dialect::Nickname, TokenPlace::None, Refusal::ConnectError),
    ] {
        let context = format!("{dialect:?} {place:?}");
        let server = match dialect {
            Dialect::Nickname => server(dialect),
            _ => server(dialect).token(place).refuse(refusal),
        };
        let server = server.start().await.unwrap();
        let home = Home::new();
        let mut core = home.start();
        let (login, password) = match dialect {
            Dialect::Nickname => ("Ana".to_owned(), String::new()),
            _ => (ana().email, ana().password),
        };
        core.sign_in(server.url(), &login, &password).await;
        core.roster().await.unwrap();
        core.quit().await.unwrap();

        let before = counts(&server.log().await.unwrap());
        let mut core = home.start();
        core.attach().await;
        core.roster().await.unwrap_or_else(|error| panic!("{context}: {error:#}"));
        let after = counts(&server.log().await.unwrap());
        let new: Vec<_> = after.iter().zip(before).map(|(after, before)| after - before).collect();
        // The one request signs in, or renews the token.
        let requests = usize::from(dialect != Dialect::Nickname);
        assert_eq!(new, [requests, 1, 1, 0], "{context}: requests, handshakes, let in, refused");
        core.quit().await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_speaks_another_dialect_from_one_day_to_the_next_is_found_again() {
    for (before, after, found, refusal) in [
        (Dialect::Reference, Dialect::UsuariosActivos, "usuarios-activos", Refusal::ConnectError),
        (Dialect::Reference, Dialect::UsuariosActivos, "usuarios-activos", Refusal::Disconnect),
        (Dialect::UsuariosActivos, Dialect::Reference, "usersconected", Refusal::ConnectError),
    ] {
        let context = format!("{before:?} {after:?} {refusal:?}");
        let mut old = server(before).start().await.unwrap();
        let home = Home::new();
        let mut core = home.start();
        core.sign_in(old.url(), &ana().email, &ana().password).await;
        core.roster().await.unwrap();
        let port = old.port().unwrap();
        old.process().signal(Signal::Kill).unwrap();
        old.process().ended(PATIENCE).await.unwrap();

        let mut new = server(after).refuse(refusal).port(port).start().await.unwrap();
        let _beto = FieldClient::of(after, new.url(), Some(&beto())).start().await.unwrap();
        // Once may be an accident; it takes some attempts, each a little later than the one before.
        core.patience = 3 * PATIENCE;
        let seen = core.shows_person("Beto", true).await;
        seen.unwrap_or_else(|error| panic!("{context}: {error:#}"));
        assert_eq!(remembered(&home).unwrap(), found, "{context}");
        assert_eq!(new.process().exit_status(), None, "{context}: {}", new.errors().text());
        core.quit().await.unwrap();
    }
}
