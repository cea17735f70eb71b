//! The settings as people write them: in a file, in the environment, as flags; each beats the one before.
//!
//! One name for each, whatever it is written in: `public-url` in the file, `PRESENTE_PUBLIC_URL` in the
//! environment, `--public-url` as a flag. File and environment are read as if they were flags (`sources`), so
//! there is one list of names and one reading of values.

mod conclude;
mod sources;
#[cfg(test)]
mod tests;
mod values;

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};

use clap::{ArgAction, builder::BoolishValueParser};
use ipnet::IpNet;
use secrecy::SecretString;

use crate::config::{Config, LogFormat};

/// Why settings cannot be used: a sentence that never repeats a secret.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Mistake(pub(crate) String);

/// Where the settings and the accounts are; all that the commands beside `serve` need.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Place {
    /// TOML file with settings by the names of these flags, without the dashes in front
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of the database file; created when it is missing
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// PostgreSQL in place of a file in the data folder: postgres://user:password@host/database
    #[arg(long, value_name = "URL", value_parser = values::secret)]
    pub database: Option<SecretString>,
    /// File that holds the URL of the database
    #[arg(long, value_name = "FILE", conflicts_with = "database")]
    pub database_file: Option<PathBuf>,
}

/// All settings, each given or not.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Settings {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its text would become the text of the whole command's help")]
    pub place: Place,

    /// Address and port to listen on; port 0 takes any free port [default: 127.0.0.1:4000]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub addr: Option<SocketAddr>,
    /// Lets clients of the field in as they are: sockets and sign-out need no token
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "true|false", hide_possible_values = true, value_parser = BoolishValueParser::new())]
    pub open: Option<bool>,
    /// Creates demo accounts and lets demo people come and go
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "true|false", hide_possible_values = true, value_parser = BoolishValueParser::new())]
    pub seed_demo: Option<bool>,
    /// Message of the day, said to every client that connects
    #[arg(long, value_name = "TEXT")]
    pub greeting: Option<String>,
    /// Serves clients of Engine.IO 3 (Socket.IO 2) as well
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "true|false", hide_possible_values = true, value_parser = BoolishValueParser::new())]
    pub eio3: Option<bool>,

    /// Redis over which several servers speak with each other: redis://host:port
    #[arg(long, value_name = "URL", value_parser = values::secret, help_heading = "Several servers")]
    pub redis: Option<SecretString>,
    /// File that holds the URL of Redis
    #[arg(long, value_name = "FILE", conflicts_with = "redis", help_heading = "Several servers")]
    pub redis_file: Option<PathBuf>,
    /// Name of this server among the others [default: made up]
    #[arg(long, value_name = "NAME", help_heading = "Several servers")]
    pub node_name: Option<String>,

    /// Web page that may speak to the server besides its own, such as https://a.example; may be repeated
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',', action = ArgAction::Append, help_heading = "The web around it")]
    pub allow_origin: Vec<String>,
    /// Network of a proxy whose X-Forwarded-For is believed, such as 10.0.0.0/8; may be repeated
    #[arg(long, value_name = "NETWORK", value_delimiter = ',', action = ArgAction::Append, value_parser = values::network, help_heading = "The web around it")]
    pub trusted_proxy: Vec<IpNet>,
    /// Address under which people reach the server, for links in mail
    #[arg(long, value_name = "URL", value_parser = values::public_url, help_heading = "The web around it")]
    pub public_url: Option<String>,

    /// How mail is sent: smtp://user:password@host:port, smtps://…, or the word sendmail
    #[arg(long, value_name = "URL", value_parser = values::secret, help_heading = "Mail")]
    pub mail: Option<SecretString>,
    /// File that holds the URL of the mail server
    #[arg(long, value_name = "FILE", conflicts_with = "mail", help_heading = "Mail")]
    pub mail_file: Option<PathBuf>,
    /// Who mail is from, such as "Presente <presente@a.example>"
    #[arg(long, value_name = "ADDRESS", help_heading = "Mail")]
    pub mail_from: Option<String>,
    /// Lets only people sign in whose e-mail address is verified
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "true|false", hide_possible_values = true, value_parser = BoolishValueParser::new(), help_heading = "Mail")]
    pub require_verified: Option<bool>,

    /// With more people online than this, clients that can are told of a part of the list only [default: 5000]
    #[arg(long, value_name = "N", value_parser = values::count, help_heading = "Large lists")]
    pub view_threshold: Option<usize>,

    /// How the log is written [default: text]
    #[arg(long, value_name = "FORMAT", value_enum, help_heading = "Watching over it")]
    pub log_format: Option<LogFormat>,
    /// Token with which the metrics may be read from other computers
    #[arg(long, value_name = "TOKEN", value_parser = values::secret, help_heading = "Watching over it")]
    pub metrics_token: Option<SecretString>,
    /// File that holds the token of the metrics
    #[arg(long, value_name = "FILE", conflicts_with = "metrics_token", help_heading = "Watching over it")]
    pub metrics_token_file: Option<PathBuf>,

    /// Sockets of one person; one more closes the oldest [default: 10]
    #[arg(long, value_name = "N", value_parser = values::count, help_heading = "Limits")]
    pub sockets_per_user: Option<usize>,
    /// Sockets from one address [default: 256]
    #[arg(long, value_name = "N", value_parser = values::count, help_heading = "Limits")]
    pub sockets_per_address: Option<usize>,
    /// Connections in all [default: 20000]
    #[arg(long, value_name = "N", value_parser = values::count, help_heading = "Limits")]
    pub connections: Option<usize>,
    /// Connections from one address [default: 512]
    #[arg(long, value_name = "N", value_parser = values::count, help_heading = "Limits")]
    pub connections_per_address: Option<usize>,
    /// Sign-ups a minute from one address [default: 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Limits")]
    pub sign_ups_per_minute: Option<u32>,
    /// Sign-ins a minute from one address [default: 30]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Limits")]
    pub sign_ins_per_minute: Option<u32>,
}

