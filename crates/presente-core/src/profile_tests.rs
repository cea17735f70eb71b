use super::*;
use crate::roster::{Me, Roster};
use proptest::prelude::*;
use serde_json::{json, value::RawValue};

fn reference() -> Profile {
    Profile::preset("usersconected").unwrap()
}

/// The arguments of an event that has this one.
fn only(argument: &Value) -> Payload {
    Payload::from_values(&[argument]).unwrap()
}

fn rows(list: &Value) -> Vec<(String, String)> {
    match reference().read("usersConected", &only(list)) {
        Meaning::Roster { rows, .. } => {
            rows.into_iter().map(|row| (row.id.into_owned(), row.name.into_owned())).collect()
        }
        other => panic!("{list} was read as {other:?}"),
    }
}

#[test]
fn every_preset_can_be_read() {
    for (name, _) in PRESETS {
        assert_eq!(Profile::preset(name).unwrap().name, name);
    }
}

#[test]
fn an_unknown_preset_names_those_there_are() {
    let error = Profile::preset("nope").unwrap_err().to_string();
    assert!(error.contains("nope") && error.contains("usersconected"), "{error}");
}

#[test]
fn a_bad_profile_names_line_and_field() {
    let text = include_str!("../profiles/usersconected.toml").replace("snapshot =", "snapshots =");
    let error = Profile::from_toml(&text).unwrap_err().to_string();
    assert!(error.contains("line") && error.contains("snapshots"), "{error}");
}

#[test]
fn the_list_is_found_in_every_spelling_seen_in_the_field() {
    let ana = json!({"_id": "1", "firstName": "Ana", "lastName": "Ríos", "email": "ana@x", "isConected": true, "more": {}});
    let expected = vec![("1".to_owned(), "Ana Ríos".to_owned())];
    for list in [
        json!({"response": {"user": [ana]}}),
        json!({"response": [ana]}),
        json!({"user": [ana]}),
        json!([ana]),
    ] {
        assert_eq!(rows(&list), expected, "list {list}");
    }
    assert_eq!(rows(&json!(["ana"])), vec![("ana".to_owned(), "ana".to_owned())]);
    assert_eq!(rows(&json!({"response": {"user": []}})), vec![]);
}

#[test]
fn identity_and_name_fall_back() {
    for (user, id, name) in [
        (json!({"uid": "u", "nombre": "Beto"}), "u", "Beto"),
        (json!({"id": 7, "name": "Carla"}), "7", "Carla"),
        (json!({"email": "d@x"}), "d@x", "d@x"),
        (json!({"_id": "1", "firstName": "Diego"}), "1", "Diego"),
        (json!({"_id": "1", "firstName": null, "lastName": ["x"], "name": " "}), "1", "1"),
    ] {
        let row = reference().roster.user.read(&user).unwrap();
        assert_eq!((row.id.as_ref(), row.name.as_ref()), (id, name), "user {user}");
    }
}

#[test]
fn a_row_that_says_offline_is_read_as_offline() {
    let user = json!({"_id": "1", "isConected": false});
    let row = reference().roster.user.read(&user).unwrap();
    assert!(!row.online, "a listed user with isConected:false is not online");
}

#[test]
fn rows_without_identity_are_counted_not_shown() {
    let list = json!([{"_id": "1"}, {"firstName": "nobody"}, null, 5, {}]);
    let list = only(&list);
    let Meaning::Roster { rows, unreadable } = reference().read("usersConected", &list) else {
        panic!("not a roster")
    };
    assert_eq!((rows.len(), unreadable), (2, 3));
}

#[test]
fn what_is_no_list_is_malformed_and_not_empty() {
    for argument in [json!(null), json!({}), json!("x"), json!({"response": {}}), json!([{}, {}])] {
        assert_eq!(
            reference().read("usersConected", &only(&argument)),
            Meaning::MalformedRoster,
            "argument {argument}"
        );
    }
    assert_eq!(reference().read("usersConected", &Payload::empty()), Meaning::MalformedRoster);
}

