//! One account by itself, told what happens: how each kind of presence is wished for, and what no server's word can
//! break.

use super::*;
use crate::{
    link::{LinkEvent, Transport},
    profile::Profile,
    roster::Availability,
    server_url::ServerUrl,
};
use proptest::prelude::*;
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use std::sync::Arc;

/// An account and what it has wanted done so far.
struct Play {
    account: Account,
    rng: StdRng,
    now: Instant,
    fx: Vec<Effect>,
}

impl Play {
    fn of(profile: &str) -> Self {
        Self::with(Arc::new(Profile::preset(profile).unwrap()))
    }

    fn with(profile: Arc<Profile>) -> Self {
        let now = Instant::now();
        let terms = Terms {
            target: Target { server: ServerUrl::parse("http://localhost:4000").unwrap(), profile },
            login: "ana".to_owned(),
            secret: AccountSecret { password: SecretString::from("clave"), token: None },
            session: None,
            name: "ana".to_owned(),
            presence: Presence::Online,
            availability: Availability::Online,
            known: false,
            patient: true,
            may_be_signed_in: false,
        };
        let mut play =
            Self { account: Account::new(terms, now), rng: StdRng::seed_from_u64(1), now, fx: Vec::new() };
        play.account.start(&mut play.fx);
        play
    }

    fn link(&mut self, event: LinkEvent) {
        let generation = self.account.supervisor.generation();
        let wall = Timestamp::UNIX_EPOCH;
        self.account.on_link(generation, event, self.now, wall, &mut self.rng, &mut self.fx);
    }

    fn connects(&mut self) {
        self.link(LinkEvent::Connected {
            sid: Some("socket7".to_owned()),
            transport: Transport::WebSocket,
            recovered: false,
        });
    }

    fn hears(&mut self, event: &str, arguments: &Value) {
        let payload = Payload::from_values(arguments.as_array().unwrap()).unwrap();
        self.link(LinkEvent::Event { name: event.to_owned(), payload, ack: None });
    }

    fn signs_in(&mut self) {
        let session = SignedIn { token: Some(SecretString::from("t0k")), me: None };
        self.account.on_signed_in(Ok(session), self.now, &mut self.rng, &mut self.fx);
    }

    /// What was wanted since this was asked last, in short.
    fn wanted(&mut self) -> Vec<String> {
        let short = |effect: Effect| match effect {
            Effect::SignIn(..) => Some("sign in".to_owned()),
            Effect::SignOut(..) => Some("sign out".to_owned()),
            Effect::OpenLink(_, request) => {
                let headers: Vec<_> = request.proof.headers.iter().map(|(name, _)| name.as_str()).collect();
                Some(format!("open {}", headers.join(" ")).trim().to_owned())
            }
            Effect::CloseLink => Some("close".to_owned()),
            Effect::Emit(event, payload) => {
                let arguments: Vec<Value> = payload.read().unwrap();
                Some(format!("{event} {}", Value::from(arguments)))
            }
            Effect::Send(_, event, payload, _) => {
                let arguments: Vec<Value> = payload.read().unwrap();
                Some(format!("send {event} {}", Value::from(arguments)))
            }
            Effect::FetchList(_, _, path, from, _) => {
                let from = from.map(|from| format!(" from {}", from.s)).unwrap_or_default();
                Some(format!("fetch {path}{from}"))
            }
            Effect::FetchBySocket(_, from) => {
                let from = from.map(|from| format!(" from {}", from.s)).unwrap_or_default();
                Some(format!("fetch by socket{from}"))
            }
            Effect::SetPresence(_, set) => Some(format!("set {}", serde_json::to_string(&set).unwrap())),
            Effect::Report(Report::NotSent(..)) => Some("not sent".to_owned()),
            Effect::Report(Report::Message(message)) => Some(format!("{}: {}", message.from, message.text)),
            Effect::CheckLink(_) | Effect::ReadPicture(..) | Effect::Report(_) => None,
        };
        std::mem::take(&mut self.fx).into_iter().filter_map(short).collect()
    }

    fn chooses(&mut self, presence: Presence) -> Vec<String> {
        self.account.set_presence(presence, &mut self.fx);
        self.wanted()
    }

    /// The server lets us in and hangs up before it has told us anything; then the next attempt begins.
    fn is_thrown_out(&mut self) {
        self.connects();
        self.link(LinkEvent::Closed { reason: "the server hung up".to_owned() });
        self.next_attempt();
    }

    fn next_attempt(&mut self) {
        self.now += Duration::from_secs(60);
        self.account.tick(self.now, &mut self.rng, &mut self.fx);
    }

    fn online(&self) -> Vec<&str> {
        let contacts = self.account.roster.contacts().filter(|contact| contact.online);
        contacts.map(|contact| contact.name.as_str()).collect()
    }
}

