//! The fan-out's share in views: who may look, who is answered, and what goes to whom.

use std::collections::{BTreeMap, btree_map::Entry};

use presente_wire::{View, event};
use serde::Serialize;
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};
use socketioxide::{extract::AckSender, socket::Sid};
use tokio::time::Instant;

use super::{FanOut, Kind, lock};
use crate::{
    metrics::Sent,
    presence::SocketId,
    views::{Listener, Opened, Telling, Views},
};

/// Views that take a walk through everybody, in one go; what else there is to tell comes in between.
const WALKS: usize = 4;

/// What a socket asks to see.
pub(crate) struct Asked {
    pub(crate) view: View,
    pub(crate) ack: AckSender,
    /// The answer when it gets nothing to see.
    pub(crate) refusal: Value,
}

impl FanOut {
    /// A socket asks to see something, in place of what it has asked for before.
    pub(crate) fn view(&self, socket: SocketId, asked: Asked) {
        let before = lock(&self.pending).viewing.insert(socket, asked);
        if let Some(Asked { ack, refusal, .. }) = before {
            answer(ack, &refusal);
        }
        self.wake.notify_one();
    }

    /// Whether so many are online that who can do with a part of the list gets no more.
    pub(super) fn is_for_views(&self) -> bool {
        self.board.lists().roster.count() > self.view_threshold
    }

    /// Shows sockets what they ask for.
    pub(super) fn serve_views(&self, viewing: BTreeMap<SocketId, Asked>) {
        let mut views = lock(&self.views);
        if views.is_empty() && !viewing.is_empty() {
            self.catch_up(&mut views);
        }
        let mut walks = 0;
        for (socket, asked) in viewing {
            let Some(sid) = self.viewer(socket) else {
                answer(asked.ack, &asked.refusal);
                continue;
            };
            if views.is_costly(&asked.view) {
                walks += 1;
                if walks > WALKS {
                    self.view_later(socket, asked);
                    continue;
                }
            }
            let opened = views.open(socket, &asked.view, Instant::now());
            self.change_rooms(sid, &opened);
            answer(asked.ack, &opened.answer);
        }
    }

    /// Sockets are closed and see nothing any more.
    pub(super) fn close_views(&self, closed: &[SocketId]) {
        let mut views = lock(&self.views);
        for &socket in closed {
            views.close(socket);
        }
    }

    /// Tells those who look at something what has changed there.
    pub(super) async fn push_views(&self) {
        let now = Instant::now();
        let tellings = {
            let mut views = lock(&self.views);
            if views.is_empty() {
                return;
            }
            self.catch_up(&mut views);
            views.tell(now)
        };
        for Telling { to, change } in tellings {
            match to_raw_value(&change) {
                Ok(text) if self.tell_view(to, &text).await => {}
                Ok(_) => lock(&self.views).was_missed(to, now),
                Err(error) => tracing::error!(%error, "a window cannot be written"),
            }
        }
    }

    /// When something is to be told to those who look even though nothing changes any more.
    pub(super) fn views_due(&self) -> Option<Instant> {
        lock(&self.views).due()
    }

    fn catch_up(&self, views: &mut Views) {
        let (position, news) = views.missing(&self.board.lists().journal);
        views.take_over(position, news);
    }

    /// The socket, if it is one that hears of what it asks to see.
    fn viewer(&self, socket: SocketId) -> Option<Sid> {
        let open = lock(&self.open).sockets.get(&socket).copied()?;
        (open.welcomed && matches!(open.kind, Kind::Windows(_))).then_some(open.sid)
    }

    fn view_later(&self, socket: SocketId, asked: Asked) {
        match lock(&self.pending).viewing.entry(socket) {
            Entry::Vacant(place) => {
                place.insert(asked);
            }
            // It asks for something else by now.
            Entry::Occupied(_) => answer(asked.ack, &asked.refusal),
        }
        self.wake.notify_one();
    }

    fn change_rooms(&self, sid: Sid, opened: &Opened) {
        let Some(socket) = self.socket(sid).filter(|_| opened.left != opened.window) else { return };
        if let Some(left) = opened.left {
            socket.leave(left.room());
        }
        if let Some(window) = opened.window {
            socket.join(window.room());
        }
    }

    /// Whether all whom it concerns could take it.
    async fn tell_view(&self, to: Listener, text: &RawValue) -> bool {
        let sent = match to {
            Listener::Window(window) => {
                let viewers = lock(&self.views).viewers_of(window);
                self.metrics.sent(Sent::Window, text.get().len(), viewers);
                match self.room(window.room()) {
                    Some(room) => room.emit(event::WINDOW, text).await.is_ok(),
                    None => true,
                }
            }
            Listener::One(socket) => {
                self.metrics.sent(Sent::Window, text.get().len(), 1);
                match self.viewer(socket).and_then(|sid| self.socket(sid)) {
                    Some(socket) => socket.emit(event::WINDOW, text).is_ok(),
                    None => true,
                }
            }
        };
        if !sent {
            tracing::debug!("a change of a window did not reach everybody");
        }
        sent
    }
}

/// Answers an event, if an answer is waited for.
pub(crate) fn answer(ack: AckSender, reply: &impl Serialize) {
    if let Err(error) = ack.send(reply) {
        tracing::debug!(%error, "an answer could not be sent");
    }
}
