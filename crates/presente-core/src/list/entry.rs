//! One person in the list: what is shown of them, and by what they find their place.

use super::words::{Query, folded};
use crate::{
    controller::AccountNumber,
    people::Person,
    roster::{Availability, Contact},
    settings::Sort,
};
use compact_str::CompactString;
use std::{cmp::Ordering, sync::Arc};

/// By which an entry is known; never used again for another as long as the list is there.
pub(crate) type Slot = u32;

/// What decides between entries of one section before their names do.
type Major = u64;
/// The latest moment that a [`Major`] has room for, in milliseconds.
const LATEST: u64 = (1 << 48) - 1;

/// The name of a group, which sorts without case and accents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GroupName {
    folded: CompactString,
    name: String,
}

impl GroupName {
    /// The name as it was given.
    pub(crate) fn as_str(&self) -> &str {
        &self.name
    }
}

/// Which section of the list, of one account or (favourites) of all. In the order in which they stand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Those who are to stand at the top.
    Favourites,
    /// A group that somebody has made.
    Group(Arc<GroupName>),
    /// Who can be reached.
    Online,
    /// Who is away or not to be disturbed.
    Away,
    /// Who is offline.
    Offline,
}

impl Kind {
    /// Whether those in it can be there in any state.
    pub(crate) fn is_mixed(&self) -> bool {
        matches!(self, Self::Favourites | Self::Group(_))
    }
}

/// What is noted of a person, as far as the list shows it or is searched for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Noted {
    /// Stands at the top.
    pub(crate) favourite: bool,
    /// The group they stand in.
    pub(crate) group: Option<Arc<GroupName>>,
    /// What they are called here; empty where their own name serves.
    pub(crate) alias: String,
    note: String,
}

impl Noted {
    /// The part of what is noted that matters here; `None` where there is none.
    pub(crate) fn of(person: &Person) -> Option<Box<Self>> {
        let group = person.group.as_deref().filter(|name| !name.is_empty());
        let group = group.map(|name| Arc::new(GroupName { folded: folded(name), name: name.to_owned() }));
        let (favourite, alias, note) = (person.favourite, person.alias.clone(), person.note.clone());
        let has_some = favourite || group.is_some() || !alias.is_empty() || !note.is_empty();
        has_some.then(|| Box::new(Self { favourite, group, alias, note }))
    }
}

/// One person in the list.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) account: AccountNumber,
    pub(super) contact: Arc<Contact>,
    pub(super) noted: Option<Box<Noted>>,
    /// The section it stands in; `None` for one that is not to be seen.
    pub(super) section: Option<Kind>,
    major: Major,
    /// The name by which it was placed, folded.
    name: CompactString,
}

impl Entry {
    pub(super) fn new(account: AccountNumber, contact: Arc<Contact>, noted: Option<Box<Noted>>) -> Self {
        let mut entry =
            Self { account, contact, noted, section: None, major: 0, name: CompactString::default() };
        entry.refresh();
        entry
    }

    /// The name that is shown.
    pub(super) fn shown_name(&self) -> &str {
        let alias = self.noted.as_ref().map(|noted| noted.alias.as_str());
        alias.filter(|alias| !alias.is_empty()).unwrap_or(&self.contact.name)
    }

    /// Something that it is placed or found by has changed.
    pub(super) fn refresh(&mut self) {
        self.name = folded(self.shown_name());
    }

    /// Settles where it is to stand, with a name that is fresh.
    pub(super) fn settle(&mut self, sort: Sort, query: &Query) {
        self.section = self.is_found(query).then(|| self.kind());
        self.major = self.section.as_ref().map_or(0, |kind| self.weight(kind, sort));
    }

    /// Whether everything that is searched for is somewhere in what is known. Most is found in the name, which is folded
    /// already.
    fn is_found(&self, query: &Query) -> bool {
        query
            .words()
            .all(|word| self.name.contains(word) || self.others().any(|part| folded(part).contains(word)))
    }

    /// What somebody may be found by beside the name that is shown.
    fn others(&self) -> impl Iterator<Item = &str> {
        let (alias, note) =
            self.noted.as_deref().map_or(("", ""), |noted| (noted.alias.as_str(), noted.note.as_str()));
        let name = if alias.is_empty() { "" } else { self.contact.name.as_str() };
        let Contact { email, status_line, .. } = &*self.contact;
        let parts =
            [name, email.as_deref().unwrap_or_default(), status_line.as_deref().unwrap_or_default(), note];
        parts.into_iter().filter(|part| !part.is_empty())
    }

    fn kind(&self) -> Kind {
        match self.noted.as_deref() {
            Some(Noted { favourite: true, .. }) => Kind::Favourites,
            Some(Noted { group: Some(group), .. }) => Kind::Group(group.clone()),
            _ => match rank(&self.contact) {
                0 => Kind::Online,
                1 | 2 => Kind::Away,
                _ => Kind::Offline,
            },
        }
    }

