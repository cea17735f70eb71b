//! The Socket.IO side: who may connect, and what a socket may say.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use presente_wire::{Answer, Capability, OFFER, Offer, Position, SetPresence, View, event};
use serde_json::{Value, json};
use socketioxide::{
    ParserConfig, SocketIo,
    extract::{AckSender, SocketRef, TryData},
    handler::ConnectHandler as _,
    layer::SocketIoLayer,
    socket::DisconnectReason,
};

use crate::{
    announcement::{self, Sender},
    board::Board,
    clock::Clock,
    config::Config,
    fan_out::{Asked, FanOut, Kind, Welcome, answer},
    fields,
    http::{header_language, header_token},
    limits::{Asking, HouseRules, SocketBudget, Verdict},
    messages::{Language, Phrase},
    metrics::Refused,
    presence::{Farewell, SocketId},
    protocol_suite,
    register::Register,
    store::StoredSession,
    token::Token,
};

/// Most bytes of one message, one request or one frame from a client.
const MESSAGE_BYTES: usize = 64 * 1024;

/// The sockets, still without events: those need the register, which needs the sockets.
pub(crate) fn prepare(config: &Config) -> (SocketIoLayer, SocketIo) {
    let (message_bytes, attachments) = match config.protocol_suite {
        true => (protocol_suite::MESSAGE_BYTES, protocol_suite::ATTACHMENTS),
        false => (MESSAGE_BYTES, 1),
    };
    let parser = ParserConfig::common()
        .max_incoming_binaries(attachments)
        .max_incoming_binary_buf_size(message_bytes)
        .packet_completion_timeout(Duration::from_secs(10));
    SocketIo::builder()
        .with_parser(parser)
        .ping_interval(config.ping_interval)
        .ping_timeout(config.ping_timeout)
        .connect_timeout(Duration::from_secs(5))
        .max_buffer_size(128)
        .max_payload(message_bytes as u64)
        .ws_max_message_size(message_bytes)
        .ws_max_frame_size(message_bytes)
        .build_layer()
}

/// What the sockets share.
pub(crate) struct Hall {
    pub(crate) register: Arc<Register>,
    pub(crate) fan_out: Arc<FanOut>,
    pub(crate) board: Arc<Board>,
    pub(crate) rules: HouseRules,
    pub(crate) clock: Clock,
    pub(crate) open: bool,
    /// The message of the day; `None` says the server's own.
    pub(crate) greeting: Option<String>,
    pub(crate) next_socket: AtomicU64,
}

/// What is known about one socket.
struct Seat {
    socket: SocketId,
    /// None: a listener of open mode.
    session: Option<StoredSession>,
    language: Language,
    kind: Kind,
    budget: Mutex<SocketBudget>,
    /// Set before the socket is taken from the register, so that a late attach can tell.
    gone: AtomicBool,
}

impl Seat {
    fn budget(&self) -> MutexGuard<'_, SocketBudget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the socket may have the list; `false` when an answer is on its way already.
    async fn waits_for_list(&self) -> bool {
        let asking = self.budget().list(Instant::now());
        match asking {
            Asking::Now => true,
            Asking::Later(wait) => {
                tokio::time::sleep(wait).await;
                true
            }
            Asking::OnItsWay => false,
        }
    }

    /// Why something is not done, as the socket is told.
    fn refusal(&self, phrase: Phrase) -> Value {
        json!({ "success": false, "message": phrase.text(self.language) })
    }
}

