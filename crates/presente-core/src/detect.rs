//! Detection: which dialect a server speaks, found out from its address alone.
//!
//! What is asked, and in which order, is in docs/DETECTION.md. Two rules hold throughout: nothing incomplete is ever
//! sent, because some servers end on it; and what is secret goes to the server that was named and nowhere else.
//! [`evidence`] thinks, `search` asks.

mod ear;
mod evidence;
mod handshake;
mod look;
mod proof;
mod search;
mod sentences;
mod sign_in;

pub use handshake::{Handshake, Handshakes, HttpHandshakes};
pub use proof::TokenPlace;

use crate::{
    link::{Connector, Transport},
    profile::Profile,
    server_url::ServerUrl,
    session::{Credentials, SessionError, Sessions, SignedIn},
};
use std::sync::Arc;

/// What to look with.
#[derive(Clone)]
pub struct Detector {
    /// Signs in.
    pub sessions: Arc<dyn Sessions>,
    /// Opens sockets.
    pub connector: Arc<dyn Connector>,
    /// Asks whether Socket.IO answers at all.
    pub handshakes: Arc<dyn Handshakes>,
}

/// What was found out.
#[derive(Debug, Clone)]
pub struct Found {
    /// The dialect: one of the candidates, its `[socket]` changed to what this server wants where that differs.
    pub profile: Arc<Profile>,
    /// The session that was granted on the way; there is no need to sign in again.
    pub session: Option<SignedIn>,
    /// Why it is this one, in the order in which it became clear.
    pub reasons: Vec<Reason>,
}

/// What is being done, for people who wait.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Looking for Socket.IO.
    Handshake,
    /// Listening to what the socket says by itself.
    Listening,
    /// Asking the socket who is there.
    Asking {
        /// By this event.
        event: String,
    },
    /// Signing in.
    SigningIn {
        /// As this dialect does.
        profile: Arc<Profile>,
    },
    /// The server has granted a session. From here on it may count us as present.
    SignedIn {
        /// By this dialect.
        profile: Arc<Profile>,
    },
    /// Opening a socket with the token.
    ShowingToken {
        /// The token is shown there.
        place: TokenPlace,
    },
}

impl Step {
    /// A name for it that stays the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Listening => "listening",
            Self::Asking { .. } => "asking",
            Self::SigningIn { .. } => "signing-in",
            Self::SignedIn { .. } => "signed-in",
            Self::ShowingToken { .. } => "showing-token",
        }
    }
}

/// Why a dialect was chosen. Events and requests are those of the chosen profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Socket.IO answers.
    Handshake {
        /// By which transports, as far as it says.
        transports: Vec<Transport>,
    },
    /// The socket said this by itself, and it can be read.
    Heard {
        /// The event.
        event: String,
    },
    /// Asked by this event, the socket answered with a list that can be read.
    Answered {
        /// The event that asks.
        request: String,
        /// The event that carried the list.
        event: String,
    },
    /// The list that came by itself has the id of our socket in it.
    ListsOurSocket {
        /// The event that carried the list.
        event: String,
    },
    /// The socket lets nobody in without a token.
    NeedsToken {
        /// The server's words, made fit to be shown; empty where it merely hung up.
        message: String,
    },
    /// The sign-in of this dialect worked.
    SignedIn {
        /// At this path.
        path: String,
    },
    /// The socket accepted the token.
    TokenBy {
        /// It was shown there.
        place: TokenPlace,
    },
    /// The list that came once we had signed in has us in it.
    ListsUs {
        /// The event that carried the list.
        event: String,
    },
    /// Only this transport gets through.
    OnlyBy {
        /// Which.
        transport: Transport,
    },
}