#[test]
fn where_the_connection_is_presence_who_appears_offline_hangs_up_and_comes_back_with_the_same_token() {
    let mut play = Play::of("usuarios-activos");
    assert_eq!(play.wanted(), ["sign in"]);
    play.signs_in();
    assert_eq!(play.wanted(), ["open x-token"]);
    play.connects();
    play.hears("usuarios-activos", &json!([[{"uid": "1", "nombre": "Beto"}]]));
    assert_eq!(play.wanted(), [""; 0], "nobody has to be asked for the list");
    assert!(play.account.is_present());
    assert_eq!(play.chooses(Presence::Offline), ["close"]);
    assert!(!play.account.is_present());
    assert_eq!(play.online(), ["Beto"], "the list stays, as of then");
    play.now += Duration::from_secs(120);
    play.account.tick(play.now, &mut play.rng, &mut play.fx);
    assert_eq!(play.wanted(), [""; 0], "who is hidden stays so");
    play.chooses(Presence::Online);
    // Attempts never begin within a second of each other.
    play.now += Duration::from_secs(2);
    play.account.tick(play.now, &mut play.rng, &mut play.fx);
    assert_eq!(play.wanted(), ["open x-token"]);
    play.connects();
    assert!(play.account.is_present());
}

#[test]
fn without_accounts_a_nickname_is_told_and_our_own_socket_is_nobody() {
    let mut play = Play::of("nickname");
    assert_eq!(play.wanted(), ["open"]);
    play.connects();
    let told = play.wanted();
    let nickname = told[0].strip_prefix("updateNickname ").expect("the nickname is told");
    let nickname: Value = serde_json::from_str(nickname).unwrap();
    assert_eq!(nickname, json!([{"oldNickname": "socket7", "newNickname": "ana"}]));
    play.hears("usersConected", &json!([["socket7", "beto", "x9"]]));
    assert_eq!(play.online(), ["beto", "x9"]);
    play.hears("updateUsers", &json!(["x9", "carla"]));
    play.hears("connection", &json!(["z1"]));
    play.hears("logout", &json!(["beto"]));
    assert_eq!(play.online(), ["carla", "z1"]);
    play.hears("updateUsers", &json!(["socket7", "ana"]));
    play.hears("connection", &json!(["ana"]));
    assert_eq!(play.online(), ["carla", "z1"], "we are not our own contact, by either name");
}