#[test]
fn greetings_and_announcements_are_read_as_objects_or_bare_text() {
    for (event, argument, from, text) in [
        ("saludo", json!({"emisor": "Servidor", "mensaje": "Hola"}), "Servidor", "Hola"),
        ("enviar-mensaje", json!("A las diez"), "", "A las diez"),
        ("enviar-mensaje", json!({"mensaje": "A las \u{202E}diez", "nombre": "Ana"}), "Ana", "A las diez"),
    ] {
        let Meaning::Message(message) = reference().read(event, &only(&argument)) else {
            panic!("{event} {argument} is no message")
        };
        assert_eq!((message.from.as_str(), message.text.as_str()), (from, text), "{event} {argument}");
    }
    assert_eq!(reference().read("saludo", &only(&json!({"mensaje": ""}))), Meaning::Unknown);
    assert_eq!(reference().read("other", &only(&json!(1))), Meaning::Unknown);
}

#[test]
fn a_value_cannot_break_out_of_its_place() {
    let template = json!({"a": ["{x}", 1, true], "b": "plain", "c": "x{x}"});
    let hostile = r#"","admin":true,"{x}"#;
    let filled = fill(&template, &Fill::from([("x", hostile)])).unwrap();
    assert_eq!(filled, json!({"a": [hostile, 1, true], "b": "plain", "c": "x{x}"}));
}

#[test]
fn an_incomplete_body_is_never_made() {
    let template = json!({"logedUser": {"email": "{email}", "password": "{password}"}});
    assert_eq!(fill(&template, &Fill::from([("email", "a@x")])), None);
}

/// How lists were read before they were read in one pass: slower, and plainer.
fn read_plainly(profile: &Profile, argument: &Value) -> Option<(Vec<Row<'static>>, usize)> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let row = |user: &Value| -> Option<Row<'static>> {
        let first = |names: &[String]| names.iter().find_map(|name| scalar(user.get(name)?));
        let clean = |text: &str| crate::display_name::clean(text, 128);
        let is_bare = user.is_string() || user.is_number();
        let id = if is_bare { scalar(user)? } else { first(&profile.roster.user.id)? };
        let joined = |parts: &Vec<String>| {
            let parts: Vec<String> = parts.iter().filter_map(|name| scalar(user.get(name)?)).collect();
            clean(&parts.join(" "))
        };
        let name =
            profile.roster.user.name.iter().map(joined).chain([clean(&id)]).find(|name| !name.is_empty())?;
        let online =
            profile.roster.user.online.iter().all(|name| user.get(name) != Some(&Value::Bool(false)));
        let email = first(&profile.roster.user.email).map(|email| clean(&email));
        (id.len() <= 256).then_some(Row {
            id: id.into(),
            name: name.into(),
            email: email.map(Into::into),
            online,
        })
    };
    let list = profile.roster.list.iter().find_map(|pointer| argument.pointer(pointer)?.as_array())?;
    let rows: Vec<_> = list.iter().filter_map(row).collect();
    (list.is_empty() || !rows.is_empty()).then(|| (rows.clone(), list.len() - rows.len()))
}

