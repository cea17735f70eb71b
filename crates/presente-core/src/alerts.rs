//! Whom to tell of, and when to stay quiet. Pure: time is passed in, and nothing is random.
//!
//! [`Policy`] hears what changes in all lists and answers with [`Outcome`]s: alerts to show, alerts to take away,
//! commands to run, rules that are fulfilled. What people wish is in [`AlertSettings`] and [`Rule`].

mod gather;
mod log;
mod memory;
mod policy;
mod quiet;
mod rule;
mod settings;
mod shown;
mod standing;
mod telling;
mod words;

pub use log::{Entry, Log, MAX_ENTRIES, Reason, Told};
pub use policy::Policy;
pub use rule::{Occasion, Often, Rule};
pub use settings::{
    AlertSettings, MAX_ABSENCE, MAX_COOL_DOWN, MAX_HOLD, MAX_QUIET, QuietHours, TellOf, Weekday,
};

use crate::{
    controller::{AccountNumber, Urgency},
    people::Person,
};
use compact_str::CompactString;
use jiff::{Timestamp, tz::TimeZone};

/// How many people an alert knows by name; those beyond are only counted.
pub const MAX_NAMED: usize = 50;

/// What the policy looks at beside what has changed.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// Now, by the wall clock.
    pub now: Timestamp,
    /// The time zone in which quiet hours are meant.
    pub zone: &'a TimeZone,
    /// What people wish.
    pub settings: &'a AlertSettings,
    /// People have chosen not to be disturbed.
    pub do_not_disturb: bool,
    /// What is noted of a contact.
    pub person: &'a dyn Fn(AccountNumber, &str) -> Option<&'a Person>,
}

/// A contact by account and identity there.
type Key = (AccountNumber, CompactString);

/// Somebody in an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Through which account the contact is known.
    pub account: AccountNumber,
    /// The identity there.
    pub id: String,
    /// The name: the alias, where there is one.
    pub name: String,
}

impl Who {
    fn key(&self) -> Key {
        (self.account, self.id.as_str().into())
    }
}

/// What an alert says of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// They came online.
    Came,
    /// They were awaited and were there already when the list came.
    Here,
    /// They are available, and were away.
    Back,
    /// They are available, and were away or not to be disturbed.
    Free,
    /// They went offline.
    Went,
    /// They came, or became available, while alerts were quiet, and still are.
    Missed,
}

impl Kind {
    /// The occasion that it is.
    fn occasion(self) -> Occasion {
        match self {
            Self::Came | Self::Here | Self::Missed => Occasion::Comes,
            Self::Back => Occasion::IsBack,
            Self::Free => Occasion::BecomesFree,
            Self::Went => Occasion::Goes,
        }
    }

    /// By which a rule's command knows what has happened.
    pub fn event(self) -> &'static str {
        match self {
            Self::Came | Self::Here | Self::Missed => "comes",
            Self::Back => "is_back",
            Self::Free => "becomes_free",
            Self::Went => "goes",
        }
    }
}

/// Something to tell people now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// An alert takes the place of one with the same tag.
    pub tag: String,
    /// What has happened.
    pub kind: Kind,
    /// To whom: at most [`MAX_NAMED`], who is named comes first.
    pub who: Vec<Who>,
    /// How many there are beside the first.
    pub others: usize,
    /// How urgent it is.
    pub urgency: Urgency,
    /// With a sound.
    pub sound: bool,
}

impl Alert {
    /// What it is about, in the words of the Desktop Notifications Specification.
    pub fn category(&self) -> &'static str {
        match self.kind {
            Kind::Came | Kind::Here => "presence.online",
            Kind::Went => "presence.offline",
            Kind::Back | Kind::Free | Kind::Missed => "presence",
        }
    }

    /// Whose page a click opens, where it is about one.
    pub fn target(&self) -> Option<(AccountNumber, String)> {
        let only = self.who.first().filter(|_| self.others == 0);
        only.map(|who| (who.account, who.id.clone()))
    }
}

/// Whose rule something is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleOf {
    /// A contact's.
    Contact(AccountNumber, String),
    /// A group's.
    Group(String),
}

/// What the policy answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Tell people.
    Tell(Alert),
    /// Take the alert with this tag away: it is not true any more.
    Withdraw(String),
    /// Run a command that a rule names: program and arguments, and for whom.
    Run {
        /// The program and its arguments.
        argv: Vec<String>,
        /// What has happened.
        kind: Kind,
        /// To whom.
        who: Who,
    },
    /// A rule that holds once has done so: it is again what it was before.
    Fulfilled(RuleOf),
}

#[cfg(test)]
mod tests;
