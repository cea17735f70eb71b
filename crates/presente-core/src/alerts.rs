//! Whom to tell of, and when to stay quiet. Pure.

use crate::roster::{Change, ChangeKind, Contact};
use std::sync::Arc;

/// What the policy looks at beside the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// The list is the first since the connection came up: it tells what was missed, not what happens now.
    pub first_list: bool,
}

/// Something that people are told of with a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Who is named.
    pub contact: Arc<Contact>,
    /// How many came at the same moment and are only counted.
    pub others: usize,
}

/// Decides about one list's changes: those who came are told of in one breath, the first list is silent.
pub fn decide(circumstances: Circumstances, changes: &[Change]) -> Option<Arrival> {
    if circumstances.first_list {
        return None;
    }
    let mut joined = changes.iter().filter(|change| change.kind == ChangeKind::Joined);
    let first = joined.next()?;
    Some(Arrival { contact: first.contact.clone(), others: joined.count() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(kind: ChangeKind, id: &str) -> Change {
        let contact = Contact {
            id: id.to_owned(),
            name: id.to_owned(),
            email: None,
            online: true,
            availability: None,
            status_line: None,
            since: None,
            picture: None,
        };
        Change { kind, contact: Arc::new(contact) }
    }

    #[test]
    fn arrivals_are_told_once_and_together_and_never_from_the_first_list() {
        use ChangeKind::{Changed, Joined, Left};
        for (first_list, changes, told) in [
            (true, vec![(Joined, "a")], None),
            (false, vec![], None),
            (false, vec![(Left, "a"), (Changed, "b")], None),
            (false, vec![(Joined, "a")], Some(("a", 0))),
            (false, vec![(Left, "x"), (Joined, "a"), (Joined, "b"), (Joined, "c")], Some(("a", 2))),
        ] {
            let changes: Vec<Change> = changes.into_iter().map(|(kind, id)| change(kind, id)).collect();
            let arrival = decide(Circumstances { first_list }, &changes);
            let seen = arrival.as_ref().map(|arrival| (arrival.contact.id.as_str(), arrival.others));
            assert_eq!(seen, told, "first list: {first_list}, {changes:?}");
        }
    }
}
