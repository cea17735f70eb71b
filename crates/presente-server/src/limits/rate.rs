//! How often: so much at once, and what was spent comes back steadily.

use std::{
    collections::HashMap,
    hash::Hash,
    time::{Duration, Instant},
};

/// So many at once and in every period on average.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    /// In which one comes back.
    each: Duration,
    /// In which all come back.
    whole: Duration,
}

impl Rate {
    /// `count` in every `period`. A count of 0 counts as 1: a limit that lets nothing through is none.
    pub(crate) fn new(count: u32, period: Duration) -> Self {
        Self { each: period / count.max(1), whole: period }
    }

    /// `count` in every minute.
    pub(crate) fn a_minute(count: u32) -> Self {
        Self::new(count, Duration::from_secs(60))
    }
}

/// What has been spent of a rate.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent {
    /// When everything has come back; `None`: nothing was ever spent.
    whole_again: Option<Instant>,
}

impl Spent {
    /// Spends one.
    ///
    /// # Errors
    /// Nothing is left: the time until one is.
    pub(crate) fn take(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        let (after, wait) = self.after_one(rate, now);
        if wait.is_zero() {
            self.whole_again = Some(after);
            Ok(())
        } else {
            Err(wait)
        }
    }

    /// Spends one that may only come back later, and says in how long it does.
    pub(crate) fn reserve(&mut self, rate: Rate, now: Instant) -> Duration {
        let (after, wait) = self.after_one(rate, now);
        self.whole_again = Some(after);
        wait
    }

    fn after_one(self, rate: Rate, now: Instant) -> (Instant, Duration) {
        let after = self.whole_again.map_or(now, |at| at.max(now)) + rate.each;
        (after, after.saturating_duration_since(now + rate.whole))
    }
}

/// What has been spent by each of many, in bounded memory.
///
/// Two generations: when the younger is full, it becomes the older one and what the older one held is
/// forgotten. So who comes often is remembered, and a crowd of new keys costs no more than `2 * capacity`
/// entries and no search.
#[derive(Debug)]
pub(crate) struct RateTable<K> {
    rate: Rate,
    capacity: usize,
    young: HashMap<K, Spent>,
    old: HashMap<K, Spent>,
}

impl<K: Eq + Hash> RateTable<K> {
    /// `rate` for each key; at least the last `capacity` keys are remembered.
    pub(crate) fn new(rate: Rate, capacity: usize) -> Self {
        Self { rate, capacity: capacity.max(1), young: HashMap::new(), old: HashMap::new() }
    }

    /// Spends one of `key`'s.
    ///
    /// # Errors
    /// Nothing is left: the time until one is.
    pub(crate) fn take(&mut self, key: K, now: Instant) -> Result<(), Duration> {
        if let Some(spent) = self.young.get_mut(&key) {
            return spent.take(self.rate, now);
        }
        let mut spent = self.old.remove(&key).unwrap_or_default();
        let verdict = spent.take(self.rate, now);
        if self.young.len() >= self.capacity {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, spent);
        verdict
    }

    /// How many keys are remembered.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}
