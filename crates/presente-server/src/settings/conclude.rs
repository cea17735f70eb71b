//! From what was given to what the server does: defaults, and what goes together.

use std::{ffi::OsString, net::SocketAddr};

use secrecy::{ExposeSecret as _, SecretString};

use super::{Mistake, Settings, values};
use crate::config::{Config, Database};

/// Where the server listens when nobody says otherwise.
const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 4000);
/// Most characters of the message of the day.
const GREETING_CHARS: usize = 1000;
/// Most bytes of a node's name.
const NODE_NAME_BYTES: usize = 64;

impl Settings {
    /// The configuration, checked. `port` is what the environment says of a `PORT`.
    pub(super) fn conclude(self, port: Option<OsString>) -> Result<Config, Mistake> {
        let addr = match (self.addr, port.filter(|port| !port.is_empty())) {
            (Some(addr), _) => addr,
            (None, Some(port)) => any_address(&port)?,
            (None, None) => ADDRESS,
        };
        let database = match self.place.database {
            Some(url) => postgres(url)?,
            None => Database::Sqlite,
        };
        let data = match (self.place.data, &database) {
            (Some(data), _) => data,
            (None, Database::Postgres(_)) => Default::default(),
            (None, Database::Sqlite) => {
                return mistake(
                    "a place for the accounts is needed: `data` (a folder), or `database` (a URL)",
                );
            }
        };
        let mut config = Config::new(addr, data);
        let defaults = config.limits.clone();
        config.database = database;
        config.redis = self.redis.map(redis).transpose()?;
        config.node_name = self.node_name.map(node_name).transpose()?;
        config.open = self.open.unwrap_or(config.open);
        config.seed_demo = self.seed_demo.unwrap_or(config.seed_demo);
        config.allow_origins = self.allow_origin.iter().map(|text| origin(text)).collect::<Result<_, _>>()?;
        config.trusted_proxies = self.trusted_proxy;
        config.public_url = self.public_url;
        config.mail = self.mail.map(mail).transpose()?;
        config.mail_from = self.mail_from;
        config.require_verified = self.require_verified.unwrap_or(config.require_verified);
        config.eio3 = self.eio3.unwrap_or(config.eio3);
        config.greeting = self.greeting.map(greeting).transpose()?;
        config.view_threshold = self.view_threshold.unwrap_or(config.view_threshold);
        config.log_format = self.log_format.unwrap_or(config.log_format);
        config.metrics_token = self.metrics_token.map(metrics_token).transpose()?;
        config.limits.sockets_per_user = self.sockets_per_user.unwrap_or(defaults.sockets_per_user);
        config.limits.sockets_per_address = self.sockets_per_address.unwrap_or(defaults.sockets_per_address);
        config.limits.connections = self.connections.unwrap_or(defaults.connections);
        config.limits.connections_per_address =
            self.connections_per_address.unwrap_or(defaults.connections_per_address);
        config.limits.sign_ups_per_minute = self.sign_ups_per_minute.unwrap_or(defaults.sign_ups_per_minute);
        config.limits.sign_ins_per_minute = self.sign_ins_per_minute.unwrap_or(defaults.sign_ins_per_minute);
        goes_together(&config)?;
        Ok(config)
    }
}

fn mistake<T>(sentence: impl Into<String>) -> Result<T, Mistake> {
    Err(Mistake(sentence.into()))
}

/// What one setting needs of another.
fn goes_together(config: &Config) -> Result<(), Mistake> {
    if config.redis.is_some() && matches!(config.database, Database::Sqlite) {
        return mistake("`redis` joins several servers, and they need one `database`: a postgres:// URL");
    }
    if config.mail.is_some() && config.public_url.is_none() {
        return mistake("`mail` needs `public-url`, the address that the link in a mail leads to");
    }
    if config.mail.is_some() && config.mail_from.is_none() {
        return mistake("`mail` needs `mail-from`, who the mail is from");
    }
    if config.require_verified && config.mail.is_none() {
        return mistake(
            "`require-verified` needs `mail`: without it nobody gets the link that verifies them",
        );
    }
    Ok(())
}

/// `PORT` is the word of those who run programs for others: listen for everybody, on this port.
fn any_address(port: &OsString) -> Result<SocketAddr, Mistake> {
    match port.to_str().and_then(|port| port.trim().parse::<u16>().ok()) {
        Some(port) => Ok(SocketAddr::from(([0, 0, 0, 0], port))),
        None => mistake("the environment: PORT is a number from 0 to 65535"),
    }
}

fn starts_with_any(secret: &SecretString, schemes: &[&str]) -> bool {
    schemes.iter().any(|scheme| secret.expose_secret().starts_with(scheme))
}

fn postgres(url: SecretString) -> Result<Database, Mistake> {
    match starts_with_any(&url, &["postgres://", "postgresql://"]) {
        true => Ok(Database::Postgres(url)),
        false => mistake("`database` is a URL like postgres://user:password@host/database"),
    }
}

fn redis(url: SecretString) -> Result<SecretString, Mistake> {
    match starts_with_any(&url, &["redis://", "rediss://", "redis+unix://", "unix://"]) {
        true => Ok(url),
        false => mistake("`redis` is a URL like redis://host:6379"),
    }
}

fn mail(how: SecretString) -> Result<SecretString, Mistake> {
    match how.expose_secret() == "sendmail" || starts_with_any(&how, &["smtp://", "smtps://"]) {
        true => Ok(how),
        false => {
            mistake("`mail` is a URL like smtp://host:25 or smtps://user:password@host, or the word sendmail")
        }
    }
}

fn metrics_token(token: SecretString) -> Result<SecretString, Mistake> {
    match token.expose_secret().trim().is_empty() {
        false => Ok(token),
        true => mistake("`metrics-token` is empty"),
    }
}

fn origin(text: &str) -> Result<String, Mistake> {
    values::origin(text).map_or_else(
        || {
            mistake(format!(
                "`allow-origin` is a list of origins like https://a.example, and `{text}` is none"
            ))
        },
        Ok,
    )
}

fn node_name(name: String) -> Result<String, Mistake> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match !name.is_empty() && name.len() <= NODE_NAME_BYTES && name.chars().all(plain) {
        true => Ok(name),
        false => mistake("`node-name` has 1 to 64 letters, digits, dots, dashes and underscores"),
    }
}

fn greeting(text: String) -> Result<String, Mistake> {
    match text.chars().count() <= GREETING_CHARS {
        true => Ok(text),
        false => mistake(format!("`greeting` has at most {GREETING_CHARS} characters")),
    }
}
