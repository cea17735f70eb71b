use super::*;
use crate::profile::Place;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What was observed when events came in this order; `?x` stands for our asking for `x`.
fn observed(events: &[(&str, Value)]) -> Observed {
    let mut observed = Observed::default();
    for (name, argument) in events {
        match name.strip_prefix('?') {
            Some(request) => observed.asked(request),
            None => observed.add(name, std::slice::from_ref(argument), 0),
        }
    }
    observed
}

fn best(events: &[(&str, Value)]) -> Mapping {
    let proposals = propose(&observed(events));
    proposals.into_iter().next().expect("nothing was proposed").mapping
}

fn field(text: &str) -> Field {
    Field::try_from(text.to_owned()).unwrap()
}

/// The event, list, identity, name, e-mail and online flag of a mapping, as a profile would have them.
fn told(mapping: &Mapping) -> [String; 6] {
    let text = |field: &Option<Field>| field.clone().map(String::from).unwrap_or_default();
    let name = mapping.name.iter().cloned().map(String::from).collect::<Vec<_>>().join(" ");
    let list = String::from(mapping.list.clone());
    [mapping.event.clone(), list, text(&mapping.id), name, text(&mapping.email), text(&mapping.online)]
}

fn events_of(increments: &[Increment]) -> Vec<&str> {
    increments.iter().map(|increment| increment.event.as_str()).collect()
}

