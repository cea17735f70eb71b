//! Which servers are tried: every dialect as most of its servers are, and in whatever it is seen otherwise.

use super::{
    driver::{ana, beto},
    peer::Called,
};
use presente_core::profile::{Body, Profile, Template};
use presente_tests::node::{
    Dialect, DialectServer, DialectServerBuilder, FieldClient, FieldClientBuilder, Refusal, SocketIo,
    TokenPlace, Transport,
};
use serde_json::json;

/// What an operator hands out where nobody signs in.
const HANDED_OUT: &str = "handed-out";
const PATH: &str = "/live/";
const NAMESPACE: &str = "/people";
/// What profiles of one's own are called here.
const OWN: &str = "ours";

/// A server, and what a client has to know of it.
#[derive(Clone)]
pub(super) struct Variant {
    pub(super) dialect: Dialect,
    pub(super) kind: Kind,
    /// In which it is unlike most.
    pub(super) words: String,
    /// What we are called there; a guest is called nothing.
    pub(super) us: Called,
    /// A profile of one's own that is there besides the presets.
    pub(super) own: Option<Profile>,
    peer: Vec<Trait>,
}

#[derive(Clone)]
pub(super) enum Kind {
    Field(DialectServerBuilder),
    Ours { open: bool },
}

/// How one goes and comes back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ways {
    /// By signing out and in; the socket stays.
    Session,
    /// The same, with a new socket for the new session.
    SessionAndSocket,
    /// By closing and opening the socket.
    Socket,
}

/// In what the other client has to be otherwise.
#[derive(Clone, Copy)]
enum Trait {
    Shows(TokenPlace),
    By(Transport),
    Asks(&'static str),
    GoesElsewhere,
    IsGivenToken,
}

impl Variant {
    fn of(dialect: Dialect, words: &str) -> Self {
        let kind = Kind::Field(DialectServer::builder(dialect).users(&[ana(), beto()]));
        let us = Some(if dialect == Dialect::Nickname { "Ana" } else { "Ana Ríos" });
        // Rows have the name in two fields.
        let us = us.map(|us| if dialect == Dialect::Reference { "Ana" } else { us });
        Self { dialect, kind, words: words.to_owned(), us, own: None, peer: Vec::new() }
    }

    /// A dialect that no preset knows; the profile was written from the guide and the server's own description alone.
    fn friendly() -> Self {
        let own = Profile::from_toml(include_str!("../friendly.toml")).unwrap();
        Self {
            own: Some(own),
            ..Self::of(Dialect::Friendly, "by a profile written from [the guide](PROFILES.md)")
        }
    }

    fn ours(open: bool, words: &str) -> Self {
        Self { kind: Kind::Ours { open }, ..Self::of(Dialect::Reference, words) }
            .peer(Trait::Shows(TokenPlace::Auth))
    }

    fn server(mut self, change: impl FnOnce(DialectServerBuilder) -> DialectServerBuilder) -> Self {
        if let Kind::Field(builder) = self.kind {
            self.kind = Kind::Field(change(builder));
        }
        self
    }

    fn switch(self, name: &str) -> Self {
        self.server(|server| server.switch(name))
    }

    fn flag(self, name: &str, value: &str) -> Self {
        self.server(|server| server.flag(name, value))
    }

    fn peer(mut self, by: Trait) -> Self {
        self.peer.push(by);
        self
    }

    fn token(self, place: TokenPlace, refusal: Refusal) -> Self {
        self.server(|server| server.token(place).refuse(refusal)).peer(Trait::Shows(place))
    }

    fn only(self, transport: &str) -> Self {
        let by = if transport == "polling" { Transport::Polling } else { Transport::WebSocket };
        self.server(|server| server.transports(transport)).peer(Trait::By(by))
    }

    fn on_socket_io_3(self) -> Self {
        self.server(|server| server.socket_io(SocketIo::Three))
    }

    /// Somewhere that only a profile of one's own can tell.
    fn elsewhere(mut self) -> Self {
        let mut own = Profile::preset(self.profile()).unwrap();
        (own.name, own.socket.path, own.socket.namespace) =
            (OWN.to_owned(), PATH.to_owned(), NAMESPACE.to_owned());
        self.own = Some(own);
        self.server(|server| server.path(PATH).namespace(NAMESPACE)).peer(Trait::GoesElsewhere)
    }

    /// With a token that a profile of one's own has.
    fn handed_out(mut self, place: TokenPlace) -> Self {
        let mut own = Profile::preset(self.profile()).unwrap();
        OWN.clone_into(&mut own.name);
        let text = |text: &str| Template::try_from(text.to_owned()).unwrap();
        let bearer = format!("Bearer {HANDED_OUT}");
        let socket = &mut own.socket;
        match place {
            TokenPlace::None => {}
            TokenPlace::Auth => socket.auth = Some(Body::try_from(json!({ "token": HANDED_OUT })).unwrap()),
            TokenPlace::XToken => drop(socket.headers.insert("x-token".to_owned(), text(HANDED_OUT))),
            TokenPlace::Bearer => drop(socket.headers.insert("Authorization".to_owned(), text(&bearer))),
            TokenPlace::Query => drop(socket.query.insert("token".to_owned(), text(HANDED_OUT))),
        }
        self.own = Some(own);
        self.server(|server| server.accept_token(HANDED_OUT)).peer(Trait::IsGivenToken)
    }

