//! The register: every step of presence on this node, in one order, and what follows from it.
//!
//! A step is first written to the database, then taken by the presence machine, merged with what other nodes say,
//! put on the board and said to the other nodes. Steps of one person wait for each other, those of different people do
//! not; from the machine on everything happens under one lock, so that the board, the bus and the sockets see one order.

mod nodes;

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use presente_wire::{Me, OwnAvailability, SetPresence};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    board::Board,
    bus::Bus,
    clock::{self, Clock},
    cluster::{NodeId, Said},
    fan_out::FanOut,
    node::{Effects, End, Node, Now},
    presence::{Bounds, Entry, Farewell, Presence, Rule, SessionId, SocketId, Step, UserId},
    recorder::Recorder,
    store::{Account, Choices, Store, StoredSession},
    token::Token,
};

/// The event that tells of a new account.
const NEW_USER: &str = "new user";
/// How often sessions whose time is over are removed from the database.
const CLEANING: Duration = Duration::from_secs(3600);
/// How often the database is asked whether sessions were taken away by somebody else's hand.
const LOOKING: Duration = Duration::from_secs(2);
/// People whose steps wait for each other, at most: one lock for each would never be given back.
const TURNS: usize = 64;

/// How long things last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lives {
    /// Of a token that was just handed out.
    pub(crate) token: Duration,
    /// At most, of a token after its session has signed out.
    pub(crate) listen: Duration,
    /// Time that sessions have to show a socket after a start of the server.
    pub(crate) restart_grace: Duration,
}

/// What the register works with.
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) board: Arc<Board>,
    pub(crate) fan_out: Arc<FanOut>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) bus: Bus,
    pub(crate) id: NodeId,
    pub(crate) clock: Clock,
}

/// Everything that has one order.
struct State {
    node: Node,
    /// Whether writing down who is connected is on us.
    leads: bool,
}

/// Who is signed in, with which sockets.
pub(crate) struct Register {
    parts: Parts,
    lives: Lives,
    grace: Duration,
    state: Mutex<State>,
    turns: Vec<tokio::sync::Mutex<()>>,
    /// Tells the clock that the next deadline may be another one.
    deadline_moved: Notify,
}

impl Register {
    /// An empty register.
    pub(crate) fn new(parts: Parts, bounds: Bounds, lives: Lives) -> Self {
        let node = Node::new(parts.id.clone(), parts.bus.is_shared(), bounds, Instant::now());
        let turns = (0..TURNS).map(|_| tokio::sync::Mutex::default()).collect();
        let deadline_moved = Notify::new();
        Self {
            parts,
            lives,
            grace: bounds.grace,
            state: Mutex::new(State { node, leads: false }),
            turns,
            deadline_moved,
        }
    }

    /// Takes the sessions that were signed in when the server last stopped. Each has a moment to show a socket, so
    /// nobody is a ghost after a restart. Among several nodes they may be anywhere, and come by themselves.
    pub(crate) async fn restore(&self, open: bool) -> Result<(), sqlx::Error> {
        self.parts.store.remove_expired().await?;
        if self.parts.bus.is_shared() {
            return Ok(());
        }
        for session in self.parts.store.signed_in_sessions().await? {
            let rule = if open && !session.had_socket { Rule::UntilSignOut } else { Rule::Sockets };
            let entry = self.entry(&session);
            self.step(|presence, now| presence.sign_in(now, &entry, rule, self.lives.restart_grace));
        }
        Ok(())
    }

    /// Opens a session for an account and hands out its token.
    pub(crate) async fn sign_in(
        &self,
        account: &Account,
        choices: &Choices,
        rule: Rule,
    ) -> Result<Token, sqlx::Error> {
        let _turn = self.turn(&account.id).await;
        let token = Token::random();
        let expires = self.parts.clock.now() + self.lives.token;
        let (session, removed) = self.parts.store.create_session(&account.id, &token, expires).await?;
        self.end(&removed, End::Revoked);
        let entry = Entry {
            session,
            account: Arc::new(account.clone()),
            choices: choices.clone(),
            expires: Instant::now() + self.lives.token,
            signed_in: true,
        };
        self.step(|presence, now| presence.sign_in(now, &entry, rule, self.grace));
        Ok(token)
    }

    /// Signs a session in again, with its sockets and its token, for as long as a new one would live.
    pub(crate) async fn resume(&self, session: &StoredSession, rule: Rule) -> Result<(), sqlx::Error> {
        let _turn = self.turn(&session.account.id).await;
        let expires = self.parts.clock.now() + self.lives.token;
        let expires = self.parts.store.resume_session(session.id, expires).await?;
        let rule = if session.had_socket { Rule::Sockets } else { rule };
        let entry = Entry { expires: self.now().instant(expires), ..self.entry(session) };
        self.turn_node(|node, now, fx| {
            node.resume(session.id, expires, now, fx);
            let step = node.presence.sign_in(now.at, &entry, rule, self.grace);
            node.conclude(step, fx);
        });
        Ok(())
    }

