//! Views: parts of a list that is too large to be told to everybody, and what has changed in them.
//!
//! Pure; time is passed in. All who look for the same have one list, all who see the same rows one window, so what has
//! changed in a window is written once. What is told is always the list as the journal has told it.

mod crowd;
mod index;
mod person;
#[cfg(test)]
mod tests;
mod window;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use presente_wire::{Epoch, Position, Row, View, Viewed, Window, WindowChange};
use tokio::time::Instant;

use crate::{
    cluster::Merged,
    journal::Journal,
    presence::{SocketId, UserId},
};
use crowd::{Changed, Crowd};
use person::Query;
use window::{Frame, LiveWindow, NUMBERS, Numbers, bare_change, number};

/// A window that several sockets may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct WindowId(u64);

/// Who is to be told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listener {
    /// All who look at a window.
    Window(WindowId),
    /// One socket, about people whom it watches.
    One(SocketId),
}

/// Something to be told.
#[derive(Debug)]
pub(crate) struct Telling {
    pub(crate) to: Listener,
    pub(crate) change: WindowChange,
}

/// A view that was opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) answer: Viewed,
    /// The window whose changes the socket hears from now on.
    pub(crate) window: Option<WindowId>,
    /// The one whose changes it heard so far.
    pub(crate) left: Option<WindowId>,
}

/// What the journal knows and the views do not.
#[derive(Debug)]
pub(crate) enum News {
    /// These have changed.
    Some(Vec<Merged>),
    /// These are all there are.
    All(Vec<Merged>),
}

/// A socket that looks at something.
#[derive(Debug)]
struct Viewer {
    window: Option<WindowId>,
    /// Of the window, where it is not kept.
    numbers: Numbers,
    watched: BTreeSet<UserId>,
    /// When everybody who is watched is to be told anew, because something did not arrive.
    owed_at: Option<Instant>,
}

/// All views of one server.
#[derive(Debug)]
pub(crate) struct Views {
    epoch: Epoch,
    /// Up to where in the journal; `None`: nothing yet.
    sequence: Option<u64>,
    crowd: Crowd,
    windows: BTreeMap<WindowId, LiveWindow>,
    by_frame: BTreeMap<Frame, WindowId>,
    next_window: u64,
    viewers: BTreeMap<SocketId, Viewer>,
    watchers: HashMap<UserId, BTreeSet<SocketId>>,
    /// Watched people who have changed since the last telling, by who watches them.
    news: BTreeMap<SocketId, BTreeSet<UserId>>,
}

