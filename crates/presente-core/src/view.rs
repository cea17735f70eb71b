//! View models: what crosses to the page and to the tray. Whole, comparable values in the user's language;
//! who shows them decides nothing.

use crate::{
    display_name::{hue, initials},
    roster::Contact,
    settings::Presence,
    texts::{Arg, Texts},
};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

/// The most rows that go to the page at once.
pub const MAX_ROWS: usize = 60;

/// A state as a shape; the same shapes stand in the list and in the tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// A disc.
    Online,
    /// A ring.
    Offline,
    /// A broken ring with a mark: not connected.
    Cut,
}

/// Everything the page shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// Grows with every view; an older one is not to be shown.
    pub revision: u64,
    /// The language, `en` or `es`.
    pub lang: &'static str,
    /// Which screen is up.
    pub screen: Screen,
    /// The sign-in screen.
    pub sign_in: SignIn,
    /// The roster screen.
    pub roster: RosterView,
    /// Strips that stay until they are dismissed.
    pub notices: Vec<Notice>,
}

/// Which screen is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Screen {
    /// The sign-in form.
    SignIn,
    /// The list of people.
    Roster,
}

/// The sign-in screen. It never carries a password.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignIn {
    /// The address to prefill.
    pub server: String,
    /// The e-mail address to prefill.
    pub email: String,
    /// Whether "keep me signed in" is ticked.
    pub keep: bool,
    /// An attempt is under way.
    pub busy: bool,
    /// What the attempt is doing.
    pub status: Option<String>,
    /// Why the last attempt failed.
    pub problem: Option<ProblemView>,
    /// The words by which somebody may accept an unencrypted server.
    pub plain_http: Option<Sentence>,
    /// The server inside the app.
    pub local: Local,
    /// A line below the form.
    pub hint: Option<String>,
}

/// A problem: a code for programs, a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProblemView {
    /// The stable code.
    pub code: &'static str,
    /// The sentence.
    pub text: String,
}

/// A sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// The words.
    pub text: String,
}

/// The server inside the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Local {
    /// Whether it runs.
    pub running: bool,
}

/// The roster screen.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RosterView {
    /// Ourselves.
    pub me: Option<MeView>,
    /// What is chosen.
    pub presence: Presence,
    /// What is so, in words.
    pub presence_text: String,
    /// What is chosen is not yet so.
    pub presence_busy: bool,
    /// What is wrong, above the list.
    pub banner: Option<Banner>,
    /// The list is not current.
    pub stale: bool,
    /// How many rows there are in all.
    pub total: usize,
    /// The index of the first of `rows`.
    pub from: usize,
    /// The rows that are visible.
    pub rows: Vec<RowView>,
    /// What to say in place of an empty list.
    pub empty: Option<String>,
    /// The line at the bottom.
    pub footer: String,
    /// What is known about the connection, for who opens that line.
    pub details: Vec<Detail>,
}

/// Something known about the connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// Stays the same for the same thing.
    pub id: &'static str,
    /// What it is.
    pub label: String,
    /// How it is.
    pub value: String,
}

/// Ourselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MeView {
    /// Our name.
    pub name: String,
    /// Up to two letters.
    pub initials: String,
    /// The hue of our face, degrees.
    pub hue: u16,
    /// Our state.
    pub shape: Shape,
    /// The line below the name.
    pub detail: String,
}

/// What is wrong, and how old the list is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Banner {
    /// What is wrong and what happens next.
    pub text: String,
    /// How old the list is.
    pub strong: Option<String>,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum RowView {
    /// The head of a section.
    Heading {
        /// Stays the same for the same section.
        key: String,
        /// The section's name.
        text: String,
        /// How many are in it.
        count: String,
    },
    /// A contact.
    Contact {
        /// Stays the same for the same contact.
        key: String,
        /// The name.
        name: String,
        /// Up to two letters.
        initials: String,
        /// The hue of the face, degrees.
        hue: u16,
        /// The state.
        shape: Shape,
        /// The state in words, and since when.
        words: String,
    },
}

/// A strip above everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// By which it is dismissed.
    pub id: String,
    /// The words.
    pub text: String,
}

/// The tray icon and its menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tray {
    /// The icon's shape.
    pub shape: Shape,
    /// The first item: who we are and what is so.
    pub own_state: String,
    /// What is chosen; `None` while nobody is signed in.
    pub presence: Option<Presence>,
    /// The item that chooses to be seen.
    pub online: String,
    /// The item that chooses not to be seen.
    pub appear_offline: String,
    /// How many are online.
    pub count: String,
    /// The item that opens the window.
    pub open: String,
    /// The item that quits.
    pub quit: String,
    /// What a pointer that rests on the icon, or a screen reader, is told.
    pub tooltip: String,
}

