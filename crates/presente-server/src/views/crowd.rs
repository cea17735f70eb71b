//! Everybody who is online, and the lists of them that somebody looks at.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use presente_wire::{Row, Sort};

use super::{
    index::Index,
    person::{Person, Query},
};
use crate::{cluster::Merged, presence::UserId};

/// Queries that are kept at once besides those for everybody.
pub(super) const LIVE_QUERIES: usize = 64;

/// Somebody is another, has come or has left.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) user: UserId,
    pub(super) was: Option<Arc<Person>>,
    pub(super) is: Option<Arc<Person>>,
}

/// A list and how many windows are looking at it.
#[derive(Debug)]
struct Held {
    index: Index,
    windows: usize,
}

/// Everybody, by themselves and in lists.
#[derive(Debug)]
pub(super) struct Crowd {
    people: HashMap<UserId, Arc<Person>>,
    by_name: Index,
    by_availability: Index,
    held: BTreeMap<Query, Held>,
}

impl Default for Crowd {
    fn default() -> Self {
        let everybody = |sort| Index::empty(Query::everybody(sort));
        Self {
            people: HashMap::new(),
            by_name: everybody(Sort::Name),
            by_availability: everybody(Sort::Availability),
            held: BTreeMap::new(),
        }
    }
}

impl Crowd {
    /// How many are online.
    pub(super) fn count(&self) -> usize {
        self.people.len()
    }

    /// The row of somebody who is online.
    pub(super) fn row(&self, user: &str) -> Option<&Arc<Row>> {
        self.people.get(user).map(|person| &person.row)
    }

    /// Takes over changes; says what they come to.
    pub(super) fn apply(&mut self, changes: &[Merged]) -> Vec<Changed> {
        let mut changed = Vec::with_capacity(changes.len());
        for Merged { user, row } in changes {
            let was = self.people.get(user).cloned();
            if was.as_ref().map(|person| &person.row) == row.as_ref() {
                continue;
            }
            let is = row.as_ref().map(|row| Arc::new(Person::new(Arc::clone(row))));
            match &is {
                Some(person) => self.people.insert(Arc::clone(user), Arc::clone(person)),
                None => self.people.remove(user),
            };
            changed.push(Changed { user: Arc::clone(user), was, is });
        }
        let held = self.held.values_mut().map(|held| &mut held.index);
        for index in [&mut self.by_name, &mut self.by_availability].into_iter().chain(held) {
            index.apply(&changed);
        }
        changed
    }

    /// What has to change for these to be everybody.
    pub(super) fn missing(&self, everybody: Vec<Merged>) -> Vec<Merged> {
        let mut changes = everybody;
        let here: HashSet<&UserId> = changes.iter().map(|there| &there.user).collect();
        let left: Vec<_> = self.people.keys().filter(|user| !here.contains(user)).cloned().collect();
        changes.extend(left.into_iter().map(|user| Merged { user, row: None }));
        changes
    }

    /// Whether looking at this costs no walk through everybody.
    pub(super) fn has(&self, query: &Query) -> bool {
        *query == Query::everybody(query.sort()) || self.held.contains_key(query)
    }

    /// Keeps a list for one window more; whether there is room for it.
    pub(super) fn hold(&mut self, query: &Query) -> bool {
        if *query == Query::everybody(query.sort()) {
            return true;
        }
        if let Some(held) = self.held.get_mut(query) {
            held.windows += 1;
            return true;
        }
        if self.held.len() >= LIVE_QUERIES {
            return false;
        }
        let index = self.everybody(query.sort()).within(query);
        self.held.insert(query.clone(), Held { index, windows: 1 });
        true
    }

    /// One window fewer is looking at a list.
    pub(super) fn release(&mut self, query: &Query) {
        if let Some(held) = self.held.get_mut(query) {
            held.windows -= 1;
            if held.windows == 0 {
                self.held.remove(query);
            }
        }
    }

    /// A list that is kept.
    pub(super) fn index(&self, query: &Query) -> Option<&Index> {
        match self.held.get(query) {
            Some(held) => Some(&held.index),
            None => Some(self.everybody(query.sort())).filter(|_| *query == Query::everybody(query.sort())),
        }
    }

    /// A list, kept or made for this once.
    pub(super) fn look(&self, query: &Query) -> Cow<'_, Index> {
        match self.index(query) {
            Some(index) => Cow::Borrowed(index),
            None => Cow::Owned(self.everybody(query.sort()).within(query)),
        }
    }

    fn everybody(&self, sort: Sort) -> &Index {
        match sort {
            Sort::Name => &self.by_name,
            Sort::Availability => &self.by_availability,
        }
    }
}