fn names(rows: &[Row<'_>]) -> Vec<String> {
    rows.iter().map(|row| row.name.clone().into_owned()).collect()
}

/// The server of the guide that nobody has a profile for.
fn invented() -> Vec<(&'static str, Value)> {
    let member = |no: u32, name: &str| json!({"no": no, "profile": {"display": name, "colour": "red"}});
    let list = |members: Vec<Value>| json!({"data": {"room": {"name": "hall", "members": members}}});
    vec![
        ("tick", json!(1)),
        (
            "rooms",
            json!([{"id": 1, "topic": "General", "seats": 20}, {"id": 2, "topic": "Music", "seats": 5}]),
        ),
        ("who.is.here", list(vec![member(17, "Ana"), member(23, "Beto")])),
        ("tick", json!(2)),
        ("chat", json!({"no": 17, "text": "Hello"})),
        ("who.is.here", list(vec![member(17, "Ana"), member(23, "Beto"), member(40, "Carla")])),
        ("tick", json!(3)),
    ]
}

#[test]
fn a_server_that_nobody_knows_is_understood() {
    let mapping = best(&invented());
    assert_eq!(told(&mapping), ["who.is.here", "/data/room/members", "no", "/profile/display", "", ""]);
    assert_eq!((mapping.request.as_deref(), &mapping.joined, &mapping.left), (None, &vec![], &vec![]));
    assert_eq!(names(&mapping.preview(&observed(&invented()))), ["Ana", "Beto", "Carla"]);
    let rooms =
        propose(&observed(&invented())).into_iter().find(|proposal| proposal.mapping.event == "rooms");
    assert!(rooms.is_none_or(|rooms| rooms.score < 30), "rooms are no people");
}

/// A list, what of it is proposed, and how.
#[test]
fn the_fields_of_people_are_found() {
    let hex = |n: u32| format!("64f0c2aa00000000000000{n:02}");
    for (list, expected) in [
        (
            json!({"response": {"user": [
                {"_id": hex(1), "firstName": "Ana", "lastName": "Ríos", "email": "ana@x.example", "isConected": true, "rol": "USER"},
                {"_id": hex(2), "firstName": "Beto", "lastName": "Paz", "email": "beto@x.example", "isConected": false, "rol": "USER"},
            ]}}),
            ["/response/user", "_id", "firstName lastName", "email", "isConected"],
        ),
        (
            json!([{"uid": "u1", "nombre": "Ana", "correo": "ana@x", "img": "https://x/a.png", "google": false},
                   {"uid": "u2", "nombre": "Beto", "correo": "beto@x", "img": "https://x/b.png", "google": true}]),
            ["", "uid", "nombre", "correo", ""],
        ),
        (
            json!({"list": {"online": [{"key": "k-1", "label": "Ana Ríos", "mail": "ana@x.example"},
                                       {"key": "k-2", "label": "Beto Paz", "mail": "beto@x.example"}]}}),
            ["/list/online", "key", "label", "mail", ""],
        ),
        (
            json!([{"p": "Ana Ríos", "q": 31, "city": "Lima"}, {"p": "Beto Paz", "q": 32, "city": "Quito"}]),
            ["", "q", "p", "", ""],
        ),
        (
            json!({"a": {"b": {"c": {"d": {"e": {"f": [{"user": {"id": 5, "name": {"full_name": "Ana"}}}]}}}}}}),
            ["/a/b/c/d/e/f", "/user/id", "/user/name/full_name", "", ""],
        ),
        (json!({"a/b": [{"x/id": 7, "~name": "Ana"}]}), ["/a~1b", "x/id", "~name", "", ""]),
        (
            // Only the address tells them apart; the flag is another one.
            json!([{"email": "ana@x", "admin": true}, {"email": "beto@x", "admin": false}]),
            ["", "email", "", "email", ""],
        ),
        (json!(["Ana", "Beto"]), ["", "", "", "", ""]),
    ] {
        let mapping = best(&[("people", list.clone())]);
        assert_eq!(told(&mapping)[1..], expected, "{list}");
    }
}

#[test]
fn what_changes_from_list_to_list_is_no_identity() {
    let list = |times: [u32; 2]| json!([{"name": "Ana", "q1": times[0], "q2": 71}, {"name": "Beto", "q1": times[1], "q2": 72}]);
    let mapping = best(&[("people", list([1, 2])), ("people", list([3, 4])), ("people", list([5, 6]))]);
    assert_eq!(mapping.id, Some(field("q2")));
}

#[test]
fn lists_that_are_not_people_are_proposed_later_or_not_at_all() {
    let people = ("roster", json!([{"id": 1, "name": "Ana"}, {"id": 2, "name": "Beto"}]));
    for other in [
        json!([{"id": 1, "topic": "General"}, {"id": 2, "topic": "Music"}]),
        json!([1, 2, 3]),
        json!([{"n": 4}, {"n": 5}]),
        json!([{"uid": 1, "nombre": "Ana", "mensaje": "Hola"}, {"uid": 2, "nombre": "Beto", "mensaje": "Adiós"}]),
        json!([[1, 2], [3]]),
        json!(["a", "a", "a"]),
        json!([{"kind": "x"}, {"kind": "x"}]),
        json!([null, {}, ""]),
        json!([]),
    ] {
        for event in ["rooms", "mensajes", "abc"] {
            let proposals = propose(&observed(&[(event, other.clone()), people.clone()]));
            assert_eq!(proposals[0].mapping.event, "roster", "{event} {other}");
            assert!(proposals.iter().skip(1).all(|other| other.score < proposals[0].score));
        }
    }
    assert_eq!(propose(&Observed::default()), []);
    assert_eq!(propose(&observed(&[("people", json!(["\u{b}"]))])), [], "nobody can be seen there");
    let nobody = observed(&[("people", json!({"people": [], "rooms": [1]}))]);
    assert_eq!(
        empty_lists(&nobody),
        [("people".to_owned(), Pointer::try_from("/people".to_owned()).unwrap())]
    );
    assert!(
        propose(&nobody)
            .iter()
            .all(|proposal| proposal.mapping.list != Pointer::try_from("/people".to_owned()).unwrap())
    );
}

#[test]
fn who_comes_and_goes_is_told_apart_by_names() {
    let list = json!({"online": [{"key": "a", "label": "Ana"}, {"key": "b", "label": "Beto"}]});
    let mapping = best(&[
        ("?users", json!(null)),
        ("?who", json!(null)),
        ("people", list),
        ("said", json!({"by": "a", "what": "hi"})),
        ("came", json!({"key": "c", "label": "Carla"})),
        ("went", json!("b")),
        ("pong", json!("b")),
        ("new", json!({"key": "z", "text": "hi"})),
    ]);
    assert_eq!(mapping.request.as_deref(), Some("who"));
    assert_eq!((events_of(&mapping.joined), events_of(&mapping.left)), (vec!["came"], vec!["went"]));
    assert_eq!(mapping.joined[0].user, [Place::try_from(String::new()).unwrap()]);
}

#[test]
fn who_comes_and_goes_is_told_apart_by_the_lists_around() {
    let list = |ids: &[u32]| {
        json!(ids.iter().map(|id| json!({"id": id, "name": format!("N{id}")})).collect::<Vec<_>>())
    };
    let mapping = best(&[
        ("people", list(&[1, 2])),
        ("e1", json!({"user": {"id": 3, "name": "N3"}})),
        ("people", list(&[1, 2, 3])),
        ("e2", json!({"id": 2})),
        ("e3", json!({"id": 3, "text": "hello"})),
        ("e4", json!(3)),
        ("e5", json!({"id": 1, "message": "N1 went"})),
        ("people", list(&[3])),
    ]);
    assert_eq!((events_of(&mapping.joined), events_of(&mapping.left)), (vec!["e1"], vec!["e2", "e5"]));
    assert_eq!(mapping.joined[0].user, [Place::try_from("/user".to_owned()).unwrap()]);
}

#[test]
fn bare_names_come_and_go_as_in_the_nickname_dialect() {
    let mapping = best(&[
        ("saludo", json!({"emisor": "Servidor", "mensaje": "Hola"})),
        ("usersConected", json!(["Ana", "x7Qe31", "me"])),
        ("connection", json!("Zm00p1")),
        ("logout", json!("Ana")),
        ("enviar-mensaje", json!("Ana")),
    ]);
    assert_eq!(told(&mapping), ["usersConected", "", "", "", "", ""]);
    assert_eq!((events_of(&mapping.joined), events_of(&mapping.left)), (vec!["connection"], vec!["logout"]));
}

#[test]
fn what_was_confirmed_becomes_a_profile_that_reads_it() {
    let mapping = best(&invented());
    let profile = mapping.profile(" The hall ", None);
    let profile = Profile::from_toml(&profile.to_toml().unwrap()).unwrap();
    assert_eq!((profile.name.as_str(), profile.has_accounts()), ("The hall", false));
    let (_, list) = invented().remove(2);
    let payload = Payload::from_values(&[list]).unwrap();
    let Meaning::Roster { rows, unreadable: 0 } = profile.read("who.is.here", &payload) else {
        panic!("no list")
    };
    assert_eq!((rows[0].id.as_ref(), rows[0].name.as_ref()), ("17", "Ana"));
}

#[test]
fn a_base_gives_all_but_the_roster() {
    let base = Profile::preset("usersconected").unwrap();
    let mapping = Mapping { event: "saludo".to_owned(), ..best(&invented()) };
    let profile = mapping.profile("mine", Some(&base));
    assert_eq!(
        (&profile.sign_in, &profile.socket, &profile.presence),
        (&base.sign_in, &base.socket, &base.presence)
    );
    assert_eq!(profile.roster.snapshot, ["saludo"]);
    assert!(profile.messages.iter().all(|rule| rule.event != "saludo"), "an event is one thing");
    assert_eq!(profile.messages.len() + 1, base.messages.len());
    Profile::from_toml(&profile.to_toml().unwrap()).unwrap();
}

#[test]
fn a_mapping_survives_the_way_to_a_page_and_back() {
    let mapping = best(&invented());
    let json = serde_json::to_string(&mapping).unwrap();
    assert_eq!(serde_json::from_str::<Mapping>(&json).unwrap(), mapping);
    for proposal in propose(&observed(&invented())) {
        for reason in proposal.reasons {
            assert_eq!(serde_json::to_value(&reason).unwrap()["code"], reason.code());
        }
    }
}

#[test]
fn what_is_kept_stays_small_and_shows_the_beginning_and_the_end() {
    let mut observed = Observed::default();
    let row = |n: u32| json!({"id": n, "name": "Ana Ríos".repeat(40), "bio": "x".repeat(5_000)});
    let long = json!({"rooms": (0..10_000).collect::<Vec<u32>>(), "people": (0..2_000).map(row).collect::<Vec<_>>()});
    for _ in 0..10 {
        observed.add("people", std::slice::from_ref(&long), 2);
    }
    for n in 0..300 {
        observed.add(&format!("event {n}"), &[json!(n)], 0);
        observed.add(&"x".repeat(300), &[], 0);
    }
    let seen = observed.event("people").unwrap();
    assert_eq!((seen.count, seen.samples[0].moment, seen.samples.last().unwrap().moment), (10, 1, 10));
    assert_eq!((observed.events().len(), observed.dropped()), (100, 501));
    for sample in &seen.samples {
        assert!(sample.cut && sample.attachments == 2);
        assert!(sample.arguments[0].to_string().len() <= 8 * 1024);
        assert!(sample.arguments[0]["people"].as_array().unwrap().len() > 1, "what is left is still a list");
        assert!(sample.text(60).chars().count() <= 61);
    }
    let mapping = &propose(&observed)[0].mapping;
    assert_eq!(told(mapping)[..4], ["people", "/people", "id", "name"]);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        (0_u8..4).prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        let keys = prop_oneof!["id|_id|name|email|online|user|text|/|", ".{0,6}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(keys, inner, 0..6).prop_map(|fields| json!(fields)),
        ]
    })
}

