//! The fan-out: the one task that tells sockets who is online.
//!
//! Because nothing else does, no socket hears anything before its hello, an older list after a newer one, or a change
//! twice. Clients of the field get whole lists: who asks is answered at once, everybody else hears at most one per
//! window, and the window grows with what a list to everybody costs. Clients that know more hear changes.

mod pace;
mod pushes;
mod windows;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use presente_wire::{Bye, Capability, Hello, Me, Position, VERSION, event};
use serde::Serialize;
use serde_json::Value;
use socketioxide::{SocketIo, extract::SocketRef, operators::BroadcastOperators, socket::Sid};
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{board::Board, metrics::Metrics, presence::SocketId, snapshot, views::Views};
use pace::Pace;
pub(crate) use windows::{Asked, answer};

/// The event that carries a whole list.
const LIST: &str = "usersConected";
/// The event that greets.
const GREETING: &str = "saludo";
/// The room of sockets that hear whole lists.
const PLAIN: &str = "plain";
/// The room of sockets that hear changes.
const CHANGES: &str = "changes";
/// The room of sockets that hear of what they ask to see.
const WINDOWS: &str = "windows";
/// How long the last words have to leave the server.
const LEAVING: Duration = Duration::from_millis(150);
/// After a change that not every socket could take, those who missed it find out by a reminder.
const REMIND_AFTER: Duration = Duration::from_secs(1);

/// What a socket wants to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Whole lists, as in the field.
    Plain,
    /// Changes, beginning where it stands if that is known.
    Changes(Option<Position>),
    /// What it asks to see, if there are very many people; else as [`Self::Changes`].
    Windows(Option<Position>),
}

/// What a socket that has come in is told first.
#[derive(Debug)]
pub(crate) struct Welcome {
    /// How its person is seen.
    pub(crate) me: Option<Me>,
    pub(crate) greeting: Value,
}

/// What waits to be sent.
#[derive(Default)]
struct Pending {
    arriving: Vec<(SocketId, Welcome)>,
    /// Sockets that asked for the list and have no answer yet.
    asking: BTreeSet<Sid>,
    /// How the persons of these sockets are seen now.
    seen: BTreeMap<SocketId, Me>,
    /// What sockets ask to see.
    viewing: BTreeMap<SocketId, Asked>,
    /// Sockets that are closed and may have seen something.
    closed: Vec<SocketId>,
    /// Sockets that must go.
    dismissed: Vec<Sid>,
    /// Events for everybody that were made at other nodes.
    emitted: Vec<(String, rmpv::Value)>,
}

/// A socket that is open.
#[derive(Debug, Clone, Copy)]
struct OpenSocket {
    sid: Sid,
    kind: Kind,
    /// Whether it has been told what comes first.
    welcomed: bool,
}

/// The sockets that are open.
#[derive(Debug, Default)]
struct Open {
    sockets: BTreeMap<SocketId, OpenSocket>,
    plain: usize,
    /// Those that hear of what they ask to see.
    viewing: usize,
}

/// Tells sockets who is online.
pub(crate) struct FanOut {
    io: SocketIo,
    board: Arc<Board>,
    metrics: Metrics,
    /// Shortest times between two lists and between two changes to everybody.
    windows: (Duration, Duration),
    /// With more people than this there are views.
    view_threshold: usize,
    pending: Mutex<Pending>,
    open: Mutex<Open>,
    /// Only this task looks at them.
    views: Mutex<Views>,
    wake: Notify,
}

impl Open {
    /// A socket is told what comes first; as what, now that it is known whether there are views.
    fn welcome(&mut self, socket: SocketId, is_for_views: bool) -> Option<OpenSocket> {
        let open = self.sockets.get_mut(&socket)?;
        open.welcomed = true;
        match open.kind {
            Kind::Windows(_) if is_for_views => self.viewing += 1,
            Kind::Windows(resume) => open.kind = Kind::Changes(resume),
            Kind::Plain | Kind::Changes(_) => {}
        }
        Some(*open)
    }

    /// How many hear changes of the whole list.
    fn hearing_changes(&self) -> usize {
        self.sockets.len() - self.plain - self.viewing
    }
}

impl FanOut {
    /// For the sockets of `io`. Lists to everybody are at least the first of `windows` apart, changes the second.
    pub(crate) fn new(
        io: SocketIo,
        board: Arc<Board>,
        windows: (Duration, Duration),
        view_threshold: usize,
        metrics: Metrics,
    ) -> Self {
        let (pending, open) = (Mutex::default(), Mutex::default());
        let views = Mutex::new(Views::new(board.lists().journal.position().e));
        Self { io, board, metrics, windows, view_threshold, pending, open, views, wake: Notify::new() }
    }

