//! One at a time: who came, who went, who is called otherwise.

use super::{Change, ChangeKind, Contact, Me, Roster, Touch};
use crate::{pictures::PictureKey, profile::Row};
use jiff::Timestamp;
use std::sync::Arc;

/// How many former identities are remembered.
const MAX_RENAMED: usize = 10_000;

impl Roster {
    /// One came, or is told of again with other words. `None` if nothing is new, or it is ourselves.
    pub fn join(&mut self, row: &Row<'_>, me: &Me, now: Timestamp) -> Option<Change> {
        if me.is(row) {
            return None;
        }
        self.as_of = Some(now);
        match self.place_of(&row.id) {
            Ok(at) => self.update(at, Some(row), now),
            Err(at) => {
                let contact = Arc::new(Contact::new(row, Some(now)));
                self.counts.add(&contact);
                self.touched.note(|| Touch::Is(contact.clone()));
                Arc::make_mut(&mut self.contacts).insert(at, contact.clone());
                contact.online.then_some(Change { kind: ChangeKind::Joined, contact })
            }
        }
    }

    /// Brings the contact at this place up to date; without a row it is offline.
    fn update(&mut self, at: usize, row: Option<&Row<'_>>, now: Timestamp) -> Option<Change> {
        let contact = Arc::make_mut(&mut self.contacts).get_mut(at)?;
        self.counts.remove(contact);
        let kind = Contact::update(contact, row, now);
        self.counts.add(contact);
        let kind = kind?;
        self.touched.note(|| Touch::Is(contact.clone()));
        Some(Change { kind, contact: contact.clone() })
    }

    /// One went. `None` if that is nobody known, or nobody who was there.
    pub fn leave(&mut self, id: &str, now: Timestamp) -> Option<Change> {
        self.as_of = Some(now);
        let place =
            self.place_of(id).or_else(|_| self.place_of(self.renamed.get(id).map_or("", String::as_str)));
        self.update(place.ok()?, None, now)
    }

    /// One has another identity: the same contact, so nobody comes and nobody goes. Whoever was known by the new
    /// identity before was the same person.
    pub fn rename(&mut self, old: &str, row: &Row<'_>, me: &Me, now: Timestamp) -> Vec<Change> {
        let Ok(at) = self.place_of(old) else {
            return self.join(row, me, now).into_iter().collect();
        };
        self.as_of = Some(now);
        let before = Arc::make_mut(&mut self.contacts).remove(at);
        self.counts.remove(&before);
        if me.is(row) {
            self.touched.note(|| Touch::Gone(before.id.to_string()));
            return Vec::new();
        }
        let mut renamed = Contact::new(row, before.since);
        renamed.picture = before.picture;
        if renamed.online == before.online {
            renamed.since = before.since;
        }
        self.remember_name(old, &renamed.id);
        let kind = if before.online { ChangeKind::Changed } else { ChangeKind::Joined };
        let renamed = Arc::new(renamed);
        self.counts.add(&renamed);
        self.touched.note(|| Touch::Renamed(before.id.to_string(), renamed.clone()));
        match self.place_of(&renamed.id) {
            Ok(at) => {
                if let Some(contact) = Arc::make_mut(&mut self.contacts).get_mut(at) {
                    self.counts.remove(contact);
                    *contact = renamed.clone();
                }
            }
            Err(at) => Arc::make_mut(&mut self.contacts).insert(at, renamed.clone()),
        }
        vec![Change { kind, contact: renamed }]
    }

    /// Remembers what the one of this identity is called now, however often that has changed.
    fn remember_name(&mut self, old: &str, new: &str) {
        if self.renamed.len() >= MAX_RENAMED {
            self.renamed.clear();
        }
        for now in self.renamed.values_mut().filter(|now| *now == old) {
            new.clone_into(now);
        }
        self.renamed.insert(old.to_owned(), new.to_owned());
    }

    /// The picture of one; `false` if that is nobody known.
    pub fn set_picture(&mut self, id: &str, picture: Option<PictureKey>) -> bool {
        let contact = self.place_of(id).ok().and_then(|at| Arc::make_mut(&mut self.contacts).get_mut(at));
        contact.is_some_and(|contact| {
            Arc::make_mut(contact).picture = picture;
            self.touched.note(|| Touch::Is(contact.clone()));
            true
        })
    }

    /// When one who is offline was online last, from before we looked; `false` where more is known, or nobody is.
    pub(crate) fn recall(&mut self, id: &str, last_online: Timestamp) -> bool {
        let contact = self.place_of(id).ok().and_then(|at| Arc::make_mut(&mut self.contacts).get_mut(at));
        let Some(contact) = contact.filter(|contact| !contact.online && contact.since.is_none()) else {
            return false;
        };
        Arc::make_mut(contact).since = Some(last_online);
        self.touched.note(|| Touch::Is(contact.clone()));
        true
    }

