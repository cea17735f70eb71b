use super::*;
use crate::{
    link::{LinkEvent, Proof},
    profile::{Body, Row, Transports},
    session::Target,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use server::{Server, Told, closed, connected, connected_by, event, place};
use std::{sync::Mutex, time::Duration};
use tokio::time::{Instant, timeout};

mod server;

const SIGN_IN: &str = "/api/auth/signIn";
const LOGIN: &str = "/api/auth/login";

fn presets() -> Vec<Arc<Profile>> {
    Profile::preset_names().map(|name| Arc::new(Profile::preset(name).unwrap())).collect()
}

fn ana() -> Credentials {
    Credentials { email: "ana@example.org".to_owned(), password: SecretString::from("clave de ana") }
}

fn session() -> SignedIn {
    let me = Row {
        id: "1".into(),
        name: "Ana".into(),
        email: Some("ana@example.org".into()),
        online: true,
        availability: None,
        status_line: None,
        picture: None,
    };
    SignedIn { token: Some(SecretString::from("t0ken")), me: Some(me) }
}

fn refused() -> LinkEvent {
    LinkEvent::Refused { message: "Token no válido".to_owned(), data: None }
}

/// What a server of the reference dialect lists.
fn list() -> Value {
    json!({"response": {"user": [{"_id": "1", "firstName": "Ana", "email": "ana@example.org"}]}})
}

fn active() -> LinkEvent {
    event("usuarios-activos", &json!([{"uid": "1", "nombre": "Ana"}]))
}

async fn detect(server: &Server, who: Option<&Credentials>) -> Result<Found, DetectError> {
    detect_among(server, who, &presets()).await
}

async fn detect_among(
    server: &Server,
    who: Option<&Credentials>,
    candidates: &[Arc<Profile>],
) -> Result<Found, DetectError> {
    let url = ServerUrl::parse("https://a.example/base").unwrap();
    let begun = Instant::now();
    let found = server.detector().detect(&url, who, candidates, drop).await;
    assert!(begun.elapsed() <= Duration::from_secs(15), "it took {:?}", begun.elapsed());
    let told = server.told();
    let opened = told.iter().filter(|told| matches!(told, Told::Open(_))).count();
    let hung_up = told.iter().filter(|told| matches!(told, Told::HungUp)).count();
    assert_eq!(opened, hung_up, "no connection stays open: {told:?}");
    found
}

fn reference() -> Server {
    Server {
        answers: Arc::new(|request| match request {
            "user list" => vec![event("usersConected", &list())],
            _ => Vec::new(),
        }),
        lets_in: Arc::new(|path| match path {
            SIGN_IN => Ok(session()),
            _ => Err(SessionError::NoSuchRoute),
        }),
        ..Server::default()
    }
}

/// A server of the `usuarios-activos` dialect that wants the token in this place.
fn with_token_in(wanted: &'static str, refuse: fn() -> Vec<LinkEvent>) -> Server {
    Server {
        says: Arc::new(move |proof: &Proof| match place(proof) == wanted {
            true => vec![connected(), active()],
            false => refuse(),
        }),
        lets_in: Arc::new(|path| match path {
            LOGIN => Ok(session()),
            _ => Err(SessionError::NoSuchRoute),
        }),
        ..Server::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_of_the_reference_dialect_is_found_by_its_answer_and_entered_once() {
    let server = reference();
    let found = detect(&server, Some(&ana())).await.unwrap();
    assert_eq!(found.profile.name, "usersconected");
    assert!(found.session.is_some());
    let codes: Vec<_> = found.reasons.iter().map(Reason::code).collect();
    assert_eq!(codes, ["handshake", "answered", "signed-in"]);
    assert_eq!(server.signed_in_at(), [SIGN_IN]);
    assert_eq!(server.shown(), ["none"], "a socket that tells all without a token is not tried with one");
}

#[tokio::test(start_paused = true)]
async fn without_credentials_it_is_said_for_which_dialect_they_are_needed() {
    for (server, expected) in [
        (reference(), &["usersconected"][..]),
        (with_token_in("x-token", || vec![refused()]), &["usersconected", "usuarios-activos"]),
        (with_token_in("x-token", || vec![connected(), closed()]), &["usersconected", "usuarios-activos"]),
    ] {
        let empty = Credentials { password: SecretString::from(""), ..ana() };
        for who in [None, Some(&empty)] {
            match detect(&server, who).await {
                Err(DetectError::CredentialsNeeded { profiles }) => {
                    let names: Vec<_> = profiles.iter().map(|profile| profile.name.as_str()).collect();
                    assert_eq!(names, expected);
                }
                other => panic!("{other:?}"),
            }
            assert_eq!(server.signed_in_at(), Vec::<String>::new(), "nothing incomplete is sent");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_without_accounts_is_found_and_nobody_signs_in_there() {
    let says = |_: &Proof| vec![connected(), event("usersConected", &json!(["Ana", "our-socket"]))];
    let server = Server { says: Arc::new(says), ..reference() };
    for who in [None, Some(&ana())] {
        let found = detect(&server, who).await.unwrap();
        assert_eq!(found.profile.name, "nickname");
        assert!(found.session.is_none());
    }
    assert_eq!(server.signed_in_at(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn the_token_is_shown_in_every_place_until_one_is_right_and_in_the_address_last() {
    for refuse in
        [(|| vec![refused()]) as fn() -> Vec<LinkEvent>, || vec![connected(), closed()], || vec![closed()]]
    {
        for (wanted, shown) in [
            ("x-token", &["none", "x-token"][..]),
            ("auth", &["none", "x-token", "auth"]),
            ("bearer", &["none", "x-token", "auth", "bearer"]),
            ("query", &["none", "x-token", "auth", "bearer", "query"]),
        ] {
            let server = with_token_in(wanted, refuse);
            let found = detect(&server, Some(&ana())).await.unwrap();
            assert_eq!(found.profile.name, "usuarios-activos", "{wanted}");
            assert_eq!(server.shown(), shown);
            assert_eq!(server.signed_in_at(), [SIGN_IN, LOGIN], "one sign-in at each door");
            let codes: Vec<_> = found.reasons.iter().map(Reason::code).collect();
            assert_eq!(codes, ["handshake", "needs-token", "signed-in", "token-by", "lists-us"]);

            // What was found works at once, and needs no looking for the place again.
            let target = Target { server: ServerUrl::parse("a.example").unwrap(), profile: found.profile };
            let request = crate::session::link_request(&target, session().token.as_ref());
            assert_eq!(place(&request.proof), wanted);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_socket_that_ignores_the_token_elsewhere_is_shown_it_where_it_lists_us() {
    let says = |proof: &Proof| match place(proof) {
        "bearer" => vec![connected(), active()],
        _ => vec![connected(), event("usuarios-activos", &json!([{"uid": "9", "nombre": "Eva"}]))],
    };
    let server = Server { says: Arc::new(says), ..with_token_in("bearer", Vec::new) };
    let found = detect(&server, Some(&ana())).await.unwrap();
    assert!(found.reasons.contains(&Reason::TokenBy { place: TokenPlace::Bearer }), "{:?}", found.reasons);
    assert!(found.profile.socket.headers.contains_key("Authorization"));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_in_the_servers_words_and_the_password_goes_nowhere_else() {
    let refusal = |_: &str| Err(SessionError::Refused { message: "Clave incorrecta".to_owned() });
    let server = Server { lets_in: Arc::new(refusal), ..reference() };
    match detect(&server, Some(&ana())).await {
        Err(DetectError::Refused { profile, message }) => {
            assert_eq!((profile.name.as_str(), message.as_str()), ("usersconected", "Clave incorrecta"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(server.signed_in_at(), [SIGN_IN]);
}

#[tokio::test(start_paused = true)]
async fn a_server_in_trouble_is_left_alone() {
    for (error, doors) in [
        (SessionError::Unreachable, 1),
        (SessionError::Timeout, 1),
        (SessionError::ServerFailed { status: 429 }, 1),
        // This may be how it says that there is no such route.
        (SessionError::ServerFailed { status: 500 }, 2),
    ] {
        let fails = error.clone();
        let silent = with_token_in("x-token", || vec![refused()]);
        let server = Server { lets_in: Arc::new(move |_| Err(fails.clone())), ..silent };
        match detect(&server, Some(&ana())).await {
            Err(DetectError::Session(told)) => assert_eq!(told, error),
            other => panic!("{error:?}: {other:?}"),
        }
        assert_eq!(server.signed_in_at().len(), doors, "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_no_socket_accepts_is_closed_again() {
    for (refuse, words) in [
        ((|| vec![refused()]) as fn() -> Vec<LinkEvent>, "Token no válido"),
        (|| vec![connected(), closed()], ""),
        (|| vec![closed()], ""),
    ] {
        let server = Server { says: Arc::new(move |_| refuse()), ..reference() };
        match detect(&server, Some(&ana())).await {
            Err(DetectError::SocketRefused { message, .. }) => assert_eq!(message, words),
            other => panic!("{other:?}"),
        }
        assert_eq!(server.told().last(), Some(&Told::SignOut("ana@example.org".to_owned())));
    }
}

#[tokio::test(start_paused = true)]
async fn a_contradicted_candidate_is_not_tried_and_no_door_twice() {
    let says = |_: &Proof| vec![connected(), event("usersConected", &json!({"rooms": 3}))];
    let server = Server { says: Arc::new(says), ..Server::default() };
    assert!(detect(&server, Some(&ana())).await.is_err());
    assert_eq!(server.signed_in_at(), [LOGIN]);

    let mut own = Profile::preset("usersconected").unwrap();
    own.name = "mine".to_owned();
    let mut candidates = presets();
    candidates.push(Arc::new(own));
    let server = Server::default();
    assert!(detect_among(&server, Some(&ana()), &candidates).await.is_err());
    assert_eq!(server.signed_in_at().iter().filter(|path| *path == SIGN_IN).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_without_a_token_is_enough_where_the_socket_says_nothing_strange() {
    let lets_in = |_: &str| Ok(SignedIn { token: None, ..session() });
    let silent = Server { lets_in: Arc::new(lets_in), ..Server::default() };
    let strange = Server {
        says: Arc::new(|_| vec![connected(), event("tick", &json!(1))]),
        lets_in: Arc::new(lets_in),
        ..Server::default()
    };
    assert!(detect(&silent, Some(&ana())).await.is_ok());
    let error = detect(&strange, Some(&ana())).await.unwrap_err();
    assert!(matches!(error, DetectError::Unknown { session: Some(_), .. }), "{error:?}");
    for server in [silent, strange] {
        assert_eq!(server.shown(), ["none"], "there is no token to show");
    }
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_speaks_otherwise_is_unknown_with_all_that_it_said() {
    let says =
        |_: &Proof| vec![connected(), event("tick", &json!(1)), event("who", &json!({"list": ["Ana"]}))];
    let strange = || Server { says: Arc::new(says), ..Server::default() };
    for who in [None, Some(&ana())] {
        match detect(&strange(), who).await {
            Err(DetectError::Unknown { heard, session: None }) => {
                let expected = [("tick", "1"), ("who", r#"{"list":["Ana"]}"#)];
                assert_eq!(heard, expected.map(|(event, sample)| (event.to_owned(), sample.to_owned())));
            }
            other => panic!("{other:?}"),
        }
    }
    // The sign-in is known, and what comes after it is not.
    let server = Server { lets_in: reference().lets_in, ..strange() };
    match detect(&server, Some(&ana())).await {
        Err(DetectError::Unknown { session: Some(found), .. }) => {
            assert_eq!(found.profile.name, "usersconected");
            assert!(found.session.is_some());
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_there_instead_of_socket_io_is_told() {
    let instead = |answer: Result<Handshake, SessionError>| Server {
        handshake: Arc::new(move |_| answer.clone()),
        says: Arc::new(|_| vec![closed()]),
        ..Server::default()
    };
    for (answer, code) in [
        (Ok(Handshake::Old), "old-engine"),
        (Ok(Handshake::Nothing { status: 404 }), "no-socket-io"),
        (Err(SessionError::Unreachable), "unreachable"),
        (Err(SessionError::Timeout), "timeout"),
        (Err(SessionError::Untrusted), "untrusted"),
        (Err(SessionError::Redirected { to: "https://b.example".to_owned() }), "redirected"),
        (Err(SessionError::ServerFailed { status: 502 }), "server-failed"),
    ] {
        let server = instead(answer);
        let error = detect(&server, Some(&ana())).await.unwrap_err();
        assert_eq!(error.code(), code);
        assert_eq!(server.signed_in_at(), Vec::<String>::new(), "{code}: no password goes there");
    }
}

#[tokio::test(start_paused = true)]
async fn engine_io_at_the_root_of_the_host_is_found_and_remembered() {
    let handshake = |url: &str| match url {
        "https://a.example/socket.io/" => Ok(Handshake::Open { upgrades: Vec::new() }),
        _ => Ok(Handshake::Nothing { status: 404 }),
    };
    let server = Server { handshake: Arc::new(handshake), ..reference() };
    let found = detect(&server, Some(&ana())).await.unwrap();
    let url = ServerUrl::parse("https://a.example/base").unwrap();
    assert_eq!(url.with_path(&found.profile.socket.path).as_str(), "https://a.example/socket.io/");
}

#[tokio::test(start_paused = true)]
async fn a_transport_is_named_only_where_the_other_is_known_not_to_work() {
    let open =
        |names: &[&str]| Handshake::Open { upgrades: names.iter().map(|name| (*name).to_owned()).collect() };
    for (handshake, by, expected) in [
        (open(&["websocket"]), Transport::WebSocket, Transports::Auto),
        (open(&["websocket"]), Transport::Polling, Transports::Auto),
        (open(&[]), Transport::Polling, Transports::Polling),
        (open(&[]), Transport::WebSocket, Transports::Auto),
        (Handshake::PollingOff, Transport::WebSocket, Transports::WebSocket),
        (Handshake::Nothing { status: 404 }, Transport::WebSocket, Transports::WebSocket),
    ] {
        let answer = handshake.clone();
        let server = Server {
            handshake: Arc::new(move |_| Ok(answer.clone())),
            says: Arc::new(move |_| vec![connected_by(by)]),
            ..reference()
        };
        let found = detect(&server, Some(&ana())).await.unwrap();
        assert_eq!(found.profile.socket.transports, expected, "{handshake:?} {by}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_body_that_is_complete_for_all_goes_to_a_door_that_candidates_share() {
    let mut own = Profile::preset("usersconected").unwrap();
    own.name = "mine".to_owned();
    let body = json!({"logedUser": {"correo": "{email}"}, "device": "desk"});
    own.sign_in.as_mut().unwrap().body = Some(Body::try_from(body).unwrap());
    let mut candidates = presets();
    candidates.push(Arc::new(own));
    let server = reference();
    let found = detect_among(&server, Some(&ana()), &candidates).await.unwrap();
    assert_eq!(found.profile.name, "mine", "what fits as well and is the user's own wins");
    let sent: Vec<_> = server
        .told()
        .into_iter()
        .filter_map(|told| match told {
            Told::SignIn(_, body) => Some(body),
            _ => None,
        })
        .collect();
    let complete = json!({
        "logedUser": {"email": "ana@example.org", "correo": "ana@example.org", "password": "clave de ana", "from": "presente"},
        "device": "desk",
    });
    assert_eq!(sent, [complete]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_only_the_users_own_profile_knows_is_found_by_it() {
    let text = r#"
        name = "mine"
        sign_in = { method = "POST", path = "/enter", body = { user = "{email}", pass = "{password}" }, answer = { token = ["/key"] } }
        socket = { path = "/live/", auth = { key = "{token}" } }
        presence = { by = "event", online = { event = "here" }, offline = { event = "gone" } }
        roster = { request = ["who"], snapshot = ["people"], list = ["/list"] }
    "#;
    let mut candidates = presets();
    candidates.insert(0, Arc::new(Profile::from_toml(text).unwrap()));
    let server = Server {
        handshake: Arc::new(|url| match url.ends_with("/base/live/") {
            true => Ok(Handshake::Open { upgrades: Vec::new() }),
            false => Ok(Handshake::Nothing { status: 404 }),
        }),
        says: Arc::new(|proof| match proof.auth.is_some() {
            true => vec![connected()],
            false => vec![refused()],
        }),
        answers: Arc::new(|request| match request {
            "who" => vec![event("people", &json!({"list": [{"id": 1, "name": "Ana"}]}))],
            _ => Vec::new(),
        }),
        lets_in: Arc::new(|path| match path {
            "/enter" => Ok(SignedIn { me: None, ..session() }),
            _ => Err(SessionError::NoSuchRoute),
        }),
        ..Server::default()
    };
    let found = detect_among(&server, Some(&ana()), &candidates).await.unwrap();
    assert_eq!(found.profile, candidates[0], "as it was written");
    assert_eq!(server.signed_in_at(), ["/enter"], "where the presets would be there is nothing");
    let asked: Vec<_> = server.told().into_iter().filter(|told| matches!(told, Told::Asked(_))).collect();
    assert_eq!(asked, [Told::Asked("who".to_owned())], "we are not said to be here only to find out");
}

#[tokio::test(start_paused = true)]
async fn the_steps_are_told_as_they_are_taken() {
    let steps = Mutex::new(Vec::new());
    let url = ServerUrl::parse("a.example").unwrap();
    let note = |step: Step| steps.lock().unwrap().push(step.code());
    let server = with_token_in("x-token", || vec![refused()]);
    server.detector().detect(&url, Some(&ana()), &presets(), note).await.unwrap();
    let expected = ["handshake", "listening", "signing-in", "signing-in", "signed-in", "showing-token"];
    assert_eq!(*steps.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_search_that_is_dropped_ends_at_once_and_hangs_up() {
    let server = Server::default();
    let url = ServerUrl::parse("a.example").unwrap();
    let detector = server.detector();
    // In a task of its own, as the app runs it.
    let task = tokio::spawn(async move { detector.detect(&url, None, &presets(), drop).await.is_ok() });
    assert!(
        timeout(Duration::from_millis(500), async {
            while !server.told().contains(&Told::Open("none")) {
                tokio::task::yield_now().await;
            }
        })
        .await
        .is_ok()
    );
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(server.told().last(), Some(&Told::HungUp));
}

#[test]
fn no_error_and_no_found_thing_shows_a_secret() {
    let found = Found { profile: presets()[0].clone(), session: Some(session()), reasons: Vec::new() };
    assert!(!format!("{found:?}").contains("t0ken"));
}
