//! Lists to those who ask, lists and changes to everybody at the end of a window, and how much of them may go out.

use std::{collections::BTreeSet, time::Duration};

use presente_wire::{Position, Stale, event};
use serde_json::value::to_raw_value;
use socketioxide::socket::Sid;

use super::{CHANGES, FanOut, LIST, PLAIN, lock};
use crate::{journal::Push, metrics::Sent};

/// The longest window of whole lists.
const LONGEST_WINDOW: Duration = Duration::from_secs(60);
/// Bytes of whole lists to everybody that may go out in a second; the windows are stretched until they fit.
const EGRESS: u64 = 16 * 1024 * 1024;
/// Bytes of snapshots that are to go out in a second when everybody has to fetch one.
const SNAPSHOT_EGRESS: u64 = 64 * 1024 * 1024;
/// Shortest time over which clients spread out to fetch or to come back, in milliseconds.
const LEAST_JITTER: u64 = 500;

impl FanOut {
    /// Answers those who ask for the list.
    pub(super) fn answer(&self, asking: BTreeSet<Sid>) {
        let list = match self.board.lists().roster.list() {
            Ok(list) => list,
            Err(error) => return tracing::error!(%error, "the list cannot be written"),
        };
        self.metrics.sent(Sent::List, list.get().len(), asking.len());
        for sid in asking {
            // Volatile here too: both lists share the slot of the latest one, so the order holds.
            if let Some(socket) = self.socket(sid)
                && let Err(error) = socket.volatile().emit(LIST, &*list)
            {
                tracing::debug!(%error, "a list could not be sent");
            }
        }
    }

    /// Sends the list to everybody who hears lists; returns its bytes.
    pub(super) async fn push_list(&self) -> usize {
        let list = {
            let mut lists = self.board.lists();
            lists.is_news = false;
            lists.roster.list()
        };
        let list = match list {
            Ok(list) => list,
            Err(error) => {
                tracing::error!(%error, "the list cannot be written");
                return 0;
            }
        };
        self.metrics.sent(Sent::List, list.get().len(), lock(&self.open).plain);
        if let Some(to) = self.room(PLAIN)
            && let Err(error) = to.volatile().emit(LIST, &*list).await
        {
            tracing::debug!(%error, "a list could not be sent to everybody");
        }
        list.get().len()
    }

    /// Ends a window of changes; whether every socket could take it.
    pub(super) async fn push_changes(&self) -> bool {
        let (push, position, count) = {
            let mut lists = self.board.lists();
            let push = lists.journal.close_window();
            (push, lists.journal.position(), lists.journal.count())
        };
        let Some(to) = self.room(CHANGES) else { return true };
        let sent = match push {
            None => return true,
            // Written once, for the count of its bytes and for everybody.
            Some(Push::Delta(delta)) => match to_raw_value(&delta) {
                Ok(text) => {
                    self.metrics.sent(Sent::Delta, text.get().len(), lock(&self.open).hearing_changes());
                    to.emit(event::DELTA, &*text).await
                }
                Err(error) => {
                    tracing::error!(%error, "a change cannot be written");
                    return false;
                }
            },
            Some(Push::Stale) => {
                let Position { e, s } = position;
                to.emit(event::STALE, &Stale { e, t: s, jitter: self.jitter(count) }).await
            }
        };
        sent.inspect_err(|error| tracing::debug!(%error, "a change did not reach everybody")).is_ok()
    }

    pub(super) async fn remind(&self) {
        let delta = self.board.lists().journal.reminder();
        if let Some(to) = self.room(CHANGES)
            && let Err(error) = to.emit(event::DELTA, &delta).await
        {
            // Those who still take nothing will be found dead by their heartbeat, or find the gap later.
            tracing::debug!(%error, "not everybody could be reminded");
        }
    }

    /// How far apart lists to everybody are: what they cost has to fit the budget.
    pub(super) fn list_window(&self, bytes: usize) -> Duration {
        let plain = u64::try_from(lock(&self.open).plain).unwrap_or(u64::MAX);
        let cost = plain.saturating_mul(u64::try_from(bytes).unwrap_or(u64::MAX));
        let window = Duration::from_millis(cost.saturating_mul(1000) / EGRESS);
        let window = window.clamp(self.windows.0, LONGEST_WINDOW);
        self.metrics.window(window);
        window
    }

    /// Over how many milliseconds clients are to spread out who each fetch a snapshot of this many people.
    pub(super) fn jitter(&self, people: usize) -> u64 {
        let sockets = lock(&self.open).sockets.len();
        let bytes = u64::try_from(sockets.saturating_mul(people).saturating_mul(16)).unwrap_or(u64::MAX);
        // A handshake costs about half a millisecond of a core.
        let handshakes = u64::try_from(sockets / 2).unwrap_or(u64::MAX);
        (bytes.saturating_mul(1000) / SNAPSHOT_EGRESS).max(handshakes).clamp(LEAST_JITTER, 30_000)
    }
}
