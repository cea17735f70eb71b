//! The recorder: writes to the accounts who is connected, soon after it is so.
//!
//! It remembers only *whom* to write and looks at the board when it does: what is written late is right all the same,
//! and a database that was away gets the latest and not the history. Among several nodes one does it.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    board::Board,
    clock::Clock,
    cluster::Merged,
    metrics::Metrics,
    presence::UserId,
    store::{Recorded, Store},
};

/// What comes within this is written together.
const GATHER: Duration = Duration::from_millis(20);
/// Pause after the database has failed.
const RECOVERY: Duration = Duration::from_millis(500);
/// Users that are written in one step.
const BATCH: usize = 1000;

/// Writes down who is connected.
pub(crate) struct Recorder {
    store: Store,
    board: Arc<Board>,
    clock: Clock,
    metrics: Metrics,
    waiting: Mutex<BTreeSet<UserId>>,
    /// Whether the whole table is to be compared with the board.
    compare: AtomicBool,
    wake: Notify,
}

impl Recorder {
    /// For the accounts of `store` and the truth on `board`.
    pub(crate) fn new(store: Store, board: Arc<Board>, clock: Clock, metrics: Metrics) -> Self {
        let (waiting, compare) = (Mutex::default(), AtomicBool::new(false));
        Self { store, board, clock, metrics, waiting, compare, wake: Notify::new() }
    }

    /// These have changed and are to be written.
    pub(crate) fn note(&self, changes: &[Merged]) {
        if !changes.is_empty() {
            self.waiting().extend(changes.iter().map(|change| Arc::clone(&change.user)));
            self.wake.notify_one();
        }
    }

    /// The whole table may be wrong: whoever wrote it before us is gone.
    pub(crate) fn compare(&self) {
        self.compare.store(true, Ordering::Relaxed);
        self.wake.notify_one();
    }

    /// Writes until `stop` is cancelled.
    pub(crate) async fn run(&self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.wake.notified() => {}
            }
            sleep(GATHER).await;
            while let Err(error) = self.write().await {
                tracing::warn!(%error, "who is connected could not be written to the database; trying again");
                self.metrics.database_failed();
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = sleep(RECOVERY) => {}
                }
            }
        }
    }

    /// Writes all that waits. What fails keeps waiting.
    pub(crate) async fn write(&self) -> Result<(), sqlx::Error> {
        if self.compare.swap(false, Ordering::Relaxed) {
            self.find_differences().await.inspect_err(|_| self.compare.store(true, Ordering::Relaxed))?;
        }
        loop {
            let users: Vec<UserId> = self.waiting().iter().take(BATCH).cloned().collect();
            if users.is_empty() {
                return Ok(());
            }
            // Taken out before the board is looked at: who changes from here on waits anew.
            self.waiting().retain(|user| users.binary_search(user).is_err());
            let at = self.clock.now();
            let recorded: Vec<Recorded> = users
                .iter()
                .map(|user| Recorded { user: Arc::clone(user), online: self.board.is_online(user), at })
                .collect();
            if let Err(error) = self.store.record(&recorded).await {
                self.waiting().extend(users);
                return Err(error);
            }
        }
    }

    async fn find_differences(&self) -> Result<(), sqlx::Error> {
        let written: BTreeSet<UserId> = self.store.connected_users().await?.into_iter().collect();
        let online: BTreeSet<UserId> = self.board.lists().roster.ids().cloned().collect();
        self.waiting().extend(written.symmetric_difference(&online).cloned());
        Ok(())
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeSet<UserId>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
