//! One namespace of a session: whether it is connected, what waits for that, which acknowledgements are awaited.

use crate::{
    options::Deadlines,
    payload::{Payload, PayloadError},
};
use engineioxide_core::{Packet as EnginePacket, Str};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// What a later connection needs to take up where this one ended, where the server keeps connection state: events
/// sent meanwhile are sent again. Secret: who has it may take the session over.
#[derive(Clone, PartialEq, Eq)]
pub struct Recovery {
    pub(super) pid: String,
    pub(super) offset: Option<String>,
}

impl std::fmt::Debug for Recovery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recovery(..)")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// CONNECT has not been sent: the session or the auth payload is not there yet.
    Waiting,
    /// CONNECT has been sent.
    Connecting {
        by: Instant,
    },
    Connected,
    Ended,
}

/// What the server says when it connects a namespace.
#[derive(Debug, Deserialize)]
pub(super) struct Welcome {
    pub(super) sid: String,
    #[serde(default)]
    pid: Option<String>,
}

/// An event that came.
#[derive(Debug)]
pub(super) struct Came {
    pub(super) name: String,
    pub(super) payload: Payload,
    pub(super) ack: Option<i64>,
}

#[derive(Debug)]
pub(super) struct Namespace {
    pub(super) name: Str,
    pub(super) standing: Standing,
    /// The payload of CONNECT, once it is known.
    connect: Option<Option<String>>,
    /// Events from before the namespace was connected, each with its attachments.
    pub(super) waiting: Vec<Vec<EnginePacket>>,
    /// Events that came before the answer to CONNECT: a server that takes up an earlier state sends what was missed
    /// first.
    pub(super) early: Vec<Came>,
    pub(super) early_bytes: usize,
    next_ack: u64,
    /// What is awaited, and until when.
    pub(super) acks: BTreeMap<u64, Instant>,
    pub(super) recovery: Option<Recovery>,
}

impl Namespace {
    pub(super) fn new(name: Str) -> Self {
        Self {
            name,
            standing: Standing::Waiting,
            connect: None,
            waiting: Vec::new(),
            early: Vec::new(),
            early_bytes: 0,
            next_ack: 0,
            acks: BTreeMap::new(),
            recovery: None,
        }
    }

    /// Takes the payload for CONNECT: what the server wants as proof, and what recovery adds to it.
    pub(super) fn prepare(
        &mut self,
        auth: Option<&str>,
        recovery: Option<Recovery>,
    ) -> Result<(), PayloadError> {
        let with_recovery = |recovery: &Recovery| {
            let mut payload: Map<String, Json> = match auth {
                Some(auth) => serde_json::from_str(auth).map_err(|error| PayloadError::new(&error))?,
                None => Map::new(),
            };
            payload.insert("pid".to_owned(), Json::from(recovery.pid.clone()));
            payload.insert("offset".to_owned(), recovery.offset.clone().map_or(Json::Null, Json::from));
            Ok(Json::from(payload).to_string())
        };
        self.connect = Some(match &recovery {
            Some(recovery) => Some(with_recovery(recovery)?),
            None => auth.map(ToOwned::to_owned),
        });
        self.recovery = recovery;
        Ok(())
    }

    /// What CONNECT is to say, if it can be sent now.
    pub(super) fn begin(&mut self, deadlines: &Deadlines, now: Instant) -> Option<Option<String>> {
        let payload = self.connect.take_if(|_| self.standing == Standing::Waiting)?;
        self.standing = Standing::Connecting { by: now + deadlines.namespace };
        Some(payload)
    }

    /// The server has connected it; says whether it took up an earlier state.
    pub(super) fn connected(&mut self, welcome: &Welcome) -> bool {
        self.standing = Standing::Connected;
        let recovered = welcome.pid.is_some()
            && welcome.pid == self.recovery.as_ref().map(|recovery| recovery.pid.clone());
        let offset = self.recovery.take().filter(|_| recovered).and_then(|recovery| recovery.offset);
        self.recovery = welcome.pid.clone().map(|pid| Recovery { pid, offset });
        recovered
    }

    /// The offset of the last event, where the server keeps state.
    pub(super) fn passed(&mut self, offset: impl FnOnce() -> Option<String>) {
        if let Some(recovery) = &mut self.recovery
            && let Some(offset) = offset()
        {
            recovery.offset = Some(offset);
        }
    }

    /// The id for an event that wants to be acknowledged.
    pub(super) fn await_ack(&mut self, within: Duration, now: Instant) -> u64 {
        let id = self.next_ack;
        self.next_ack += 1;
        self.acks.insert(id, now + within);
        id
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let connecting = match self.standing {
            Standing::Connecting { by } => Some(by),
            _ => None,
        };
        connecting.into_iter().chain(self.acks.values().copied()).min()
    }
}
