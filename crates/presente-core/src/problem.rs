//! What can go wrong, as people are told it: a code that programs may match on, and the facts for a sentence.

use crate::texts::{Arg, Texts};

/// Something that went wrong and that somebody should know of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// What was typed is not an address.
    InvalidAddress {
        /// What was typed.
        input: String,
    },
    /// A field that is needed is empty.
    MissingField,
    /// The password would travel unencrypted, and nobody has agreed to that.
    Unencrypted {
        /// The server, as a URL.
        server: String,
    },
    /// Nothing answers.
    Unreachable {
        /// The server.
        server: String,
    },
    /// The server did not answer in time.
    Timeout {
        /// The server.
        server: String,
    },
    /// The server's certificate cannot be trusted.
    Untrusted {
        /// The server.
        server: String,
    },
    /// What answers is no presence server, e.g. a web page.
    NotCompatible {
        /// The server.
        server: String,
    },
    /// A web server answers that has no such sign-in.
    NoSignIn {
        /// The server.
        server: String,
    },
    /// The server speaks Socket.IO of a kind that is too old.
    OldEngine {
        /// The server.
        server: String,
    },
    /// The server speaks Socket.IO, and in no way that is known.
    UnknownDialect {
        /// The server.
        server: String,
    },
    /// The server lets in only who has an account.
    CredentialsNeeded {
        /// The server.
        server: String,
    },
    /// A profile could not be kept.
    ProfileNotSaved {
        /// Why, for people who know.
        reason: String,
    },
    /// A profile of the user's own is left out.
    ProfileLeftOut {
        /// Which file, where in it, and why.
        what: String,
    },
    /// The server sends us elsewhere; a password does not follow.
    Redirected {
        /// The server.
        server: String,
        /// Where to, without its query.
        to: String,
    },
    /// The server answered that it failed.
    ServerFailed {
        /// The server.
        server: String,
        /// The HTTP status.
        status: u16,
    },
    /// The server refused, in its own words.
    Refused {
        /// The server's words, shown as they are.
        message: String,
    },
    /// The connection was lost.
    ConnectionLost {
        /// The server.
        server: String,
    },
    /// This account is signed in already.
    SignedInAlready {
        /// The server.
        server: String,
    },
    /// Connected, and no list comes.
    NoRoster {
        /// The server.
        server: String,
    },
    /// The list cannot be read; the last good one stays.
    MalformedRoster {
        /// The server.
        server: String,
    },
    /// The list is not current, and what is missing of it cannot be had.
    ListBehind {
        /// The server.
        server: String,
    },
    /// This server shows its list only to people who are online themselves.
    OnlineNeeded {
        /// The server.
        server: String,
    },
    /// There is no keyring that could keep the password.
    NoKeyring,
    /// The settings file could not be read; it was set aside.
    SettingsSetAside {
        /// Where it is now.
        path: String,
    },
    /// The settings could not be written.
    SettingsNotSaved {
        /// The file.
        path: String,
        /// The system's reason.
        reason: String,
    },
    /// Who was online when cannot be written.
    HistoryNotKept {
        /// The file.
        path: String,
        /// The system's reason.
        reason: String,
    },
    /// The file of who was online when could not be read; it was set aside.
    HistorySetAside {
        /// Where it is now.
        path: String,
    },
    /// Who was online when cannot be read, or cannot be forgotten.
    HistoryNotRead {
        /// The system's reason.
        reason: String,
    },
    /// Who was online when could not be written into a file to take away.
    HistoryNotExported {
        /// The file, or its folder.
        path: String,
        /// The system's reason.
        reason: String,
    },
    /// Starting with the session could not be switched on or off.
    StartNotChanged {
        /// The system's reason.
        reason: String,
    },
    /// A link that opens the app asks for nothing that it knows.
    LinkUnknown,
    /// A command that somebody has set for an occasion cannot be run.
    CommandNotRun {
        /// The program, without its arguments.
        program: String,
        /// The system's reason.
        reason: String,
    },
    /// The server in this app does not start.
    LocalServer {
        /// The reason, a sentence.
        reason: String,
    },
    /// No notification service is there.
    NoNotifications,
    /// No tray is there: closing the window quits.
    NoTray,
}

