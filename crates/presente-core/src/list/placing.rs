//! How entries get to their places in the list, and away from there.

use super::{
    Index, SectionKey,
    entry::{Entry, Keyed, Kind, Slot},
    section::Section,
};
use crate::{controller::AccountNumber, settings::ListSettings};
use std::collections::BTreeMap;

/// Up to so many are moved one by one.
const FEW: usize = 32;

/// Those who are to be put into sections together.
#[derive(Debug, Default)]
pub(super) struct Joining(BTreeMap<SectionKey, Newcomers>);

/// Those who come into one section, and how many of them are online.
#[derive(Debug, Default)]
struct Newcomers {
    slots: Vec<Keyed>,
    online: usize,
}

impl Joining {
    /// Adds an entry that is settled; one that is not to be seen joins nothing.
    pub(super) fn add(&mut self, slot: Slot, entry: &Entry) {
        let Some(kind) = entry.section.clone() else { return };
        let newcomers = self.0.entry(key(entry.account, kind)).or_default();
        newcomers.slots.push((0, slot));
        newcomers.online += usize::from(entry.contact.online);
    }
}

impl Index {
    /// Changes an entry, which moves unless it is pinned.
    pub(super) fn update(&mut self, slot: Slot, change: impl FnOnce(&mut Entry)) {
        if self.pins.contains(&slot) {
            return self.change(slot, change);
        }
        self.lift(&[slot]);
        self.change(slot, change);
        self.place(&[slot]);
    }

    /// Changes an entry where it is.
    pub(super) fn change(&mut self, slot: Slot, change: impl FnOnce(&mut Entry)) {
        self.count(slot, false);
        let pinned = self.pins.contains(&slot);
        if let Some(entry) = self.entries.get_mut(slot) {
            change(entry);
            if !pinned {
                entry.refresh();
            }
        }
        self.count(slot, true);
    }

    /// Forgets entries, which nobody knows by their identity any more.
    pub(super) fn remove(&mut self, slots: &[Slot]) {
        self.lift(slots);
        for slot in slots {
            self.entries.remove(*slot);
        }
        self.pins.retain(|pin| !slots.contains(pin));
    }

    /// Counts somebody who is online in the section, or not any more.
    fn count(&mut self, slot: Slot, counts: bool) {
        let Some(entry) = self.entries.get(slot).filter(|entry| entry.contact.online) else { return };
        let key = entry.section.clone().map(|kind| key(entry.account, kind));
        if let Some(section) = key.and_then(|key| self.sections.get_mut(&key)) {
            section.online = if counts { section.online + 1 } else { section.online.saturating_sub(1) };
        }
    }

    /// Takes entries out of the sections they stand in.
    pub(super) fn lift(&mut self, slots: &[Slot]) {
        let mut left: BTreeMap<SectionKey, Vec<Slot>> = BTreeMap::new();
        for slot in slots {
            self.count(*slot, false);
            let Some(entry) = self.entries.get_mut(*slot) else { continue };
            if let Some(kind) = entry.section.take() {
                left.entry(key(entry.account, kind)).or_default().push(*slot);
            }
        }
        for (key, mut gone) in left {
            let Some(section) = self.sections.get_mut(&key) else { continue };
            if gone.len() <= FEW {
                gone.iter().for_each(|slot| section.take(*slot, &self.entries));
            } else {
                gone.sort_unstable();
                section.retain(|slot| gone.binary_search(&slot).is_err());
            }
            if section.rows().is_empty() {
                self.sections.remove(&key);
            }
        }
    }

    /// Finds entries the places where they belong.
    pub(super) fn place(&mut self, slots: &[Slot]) {
        let mut joining = Joining::default();
        self.settle(slots, &mut joining);
        self.join(joining);
    }

    /// Settles where entries are to stand.
    pub(super) fn settle(&mut self, slots: &[Slot], joining: &mut Joining) {
        for slot in slots {
            if let Some(entry) = self.entries.get_mut(*slot) {
                entry.settle(self.settings.sort, &self.query);
                joining.add(*slot, entry);
            }
        }
    }

    /// Puts entries into the sections that they belong to.
    pub(super) fn join(&mut self, joining: Joining) {
        let entries = std::mem::take(&mut self.entries);
        for (key, Newcomers { mut slots, online }) in joining.0 {
            let section = self.section_mut(key);
            section.online += online;
            if slots.len() <= FEW {
                slots.iter().for_each(|(_, slot)| section.put(*slot, &entries));
            } else {
                entries.sort(&mut slots, 0);
                section.merge(slots.iter().map(|(_, slot)| *slot), &entries);
            }
        }
        self.entries = entries;
    }

    /// Puts an entry into the section that it belongs to.
    pub(super) fn put(&mut self, slot: Slot) {
        let mut joining = Joining::default();
        if let Some(entry) = self.entries.get(slot) {
            joining.add(slot, entry);
        }
        self.join(joining);
    }

    /// Finds everybody their places anew, of whom only these may be seen.
    pub(super) fn rearrange(&mut self, perhaps: &[Slot]) {
        self.sections.clear();
        for slot in self.pins.clone() {
            self.entries.get_mut(slot).into_iter().for_each(Entry::refresh);
        }
        self.entries.iter_mut().for_each(|entry| entry.section = None);
        self.place(perhaps);
    }

    /// The section, which is made where it is missing.
    fn section_mut(&mut self, key: SectionKey) -> &mut Section {
        let Self { settings, accounts, numbers, sections, .. } = self;
        sections.entry(key).or_insert_with_key(|(account, kind)| {
            let tag = accounts.get(account).map_or("", |people| people.tag.as_str());
            let id = match kind {
                Kind::Favourites => "favourites".to_owned(),
                Kind::Group(name) => format!("group {tag} {}", name.as_str()),
                Kind::Online => format!("online {tag}"),
                Kind::Away => format!("away {tag}"),
                Kind::Offline => format!("offline {tag}"),
            };
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            let number = *numbers.entry(id.clone()).or_insert(next);
            let folded = is_folded(settings, kind, &id);
            Section::new(id, number, folded)
        })
    }
}

/// Favourites of all accounts stand together.
fn key(account: AccountNumber, kind: Kind) -> SectionKey {
    (if kind == Kind::Favourites { AccountNumber::NONE } else { account }, kind)
}

/// Who is offline is not shown unless asked for.
pub(super) fn is_folded(settings: &ListSettings, kind: &Kind, id: &str) -> bool {
    if *kind == Kind::Offline { !settings.unfolded.contains(id) } else { settings.folded.contains(id) }
}
