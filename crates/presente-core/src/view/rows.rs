//! The rows of the list in words.

use super::{Bell, MAX_ROWS, RowView, Shape, isolated, time_of_day};
use crate::{
    alerts::{Often, Rule},
    controller::AccountNumber,
    display_name::{hue, initials},
    list::{Heading, Index, Kind, Noted, Row},
    roster::{Availability, Contact},
    texts::{Arg, Texts},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::collections::BTreeMap;

/// What rows say of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccountWords {
    /// The server.
    pub(crate) name: String,
    /// Our state there.
    pub(crate) shape: Shape,
    /// The same in words, with what is wrong.
    pub(crate) words: String,
    /// The list is not current.
    pub(crate) stale: bool,
    /// Something can be said to one of its contacts alone.
    pub(crate) can_whisper: bool,
}

/// So far from now nobody takes a time of day for another day's.
const UNMISTAKEN: SignedDuration = SignedDuration::from_hours(12);

/// In which language, and when and where, something is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Telling<'a> {
    pub(crate) texts: &'a Texts,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
}

/// What rows are made of beside the list.
pub(crate) struct Rows<'a> {
    /// By account.
    pub(crate) accounts: &'a BTreeMap<AccountNumber, AccountWords>,
    /// The rule that a contact of an account has of its own.
    pub(crate) rule: &'a dyn Fn(AccountNumber, &str) -> Option<&'a Rule>,
    /// How it is told.
    pub(crate) telling: Telling<'a>,
}

impl Rows<'_> {
    /// The rows of a window into the list; at most [`MAX_ROWS`].
    pub(crate) fn window(&self, list: &Index, from: usize, len: usize) -> Vec<RowView> {
        list.window(from, len.min(MAX_ROWS)).into_iter().filter_map(|row| self.row(row)).collect()
    }

    /// `None` of an account that is gone.
    fn row(&self, row: Row<'_>) -> Option<RowView> {
        Some(match row {
            Row::Account(account) => {
                let AccountWords { name, shape, words, stale, .. } = self.accounts.get(&account)?.clone();
                RowView::Account { key: format!("a{}", account.number()), account, name, shape, words, stale }
            }
            Row::Heading(heading) => self.heading(&heading),
            Row::Contact { slot, account, contact, noted } => {
                let about = self.accounts.get(&account)?;
                let name = shown_name(contact, noted);
                RowView::Contact {
                    key: format!("c{slot}"),
                    account,
                    id: contact.id.to_string(),
                    name: name.to_owned(),
                    initials: initials(name),
                    hue: hue(&contact.id),
                    shape: shape_of(contact),
                    words: self.telling.state(contact),
                    stale: about.stale,
                    picture: contact.picture,
                    can_whisper: about.can_whisper && contact.online,
                    favourite: noted.is_some_and(|noted| noted.favourite),
                    bell: (self.rule)(account, &contact.id).and_then(|rule| self.bell(rule)),
                }
            }
        })
    }

    fn heading(&self, heading: &Heading<'_>) -> RowView {
        let texts = self.telling.texts;
        let text = match heading.kind {
            Kind::Favourites => texts.get("heading-favourites"),
            Kind::Group(name) => name.as_str().to_owned(),
            Kind::Online => texts.get("heading-online"),
            Kind::Away => texts.get("heading-away"),
            Kind::Offline => texts.get("heading-offline"),
        };
        let (online, of) = (Arg::Count(heading.online), Arg::Count(heading.of));
        let count = match heading.kind.is_mixed() {
            true => texts.with("heading-count-of", &[("count", online), ("total", of)]),
            false => heading.of.to_string(),
        };
        RowView::Heading {
            key: format!("h{}", heading.number),
            section: heading.section.to_owned(),
            text,
            count,
            expanded: heading.expanded,
        }
    }

    fn bell(&self, rule: &Rule) -> Option<Bell> {
        let words = match rule.often {
            Often::Default => return None,
            Often::Always => "bell-always",
            Often::Never => "bell-never",
            Often::Once => "bell-once",
        };
        Some(Bell { often: rule.often, words: self.telling.texts.get(words) })
    }
}

/// The name that is shown of a contact: the alias, where there is one.
pub(crate) fn shown_name<'a>(contact: &'a Contact, noted: Option<&'a Noted>) -> &'a str {
    noted.map(|noted| noted.alias.as_str()).filter(|alias| !alias.is_empty()).unwrap_or(&contact.name)
}

/// The state of a contact as a shape.
pub(crate) fn shape_of(contact: &Contact) -> Shape {
    match (contact.online, contact.availability) {
        (false, _) => Shape::Offline,
        (true, Some(Availability::Away)) => Shape::Away,
        (true, Some(Availability::DoNotDisturb)) => Shape::Busy,
        (true, Some(Availability::Online) | None) => Shape::Online,
    }
}

