//! The fan-out: the one task that sends lists to sockets.
//!
//! Because nothing else does, no socket can get an older list after a newer one. Who asks is answered at
//! once; everybody else gets at most one list per window, however much happens in it.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use socketioxide::{SocketIo, socket::Sid};
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    presence::{SessionId, Step},
    roster::{Roster, Snapshot},
    store::Account,
};

/// The event that carries a list.
const LIST: &str = "usersConected";

/// The room of a session's sockets.
pub(crate) fn room(session: SessionId) -> String {
    format!("session:{}", session.0)
}

/// What waits to be sent.
#[derive(Debug, Default)]
struct Pending {
    /// Sockets that asked and have no answer yet.
    asking: BTreeSet<Sid>,
    /// Sockets that were answered in this window.
    answered: BTreeSet<Sid>,
    /// Whether the roster has changed since the last list to all.
    changed: bool,
    /// Sessions whose sockets must go.
    expired: Vec<SessionId>,
}

/// Sends lists.
pub(crate) struct FanOut {
    io: SocketIo,
    window: Duration,
    roster: Mutex<Roster>,
    pending: Mutex<Pending>,
    wake: Notify,
}

impl FanOut {
    /// For the sockets of `io`; lists to everybody are at least `window` apart.
    pub(crate) fn new(io: SocketIo, window: Duration) -> Self {
        Self { io, window, roster: Mutex::default(), pending: Mutex::default(), wake: Notify::new() }
    }

    /// Takes over what the presence machine said; `actor` is the account whose step it was.
    pub(crate) fn apply(&self, step: &Step, actor: Option<&Account>) {
        if step.changes.is_empty() && step.expired.is_empty() {
            return;
        }
        lock(&self.roster).apply(&step.changes, actor);
        let mut pending = lock(&self.pending);
        pending.changed |= !step.changes.is_empty();
        pending.expired.extend_from_slice(&step.expired);
        self.wake.notify_one();
    }

    /// A socket asks for the list: it is answered at once and the others hear the list as well.
    pub(crate) fn ask(&self, socket: Sid) {
        lock(&self.pending).asking.insert(socket);
        self.wake.notify_one();
    }

    /// Sends until `stop` is cancelled.
    pub(crate) async fn run(&self, stop: CancellationToken) {
        let mut push_at: Option<Instant> = None;
        loop {
            self.dismiss_expired().await;
            if self.answer() && push_at.is_none() {
                push_at = Some(Instant::now() + self.window);
            }
            let due = async {
                match push_at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.wake.notified() => {}
                () = due => {
                    push_at = None;
                    self.push().await;
                }
            }
        }
    }

    fn snapshot(&self) -> Snapshot {
        lock(&self.roster).snapshot()
    }

    /// Answers those who ask; returns whether there is something for everybody.
    fn answer(&self) -> bool {
        let (asking, due) = {
            let mut pending = lock(&self.pending);
            let asking = std::mem::take(&mut pending.asking);
            pending.answered.extend(&asking);
            (asking, pending.changed || !pending.answered.is_empty())
        };
        if !asking.is_empty() {
            let list = self.snapshot();
            for socket in asking {
                // Volatile here too: both lists share the slot of the latest one, so the order holds.
                if let Some(socket) = self.io.of("/").and_then(|all| all.get_socket(socket))
                    && let Err(error) = socket.volatile().emit(LIST, &list)
                {
                    tracing::debug!(%error, "a list could not be sent");
                }
            }
        }
        due
    }

    /// Sends the list to everybody who does not have it.
    async fn push(&self) {
        let (changed, answered) = {
            let mut pending = lock(&self.pending);
            (std::mem::take(&mut pending.changed), std::mem::take(&mut pending.answered))
        };
        // None once the server is stopping.
        let Some(everybody) = self.io.of("/") else { return };
        let mut answered = answered.into_iter();
        let to = match (answered.next(), answered.next()) {
            // Nothing but one question: the asker has this very list, as a server of the field would do it.
            (Some(asker), None) if !changed => match everybody.get_socket(asker) {
                Some(socket) => socket.broadcast(),
                None => everybody,
            },
            _ => everybody,
        };
        if let Err(error) = to.volatile().emit(LIST, &self.snapshot()).await {
            tracing::debug!(%error, "a list could not be sent to everybody");
        }
    }

    async fn dismiss_expired(&self) {
        let expired = std::mem::take(&mut lock(&self.pending).expired);
        for session in expired {
            if let Some(everybody) = self.io.of("/")
                && let Err(error) = everybody.within(room(session)).disconnect().await
            {
                tracing::debug!(%error, "a socket could not be closed");
            }
        }
    }
}

/// A panic elsewhere leaves nothing half done in here, so a poisoned lock is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
