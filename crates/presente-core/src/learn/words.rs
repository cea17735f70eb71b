//! What names of events and fields tell, in the languages that servers are written in.

/// Names of lists of people.
const PEOPLE: &[&str] = &[
    "user",
    "usuari",
    "people",
    "person",
    "member",
    "miembr",
    "online",
    "presen",
    "roster",
    "client",
    "participant",
    "conect",
    "connect",
    "activ",
    "player",
    "jugador",
    "peer",
    "contact",
    "friend",
    "amig",
    "who",
    "quien",
    "gente",
    "attendee",
    "nick",
    "alumn",
    "student",
    "here",
    "budd",
    "staff",
    "conocid",
];
/// Names of lists of something else.
const THINGS: &[&str] = &[
    "room", "sala", "channel", "canal", "message", "mensaje", "msg", "chat", "histor", "log", "notif",
    "game", "partida", "product", "item", "task", "tarea", "file", "event", "stats", "post", "comment",
    "topic", "order", "device", "ticket", "group", "grupo", "said", "score",
];
/// Fields of a record that is somebody's word, or a place to talk in.
const SPEECH: &[&str] =
    &["message", "mensaje", "msg", "text", "texto", "body", "content", "topic", "tema", "price"];
/// Names of events by which somebody comes, and goes.
const CAME: &[&str] = &[
    "join", "came", "come", "connect", "conect", "conexion", "enter", "entr", "arriv", "online", "login",
    "new", "nuevo", "add", "llega", "alta", "signin", "in", "up",
];
const WENT: &[&str] = &[
    "left",
    "leav",
    "logout",
    "disconnect",
    "desconect",
    "desconex",
    "gone",
    "went",
    "exit",
    "remov",
    "offline",
    "bye",
    "out",
    "sale",
    "salio",
    "baja",
    "quit",
    "down",
    "signout",
    "delete",
];
/// Fields that say whether somebody is online.
const ONLINE: &[&str] =
    &["online", "conect", "connect", "activ", "presen", "available", "disponible", "here"];
/// Fields that are neither an identity nor a name, whatever they hold.
const OTHER: &[&str] = &[
    "role", "rol", "status", "estado", "color", "colour", "type", "tipo", "kind", "lang", "country", "pais",
    "city", "ciudad", "avatar", "img", "image", "picture", "photo", "foto", "text", "texto", "message",
    "mensaje", "device", "agent", "browser", "version", "date", "fecha", "created", "updated", "token",
    "password", "ip", "phone", "since", "time", "ts", "at", "seen", "desde", "joined", "url", "href", "bio",
    "age", "edad", "score", "points", "rank", "level", "room", "sala", "team", "group", "mood",
];

/// What the words of a name are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    People,
    Things,
    Neither,
}

/// The words of a name in lower case: `usersConected`, `users-conected` and `users_conected` have the same.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        after_lower = c.is_lowercase() || c.is_numeric();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The words of a name without what parts them.
pub(super) fn joined(name: &str) -> String {
    words(name).concat()
}

/// Whether one of the words begins like one of these; short ones have to be the same.
fn has(words: &[String], of: &[&str]) -> bool {
    let is = |word: &String, stem: &&str| if stem.len() > 3 { word.starts_with(stem) } else { word == stem };
    words.iter().any(|word| of.iter().any(|stem| is(word, stem)))
}

/// What a list of this name is about.
pub(super) fn about(name: &str) -> About {
    let words = words(name);
    match (has(&words, PEOPLE), has(&words, THINGS)) {
        // `chat-users` are users, `user-messages` messages: the last word counts.
        (true, true) => match words.last().is_some_and(|last| has(std::slice::from_ref(last), PEOPLE)) {
            true => About::People,
            false => About::Things,
        },
        (true, false) => About::People,
        (false, true) => About::Things,
        (false, false) => About::Neither,
    }
}

/// Whether an event of this name tells of one who came (`true`) or went (`false`).
pub(super) fn came(name: &str) -> Option<bool> {
    let words = words(name);
    match (has(&words, CAME), has(&words, WENT)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

pub(super) fn is_speech(field: &str) -> bool {
    has(&words(field), SPEECH)
}

pub(super) fn says_online(field: &str) -> bool {
    has(&words(field), ONLINE)
}

pub(super) fn is_other(field: &str) -> bool {
    has(&words(field), OTHER)
}

/// How much a field's name is that of an identity, 0 to 60.
pub(super) fn like_id(field: &str) -> i32 {
    let ends_with_id = words(field).last().is_some_and(|word| word == "id");
    match joined(field).as_str() {
        _ if field == "_id" => 60,
        "uid" => 58,
        "id" => 57,
        "uuid" | "guid" | "userid" | "idusuario" | "usuarioid" => 55,
        "key" | "clave" => 50,
        "no" | "nr" | "num" | "number" | "numero" | "code" | "codigo" | "matricula" | "ref" => 42,
        "sid" => 40,
        _ if ends_with_id => 45,
        "login" | "username" | "user" | "usuario" | "nick" | "nickname" | "handle" | "account" => 34,
        "email" | "mail" | "correo" => 30,
        _ => 0,
    }
}

/// How much a field's name is that of a name, 0 to 60.
pub(super) fn like_name(field: &str) -> i32 {
    match joined(field).as_str() {
        "displayname" | "fullname" | "nombrecompleto" | "realname" => 60,
        "display" | "name" | "nombre" | "label" => 56,
        "firstname" | "givenname" | "nombres" | "forename" | "vorname" | "prenom" | "first" | "given" => 54,
        "nick" | "nickname" | "apodo" | "alias" => 50,
        "username" | "usuario" | "user" | "handle" | "login" => 44,
        "lastname" | "surname" | "apellido" | "apellidos" | "familyname" | "nachname" => 36,
        "who" | "quien" | "title" | "caption" => 30,
        joined if joined.ends_with("name") || joined.ends_with("nombre") => 40,
        _ => 0,
    }
}

/// Whether the second field continues a name that the first begins.
pub(super) fn is_rest_of_name(first: &str, rest: &str) -> bool {
    let (first, rest) = (joined(first), joined(rest));
    matches!(
        (first.as_str(), rest.as_str()),
        ("firstname" | "name" | "forename", "lastname" | "surname" | "familyname")
            | ("first", "last")
            | ("givenname" | "given", "familyname" | "family" | "surname")
            | ("nombre" | "nombres", "apellido" | "apellidos")
            | ("vorname", "nachname")
            | ("prenom", "nom")
    )
}
