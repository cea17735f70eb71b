use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

const SID: &str = "k3y-of-our-socket";

fn presets() -> Vec<Arc<Profile>> {
    Profile::preset_names().map(|name| Arc::new(Profile::preset(name).unwrap())).collect()
}

fn own(base: &str, name: &str, change: impl FnOnce(&mut Profile)) -> Arc<Profile> {
    let mut profile = Profile::preset(base).unwrap();
    profile.name = name.to_owned();
    change(&mut profile);
    Arc::new(profile)
}

/// What happens on a socket that has let us in.
enum Act {
    Heard(&'static str, Value),
    /// The time to say something by itself is over.
    Listened,
    Asked(&'static str),
}

use Act::{Asked, Heard, Listened};

fn seen(candidates: &[Arc<Profile>], acts: Vec<Act>) -> Evidence {
    let mut evidence = Evidence::new(candidates);
    evidence.received(Admission::Connected { sid: Some(SID.to_owned()) });
    for act in acts {
        match act {
            Heard(event, argument) => evidence.heard(event, &Payload::from_values(&[argument]).unwrap()),
            Listened => evidence.listened(),
            Asked(request) => evidence.asked(request),
        }
    }
    evidence
}

fn standings(evidence: &Evidence) -> Vec<(String, Standing)> {
    evidence.ranking().into_iter().map(|ranked| (ranked.profile.name.clone(), ranked.standing)).collect()
}

fn best(evidence: &Evidence) -> Option<String> {
    let first = evidence.ranking().into_iter().next()?;
    (first.standing == Standing::Supported).then(|| first.profile.name.clone())
}

fn rows() -> Value {
    json!({"response": {"user": [{"_id": "1", "firstName": "Ana", "isConected": true}]}})
}

#[test]
fn each_preset_is_known_by_what_its_servers_say() {
    let names = || json!(["Ana Ríos", "Beto"]);
    let greeting = || Heard("saludo", json!({"emisor": "Servidor", "mensaje": "Hola"}));
    for (expected, acts) in [
        (
            Some("usersconected"),
            vec![greeting(), Listened, Asked("user list"), Heard("usersConected", rows())],
        ),
        // Bare names are no nicknames where one has to ask for them.
        (Some("usersconected"), vec![Listened, Asked("user list"), Heard("usersConected", names())]),
        (Some("usersconected"), vec![Listened, Asked("user list"), Heard("usersConected", json!([]))]),
        (
            Some("usersconected"),
            vec![Listened, Asked("user list"), Asked("userList"), Heard("usersConected", names())],
        ),
        // Somebody else has asked while we listened.
        (
            Some("usersconected"),
            vec![
                Heard("usersConected", names()),
                Listened,
                Asked("user list"),
                Heard("usersConected", names()),
            ],
        ),
        (Some("usuarios-activos"), vec![Heard("usuarios-activos", json!([{"uid": "1", "nombre": "Ana"}]))]),
        (Some("nickname"), vec![greeting(), Heard("usersConected", json!(["Ana", SID]))]),
        // It does not know the questions, and does not answer.
        (
            Some("nickname"),
            vec![
                Heard("usersConected", json!(["Ana", SID])),
                Listened,
                Asked("user list"),
                Asked("userList"),
            ],
        ),
        // Nobody here is called after their sockets; the questions are answered by nobody.
        (
            Some("nickname"),
            vec![Heard("usersConected", names()), Listened, Asked("user list"), Asked("userList")],
        ),
        (None, vec![greeting(), Listened, Asked("user list"), Asked("userList")]),
        (
            None,
            vec![Heard("who.is.here", json!({"data": []})), Listened, Asked("user list"), Asked("userList")],
        ),
        (None, vec![Heard("usersConected", json!({"rooms": 3})), Listened]),
    ] {
        let evidence = seen(&presets(), acts);
        assert_eq!(best(&evidence).as_deref(), expected, "{:?}: {:#?}", evidence.heard, evidence.ranking());
    }
}

#[test]
fn a_list_of_one_dialect_is_no_list_of_another_that_has_the_same_event() {
    use Standing::{Contradicted, Possible, Supported};
    for (acts, usersconected, nickname) in [
        (vec![Heard("usersConected", json!(["Ana", SID]))], Possible, Supported),
        (vec![Listened, Asked("user list"), Heard("usersConected", json!(["Ana"]))], Supported, Contradicted),
        (vec![Heard("usersConected", json!({"rooms": 3}))], Contradicted, Contradicted),
    ] {
        let evidence = seen(&presets(), acts);
        for (name, standing) in standings(&evidence) {
            match name.as_str() {
                "usersconected" => assert_eq!(standing, usersconected, "{evidence:#?}"),
                "nickname" => assert_eq!(standing, nickname, "{evidence:#?}"),
                _ => {}
            }
        }
    }
}

#[test]
fn what_is_promised_and_does_not_come_speaks_against_a_dialect_without_accounts_only() {
    let evidence = seen(&presets(), vec![Listened, Asked("user list"), Asked("userList")]);
    for (name, standing) in standings(&evidence) {
        let expected = if name == "nickname" { Standing::Contradicted } else { Standing::Possible };
        assert_eq!(standing, expected, "{name}");
    }
}

#[test]
fn a_socket_that_wants_a_token_is_none_of_a_dialect_without_accounts() {
    let mut evidence = Evidence::new(&presets());
    evidence.received(Admission::Rejected("Token \u{202E}no válido".to_owned()));
    let ranking = evidence.ranking();
    assert_eq!(ranking.last().unwrap().profile.name, "nickname");
    assert_eq!(ranking.last().unwrap().standing, Standing::Contradicted);
    let reason = Reason::NeedsToken { message: "Token no válido".to_owned() };
    assert!(ranking.iter().all(|ranked| ranked.reasons.contains(&reason)), "{ranking:#?}");
}

#[test]
fn a_profile_of_the_users_own_wins_where_it_fits_as_well_and_loses_where_it_does_not() {
    let heard = || vec![Listened, Asked("user list"), Heard("usersConected", rows())];
    let mut candidates = presets();
    candidates.push(own("usersconected", "mine", |_| {}));
    assert_eq!(best(&seen(&candidates, heard())).as_deref(), Some("mine"));

    let mut candidates = presets();
    candidates.insert(
        0,
        own("usersconected", "mine", |profile| profile.roster.snapshot = vec!["people".to_owned()]),
    );
    assert_eq!(best(&seen(&candidates, heard())).as_deref(), Some("usersconected"));
}

#[test]
fn what_is_decided_is_asked_nothing_and_what_is_not_is_asked_by_the_events_of_the_candidates_only() {
    let decided = seen(&presets(), vec![Heard("usuarios-activos", json!([{"uid": "1"}]))]);
    assert!(decided.is_decided() && decided.requests().is_empty());
    let listed = seen(&presets(), vec![Heard("usersConected", json!([SID]))]);
    assert!(listed.is_decided() && listed.requests().is_empty());
    let silent = seen(&presets(), vec![Listened]);
    assert_eq!(silent.requests(), ["user list", "userList"]);
}

#[test]
fn an_answer_is_one_to_the_last_question() {
    let mut evidence = seen(&presets(), vec![Listened, Asked("user list")]);
    assert!(!evidence.is_answered());
    evidence.asked("userList");
    evidence.heard("usersConected", &Payload::from_values(&[rows()]).unwrap());
    assert!(evidence.is_answered());
    let reason = Reason::Answered { request: "userList".to_owned(), event: "usersConected".to_owned() };
    assert_eq!(evidence.ranking()[0].reasons, [reason]);
}

#[test]
fn of_each_event_one_sample_is_kept_and_no_more_than_some() {
    let acts =
        vec![Heard("tick", json!(1)), Heard("tick", json!(2)), Heard("rooms", json!("x".repeat(9_999)))];
    let mut evidence = seen(&presets(), acts);
    assert_eq!(evidence.samples()[0], ("tick".to_owned(), "1".to_owned()));
    assert_eq!(evidence.samples()[1].1.len(), MAX_SAMPLE_CHARS);
    for n in 0..1_000 {
        evidence.heard(&format!("event {n}"), &Payload::empty());
    }
    assert_eq!((evidence.samples().len(), evidence.heard.len()), (MAX_SAMPLES, MAX_EVENTS));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "(_id|uid|Ana|k3y-of-our-socket|.*)".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("(response|user|_id|uid|nombre|mensaje|.*)", inner, 0..5)
                .prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_a_server_says_there_is_a_ranking_of_all_candidates(
        said in prop::collection::vec(
            (
                "(usersConected|usuarios-activos|connection|updateUsers|logout|saludo|recibir-mensajes|.*)",
                prop::collection::vec(any_json(), 0..3),
                any::<bool>(),
            ),
            0..12,
        ),
        rejected in any::<bool>(),
    ) {
        let mut evidence = seen(&presets(), Vec::new());
        for (event, arguments, ask) in &said {
            if *ask {
                evidence.listened();
                evidence.asked("user list");
            }
            evidence.heard(event, &Payload::from_values(arguments).unwrap());
            let _ = (evidence.is_decided(), evidence.is_answered(), evidence.has_strange_events());
            prop_assert!(evidence.requests().iter().all(|request| request == "user list" || request == "userList"));
        }
        if rejected {
            evidence.received(Admission::Rejected("no".to_owned()));
        }
        let ranking = evidence.ranking();
        prop_assert_eq!(ranking.len(), presets().len());
        prop_assert!(ranking.is_sorted_by_key(|ranked| (Reverse(ranked.standing), Reverse(ranked.score))));
        for ranked in &ranking {
            let has_list = ranked.reasons.iter().any(|reason| {
                matches!(reason, Reason::Answered { .. } | Reason::ListsOurSocket { .. } | Reason::Heard { .. })
            });
            prop_assert!(ranked.standing != Standing::Supported || has_list, "supported for no reason: {ranked:?}");
        }
    }
}