impl Views {
    /// No views of a list in this epoch.
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            sequence: None,
            crowd: Crowd::default(),
            windows: BTreeMap::new(),
            by_frame: BTreeMap::new(),
            next_window: 0,
            viewers: BTreeMap::new(),
            watchers: HashMap::new(),
            news: BTreeMap::new(),
        }
    }

    /// Whether nobody looks at anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.viewers.is_empty()
    }

    /// What the journal has told since the views last took it over.
    pub(crate) fn missing(&self, journal: &Journal) -> (Position, News) {
        let some = self.sequence.and_then(|sequence| journal.touched_since(sequence));
        (journal.position(), some.map_or_else(|| News::All(journal.everybody()), News::Some))
    }

    /// Takes that over. Nobody is in it twice.
    pub(crate) fn take_over(&mut self, position: Position, news: News) {
        let changes = match news {
            News::Some(changes) => changes,
            News::All(everybody) => self.crowd.missing(everybody),
        };
        self.sequence = Some(position.s);
        for Changed { user, .. } in self.crowd.apply(&changes) {
            for socket in self.watchers.get(&user).into_iter().flatten() {
                self.news.entry(*socket).or_default().insert(UserId::clone(&user));
            }
        }
    }

    /// Whether opening this view takes a walk through everybody.
    pub(crate) fn is_costly(&self, view: &View) -> bool {
        !self.crowd.has(&Query::new(view.sort, &view.q))
    }

    /// A socket wants to see this from now on, in place of what it saw before.
    pub(crate) fn open(&mut self, socket: SocketId, view: &View, now: Instant) -> Opened {
        let query = Query::new(view.sort, &view.q);
        let held = self.viewers.get(&socket).and_then(|viewer| self.windows.get(&viewer.window?));
        let is_same_query = held.is_some_and(|window| window.frame.query == query);
        // First to hold, then to let go, or the list of the same query would be made anew; in all other cases the
        // other way round, so that somebody who looks for one thing after another needs one place only.
        let mut left = if is_same_query { None } else { self.close(socket) };
        let is_live = self.crowd.hold(&query);
        if is_same_query {
            left = self.close(socket);
        }
        let index = self.crowd.look(&query);
        let online = self.crowd.count();
        let frame = Frame::new(query, usize::try_from(view.from).unwrap_or(usize::MAX), view.len, &index);
        let (numbers, shown) = frame.look(&index, online);
        let rows = shown.iter().map(|person| Row::clone(&person.row)).collect();
        let Numbers { online: c, matching: n, from } = numbers;
        let window = Window { e: self.epoch, n: number(n), c: number(c), from: number(from), rows };
        let live = is_live.then(|| LiveWindow::new(frame, &index, online, now));
        drop(index);
        let kept = live.map(|live| self.keep(live));
        let watched = self.watch(socket, &view.ids);
        let rows = watched.iter().filter_map(|user| self.crowd.row(user));
        let rows = rows.map(|row| Row::clone(row)).collect();
        self.viewers.insert(socket, Viewer { window: kept, numbers, watched, owed_at: None });
        let answer = Viewed { success: true, window, watched: rows, live: is_live };
        Opened { answer, window: kept, left }
    }

    /// A socket does not look any more; says what at.
    pub(crate) fn close(&mut self, socket: SocketId) -> Option<WindowId> {
        let viewer = self.viewers.remove(&socket)?;
        self.news.remove(&socket);
        for user in &viewer.watched {
            if let Some(sockets) = self.watchers.get_mut(user) {
                sockets.remove(&socket);
                if sockets.is_empty() {
                    self.watchers.remove(user);
                }
            }
        }
        let id = viewer.window?;
        let window = self.windows.get_mut(&id)?;
        window.viewers -= 1;
        self.crowd.release(&window.frame.query);
        if window.viewers == 0 {
            self.by_frame.remove(&window.frame);
            self.windows.remove(&id);
        }
        Some(id)
    }

    /// What is to be told now.
    pub(crate) fn tell(&mut self, now: Instant) -> Vec<Telling> {
        let (epoch, online) = (self.epoch, self.crowd.count());
        let mut tellings = Vec::new();
        for (&id, window) in &mut self.windows {
            if let Some(index) = self.crowd.index(&window.frame.query)
                && let Some(change) = window.tell(epoch, index, online, now)
            {
                tellings.push(Telling { to: Listener::Window(id), change });
            }
        }
        let mut news = std::mem::take(&mut self.news);
        for (&socket, viewer) in &mut self.viewers {
            if viewer.owed_at.take_if(|at| *at <= now).is_some() {
                news.insert(socket, viewer.watched.clone());
            }
        }
        tellings.extend(news.into_iter().map(|(socket, users)| self.tell_watcher(socket, &users)));
        tellings
    }

    /// Not everybody got what was told.
    pub(crate) fn was_missed(&mut self, by: Listener, now: Instant) {
        match by {
            Listener::Window(id) => {
                if let Some(window) = self.windows.get_mut(&id) {
                    window.was_missed();
                }
            }
            Listener::One(socket) => {
                if let Some(viewer) = self.viewers.get_mut(&socket) {
                    viewer.owed_at = Some(now + NUMBERS);
                }
            }
        }
    }

    /// How many look at a window.
    pub(crate) fn viewers_of(&self, window: WindowId) -> usize {
        self.windows.get(&window).map_or(0, |window| window.viewers)
    }

    /// When something is to be told even though nothing changes any more.
    pub(crate) fn due(&self) -> Option<Instant> {
        let windows = self.windows.values().filter_map(LiveWindow::owed_at);
        windows.chain(self.viewers.values().filter_map(|viewer| viewer.owed_at)).min()
    }

    /// One more socket looks at a window; at the one that is there already, if it is the same.
    fn keep(&mut self, live: LiveWindow) -> WindowId {
        let id = match self.by_frame.get(&live.frame) {
            Some(&id) => id,
            None => {
                let id = WindowId(self.next_window);
                self.next_window += 1;
                self.by_frame.insert(live.frame.clone(), id);
                self.windows.insert(id, live);
                id
            }
        };
        if let Some(window) = self.windows.get_mut(&id) {
            window.viewers += 1;
        }
        id
    }

    fn watch(&mut self, socket: SocketId, ids: &[String]) -> BTreeSet<UserId> {
        let watched: BTreeSet<UserId> = ids.iter().map(|id| UserId::from(id.as_str())).collect();
        for user in &watched {
            self.watchers.entry(UserId::clone(user)).or_default().insert(socket);
        }
        watched
    }

    fn tell_watcher(&self, socket: SocketId, users: &BTreeSet<UserId>) -> Telling {
        let viewer = self.viewers.get(&socket);
        let live = viewer.and_then(|viewer| self.windows.get(&viewer.window?));
        let online = self.crowd.count();
        // Those of a window as they were told: what is told about it next says only what is other than that.
        let numbers = match (live, viewer) {
            (Some(window), _) => window.numbers(),
            (None, Some(viewer)) => Numbers { online, ..viewer.numbers },
            (None, None) => Numbers { online, matching: 0, from: 0 },
        };
        let mut change = bare_change(self.epoch, numbers);
        for user in users {
            match self.crowd.row(user) {
                Some(row) => change.w.push(Row::clone(row)),
                None => change.g.push(user.to_string()),
            }
        }
        Telling { to: Listener::One(socket), change }
    }
}

impl WindowId {
    /// The room of those who look at it.
    pub(crate) fn room(self) -> String {
        format!("window {}", self.0)
    }
}
