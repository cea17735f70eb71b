use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

const SHORTEST: &str = "name = \"mine\"\n\n[roster]\nsnapshot = [\"people\"]\nlist = [\"\"]\n";

fn body(value: Value) -> Body {
    Body::try_from(value).unwrap()
}

fn template(text: &str) -> Template {
    Template::try_from(text.to_owned()).unwrap()
}

#[test]
fn every_preset_is_what_it_says_and_survives_being_written() {
    for (name, _) in PRESETS {
        let preset = Profile::preset(name).unwrap();
        assert_eq!(preset.name, name);
        let text = preset.to_toml().unwrap();
        assert_eq!(Profile::from_toml(&text).unwrap(), preset, "{text}");
    }
}

#[test]
fn an_unknown_preset_names_those_there_are() {
    let error = Profile::preset("nope").unwrap_err().to_string();
    assert!(error.contains("nope") && error.contains("usersconected"), "{error}");
}

#[test]
fn the_shortest_profile_needs_three_things() {
    let profile = Profile::from_toml(SHORTEST).unwrap();
    assert_eq!(profile.socket, Socket::default());
    assert_eq!(profile.presence.by, PresenceModel::Connection);
    assert_eq!(profile.roster.user, UserFields::default());
    assert!(!profile.has_accounts() && !profile.leaves_ghosts());
}

/// Mistakes: what stands in the shortest profile, what instead of it, and the line, the field and a word of the error.
#[test]
fn each_kind_of_mistake_names_its_line_and_field() {
    let more = |text: &str| format!("{SHORTEST}\n{text}");
    for (text, line, field, word) in [
        (SHORTEST.replace("name = \"mine\"", "name = mine"), Some(1), Some("name"), ""),
        (SHORTEST.replace("\"mine\"", "\"mine"), Some(1), Some("name"), ""),
        (SHORTEST.replace("\"mine\"", "5"), Some(1), Some("name"), "integer"),
        (SHORTEST.replace("\"mine\"", "\" \""), Some(1), Some("name"), "empty"),
        (SHORTEST.replace("name = \"mine\"", ""), None, Some("name"), "missing"),
        (SHORTEST.replace("name", "title"), Some(1), Some("title"), "unknown field"),
        ("name = \"mine\"".to_owned(), None, Some("roster"), "missing"),
        (SHORTEST.replace("snapshot = [\"people\"]", ""), Some(3), Some("roster.snapshot"), "missing"),
        (SHORTEST.replace("snapshot", "snapshots"), Some(4), Some("roster.snapshots"), "unknown field"),
        (
            SHORTEST.replace("[\"people\"]", "\"people\""),
            Some(4),
            Some("roster.snapshot"),
            "a list in brackets",
        ),
        (SHORTEST.replace("[\"people\"]", "[\"people\", 7]"), Some(4), Some("roster.snapshot"), "integer"),
        (SHORTEST.replace("[\"people\"]", "[]"), Some(4), Some("roster.snapshot"), "who is online"),
        (SHORTEST.replace("[\"\"]", "[]"), Some(5), Some("roster.list"), "where"),
        (SHORTEST.replace("[\"\"]", "[\"user\"]"), Some(5), Some("roster.list"), "JSON pointer"),
        (more("[roster.user]\nid = []"), Some(8), Some("roster.user.id"), "told apart"),
        (more("[roster.user]\nid = [\"/a//b\"]"), Some(8), Some("roster.user.id"), "no field"),
        (more("[roster.user]\nname = [\"a\"]"), Some(8), Some("roster.user.name"), "a list in brackets"),
        (
            more("[[roster.left]]\nevent = \"x\"\nuser = [\"0/x\"]"),
            Some(9),
            Some("roster.left.user"),
            "no place",
        ),
        (format!("socket = 5\n{SHORTEST}"), Some(1), Some("socket"), "a table"),
        (format!("sign_in = 5\n{SHORTEST}"), Some(1), Some("sign_in"), "a table"),
        (more("[roster]\nrequest = []"), Some(7), Some("roster"), "duplicate"),
        (more("[presence]\nby = \"htpp\""), Some(8), Some("presence.by"), "unknown variant"),
        (more("[presence]\nby = \"http\""), Some(8), Some("presence.by"), "[sign_in]"),
        (more("[presence]\nby = \"event\""), Some(8), Some("presence.by"), "[presence.online]"),
        (
            more("[presence.online]\nevent = \"x\"\narguments = [\"{text}\"]"),
            Some(9),
            Some("presence.online.arguments"),
            "{text}",
        ),
        (more("[socket]\npath = \"socket.io\""), Some(8), Some("socket.path"), "begin"),
        (more("[socket]\ntransports = \"udp\""), Some(8), Some("socket.transports"), "unknown variant"),
        (more("[socket]\nauth = { t = \"{tokn}\" }"), Some(8), Some("socket.auth"), "placeholder {tokn}"),
        (
            more("[socket]\nheaders = { x-token = \"{password}\" }"),
            Some(8),
            Some("socket.headers.x-token"),
            "{password}",
        ),
        (
            more("[sign_in]\nmethod = \"post\"\npath = \"/a\""),
            Some(8),
            Some("sign_in.method"),
            "unknown variant",
        ),
        (more("[sign_in]\nmethod = \"POST\"\npath = \"a\""), Some(9), Some("sign_in.path"), "begin"),
        (more("[sign_in]\nmethod = \"POST\"\npath = \"/a\""), Some(7), Some("sign_in.answer"), "token"),
        (
            more("[sign_in]\nmethod = \"POST\"\npath = \"/a\"\nbody = { x = \"{text}\" }"),
            Some(10),
            Some("sign_in.body"),
            "{text}",
        ),
        (
            more(
                "[[messages]]\nkind = \"greeting\"\nevent = \"a\"\ntext = [\"\"]\n[[messages]]\nkind = \"new_user\"\nevent = \"b\"",
            ),
            Some(11),
            Some("messages.user"),
            "where the user is",
        ),
        (more("[[messages]]\nkind = \"private\"\nevent = \"a\""), Some(7), Some("messages.text"), "text"),
        (more("[send.privat]\nevent = \"a\""), Some(7), Some("send.privat"), "unknown field"),
        (more("[[pictures]]\nevent = \"a\"\nuser = [\"\"]"), Some(7), Some("pictures.picture"), "missing"),
    ] {
        let error = Profile::from_toml(&text).expect_err(&text);
        let ProfileError::Mistaken(mistake) = &error else { panic!("{error}") };
        assert_eq!((mistake.line, mistake.field.as_deref()), (line, field), "{mistake} in\n{text}");
        assert!(mistake.reason.contains(word), "{mistake} does not say {word:?}");
        let shown = error.to_string();
        assert!(line.is_none_or(|line| shown.contains(&format!("line {line}"))), "{shown}");
    }
}

