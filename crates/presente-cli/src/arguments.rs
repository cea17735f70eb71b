//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::Path;

/// Presence in the terminal: who of your people is online.
#[derive(Debug, Parser)]
#[command(name = "presente-cli", version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Task,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Sign in, follow who comes and goes, and sign out at the end.
    Watch(Watch),
    /// Learn how a server speaks that nobody has a profile for, by listening to it, and keep that as a profile.
    Learn(Learn),
}

/// Questions are asked on standard output and answered on standard input; an empty line takes what is proposed.
#[derive(Debug, Args)]
pub(crate) struct Learn {
    /// The server's address.
    #[arg(value_name = "URL")]
    pub(crate) server: String,

    /// The e-mail address of your account, where the server has accounts.
    #[arg(long, value_name = "E-MAIL")]
    pub(crate) email: Option<String>,

    /// Sign in and open the socket as this profile says, and learn only the list: for a server whose sign-in nobody else
    /// knows. The name of a profile or a profile file.
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) profile: Option<String>,

    /// How long to listen, in seconds.
    #[arg(long = "for", value_name = "SECONDS", default_value_t = 20)]
    pub(crate) seconds: u64,

    /// What to call the profile; the server's host unless told.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Take what is proposed, and ask nothing.
    #[arg(long)]
    pub(crate) yes: bool,

    /// Accept that the password travels unencrypted to a server that is not on this machine.
    #[arg(long)]
    pub(crate) accept_unencrypted: bool,
}

/// The password never stands on the command line, where other users of the machine could read it.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// The server's address, e.g. https://escuela.example or localhost:4000.
    #[arg(long, value_name = "URL")]
    pub(crate) server: String,

    /// The e-mail address of your account; none where the server has no accounts.
    #[arg(long, value_name = "E-MAIL")]
    pub(crate) email: Option<String>,

    /// What to be called where the server has no accounts.
    #[arg(long, value_name = "NAME", conflicts_with = "email")]
    pub(crate) nickname: Option<String>,

    /// Read the password from the first line of standard input instead of PRESENTE_PASSWORD.
    #[arg(long)]
    pub(crate) password_stdin: bool,

    /// How the server speaks: the name of a profile or a profile file. It is found out where none is given.
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) profile: Option<String>,

    /// Say this to everybody there, once connected.
    #[arg(long, value_name = "TEXT")]
    pub(crate) say: Vec<String>,

    /// Write one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,

    /// Stop after so many seconds.
    #[arg(long = "for", value_name = "SECONDS")]
    pub(crate) seconds: Option<u64>,

    /// The library that speaks to the server's socket.
    #[arg(long, value_name = "LINK", default_value = "own")]
    pub(crate) link: LinkKind,

    /// Accept that the password travels unencrypted to a server that is not on this machine.
    #[arg(long)]
    pub(crate) accept_unencrypted: bool,
}

/// What the connection is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LinkKind {
    /// Presente's own
    Own,
    /// rust_socketio 0.6, to compare: only in builds that have it
    RustSocketio,
}

/// Whether a profile is named by a file rather than by its name.
pub(crate) fn is_file(profile: &str) -> bool {
    let path = Path::new(profile);
    path.extension().is_some() || path.components().count() > 1
}