impl Settings {
    /// The settings of a command that was only told where the accounts are.
    #[must_use]
    pub fn of(place: Place) -> Self {
        Self { place, ..Self::default() }
    }

    /// Puts these flags over what the environment (`variable` tells what a variable says) and the file say,
    /// and concludes what the server is to do.
    ///
    /// # Errors
    /// A [`Mistake`] says which setting cannot be used, and why.
    pub fn gather(self, variable: impl Fn(&str) -> Option<OsString>) -> Result<Config, Mistake> {
        let environment = sources::environment(&variable)?;
        let file = match self.place.config.as_ref().or(environment.place.config.as_ref()) {
            Some(path) => sources::file(path)?,
            None => Self::default(),
        };
        let given = self.with_secrets()?.or(environment.with_secrets()?).or(file.with_secrets()?);
        given.conclude(variable("PORT"))
    }

    /// Reads the files that hold secrets.
    fn with_secrets(mut self) -> Result<Self, Mistake> {
        for (secret, file) in [
            (&mut self.place.database, self.place.database_file.take()),
            (&mut self.redis, self.redis_file.take()),
            (&mut self.mail, self.mail_file.take()),
            (&mut self.metrics_token, self.metrics_token_file.take()),
        ] {
            if let Some(file) = file {
                *secret = Some(sources::secret(&file)?);
            }
        }
        Ok(self)
    }

    /// What is given here, and `below` for the rest.
    fn or(self, below: Self) -> Self {
        let list = |above: Vec<_>, below| if above.is_empty() { below } else { above };
        Self {
            place: Place {
                config: self.place.config.or(below.place.config),
                data: self.place.data.or(below.place.data),
                database: self.place.database.or(below.place.database),
                database_file: None,
            },
            addr: self.addr.or(below.addr),
            open: self.open.or(below.open),
            seed_demo: self.seed_demo.or(below.seed_demo),
            greeting: self.greeting.or(below.greeting),
            eio3: self.eio3.or(below.eio3),
            redis: self.redis.or(below.redis),
            redis_file: None,
            node_name: self.node_name.or(below.node_name),
            allow_origin: list(self.allow_origin, below.allow_origin),
            trusted_proxy: if self.trusted_proxy.is_empty() {
                below.trusted_proxy
            } else {
                self.trusted_proxy
            },
            public_url: self.public_url.or(below.public_url),
            mail: self.mail.or(below.mail),
            mail_file: None,
            mail_from: self.mail_from.or(below.mail_from),
            require_verified: self.require_verified.or(below.require_verified),
            view_threshold: self.view_threshold.or(below.view_threshold),
            log_format: self.log_format.or(below.log_format),
            metrics_token: self.metrics_token.or(below.metrics_token),
            metrics_token_file: None,
            sockets_per_user: self.sockets_per_user.or(below.sockets_per_user),
            sockets_per_address: self.sockets_per_address.or(below.sockets_per_address),
            connections: self.connections.or(below.connections),
            connections_per_address: self.connections_per_address.or(below.connections_per_address),
            sign_ups_per_minute: self.sign_ups_per_minute.or(below.sign_ups_per_minute),
            sign_ins_per_minute: self.sign_ins_per_minute.or(below.sign_ins_per_minute),
        }
    }
}