#[test]
fn pointers_fields_and_places_lead_where_they_say() {
    let pointer = |text: &str| Pointer::try_from(text.to_owned());
    let value = json!({"a": [{"b/c": 1}], "~": 2, "": 3});
    for (text, found) in [
        ("", Some(&value)),
        ("/a/0/b~1c", Some(&json!(1))),
        ("/~0", Some(&json!(2))),
        ("/", Some(&json!(3))),
        ("/x", None),
    ] {
        assert_eq!(pointer(text).unwrap().get(&value), found, "{text}");
    }
    assert!(pointer("a").is_err());
    let field = |text: &str| Field::try_from(text.to_owned());
    assert_eq!(field("a/b").unwrap().path(), ["a/b"], "a name may hold what it likes");
    assert_eq!(field("/a~1b/c").unwrap().path(), ["a/b", "c"]);
    assert!(field("").is_err() && field("/").is_err() && field("/a/").is_err());
    let place = |text: &str| Place::try_from(text.to_owned());
    let arguments = [json!({"name": "ana"}), json!(["beto"])];
    for (text, found) in [
        ("", Some(&arguments[0])),
        ("1", Some(&arguments[0])),
        ("2", Some(&arguments[1])),
        ("/name", Some(&json!("ana"))),
        ("2/0", Some(&json!("beto"))),
        ("3", None),
        ("2/name", None),
    ] {
        assert_eq!(place(text).unwrap().get(&arguments), found, "{text}");
    }
    for text in ["0", "name", "-1", "1x/name"] {
        assert!(place(text).is_err(), "{text}");
    }
}

#[test]
fn a_value_cannot_break_out_of_its_place() {
    let template = body(json!({"a": ["{text}", 1, true], "b": "plain", "c": "x{text}"}));
    let hostile = r#"","admin":true,"{text}"#;
    let filled = template.fill(&Fill::from([("text", hostile)])).unwrap();
    assert_eq!(filled, json!({"a": [hostile, 1, true], "b": "plain", "c": format!("x{hostile}")}));
    let path = self::template("/sign/{email}/out");
    let filled = path.fill_path(&Fill::from([("email", "../a b@x?y#z/ñ")])).unwrap();
    assert_eq!(filled, "/sign/..%2Fa%20b%40x%3Fy%23z%2F%C3%B1/out");
}