    /// Lets the token of a session live as long as a new one would. Whether its person is here does not change.
    pub(crate) async fn renew(&self, session: &StoredSession) -> Result<(), sqlx::Error> {
        let _turn = self.turn(&session.account.id).await;
        let expires = self.parts.clock.now() + self.lives.token;
        let expires = self.parts.store.resume_session(session.id, expires).await?;
        self.turn_node(|node, now, fx| node.resume(session.id, expires, now, fx));
        Ok(())
    }

    /// Signs one session out: its device only listens from here on.
    pub(crate) async fn sign_out(&self, session: &StoredSession) -> Result<(), sqlx::Error> {
        let _turn = self.turn(&session.account.id).await;
        let until = self.parts.clock.now() + self.lives.listen;
        self.parts.store.sign_out_session(session.id, until).await?;
        self.end(&[session.id], End::SignedOut(until));
        Ok(())
    }

    /// Signs all sessions of a user out, as servers of the field do; their tokens may listen on.
    pub(crate) async fn sign_out_all(&self, user: &UserId) -> Result<(), sqlx::Error> {
        let _turn = self.turn(user).await;
        let until = self.parts.clock.now() + self.lives.listen;
        let sessions = self.parts.store.sign_out(user, until).await?;
        self.end(&sessions, End::SignedOut(until));
        Ok(())
    }

    /// Ends all sessions of a user, tokens and sockets and all.
    pub(crate) async fn sign_out_everywhere(&self, user: &UserId) -> Result<(), sqlx::Error> {
        let _turn = self.turn(user).await;
        let sessions = self.parts.store.sign_out_everywhere(user).await?;
        self.end(&sessions, End::Revoked);
        Ok(())
    }

    /// The session of a token, if the token is good.
    pub(crate) async fn session(&self, token: &Token) -> Result<Option<StoredSession>, sqlx::Error> {
        self.parts.store.session(token).await
    }

    /// When these people were last online, as timestamps; those who never were are left out.
    pub(crate) async fn last_online(
        &self,
        users: &[UserId],
    ) -> Result<BTreeMap<String, String>, sqlx::Error> {
        let last = self.parts.store.last_online(users).await?;
        Ok(last.into_iter().map(|(user, at)| (user.to_string(), clock::timestamp(at))).collect())
    }

    /// A socket has proved itself with the session's token; says how its person is seen, unless it only listens.
    pub(crate) async fn attach(&self, session: &StoredSession, socket: SocketId) -> Option<Me> {
        let _turn = self.turn(&session.account.id).await;
        if !session.had_socket
            && let Err(error) = self.parts.store.mark_socket(session.id).await
        {
            tracing::warn!(%error, "a session's first socket could not be noted");
        }
        let mut entry = self.entry(session);
        let user = &session.account.id;
        self.turn_node(|node, now, fx| {
            match node.ended(session.id) {
                // Its token was looked up before it was taken away.
                Some(End::Revoked) => {
                    fx.dismissed.push(socket);
                    return None;
                }
                Some(End::SignedOut(_)) => entry.signed_in = false,
                None => {}
            }
            let step = node.presence.attach(now.at, &entry, socket);
            node.conclude(step, fx);
            entry.signed_in.then(|| node.me(user))
        })
    }

    /// A socket of the session is gone.
    pub(crate) fn detach(&self, session: SessionId, socket: SocketId, farewell: Farewell) {
        self.step(|presence, now| presence.detach(now, session, socket, farewell));
    }

    /// A device says how its person is to be seen; `None` when it may not, because it only listens.
    pub(crate) async fn set(
        &self,
        session: &StoredSession,
        socket: SocketId,
        wish: &SetPresence,
    ) -> Result<Option<Me>, sqlx::Error> {
        let user = &session.account.id;
        let _turn = self.turn(user).await;
        let Some(before) = self.choices_of(session) else { return Ok(None) };
        let choices = Choices {
            invisible: wish.a.map_or(before.invisible, |a| a == OwnAvailability::Invisible),
            status_line: wish.t.clone().unwrap_or_else(|| before.status_line.clone()),
        };
        if choices != before {
            self.parts.store.set_choices(user, &choices).await?;
        }
        let me = self.turn_node(|node, now, fx| {
            if let Some(availability) = wish.a.and_then(OwnAvailability::shown) {
                let step = node.presence.set(now.at, session.id, socket, availability);
                node.conclude(step, fx);
            }
            if choices != before {
                node.choose(user, choices, now, fx);
            }
            node.me(user)
        });
        Ok(Some(me))
    }

