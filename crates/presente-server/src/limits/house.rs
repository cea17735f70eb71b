//! What all sockets of this node are held to together.

use std::{sync::Arc, time::Instant};

use axum::http::request::Parts;

use super::{Connects, Speaker, Speech};
use crate::{
    address::ClientAddress,
    metrics::{Metrics, Refused},
    presence::UserId,
};

/// The rules of the house. All clones count together.
#[derive(Debug, Clone)]
pub(crate) struct HouseRules {
    speech: Speech,
    metrics: Metrics,
}

impl HouseRules {
    /// With nobody in the house yet.
    pub(crate) fn new(metrics: Metrics) -> Self {
        Self { speech: Speech::default(), metrics }
    }

    /// Whether one more attempt to CONNECT on the handshake of `parts` is looked at.
    pub(crate) fn admit(&self, parts: &Parts, now: Instant) -> bool {
        let admitted = parts.extensions.get::<Connects>().is_none_or(|connects| connects.admit(now));
        if !admitted {
            self.metrics.refused(Refused::Connects);
        }
        admitted
    }

    /// Whether a person, or whoever is at the address of `parts`, may say something to everybody now.
    pub(crate) fn may_speak(&self, user: Option<&UserId>, parts: &Parts, now: Instant) -> bool {
        let speaker = match (user, parts.extensions.get::<ClientAddress>()) {
            (Some(user), _) => Speaker::Person(Arc::clone(user)),
            (None, Some(address)) => Speaker::Address(address.group()),
            (None, None) => return true,
        };
        let may = self.speech.admit(speaker, now);
        if !may {
            self.metrics.refused(Refused::Announcements);
        }
        may
    }

    /// Something of a socket was refused.
    pub(crate) fn refused(&self, reason: Refused) {
        self.metrics.refused(reason);
    }
}
