//! The roster: whole lists in; who joined, left or changed out. Identity, duplicates and our own row are
//! settled here. People who left stay known, as offline, until the account is forgotten.

mod changes;
mod increments;
mod touched;

pub(crate) use changes::MAX_STATUS_CHARS;
pub use presente_wire::Availability;
pub(crate) use touched::{Touch, Touched};

use crate::{pictures::PictureKey, profile::Row};
use compact_str::CompactString;
use jiff::Timestamp;
use std::{cmp::Ordering, collections::HashMap, sync::Arc};
use touched::Counts;

/// Somebody on the roster who is not ourselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The identity within the server.
    pub id: CompactString,
    /// The name, fit to be shown.
    pub name: CompactString,
    /// The e-mail address, where the server tells it.
    pub email: Option<CompactString>,
    /// Whether the contact is online, as far as the server says.
    pub online: bool,
    /// How the contact can be reached, where the server says; `None` for who is offline.
    pub availability: Option<Availability>,
    /// The contact's own line about what they are doing, fit to be shown; `None` for who is offline.
    pub status_line: Option<CompactString>,
    /// Since when the contact has been online or offline, as far as we saw; `None` if it was so when we first looked.
    pub since: Option<Timestamp>,
    /// The picture, where the server gives one that can be shown.
    pub picture: Option<PictureKey>,
}

/// What became of a contact from one list to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// Was not online, is now.
    Joined,
    /// Was online, is not now.
    Left,
    /// Has another name or address, or can be reached in another way.
    Changed,
}

/// A change of one contact, with the contact as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// To whom.
    pub contact: Arc<Contact>,
}

/// Who we are, to be recognised in a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Me {
    /// The e-mail address we signed in with.
    pub email: String,
    /// Our identity, where the server told it.
    pub id: Option<String>,
    /// Our name, by which alone a list of bare names can tell us from others; empty while it is unknown.
    pub name: String,
}

impl Me {
    /// Whether the row has our e-mail address.
    pub(crate) fn has_address_of(&self, row: &Row<'_>) -> bool {
        !self.email.is_empty()
            && row.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(&self.email))
    }

    fn is(&self, row: &Row<'_>) -> bool {
        self.id.as_deref() == Some(row.id.as_ref())
            || self.has_address_of(row)
            || (!self.email.is_empty() && row.id.eq_ignore_ascii_case(&self.email))
            || (row.is_bare_name() && row.name == self.name)
    }
}

/// What a list said about ourselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelfPresence {
    /// We are in it.
    Listed,
    /// We are not in it.
    Absent,
    /// The rows do not tell enough to know.
    Unknown,
}

/// The people known on a server.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    /// By identity.
    contacts: Arc<Vec<Arc<Contact>>>,
    as_of: Option<Timestamp>,
    /// Who is called otherwise now: some servers go on using the identity of before.
    renamed: HashMap<String, String>,
    counts: Counts,
    touched: Touched,
}

impl Roster {
    /// Everybody known, by identity.
    pub fn contacts(&self) -> impl ExactSizeIterator<Item = &Arc<Contact>> {
        self.contacts.iter()
    }

    /// The same, to be kept; then the next change copies it.
    pub fn shared(&self) -> Arc<Vec<Arc<Contact>>> {
        self.contacts.clone()
    }

    /// How many are online, however they can be reached.
    pub fn online_count(&self) -> usize {
        self.counts.online
    }

    /// How many of those are away or not to be disturbed.
    pub fn away_count(&self) -> usize {
        self.counts.away
    }

