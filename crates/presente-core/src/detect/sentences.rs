//! What was not found out, for people.

use super::DetectError;
use crate::{problem::Problem, server_url::ServerUrl, session::SessionError};

impl DetectError {
    /// The same for people.
    pub fn problem(&self, server: &ServerUrl) -> Problem {
        let label = server.label();
        match self {
            Self::Session(error) => error.problem(server),
            Self::NoSocketIo { .. } => Problem::NotCompatible { server: label },
            Self::OldEngine => Problem::OldEngine { server: label },
            Self::CredentialsNeeded { .. } => Problem::CredentialsNeeded { server: label },
            Self::Refused { message, .. } | Self::SocketRefused { message, .. } => {
                SessionError::Refused { message: message.clone() }.problem(server)
            }
            Self::Unknown { .. } => Problem::UnknownDialect { server: label },
        }
    }
}
