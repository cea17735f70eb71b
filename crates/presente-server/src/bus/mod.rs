//! The bus: how nodes speak to each other. One server alone has none.

mod redis;

pub(crate) use redis::{RedisBus, RedisTasks};

use crate::cluster::Envelope;

/// Where what a node says goes.
#[derive(Debug)]
pub(crate) enum Bus {
    /// There is nobody to say it to.
    Alone,
    /// A Redis stream that all nodes read.
    Redis(RedisBus),
}

impl Bus {
    /// Says something to all nodes, ourselves included; returns at once. What cannot be sent is lost, which the others
    /// find out by its number.
    pub(crate) fn say(&self, envelope: Envelope) {
        match self {
            Self::Alone => {}
            Self::Redis(redis) => redis.say(envelope),
        }
    }

    /// Whether there may be other nodes.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self, Self::Redis(_))
    }
}
