//! The words in which a test says what a server is to be like.

/// What a server speaks. Which events and routes that is stands at the top of each script in `tests/servers`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `usersConected`, asked for by `user list`; presence is a record that sign-in and sign-out change.
    Reference,
    /// Presence is the connection; the list goes to all on every change.
    UsuariosActivos,
    /// Nobody signs in; one list, then increments.
    Nickname,
    /// Like no other: a list deep inside, and noise. Nobody signs in.
    Invented,
    /// One with a documentation of its own: presence by word, a list on request, increments.
    Friendly,
    /// No presence at all: a site without Socket.IO.
    Mute,
    /// No presence for us: Socket.IO 2, which speaks Engine.IO 3.
    Ancient,
}

impl Dialect {
    pub(super) fn script(self) -> &'static str {
        match self {
            Self::Reference => "reference.mjs",
            Self::UsuariosActivos => "usuarios-activos.mjs",
            Self::Nickname => "nickname.mjs",
            Self::Invented => "invented.mjs",
            Self::Friendly => "friendly.mjs",
            Self::Mute | Self::Ancient => "mute.mjs",
        }
    }

    pub(super) fn arguments(self) -> &'static [&'static str] {
        if self == Self::Ancient { &["--socketio=2"] } else { &[] }
    }

    /// For messages, and for the field client.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::UsuariosActivos => "usuarios-activos",
            Self::Nickname => "nickname",
            Self::Invented => "invented",
            Self::Friendly => "friendly",
            Self::Mute => "mute",
            Self::Ancient => "ancient",
        }
    }

    /// Whether one signs in there.
    pub(crate) fn has_accounts(self) -> bool {
        matches!(self, Self::Reference | Self::UsuariosActivos | Self::Friendly)
    }
}

/// Where a socket shows its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenPlace {
    /// Nowhere.
    None,
    /// The payload of CONNECT: `{"token"}`.
    Auth,
    /// The header `x-token` of the handshake.
    XToken,
    /// The header `Authorization: Bearer` of the handshake.
    Bearer,
    /// The query of the handshake: `?token=`.
    Query,
}

impl TokenPlace {
    /// All places where a token may be.
    pub const ALL: [Self; 4] = [Self::Auth, Self::XToken, Self::Bearer, Self::Query];

    pub(crate) fn flag(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Auth => "auth",
            Self::XToken => "x-token",
            Self::Bearer => "authorization",
            Self::Query => "query",
        }
    }
}

/// How a socket without a good token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// CONNECT is answered by CONNECT_ERROR with a message.
    ConnectError,
    /// It is let in, and disconnected at once.
    Disconnect,
}

impl Refusal {
    pub(super) fn flag(self) -> &'static str {
        match self {
            Self::ConnectError => "error",
            Self::Disconnect => "disconnect",
        }
    }
}

/// A release of Socket.IO that speaks Engine.IO 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketIo {
    /// 3.1
    Three,
    /// 4.8
    Four,
}

impl SocketIo {
    pub(super) fn flag(self) -> &'static str {
        match self {
            Self::Three => "3",
            Self::Four => "4",
        }
    }
}
