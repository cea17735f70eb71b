//! The list of people as it is shown: everybody of all accounts in sections, in order, searched and folded. Pure.
//!
//! It follows the rosters change by change, so that no event costs more than the one whom it is about: a place is
//! found by binary search, and making room there moves numbers of four bytes. Whole lists, another sort and a search
//! sort everybody.
//!
//! A contact stands in one section: favourite wins over group, group over state. What is *pinned*, because the pointer
//! or the focus is there, stays where it is whatever becomes of it.

mod entry;
mod feed;
mod placing;
mod section;
mod window;
mod words;

pub(crate) use entry::{Kind, Noted, Slot};
pub(crate) use window::{Heading, Row};
pub(crate) use words::folded;

use crate::{
    controller::AccountNumber,
    roster::{Contact, Touch},
    settings::{ListSettings, OpenSession, Sort},
};
use entry::{Entries, Entry};
use placing::{Joining, is_folded};
use section::Section;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use words::Query;

/// The most rows that can be pinned: that under the pointer, that with the focus, and the same before they moved on.
const MAX_PINS: usize = 4;

/// Of which account a section is (favourites are of none), and which it is: the order in which they stand.
type SectionKey = (AccountNumber, Kind);

/// The list of people.
#[derive(Debug, Default)]
pub(crate) struct Index {
    settings: ListSettings,
    query: Query,
    entries: Entries,
    accounts: BTreeMap<AccountNumber, People>,
    /// None of them is empty.
    sections: BTreeMap<SectionKey, Section>,
    /// By which the rows of sections are known; also of those that have nobody now.
    numbers: HashMap<String, u32>,
    pins: Vec<Slot>,
}

/// The people of one account.
#[derive(Debug)]
struct People {
    /// What tells its sections from those of others, from one run to the next.
    tag: String,
    /// By identity.
    by_id: Vec<Slot>,
}

impl Index {
    /// An empty list that is shown in this way.
    pub(crate) fn new(settings: &ListSettings) -> Self {
        Self { settings: settings.clone(), ..Self::default() }
    }

    /// An account is there; whether that is new.
    pub(crate) fn open(&mut self, account: AccountNumber, session: impl FnOnce() -> OpenSession) -> bool {
        let is_new = !self.accounts.contains_key(&account);
        if is_new {
            let OpenSession { server, email } = session();
            let tag = format!("{email} {server}");
            self.accounts.insert(account, People { tag, by_id: Vec::new() });
        }
        is_new
    }

    /// Those accounts are gone for which this is not so.
    pub(crate) fn keep_accounts(&mut self, is_there: impl Fn(AccountNumber) -> bool) {
        let gone: Vec<_> = self.accounts.keys().copied().filter(|account| !is_there(*account)).collect();
        for account in gone {
            let people = self.accounts.remove(&account);
            self.remove(&people.map(|people| people.by_id).unwrap_or_default());
        }
    }

