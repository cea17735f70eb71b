//! The client's half of a view: a copy of the window and of the people who are watched, kept by what the server tells.

use std::collections::BTreeMap;

use crate::{
    digest::Epoch,
    replica::Unproven,
    row::Row,
    view::{Viewed, Window, WindowChange},
};

/// What a client sees of a large list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowCopy {
    epoch: Epoch,
    online: u64,
    matching: u64,
    from: u64,
    rows: Vec<Row>,
    watched: BTreeMap<String, Row>,
}

impl WindowCopy {
    /// What the server has answered.
    #[must_use]
    pub fn new(viewed: Viewed) -> Self {
        let Window { e, n, c, from, rows } = viewed.window;
        let watched = viewed.watched.into_iter().map(|row| (row.id.clone(), row)).collect();
        Self { epoch: e, online: c, matching: n, from, rows, watched }
    }

    /// Takes what the server tells.
    ///
    /// # Errors
    /// It does not fit to this copy, which stays as it is: the view is to be asked for again.
    pub fn change(&mut self, change: WindowChange) -> Result<(), Unproven> {
        if change.e != self.epoch {
            return Err(Unproven::OtherEpoch);
        }
        let order: Vec<&str> = match &change.ids {
            Some(ids) => ids.iter().map(String::as_str).collect(),
            None => self.rows.iter().map(|row| row.id.as_str()).collect(),
        };
        let known = self.rows.iter().chain(&change.rows).map(|row| (row.id.as_str(), row));
        let known: BTreeMap<&str, &Row> = known.collect();
        let rows: Option<Vec<Row>> = order.iter().map(|id| known.get(id).copied().cloned()).collect();
        self.rows = rows.ok_or(Unproven::Gap)?;
        (self.online, self.matching, self.from) = (change.c, change.n, change.from);
        self.watched.extend(change.w.into_iter().map(|row| (row.id.clone(), row)));
        for id in change.g {
            self.watched.remove(&id);
        }
        Ok(())
    }

    /// Who is in the window, in order.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Who of the watched is online, in the order of their ids.
    pub fn watched(&self) -> impl ExactSizeIterator<Item = &Row> {
        self.watched.values()
    }

    /// How many of those who match come before the window.
    #[must_use]
    pub fn from(&self) -> u64 {
        self.from
    }

    /// How many match.
    #[must_use]
    pub fn matching(&self) -> u64 {
        self.matching
    }

    /// How many are online.
    #[must_use]
    pub fn online(&self) -> u64 {
        self.online
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;
    use crate::row::Availability;

    fn row(id: &str, first_name: &str) -> Row {
        Row {
            id: id.into(),
            first_name: first_name.into(),
            last_name: String::new(),
            email: String::new(),
            availability: Availability::Online,
            status_line: String::new(),
        }
    }

    fn copy() -> WindowCopy {
        let rows = vec![row("a", "Ana"), row("b", "Beto")];
        let window = Window { e: Epoch::new([1; 16]), n: 2, c: 3, from: 0, rows };
        WindowCopy::new(Viewed { success: true, window, watched: vec![row("z", "Zoe")], live: true })
    }

    fn change(ids: Option<&[&str]>, rows: Vec<Row>) -> WindowChange {
        let ids = ids.map(|ids| ids.iter().map(|&id| id.to_owned()).collect());
        WindowChange { e: Epoch::new([1; 16]), c: 4, n: 3, from: 1, ids, rows, w: vec![], g: vec![] }
    }

    #[test]
    fn rows_come_change_places_and_go() {
        let mut copy = copy();
        copy.change(change(None, vec![row("b", "Beatriz")])).unwrap();
        assert_eq!(copy.rows(), [row("a", "Ana"), row("b", "Beatriz")]);
        copy.change(change(Some(&["c", "b"]), vec![row("c", "Carla")])).unwrap();
        assert_eq!(copy.rows(), [row("c", "Carla"), row("b", "Beatriz")]);
        assert_eq!((copy.online(), copy.matching(), copy.from()), (4, 3, 1));
        let watched = WindowChange { w: vec![row("y", "Yago")], g: vec!["z".into()], ..change(None, vec![]) };
        copy.change(watched).unwrap();
        assert_eq!(copy.watched().collect::<Vec<_>>(), [&row("y", "Yago")]);
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        let mut copy = copy();
        let before = copy.clone();
        assert_eq!(copy.change(change(Some(&["a", "c"]), vec![])), Err(Unproven::Gap));
        let foreign = WindowChange { e: Epoch::new([2; 16]), ..change(None, vec![]) };
        assert_eq!(copy.change(foreign), Err(Unproven::OtherEpoch));
        assert_eq!(copy, before);
    }
}