impl Problem {
    /// The stable name of the problem, also the id of its sentence (`problem-…`).
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidAddress { .. } => "invalid-address",
            Self::MissingField => "missing-field",
            Self::Unencrypted { .. } => "unencrypted",
            Self::Unreachable { .. } => "unreachable",
            Self::Timeout { .. } => "timeout",
            Self::Untrusted { .. } => "untrusted",
            Self::NotCompatible { .. } => "not-compatible",
            Self::NoSignIn { .. } => "no-sign-in",
            Self::OldEngine { .. } => "old-engine",
            Self::UnknownDialect { .. } => "unknown-dialect",
            Self::CredentialsNeeded { .. } => "credentials-needed",
            Self::ProfileNotSaved { .. } => "profile-not-saved",
            Self::ProfileLeftOut { .. } => "profile-left-out",
            Self::Redirected { .. } => "redirected",
            Self::ServerFailed { .. } => "server-failed",
            Self::Refused { .. } => "refused",
            Self::ConnectionLost { .. } => "connection-lost",
            Self::SignedInAlready { .. } => "signed-in-already",
            Self::NoRoster { .. } => "no-roster",
            Self::MalformedRoster { .. } => "malformed-roster",
            Self::ListBehind { .. } => "list-behind",
            Self::OnlineNeeded { .. } => "online-needed",
            Self::NoKeyring => "no-keyring",
            Self::SettingsSetAside { .. } => "settings-set-aside",
            Self::SettingsNotSaved { .. } => "settings-not-saved",
            Self::HistoryNotKept { .. } => "history-not-kept",
            Self::HistorySetAside { .. } => "history-set-aside",
            Self::HistoryNotRead { .. } => "history-not-read",
            Self::HistoryNotExported { .. } => "history-not-exported",
            Self::StartNotChanged { .. } => "start-not-changed",
            Self::LinkUnknown => "link-unknown",
            Self::CommandNotRun { .. } => "command-not-run",
            Self::LocalServer { .. } => "local-server",
            Self::NoNotifications => "no-notifications",
            Self::NoTray => "no-tray",
        }
    }

    /// What happened and what to do, in the user's language.
    pub fn sentence(&self, texts: &Texts) -> String {
        let id = format!("problem-{}", self.code());
        match self {
            Self::InvalidAddress { input } => texts.with(&id, &[("input", Arg::from(input))]),
            Self::Unencrypted { server }
            | Self::Unreachable { server }
            | Self::Timeout { server }
            | Self::Untrusted { server }
            | Self::NotCompatible { server }
            | Self::NoSignIn { server }
            | Self::OldEngine { server }
            | Self::UnknownDialect { server }
            | Self::CredentialsNeeded { server }
            | Self::ConnectionLost { server }
            | Self::SignedInAlready { server }
            | Self::NoRoster { server }
            | Self::MalformedRoster { server }
            | Self::ListBehind { server }
            | Self::OnlineNeeded { server } => texts.with(&id, &[("server", Arg::from(server))]),
            Self::Redirected { server, to } => {
                texts.with(&id, &[("server", Arg::from(server)), ("to", Arg::from(to))])
            }
            Self::ServerFailed { server, status } => {
                let status = status.to_string();
                texts.with(&id, &[("server", Arg::from(server)), ("status", Arg::from(&status))])
            }
            Self::Refused { message } => texts.with(&id, &[("message", Arg::from(message))]),
            Self::SettingsSetAside { path } | Self::HistorySetAside { path } => {
                texts.with(&id, &[("path", Arg::from(path))])
            }
            Self::SettingsNotSaved { path, reason }
            | Self::HistoryNotKept { path, reason }
            | Self::HistoryNotExported { path, reason } => {
                texts.with(&id, &[("path", Arg::from(path)), ("reason", Arg::from(reason))])
            }
            Self::ProfileLeftOut { what } => texts.with(&id, &[("what", Arg::from(what))]),
            Self::CommandNotRun { program, reason } => {
                texts.with(&id, &[("program", Arg::from(program)), ("reason", Arg::from(reason))])
            }
            Self::LocalServer { reason }
            | Self::StartNotChanged { reason }
            | Self::ProfileNotSaved { reason }
            | Self::HistoryNotRead { reason } => texts.with(&id, &[("reason", Arg::from(reason))]),
            Self::MissingField
            | Self::LinkUnknown
            | Self::NoKeyring
            | Self::NoNotifications
            | Self::NoTray => texts.get(&id),
        }
    }
}
