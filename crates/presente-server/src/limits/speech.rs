//! Who may speak to everybody, and how often: an announcement costs as much as there are sockets.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::rate::{Rate, RateTable, Spent};
use crate::{address::ClientAddress, presence::UserId};

/// Announcements of one speaker.
const OF_ONE: (u32, Duration) = (20, Duration::from_secs(60));
/// Announcements of everybody together.
const OF_ALL: (u32, Duration) = (100, Duration::from_secs(20));
/// Speakers that are remembered.
const SPEAKERS: usize = 10_000;

/// Somebody who speaks: a person with all their sockets or, without a name, whoever is at an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Speaker {
    Person(UserId),
    Address(ClientAddress),
}

/// The right to speak to everybody.
#[derive(Debug, Clone)]
pub(crate) struct Speech(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    of_one: RateTable<Speaker>,
    of_all: Spent,
}

impl Default for Speech {
    fn default() -> Self {
        let (count, period) = OF_ONE;
        let of_one = RateTable::new(Rate::new(count, period), SPEAKERS);
        Self(Arc::new(Mutex::new(State { of_one, of_all: Spent::default() })))
    }
}

impl Speech {
    /// Whether `speaker` may say something to everybody now. Who is refused takes nothing from the others.
    pub(crate) fn admit(&self, speaker: Speaker, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, period) = OF_ALL;
        state.of_one.take(speaker, now).is_ok() && state.of_all.take(Rate::new(count, period), now).is_ok()
    }
}