/// Records of people with fields of these names, and more fields that are none of it.
#[derive(Debug, Clone)]
struct People {
    path: Vec<String>,
    id: String,
    name: String,
    email: Option<String>,
    rows: Vec<(Value, String)>,
}

impl People {
    fn list(&self, some: usize) -> Value {
        let row = |(id, name): &(Value, String)| {
            let mut row = json!({"role": "user", "points": 3, "admin": false, "version": "1.0"});
            row[&self.id] = id.clone();
            row[&self.name] = json!(name);
            if let Some(email) = &self.email {
                row[email] = json!(format!("{}@school.example", name.replace(' ', ".")));
            }
            row
        };
        let rows: Vec<Value> = self.rows.iter().take(some).map(row).collect();
        self.path.iter().rev().fold(json!(rows), |inner, name| json!({name: inner, "ok": true}))
    }
}

fn people() -> impl Strategy<Value = People> {
    let name = "[A-Z][a-z]{2,8} [A-Z][a-zñ]{2,8}";
    let ids = prop_oneof![
        prop::collection::btree_set("[0-9a-f]{24}", 12)
            .prop_map(|ids| ids.into_iter().map(Value::from).collect()),
        prop::collection::btree_set(1_u32..5_000, 12)
            .prop_map(|ids| ids.into_iter().map(Value::from).collect()),
    ];
    let rows = (ids, prop::collection::btree_set(name, 12), 2_usize..12).prop_map(
        |(ids, names, count): (Vec<Value>, BTreeSet<String>, usize)| {
            ids.into_iter().zip(names).take(count).collect()
        },
    );
    (
        prop::collection::vec("data|body2|res|inner|payload|x1", 0..5),
        "_id|id|uid|uuid|userId|key|no|memberId",
        "name|nombre|displayName|label|fullName|nick",
        prop::option::of("email|mail|correo|contact"),
        rows,
    )
        .prop_map(|(path, id, name, email, rows)| People { path, id, name, email, rows })
}