    /// Takes everybody of an account, in the order of identities. Whose contact is the one of before is passed over.
    pub(crate) fn replace<'a>(
        &mut self,
        account: AccountNumber,
        contacts: impl ExactSizeIterator<Item = &'a Arc<Contact>>,
        noted: impl Fn(&str) -> Option<Box<Noted>>,
    ) {
        let Some(people) = self.accounts.get_mut(&account) else { return };
        let mut known = std::mem::take(&mut people.by_id).into_iter().peekable();
        let (mut by_id, mut changed, mut gone) = (Vec::with_capacity(contacts.len()), Vec::new(), Vec::new());
        let mut joining = Joining::default();
        self.entries.reserve(contacts.len().saturating_sub(known.len()));
        for contact in contacts {
            let order = |slot: &Slot| self.entries.identity_order(*slot, contact);
            gone.extend(std::iter::from_fn(|| known.next_if(|slot| order(slot).is_lt())));
            if let Some(slot) = known.next_if(|slot| order(slot).is_eq()) {
                let entry = self.entries.get(slot);
                if entry.is_some_and(|entry| !Arc::ptr_eq(&entry.contact, contact)) {
                    changed.push((slot, contact.clone()));
                }
                by_id.push(slot);
            } else {
                let mut entry = Entry::new(account, contact.clone(), noted(&contact.id));
                entry.settle(self.settings.sort, &self.query);
                if let Some((slot, entry)) = self.entries.add(entry) {
                    joining.add(slot, entry);
                    by_id.push(slot);
                }
            }
        }
        gone.extend(known);
        people.by_id = by_id;
        self.remove(&gone);
        let is_pinned = |slot: &Slot| self.pins.contains(slot);
        let moving: Vec<_> = changed.iter().map(|(slot, _)| *slot).filter(|slot| !is_pinned(slot)).collect();
        self.lift(&moving);
        for (slot, contact) in changed {
            self.change(slot, |entry| entry.contact = contact);
        }
        self.settle(&moving, &mut joining);
        self.join(joining);
    }

    /// Takes what became of somebody.
    pub(crate) fn touch(
        &mut self,
        account: AccountNumber,
        touch: Touch,
        noted: impl Fn(&str) -> Option<Box<Noted>>,
    ) {
        match touch {
            Touch::Is(contact) => match self.slot_of(account, &contact.id) {
                Some(slot) => self.update(slot, |entry| entry.contact = contact),
                None => {
                    let noted = noted(&contact.id);
                    if let Some((slot, _)) = self.entries.add(Entry::new(account, contact, noted)) {
                        self.register(account, slot);
                        self.place(&[slot]);
                    }
                }
            },
            Touch::Gone(id) => {
                if let Some(slot) = self.slot_of(account, &id) {
                    self.unregister(account, slot);
                    self.remove(&[slot]);
                }
            }
            Touch::Renamed(was, contact) => match self.slot_of(account, &was) {
                Some(slot) => self.rename(account, slot, contact),
                None => self.touch(account, Touch::Is(contact), noted),
            },
        }
    }

    /// One has another identity, and stays the same row.
    fn rename(&mut self, account: AccountNumber, slot: Slot, contact: Arc<Contact>) {
        let namesake = self.slot_of(account, &contact.id).filter(|other| *other != slot);
        if let Some(gone) = namesake {
            self.unregister(account, gone);
            self.remove(&[gone]);
        }
        self.unregister(account, slot);
        // Among those of the same name the identity decides, so even who is pinned may have to move by one.
        let section = self.entries.get(slot).and_then(|entry| entry.section.clone());
        self.lift(&[slot]);
        let pinned = self.pins.contains(&slot);
        if let Some(entry) = self.entries.get_mut(slot) {
            entry.contact = contact;
            entry.section = section.filter(|_| pinned);
        }
        self.register(account, slot);
        if pinned {
            self.put(slot);
        } else {
            self.change(slot, |_| {});
            self.place(&[slot]);
        }
    }

    /// Something else is noted of somebody.
    pub(crate) fn note(&mut self, account: AccountNumber, id: &str, noted: Option<Box<Noted>>) {
        if let Some(slot) = self.slot_of(account, id) {
            self.update(slot, |entry| entry.noted = noted);
        }
    }

    /// Sorts in another way.
    pub(crate) fn sort(&mut self, sort: Sort) {
        if std::mem::replace(&mut self.settings.sort, sort) != sort {
            let everybody: Vec<_> = self.entries.slots().collect();
            self.rearrange(&everybody);
        }
    }

    /// Shows only those in whom all these words are found.
    pub(crate) fn search(&mut self, text: &str) {
        let query = Query::new(text);
        if query == self.query {
            return;
        }
        let narrows = query.narrows(&self.query);
        self.query = query;
        // Of those who were not found before, nobody is now; but who is pinned may be another one by now.
        let was_found = |slot: &Slot| self.entries.get(*slot).is_some_and(|entry| entry.section.is_some());
        let may_be = |slot: &Slot| !narrows || was_found(slot) || self.pins.contains(slot);
        let perhaps: Vec<_> = self.entries.slots().filter(may_be).collect();
        self.rearrange(&perhaps);
    }

    /// Whether only those are shown who are searched for.
    pub(crate) fn is_searching(&self) -> bool {
        !self.query.is_empty()
    }

    /// Folds and unfolds sections.
    pub(crate) fn fold(&mut self, settings: &ListSettings) {
        self.settings.folded.clone_from(&settings.folded);
        self.settings.unfolded.clone_from(&settings.unfolded);
        for ((_, kind), section) in &mut self.sections {
            section.folded = is_folded(&self.settings, kind, &section.id);
        }
    }

    /// Whether a section of this name is in the list, and if so, whether it is folded by itself.
    pub(crate) fn folds_by_itself(&self, section: &str) -> Option<bool> {
        let mut sections = self.sections.iter();
        sections.find(|(_, known)| known.id == section).map(|((_, kind), _)| *kind == Kind::Offline)
    }

    /// These rows stay where they are from now on, and no others.
    pub(crate) fn pin(&mut self, slots: impl Iterator<Item = Slot>) {
        let pins: Vec<_> = slots.filter(|slot| self.entries.get(*slot).is_some()).take(MAX_PINS).collect();
        let released = std::mem::replace(&mut self.pins, pins);
        for slot in released.into_iter().filter(|slot| !self.pins.contains(slot)).collect::<Vec<_>>() {
            self.update(slot, |_| {});
        }
    }

    fn slot_of(&self, account: AccountNumber, id: &str) -> Option<Slot> {
        let by_id = &self.accounts.get(&account)?.by_id;
        let at = by_id.binary_search_by(|slot| self.entries.id(*slot).cmp(id)).ok()?;
        by_id.get(at).copied()
    }

    fn register(&mut self, account: AccountNumber, slot: Slot) {
        let (entries, id) = (&self.entries, self.entries.id(slot));
        if let Some(People { by_id, .. }) = self.accounts.get_mut(&account) {
            let at = by_id.partition_point(|other| entries.id(*other) < id);
            by_id.insert(at, slot);
        }
    }

    fn unregister(&mut self, account: AccountNumber, slot: Slot) {
        let (entries, id) = (&self.entries, self.entries.id(slot));
        if let Some(People { by_id, .. }) = self.accounts.get_mut(&account)
            && let Ok(at) = by_id.binary_search_by(|other| entries.id(*other).cmp(id))
        {
            by_id.remove(at);
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_by_model;
