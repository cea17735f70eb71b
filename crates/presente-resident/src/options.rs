//! The command line of the app.

use clap::{Parser, ValueEnum};

/// Presence in the tray: who of your people is online.
#[derive(Debug, Clone, Parser)]
#[command(name = "presente", version, about)]
pub(crate) struct Options {
    /// Start in the tray, without a window.
    #[arg(long)]
    pub(crate) hidden: bool,

    /// Try it out: a server inside the app with demo people who come and go. Nothing is kept.
    #[arg(long)]
    pub(crate) demo: bool,

    /// Through what notifications are raised.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) notifications: Raise,

    /// A link to open, such as presente://add?server=https://escuela.example.
    pub(crate) link: Option<String>,
}

/// Through what notifications are raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Raise {
    /// The desktop's notification service, spoken to directly: they are replaced, and a click opens the contact.
    #[default]
    Service,
    /// Tauri's plug-in, for comparison.
    Plugin,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_may_come_with_the_start() {
        let options = Options::try_parse_from(["presente", "--hidden", "presente://add?server=a.example"]);
        let options = options.unwrap_or_else(|error| panic!("{error}"));
        assert!(options.hidden);
        assert_eq!(options.link.as_deref(), Some("presente://add?server=a.example"));
        assert!(Options::try_parse_from(["presente", "--show-everything"]).is_err());
    }
}
