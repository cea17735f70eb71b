//! Which alerts nobody has looked at yet, as far as is known: they are taken away when they are not true any more.

use super::{AccountNumber, Alert, Key, Kind};
use std::collections::BTreeMap;

/// Alerts that nobody has looked at yet.
#[derive(Debug, Default)]
pub(super) struct Shown {
    by_tag: BTreeMap<String, Places>,
    tags: BTreeMap<Key, String>,
}

#[derive(Debug)]
struct Places {
    kind: Kind,
    named: Vec<Key>,
    /// How many are told of besides.
    unnamed: usize,
}

impl Shown {
    /// A tag for an alert about this contact alone: always the same, unless under it something is shown about several.
    pub(super) fn tag_of(&self, key: &Key) -> String {
        let mut tag = format!("p:{}:{}", key.0.number(), key.1);
        if self.by_tag.get(&tag).is_some_and(|places| places.named.len() + places.unnamed > 1) {
            tag.push('+');
        }
        tag
    }

    /// An alert is shown. Returns the tags of those that say nothing any more beside it.
    pub(super) fn show(&mut self, alert: &Alert) -> Vec<String> {
        let replaced = self.by_tag.remove(&alert.tag);
        for key in replaced.into_iter().flat_map(|places| places.named) {
            self.tags.remove(&key);
        }
        let mut empty = Vec::new();
        for who in &alert.who {
            let key = who.key();
            empty.extend(self.strike(&key, |_| true));
            self.tags.insert(key, alert.tag.clone());
        }
        let named: Vec<_> = alert.who.iter().map(super::Who::key).collect();
        let unnamed = (alert.others + 1).saturating_sub(named.len());
        self.by_tag.insert(alert.tag.clone(), Places { kind: alert.kind, named, unnamed });
        empty
    }

    /// What is shown of a contact is not true any more, if it is of such a kind. Returns the tag of an alert that says
    /// nothing any more.
    pub(super) fn strike(&mut self, key: &Key, is_false: impl Fn(Kind) -> bool) -> Option<String> {
        let tag = self.tags.get(key)?;
        let places = self.by_tag.get_mut(tag)?;
        if !is_false(places.kind) {
            return None;
        }
        places.named.retain(|named| named != key);
        let is_empty = places.named.is_empty() && places.unnamed == 0;
        let tag = self.tags.remove(key)?;
        if is_empty {
            self.by_tag.remove(&tag);
        }
        is_empty.then_some(tag)
    }

    /// Somebody is known by another identity now.
    pub(super) fn rename(&mut self, was: &Key, is: &Key) {
        let Some(tag) = self.tags.remove(was) else { return };
        if let Some(places) = self.by_tag.get_mut(&tag) {
            places.named.iter_mut().filter(|named| *named == was).for_each(|named| named.clone_from(is));
        }
        self.tags.insert(is.clone(), tag);
    }

    /// An account is gone, and with it what is shown of its contacts. Returns the tags of alerts that say nothing any more.
    pub(super) fn forget(&mut self, account: AccountNumber) -> Vec<String> {
        let keys: Vec<_> = self.tags.keys().filter(|key| key.0 == account).cloned().collect();
        keys.iter().filter_map(|key| self.strike(key, |_| true)).collect()
    }

    /// Somebody has looked.
    pub(super) fn clear(&mut self) {
        self.by_tag.clear();
        self.tags.clear();
    }
}