    /// Whether the session is signed in, which speaking to others takes.
    pub(crate) fn is_signed_in(&self, session: SessionId) -> bool {
        self.state().node.presence.is_signed_in(session)
    }

    /// A new account exists: everybody hears of it the moment it is created.
    pub(crate) async fn announce_new(&self, account: &Account) {
        let payload = rmpv::Value::Map(vec![
            ("_id".into(), (&*account.id).into()),
            ("firstName".into(), account.first_name.as_str().into()),
            ("lastName".into(), account.last_name.as_str().into()),
            ("email".into(), account.email.as_str().into()),
            ("isConected".into(), false.into()),
        ]);
        self.emit_elsewhere(NEW_USER, payload.clone());
        self.parts.fan_out.broadcast(NEW_USER, &payload, None).await;
    }

    /// Has an event sent to everybody's sockets at the other nodes.
    pub(crate) fn emit_elsewhere(&self, event: &str, payload: rmpv::Value) {
        self.turn_node(|node, _, fx| node.say(Said::Emitted { event: event.to_owned(), payload }, fx));
    }

    /// Lets time pass for the machine until `stop` is cancelled.
    pub(crate) async fn run_clock(&self, stop: CancellationToken) {
        let mut cleaning = tokio::time::interval(CLEANING);
        loop {
            let deadline = self.state().node.presence.next_deadline();
            let due = async {
                match deadline {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.deadline_moved.notified() => {}
                () = due => self.step(|presence, now| presence.tick(now)),
                _ = cleaning.tick() => {
                    self.state().node.forget_ended(Instant::now());
                    if let Err(error) = self.parts.store.remove_expired().await {
                        tracing::warn!(%error, "old sessions could not be removed");
                    }
                }
            }
        }
    }

    /// One step of the machine, with all that follows.
    fn step(&self, step: impl FnOnce(&mut Presence, Instant) -> Step) {
        self.turn_node(|node, now, fx| {
            let step = step(&mut node.presence, now.at);
            node.conclude(step, fx);
        });
    }

    /// Sessions end, here and at all nodes.
    fn end(&self, sessions: &[SessionId], end: End) {
        self.turn_node(|node, now, fx| node.end(sessions, end, now, fx));
    }

    /// One turn of the node, and everything that it asks for, under the lock.
    fn turn_node<T>(&self, turn: impl FnOnce(&mut Node, Now, &mut Effects) -> T) -> T {
        let mut state = self.state();
        let mut fx = Effects::default();
        let result = turn(&mut state.node, self.now(), &mut fx);
        self.carry_out(&state, fx);
        result
    }

    fn carry_out(&self, state: &State, fx: Effects) {
        let Effects { said, merged, dismissed, seen, emitted } = fx;
        for envelope in said {
            self.parts.bus.say(envelope);
        }
        if !merged.is_empty() {
            self.parts.board.apply(&merged);
            self.parts.fan_out.wake();
            if state.leads {
                self.parts.recorder.note(&merged);
            }
        }
        for user in seen {
            let sockets = state.node.presence.sockets(&user);
            if !sockets.is_empty() {
                self.parts.fan_out.tell_seen(&sockets, &state.node.me(&user));
            }
        }
        self.parts.fan_out.dismiss(&dismissed);
        self.parts.fan_out.emit_later(emitted);
        self.deadline_moved.notify_one();
    }

    /// Waits for this person's turn.
    async fn turn(&self, user: &UserId) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let mut hasher = DefaultHasher::new();
        user.hash(&mut hasher);
        let number = hasher.finish() % u64::try_from(TURNS).unwrap_or(1);
        match self.turns.get(usize::try_from(number).unwrap_or_default()) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        }
    }

    fn choices_of(&self, session: &StoredSession) -> Option<Choices> {
        let state = self.state();
        let presence = &state.node.presence;
        let is_signed_in = presence.is_signed_in(session.id);
        is_signed_in.then(|| presence.choices(&session.account.id).cloned()).flatten()
    }

    /// The session as the machine takes it.
    fn entry(&self, session: &StoredSession) -> Entry {
        Entry {
            session: session.id,
            account: Arc::new(session.account.clone()),
            choices: session.choices.clone(),
            expires: self.now().instant(session.expires),
            signed_in: session.signed_in,
        }
    }

    fn now(&self) -> Now {
        Now { at: Instant::now(), wall: self.parts.clock.now() }
    }

    /// A panic elsewhere leaves nothing half done in here, so a poisoned lock is as good as any.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
