//! Finding out what a server speaks, from its address alone, with every server of the field.

use presente_core::{
    detect::{DetectError, Detector, Found, Reason, Step},
    link::own::OwnLink,
    profile::{Profile, Transports},
    server_url::ServerUrl,
    session::{Credentials, HttpSessions},
};
use presente_tests::{
    node::{Dialect, DialectServer, DialectServerBuilder, Refusal, SeedUser, SocketIo, TokenPlace},
    wait::{PATIENCE, until},
};
use secrecy::SecretString;
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

fn ana() -> SeedUser {
    SeedUser::new("ana@example.org", "Ana", "Ríos")
}

fn who(user: &SeedUser) -> Credentials {
    Credentials { email: user.email.clone(), password: SecretString::from(user.password.clone()) }
}

fn server(dialect: Dialect) -> DialectServerBuilder {
    DialectServer::builder(dialect).users(&[ana(), SeedUser::new("beto@example.org", "Beto", "Núñez")])
}

fn presets() -> Vec<Arc<Profile>> {
    Profile::preset_names().map(|name| Arc::new(Profile::preset(name).unwrap())).collect()
}

async fn detect_among(
    server: &mut DialectServer,
    user: Option<&SeedUser>,
    candidates: &[Arc<Profile>],
) -> Result<Found, DetectError> {
    let sessions = Arc::new(HttpSessions::new("es").unwrap());
    let detector = Detector::new(sessions, Arc::new(OwnLink::new("es").unwrap()), "es").unwrap();
    let url = ServerUrl::parse(server.url()).unwrap();
    let who = user.map(who);
    let begun = Instant::now();
    let found = detector.detect(&url, who.as_ref(), candidates, drop).await;
    assert!(begun.elapsed() < Duration::from_secs(15), "it took {:?}", begun.elapsed());
    assert_eq!(server.process().exit_status(), None, "ended by us: {}", server.errors().text());
    found
}

async fn detect(server: &mut DialectServer, user: Option<&SeedUser>) -> Result<Found, DetectError> {
    detect_among(server, user, &presets()).await
}

/// What a server was asked by HTTP.
async fn requests(server: &DialectServer) -> Vec<String> {
    server.log().await.unwrap().requests.into_iter().map(|request| request.path).collect()
}

