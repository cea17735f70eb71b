//! The rows of the list: by account where there are several, in each those online, then those who left, by name.

use super::{MAX_ROWS, RowView, Shape, isolated};
use crate::{
    controller::AccountNumber,
    display_name::{hue, initials},
    roster::{Availability, Contact},
    texts::{Arg, Texts},
};
use jiff::Timestamp;

/// The people of one account.
#[derive(Debug)]
pub struct Group<'a> {
    /// Which account.
    pub account: AccountNumber,
    /// What stands above them: the server, our shape there, and the words; `None` for the only account.
    pub head: Option<(String, Shape, String)>,
    /// The list is not current.
    pub stale: bool,
    /// Something can be said to one of them alone.
    pub can_whisper: bool,
    sections: Vec<(&'static str, Vec<&'a Contact>)>,
}

impl<'a> Group<'a> {
    /// Sorts contacts into sections.
    pub fn new(account: AccountNumber, contacts: impl Iterator<Item = &'a Contact>) -> Self {
        let (mut online, mut offline): (Vec<_>, Vec<_>) = contacts.partition(|contact| contact.online);
        for section in [&mut online, &mut offline] {
            section.sort_by_cached_key(|contact| (contact.name.to_lowercase(), contact.id.clone()));
        }
        let sections = [("online", online), ("offline", offline)];
        let sections = sections.into_iter().filter(|(_, contacts)| !contacts.is_empty()).collect();
        Self { account, head: None, stale: false, can_whisper: false, sections }
    }

    fn len(&self) -> usize {
        let people: usize = self.sections.iter().map(|(_, contacts)| contacts.len() + 1).sum();
        people + usize::from(self.head.is_some())
    }

    /// The rows from this one on, as many as are asked for.
    fn rows(&self, from: usize, len: usize, now: Timestamp, texts: &Texts) -> Vec<RowView> {
        let head = self.head.iter().map(|(name, shape, words)| RowView::Account {
            key: format!("a-{}", self.account.number()),
            account: self.account,
            name: name.clone(),
            shape: *shape,
            words: words.clone(),
            stale: self.stale,
        });
        let skipped = from.saturating_sub(head.len());
        let people = self.sections.iter().flat_map(|(section, contacts)| {
            let heading = std::iter::once((*section, contacts.len(), None));
            heading.chain(contacts.iter().map(|contact| (*section, 0, Some(*contact))))
        });
        let people = people.skip(skipped).take(len).map(|(section, count, contact)| match contact {
            Some(contact) => self.contact_row(contact, now, texts),
            None => RowView::Heading {
                key: format!("h-{}-{section}", self.account.number()),
                text: texts.get(&format!("heading-{section}")),
                count: count.to_string(),
            },
        });
        head.skip(from).chain(people).take(len).collect()
    }

    fn contact_row(&self, contact: &Contact, now: Timestamp, texts: &Texts) -> RowView {
        let (state, shape) = match (contact.online, contact.availability) {
            (false, _) => ("offline", Shape::Offline),
            (true, Some(Availability::Away)) => ("away", Shape::Away),
            (true, Some(Availability::DoNotDisturb)) => ("dnd", Shape::Busy),
            (true, Some(Availability::Online) | None) => ("online", Shape::Online),
        };
        // Since when somebody is away is not known; what is known is since when they are online.
        let since = contact.since.filter(|_| matches!(shape, Shape::Online | Shape::Offline));
        let words = match since.map(|since| duration(since, now, texts)) {
            None => texts.get(&format!("state-{state}")),
            Some(None) => texts.get(&format!("row-{state}-now")),
            Some(Some(duration)) => {
                texts.with(&format!("row-{state}-for"), &[("duration", Arg::from(&duration))])
            }
        };
        let words = match contact.status_line.as_deref().map(isolated) {
            Some(line) => {
                texts.with("row-with-status", &[("words", Arg::from(&words)), ("status", Arg::from(&line))])
            }
            None => words,
        };
        RowView::Contact {
            key: format!("c-{}-{}", self.account.number(), contact.id),
            account: self.account,
            id: contact.id.clone(),
            name: contact.name.clone(),
            initials: initials(&contact.name),
            hue: hue(&contact.id),
            shape,
            words,
            stale: self.stale,
            picture: contact.picture,
            can_whisper: self.can_whisper && contact.online,
        }
    }
}

/// The rows of all groups.
#[derive(Debug)]
pub struct Rows<'a> {
    groups: Vec<Group<'a>>,
}

impl<'a> Rows<'a> {
    /// One group below the other.
    pub fn new(groups: Vec<Group<'a>>) -> Self {
        Self { groups }
    }

    /// How many rows there are, headings included.
    pub fn total(&self) -> usize {
        self.groups.iter().map(Group::len).sum()
    }