#[test]
fn of_fields_with_the_same_name_the_last_one_counts() {
    let payload =
        |text: &str| Payload::from_values(&[serde_json::from_str::<&RawValue>(text).unwrap()]).unwrap();
    let twice =
        payload(r#"{"response": {"user": ["old"]}, "response": {"user": [{"_id": "1", "_id": "2"}]}}"#);
    let Meaning::Roster { rows, .. } = reference().read("usersConected", &twice) else { panic!("no list") };
    assert_eq!(rows.iter().map(|row| row.id.as_ref()).collect::<Vec<_>>(), ["2"]);
    let taken_back = payload(r#"{"response": {"user": ["old"]}, "response": 1}"#);
    assert_eq!(reference().read("usersConected", &taken_back), Meaning::MalformedRoster);
}

#[test]
fn a_list_may_also_lie_inside_an_array() {
    let mut profile = reference();
    profile.roster.list = vec!["/1/people".to_owned()];
    let list = only(&json!([0, {"people": [{"_id": 5}, null]}]));
    let Meaning::Roster { rows, unreadable } = profile.read("usersConected", &list) else {
        panic!("no list")
    };
    assert_eq!((rows[0].id.as_ref(), rows.len(), unreadable), ("5", 1, 1));
}

#[test]
fn what_stands_in_the_text_as_it_is_shown_is_not_copied() {
    let list = only(
        &json!([{"_id": "1", "name": "Ana Ríos", "email": "ana@x"}, {"_id": "2", "name": " Be\u{7}to "}]),
    );
    let Meaning::Roster { rows, .. } = reference().read("usersConected", &list) else { panic!("no list") };
    assert!(matches!(
        rows[0],
        Row { id: Cow::Borrowed(_), name: Cow::Borrowed(_), email: Some(Cow::Borrowed(_)), .. }
    ));
    assert_eq!(rows[1].name, "Be to");
}

#[test]
#[ignore = "a measurement: run it alone, in a release build, with --nocapture"]
fn a_list_of_100_000_people_is_read_and_applied() {
    let person = |i: usize| {
        json!({"_id": format!("64f0c2{i:018x}"), "firstName": format!("Ana{i}"), "lastName": "Ríos Vega",
               "email": format!("ana{i}@school.example"), "isConected": true, "rol": "x"})
    };
    let list = only(&json!({"response": {"user": (0..100_000).map(person).collect::<Vec<_>>()}}));
    println!("{} bytes", list.size());
    let (profile, me) = (reference(), Me { email: "me@school.example".to_owned(), ..Me::default() });
    let mut roster = Roster::default();
    for what in ["first", "same again"] {
        let began = std::time::Instant::now();
        let Meaning::Roster { rows, .. } = profile.read("usersConected", &list) else { panic!("no list") };
        let read = began.elapsed();
        let (changes, _) = roster.apply(rows, &me, jiff::Timestamp::UNIX_EPOCH);
        println!("{what}: read in {read:?}, applied after {:?}, {} changes", began.elapsed(), changes.len());
    }
    assert_eq!(roster.online_count(), 100_000);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let keys = prop_oneof!["response|user|_id|uid|firstName|email|isConected|mensaje", ".{0,6}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((keys, inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_in_place_of_a_list_is_read_or_called_malformed(argument in any_json()) {
        match reference().read("usersConected", &only(&argument)) {
            Meaning::Roster { rows, .. } => for row in rows {
                prop_assert!(!row.id.trim().is_empty() && !row.name.is_empty());
            },
            Meaning::MalformedRoster => {}
            other => prop_assert!(false, "read as {:?}", other),
        }
    }

    #[test]
    fn any_list_is_read_as_it_would_be_plainly(
        people in prop::collection::vec(any_json(), 0..6), place in 0_usize..6, extra in any_json(),
    ) {
        let argument = match place {
            0 => json!(people),
            1 => json!({"response": people, "user": extra}),
            2 => json!({"user": people, "x": extra}),
            3 => json!({"user": extra, "response": {"user": people}}),
            4 => json!({"response": {"user": people, "more": extra}}),
            _ => extra,
        };
        let profile = reference();
        let expected = match read_plainly(&profile, &argument) {
            Some((rows, unreadable)) => Meaning::Roster { rows, unreadable },
            None => Meaning::MalformedRoster,
        };
        let payload = only(&argument);
        prop_assert_eq!(profile.read("usersConected", &payload), expected);
    }

    #[test]
    fn any_json_in_place_of_a_message_is_read_or_ignored(argument in any_json()) {
        if let Meaning::Message(message) = reference().read("saludo", &only(&argument)) {
            prop_assert!(!message.text.is_empty());
        }
    }
}
