//! What is remembered of the latest of many, in bounded memory.

use std::{collections::HashMap, hash::Hash};

/// Two generations: when the younger is full, it becomes the older one, and what the older one held is
/// forgotten. Whoever comes often is remembered; a crowd of new keys costs at most `2 * capacity` entries.
#[derive(Debug)]
pub(super) struct Generations<K, V> {
    capacity: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash + Clone, V: Copy + Default> Generations<K, V> {
    /// Remembers at least the last `capacity` keys.
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), young: HashMap::new(), old: HashMap::new() }
    }

    /// What is known of `key`.
    pub(super) fn get(&self, key: &K) -> Option<V> {
        self.young.get(key).or_else(|| self.old.get(key)).copied()
    }

    /// What is known of `key`, to be changed; it is remembered from now on.
    pub(super) fn entry(&mut self, key: &K) -> &mut V {
        if !self.young.contains_key(key) && self.young.len() >= self.capacity {
            self.old = std::mem::take(&mut self.young);
        }
        let known = self.old.remove(key).unwrap_or_default();
        self.young.entry(key.clone()).or_insert(known)
    }

    /// How many keys are remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}
