//! View models: what crosses to the page and to the tray. Whole, comparable values in the user's language;
//! who shows them decides nothing.

mod contact;
mod frames;
mod learning;
mod rows;
mod settings;
mod timeline;

pub use contact::{ContactView, RuleView};
pub use frames::{Frames, MAX_FRAME};
pub use learning::{LearnField, LearnPerson, LearnPhase, LearnProposal, LearnView, LearntEvent};
pub(crate) use rows::{AccountWords, Rows, Telling, shape_of};
pub use settings::{AboutView, GroupView, Happening, Part, SettingsView};
pub use timeline::{TimelineView, UsualView};

use crate::{
    alerts::Often,
    controller::AccountNumber,
    pictures::PictureKey,
    settings::{Sort, Theme},
};
use jiff::{Timestamp, tz::TimeZone};
use presente_wire::OwnAvailability;
use serde::Serialize;

/// The most rows that go to the page at once.
pub const MAX_ROWS: usize = 60;

/// A state as a shape; the same shapes stand in the list and in the tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// A disc.
    Online,
    /// A ring with the hands of a clock.
    Away,
    /// A disc with a bar: not to be disturbed.
    Busy,
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
    /// The last change on the page that this knows of ([`crate::controller::Command::Heard`]): a view that knows less
    /// would take it back.
    pub heard: u64,
    /// The language, `en` or `es`.
    pub lang: &'static str,
    /// The colours.
    pub theme: Theme,
    /// Which screen is up.
    pub screen: Screen,
    /// The sign-in screen.
    pub sign_in: SignIn,
    /// The roster screen.
    pub roster: RosterView,
    /// The page of the contact that is looked at.
    pub contact: Option<ContactView>,
    /// The page of the settings.
    pub settings: Option<SettingsView>,
    /// The page about the app.
    pub about: Option<AboutView>,
    /// The assistant that learns how a server speaks.
    pub learn: Option<LearnView>,
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
    /// The assistant that learns how a server speaks.
    Learn,
    /// The page of a contact.
    Contact,
    /// The settings.
    Settings,
    /// About the app.
    About,
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
    /// There is a roster to go back to.
    pub can_close: bool,
    /// An attempt is under way.
    pub busy: bool,
    /// What the attempt is doing.
    pub status: Option<String>,
    /// Why the last attempt failed.
    pub problem: Option<ProblemView>,
    /// No profile fits the server: the assistant may be asked to learn how it speaks.
    pub can_learn: bool,
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
    /// The accounts, in the order in which they came.
    pub accounts: Vec<AccountView>,
    /// Ourselves, over all accounts.
    pub me: Option<MeView>,
    /// What is chosen.
    pub state: OwnAvailability,
    /// Others are told more than that we are online: some server passes on away, do not disturb and the line.
    pub tells_more: bool,
    /// The line that others see beside our name.
    pub status_line: String,
    /// It is to be offered now, to be changed. Another number each time: of two views the page may skip the one between.
    pub offers_status_line: Option<u64>,
    /// What is so, in words.
    pub presence_text: String,
    /// What is chosen is not yet so.
    pub presence_busy: bool,
    /// What is wrong, above the list.
    pub banner: Option<Banner>,
    /// The list is not current.
    pub stale: bool,
    /// Alerts are paused until then, in words.
    pub snoozed: Option<String>,
    /// What is searched for; empty for everybody.
    pub search: String,
    /// What the field to search in says while it is empty, with how many there are.
    pub search_hint: String,
    /// How the list is sorted.
    pub sort: Sort,
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
    /// What was said.
    pub messages: MessagesView,
}

/// One of the accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// By which commands name it.
    pub account: AccountNumber,
    /// Our name there.
    pub name: String,
    /// The server.
    pub server: String,
    /// Our state there.
    pub shape: Shape,
    /// The same in words.
    pub words: String,
    /// What is chosen there.
    pub state: OwnAvailability,
    /// Something can be said to everybody there now.
    pub can_announce: bool,
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MessagesView {
    /// How much of it nobody has seen.
    pub unread: usize,
    /// The last of it, the newest last.
    pub items: Vec<MessageView>,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageView {
    /// Stays the same for the same message.
    pub key: String,
    /// Whether it is ours.
    pub ours: bool,
    /// Who said it, and to whom where that is not everybody: a line of its own.
    pub heading: String,
    /// The text.
    pub text: String,
    /// When.
    pub time: String,
    /// Of ours: what became of it, in words.
    pub delivery: Option<String>,
    /// The same as a name for programs and styles.
    pub delivery_code: Option<&'static str>,
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
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum RowView {
    /// The head of a server's group, where there are several.
    Account {
        /// Stays the same for the same account.
        key: String,
        /// Which.
        account: AccountNumber,
        /// The server.
        name: String,
        /// Our state there.
        shape: Shape,
        /// The same in words, with what is wrong.
        words: String,
        /// What follows is not current.
        stale: bool,
    },
    /// The head of a section.
    Heading {
        /// Stays the same for the same section.
        key: String,
        /// By which commands name the section.
        section: String,
        /// The section's name.
        text: String,
        /// How many are in it.
        count: String,
        /// Those in it are shown.
        expanded: bool,
    },
    /// A contact.
    Contact {
        /// Stays the same for the same contact.
        key: String,
        /// Through which account the contact is known.
        account: AccountNumber,
        /// The identity there.
        id: String,
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
        /// That is not current.
        stale: bool,
        /// The picture, where there is one.
        picture: Option<PictureKey>,
        /// Something can be said to this contact alone.
        can_whisper: bool,
        /// Stands at the top of the list.
        favourite: bool,
        /// The rule of its own that the contact has.
        bell: Option<Bell>,
    },
}

/// A rule that a contact has of its own, for the row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bell {
    /// How often.
    pub often: Often,
    /// The same in a word or two.
    pub words: String,
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
    pub state: Option<OwnAvailability>,
    /// The items that choose it, in this order: online, away, do not disturb, invisible.
    pub states: [String; 4],
    /// The item that opens the window to change the line beside our name.
    pub status_line: String,
    /// How many are online.
    pub count: String,
    /// Favourites who are online, a few of them; choosing one opens their page.
    pub favourites: Vec<TrayContact>,
    /// A line for each account, where there are several.
    pub accounts: Vec<String>,
    /// The item that pauses alerts for an hour, or that ends a pause.
    pub snooze: String,
    /// Alerts are paused.
    pub snoozed: bool,
    /// The item that opens the window.
    pub open: String,
    /// The item that quits.
    pub quit: String,
    /// What a pointer that rests on the icon, or a screen reader, is told.
    pub tooltip: String,
}

/// A contact in the tray's menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrayContact {
    /// Through which account.
    pub account: AccountNumber,
    /// The identity there.
    pub id: String,
    /// The name and the state in words.
    pub words: String,
    /// The state.
    pub shape: Shape,
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