    /// When the last list came, by the wall clock; `None` before the first.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.as_of
    }

    /// Takes a whole list: who is not in it is offline. Returns the changes in the order of identities, and
    /// what the list said about ourselves.
    pub fn apply(&mut self, mut rows: Vec<Row<'_>>, me: &Me, now: Timestamp) -> (Vec<Change>, SelfPresence) {
        let mut listed_self = false;
        let mut tells_email = rows.is_empty();
        rows.retain(|row| {
            tells_email |= row.email.is_some();
            let is_me = me.is(row);
            listed_self |= is_me && row.online;
            !is_me
        });
        let changes = self.merge(&one_row_each(rows), now);
        self.as_of = Some(now);
        let about_self = match (listed_self, tells_email) {
            (true, _) => SelfPresence::Listed,
            (false, true) => SelfPresence::Absent,
            (false, false) => SelfPresence::Unknown,
        };
        (changes, about_self)
    }

    /// Walks along who is known and who is listed, both in the order of identities.
    fn merge(&mut self, rows: &[Row<'_>], now: Timestamp) -> Vec<Change> {
        let since = self.as_of.map(|_| now);
        self.touched = Touched::Everything;
        self.counts = Counts::default();
        let mut changes = Vec::new();
        let known = Arc::unwrap_or_clone(std::mem::take(&mut self.contacts));
        let mut contacts = Vec::with_capacity(known.len().max(rows.len()));
        let (mut known, mut listed) = (known.into_iter().peekable(), rows.iter().peekable());
        loop {
            let next = match (known.peek(), listed.peek()) {
                (Some(contact), Some(row)) => contact.id.as_str().cmp(&row.id),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => break,
            };
            // At most one of the two is not there, and then it is not the one that is next.
            let (mut contact, row) = match (known.next_if(|_| next.is_le()), listed.next_if(|_| next.is_ge()))
            {
                (Some(contact), row) => (contact, row),
                (None, Some(row)) => (Arc::new(Contact::new(row, since)), None),
                (None, None) => break,
            };
            let kind = if next.is_gt() {
                contact.online.then_some(ChangeKind::Joined)
            } else {
                Contact::update(&mut contact, row, now)
            };
            changes.extend(kind.map(|kind| Change { kind, contact: contact.clone() }));
            self.counts.add(&contact);
            contacts.push(contact);
        }
        self.contacts = Arc::new(contacts);
        changes
    }
}

impl Contact {
    fn new(row: &Row<'_>, since: Option<Timestamp>) -> Self {
        Self {
            id: row.id.as_ref().into(),
            name: row.name.as_ref().into(),
            email: row.email.as_deref().map(CompactString::from),
            availability: row.availability.filter(|_| row.online),
            status_line: row.status_line.as_deref().filter(|_| row.online).map(CompactString::from),
            online: row.online,
            since: since.filter(|_| row.online),
            picture: None,
        }
    }

    /// Brings a known contact up to date; without a row it is offline. One that stays as it is is not touched.
    fn update(contact: &mut Arc<Self>, row: Option<&Row<'_>>, now: Timestamp) -> Option<ChangeKind> {
        let online = row.is_some_and(|row| row.online);
        let renamed = row.is_some_and(|row| {
            let other_email = row.email.is_some() && contact.email.as_deref() != row.email.as_deref();
            contact.name != row.name || other_email
        });
        let there = row.filter(|row| row.online);
        let availability = there.and_then(|row| row.availability);
        let status_line = there.and_then(|row| row.status_line.as_deref());
        let reached_otherwise =
            contact.availability != availability || contact.status_line.as_deref() != status_line;
        let kind = match (contact.online, online) {
            (false, true) => ChangeKind::Joined,
            (true, false) => ChangeKind::Left,
            _ if renamed || reached_otherwise => ChangeKind::Changed,
            _ => return None,
        };
        let contact = Arc::make_mut(contact);
        if reached_otherwise {
            (contact.availability, contact.status_line) =
                (availability, status_line.map(CompactString::from));
        }
        if let Some(row) = row.filter(|_| renamed) {
            contact.name = row.name.as_ref().into();
            if let Some(email) = &row.email {
                contact.email = Some(email.as_ref().into());
            }
        }
        if contact.online != online {
            (contact.online, contact.since) = (online, Some(now));
        }
        Some(kind)
    }
}

