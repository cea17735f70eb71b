//! What those who run a server do with its accounts from a terminal, while the server runs or not.
//!
//! All of it goes to the database; a server that runs sees what concerns it there.

mod copies;
mod people;
mod secret;

use std::{io, path::PathBuf};

use crate::{Config, StartError, clock::Clock, error::Refusal, messages::Language, store::Store};

/// Help for an order, without the list of all settings: only four of them mean anything here.
const HELP: &str = "{about-with-newline}\n{usage-heading} {usage}\n\n{subcommands}{positionals}\n\n\
    Where the accounts are is told as to the server: --data DIR, --database URL, --database-file FILE, or\n\
    --config FILE with one of these, or in the environment.";

/// One order.
#[derive(Debug, clap::Subcommand)]
pub enum Order {
    /// Looks after the accounts
    #[command(subcommand, help_template = HELP)]
    User(People),
    /// Writes all accounts to a file; the server may run meanwhile
    #[command(help_template = HELP)]
    Backup {
        /// File to write; it must not exist yet
        file: PathBuf,
    },
    /// Reads accounts from such a file into a database that has none
    #[command(help_template = HELP)]
    Restore {
        /// File to read
        file: PathBuf,
    },
}

/// What can be done with accounts.
#[derive(Debug, clap::Subcommand)]
pub enum People {
    /// Creates an account; its password is asked for, or read from the standard input
    #[command(help_template = HELP)]
    Add {
        /// E-mail address
        email: String,
        /// First name
        first_name: String,
        /// Last name
        #[arg(default_value = "")]
        last_name: String,
    },
    /// Lists all accounts
    #[command(help_template = HELP)]
    List,
    /// Closes an account: its sessions end and nobody signs in to it until it is enabled
    #[command(help_template = HELP)]
    Disable {
        /// E-mail address
        email: String,
    },
    /// Opens a disabled account again
    #[command(help_template = HELP)]
    Enable {
        /// E-mail address
        email: String,
    },
    /// Gives an account another password and ends its sessions
    #[command(help_template = HELP)]
    ResetPassword {
        /// E-mail address
        email: String,
    },
}

/// Why an order could not be carried out, as a sentence for whoever gave it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database cannot be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database failed.
    #[error("the database failed ({0}): nothing was changed")]
    Database(#[from] sqlx::Error),
    /// A file or the terminal cannot be used.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// The order itself cannot be carried out.
    #[error("{0}")]
    Order(String),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Asked(phrase) => Self::Order(phrase.text(Language::English).to_owned()),
            Refusal::Store(error) => Self::Database(error),
            other => Self::Order(other.to_string()),
        }
    }
}

/// Carries out one order. Returns what is to be said about it.
///
/// # Errors
/// A [`Failure`]; the accounts are then as they were before.
pub async fn carry_out(order: Order, config: &Config) -> Result<String, Failure> {
    let store = Store::connect(config, Clock::system()).await?;
    let said = match order {
        Order::User(people) => people::carry_out(people, &store).await,
        Order::Backup { file } => copies::back_up(&store, &file).await,
        Order::Restore { file } => copies::restore(&store, &file).await,
    };
    store.close().await;
    said
}