async fn nobody_is_connected(server: &DialectServer) {
    until("all sockets to be closed", PATIENCE, async || {
        server.log().await.ok().filter(|log| log.sockets == 0)
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn every_dialect_is_known_on_either_release_of_socket_io() {
    for release in [SocketIo::Three, SocketIo::Four] {
        for (dialect, name, reason, asked) in [
            (Dialect::Reference, "usersconected", "answered", &["/api/auth/signIn"][..]),
            (
                Dialect::UsuariosActivos,
                "usuarios-activos",
                "lists-us",
                &["/api/auth/signIn", "/api/auth/login"],
            ),
            (Dialect::Nickname, "nickname", "lists-our-socket", &[]),
        ] {
            let mut server = server(dialect).socket_io(release).start().await.unwrap();
            let found = detect(&mut server, Some(&ana())).await.unwrap();
            assert_eq!(found.profile.name, name, "{release:?}");
            assert_eq!(
                *found.profile,
                Profile::preset(name).unwrap(),
                "the preset as it is: {dialect:?} {release:?}"
            );
            let codes: Vec<_> = found.reasons.iter().map(Reason::code).collect();
            assert!(codes.contains(&reason), "{dialect:?} {release:?}: {codes:?}");
            assert_eq!(found.session.is_some(), !asked.is_empty(), "{dialect:?}");
            assert_eq!(requests(&server).await, asked, "{dialect:?} {release:?}");
            nobody_is_connected(&server).await;
        }
    }
}

#[tokio::test]
async fn the_reference_is_known_in_all_its_spellings() {
    for (flag, value) in [
        ("--shape", "response-array"),
        ("--shape", "user-array"),
        ("--shape", "array"),
        ("--shape", "names"),
        ("--event", "userList"),
    ] {
        let mut server = server(Dialect::Reference).flag(flag, value).start().await.unwrap();
        server.join("beto@example.org").await.unwrap();
        let found = detect(&mut server, Some(&ana())).await.unwrap();
        assert_eq!(found.profile.name, "usersconected", "{value}");
    }
}

#[tokio::test]
async fn the_place_where_a_socket_wants_its_token_is_found_and_works_the_next_time_at_once() {
    for dialect in [Dialect::Reference, Dialect::UsuariosActivos] {
        for place in TokenPlace::ALL {
            for refusal in [Refusal::ConnectError, Refusal::Disconnect] {
                let builder = server(dialect).token(place).refuse(refusal);
                let mut server = builder.start().await.unwrap();
                let found = detect(&mut server, Some(&ana())).await.unwrap();
                let context = format!("{dialect:?} {place:?} {refusal:?}");
                assert!(found.reasons.iter().any(|reason| reason.code() == "token-by"), "{context}");
                assert_eq!(
                    *found.profile != Profile::preset(&found.profile.name).unwrap(),
                    needs_change(dialect, place),
                    "{context}"
                );

                // One socket without a token, and from now on none that is refused.
                let refused = server.log().await.unwrap().count_events("refused");
                let remembered = [found.profile.clone()];
                let again = detect_among(&mut server, Some(&ana()), &remembered).await.unwrap();
                assert_eq!(again.profile, found.profile, "{context}");
                assert_eq!(server.log().await.unwrap().count_events("refused"), refused + 1, "{context}");
            }
        }
    }
}

/// Whether a server that wants the token there is unlike its preset.
fn needs_change(dialect: Dialect, place: TokenPlace) -> bool {
    match dialect {
        Dialect::Reference => place != TokenPlace::Auth,
        _ => place != TokenPlace::XToken,
    }
}

#[tokio::test]
async fn a_server_with_one_transport_is_known_and_reached_by_that_one_from_then_on() {
    for (transport, expected) in [("polling", Transports::Polling), ("websocket", Transports::WebSocket)] {
        for dialect in [Dialect::Reference, Dialect::UsuariosActivos, Dialect::Nickname] {
            let mut server = server(dialect).transports(transport).start().await.unwrap();
            let found = detect(&mut server, Some(&ana())).await.unwrap();
            assert_eq!(found.profile.socket.transports, expected, "{dialect:?}");
            assert!(found.reasons.iter().any(|reason| reason.code() == "only-by"), "{:?}", found.reasons);
        }
    }
}

#[tokio::test]
async fn without_credentials_it_is_known_where_they_are_needed_and_nothing_is_sent_by_http() {
    for (builder, names) in [
        (server(Dialect::Reference), &["usersconected"][..]),
        (server(Dialect::Reference).token(TokenPlace::Auth), &["usersconected", "usuarios-activos"]),
        (server(Dialect::UsuariosActivos), &["usersconected", "usuarios-activos"]),
    ] {
        let mut server = builder.start().await.unwrap();
        match detect(&mut server, None).await {
            Err(DetectError::CredentialsNeeded { profiles }) => {
                assert_eq!(profiles.iter().map(|profile| profile.name.as_str()).collect::<Vec<_>>(), names);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(requests(&server).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_in_the_servers_own_words() {
    for (dialect, name, words) in [
        (Dialect::Reference, "usersconected", "El usuario o la contraseña no coinciden"),
        (Dialect::UsuariosActivos, "usuarios-activos", "Usuario / Password no son correctos - password"),
    ] {
        let mut server = server(dialect).start().await.unwrap();
        let wrong = SeedUser { password: "otra".to_owned(), ..ana() };
        match detect(&mut server, Some(&wrong)).await {
            Err(DetectError::Refused { profile, message }) => {
                assert_eq!((profile.name.as_str(), message.as_str()), (name, words));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn no_body_is_ever_incomplete_and_no_event_is_more_than_a_question() {
    for dialect in [
        Dialect::Reference,
        Dialect::UsuariosActivos,
        Dialect::Nickname,
        Dialect::Invented,
        Dialect::Friendly,
    ] {
        let mut server = server(dialect).start().await.unwrap();
        let (right, wrong) = (ana(), SeedUser { password: "otra".to_owned(), ..ana() });
        let no_password = SeedUser { password: String::new(), ..ana() };
        for user in [None, Some(&right), Some(&wrong), Some(&no_password)] {
            let _ = detect(&mut server, user).await;
        }
        let log = server.log().await.unwrap();
        for request in &log.requests {
            let length = |user: &SeedUser| user.password.len();
            let complete = [&right, &wrong].map(|user| match request.path.as_str() {
                "/api/auth/signIn" => {
                    json!({"logedUser": {"email": user.email, "password": length(user), "from": "presente"}})
                }
                _ => json!({"correo": user.email, "password": length(user)}),
            });
            assert!(complete.contains(&request.body), "{dialect:?}: {request:?}");
        }
        let of_the_protocol = ["connect", "upgrade", "disconnect", "refused"];
        for event in log.events.iter().filter(|event| !of_the_protocol.contains(&event.name.as_str())) {
            assert!(["user list", "userList"].contains(&event.name.as_str()), "{dialect:?}: {event:?}");
            assert!(event.args.is_empty(), "{dialect:?}: {event:?}");
        }
        nobody_is_connected(&server).await;
    }
}

#[tokio::test]
async fn a_server_like_no_other_is_unknown_and_what_it_said_is_kept() {
    let mut server = server(Dialect::Invented).start().await.unwrap();
    server.join("Eva").await.unwrap();
    match detect(&mut server, None).await {
        Err(DetectError::Unknown { heard, session: None }) => {
            let (_, sample) = heard.iter().find(|(event, _)| event == "who.is.here").unwrap();
            assert!(sample.contains("Eva"), "{sample}");
            assert!(heard.iter().any(|(event, _)| event == "rooms"), "{heard:?}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(requests(&server).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_no_server_of_ours_is_told_apart() {
    for (builder, code) in [
        (server(Dialect::Mute), "no-socket-io"),
        (server(Dialect::Ancient), "old-engine"),
        (server(Dialect::Ancient).transports("websocket"), "old-engine"),
    ] {
        let mut server = builder.start().await.unwrap();
        let error = detect(&mut server, Some(&ana())).await.unwrap_err();
        assert_eq!(error.code(), code, "{error:?}");
        let log = server.log().await.unwrap();
        assert!(log.requests.iter().all(|request| request.method == "GET"), "no password goes to {code}");
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let sessions = Arc::new(HttpSessions::new("es").unwrap());
    let detector = Detector::new(sessions, Arc::new(OwnLink::new("es").unwrap()), "es").unwrap();
    let url = ServerUrl::parse(&format!("127.0.0.1:{port}")).unwrap();
    let error = detector.detect(&url, None, &presets(), drop).await.unwrap_err();
    assert_eq!(error.code(), "unreachable");
}

#[tokio::test]
async fn a_path_and_a_namespace_are_found_by_a_profile_of_ones_own() {
    let mut own = Profile::preset("nickname").unwrap();
    own.name = "ours".to_owned();
    own.socket.path = "/live/".to_owned();
    own.socket.namespace = "/people".to_owned();
    let mut candidates = presets();
    candidates.push(Arc::new(own.clone()));
    let builder = server(Dialect::Nickname).path("/live/").namespace("/people");
    let mut server = builder.start().await.unwrap();
    let found = detect_among(&mut server, None, &candidates).await.unwrap();
    assert_eq!(*found.profile, own);
    assert!(detect(&mut server, None).await.is_err(), "the presets know no such path");
}

#[tokio::test]
async fn a_search_that_is_given_up_leaves_nothing_open() {
    let server = server(Dialect::Reference).start().await.unwrap();
    let sessions = Arc::new(HttpSessions::new("es").unwrap());
    let detector = Detector::new(sessions, Arc::new(OwnLink::new("es").unwrap()), "es").unwrap();
    let url = ServerUrl::parse(server.url()).unwrap();
    let (sender, mut steps) = tokio::sync::mpsc::unbounded_channel();
    let search = tokio::spawn(async move {
        let note = |step: Step| drop(sender.send(step));
        detector.detect(&url, None, &presets(), note).await.is_ok()
    });
    while steps.recv().await.unwrap().code() != "asking" {}
    search.abort();
    assert!(search.await.unwrap_err().is_cancelled());
    nobody_is_connected(&server).await;
}