    fn weight(&self, kind: &Kind, sort: Sort) -> Major {
        let rank = match (sort, kind.is_mixed(), rank(&self.contact)) {
            (Sort::State, _, rank) => rank,
            // Away and not to be disturbed are one there, as in the section of their own.
            (_, true, 2) => 1,
            (_, true, rank) => rank,
            (_, false, _) => 0,
        };
        let age = match sort {
            Sort::Recent => {
                let since = self.contact.since.and_then(|since| u64::try_from(since.as_millisecond()).ok());
                LATEST - since.unwrap_or(0).min(LATEST)
            }
            Sort::Name | Sort::State => 0,
        };
        (rank << 48) | age
    }

    /// What is looked at when many are sorted: parts of what decides, in the order in which they do. The rest is in
    /// [`Self::order`].
    pub(super) fn sort_key(&self, part: usize) -> u64 {
        let Some(at) = part.checked_sub(1) else { return self.major };
        let rest = self.name.as_bytes().get(at * size_of::<u64>()..).unwrap_or_default();
        let key = rest.first_chunk().copied().unwrap_or_else(|| {
            let mut key = [0; size_of::<u64>()];
            key.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
            key
        });
        u64::from_be_bytes(key)
    }

    /// The order within a section; never the same for two.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        (self.major, &self.name)
            .cmp(&(other.major, &other.name))
            .then_with(|| by_identity(&self.contact.id, &other.contact.id))
            .then(self.account.cmp(&other.account))
    }
}

/// Numbers as numbers.
fn by_identity(one: &str, other: &str) -> Ordering {
    let is_number = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    match (is_number(one), is_number(other)) {
        (true, true) => (one.len(), one).cmp(&(other.len(), other)),
        (one_is, other_is) => other_is.cmp(&one_is).then_with(|| one.cmp(other)),
    }
}

/// How well somebody can be reached, the best first: available, busy, away, offline.
fn rank(contact: &Contact) -> u64 {
    match (contact.online, contact.availability) {
        (false, _) => 3,
        (true, Some(Availability::Away)) => 2,
        (true, Some(Availability::DoNotDisturb)) => 1,
        (true, Some(Availability::Online) | None) => 0,
    }
}

/// Somebody who is being sorted, with the part of the sort key that is looked at.
pub(super) type Keyed = (u64, Slot);

/// How many parts of their sort keys are compared at once when many are sorted.
const SORTED_PARTS: usize = 5;
/// So few are compared as a whole.
const SORTED_WHOLE: usize = 8;

/// All entries. Their numbers are not used again.
#[derive(Debug, Default)]
pub(super) struct Entries(Vec<Option<Entry>>);

impl Entries {
    /// Makes room for so many more.
    pub(super) fn reserve(&mut self, more: usize) {
        self.0.reserve(more);
    }

    /// Takes one in; `None` if there were too many.
    pub(super) fn add(&mut self, entry: Entry) -> Option<(Slot, &Entry)> {
        let slot = Slot::try_from(self.0.len()).ok()?;
        self.0.push(Some(entry));
        Some((slot, self.get(slot)?))
    }

    pub(super) fn get(&self, slot: Slot) -> Option<&Entry> {
        self.0.get(usize::try_from(slot).ok()?)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, slot: Slot) -> Option<&mut Entry> {
        self.0.get_mut(usize::try_from(slot).ok()?)?.as_mut()
    }

    pub(super) fn remove(&mut self, slot: Slot) -> Option<Entry> {
        self.0.get_mut(usize::try_from(slot).ok()?)?.take()
    }

    /// Everybody there is.
    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> {
        let there = (0..).zip(&self.0).filter(|(_, entry)| entry.is_some());
        there.map(|(slot, _)| slot)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.0.iter_mut().flatten()
    }

    /// Sorts many, by a part of what decides at a time: who are the same by that are sorted by the next.
    pub(super) fn sort(&self, slots: &mut [Keyed], part: usize) {
        if slots.len() <= SORTED_WHOLE || part >= SORTED_PARTS {
            return slots.sort_unstable_by(|(_, one), (_, other)| self.order(*one, *other));
        }
        for (key, slot) in &mut *slots {
            *key = self.get(*slot).map_or(0, |entry| entry.sort_key(part));
        }
        slots.sort_unstable_by_key(|(key, _)| *key);
        for same in slots.chunk_by_mut(|(one, _), (other, _)| one == other) {
            self.sort(same, part + 1);
        }
    }

    /// The order within a section.
    pub(super) fn order(&self, one: Slot, other: Slot) -> Ordering {
        match (self.get(one), self.get(other)) {
            (Some(one), Some(other)) => one.order(other),
            // One that is gone stands nowhere.
            _ => one.cmp(&other),
        }
    }

    /// The order of identities. Who is the contact that is known is known without reading on.
    pub(super) fn identity_order(&self, slot: Slot, contact: &Arc<Contact>) -> Ordering {
        match self.get(slot) {
            Some(entry) if Arc::ptr_eq(&entry.contact, contact) => Ordering::Equal,
            Some(entry) => entry.contact.id.cmp(&contact.id),
            None => Ordering::Less,
        }
    }

    /// The identity of one.
    pub(super) fn id(&self, slot: Slot) -> &str {
        self.get(slot).map_or("", |entry| &entry.contact.id)
    }
}
