//! What is kept beside the contacts so that nobody has to walk them all: how many are online, and who is another one
//! than when that was asked last.

use super::{Availability, Contact, Roster};
use std::sync::Arc;

/// Beyond so many it is cheaper to look at everybody.
const MAX_TOUCHES: usize = 32;

/// How many are online, and how many of those are away or not to be disturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    pub(super) online: usize,
    pub(super) away: usize,
}

impl Counts {
    /// One more.
    pub(super) fn add(&mut self, contact: &Contact) {
        self.online += usize::from(contact.online);
        self.away += usize::from(is_away(contact));
    }

    /// One less; or the same as something else, when it is added again.
    pub(super) fn remove(&mut self, contact: &Contact) {
        self.online -= usize::from(contact.online);
        self.away -= usize::from(is_away(contact));
    }

    /// Counted anew, to compare.
    #[cfg(test)]
    pub(super) fn of(roster: &Roster) -> Self {
        let mut counts = Self::default();
        roster.contacts().for_each(|contact| counts.add(contact));
        counts
    }
}

fn is_away(contact: &Contact) -> bool {
    let away = matches!(contact.availability, Some(Availability::Away | Availability::DoNotDisturb));
    contact.online && away
}

/// What has become of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Touch {
    /// Is so now.
    Is(Arc<Contact>),
    /// Has another identity than this one, and is so now.
    Renamed(String, Arc<Contact>),
    /// Is not on the roster any more.
    Gone(String),
}

/// Who is another one than when that was asked last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Touched {
    /// Perhaps everybody. Who keeps the contact of before can tell: what has changed is another allocation.
    #[default]
    Everything,
    /// These, in the order in which it happened.
    These(Vec<Touch>),
}

impl Touched {
    /// Remembers what became of somebody, if it is of use.
    pub(super) fn note(&mut self, touch: impl FnOnce() -> Touch) {
        match self {
            Self::These(touches) if touches.len() < MAX_TOUCHES => touches.push(touch()),
            _ => *self = Self::Everything,
        }
    }
}

impl Roster {
    /// Who is another one than at the last call.
    pub(crate) fn take_touched(&mut self) -> Touched {
        std::mem::replace(&mut self.touched, Touched::These(Vec::new()))
    }

    /// Nobody follows the roster any more: the next one to do so has to look at everybody.
    pub(crate) fn unfollowed(&mut self) {
        self.touched = Touched::Everything;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;
    use crate::{profile::Row, roster::Me};
    use jiff::Timestamp;

    fn row(id: &str, availability: Option<Availability>) -> Row<'static> {
        Row {
            id: id.to_owned().into(),
            name: id.to_owned().into(),
            email: None,
            online: true,
            availability,
            status_line: None,
            picture: None,
        }
    }

    #[test]
    fn who_is_away_or_busy_counts_as_online_and_as_away() {
        let (mut roster, me, now) = (Roster::default(), Me::default(), Timestamp::UNIX_EPOCH);
        roster.join(&row("ana", None), &me, now);
        roster.join(&row("beto", Some(Availability::Away)), &me, now);
        roster.join(&row("carla", Some(Availability::DoNotDisturb)), &me, now);
        assert_eq!((roster.online_count(), roster.away_count()), (3, 2));
        roster.join(&row("beto", Some(Availability::Online)), &me, now);
        roster.leave("carla", now);
        assert_eq!((roster.online_count(), roster.away_count()), (2, 0));
    }

    #[test]
    fn who_follows_the_roster_hears_of_few_by_name_and_of_many_at_once() {
        let (mut roster, me, now) = (Roster::default(), Me::default(), Timestamp::UNIX_EPOCH);
        assert_eq!(roster.take_touched(), Touched::Everything, "nobody has looked yet");
        roster.join(&row("ana", None), &me, now);
        roster.rename("ana", &row("anita", None), &me, now);
        roster.set_picture("anita", None);
        let anita = roster.contact("anita").unwrap().clone();
        let Touched::These(touches) = roster.take_touched() else { panic!("everything, for three touches") };
        assert_eq!(touches.len(), 3);
        let known = [Touch::Renamed("ana".to_owned(), anita.clone()), Touch::Is(anita)];
        assert_eq!(touches.get(1..), Some(&known[..]));
        for number in 0..=MAX_TOUCHES {
            roster.join(&row(&number.to_string(), None), &me, now);
        }
        assert_eq!(roster.take_touched(), Touched::Everything);
        assert_eq!(roster.take_touched(), Touched::These(vec![]));
    }

    #[test]
    fn when_somebody_was_here_last_is_recalled_only_where_nothing_newer_is_known() {
        let (mut roster, me) = (Roster::default(), Me::default());
        let (then, now) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        roster.apply(vec![Row { online: false, ..row("ana", None) }, row("beto", None)], &me, now);
        assert!(roster.recall("ana", then));
        assert!(!roster.recall("ana", now), "it is known already");
        assert!(!roster.recall("beto", then), "he is here");
        assert!(!roster.recall("nobody", then));
        assert_eq!(roster.contact("ana").unwrap().since, Some(then));
    }
}