    /// Who has this identity.
    pub fn contact(&self, id: &str) -> Option<&Arc<Contact>> {
        self.place_of(id).ok().and_then(|at| self.contacts.get(at))
    }

    fn place_of(&self, id: &str) -> Result<usize, usize> {
        self.contacts.binary_search_by(|contact| contact.id.as_str().cmp(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::touched::Counts;

    fn bare(name: &str) -> Row<'static> {
        Row {
            id: name.to_owned().into(),
            name: name.to_owned().into(),
            email: None,
            online: true,
            availability: None,
            status_line: None,
            picture: None,
        }
    }

    fn told(changes: impl IntoIterator<Item = Change>) -> Vec<(ChangeKind, String)> {
        changes.into_iter().map(|change| (change.kind, change.contact.name.to_string())).collect()
    }

    fn joined(name: &str) -> Vec<(ChangeKind, String)> {
        vec![(ChangeKind::Joined, name.to_owned())]
    }

    #[test]
    fn one_by_one_people_come_go_and_come_again() {
        let (mut roster, me, now) = (Roster::default(), Me::default(), Timestamp::UNIX_EPOCH);
        assert_eq!(told(roster.join(&bare("ana"), &me, now)), joined("ana"));
        assert_eq!(told(roster.join(&bare("ana"), &me, now)), []);
        assert_eq!(told(roster.leave("ana", now)), [(ChangeKind::Left, "ana".to_owned())]);
        assert_eq!(told(roster.leave("ana", now)), []);
        assert_eq!(told(roster.leave("nobody", now)), []);
        assert_eq!(told(roster.join(&bare("ana"), &me, now)), joined("ana"));
    }

    #[test]
    fn who_is_called_otherwise_neither_comes_nor_goes() {
        let (mut roster, me, now) = (Roster::default(), Me::default(), Timestamp::UNIX_EPOCH);
        roster.join(&bare("x7"), &me, now);
        assert_eq!(
            told(roster.rename("x7", &bare("ana"), &me, now)),
            [(ChangeKind::Changed, "ana".to_owned())]
        );
        assert_eq!(roster.contacts().map(|contact| contact.id.as_str()).collect::<Vec<_>>(), ["ana"]);
        assert_eq!(told(roster.rename("unknown", &bare("beto"), &me, now)), joined("beto"));
        roster.leave("beto", now);
        assert_eq!(
            told(roster.rename("ana", &bare("beto"), &me, now)),
            [(ChangeKind::Changed, "beto".to_owned())]
        );
        assert_eq!(roster.online_count(), 1, "who was beto before was the same person");
        assert_eq!(roster.counts, Counts::of(&roster));
    }

    #[test]
    fn who_goes_under_a_former_name_is_the_one_who_had_it() {
        let (mut roster, me, now) = (Roster::default(), Me::default(), Timestamp::UNIX_EPOCH);
        roster.join(&bare("s7"), &me, now);
        roster.rename("s7", &bare("ana"), &me, now);
        roster.rename("ana", &bare("anita"), &me, now);
        assert_eq!(told(roster.leave("s7", now)), [(ChangeKind::Left, "anita".to_owned())]);
    }

    #[test]
    fn a_roster_that_somebody_keeps_stays_as_it_was() {
        let (mut roster, me, now) = (Roster::default(), Me::default(), Timestamp::UNIX_EPOCH);
        roster.join(&bare("ana"), &me, now);
        let kept = roster.shared();
        roster.join(&bare("beto"), &me, now);
        roster.leave("ana", now);
        assert_eq!(
            kept.iter().map(|contact| (contact.id.as_str(), contact.online)).collect::<Vec<_>>(),
            [("ana", true)]
        );
        assert_eq!((roster.contacts().len(), roster.online_count()), (2, 1));
    }

    #[test]
    fn we_are_not_our_own_contact() {
        let (mut roster, now) = (Roster::default(), Timestamp::UNIX_EPOCH);
        let me = Me { id: Some("s1".to_owned()), name: "yo".to_owned(), ..Me::default() };
        assert_eq!(told(roster.join(&bare("s1"), &me, now)), []);
        assert_eq!(told(roster.join(&bare("yo"), &me, now)), []);
        roster.join(&bare("s2"), &me, now);
        assert_eq!(told(roster.rename("s2", &bare("yo"), &me, now)), []);
        assert_eq!(roster.contacts().count(), 0);
    }
}
