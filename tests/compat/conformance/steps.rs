//! What every client does, in words.

/// What is done, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Auth,
    XToken,
    Bearer,
    Query,
    Without,
    Lists,
    Hears,
    Says,
    NewAccount,
    Picture,
    Heartbeat,
    Limit,
    Returns,
    SignsOut,
    Ended,
}

impl Step {
    pub(super) const ALL: [Self; 15] = [
        Self::Auth,
        Self::XToken,
        Self::Bearer,
        Self::Query,
        Self::Without,
        Self::Lists,
        Self::Hears,
        Self::Says,
        Self::NewAccount,
        Self::Picture,
        Self::Heartbeat,
        Self::Limit,
        Self::Returns,
        Self::SignsOut,
        Self::Ended,
    ];

    pub(super) fn heading(self) -> &'static str {
        match self {
            Self::Auth => "`auth`",
            Self::XToken => "`x-token`",
            Self::Bearer => "`Bearer`",
            Self::Query => "query",
            Self::Without => "without",
            Self::Lists => "lists",
            Self::Hears => "hears",
            Self::Says => "says",
            Self::NewAccount => "new account",
            Self::Picture => "picture",
            Self::Heartbeat => "heartbeat",
            Self::Limit => "limit",
            Self::Returns => "returns",
            Self::SignsOut => "signs out",
            Self::Ended => "ended",
        }
    }

    /// Whether the next steps need what this one has brought about.
    pub(super) fn is_needed(self) -> bool {
        !matches!(self, Self::NewAccount | Self::Picture)
    }

    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Auth => {
                "signed up and in over HTTP, a wrong password refused in words; the token in the payload of CONNECT \
                 lets the socket in and has its user listed"
            }
            Self::XToken => "the same with the token in the header `x-token`",
            Self::Bearer => "the same in the header `Authorization`",
            Self::Query => "the same in the query",
            Self::Without => {
                "a wrong token is refused in the server's words; so is none at all, but with `--open`: then one listens"
            }
            Self::Lists => "is greeted (`saludo`), asks by `user list` and is answered by `usersConected`",
            Self::Hears => {
                "somebody who comes is in the next list, unasked; who signs out is not in the one after that"
            }
            Self::Says => {
                "`enviar-mensaje` is acknowledged and reaches the others with the name of who is signed in, \
                 whatever name was written in it; one of the others' arrives"
            }
            Self::NewAccount => "somebody signs up: the record arrives at once, without anything secret",
            Self::Picture => "`enviar-mensaje` with a buffer as large as may be arrives intact, both ways",
            Self::Heartbeat => "is still connected after two heartbeats",
            Self::Limit => {
                "a message of more than 64 KiB ends the connection; it is connected anew, and the server lives"
            }
            Self::Returns => {
                "the server is killed and started again: connected, and listed, without a sign-in"
            }
            Self::SignsOut => {
                "signs out this device: gone from the list, its socket goes on listening \
                 (with `--open` without a token, as the field does it)"
            }
            Self::Ended => {
                "signs out everywhere: the socket is closed by the server, and the token is good no more"
            }
        }
    }
}
