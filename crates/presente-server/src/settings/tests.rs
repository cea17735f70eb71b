//! Settings from wherever they come.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking"
)]

use std::{collections::BTreeMap, path::Path};

use clap::Parser;
use secrecy::ExposeSecret as _;

use super::*;
use crate::config::{Config, Database};

/// Flags as the program takes them.
#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    settings: Settings,
}

fn gather(flags: &[&str], environment: &[(&str, &str)], file: Option<&Path>) -> Result<Config, String> {
    let mut all: Vec<OsString> = vec!["presente-server".into()];
    all.extend(flags.iter().map(OsString::from));
    if let Some(file) = file {
        all.extend(["--config".into(), file.into()]);
    }
    let environment: BTreeMap<_, _> = environment.iter().copied().collect();
    let variable = |name: &str| environment.get(name).map(OsString::from);
    let flags = Flags::try_parse_from(all).map_err(|error| error.to_string())?;
    flags.settings.gather(variable).map_err(|mistake| mistake.to_string())
}

fn written(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

/// All of a configuration, the secrets included.
fn all_of(config: &Config) -> String {
    let secret = |secret: &Option<SecretString>| secret.as_ref().map(|it| it.expose_secret().to_owned());
    let database = match &config.database {
        Database::Sqlite => None,
        Database::Postgres(url) => Some(url.expose_secret()),
    };
    let secrets = [&config.redis, &config.mail, &config.metrics_token].map(secret);
    format!("{config:#?} {database:?} {secrets:?}")
}

/// Every setting with a value that is not its default.
const TABLE: [(&str, &str); 29] = [
    ("addr", "[::1]:4711"),
    ("data", "/elsewhere"),
    ("database", "postgres://u:geheim@db.example/presente"),
    ("database-file", ""),
    ("open", "true"),
    ("seed-demo", "true"),
    ("greeting", "¡Buenos días, equipo!"),
    ("eio3", "true"),
    ("redis", "redis://:geheim@redis.example:6379"),
    ("redis-file", ""),
    ("node-name", "node-1"),
    ("allow-origin", "https://a.example"),
    ("trusted-proxy", "10.0.0.0/8"),
    ("public-url", "https://presente.example/"),
    ("mail", "smtps://u:geheim@mail.example"),
    ("mail-file", ""),
    ("mail-from", "Presente <presente@a.example>"),
    ("require-verified", "true"),
    ("view-threshold", "100"),
    ("log-format", "json"),
    ("metrics-token", "geheim"),
    ("metrics-token-file", ""),
    ("sockets-per-user", "3"),
    ("sockets-per-address", "1000"),
    ("connections", "5000"),
    ("connections-per-address", "6"),
    ("sign-ups-per-minute", "7"),
    ("sign-ins-per-minute", "8"),
    ("config", ""),
];

/// What a setting needs beside itself to be of use.
fn company(name: &str) -> Vec<&'static str> {
    let with_mail = vec!["--data=/d", "--public-url=https://p.example", "--mail-from=p@p.example"];
    match name {
        "data" | "database" => vec![],
        "redis" => vec!["--database=postgres://h/d"],
        "mail" => with_mail,
        "require-verified" => [with_mail, vec!["--mail=sendmail"]].concat(),
        _ => vec!["--data=/d"],
    }
}

#[test]
fn the_table_has_every_setting() {
    let mut here: Vec<_> = TABLE.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut there = sources::names();
    here.sort();
    there.sort();
    assert_eq!(here, there);
}

#[test]
fn the_example_file_shows_every_setting_and_can_be_used_as_it_is() {
    let example = include_str!("../../../../packaging/presente-server.toml");
    for name in sources::names().into_iter().filter(|name| name != "config") {
        let shown = |line: &str| line.trim_start_matches("# ").starts_with(&format!("{name} = "));
        assert!(example.lines().any(shown), "{name}");
    }
    let settings: toml::Table = example.parse().unwrap();
    assert!(settings.contains_key("data"));
    gather(&[], &[], Some(written(example).path())).unwrap();
}