/// Why a socket is refused; clients read it as the message of `connect_error`.
struct NotAdmitted(&'static str);

impl fmt::Display for NotAdmitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Gives the sockets their events.
pub(crate) fn serve(io: &SocketIo, hall: Hall) {
    let hall = Arc::new(hall);
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
        if !self.rules.admit(socket.req_parts(), Instant::now()) {
            return Err(NotAdmitted(Phrase::TooManyEvents.text(language)));
        }
        let refuse = |phrase: Phrase| {
            self.rules.refused(Refused::Token);
            NotAdmitted(phrase.text(language))
        };
        let session = match presented_token(socket, auth) {
            None if self.open => None,
            None => return Err(refuse(Phrase::TokenMissing)),
            Some(token) => match self.register.session(&token).await {
                Ok(Some(session)) => Some(session),
                Ok(None) => return Err(refuse(Phrase::SignInAgain)),
                Err(error) => {
                    tracing::error!(%error, "a socket's token could not be checked");
                    return Err(NotAdmitted(Phrase::Failure.text(language)));
                }
            },
        };
        let seat = Arc::new(Seat {
            socket: SocketId(self.next_socket.fetch_add(1, Ordering::Relaxed)),
            session,
            language,
            kind: wanted(auth),
            budget: Mutex::default(),
            gone: AtomicBool::new(false),
        });
        socket.extensions.insert(Arc::clone(&seat));
        self.listen(socket, &seat);
        Ok(())
    }

    fn listen(self: &Arc<Self>, socket: &SocketRef, seat: &Arc<Seat>) {
        for spelling in ["user list", "userList"] {
            let (hall, seat) = (Arc::clone(self), Arc::clone(seat));
            socket.on(spelling, move |socket: SocketRef| async move { hall.list(&socket, &seat).await });
        }
        let (hall, speaker) = (Arc::clone(self), Arc::clone(seat));
        socket.on(
            announcement::EVENT,
            move |socket: SocketRef, TryData(data): TryData<rmpv::Value>, ack: AckSender| async move {
                let reply = hall.announce(&socket, &speaker, data.ok()).await;
                answer(ack, &reply);
            },
        );
        let (hall, follower) = (Arc::clone(self), Arc::clone(seat));
        socket.on(
            event::FETCH,
            move |socket: SocketRef, TryData(from): TryData<Option<Position>>, ack: AckSender| async move {
                if let Some(list) = hall.fetch(&socket, &follower, from.ok().flatten()).await {
                    answer(ack, &list);
                }
            },
        );
        let (hall, person) = (Arc::clone(self), Arc::clone(seat));
        socket.on(
            event::SET,
            move |socket: SocketRef, TryData(wish): TryData<SetPresence>, ack: AckSender| async move {
                let reply = hall.set(&socket, &person, wish.ok()).await;
                answer(ack, &reply);
            },
        );
        let (hall, viewer) = (Arc::clone(self), Arc::clone(seat));
        socket.on(event::VIEW, move |socket: SocketRef, TryData(view): TryData<View>, ack: AckSender| {
            hall.view(&socket, &viewer, view.ok(), ack);
            std::future::ready(())
        });
        let (hall, other) = (Arc::clone(self), Arc::clone(seat));
        socket.on_fallback(move |socket: SocketRef, ack: AckSender| {
            // What nobody listens for is not answered, but it counts.
            if hall.hear(&socket, &other) == Verdict::Refuse {
                answer(ack, &other.refusal(Phrase::TooManyEvents));
            }
            std::future::ready(())
        });
        let (hall, seat) = (Arc::clone(self), Arc::clone(seat));
        socket.on_disconnect(move |_: SocketRef, reason: DisconnectReason| {
            seat.gone.store(true, Ordering::SeqCst);
            hall.leave(&seat, reason);
            std::future::ready(())
        });
    }

    /// After CONNECT was answered: the socket counts from here on.
    async fn welcome(&self, socket: &SocketRef) {
        let Some(seat) = socket.extensions.get::<Arc<Seat>>() else { return };
        self.fan_out.enter(seat.socket, socket.id, seat.kind);
        let me = match &seat.session {
            Some(session) => self.register.attach(session, seat.socket).await,
            None => None,
        };
        let words = self.greeting.as_deref().unwrap_or_else(|| Phrase::Greeting.text(seat.language));
        let greeting = json!({ "emisor": Phrase::ServerName.text(seat.language), "mensaje": words });
        self.fan_out.welcome(seat.socket, Welcome { me, greeting });
        // It may have gone while it came in; then its own farewell found nothing to take away.
        if seat.gone.load(Ordering::SeqCst) {
            self.leave(&seat, DisconnectReason::TransportClose);
        }
    }

    fn leave(&self, seat: &Seat, reason: DisconnectReason) {
        self.fan_out.gone(seat.socket);
        if let Some(session) = &seat.session {
            let farewell = match reason {
                DisconnectReason::HeartbeatTimeout => Farewell::Silent,
                _ => Farewell::Closed,
            };
            self.register.detach(session.id, seat.socket, farewell);
        }
    }

    /// Counts an event of a socket. Who goes on however often it is refused is closed.
    fn hear(&self, socket: &SocketRef, seat: &Seat) -> Verdict {
        let verdict = seat.budget().event(Instant::now());
        match verdict {
            Verdict::Pass => {}
            Verdict::Refuse => self.rules.refused(Refused::Events),
            Verdict::Close => {
                self.rules.refused(Refused::Flood);
                if let Err(error) = socket.clone().disconnect() {
                    tracing::debug!(%error, "a socket could not be closed");
                }
            }
        }
        verdict
    }

    /// The list is asked for. Who hears changes has it already.
    async fn list(&self, socket: &SocketRef, seat: &Seat) {
        if self.hear(socket, seat) == Verdict::Close || seat.kind != Kind::Plain {
            return;
        }
        if seat.waits_for_list().await {
            self.fan_out.ask(socket.id);
        }
    }

    /// The list, or what is missing of it since a position, by the socket.
    async fn fetch(&self, socket: &SocketRef, seat: &Seat, from: Option<Position>) -> Option<Answer> {
        if self.hear(socket, seat) != Verdict::Pass || !seat.waits_for_list().await {
            return None;
        }
        let lists = self.board.lists();
        let missing = from.and_then(|position| lists.journal.since(position));
        Some(missing.map_or_else(|| Answer::Snapshot(lists.journal.snapshot()), Answer::Delta))
    }

    /// Says how somebody is to be seen.
    async fn set(&self, socket: &SocketRef, seat: &Seat, wish: Option<SetPresence>) -> Value {
        let refuse = |phrase| seat.refusal(phrase);
        if self.hear(socket, seat) != Verdict::Pass {
            return refuse(Phrase::TooManyEvents);
        }
        let Some(session) = &seat.session else { return refuse(Phrase::MessageNotAllowed) };
        let Some(wish) = wish.and_then(cleaned) else { return refuse(Phrase::BadPresence) };
        match self.register.set(session, seat.socket, &wish).await {
            Ok(Some(me)) => json!({ "success": true, "me": me }),
            Ok(None) => refuse(Phrase::MessageNotAllowed),
            Err(error) => {
                tracing::error!(%error, "how somebody is to be seen could not be stored");
                refuse(Phrase::Failure)
            }
        }
    }

    /// Says what somebody wants to see of a very large list. The fan-out answers, in the order of what it tells.
    fn view(&self, socket: &SocketRef, seat: &Seat, view: Option<View>, ack: AckSender) {
        if self.hear(socket, seat) != Verdict::Pass {
            return answer(ack, &seat.refusal(Phrase::TooManyEvents));
        }
        let refusal = seat.refusal(Phrase::BadView);
        match view.filter(|view| view.is_allowed() && matches!(seat.kind, Kind::Windows(_))) {
            Some(view) => self.fan_out.view(seat.socket, Asked { view, ack, refusal }),
            None => answer(ack, &refusal),
        }
    }

    /// Passes an announcement on to all others; the reply tells the sender that the server has it.
    async fn announce(&self, socket: &SocketRef, seat: &Seat, data: Option<rmpv::Value>) -> Value {
        let refuse = |phrase| seat.refusal(phrase);
        if self.hear(socket, seat) != Verdict::Pass {
            return refuse(Phrase::TooManyEvents);
        }
        let (sender, speaker) = match &seat.session {
            Some(session) if self.register.is_signed_in(session.id) => {
                (Sender::Person(&session.account), Some(&session.account.id))
            }
            Some(_) => return refuse(Phrase::MessageNotAllowed),
            None => (Sender::Nameless(Phrase::SomebodyUnnamed.text(seat.language)), None),
        };
        if !self.rules.may_speak(speaker, socket.req_parts(), Instant::now()) {
            return refuse(Phrase::TooManyAnnouncements);
        }
        let composed = data
            .ok_or(Phrase::MessageUnreadable)
            .and_then(|data| announcement::compose(data, &sender, &self.clock.timestamp()));
        let (sent, receipt) = match composed {
            Ok(composed) => composed,
            Err(phrase) => return refuse(phrase),
        };
        self.register.emit_elsewhere(announcement::EVENT, sent.clone());
        self.fan_out.broadcast(announcement::EVENT, &sent, Some(socket)).await;
        receipt
    }
}

/// The wish with a line that is fit to be shown; `None` when it is too long.
fn cleaned(wish: SetPresence) -> Option<SetPresence> {
    let t = match wish.t {
        Some(line) => Some(fields::clean_name(&line)?),
        None => None,
    };
    Some(SetPresence { t, ..wish })
}

/// What the client wants to hear: changes or, where there are very many people, what it asks to see, if it offers to.
fn wanted(auth: Option<&Value>) -> Kind {
    let offer = auth.and_then(|auth| auth.get(OFFER)).cloned();
    match offer.and_then(|offer| serde_json::from_value::<Offer>(offer).ok()) {
        Some(offer) if offer.v >= 1 && offer.caps.contains(&Capability::Delta) => {
            match offer.caps.contains(&Capability::View) {
                true => Kind::Windows(offer.resume),
                false => Kind::Changes(offer.resume),
            }
        }
        _ => Kind::Plain,
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
