use super::*;
use crate::link::Payload;
use crate::roster::{Me, Roster};
use proptest::prelude::*;
use serde_json::{Value, json, value::RawValue};
use std::borrow::Cow;

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

/// How lists would be read from a tree of values: slower, and plainer.
fn read_plainly(profile: &Profile, argument: &Value) -> Option<(Vec<Row<'static>>, usize)> {
    let fields = &profile.roster.user;
    let scalar = |value: &Value| match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let clean = |text: &str| crate::display_name::clean(text, 128);
    let row = |user: &Value| -> Option<Row<'static>> {
        let at = |field: &Field| field.path().iter().try_fold(user, |value, name| value.get(name)).cloned();
        let first = |fields: &[Field]| fields.iter().find_map(|field| scalar(&at(field)?));
        let is_bare = user.is_string() || user.is_number();
        let id = if is_bare { scalar(user)? } else { first(&fields.id)? };
        let joined = |parts: &Vec<Field>| {
            let parts: Vec<String> = parts.iter().filter_map(|field| scalar(&at(field)?)).collect();
            clean(&parts.join(" "))
        };
        let name = fields.name.iter().map(joined).chain([clean(&id)]).find(|name| !name.is_empty())?;
        let picture = fields.picture.iter().find_map(|field| {
            let value = at(field)?;
            let attachment = || Some(value.get("num")?.as_u64()?).filter(|_| value["_placeholder"] == true);
            let url = value.as_str().filter(|text| text.starts_with("data:image/"));
            let url = url.map(|url| PictureSource::DataUrl(url.to_owned().into()));
            url.or_else(|| attachment().map(|number| PictureSource::Attachment(number.try_into().unwrap())))
        });
        (id.len() <= 256).then_some(Row {
            online: fields.online.iter().all(|field| at(field) != Some(Value::Bool(false))),
            email: first(&fields.email).map(|email| clean(&email).into()),
            id: id.into(),
            name: name.into(),
            availability: None,
            status_line: None,
            picture: picture.map(Box::new),
        })
    };
    let list = profile.roster.list.iter().find_map(|pointer| pointer.get(argument)?.as_array())?;
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
    profile.roster.list = vec!["/1/people".to_owned().try_into().unwrap()];
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

