//! The Socket.IO side: who may connect, and what a socket may say.

use std::{
    fmt, process,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::{Map, Value, json};
use socketioxide::{
    ParserConfig, SocketIo,
    extract::{AckSender, SocketRef, TryData},
    handler::ConnectHandler as _,
    layer::SocketIoLayer,
};

use crate::{
    clock::Clock,
    config::Config,
    fan_out::{self, FanOut},
    http::{header_language, header_token},
    messages::{Language, Phrase},
    presence::SocketId,
    register::Register,
    store::StoredSession,
    token::{self, Token},
};

/// Most bytes of one message, one request or one frame from a client.
const MESSAGE_BYTES: usize = 64 * 1024;
/// Most bytes of an announcement, as JSON: it goes to everybody.
const ANNOUNCEMENT_BYTES: usize = 4 * 1024;
/// Most characters of an id that a client may give its announcement.
const ID_CHARS: usize = 64;
const ANNOUNCEMENT: &str = "enviar-mensaje";
/// Keys under which clients look for the sender: nobody may fill them in but the server.
const SENDER_KEYS: [&str; 12] = [
    "emisor", "nombre", "de", "uid", "_id", "email", "correo", "from", "user", "usuario", "sender",
    "userData",
];

/// The sockets, still without events: those need the register, which needs the sockets.
pub(crate) fn prepare(config: &Config) -> (SocketIoLayer, SocketIo) {
    let parser = ParserConfig::common()
        .max_incoming_binaries(1)
        .max_incoming_binary_buf_size(MESSAGE_BYTES)
        .packet_completion_timeout(Duration::from_secs(10));
    SocketIo::builder()
        .with_parser(parser)
        .ping_interval(config.ping_interval)
        .ping_timeout(config.ping_timeout)
        .connect_timeout(Duration::from_secs(5))
        .max_buffer_size(128)
        .max_payload(MESSAGE_BYTES as u64)
        .ws_max_message_size(MESSAGE_BYTES)
        .ws_max_frame_size(MESSAGE_BYTES)
        .build_layer()
}

/// What the sockets share.
struct Hall {
    register: Arc<Register>,
    fan_out: Arc<FanOut>,
    clock: Clock,
    open: bool,
    next_socket: AtomicU64,
}

/// What is known about one socket.
struct Seat {
    socket: SocketId,
    /// None: a listener of open mode.
    session: Option<StoredSession>,
    language: Language,
    /// Set before the socket is taken from the register, so that a late attach can tell.
    gone: AtomicBool,
}

/// Why a socket is refused; clients read it as the message of `connect_error`.
struct NotAdmitted(&'static str);

impl fmt::Display for NotAdmitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Gives the sockets their events.
pub(crate) fn serve(io: &SocketIo, register: Arc<Register>, fan_out: Arc<FanOut>, clock: Clock, open: bool) {
    let hall = Arc::new(Hall { register, fan_out, clock, open, next_socket: AtomicU64::new(0) });
    let door = Arc::clone(&hall);
    let admit = move |socket: SocketRef, TryData(auth): TryData<Value>| {
        let hall = Arc::clone(&door);
        async move { hall.admit(&socket, auth.ok().as_ref()).await }
    };
    let welcome = move |socket: SocketRef| {
        let hall = Arc::clone(&hall);
        async move { hall.welcome(&socket).await }
    };
    io.ns("/", welcome.with(admit));
}

impl Hall {
    /// Before CONNECT is answered: checks the token and sets up the events, so that none can be missed.
    async fn admit(self: &Arc<Self>, socket: &SocketRef, auth: Option<&Value>) -> Result<(), NotAdmitted> {
        let language = header_language(&socket.req_parts().headers);
        let refuse = |phrase: Phrase| NotAdmitted(phrase.text(language));
        let session = match presented_token(socket, auth) {
            None if self.open => None,
            None => return Err(refuse(Phrase::TokenMissing)),
            Some(token) => match self.register.session(&token).await {
                Ok(Some(session)) => Some(session),
                Ok(None) => return Err(refuse(Phrase::SignInAgain)),
                Err(error) => {
                    tracing::error!(%error, "a socket's token could not be checked");
                    return Err(refuse(Phrase::Failure));
                }
            },
        };
        let id = SocketId(self.next_socket.fetch_add(1, Ordering::Relaxed));
        let seat = Arc::new(Seat { socket: id, session, language, gone: AtomicBool::new(false) });
        socket.extensions.insert(Arc::clone(&seat));
        self.listen(socket, &seat);
        Ok(())
    }

    fn listen(self: &Arc<Self>, socket: &SocketRef, seat: &Arc<Seat>) {
        for spelling in ["user list", "userList"] {
            let hall = Arc::clone(self);
            socket.on(spelling, move |socket: SocketRef| {
                hall.fan_out.ask(socket.id);
                std::future::ready(())
            });
        }
        let (hall, speaker) = (Arc::clone(self), Arc::clone(seat));
        socket.on(
            ANNOUNCEMENT,
            move |socket: SocketRef, TryData(data): TryData<Value>, ack: AckSender| async move {
                hall.announce(&socket, &speaker, data.ok(), ack).await;
            },
        );
        let (hall, seat) = (Arc::clone(self), Arc::clone(seat));
        socket.on_disconnect(move |_: SocketRef| async move {
            seat.gone.store(true, Ordering::SeqCst);
            hall.leave(&seat).await;
        });
    }

    /// After CONNECT was answered: the socket counts from here on.
    async fn welcome(&self, socket: &SocketRef) {
        let Some(seat) = socket.extensions.get::<Arc<Seat>>() else { return };
        if let Some(session) = &seat.session {
            socket.join(fan_out::room(session.id));
            self.register.attach(session, seat.socket).await;
            // It may have gone while it came in; then its own farewell found nothing to take away.
            if seat.gone.load(Ordering::SeqCst) {
                self.leave(&seat).await;
            }
        }
        let greeting = json!({
            "emisor": Phrase::ServerName.text(seat.language),
            "mensaje": Phrase::Greeting.text(seat.language),
        });
        if let Err(error) = socket.emit("saludo", &greeting) {
            tracing::debug!(%error, "a greeting could not be sent");
        }
    }

    async fn leave(&self, seat: &Seat) {
        if let Some(session) = &seat.session {
            self.register.detach(session.id, seat.socket).await;
        }
    }

    /// Passes an announcement on to all others and tells the sender that the server has it.
    async fn announce(&self, socket: &SocketRef, seat: &Seat, data: Option<Value>, ack: AckSender) {
        let reply = match self.announcement(seat, data).await {
            Ok((announcement, receipt)) => {
                if let Err(error) = socket.broadcast().emit(ANNOUNCEMENT, &announcement).await {
                    // Some socket is too slow or gone; the others have it.
                    tracing::debug!(%error, "an announcement did not reach everybody");
                }
                receipt
            }
            Err(phrase) => json!({ "success": false, "message": phrase.text(seat.language) }),
        };
        if let Err(error) = ack.send(&reply) {
            tracing::debug!(%error, "a receipt could not be sent");
        }
    }

    /// The announcement as others get it, and its receipt.
    async fn announcement(&self, seat: &Seat, data: Option<Value>) -> Result<(Value, Value), Phrase> {
        let (sender, uid) = match &seat.session {
            Some(session) if self.register.is_signed_in(session.id).await => {
                (session.account.display_name(), Some(&session.account.id))
            }
            Some(_) => return Err(Phrase::MessageNotAllowed),
            None => (Phrase::SomebodyUnnamed.text(seat.language).to_owned(), None),
        };
        let mut object = match data {
            Some(Value::Object(object)) => object,
            Some(Value::String(text)) => Map::from_iter([("mensaje".to_owned(), Value::String(text))]),
            _ => return Err(Phrase::MessageUnreadable),
        };
        if serde_json::to_string(&object).map_or(true, |text| text.len() > ANNOUNCEMENT_BYTES) {
            return Err(Phrase::MessageTooLarge);
        }
        let id = object.get("id").filter(|id| is_id(id)).cloned();
        let id = id.unwrap_or_else(|| Value::String(token::new_id().to_string()));
        let date = self.clock.timestamp();
        object.retain(|key, _| !SENDER_KEYS.contains(&key.as_str()));
        object.insert("id".to_owned(), id.clone());
        object.insert("date".to_owned(), Value::String(date.clone()));
        object.insert("emisor".to_owned(), Value::String(sender));
        if let Some(uid) = uid {
            object.insert("uid".to_owned(), Value::String(uid.to_string()));
        }
        let receipt = json!({ "id": id, "processID": process::id(), "date": date });
        Ok((Value::Object(object), receipt))
    }
}

/// Whether a client's id for its announcement is fit to be repeated.
fn is_id(id: &Value) -> bool {
    match id {
        Value::String(text) => !text.is_empty() && text.chars().count() <= ID_CHARS,
        Value::Number(_) => true,
        _ => false,
    }
}

/// The token of a handshake: the CONNECT payload, a header, or the query, whichever is first there.
fn presented_token(socket: &SocketRef, auth: Option<&Value>) -> Option<Token> {
    let parts = socket.req_parts();
    let payload = || auth?.get("token")?.as_str().and_then(Token::presented);
    // Our tokens are plain hex, so nothing in the query needs decoding.
    let query = || {
        let pairs = parts.uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == "token").find_map(|(_, value)| Token::presented(value))
    };
    payload().or_else(|| header_token(&parts.headers)).or_else(query)
}