    /// A socket is open; until [`Self::gone`] it can be found by its number.
    pub(crate) fn enter(&self, socket: SocketId, sid: Sid, kind: Kind) {
        let mut open = lock(&self.open);
        open.plain += usize::from(kind == Kind::Plain);
        open.sockets.insert(socket, OpenSocket { sid, kind, welcomed: false });
    }

    /// An open socket is told what comes first, and hears everything from then on.
    pub(crate) fn welcome(&self, socket: SocketId, welcome: Welcome) {
        lock(&self.pending).arriving.push((socket, welcome));
        self.wake.notify_one();
    }

    /// A socket is closed.
    pub(crate) fn gone(&self, socket: SocketId) {
        let mut open = lock(&self.open);
        if let Some(gone) = open.sockets.remove(&socket) {
            open.plain -= usize::from(gone.kind == Kind::Plain);
            if gone.welcomed && matches!(gone.kind, Kind::Windows(_)) {
                open.viewing -= 1;
                lock(&self.pending).closed.push(socket);
                self.wake.notify_one();
            }
        }
    }

    /// The board has something new.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// A socket asks for the list and is answered at once.
    pub(crate) fn ask(&self, socket: Sid) {
        lock(&self.pending).asking.insert(socket);
        self.wake.notify_one();
    }

    /// These sockets must go.
    pub(crate) fn dismiss(&self, sockets: &[SocketId]) {
        if sockets.is_empty() {
            return;
        }
        let sids: Vec<Sid> = {
            let open = lock(&self.open);
            sockets.iter().filter_map(|socket| open.sockets.get(socket)).map(|open| open.sid).collect()
        };
        lock(&self.pending).dismissed.extend(sids);
        self.wake.notify_one();
    }

    /// The person of these sockets is seen like this now.
    pub(crate) fn tell_seen(&self, sockets: &[SocketId], me: &Me) {
        lock(&self.pending).seen.extend(sockets.iter().map(|&socket| (socket, me.clone())));
        self.wake.notify_one();
    }

    /// The sockets that are open, and what they want to hear.
    pub(crate) fn open_sockets(&self) -> Vec<(Sid, Kind)> {
        lock(&self.open).sockets.values().map(|socket| (socket.sid, socket.kind)).collect()
    }

    /// Events for everybody were made at another node.
    pub(crate) fn emit_later(&self, events: Vec<(String, rmpv::Value)>) {
        if !events.is_empty() {
            lock(&self.pending).emitted.extend(events);
            self.wake.notify_one();
        }
    }

    /// Sends an event to all sockets but one.
    pub(crate) async fn broadcast(&self, event: &str, payload: &impl Serialize, except: Option<&SocketRef>) {
        let to = match except {
            Some(socket) => Some(socket.broadcast()),
            None => self.io.of("/"),
        };
        if let Some(to) = to
            && let Err(error) = to.emit(event, payload).await
        {
            // Some socket is too slow or gone; the others have it.
            tracing::debug!(%error, event, "not everybody could be reached");
        }
    }

    /// Tells those who understand it that the server stops, and gives the words time to leave: a socket that is closed
    /// drops what it has not sent.
    pub(crate) async fn say_bye(&self) {
        let listening = {
            let open = lock(&self.open);
            open.sockets.len() - open.plain
        };
        let Some(to) = self.room(CHANGES).filter(|_| listening > 0) else { return };
        if let Err(error) = to.within(WINDOWS).emit(event::BYE, &Bye { jitter: self.jitter(0) }).await {
            tracing::debug!(%error, "not everybody could be told that the server stops");
        }
        tokio::time::sleep(LEAVING).await;
    }