impl Telling<'_> {
    /// The state of a contact in words: since when, where that is known, and with the line of their own.
    pub(crate) fn state(&self, contact: &Contact) -> String {
        // Since when somebody is away is not known; what is known is since when they are online.
        let words = match (shape_of(contact), contact.since) {
            (Shape::Away, _) => self.texts.get("state-away"),
            (Shape::Busy, _) => self.texts.get("state-dnd"),
            (Shape::Online, Some(since)) => match self.duration(since) {
                Some(duration) => self.texts.with("row-online-for", &[("duration", Arg::from(&duration))]),
                None => self.texts.get("row-online-now"),
            },
            (Shape::Online, None) => self.texts.get("state-online"),
            (Shape::Offline | Shape::Cut, Some(last)) => self.last_online(last),
            (Shape::Offline | Shape::Cut, None) => self.texts.get("state-offline"),
        };
        match contact.status_line.as_deref().map(isolated) {
            Some(line) => self
                .texts
                .with("row-with-status", &[("words", Arg::from(&words)), ("status", Arg::from(&line))]),
            None => words,
        }
    }

    /// When somebody was online last, as people say it.
    pub(crate) fn last_online(&self, last: Timestamp) -> String {
        let minutes = self.now.duration_since(last).as_mins();
        let (then, today) = (last.to_zoned(self.zone.clone()), self.now.to_zoned(self.zone.clone()).date());
        let days = today.since(then.date()).map_or(i32::MAX, |span| span.get_days());
        let time = time_of_day(last, self.zone);
        let at = |id: &str| self.texts.with(id, &[("time", Arg::from(&time))]);
        match (minutes, days) {
            (..1, _) => self.texts.get("row-offline-now"),
            (..60, _) => {
                let duration = self.duration(last).unwrap_or_default();
                self.texts.with("row-last-for", &[("duration", Arg::from(&duration))])
            }
            (_, ..=0) => at("row-last-today"),
            (_, 1) => at("row-last-yesterday"),
            (_, 2..=6) => at(&format!("row-last-weekday-{}", then.weekday().to_monday_one_offset())),
            _ => {
                let date = then.date().to_string();
                self.texts.with("row-last-date", &[("date", Arg::from(&date))])
            }
        }
    }

    /// The sentence `id` with its `time`; where that could be taken for another day's, `id-day`, which has the `date` too.
    pub(crate) fn sentence_of(&self, id: &str, at: Timestamp) -> String {
        let time = time_of_day(at, self.zone);
        if at.duration_since(self.now).abs() <= UNMISTAKEN {
            return self.texts.with(id, &[("time", Arg::from(&time))]);
        }
        let date = at.to_zoned(self.zone.clone()).date().to_string();
        self.texts.with(&format!("{id}-day"), &[("date", Arg::from(&date)), ("time", Arg::from(&time))])
    }

    /// The time since in one unit; `None` below a minute.
    fn duration(&self, since: Timestamp) -> Option<String> {
        let minutes = usize::try_from(self.now.duration_since(since).as_mins()).unwrap_or(0);
        let (unit, count) = match minutes {
            0 => return None,
            1..60 => ("minutes", minutes),
            60..1440 => ("hours", minutes / 60),
            _ => ("days", minutes / 1440),
        };
        Some(self.texts.with(&format!("duration-{unit}"), &[("count", Arg::Count(count))]))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

    use super::*;
    use crate::{
        people::{Person, PersonKey},
        server_url::ServerUrl,
        settings::{ListSettings, OpenSession},
    };
    use jiff::ToSpan;
    use std::sync::Arc;

    const ACCOUNT: AccountNumber = AccountNumber(1);

    /// A Thursday.
    fn noon() -> Timestamp {
        "2026-11-19T12:00:00Z".parse().unwrap()
    }

    fn contact(name: &str, online: bool, minutes: Option<i64>) -> Arc<Contact> {
        Arc::new(Contact {
            id: name.to_lowercase().into(),
            name: name.into(),
            email: None,
            online,
            availability: None,
            status_line: None,
            since: minutes.map(|minutes| noon() - minutes.minutes()),
            picture: None,
        })
    }

    fn session() -> OpenSession {
        OpenSession { server: ServerUrl::parse("http://localhost:4000").unwrap(), email: "a@x".to_owned() }
    }

    fn index(contacts: &[Arc<Contact>], people: &[Person]) -> Index {
        let mut index = Index::new(&ListSettings::default());
        index.open(ACCOUNT, session);
        let mut sorted = contacts.to_vec();
        sorted.sort_by(|one, other| one.id.cmp(&other.id));
        let noted = |id: &str| people.iter().find(|person| person.key.id == id).and_then(Noted::of);
        index.replace(ACCOUNT, sorted.iter(), noted);
        index
    }

    fn person(id: &str) -> Person {
        Person::new(PersonKey::new(&session(), id))
    }

    fn window(index: &Index, people: &[Person], language: &str) -> Vec<RowView> {
        let about = AccountWords {
            name: "localhost:4000".to_owned(),
            shape: Shape::Online,
            words: "Online".to_owned(),
            stale: false,
            can_whisper: true,
        };
        let texts = Texts::for_locale(language);
        let rule = |_, id: &str| people.iter().find(|person| person.key.id == id)?.rule.as_ref();
        let rows = Rows {
            accounts: &BTreeMap::from([(ACCOUNT, about)]),
            rule: &rule,
            telling: Telling { texts: &texts, now: noon(), zone: &TimeZone::UTC },
        };
        rows.window(index, 0, 1_000)
    }

    fn shown(rows: &[RowView]) -> Vec<String> {
        rows.iter()
            .map(|row| match row {
                RowView::Account { name, words, .. } => format!("## {name}: {words}"),
                RowView::Heading { text, count, expanded, .. } => {
                    format!("{} {text} {count}", if *expanded { "#" } else { "+" })
                }
                RowView::Contact { name, words, .. } => format!("{name}: {words}"),
            })
            .collect()
    }

    #[test]
    fn the_day_is_said_where_the_time_could_be_of_another() {
        let texts = Texts::for_locale("es");
        let now = Timestamp::UNIX_EPOCH + 23.hours();
        let telling = Telling { texts: &texts, now, zone: &TimeZone::UTC };
        for (hours, said) in [
            (1, "Los avisos están en pausa hasta las 00:00"),
            (12, "Los avisos están en pausa hasta las 11:00"),
            (13, "Los avisos están en pausa hasta el 1970-01-02, a las 12:00"),
        ] {
            assert_eq!(telling.sentence_of("alert-snoozed-until", now + hours.hours()), said);
        }
        let told = telling.sentence_of("banner-as-of", now - 26.hours());
        assert_eq!(told, "La lista es del 1969-12-31, a las 21:00.");
    }

    #[test]
    fn the_list_reads_as_a_person_would_want_it() {
        let away = |name: &str, availability, line: Option<&str>| {
            let contact = contact(name, true, Some(3)).as_ref().clone();
            Arc::new(Contact {
                availability: Some(availability),
                status_line: line.map(Into::into),
                ..contact
            })
        };
        let contacts = [
            contact("beto", true, Some(0)),
            contact("Ana", true, Some(4)),
            contact("Zoe", true, None),
            away("Eva", Availability::Away, Some("in class")),
            away("Fran", Availability::DoNotDisturb, None),
            contact("Carla", false, Some(130)),
            contact("Diego", false, Some(60 * 24)),
        ];
        let mut people = [person("zoe"), person("carla"), person("diego")];
        people[0].alias = "Tía Zoe".to_owned();
        people[1].favourite = true;
        people[2].group = Some("Work".to_owned());
        let mut index = index(&contacts, &people);
        let listed = [
            "# Favourites 0 of 1",
            "Carla: Last online today, 09:50",
            "# Work 0 of 1",
            "Diego: Last online yesterday, 12:00",
            "# Online 3",
            "Ana: Online · 4 min",
            "beto: Online · just now",
            "Tía Zoe: Online",
            "# Away 2",
            "Eva: Away · “in class”",
            "Fran: Do not disturb",
        ];
        assert_eq!(shown(&window(&index, &people, "en")), listed);
        index.search("carl");
        assert_eq!(
            shown(&window(&index, &people, "es")),
            ["# Favoritos 0 de 1", "Carla: En línea por última vez hoy, 09:50"]
        );
    }

    #[test]
    fn when_somebody_was_here_last_is_said_as_people_say_it() {
        let texts = Texts::for_locale("en");
        let telling = Telling { texts: &texts, now: noon(), zone: &TimeZone::UTC };
        for (minutes, said) in [
            (-5, "Offline · just now"),
            (0, "Offline · just now"),
            (59, "Last online 59 min ago"),
            (60, "Last online today, 11:00"),
            (12 * 60, "Last online today, 00:00"),
            (12 * 60 + 1, "Last online yesterday, 23:59"),
            (2 * 24 * 60, "Last online Tuesday, 12:00"),
            (6 * 24 * 60, "Last online Friday, 12:00"),
            (7 * 24 * 60, "Last online on 2026-11-12"),
            (400 * 24 * 60, "Last online on 2025-10-15"),
        ] {
            assert_eq!(telling.last_online(noon() - minutes.minutes()), said, "{minutes} minutes ago");
        }
    }

    #[test]
    fn a_rule_of_its_own_is_seen_in_the_row_and_the_row_is_small() {
        let contacts = [contact("64f0c2000000000000000001", true, Some(4))];
        let mut people = [person("64f0c2000000000000000001")];
        people[0].rule = Some(Rule { often: Often::Once, ..Rule::default() });
        let rows = window(&index(&contacts, &people), &people, "en");
        let RowView::Contact { bell: Some(bell), .. } = &rows[1] else { panic!("no bell: {rows:?}") };
        assert_eq!(*bell, Bell { often: Often::Once, words: "Told of once".to_owned() });
        people[0].rule = None;
        let rows = window(&index(&contacts, &people), &people, "en");
        let json = serde_json::to_string(&rows[1]).unwrap();
        assert!(json.len() <= 280, "{} bytes: {json}", json.len());
    }

    #[test]
    fn a_window_is_never_larger_than_agreed() {
        let contacts: Vec<_> = (0..500).map(|i| contact(&i.to_string(), true, None)).collect();
        assert_eq!(window(&index(&contacts, &[]), &[], "es").len(), MAX_ROWS);
    }
}