impl Reason {
    /// A name for it that stays the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Handshake { .. } => "handshake",
            Self::Heard { .. } => "heard",
            Self::Answered { .. } => "answered",
            Self::ListsOurSocket { .. } => "lists-our-socket",
            Self::NeedsToken { .. } => "needs-token",
            Self::SignedIn { .. } => "signed-in",
            Self::TokenBy { .. } => "token-by",
            Self::ListsUs { .. } => "lists-us",
            Self::OnlyBy { .. } => "only-by",
        }
    }
}

/// Why no dialect was found.
#[derive(Debug, thiserror::Error)]
pub enum DetectError {
    /// The server cannot be reached, cannot be trusted, sends us elsewhere, or fails.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A web server answers, and no Socket.IO.
    #[error("there is no Socket.IO (HTTP {status})")]
    NoSocketIo {
        /// The HTTP status of the answer in its place.
        status: u16,
    },
    /// The server speaks Engine.IO 3, that is Socket.IO 2 or older.
    #[error("the server speaks Socket.IO 2, which is too old")]
    OldEngine,
    /// Only who has an account can find out more.
    #[error("an account is needed")]
    CredentialsNeeded {
        /// What it may be, the likeliest first.
        profiles: Vec<Arc<Profile>>,
    },
    /// The dialect is known, and the server does not accept the credentials.
    #[error("refused: {message}")]
    Refused {
        /// The dialect.
        profile: Arc<Profile>,
        /// The server's words, made fit to be shown; may be empty.
        message: String,
    },
    /// The sign-in worked, and the socket accepts the token in none of the places that are known.
    #[error("the socket was refused: {message}")]
    SocketRefused {
        /// The dialect of the sign-in.
        profile: Arc<Profile>,
        /// The server's words, made fit to be shown; may be empty.
        message: String,
    },
    /// It is Socket.IO, and no candidate fits.
    #[error("it speaks Socket.IO, and in no way that is known")]
    Unknown {
        /// The events that came, each with a sample of its arguments as JSON, cut to some length. All of it is as the
        /// server sent it.
        heard: Vec<(String, String)>,
        /// The session and the dialect of the sign-in, where that worked.
        session: Option<Box<Found>>,
    },
}

impl DetectError {
    /// A name for it that stays the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Session(SessionError::Unreachable) => "unreachable",
            Self::Session(SessionError::Timeout) => "timeout",
            Self::Session(SessionError::Untrusted) => "untrusted",
            Self::Session(SessionError::Redirected { .. }) => "redirected",
            Self::Session(SessionError::ServerFailed { .. }) => "server-failed",
            Self::Session(_) => "not-compatible",
            Self::NoSocketIo { .. } => "no-socket-io",
            Self::OldEngine => "old-engine",
            Self::CredentialsNeeded { .. } => "credentials-needed",
            Self::Refused { .. } => "refused",
            Self::SocketRefused { .. } => "socket-refused",
            Self::Unknown { .. } => "unknown",
        }
    }
}

impl Detector {
    /// With these, and with an HTTP client of its own; servers are asked to answer in `language`, an ISO 639 code.
    ///
    /// # Errors
    /// The TLS library cannot start.
    pub fn new(
        sessions: Arc<dyn Sessions>,
        connector: Arc<dyn Connector>,
        language: &'static str,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self { sessions, connector, handshakes: Arc::new(HttpHandshakes::new(language)?) })
    }

    /// Finds out which of the candidates the server speaks. `steps` is told what is being done. Takes about two
    /// seconds and at most some fifteen with a server that answers, and ends at once when it is dropped.
    ///
    /// Whether the connection is safe enough for a password is for the caller to decide, before.
    ///
    /// # Errors
    /// What was found instead. Of [`DetectError::Unknown`] and [`DetectError::CredentialsNeeded`] more can be made.
    pub async fn detect(
        &self,
        server: &ServerUrl,
        who: Option<&Credentials>,
        candidates: &[Arc<Profile>],
        mut steps: impl FnMut(Step) + Send,
    ) -> Result<Found, DetectError> {
        search::Search::new(self, server, who, &mut steps).run(candidates).await
    }
}

#[cfg(test)]
mod tests;