proptest! {
    #[test]
    fn no_events_whatever_make_it_panic(
        events in prop::collection::vec(("people|list|join|left|[a-z.]{0,3}", prop::collection::vec(any_json(), 0..3), any::<bool>()), 0..14),
    ) {
        let mut observed = Observed::default();
        for (name, arguments, asked) in &events {
            if *asked {
                observed.asked(name);
            }
            observed.add(name, arguments, 0);
        }
        let proposals = propose(&observed);
        prop_assert!(proposals.windows(2).all(|pair| pair[0].score >= pair[1].score));
        for Proposal { mapping, score, reasons } in proposals {
            prop_assert!(score <= 100 && !reasons.is_empty());
            mapping.preview(&observed);
            if !mapping.event.trim().is_empty() {
                let profile = mapping.profile("x", None);
                prop_assert_eq!(Profile::from_toml(&profile.to_toml().unwrap()).unwrap(), profile);
            }
        }
    }

    #[test]
    fn what_is_proposed_can_be_previewed(list in any_json()) {
        let observed = observed(&[("people", list)]);
        for proposal in propose(&observed) {
            prop_assert!(!proposal.mapping.preview(&observed).is_empty(), "{:?}", proposal);
        }
    }

    #[test]
    fn any_list_of_people_is_proposed_with_its_fields(people in people(), event in "[a-f]{5}|users|quien") {
        let all = people.rows.len();
        let events = [
            ("rooms", json!([{"id": 1, "title": "General"}, {"id": 2, "title": "Music"}])),
            ("tick", json!(5)),
            (event.as_str(), people.list(all - 1)),
            ("user-joined", people.list(all).pointer(&people.path.iter().map(|name| format!("/{name}")).collect::<String>()).unwrap()[all - 1].clone()),
            (event.as_str(), people.list(all)),
            ("user-left", people.rows[0].0.clone()),
        ];
        let mapping = best(&events);
        let path: String = people.path.iter().map(|name| format!("/{name}")).collect();
        let expected = [event.clone(), path, people.id.clone(), people.name.clone(), people.email.clone().unwrap_or_default(), String::new()];
        prop_assert_eq!(told(&mapping), expected);
        prop_assert_eq!((events_of(&mapping.joined), events_of(&mapping.left)), (vec!["user-joined"], vec!["user-left"]));
        let mut expected: Vec<String> = people.rows.iter().map(|(_, name)| name.clone()).collect();
        expected.truncate(all);
        prop_assert_eq!(names(&mapping.preview(&observed(&events))), expected);
    }
}
