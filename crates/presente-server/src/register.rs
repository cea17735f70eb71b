//! The register: every step of presence, written to the database and passed on to the fan-out.
//!
//! One step at a time: the lock on the machine is held while the database is written, so that both, and
//! what everybody is told, have one order.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::{Mutex, MutexGuard, Notify};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    fan_out::FanOut,
    presence::{Entry, Presence, Rule, SessionId, SocketId, Step, UserId},
    store::{Account, Store, StoredSession},
    token::Token,
};

/// How often sessions whose time is over are removed from the database.
const CLEANING: Duration = Duration::from_secs(3600);

/// How long tokens live.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lives {
    /// Of a token that was just handed out.
    pub(crate) token: Duration,
    /// At most, of a token after its session has signed out.
    pub(crate) listen: Duration,
}

/// Who is signed in, with which sockets.
pub(crate) struct Register {
    store: Store,
    presence: Mutex<Presence>,
    fan_out: Arc<FanOut>,
    lives: Lives,
    clock: Clock,
    /// Tells the clock that the next deadline may be another one.
    deadline_moved: Notify,
}

impl Register {
    /// An empty register whose sessions stay online for `grace` without a socket.
    pub(crate) fn new(
        store: Store,
        fan_out: Arc<FanOut>,
        grace: Duration,
        lives: Lives,
        clock: Clock,
    ) -> Self {
        Self {
            store,
            presence: Mutex::new(Presence::new(grace)),
            fan_out,
            lives,
            clock,
            deadline_moved: Notify::new(),
        }
    }

    /// Takes the sessions that were signed in when the server last stopped. Each has the grace to show a
    /// socket, so nobody is a ghost after a restart.
    pub(crate) async fn restore(&self, open: bool) -> Result<(), sqlx::Error> {
        self.store.remove_expired().await?;
        self.store.reset_connected().await?;
        for session in self.store.signed_in_sessions().await? {
            let rule = if open && !session.had_socket { Rule::UntilSignOut } else { Rule::Sockets };
            let mut presence = self.presence.lock().await;
            let step = presence.sign_in(Instant::now(), self.entry(&session), rule);
            self.conclude(presence, &step, Some(&session.account)).await;
        }
        Ok(())
    }

    /// Opens a session for an account and hands out its token.
    pub(crate) async fn sign_in(&self, account: &Account, rule: Rule) -> Result<Token, sqlx::Error> {
        let token = Token::random();
        let mut presence = self.presence.lock().await;
        let expires = self.clock.now() + self.lives.token;
        let (id, removed) = self.store.create_session(&account.id, &token, expires).await?;
        let now = Instant::now();
        let session = Entry { session: id, user: Arc::clone(&account.id), expires: now + self.lives.token };
        let mut step = presence.sign_in(now, session, rule);
        for old in removed {
            let Step { changes, expired } = presence.revoke(now, old);
            step.changes.extend(changes);
            step.expired.extend(expired);
        }
        self.conclude(presence, &step, Some(account)).await;
        Ok(token)
    }

    /// Signs a session in again, with its sockets and its token, for as long as a new one would live.
    pub(crate) async fn resume(&self, session: &StoredSession, rule: Rule) -> Result<(), sqlx::Error> {
        let mut presence = self.presence.lock().await;
        self.store.resume_session(session.id, self.clock.now() + self.lives.token).await?;
        let now = Instant::now();
        let rule = if session.had_socket { Rule::Sockets } else { rule };
        let user = Arc::clone(&session.account.id);
        let entry = Entry { session: session.id, user, expires: now + self.lives.token };
        let step = presence.sign_in(now, entry, rule);
        self.conclude(presence, &step, Some(&session.account)).await;
        Ok(())
    }

    /// Signs out all sessions of a user.
    pub(crate) async fn sign_out(&self, user: &UserId) -> Result<(), sqlx::Error> {
        let mut presence = self.presence.lock().await;
        self.store.sign_out(user, self.clock.now() + self.lives.listen).await?;
        let now = Instant::now();
        let step = presence.sign_out(now, user, now + self.lives.listen);
        self.conclude(presence, &step, None).await;
        Ok(())
    }

    /// The session of a token, if the token is good.
    pub(crate) async fn session(&self, token: &Token) -> Result<Option<StoredSession>, sqlx::Error> {
        self.store.session(token).await
    }

    /// A socket has proved itself with the session's token.
    pub(crate) async fn attach(&self, session: &StoredSession, socket: SocketId) {
        let mut presence = self.presence.lock().await;
        if !session.had_socket
            && let Err(error) = self.store.mark_socket(session.id).await
        {
            tracing::warn!(%error, "a session's first socket could not be noted");
        }
        let step = presence.attach(Instant::now(), self.entry(session), socket);
        self.conclude(presence, &step, Some(&session.account)).await;
    }

    /// A socket of the session is gone.
    pub(crate) async fn detach(&self, session: SessionId, socket: SocketId) {
        let mut presence = self.presence.lock().await;
        let step = presence.detach(Instant::now(), session, socket);
        self.conclude(presence, &step, None).await;
    }

    /// Whether the session is signed in, which speaking to others takes.
    pub(crate) async fn is_signed_in(&self, session: SessionId) -> bool {
        self.presence.lock().await.is_signed_in(session)
    }

    /// Lets time pass for the machine until `stop` is cancelled.
    pub(crate) async fn run_clock(&self, stop: CancellationToken) {
        let mut cleaning = tokio::time::interval(CLEANING);
        loop {
            let deadline = self.presence.lock().await.next_deadline();
            let due = async {
                match deadline {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.deadline_moved.notified() => {}
                () = due => {
                    let mut presence = self.presence.lock().await;
                    let step = presence.tick(Instant::now());
                    self.conclude(presence, &step, None).await;
                }
                _ = cleaning.tick() => {
                    if let Err(error) = self.store.remove_expired().await {
                        tracing::warn!(%error, "old sessions could not be removed");
                    }
                }
            }
        }
    }

    /// Writes a step down and passes it on, still under the lock. A database that fails here does not stop
    /// presence: it is written anew at the next start.
    async fn conclude(&self, presence: MutexGuard<'_, Presence>, step: &Step, actor: Option<&Account>) {
        self.fan_out.apply(step, actor);
        if !step.changes.is_empty()
            && let Err(error) = self.store.set_connected(&step.changes).await
        {
            tracing::warn!(%error, "presence could not be written to the database");
        }
        drop(presence);
        self.deadline_moved.notify_one();
    }

    /// The session as the machine takes it: with the end of its token on the machine's clock.
    fn entry(&self, session: &StoredSession) -> Entry {
        let left = session.expires.duration_since(self.clock.now()).unwrap_or_default();
        Entry { session: session.id, user: Arc::clone(&session.account.id), expires: Instant::now() + left }
    }
}