    /// How the other goes and comes back.
    pub(super) fn ways(&self) -> Ways {
        match (&self.kind, self.dialect) {
            (Kind::Ours { open: true }, _) => Ways::SessionAndSocket,
            (Kind::Field(_), Dialect::Reference) => Ways::Session,
            // Ours signs nobody out without a token, which an unmodified client does not show there.
            _ => Ways::Socket,
        }
    }

    /// The profile that it is to be found to speak.
    pub(super) fn profile(&self) -> &str {
        match (&self.own, self.dialect) {
            (Some(own), _) => &own.name,
            (None, Dialect::Reference) => "usersconected",
            (None, Dialect::UsuariosActivos) => "usuarios-activos",
            (None, _) => "nickname",
        }
    }

    /// The client at the other end.
    pub(super) fn client(&self, url: &str) -> FieldClientBuilder {
        let user = beto();
        let has_accounts = self.dialect != Dialect::Nickname;
        let client = FieldClient::of(self.dialect, url, has_accounts.then_some(&user));
        self.peer.iter().fold(client, |client, by| match by {
            Trait::Shows(place) => client.token_in(*place),
            Trait::By(transport) => client.first_transport(*transport),
            Trait::Asks(event) => client.request_event(event),
            Trait::GoesElsewhere => client.path(PATH).namespace(NAMESPACE),
            Trait::IsGivenToken => client.own_token(HANDED_OUT),
        })
    }
}

/// All of them, in the order of the table.
pub(super) fn variants() -> Vec<Variant> {
    let mut all = reference();
    all.extend(usuarios_activos());
    all.extend(nickname());
    all.push(Variant::friendly());
    all.push(Variant::ours(false, "as it is"));
    all.push(Variant::ours(true, "`--open`"));
    all
}

fn reference() -> Vec<Variant> {
    let of = |words: &str| Variant::of(Dialect::Reference, words);
    let mut all = vec![
        of("as most are"),
        of("the list is `{\"response\":[…]}`").flag("--shape", "response-array"),
        of("the list is `{\"user\":[…]}`").flag("--shape", "user-array"),
        of("the list is `[…]`").flag("--shape", "array"),
        of("the list is `[\"name\", …]`").flag("--shape", "names"),
        of("is asked by `userList`").flag("--event", "userList").peer(Trait::Asks("userList")),
        of("answers a sign-out by nothing").flag("--sign-out-answer", "empty"),
        of("ids are numbers").switch("--numeric-ids"),
        of("lists who is away too, `isConected: false`").switch("--offline-rows"),
        of("lists somebody twice").switch("--first-twice"),
        of("rows without `lastName` and `email`").switch("--sparse-rows"),
        of("rows with pictures in binary attachments").switch("--pictures"),
        of("all of these oddities together")
            .switch("--numeric-ids")
            .switch("--offline-rows")
            .switch("--first-twice")
            .switch("--pictures"),
    ];
    all.extend(restrictions(Dialect::Reference));
    all.push(of("another path and namespace, by a profile of one's own").elsewhere());
    all
}

fn usuarios_activos() -> Vec<Variant> {
    let of = |words: &str| Variant::of(Dialect::UsuariosActivos, words);
    let mut all = vec![of("as most are"), of("rows with pictures as `data:` URLs").switch("--pictures")];
    all.extend(restrictions(Dialect::UsuariosActivos));
    all.push(of("another path and namespace, by a profile of one's own").elsewhere());
    all
}

fn nickname() -> Vec<Variant> {
    let of = |words: &str| Variant::of(Dialect::Nickname, words);
    let guest = Variant { us: None, ..of("as most are, without a nickname") };
    let mut all = vec![of("as most are"), guest];
    all.extend(restrictions(Dialect::Nickname));
    all
}

/// What servers of every dialect may be particular about.
fn restrictions(dialect: Dialect) -> Vec<Variant> {
    let of = |words: &str| Variant::of(dialect, words);
    let mut all = Vec::new();
    for (place, place_words) in [
        (TokenPlace::Auth, "in the CONNECT payload"),
        (TokenPlace::XToken, "in the header `x-token`"),
        (TokenPlace::Bearer, "in the header `Authorization`"),
        (TokenPlace::Query, "in the query"),
    ] {
        for (refusal, refusal_words) in
            [(Refusal::ConnectError, "CONNECT_ERROR"), (Refusal::Disconnect, "disconnecting")]
        {
            let variant = of(&format!("token {place_words}, else refused by {refusal_words}"));
            let variant = variant.token(place, refusal);
            all.push(match dialect {
                Dialect::Nickname => {
                    let words = format!("{}; a profile of one's own has it", variant.words);
                    Variant { words, ..variant.handed_out(place) }
                }
                _ => variant,
            });
        }
    }
    all.push(of("polling only").only("polling"));
    all.push(of("WebSocket only").only("websocket"));
    all.push(of("Socket.IO 3").on_socket_io_3());
    all.push(of("Socket.IO 3, polling only").on_socket_io_3().only("polling"));
    all
}