/// The rows in the order of identities, each once: online if any row says so, with the later row's words.
fn one_row_each(mut rows: Vec<Row<'_>>) -> Vec<Row<'_>> {
    // So most servers list them, and this is soon seen.
    if rows.is_sorted_by(|one, other| one.id < other.id) {
        return rows;
    }
    // Stable: what is listed twice stays in the server's order.
    rows.sort_by(|one, other| one.id.cmp(&other.id));
    rows.dedup_by(|later, earlier| {
        let same = later.id == earlier.id;
        if same {
            std::mem::swap(later, earlier);
            earlier.online |= later.online;
            earlier.email = earlier.email.take().or(later.email.take());
        }
        same
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn row(id: &str) -> Row<'static> {
        Row {
            id: id.to_owned().into(),
            name: format!("Name {id}").into(),
            email: Some(format!("{id}@x").into()),
            online: true,
            availability: None,
            status_line: None,
            picture: None,
        }
    }

    fn me() -> Me {
        Me { email: "me@x".to_owned(), ..Me::default() }
    }

    fn kinds(changes: &[Change]) -> Vec<(ChangeKind, &str)> {
        changes.iter().map(|change| (change.kind, change.contact.id.as_str())).collect()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + second.seconds()
    }

    #[test]
    fn lists_are_compared_into_changes() {
        let mut roster = Roster::default();
        let (changes, _) = roster.apply(vec![row("a"), row("b")], &me(), at(0));
        assert_eq!(kinds(&changes), [(ChangeKind::Joined, "a"), (ChangeKind::Joined, "b")]);
        let renamed = Row { name: "Other".into(), ..row("b") };
        let (changes, _) = roster.apply(vec![renamed, row("c")], &me(), at(60));
        assert_eq!(
            kinds(&changes),
            [(ChangeKind::Left, "a"), (ChangeKind::Changed, "b"), (ChangeKind::Joined, "c")]
        );
        assert_eq!(roster.online_count(), 2);
        let (changes, _) = roster.apply(vec![], &me(), at(120));
        assert_eq!(kinds(&changes), [(ChangeKind::Left, "b"), (ChangeKind::Left, "c")]);
        assert_eq!(roster.contacts().count(), 3, "who left stays known");
    }

    #[test]
    fn since_is_known_only_for_what_was_seen_to_happen() {
        let mut roster = Roster::default();
        roster.apply(vec![row("a")], &me(), at(0));
        roster.apply(vec![row("a"), row("b")], &me(), at(60));
        let since: Vec<_> = roster.contacts().map(|contact| contact.since).collect();
        assert_eq!(since, [None, Some(at(60))]);
    }

    #[test]
    fn we_are_recognised_and_not_listed() {
        let by_id = Me { id: Some("7".to_owned()), name: "Yo".to_owned(), ..me() };
        for (me, row, known) in [
            (me(), Row { email: Some("ME@x".into()), ..row("7") }, SelfPresence::Listed),
            (me(), Row { email: None, ..row("me@x") }, SelfPresence::Listed),
            (by_id.clone(), Row { email: None, ..row("7") }, SelfPresence::Listed),
            (by_id.clone(), Row { online: false, ..row("7") }, SelfPresence::Absent),
            (
                by_id.clone(),
                Row { id: "Yo".into(), name: "Yo".into(), email: None, ..row("Yo") },
                SelfPresence::Listed,
            ),
            (by_id.clone(), Row { name: "Yo".into(), ..row("8") }, SelfPresence::Absent),
            (me(), row("7"), SelfPresence::Absent),
            (me(), Row { email: None, ..row("7") }, SelfPresence::Unknown),
        ] {
            let mut roster = Roster::default();
            let (changes, about_self) = roster.apply(vec![row.clone()], &me, at(0));
            assert_eq!(about_self, known, "{row:?} for {me:?}");
            assert_eq!(changes.is_empty(), me.is(&row), "{row:?} for {me:?}");
        }
        assert_eq!(Roster::default().apply(vec![], &me(), at(0)).1, SelfPresence::Absent);
    }

    #[test]
    fn one_user_listed_twice_is_one_contact() {
        let mut roster = Roster::default();
        let twice = vec![row("a"), Row { online: false, email: None, ..row("a") }];
        let (changes, _) = roster.apply(twice, &me(), at(0));
        assert_eq!(kinds(&changes), [(ChangeKind::Joined, "a")]);
        assert_eq!(roster.contacts().next().unwrap().email.as_deref(), Some("a@x"));
    }

    proptest! {
        #[test]
        fn changes_always_lead_from_one_list_to_the_next(
            lists in prop::collection::vec(prop::collection::vec((0_u8..12, any::<bool>()), 0..20), 1..12),
        ) {
            let mut roster = Roster::default();
            let mut online = BTreeSet::new();
            for (second, list) in lists.into_iter().enumerate() {
                let rows: Vec<Row<'_>> = list.iter().map(|(id, online)| Row { online: *online, ..row(&id.to_string()) }).collect();
                let expected: BTreeSet<String> = rows.iter().filter(|row| row.online).map(|row| row.id.clone().into_owned()).collect();
                let (changes, _) = roster.apply(rows, &me(), at(i64::try_from(second).unwrap()));
                for change in changes {
                    let fresh = match change.kind {
                        ChangeKind::Joined => online.insert(change.contact.id.to_string()),
                        ChangeKind::Left => online.remove(change.contact.id.as_str()),
                        ChangeKind::Changed => online.contains(change.contact.id.as_str()),
                    };
                    prop_assert!(fresh, "a change that changes nothing");
                }
                prop_assert_eq!(&online, &expected);
                prop_assert_eq!(roster.online_count(), expected.len());
                prop_assert_eq!(roster.counts, Counts::of(&roster));
            }
        }
    }
}
