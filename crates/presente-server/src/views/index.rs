//! Who matches a query, in order, kept change by change.

use std::{cmp::Ordering, collections::BTreeSet, sync::Arc};

use super::{
    crowd::Changed,
    person::{Key, Person, Query},
};

/// With more changes at once than this, the list is gone through once instead of for each of them.
const FEW: usize = 256;

/// A list in order.
#[derive(Debug, Clone)]
pub(super) struct Index {
    query: Query,
    people: Vec<Arc<Person>>,
}

impl Index {
    /// Nobody yet.
    pub(super) fn empty(query: Query) -> Self {
        Self { query, people: Vec::new() }
    }

    /// Those of a list of the same order who match.
    pub(super) fn within(&self, query: &Query) -> Self {
        let people = self.people.iter().filter(|person| query.finds(person)).cloned().collect();
        Self { query: query.clone(), people }
    }

    /// How many match.
    pub(super) fn len(&self) -> usize {
        self.people.len()
    }

    /// Somebody by their place.
    pub(super) fn get(&self, at: usize) -> Option<&Arc<Person>> {
        self.people.get(at)
    }

    /// Those at `from` and after, `len` at most.
    pub(super) fn slice(&self, from: usize, len: usize) -> &[Arc<Person>] {
        let end = from.saturating_add(len).min(self.people.len());
        self.people.get(from..end).unwrap_or_default()
    }

    /// How many come before this place.
    pub(super) fn before(&self, key: &Key) -> usize {
        let sort = self.query.sort();
        self.people.partition_point(|person| person.place(sort) < key.place())
    }

    /// Takes over what has changed.
    pub(super) fn apply(&mut self, changes: &[Changed]) {
        if changes.len() > FEW {
            return self.apply_many(changes);
        }
        for Changed { was, is, .. } in changes {
            let was = was.as_ref().filter(|person| self.query.finds(person));
            let is = is.as_ref().filter(|person| self.query.finds(person));
            self.apply_one(was, is);
        }
    }

    fn apply_one(&mut self, was: Option<&Arc<Person>>, is: Option<&Arc<Person>>) {
        let sort = self.query.sort();
        let was_at = was.and_then(|person| self.place_of(person).ok());
        match (was_at, was, is) {
            (Some(at), Some(was), Some(is)) if was.place(sort) == is.place(sort) => {
                if let Some(slot) = self.people.get_mut(at) {
                    *slot = Arc::clone(is);
                }
                return;
            }
            (Some(at), ..) => drop(self.people.remove(at)),
            _ => {}
        }
        if let Some(is) = is {
            match self.place_of(is) {
                Ok(at) | Err(at) => self.people.insert(at, Arc::clone(is)),
            }
        }
    }

    /// The same at the cost of the whole list, however much has changed.
    fn apply_many(&mut self, changes: &[Changed]) {
        let sort = self.query.sort();
        let order = |one: &Arc<Person>, other: &Arc<Person>| one.place(sort).cmp(&other.place(sort));
        let gone = changes.iter().filter(|change| change.was.is_some());
        let gone: BTreeSet<&str> = gone.map(|change| &*change.user).collect();
        self.people.retain(|person| !gone.contains(&*person.row.id));
        let come = changes.iter().filter_map(|change| change.is.as_ref());
        let mut come: Vec<_> = come.filter(|person| self.query.finds(person)).cloned().collect();
        come.sort_by(order);
        self.people.append(&mut come);
        // Two lists in order, one after the other, which this sort sees and merges.
        self.people.sort_by(order);
    }

    fn place_of(&self, person: &Person) -> Result<usize, usize> {
        let sort = self.query.sort();
        let place = person.place(sort);
        self.people.binary_search_by(|other| -> Ordering { other.place(sort).cmp(&place) })
    }
}
