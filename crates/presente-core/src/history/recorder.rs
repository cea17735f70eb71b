//! Writes behind: what happened is handed over at once and written a little later, many things together, by one task.
//! What cannot be written waits, within bounds.

use super::{HistoryError, HistoryStore, Record};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};

/// For how long things are gathered.
const GATHER_FOR: Duration = Duration::from_secs(2);
/// How much is written without waiting for more.
const GATHER: usize = 200;
/// How much may wait while things go well: more than a list of a hundred thousand people.
const MAX_WAITING: usize = 250_000;
/// How much may wait while nothing can be written.
const MAX_WAITING_IN_TROUBLE: usize = 20_000;
/// How long to wait before what could not be written is tried again, at first and at most.
const RETRY: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(60)];

/// What whoever hands things over should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// Nothing can be written.
    Trouble(HistoryError),
    /// What could not be written has been.
    Recovered,
    /// The file could not be read and is elsewhere now: nothing is in it any more of what was handed over.
    SetAside(PathBuf),
}

enum Job {
    Write(Record),
    Flush(oneshot::Sender<()>),
}

/// Takes what happened, to be written a little later.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    jobs: mpsc::UnboundedSender<Job>,
    load: Arc<Load>,
}

/// How much waits.
#[derive(Debug, Default)]
struct Load {
    waiting: AtomicUsize,
    in_trouble: AtomicBool,
}

impl Recorder {
    /// Starts the task; it ends when the recorder is gone. `tell` must not block.
    pub(crate) fn start(store: Arc<dyn HistoryStore>, tell: impl Fn(News) + Send + Sync + 'static) -> Self {
        let (jobs, received) = mpsc::unbounded_channel();
        let load = Arc::<Load>::default();
        let writer = Writer {
            store,
            tell: Box::new(tell),
            load: load.clone(),
            batch: Vec::new(),
            failures: 0,
            due: Instant::now(),
        };
        tokio::spawn(writer.run(received));
        Self { jobs, load }
    }

    /// Hands something over. `false` if too much waits already: it is not taken then, and whoever goes on has to begin
    /// anew.
    #[must_use]
    pub(crate) fn record(&self, record: Record) -> bool {
        let weight = record.weight();
        let waiting = self.load.waiting.load(Ordering::Relaxed);
        let most = match self.load.in_trouble.load(Ordering::Relaxed) {
            true => MAX_WAITING_IN_TROUBLE,
            false => MAX_WAITING,
        };
        if waiting > 0 && waiting + weight > most {
            return false;
        }
        self.load.waiting.fetch_add(weight, Ordering::Relaxed);
        self.jobs.send(Job::Write(record)).is_ok()
    }

    /// Whether so little waits that it is worth while to begin anew.
    pub(crate) fn has_room(&self) -> bool {
        !self.load.in_trouble.load(Ordering::Relaxed)
            && self.load.waiting.load(Ordering::Relaxed) < MAX_WAITING / 2
    }

    /// Waits until everything that was handed over is written, or could not be.
    pub(crate) async fn flush(&self) {
        let (done, is_done) = oneshot::channel();
        if self.jobs.send(Job::Flush(done)).is_ok() {
            let _ = is_done.await;
        }
    }
}

struct Writer {
    store: Arc<dyn HistoryStore>,
    tell: Box<dyn Fn(News) + Send + Sync>,
    load: Arc<Load>,
    batch: Vec<Record>,
    /// How often in a row nothing could be written.
    failures: u32,
    /// When the batch is to be written.
    due: Instant,
}

impl Writer {
    async fn run(mut self, mut jobs: mpsc::UnboundedReceiver<Job>) {
        let mut weight = 0;
        loop {
            tokio::select! {
                // What has come is taken before anything is written, so that much is written at once.
                biased;
                job = jobs.recv(), if weight < GATHER || self.failures > 0 => match job {
                    Some(Job::Write(record)) => {
                        if self.batch.is_empty() {
                            self.due = Instant::now() + GATHER_FOR;
                        }
                        weight += record.weight();
                        self.batch.push(record);
                    }
                    Some(Job::Flush(done)) => {
                        self.write(&mut weight).await;
                        let _ = done.send(());
                    }
                    None => break,
                },
                () = async {}, if weight >= GATHER && self.failures == 0 => self.write(&mut weight).await,
                () = sleep_until(self.due), if !self.batch.is_empty() => self.write(&mut weight).await,
            }
        }
        self.write(&mut weight).await;
    }

    async fn write(&mut self, weight: &mut usize) {
        if self.batch.is_empty() {
            return;
        }
        let written = self.store.record(&self.batch).await;
        match written {
            Ok(()) => {
                self.load.waiting.fetch_sub(*weight, Ordering::Relaxed);
                *weight = 0;
                self.batch.clear();
                self.load.in_trouble.store(false, Ordering::Relaxed);
                if std::mem::take(&mut self.failures) > 0 {
                    (self.tell)(News::Recovered);
                }
            }
            Err(error) => {
                let [first, longest] = RETRY;
                let wait = first.saturating_mul(1 << self.failures.min(8)).min(longest);
                self.due = Instant::now() + wait;
                self.failures = self.failures.saturating_add(1);
                self.load.in_trouble.store(true, Ordering::Relaxed);
                if self.failures == 1 {
                    tracing::warn!(%error, "history cannot be written");
                    (self.tell)(News::Trouble(error));
                }
            }
        }
        if let Some(path) = self.store.set_aside() {
            (self.tell)(News::SetAside(path));
        }
    }
}

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