#[test]
fn file_environment_and_flag_say_the_same_in_the_same_words() {
    for (name, value) in TABLE.into_iter().filter(|(_, value)| !value.is_empty()) {
        let company = company(name);
        let flag = format!("--{name}={value}");
        let by_flag = gather(&[&*company, &[&flag]].concat(), &[], None).unwrap();
        let variable = format!("PRESENTE_{}", name.replace('-', "_").to_uppercase());
        let by_environment = gather(&company, &[(&variable, value)], None).unwrap();
        let written = match value.parse::<i64>().is_ok() || value == "true" {
            true => format!("{name} = {value}\n"),
            false => format!("{name} = {value:?}\n"),
        };
        let by_file = gather(&company, &[], Some(self::written(&written).path())).unwrap();
        assert_eq!(all_of(&by_flag), all_of(&by_environment), "{name}");
        assert_eq!(all_of(&by_flag), all_of(&by_file), "{name}");
        if !["data", "database"].contains(&name) {
            assert_ne!(
                all_of(&by_flag),
                all_of(&gather(&company, &[], None).unwrap()),
                "{name} does something"
            );
        }
    }
}

#[test]
fn a_flag_beats_the_environment_and_that_the_file() {
    let file = written(
        "data = \"/d\"\ngreeting = \"file\"\nnode-name = \"file\"\nopen = true\nallow-origin = [\"https://f.example\", \"https://g.example\"]\n",
    );
    let environment = [
        ("PRESENTE_GREETING", "environment"),
        ("PRESENTE_NODE_NAME", "environment"),
        ("PRESENTE_EIO3", ""),
        ("PRESENTE_TRUSTED_PROXY", "10.0.0.0/8,192.0.2.1,fd00::/8"),
    ];
    let flags = ["--node-name=flag", "--allow-origin=https://B.example/", "--open=false"];
    let config = gather(&flags, &environment, Some(file.path())).unwrap();
    assert_eq!(
        (config.greeting.as_deref(), config.node_name.as_deref()),
        (Some("environment"), Some("flag"))
    );
    assert_eq!((config.open, config.eio3), (false, false), "an empty variable says nothing");
    assert_eq!(config.allow_origins, ["https://b.example"], "a list takes the place of the list below it");
    let networks: Vec<_> = config.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["10.0.0.0/8", "192.0.2.1/32", "fd00::/8"]);
    let named = [("PRESENTE_CONFIG", file.path().to_str().unwrap())];
    assert_eq!(gather(&[], &named, None).unwrap().greeting.as_deref(), Some("file"));
}

#[test]
fn secrets_come_from_files_as_well_and_the_nearest_word_counts() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), "postgres://u:p@h/d\n").unwrap();
    let file = folder.path().join("presente.toml");
    std::fs::write(&file, "database-file = \"secret\"\ndata = \"here\"\n").unwrap();
    let config = gather(&[], &[], Some(&file)).unwrap();
    assert!(all_of(&config).contains("postgres://u:p@h/d"), "from the folder of the file");
    assert_eq!(config.data, folder.path().join("here"));
    let config = gather(&["--database=postgres://flag/d"], &[], Some(&file)).unwrap();
    assert!(all_of(&config).contains("postgres://flag/d"));
    let named = folder.path().join("secret");
    let environment = [("PRESENTE_DATABASE_FILE", named.to_str().unwrap())];
    let other = written("database = \"postgres://file/d\"\n");
    assert!(all_of(&gather(&[], &environment, Some(other.path())).unwrap()).contains("postgres://u:p@h/d"));
}

