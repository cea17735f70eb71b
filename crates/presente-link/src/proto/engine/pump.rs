//! What an engine starts of its own accord: requests, writes, going over to WebSocket, the end.

use super::{Action, Engine, EngineEvent, State, Upgrade, WRITE_BATCH, size};
use crate::{
    options::Transport,
    proto::wire::{Frame, join_body},
    reason::CloseReason,
};
use engineioxide_core::Packet;
use std::time::Instant;

impl Engine {
    pub(super) fn may_poll(&self) -> bool {
        self.main == Transport::Polling
            && self.state == State::Open
            && self.polling_since.is_none()
            && self.resting.is_none()
            && !matches!(self.upgrade, Upgrade::Draining { .. })
    }

    pub(super) fn poll(&mut self, now: Instant) {
        self.polling_since = Some(now);
        self.poll_not_before = None;
        self.actions.push_back(Action::Poll);
    }

    /// Starts whatever can be started.
    pub(super) fn pump(&mut self, now: Instant) {
        if !matches!(self.state, State::Open | State::Closing { .. }) {
            return;
        }
        if matches!(self.upgrade, Upgrade::Draining { .. }) {
            let idle = self.polling_since.is_none() && self.posting_since.is_none();
            match idle && self.writing_since.is_none() {
                true => self.go_over(now),
                false => return,
            }
        }
        match self.main {
            Transport::Polling => {
                if self.may_poll() && self.poll_not_before.is_none_or(|at| now >= at) {
                    self.poll(now);
                }
                if !self.queue.is_empty() && self.posting_since.is_none() {
                    self.post(now);
                }
            }
            Transport::WebSocket => self.flush(now),
        }
        let busy = self.writing_since.is_some() || self.posting_since.is_some() || !self.queue.is_empty();
        if matches!(self.state, State::Closing { .. }) && !busy {
            self.close(CloseReason::Local);
        }
    }

    /// Polling is idle and the probe has come back: from here on everything goes through the WebSocket.
    fn go_over(&mut self, now: Instant) {
        self.upgrade = Upgrade::None;
        self.main = Transport::WebSocket;
        self.ping_wanted = true;
        if self.queue.front() == Some(&Packet::Pong) {
            // The server will count anew to its next ping, as when a pong is posted.
            self.heard(now);
        }
        // Closing says goodbye over polling with a packet, over WebSocket by closing it.
        self.queue.retain(|packet| *packet != Packet::Close);
        self.actions.push_back(Action::DropPolling);
        self.events.push_back(EngineEvent::Upgraded);
        self.write(vec![Frame::of(Packet::Upgrade)], now);
    }

    fn post(&mut self, now: Instant) {
        let limit = self.open.as_ref().and_then(|open| open.max_payload).unwrap_or(u64::MAX);
        self.posting_pong = self.queue.front() == Some(&Packet::Pong);
        let body = join_body(&mut self.queue, limit);
        self.count_queue();
        self.posting_since = Some(now);
        self.actions.push_back(Action::Post(body));
    }

    fn flush(&mut self, now: Instant) {
        // A ping goes along with whatever is sent next, unless somebody waits for the answer.
        let ping_now = self.ping_wanted && self.check_by.is_some();
        if self.writing_since.is_some() || (self.queue.is_empty() && !ping_now) {
            return;
        }
        let mut frames = Vec::with_capacity(self.queue.len() + 1);
        let mut bytes = 0;
        while bytes < WRITE_BATCH {
            let Some(packet) = self.queue.pop_front() else { break };
            bytes += size(&packet, self.main);
            frames.push(Frame::of(packet));
        }
        self.count_queue();
        if std::mem::take(&mut self.ping_wanted) {
            self.pinged_at.get_or_insert(now);
            frames.push(Frame::Ping);
        }
        self.write(frames, now);
    }

    pub(super) fn write(&mut self, frames: Vec<Frame>, now: Instant) {
        self.writing_since = Some(now);
        self.actions.push_back(Action::Write(frames));
    }

    fn count_queue(&mut self) {
        let main = self.main;
        self.queued_bytes = self.queue.iter().map(|packet| size(packet, main)).sum();
    }
}