#[test]
fn where_events_are_presence_each_wish_is_told_and_the_connection_stays() {
    let text = r#"
        name = "by event"
        [presence]
        by = "event"
        online = { event = "i-am-here", arguments = ["{nickname}"] }
        offline = { event = "i-am-gone" }
        [roster]
        request = ["who"]
        snapshot = ["people"]
        list = [""]
    "#;
    let mut play = Play::with(Arc::new(Profile::from_toml(text).unwrap()));
    assert_eq!(play.wanted(), ["open"]);
    play.connects();
    assert_eq!(play.wanted(), [r#"i-am-here ["ana"]"#, "who []"]);
    assert_eq!(play.chooses(Presence::Offline), ["i-am-gone []"]);
    assert!(!play.account.is_present() && play.account.connection() != State::Idle);
    assert_eq!(play.chooses(Presence::Online), [r#"i-am-here ["ana"]"#]);
    play.account.leave(&mut play.fx);
    assert_eq!(play.wanted(), ["i-am-gone []"]);
}

#[test]
fn what_is_said_is_sent_while_connected_and_told_to_be_unsent_otherwise() {
    let mut play = Play::of("usuarios-activos");
    play.account.say(MessageNumber(1), "hola", None, &mut play.fx);
    assert_eq!(play.wanted(), ["sign in", "not sent"]);
    play.signs_in();
    play.connects();
    play.wanted();
    play.account.say(MessageNumber(2), "hola {token}", None, &mut play.fx);
    assert_eq!(play.wanted(), [r#"send enviar-mensaje [{"mensaje":"hola {token}"}]"#]);
    play.account.say(MessageNumber(3), "psst", Some("7"), &mut play.fx);
    assert_eq!(play.wanted(), [r#"send enviar-mensaje [{"mensaje":"psst","uid":"7"}]"#]);
}

#[test]
fn of_the_repeated_messages_only_new_ones_of_others_are_told() {
    let mut play = Play::of("usuarios-activos");
    play.signs_in();
    play.connects();
    play.wanted();
    let message = |from: &str, text: &str| json!({"uid": "1", "nombre": from, "mensaje": text});
    play.hears("recibir-mensajes", &json!([[message("Beto", "old")]]));
    assert_eq!(play.wanted(), [""; 0], "that was said before we came");
    play.hears(
        "recibir-mensajes",
        &json!([[message("ana", "mine"), message("Beto", "new"), message("Beto", "old")]]),
    );
    assert_eq!(play.wanted(), ["Beto: new"]);
}

/// Any JSON, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let field = prop_oneof![
            Just("_id".to_owned()),
            Just("firstName".to_owned()),
            Just("isConected".to_owned()),
            Just("user".to_owned()),
            Just("response".to_owned()),
            Just("_placeholder".to_owned()),
            ".{0,6}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(field, inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

#[path = "account/changes_tests.rs"]
mod changes;

proptest! {
    #[test]
    fn whatever_comes_in_place_of_a_list_the_last_good_one_stays_and_is_said_to_be_so_once(
        lists in prop::collection::vec(any_json(), 1..12),
    ) {
        let mut play = Play::of("usersconected");
        play.signs_in();
        play.connects();
        play.hears("usersConected", &json!([[{"_id": "1", "firstName": "Beto"}]]));
        let mut good = vec!["Beto".to_owned()];
        let mut doubts = 0;
        let mut bad_in_a_row = 0;
        for list in lists {
            play.fx.clear();
            play.hears("usersConected", &json!([list]));
            let told = play.fx.iter().any(|effect| matches!(effect, Effect::Report(Report::List { .. })));
            doubts += play.fx.iter().filter(|it| matches!(it, Effect::Report(Report::DialectDoubted))).count();
            if told {
                good = play.online().into_iter().map(ToOwned::to_owned).collect();
                bad_in_a_row = 0;
                prop_assert_eq!(&play.account.problem, &None);
            } else {
                bad_in_a_row += 1;
                let is_said = matches!(play.account.problem, Some(Problem::MalformedRoster { .. }));
                prop_assert!(is_said, "said: {:?}", play.account.problem);
                prop_assert_eq!(play.online(), good.iter().map(String::as_str).collect::<Vec<_>>());
            }
            prop_assert!(play.account.told_malformed == (bad_in_a_row > 0));
        }
        prop_assert!(doubts <= 4, "the dialect was doubted {} times", doubts);
    }

    #[test]
    fn no_event_of_any_dialect_with_any_arguments_ends_an_account(
        events in prop::collection::vec((0_usize..12, prop::collection::vec(any_json(), 0..4)), 0..20),
        preset in prop::sample::select(vec!["usersconected", "usuarios-activos", "nickname"]),
    ) {
        let names = [
            "usersConected", "usuarios-activos", "connection", "logout", "updateUsers", "saludo", "enviar-mensaje",
            "recibir-mensajes", "mensaje-privado", "new user", "picture", "nuevo-usuario",
        ];
        let mut play = Play::of(preset);
        play.signs_in();
        play.connects();
        for (name, arguments) in events {
            play.hears(names[name], &Value::from(arguments));
            prop_assert!(play.account.roster.contacts().all(|contact| !contact.id.is_empty() && !contact.name.is_empty()));
        }
    }
}

#[test]
fn who_is_let_in_and_thrown_out_signs_in_anew_and_if_that_is_no_help_the_dialect_is_doubted() {
    let mut play = Play::of("usuarios-activos");
    play.signs_in();
    play.connects();
    play.hears("usuarios-activos", &json!([[{"uid": "1", "nombre": "Beto"}]]));
    play.link(LinkEvent::Closed { reason: "cut".to_owned() });
    play.next_attempt();
    assert_eq!(play.wanted().last().map(String::as_str), Some("open x-token"), "a loss is no refusal");
    play.is_thrown_out();
    assert_eq!(play.wanted(), ["close", "sign in"], "the token may have expired");
    let mut looks = 0;
    for _ in 0..DOUBTS {
        play.signs_in();
        play.is_thrown_out();
        let doubted = |effect: &Effect| matches!(effect, Effect::Report(Report::DialectDoubted));
        looks += play.fx.iter().filter(|effect| doubted(effect)).count();
        play.is_thrown_out();
        assert_eq!(play.wanted().last().map(String::as_str), Some("sign in"));
    }
    assert_eq!(looks, 1, "after so many times in a row");
}

#[test]
fn who_appears_offline_is_not_signed_in_for_being_thrown_out_but_asked_in_the_end() {
    let mut play = Play::of("usersconected");
    play.signs_in();
    play.connects();
    play.hears("usersConected", &json!([{"response": {"user": [{"_id": "1", "email": "b@x"}]}}]));
    play.chooses(Presence::Offline);
    play.account.on_signed_out(Ok(()), play.now, &mut play.fx);
    play.link(LinkEvent::Closed { reason: "cut".to_owned() });
    play.next_attempt();
    play.wanted();
    for _ in 0..UNWELCOME {
        assert_eq!(play.account.connection(), State::Connecting);
        play.is_thrown_out();
    }
    assert_eq!(play.account.connection(), State::Halted);
    assert!(matches!(play.account.problem, Some(Problem::OnlineNeeded { .. })), "{:?}", play.account.problem);
    assert!(!play.wanted().contains(&"sign in".to_owned()));
}
