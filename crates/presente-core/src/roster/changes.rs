//! Rows and changes as a server of ours tells them, made fit to be shown.

use super::{Change, Me, Roster};
use crate::{
    display_name::{clean, clean_name},
    profile::{MAX_ID_BYTES, Row},
};
use jiff::Timestamp;
use presente_wire as wire;
use std::borrow::Cow;

/// The longest status line that is shown, in characters.
pub(crate) const MAX_STATUS_CHARS: usize = 140;

impl<'a> Row<'a> {
    /// The row as it may be shown; `None` for one whose identity is none.
    pub(crate) fn of_wire(row: &'a wire::Row) -> Option<Self> {
        if row.id.is_empty() || row.id.len() > MAX_ID_BYTES {
            return None;
        }
        let full_name = match (row.first_name.as_str(), row.last_name.as_str()) {
            (first, "") => Cow::Borrowed(first),
            ("", last) => Cow::Borrowed(last),
            (first, last) => Cow::Owned(format!("{first} {last}")),
        };
        let names = [full_name, Cow::Borrowed(row.email.as_str()), Cow::Borrowed(row.id.as_str())];
        let status_line = clean(&row.status_line, MAX_STATUS_CHARS);
        Some(Self {
            name: names.into_iter().map(clean_name).find(|name| !name.is_empty())?,
            id: Cow::Borrowed(&row.id),
            email: Some(clean_name(row.email.as_str())).filter(|email| !email.is_empty()),
            online: true,
            availability: Some(row.availability),
            status_line: Some(status_line).filter(|line| !line.is_empty()).map(String::into_boxed_str),
            picture: None,
        })
    }
}

impl Roster {
    /// Takes changes of a list that is known to be right after them. Returns what they come to for people, and whether
    /// we ourselves have gone.
    pub(crate) fn change(
        &mut self,
        changes: &[wire::Change],
        me: &Me,
        now: Timestamp,
    ) -> (Vec<Change>, bool) {
        let mut told = Vec::with_capacity(changes.len());
        let mut we_left = false;
        for change in changes {
            match change {
                wire::Change::Is(row) => {
                    told.extend(Row::of_wire(row).and_then(|row| self.join(&row, me, now)));
                }
                wire::Change::Left(id) => {
                    we_left |= me.id.as_ref() == Some(id);
                    told.extend(self.leave(id, now));
                }
            }
        }
        self.as_of = Some(now);
        (told, we_left)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

    use super::*;
    use crate::roster::{Availability, ChangeKind};

    fn wire_row(id: &str, first_name: &str, last_name: &str, email: &str) -> wire::Row {
        wire::Row {
            id: id.to_owned(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            email: email.to_owned(),
            availability: Availability::Online,
            status_line: String::new(),
        }
    }

    #[test]
    fn a_row_is_named_by_the_first_words_that_can_be_seen() {
        for (row, name) in [
            (wire_row("1", "Ana", "Ríos", "a@x"), Some("Ana Ríos")),
            (wire_row("1", "Ana", "", ""), Some("Ana")),
            (wire_row("1", "", "Ríos", ""), Some("Ríos")),
            (wire_row("1", "\u{202E}", " ", "a@x"), Some("a@x")),
            (wire_row("u1", "", "", ""), Some("u1")),
            (wire_row("", "Ana", "", ""), None),
            (wire_row(&"x".repeat(257), "Ana", "", ""), None),
            (wire_row("\u{200B}", "", "", ""), None),
        ] {
            let shown = Row::of_wire(&row);
            assert_eq!(shown.as_ref().map(|row| row.name.as_ref()), name, "{row:?}");
        }
        let long = wire_row("1", &"n".repeat(5_000), "", "");
        assert!(Row::of_wire(&long).unwrap().name.chars().count() <= 129);
    }

    #[test]
    fn how_somebody_can_be_reached_is_a_change_without_coming_or_going() {
        let (mut roster, me, now) = (Roster::default(), Me::default(), Timestamp::UNIX_EPOCH);
        let mut ana = wire_row("1", "Ana", "", "");
        roster.change(&[wire::Change::Is(ana.clone())], &me, now);
        ana.availability = Availability::Away;
        ana.status_line = format!("  back\n\u{202E} at {}", "x".repeat(500));
        let (changes, _) = roster.change(&[wire::Change::Is(ana.clone())], &me, now);
        assert_eq!(changes.iter().map(|change| change.kind).collect::<Vec<_>>(), [ChangeKind::Changed]);
        let contact = &changes[0].contact;
        assert_eq!(contact.availability, Some(Availability::Away));
        let line = contact.status_line.as_deref().unwrap();
        assert!(line.starts_with("back at xx") && line.chars().count() <= MAX_STATUS_CHARS + 1, "{line}");
        assert_eq!(roster.change(&[wire::Change::Is(ana)], &me, now).0, [], "nothing new");
        let (left, _) = roster.change(&[wire::Change::Left("1".to_owned())], &me, now);
        assert_eq!((left[0].kind, left[0].contact.availability), (ChangeKind::Left, None));
        assert_eq!(left[0].contact.status_line, None, "what was said is over with who said it");
    }

    #[test]
    fn we_are_no_contact_and_our_own_going_is_noticed() {
        let (mut roster, now) = (Roster::default(), Timestamp::UNIX_EPOCH);
        let me = Me { id: Some("7".to_owned()), ..Me::default() };
        let row = wire_row("7", "Yo", "", "");
        assert_eq!(roster.change(&[wire::Change::Is(row)], &me, now), (vec![], false));
        assert_eq!(roster.change(&[wire::Change::Left("7".to_owned())], &me, now), (vec![], true));
    }
}