#[test]
fn port_in_the_environment_listens_for_everybody_unless_an_address_is_given() {
    let at = |flags: &[&str], environment: &[(&str, &str)]| {
        gather(&[&["--data=d"], flags].concat(), environment, None).map(|config| config.addr.to_string())
    };
    assert_eq!(at(&[], &[]).unwrap(), "127.0.0.1:4000");
    assert_eq!(at(&[], &[("PORT", "8080")]).unwrap(), "0.0.0.0:8080");
    assert_eq!(at(&[], &[("PORT", "8080"), ("PRESENTE_ADDR", "127.0.0.1:1")]).unwrap(), "127.0.0.1:1");
    assert_eq!(at(&["--addr=127.0.0.1:2"], &[("PORT", "8080")]).unwrap(), "127.0.0.1:2");
    assert!(at(&[], &[("PORT", "http")]).unwrap_err().contains("PORT"));
}

#[test]
fn what_cannot_be_used_is_told_in_a_sentence_without_secrets() {
    for (text, said) in [
        ("addres = \"127.0.0.1:1\"", "no setting `addres`; `addr`"),
        ("fortune = 1", "no setting `fortune`; `presente-server --help`"),
        ("config = \"x\"", "no setting `config`"),
        ("addr = \"geheimx\"", "'--addr <ADDRESS:PORT>'"),
        ("a = 1\ndatabase = \"postgres://u:geheim", "line 2"),
        ("database = \"mysql://u:geheim@h/d\"", "`database` is a URL like postgres://"),
        ("data = \"d\"\nmail = \"http://u:geheim@h\"", "`mail` is a URL like smtp://"),
        ("database = \"postgres://h/d\"\nredis = \"http://u:geheim@h\"", "`redis` is a URL like redis://"),
        ("data = \"d\"\nredis = \"redis://:geheim@h\"", "`redis` joins several servers"),
        ("data = \"d\"\nmail = \"smtps://u:geheim@h\"", "`mail` needs `public-url`"),
        (
            "data = \"d\"\npublic-url = \"https://h\"\nmail = \"smtps://u:geheim@h\"",
            "`mail` needs `mail-from`",
        ),
        ("data = \"d\"\nrequire-verified = true", "`require-verified` needs `mail`"),
        (
            "data = \"d\"\nallow-origin = [\"https://*.example\", \"https://a.example/path\"]",
            "/path` is none",
        ),
        ("data = \"d\"\nnode-name = \"a b\"", "`node-name` has"),
        ("data = \"d\"\nsockets-per-user = 0", "'--sockets-per-user <N>'"),
        ("data = \"d\"\nsign-ins-per-minute = -1", "'--sign-ins-per-minute <N>'"),
        ("data = \"d\"\ntrusted-proxy = \"10.0.0\"", "10.0.0.0/8"),
        ("data = \"d\"\npublic-url = \"presente.example\"", "https://presente.a.example"),
        ("data = \"d\"\nmetrics-token = \"\"", "`metrics-token` is empty"),
        ("data = { a = 1 }", "`data` is a text"),
        ("database-file = \"/nowhere/geheim-file\"", "cannot be read"),
        ("database = \"postgres://u:geheim@h/d\"\ndatabase-file = \"x\"", "cannot be used with"),
        ("", "a place for the accounts is needed"),
    ] {
        let mistake = gather(&[], &[], Some(written(text).path())).expect_err(text);
        assert!(mistake.contains(said), "{text:?} says {mistake:?}");
        assert!(!mistake.contains("geheim@") && !mistake.contains("u:geheim"), "{mistake}");
        assert_eq!(mistake.lines().count(), 1, "{mistake}");
    }
    let mistake = gather(&[], &[("PRESENTE_ADDR", "nowhere")], None).unwrap_err();
    assert!(mistake.starts_with("the environment: "), "{mistake}");
    let config =
        gather(&["--database=postgres://u:geheim@h/d", "--metrics-token=geheim"], &[], None).unwrap();
    assert!(!format!("{config:?}").contains("geheim"));
}
