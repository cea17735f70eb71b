//! The part of the list that a page shows, which goes along with its rows.

use super::{Index, Row, Slot};
use crate::view::MAX_ROWS;

/// The part of the list that a page shows. When rows come and go above it, it moves with those in it: the page then
/// shows the same rows as before, and has nothing to ask for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sight {
    from: usize,
    len: usize,
    /// By how many rows it was moved so far.
    shifted: i64,
    /// Who stood where in it when the list was looked at last.
    stood: Vec<(usize, Slot)>,
}

impl Sight {
    /// These rows of the list; at most [`MAX_ROWS`].
    pub(crate) fn new(from: usize, len: usize) -> Self {
        Self { from, len: len.min(MAX_ROWS), ..Self::default() }
    }

    /// The index of the first row.
    pub(crate) fn from(&self) -> usize {
        self.from
    }

    /// How many rows it has at most.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// By how many rows it was moved so far. Who counts rows as they were then finds them so many further down.
    pub(crate) fn shifted(&self) -> i64 {
        self.shifted
    }

    /// Other rows are shown, counted as they were when it had been `shifted` by so many.
    pub(crate) fn turn(&mut self, from: usize, len: usize, shifted: i64) {
        self.from = moved(from, self.shifted.saturating_sub(shifted));
        self.len = len.min(MAX_ROWS);
        self.stood.clear();
    }

    /// The first rows are shown.
    pub(crate) fn to_top(&mut self) {
        self.from = 0;
        self.stood.clear();
    }

    /// Moves along with most of those who stood in it, so that nobody takes the others along. What comes at the very top
    /// is to be seen.
    pub(crate) fn follow(&mut self, list: &Index) {
        if self.from == 0 {
            return;
        }
        let move_of = |(at, slot): &(usize, Slot)| {
            let now = list.position(*slot)?;
            Some(offset(self.from.saturating_add(*at), now))
        };
        let mut moves: Vec<_> = self.stood.iter().filter_map(move_of).collect();
        moves.sort_unstable();
        let from = moved(self.from, moves.get(moves.len() / 2).copied().unwrap_or(0));
        self.shifted = self.shifted.saturating_add(offset(self.from, from));
        self.from = from;
        let rows = list.window(from, self.len).into_iter().enumerate();
        self.stood.clear();
        self.stood.extend(rows.filter_map(|(at, row)| match row {
            Row::Contact { slot, .. } => Some((at, slot)),
            Row::Account(_) | Row::Heading(_) => None,
        }));
    }
}

fn moved(from: usize, by: i64) -> usize {
    from.saturating_add_signed(isize::try_from(by).unwrap_or(0))
}

fn offset(before: usize, now: usize) -> i64 {
    i64::try_from(now).unwrap_or(i64::MAX).saturating_sub(i64::try_from(before).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

    use super::*;
    use crate::{
        controller::AccountNumber,
        list::tests::{contact, nothing, open},
        roster::{Contact, Touch},
    };
    use proptest::prelude::*;
    use std::sync::Arc;

    const ONE: AccountNumber = AccountNumber(1);

    /// Somebody who is online or away, and whose identity is in the order of names.
    fn person(number: u32, is_away: bool) -> Arc<Contact> {
        let id = (1_000 + number).to_string();
        contact(&id, &id, if is_away { 2 } else { 1 }, 0)
    }

    fn becomes(list: &mut Index, number: u32, is_away: bool) {
        list.touch(ONE, Touch::Is(person(number, is_away)), nothing);
    }

    fn goes(list: &mut Index, number: u32) {
        list.touch(ONE, Touch::Gone((1_000 + number).to_string()), nothing);
    }

    /// A list of so many who are online, and the part of it that is shown.
    fn list(people: u32, from: usize, len: usize) -> (Index, Sight) {
        let mut list = open(&[1]);
        (0..people).for_each(|number| becomes(&mut list, number * 10, false));
        let mut sight = Sight::new(from, len);
        sight.follow(&list);
        (list, sight)
    }

    fn seen(list: &Index, sight: &Sight) -> Vec<u32> {
        let rows = list.window(sight.from(), sight.len()).into_iter();
        rows.filter_map(|row| match row {
            Row::Contact { contact, .. } => Some(contact.id.parse::<u32>().unwrap() - 1_000),
            _ => None,
        })
        .collect()
    }

    #[test]
    fn when_people_come_and_go_above_the_same_rows_are_seen() {
        let (mut list, mut sight) = list(40, 20, 5);
        let before = seen(&list, &sight);
        for number in [1, 2, 3] {
            becomes(&mut list, number, false);
        }
        sight.follow(&list);
        assert_eq!((seen(&list, &sight), sight.from(), sight.shifted()), (before.clone(), 23, 3));
        (0..8).for_each(|number| goes(&mut list, number * 10));
        sight.follow(&list);
        assert_eq!((seen(&list, &sight), sight.from(), sight.shifted()), (before, 15, -5));
    }

    #[test]
    fn whoever_leaves_does_not_take_the_others_along() {
        let (mut list, mut sight) = list(40, 20, 5);
        assert_eq!(seen(&list, &sight), [190, 200, 210, 220, 230]);
        for (number, left) in [(190, [180, 200, 210, 220, 230]), (210, [180, 200, 220, 230, 240])] {
            becomes(&mut list, number, true);
            sight.follow(&list);
            assert_eq!(seen(&list, &sight), left);
        }
    }

    #[test]
    fn at_the_very_top_it_is_seen_who_comes() {
        let (mut list, mut sight) = list(40, 0, 3);
        becomes(&mut list, 1, false);
        sight.follow(&list);
        assert_eq!((seen(&list, &sight), sight.shifted()), (vec![0, 1], 0));
    }

    #[test]
    fn rows_that_are_asked_for_are_those_that_stood_there_when_they_were_counted() {
        let (mut list, mut sight) = list(90, 20, 5);
        (1..=4).for_each(|number| becomes(&mut list, number, false));
        sight.follow(&list);
        sight.turn(60, 5, 0);
        sight.follow(&list);
        assert_eq!(seen(&list, &sight), [590, 600, 610, 620, 630]);
        sight.turn(60, 5, sight.shifted());
        assert_eq!(seen(&list, &sight), [550, 560, 570, 580, 590]);
    }

    #[test]
    fn no_count_however_wrong_leads_out_of_the_numbers() {
        let (list, mut sight) = list(3, usize::MAX, usize::MAX);
        for shifted in [i64::MIN, i64::MAX, 0] {
            for from in [0, 1, usize::MAX] {
                sight.turn(from, usize::MAX, shifted);
                sight.follow(&list);
                assert!(list.window(sight.from(), sight.len()).len() <= MAX_ROWS);
            }
        }
    }

    proptest! {
        #[test]
        fn nobody_who_moves_moves_more_than_themselves_and_a_heading(
            from in 2_usize..80,
            steps in prop::collection::vec((0_u32..1_000, 0_u8..3), 1..60),
        ) {
            let (mut list, mut sight) = list(100, from, 12);
            for (number, what) in steps {
                let before = seen(&list, &sight);
                match what {
                    0 => goes(&mut list, number),
                    what => becomes(&mut list, number, what == 1),
                }
                sight.follow(&list);
                if sight.from() == 0 {
                    break;
                }
                let after = seen(&list, &sight);
                let lost = before.iter().filter(|one| !after.contains(one)).count();
                prop_assert!(lost <= 2, "{number}: {before:?} became {after:?}");
            }
        }
    }
}
