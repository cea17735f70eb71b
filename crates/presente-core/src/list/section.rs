//! A section of the list: who stands in it, in order.

use super::entry::{Entries, Slot};

/// A section of the list.
#[derive(Debug)]
pub(super) struct Section {
    /// By which commands and settings name it.
    pub(super) id: String,
    /// By which its row is known.
    pub(super) number: u32,
    /// Only its heading is shown, unless something is searched for.
    pub(super) folded: bool,
    /// How many of those in it are online.
    pub(super) online: usize,
    rows: Vec<Slot>,
}

impl Section {
    pub(super) fn new(id: String, number: u32, folded: bool) -> Self {
        Self { id, number, folded, online: 0, rows: Vec::new() }
    }

    /// Who is in it, in order.
    pub(super) fn rows(&self) -> &[Slot] {
        &self.rows
    }

    /// Takes one in, at its place.
    pub(super) fn put(&mut self, slot: Slot, entries: &Entries) {
        let place = self.rows.binary_search_by(|other| entries.order(*other, slot));
        self.rows.insert(place.unwrap_or_else(|at| at), slot);
    }

    /// Takes one out, who still is as when put in.
    pub(super) fn take(&mut self, slot: Slot, entries: &Entries) {
        let place = self.rows.binary_search_by(|other| entries.order(*other, slot));
        let found = place.ok().filter(|at| self.rows.get(*at) == Some(&slot));
        if let Some(at) = found.or_else(|| self.rows.iter().position(|other| *other == slot)) {
            self.rows.remove(at);
        }
    }

    /// Keeps only those.
    pub(super) fn retain(&mut self, keep: impl Fn(Slot) -> bool) {
        self.rows.retain(|slot| keep(*slot));
    }

    /// Takes many in, who are in order among themselves.
    pub(super) fn merge(&mut self, sorted: impl ExactSizeIterator<Item = Slot>, entries: &Entries) {
        let mut merged = Vec::with_capacity(self.rows.len() + sorted.len());
        let mut rest = self.rows.as_slice();
        for slot in sorted {
            let at = rest.partition_point(|other| entries.order(*other, slot).is_lt());
            let (before, after) = rest.split_at(at);
            merged.extend_from_slice(before);
            merged.push(slot);
            rest = after;
        }
        merged.extend_from_slice(rest);
        self.rows = merged;
    }
}
