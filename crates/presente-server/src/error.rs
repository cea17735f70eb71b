//! What can go wrong: at start, as a sentence for the person who starts it; later, as a refusal.

use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

use crate::messages::Phrase;

/// Why the server did not start. Each sentence says what happened and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program listens on the address.
    #[error("{addr} is already in use: stop the program that listens there, or choose another port")]
    PortTaken {
        /// The address that was asked for.
        addr: SocketAddr,
    },
    /// The address cannot be listened on for another reason.
    #[error("cannot listen on {addr} ({source}): choose an address of this computer and a port you may use")]
    Address {
        /// The address that was asked for.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The data folder cannot be created or written to.
    #[error("cannot write to the folder {} ({source}): choose another folder or allow writing to it", path.display())]
    Folder {
        /// The data folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database cannot be opened, read or brought up to date.
    #[error("cannot read the database {} ({reason}): move it away to start afresh, or restore a copy", path.display())]
    Database {
        /// The database file.
        path: PathBuf,
        /// What the database said.
        reason: String,
    },
    /// The database server cannot be reached, or does not let this server in.
    #[error(
        "cannot use the database server ({reason}): see that it runs, and that its address, user and password are right"
    )]
    DatabaseServer {
        /// What the database said; never its address, which may hold the password.
        reason: String,
    },
    /// An allowed origin is none.
    #[error("{text:?} is not an origin: write it as https://a.example, without a path and without patterns")]
    Origin {
        /// What was given.
        text: String,
    },
    /// Mail cannot be sent in the way that the settings say.
    #[error(
        "mail cannot be sent this way ({reason}): change the settings `mail`, `mail-from` and `public-url`"
    )]
    Mail {
        /// What is wrong; never the address of the mail server, which may hold a password.
        reason: String,
    },
    /// The other servers cannot be reached.
    #[error(
        "the other servers cannot be reached: {0}; start Redis, correct its address, or leave it out to run alone"
    )]
    Bus(String),
    /// Something of the server itself could not be prepared.
    #[error("the server could not be prepared ({0}): please start it again")]
    Internal(String),
}

/// Why a request is not granted. The edge turns it into an answer in the caller's language.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// The caller's own doing; the phrase says what to do about it.
    #[error("refused: {0:?}")]
    Asked(Phrase),
    /// Too many passwords wait to be checked.
    #[error("too many passwords wait to be checked")]
    Busy,
    /// Too many wrong passwords were tried: another one may be tried after this time.
    #[error("another password may be tried in {0:?}")]
    Slowed(Duration),
    /// The database failed.
    #[error("database: {0}")]
    Store(#[from] sqlx::Error),
    /// A password could not be hashed or its stored hash not be read.
    #[error("password hash: {0}")]
    Hash(String),
}
