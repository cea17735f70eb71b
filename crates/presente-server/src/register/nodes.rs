//! The register among other nodes: saying that we live, hearing what they say, and writing for all when it is on us.

use std::time::{Duration, Instant};

use tokio::{sync::mpsc, time::interval};
use tokio_util::sync::CancellationToken;

use super::{LOOKING, Register};
use crate::{
    cluster::{BEAT, Envelope, Said},
    node::Effects,
};

/// How often it is looked whether a node has fallen silent, and who leads.
const LOOK: Duration = Duration::from_millis(250);
/// How long a new node listens before it can lead: every other one says something each second.
const SETTLING: Duration = Duration::from_millis(1500);
/// How often the leader compares the whole table with what is so.
const COMPARING: Duration = Duration::from_secs(60);
/// How often sessions are read anew when something happens to them while they are read.
const ATTEMPTS: usize = 5;

impl Register {
    /// Lives among the other nodes until `stop` is cancelled. One server alone leads, and has nobody to hear.
    pub(crate) async fn run_nodes(
        &self,
        mut heard: Option<mpsc::Receiver<Envelope>>,
        stop: CancellationToken,
    ) {
        let started = Instant::now();
        let (mut beat, mut look) = (interval(BEAT), interval(LOOK));
        let mut compare = interval(COMPARING);
        self.turn_node(|node, _, fx| node.say(Said::Tell { who: None }, fx));
        loop {
            let next = async {
                match &mut heard {
                    Some(heard) => heard.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                Some(envelope) = next => {
                    if self.turn_node(|node, now, fx| node.hear(&envelope, now, fx)) {
                        self.compare_sessions().await;
                    }
                }
                _ = beat.tick() => self.turn_node(|node, _, fx| node.say(Said::Beat, fx)),
                _ = look.tick() => {
                    if self.look(started) {
                        self.compare_sessions().await;
                    }
                }
                _ = compare.tick() => {
                    if self.state().leads {
                        self.parts.recorder.compare();
                    }
                }
            }
        }
    }

    /// Asks the database now and then whether sessions were taken away by another hand, until `stop` is cancelled.
    pub(crate) async fn run_revocations(&self, stop: CancellationToken) {
        let mut known = None;
        let mut look = interval(LOOKING);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = look.tick() => {}
            }
            match self.parts.store.revocations().await {
                Ok(count) if known == Some(count) => {}
                Ok(count) => {
                    if known.is_none() || self.compare_sessions().await {
                        known = Some(count);
                    }
                }
                Err(error) => tracing::debug!(%error, "the database does not answer"),
            }
        }
    }

    /// Whether the bus carries; always so for one server alone.
    pub(crate) fn is_bus_up(&self) -> bool {
        !self.parts.bus.is_shared() || self.state().node.members.is_bus_up(Instant::now())
    }

    /// How many nodes there are.
    pub(crate) fn nodes(&self) -> usize {
        self.state().node.members.count()
    }

    /// Takes our people off the list, for all nodes, because the server stops.
    pub(crate) fn leave(&self) {
        let mut state = self.state();
        let mut fx = Effects::default();
        state.node.leave(&mut fx);
        // Whoever leads after us finds out as well; but nobody may be there to do it.
        state.leads = true;
        self.carry_out(&state, fx);
    }

    /// Drops silent nodes, and finds out whether we lead; whether commands may have been missed.
    fn look(&self, started: Instant) -> bool {
        let now = Instant::now();
        let gap = self.turn_node(|node, now, fx| node.look(now.at, fx));
        let mut state = self.state();
        // A new node first finds out who else is there.
        let is_settled = !self.parts.bus.is_shared() || now.duration_since(started) > SETTLING;
        let leads = is_settled && state.node.members.is_leader();
        if leads && !state.leads {
            self.parts.recorder.compare();
        }
        state.leads = leads;
        gap
    }

    /// Compares the sessions that are known here with the database; whether that could be done.
    async fn compare_sessions(&self) -> bool {
        // What is done here meanwhile is newer than what was read: then it is read again.
        for _ in 0..ATTEMPTS {
            let (known, turned) = {
                let state = self.state();
                (state.node.presence.sessions(None), state.node.turned)
            };
            let stored = match self.parts.store.stored_of(&known).await {
                Ok(stored) => stored,
                Err(error) => {
                    tracing::warn!(%error, "sessions could not be compared with the database");
                    return false;
                }
            };
            let adopted = self.turn_node(|node, now, fx| {
                let is_fresh = node.turned == turned;
                if is_fresh {
                    node.adopt(&known, stored, now, fx);
                }
                is_fresh
            });
            if adopted {
                return true;
            }
        }
        false
    }
}