    /// Sends until `stop` is cancelled.
    pub(crate) async fn run(&self, stop: CancellationToken) {
        let (mut lists, mut changes) = (Pace::default(), Pace::default());
        let mut remind_at: Option<Instant> = None;
        let mut list_bytes = 0;
        let mut views_told = Instant::now();
        loop {
            self.serve_pending().await;
            let now = Instant::now();
            let (is_news, is_dirty) = {
                let lists = self.board.lists();
                (lists.is_news, lists.journal.is_dirty())
            };
            // A list that nobody hears is not written: of very many people that takes as long as everything else.
            let is_heard = lock(&self.open).plain > 0;
            lists.expect(is_news && is_heard, now, self.list_window(list_bytes));
            changes.expect(is_dirty, now, self.windows.1);
            // Not more often than changes, although each window owes something at another time.
            let views_due = self.views_due().map(|due| due.max(views_told + self.windows.1));
            let due = [lists.due(), changes.due(), views_due, remind_at].into_iter().flatten().min();
            let wait = async {
                match due {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.wake.notified() => {}
                () = wait => {}
            }
            let now = Instant::now();
            if lists.take(now) {
                list_bytes = self.push_list().await;
            }
            let is_change = changes.take(now);
            if is_change && !self.push_changes().await {
                remind_at = Some(now + REMIND_AFTER);
            }
            if is_change || views_due.is_some_and(|due| due <= now) {
                views_told = now;
                self.push_views().await;
            }
            if remind_at.is_some_and(|at| at <= now) {
                remind_at = None;
                self.remind().await;
            }
        }
    }

    /// What does not wait for a window.
    async fn serve_pending(&self) {
        let Pending { arriving, asking, seen, viewing, closed, dismissed, emitted } =
            std::mem::take(&mut *lock(&self.pending));
        for (socket, welcome) in arriving {
            self.greet(socket, &welcome);
        }
        for (socket, me) in seen {
            self.tell_one(socket, me);
        }
        if !asking.is_empty() {
            self.answer(asking);
        }
        self.close_views(&closed);
        self.serve_views(viewing);
        for (event, payload) in emitted {
            self.broadcast(&event, &payload, None).await;
        }
        for sid in dismissed {
            if let Some(socket) = self.socket(sid)
                && let Err(error) = socket.disconnect()
            {
                tracing::debug!(%error, "a socket could not be closed");
            }
        }
    }

    /// Tells a socket what comes first, and has it hear everything from here on.
    fn greet(&self, socket: SocketId, welcome: &Welcome) {
        let is_for_views = self.is_for_views();
        let Some(open) = lock(&self.open).welcome(socket, is_for_views) else { return };
        let OpenSocket { sid, kind, .. } = open;
        let Some(socket) = self.socket(sid) else { return };
        match kind {
            Kind::Plain => socket.join(PLAIN),
            Kind::Changes(resume) => {
                self.say_hello(sid, false, resume, welcome.me.clone());
                socket.join(CHANGES);
            }
            Kind::Windows(_) => {
                self.say_hello(sid, true, None, welcome.me.clone());
                socket.join(WINDOWS);
            }
        }
        self.emit(sid, GREETING, &welcome.greeting);
    }

    fn say_hello(&self, sid: Sid, view: bool, resume: Option<Position>, me: Option<Me>) {
        let (position, missing) = {
            let lists = self.board.lists();
            (lists.journal.position(), resume.and_then(|position| lists.journal.since(position)))
        };
        let hello = Hello {
            v: VERSION,
            e: position.e,
            s: position.s,
            caps: vec![Capability::Delta, Capability::Zstd, Capability::Set, Capability::View],
            snap: snapshot::PATH.to_owned(),
            resumed: missing.is_some(),
            jitter: self.jitter(0),
            view,
            me,
        };
        self.emit(sid, event::HELLO, &hello);
        if let Some(delta) = missing {
            self.emit(sid, event::DELTA, &delta);
        }
    }

    /// Tells a socket how its person is seen. Clients of the field are not told.
    fn tell_one(&self, socket: SocketId, me: Me) {
        let open = lock(&self.open).sockets.get(&socket).copied();
        match open {
            Some(OpenSocket { kind: Kind::Plain, .. }) | None => {}
            Some(OpenSocket { sid, welcomed: true, .. }) => self.emit(sid, event::ME, &me),
            // After its hello; that is on its way and will wake us.
            Some(_) => drop(lock(&self.pending).seen.entry(socket).or_insert(me)),
        }
    }

    fn emit(&self, sid: Sid, event: &str, payload: &impl Serialize) {
        if let Some(socket) = self.socket(sid)
            && let Err(error) = socket.emit(event, payload)
        {
            tracing::debug!(%error, event, "a socket could not be told something");
        }
    }

    /// An open socket; `None` once it is gone, or the server is stopping.
    fn socket(&self, sid: Sid) -> Option<SocketRef> {
        self.io.of("/")?.get_socket(sid)
    }

    fn room(&self, room: impl Into<String>) -> Option<BroadcastOperators> {
        Some(self.io.of("/")?.within(room.into()))
    }
}

/// A panic elsewhere leaves nothing half done in here, so a poisoned lock is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;
    use crate::{cluster::Merged, roster::tests::ana};

    #[tokio::test(start_paused = true)]
    async fn whole_lists_are_written_only_while_somebody_hears_them() {
        let (_layer, io) = SocketIo::new_layer();
        io.ns("/", async || {});
        let board = Arc::new(Board::new());
        let window = Duration::from_millis(250);
        let fan_out = FanOut::new(io, Arc::clone(&board), (window, window), 1000, Metrics::default());
        board.apply(&[Merged { user: "a1".into(), row: Some(Arc::new(ana())) }]);
        let runs = async || {
            let stop = CancellationToken::new();
            let ends = async {
                tokio::time::sleep(window * 4).await;
                stop.cancel();
            };
            tokio::join!(fan_out.run(stop.clone()), ends)
        };
        runs().await;
        assert!(!board.lists().roster.is_written(), "nobody hears it");

        fan_out.enter(SocketId(1), Sid::default(), Kind::Plain);
        runs().await;
        assert!(board.lists().roster.is_written(), "the first who hears lists is told of what is new");
    }
}