/// The rows of a list of contacts: those online, then those who left, each by name.
#[derive(Debug)]
pub struct Rows<'a> {
    sections: Vec<(&'static str, Vec<&'a Contact>)>,
}

impl<'a> Rows<'a> {
    /// Sorts contacts into sections.
    pub fn new(contacts: impl Iterator<Item = &'a Contact>) -> Self {
        let (mut online, mut offline): (Vec<_>, Vec<_>) = contacts.partition(|contact| contact.online);
        for section in [&mut online, &mut offline] {
            section.sort_by_cached_key(|contact| (contact.name.to_lowercase(), contact.id.clone()));
        }
        let sections = [("online", online), ("offline", offline)];
        Self { sections: sections.into_iter().filter(|(_, contacts)| !contacts.is_empty()).collect() }
    }

    /// How many rows there are, headings included.
    pub fn total(&self) -> usize {
        self.sections.iter().map(|(_, contacts)| contacts.len() + 1).sum()
    }

    /// The rows of a window into the list; at most [`MAX_ROWS`].
    pub fn window(&self, from: usize, len: usize, now: Timestamp, texts: &Texts) -> Vec<RowView> {
        let all = self.sections.iter().flat_map(|(section, contacts)| {
            let heading = std::iter::once((*section, contacts.len(), None));
            heading.chain(contacts.iter().map(|contact| (*section, 0, Some(*contact))))
        });
        all.skip(from)
            .take(len.min(MAX_ROWS))
            .map(|(section, count, contact)| match contact {
                Some(contact) => contact_row(contact, now, texts),
                None => RowView::Heading {
                    key: format!("h-{section}"),
                    text: texts.get(&format!("heading-{section}")),
                    count: count.to_string(),
                },
            })
            .collect()
    }
}

fn contact_row(contact: &Contact, now: Timestamp, texts: &Texts) -> RowView {
    let state = if contact.online { "online" } else { "offline" };
    let words = match contact.since.map(|since| duration(since, now, texts)) {
        None => texts.get(&format!("state-{state}")),
        Some(None) => texts.get(&format!("row-{state}-now")),
        Some(Some(duration)) => {
            texts.with(&format!("row-{state}-for"), &[("duration", Arg::from(&duration))])
        }
    };
    RowView::Contact {
        key: format!("c-{}", contact.id),
        name: contact.name.clone(),
        initials: initials(&contact.name),
        hue: hue(&contact.id),
        shape: if contact.online { Shape::Online } else { Shape::Offline },
        words,
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

/// A time of day as people read it, e.g. `14:02`.
pub fn time_of_day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

/// The same with the day, where it is another one than today's.
pub fn moment(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    at.strftime(if at.date() == now.date() { "%H:%M" } else { "%Y-%m-%d %H:%M" }).to_string()
}

/// Keeps a name from reordering the sentence around it (Unicode isolates), where it could.
pub fn isolated(name: &str) -> String {
    let right_to_left = |c: char| matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}');
    if name.contains(right_to_left) { format!("\u{2068}{name}\u{2069}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    fn contact(name: &str, online: bool, since: Option<i64>) -> Contact {
        let since = since.map(|minutes| Timestamp::UNIX_EPOCH - minutes.minutes());
        Contact { id: name.to_owned(), name: name.to_owned(), email: None, online, since }
    }

    fn shown(rows: &[RowView]) -> Vec<String> {
        rows.iter()
            .map(|row| match row {
                RowView::Heading { text, count, .. } => format!("# {text} {count}"),
                RowView::Contact { name, words, .. } => format!("{name}: {words}"),
            })
            .collect()
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
        let rows = Rows::new(contacts.iter());
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
    fn a_window_is_never_larger_than_agreed() {
        let contacts: Vec<Contact> = (0..500).map(|i| contact(&i.to_string(), true, None)).collect();
        let rows = Rows::new(contacts.iter());
        let texts = Texts::for_locale("es");
        assert_eq!(rows.window(100, 10_000, Timestamp::UNIX_EPOCH, &texts).len(), MAX_ROWS);
        assert!(rows.window(501, 60, Timestamp::UNIX_EPOCH, &texts).is_empty());
    }

    #[test]
    fn a_moment_of_another_day_says_which() {
        let now = Timestamp::UNIX_EPOCH + 30.hours();
        for (hours, said) in [(1, "05:00"), (6, "00:00"), (7, "1970-01-01 23:00")] {
            assert_eq!(moment(now - hours.hours(), now, &TimeZone::UTC), said, "{hours} hours ago");
        }
    }

    #[test]
    fn only_a_name_that_could_reorder_its_sentence_is_isolated() {
        assert_eq!(isolated("Ana"), "Ana");
        assert_eq!(isolated("عمر"), "\u{2068}عمر\u{2069}");
    }
}
