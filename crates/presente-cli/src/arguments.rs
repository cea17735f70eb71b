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
}

/// The password never stands on the command line, where other users of the machine could read it.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// The server's address, e.g. https://escuela.example or localhost:4000.
    #[arg(long, value_name = "URL")]
    pub(crate) server: String,

    /// The e-mail address of your account.
    #[arg(long, value_name = "E-MAIL")]
    pub(crate) email: String,

    /// Read the password from the first line of standard input instead of PRESENTE_PASSWORD.
    #[arg(long)]
    pub(crate) password_stdin: bool,

    /// How the server speaks: the name of a preset or a profile file.
    #[arg(long, value_name = "NAME|FILE", default_value = "usersconected")]
    pub(crate) profile: String,

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

impl Watch {
    /// Whether the profile is named by a file rather than by a preset's name.
    pub(crate) fn profile_is_file(&self) -> bool {
        let path = Path::new(&self.profile);
        path.extension().is_some() || path.components().count() > 1
    }
}