#[test]
fn of_200_000_rows_that_lie_and_repeat_themselves_everybody_is_there_once() {
    // Numbers as ids, one in four a liar that is listed and not online, everybody twice, and ourselves among them.
    let person =
        |i: u32| json!({"id": i % 100_000, "name": format!("P{i}"), "isConected": !i.is_multiple_of(4)});
    let list = only(&json!((0..200_000).map(person).collect::<Vec<_>>()));
    let Meaning::Roster { rows, unreadable } = reference().read("usersConected", &list) else {
        panic!("no list")
    };
    assert_eq!((rows.len(), unreadable), (200_000, 0));
    let me = Me { id: Some("7".to_owned()), ..Me::default() };
    let mut roster = Roster::default();
    let (changes, _) = roster.apply(rows, &me, jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(roster.contacts().count(), 99_999, "everybody once, and not ourselves");
    assert_eq!((roster.online_count(), changes.len()), (74_999, 74_999), "the liars are known, and offline");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "data:image/png;base64,.{0,8}".prop_map(Value::from),
        (0_u8..3).prop_map(|number| json!({"_placeholder": true, "num": number})),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let keys = prop_oneof![
            "response|user|_id|uid|firstName|email|isConected|mensaje|picture",
            "deep|_placeholder|num",
            ".{0,6}"
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((keys, inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// The reference, with fields that lie deeper.
fn deep() -> Profile {
    let mut profile = reference();
    let field = |text: &str| Field::try_from(text.to_owned()).unwrap();
    let user = &mut profile.roster.user;
    user.id.insert(0, field("/user/_id"));
    user.name.insert(0, vec![field("/deep/firstName"), field("/deep/deep/email"), field("user")]);
    user.online.push(field("/deep/isConected"));
    profile
}

#[test]
fn what_others_said_is_read_where_the_profile_says() {
    let profile = Profile::preset("nickname").unwrap();
    // What is read borrows from it; a test may keep it.
    let of = |arguments: Value| -> &'static Payload {
        Box::leak(Box::new(Payload::from_values(arguments.as_array().unwrap()).unwrap()))
    };
    let read = |event: &str, arguments: Value| profile.read(event, of(arguments));
    let Meaning::Joined(row) = read("connection", json!(["s7"])) else { panic!("nobody joined") };
    assert_eq!((row.id.as_ref(), row.name.as_ref(), row.is_bare_name()), ("s7", "s7", true));
    assert_eq!(read("logout", json!(["s7"])), Meaning::Left("s7".to_owned()));
    let Meaning::Renamed(old, row) = read("updateUsers", json!(["s7", "ana"])) else { panic!("not renamed") };
    assert_eq!((old.as_str(), row.id.as_ref()), ("s7", "ana"));
    for (event, arguments) in [("updateUsers", json!(["s7"])), ("logout", json!([])), ("logout", json!([{}]))]
    {
        assert_eq!(read(event, arguments.clone()), Meaning::Unknown, "{event} {arguments}");
    }
    let profile = Profile::preset("usuarios-activos").unwrap();
    let Meaning::Messages(messages) = profile
        .read("recibir-mensajes", of(json!([[{"nombre": "Ana", "mensaje": "a"}, {"mensaje": ""}, 5]])))
    else {
        panic!("no messages")
    };
    assert_eq!(messages.len(), 1, "{messages:?}");
    let picture = reference().read("picture", of(json!(["7", {"_placeholder": true, "num": 0}])));
    assert_eq!(picture, Meaning::Picture("7".to_owned(), PictureSource::Attachment(0)));
}

proptest! {
    #[test]
    fn any_json_in_place_of_a_list_is_read_or_called_malformed(argument in any_json(), preset in 0..PRESETS.len()) {
        let profile = Profile::preset(PRESETS[preset].0).unwrap();
        let payload = only(&argument);
        match profile.read(&profile.roster.snapshot[0], &payload) {
            Meaning::Roster { rows, .. } => {
                for row in &rows {
                    prop_assert!(!row.id.trim().is_empty() && !row.name.is_empty());
                }
                let mut roster = Roster::default();
                roster.apply(rows, &Me::default(), jiff::Timestamp::UNIX_EPOCH);
            }
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
        let payload = only(&argument);
        for profile in [reference(), deep()] {
            let expected = match read_plainly(&profile, &argument) {
                Some((rows, unreadable)) => Meaning::Roster { rows, unreadable },
                None => Meaning::MalformedRoster,
            };
            prop_assert_eq!(profile.read("usersConected", &payload), expected);
        }
    }

    #[test]
    fn any_arguments_of_any_event_are_read_or_ignored(
        arguments in prop::collection::vec(any_json(), 0..4), preset in 0..PRESETS.len(),
    ) {
        let profile = Profile::preset(PRESETS[preset].0).unwrap();
        let payload = Payload::from_values(&arguments).unwrap();
        let roster = &profile.roster;
        let events = roster.snapshot.iter()
            .chain(roster.joined.iter().chain(&roster.left).map(|rule| &rule.event))
            .chain(roster.renamed.iter().map(|rule| &rule.event))
            .chain(profile.messages.iter().map(|rule| &rule.event))
            .chain(profile.pictures.iter().map(|rule| &rule.event));
        let mut known = Roster::default();
        let (me, now) = (Me::default(), jiff::Timestamp::UNIX_EPOCH);
        for event in events {
            match profile.read(event, &payload) {
                Meaning::Message(message) => {
                    prop_assert!(!message.text.is_empty() || message.kind == MessageKind::NewUser);
                }
                Meaning::Roster { rows, .. } => drop(known.apply(rows, &me, now)),
                Meaning::Joined(row) => drop(known.join(&row, &me, now)),
                Meaning::Left(id) => drop(known.leave(&id, now)),
                Meaning::Renamed(old, row) => drop(known.rename(&old, &row, &me, now)),
                _ => {}
            }
        }
    }
}