#[test]
fn nothing_incomplete_is_ever_made() {
    let login = body(json!({"logedUser": {"email": "{email}", "password": "{password}"}}));
    assert_eq!(login.fill(&Fill::from([("email", "a@x")])), None);
    assert_eq!(login.placeholders(), ["email", "password"]);
    assert_eq!(template("Bearer {token}").fill(&Fill::new()), None);
    assert_eq!(template("Bearer {token}").fill(&Fill::from([("token", "t")])).unwrap(), "Bearer t");
    let emission = Emission {
        event: "x".to_owned(),
        arguments: vec![body(json!("{text}")), body(json!(1))],
        ack: false,
    };
    assert_eq!(emission.fill(&Fill::new()), None);
    assert_eq!(emission.fill(&Fill::from([("text", "hi")])), Some(vec![json!("hi"), json!(1)]));
}

#[test]
fn braces_that_hold_no_name_are_text() {
    for text in ["{", "}", "{}", "{{", "{ token }", "{Token}", "{1}", "a}b{"] {
        assert_eq!(template(text).fill(&Fill::new()).unwrap(), text);
    }
    assert_eq!(template("{{token}}").fill(&Fill::from([("token", "t")])).unwrap(), "{t}");
    assert!(Template::try_from("{x}".to_owned()).unwrap_err().contains("{x}"));
    assert!(Body::try_from(json!({"a": [{"b": "{x}"}]})).is_err());
}

#[test]
fn two_bodies_become_one_unless_they_contradict() {
    let one = body(json!({"a": {"x": "{email}"}, "b": 1}));
    assert_eq!(
        one.merged(&body(json!({"a": {"y": 2}, "b": 1, "c": 3}))),
        Some(body(json!({"a": {"x": "{email}", "y": 2}, "b": 1, "c": 3})))
    );
    assert_eq!(one.merged(&body(json!({"b": 2}))), None);
    assert_eq!(one.merged(&body(json!([]))), None);
}

fn any_template() -> impl Strategy<Value = String> {
    prop_oneof!["[^{}]{0,8}", Just("Bearer {token}".to_owned()), Just("{token}".to_owned())]
}

fn any_body() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any_template().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z. \"=#]{0,6}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn any_pointer() -> impl Strategy<Value = String> {
    "(/[a-z0-9~.\" ]{0,4}){0,4}"
}

proptest! {
    #[test]
    fn any_text_is_a_profile_or_a_mistake_inside_it(text in ".{0,200}", at in 0_usize..60, cut in 0_usize..80) {
        let at = at.min(SHORTEST.len());
        for text in [text.clone(), format!("{}{text}{}", &SHORTEST[..at], &SHORTEST[at..]), SHORTEST[..cut.min(SHORTEST.len())].to_owned()] {
            if let Err(ProfileError::Mistaken(mistake)) = Profile::from_toml(&text) {
                prop_assert!(mistake.line.is_none_or(|line| line >= 1 && line <= text.lines().count() + 1), "{}", mistake);
                prop_assert!(!mistake.reason.is_empty());
            }
        }
    }

    #[test]
    fn any_profile_survives_being_written(
        name in "\\PC{0,8}[a-z]", auth in prop::option::of(any_body()), header in any_template(),
        list in prop::collection::vec(any_pointer(), 1..3), place in "[1-9]?(/[a-z~/]{0,4})?",
        field in "[a-z/~]{1,6}", ack in any::<bool>(),
    ) {
        let mut profile = Profile::preset("usersconected").unwrap();
        profile.name = name;
        profile.socket.auth = auth.map(|auth| Body::try_from(auth).unwrap());
        profile.socket.headers.insert("x".to_owned(), Template::try_from(header).unwrap());
        profile.roster.list = list.into_iter().map(|list| Pointer::try_from(list).unwrap()).collect();
        profile.roster.joined.push(Increment { event: "j".to_owned(), user: vec![Place::try_from(place).unwrap()] });
        profile.roster.user.id.extend(Field::try_from(field));
        profile.send.announcement.iter_mut().for_each(|emission| emission.ack = ack);
        let text = profile.to_toml().unwrap();
        prop_assert_eq!(Profile::from_toml(&text).unwrap(), profile, "{}", text);
    }
}
