//! The command line of the app.

use clap::Parser;

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
}

/// Whether a second start asks for the window.
pub(crate) fn wants_window(arguments: &[String]) -> bool {
    !arguments.iter().any(|argument| argument == "--hidden")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_shows_the_window_unless_it_is_hidden() {
        for (arguments, shows) in
            [(vec!["presente"], true), (vec!["presente", "--hidden"], false), (vec![], true)]
        {
            let arguments: Vec<String> = arguments.into_iter().map(ToOwned::to_owned).collect();
            assert_eq!(wants_window(&arguments), shows, "{arguments:?}");
        }
    }
}