    /// The rows of a window into the list; at most [`MAX_ROWS`].
    pub fn window(&self, from: usize, len: usize, now: Timestamp, texts: &Texts) -> Vec<RowView> {
        let (mut from, len) = (from, len.min(MAX_ROWS));
        let mut rows = Vec::new();
        for group in &self.groups {
            rows.extend(group.rows(from, len - rows.len(), now, texts));
            if rows.len() == len {
                break;
            }
            from = from.saturating_sub(group.len());
        }
        rows
    }
}

/// The time since in one unit; `None` below a minute.
fn duration(since: Timestamp, now: Timestamp, texts: &Texts) -> Option<String> {
    let minutes = usize::try_from(now.duration_since(since).as_mins()).unwrap_or(0);
    let (unit, count) = match minutes {
        0 => return None,
        1..60 => ("minutes", minutes),
        60..1440 => ("hours", minutes / 60),
        _ => ("days", minutes / 1440),
    };
    Some(texts.with(&format!("duration-{unit}"), &[("count", Arg::Count(count))]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    fn contact(name: &str, online: bool, since: Option<i64>) -> Contact {
        let since = since.map(|minutes| Timestamp::UNIX_EPOCH - minutes.minutes());
        Contact {
            id: name.to_owned(),
            name: name.to_owned(),
            email: None,
            online,
            availability: None,
            status_line: None,
            since,
            picture: None,
        }
    }

    fn shown(rows: &[RowView]) -> Vec<String> {
        rows.iter()
            .map(|row| match row {
                RowView::Account { name, words, .. } => format!("## {name}: {words}"),
                RowView::Heading { text, count, .. } => format!("# {text} {count}"),
                RowView::Contact { name, words, .. } => format!("{name}: {words}"),
            })
            .collect()
    }

    fn group(number: u64, contacts: &[Contact]) -> Group<'_> {
        Group::new(AccountNumber(number), contacts.iter())
    }

    #[test]
    fn the_list_reads_as_a_person_would_want_it() {
        let texts = Texts::for_locale("en");
        let contacts = [
            contact("beto", true, Some(0)),
            contact("Ana", true, Some(4)),
            contact("Zoe", true, None),
            contact("Carla", false, Some(130)),
            contact("Diego", false, Some(60 * 49)),
        ];
        let rows = Rows::new(vec![group(1, &contacts)]);
        assert_eq!(rows.total(), 7);
        assert_eq!(
            shown(&rows.window(0, 60, Timestamp::UNIX_EPOCH, &texts)),
            [
                "# Online 3",
                "Ana: Online · 4 min",
                "beto: Online · just now",
                "Zoe: Online",
                "# Offline 2",
                "Carla: Offline · last online 2 h ago",
                "Diego: Offline · last online 2 d ago",
            ]
        );
        assert_eq!(shown(&rows.window(3, 2, Timestamp::UNIX_EPOCH, &texts)), ["Zoe: Online", "# Offline 2"]);
    }

    #[test]
    fn several_accounts_stand_one_below_the_other_and_any_window_is_a_part_of_the_whole() {
        let texts = Texts::for_locale("en");
        let (here, there) =
            ([contact("Ana", true, None)], [contact("Beto", false, None), contact("Zoe", true, None)]);
        let groups = || {
            let mut groups = vec![group(1, &here), group(2, &[]), group(3, &there)];
            for (group, name) in groups.iter_mut().zip(["one", "two", "three"]) {
                group.head = Some((name.to_owned(), Shape::Online, "Online".to_owned()));
            }
            groups
        };
        let rows = Rows::new(groups());
        let all = shown(&rows.window(0, 60, Timestamp::UNIX_EPOCH, &texts));
        assert_eq!(
            all,
            [
                "## one: Online",
                "# Online 1",
                "Ana: Online",
                "## two: Online",
                "## three: Online",
                "# Online 1",
                "Zoe: Online",
                "# Offline 1",
                "Beto: Offline",
            ]
        );
        assert_eq!(rows.total(), all.len());
        for from in 0..all.len() {
            for len in 0..=all.len() - from {
                let window = shown(&rows.window(from, len, Timestamp::UNIX_EPOCH, &texts));
                assert_eq!(window, all[from..from + len], "from {from}, {len} rows");
            }
        }
    }

    #[test]
    fn a_window_is_never_larger_than_agreed() {
        let contacts: Vec<Contact> = (0..500).map(|i| contact(&i.to_string(), true, None)).collect();
        let rows = Rows::new(vec![group(1, &contacts)]);
        let texts = Texts::for_locale("es");
        assert_eq!(rows.window(100, 10_000, Timestamp::UNIX_EPOCH, &texts).len(), MAX_ROWS);
        assert!(rows.window(501, 60, Timestamp::UNIX_EPOCH, &texts).is_empty());
    }
}
