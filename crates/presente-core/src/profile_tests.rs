use super::*;
use proptest::prelude::*;
use serde_json::json;

fn reference() -> Profile {
    Profile::preset("usersconected").unwrap()
}

fn raw(value: &Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap()
}

fn rows(list: &Value) -> Vec<(String, String)> {
    match reference().read("usersConected", &[raw(list)]) {
        Meaning::Roster { rows, .. } => rows.into_iter().map(|row| (row.id, row.name)).collect(),
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
        assert_eq!((row.id.as_str(), row.name.as_str()), (id, name), "user {user}");
    }
}

#[test]
fn a_row_that_says_offline_is_read_as_offline() {
    let row = reference().roster.user.read(&json!({"_id": "1", "isConected": false})).unwrap();
    assert!(!row.online, "a listed user with isConected:false is not online");
}

#[test]
fn rows_without_identity_are_counted_not_shown() {
    let list = json!([{"_id": "1"}, {"firstName": "nobody"}, null, 5, {}]);
    let Meaning::Roster { rows, unreadable } = reference().read("usersConected", &[raw(&list)]) else {
        panic!("not a roster")
    };
    assert_eq!((rows.len(), unreadable), (2, 3));
}

#[test]
fn what_is_no_list_is_malformed_and_not_empty() {
    for argument in [json!(null), json!({}), json!("x"), json!({"response": {}}), json!([{}, {}])] {
        let meaning = reference().read("usersConected", &[raw(&argument)]);
        assert_eq!(meaning, Meaning::MalformedRoster, "argument {argument}");
    }
    assert_eq!(reference().read("usersConected", &[]), Meaning::MalformedRoster);
}

#[test]
fn greetings_and_announcements_are_read_as_objects_or_bare_text() {
    for (event, argument, from, text) in [
        ("saludo", json!({"emisor": "Servidor", "mensaje": "Hola"}), "Servidor", "Hola"),
        ("enviar-mensaje", json!("A las diez"), "", "A las diez"),
        ("enviar-mensaje", json!({"mensaje": "A las \u{202E}diez", "nombre": "Ana"}), "Ana", "A las diez"),
    ] {
        let Meaning::Message(message) = reference().read(event, &[raw(&argument)]) else {
            panic!("{event} {argument} is no message")
        };
        assert_eq!((message.from.as_str(), message.text.as_str()), (from, text), "{event} {argument}");
    }
    assert_eq!(reference().read("saludo", &[raw(&json!({"mensaje": ""}))]), Meaning::Unknown);
    assert_eq!(reference().read("other", &[raw(&json!(1))]), Meaning::Unknown);
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
        match reference().read("usersConected", &[raw(&argument)]) {
            Meaning::Roster { rows, .. } => for row in rows {
                prop_assert!(!row.id.trim().is_empty() && !row.name.is_empty());
            },
            Meaning::MalformedRoster => {}
            other => prop_assert!(false, "read as {:?}", other),
        }
    }

    #[test]
    fn any_json_in_place_of_a_message_is_read_or_ignored(argument in any_json()) {
        if let Meaning::Message(message) = reference().read("saludo", &[raw(&argument)]) {
            prop_assert!(!message.text.is_empty());
        }
    }
}
