//! The state that everything shown is made from: the controller changes it, `screen` reads it.

use crate::{
    account::Account,
    alerts::Policy,
    away::Attendance,
    controller::ConnectionState,
    effects::AccountNumber,
    feed::Feed,
    form::SignInRequest,
    history::{Past, Seen, TimelineSpan},
    learn::{Mapping, Observed, Proposal},
    list::Index,
    problem::Problem,
    server_url::ServerUrl,
    settings::{KeptAccount, OpenSession, Settings},
    view::{TimelineView, UsualView},
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, VecDeque},
    path::PathBuf,
};

/// The state that everything shown is made from.
pub(crate) struct Model {
    pub(crate) settings: Settings,
    /// By the order in which they came.
    pub(crate) seats: BTreeMap<AccountNumber, Seat>,
    /// Kept accounts whose secret is being fetched.
    pub(crate) waking: BTreeMap<AccountNumber, KeptAccount>,
    pub(crate) draft: Draft,
    /// The form is open although there are accounts.
    pub(crate) adding: bool,
    pub(crate) feed: Feed,
    /// Decides whom to tell of, and knows what was told.
    pub(crate) alerts: Policy,
    /// What the assistant has learnt so far, while it is open.
    pub(crate) learning: Option<Learning>,
    pub(crate) notices: Vec<Problem>,
    pub(crate) window: (usize, usize),
    /// The people as they are shown; only while a page is there.
    pub(crate) list: Option<Index>,
    /// What is searched for in it.
    pub(crate) search: String,
    /// Whether somebody is at the machine.
    pub(crate) attendance: Attendance,
    /// What lies over the roster.
    pub(crate) place: Place,
    /// The page is to offer the line that others see, to be changed: another number each time that is asked for.
    pub(crate) offers_status_line: Option<u64>,
    /// What went wrong lately, the newest last.
    pub(crate) errors: Errors,
    /// What is shown of who was online when.
    pub(crate) remembered: Remembered,
    /// What the desktop says of itself.
    pub(crate) desktop: DesktopFacts,
}

/// Something that went wrong.
#[derive(Debug)]
pub(crate) struct Happened {
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
    pub(crate) code: &'static str,
    pub(crate) sentence: String,
}

/// What went wrong lately.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    kept: VecDeque<Happened>,
    last: u64,
}

impl Errors {
    /// How many are kept.
    const KEPT: usize = 50;

    pub(crate) fn note(&mut self, at: Timestamp, code: &'static str, sentence: String) {
        self.last += 1;
        self.kept.push_back(Happened { number: self.last, at, code, sentence });
        if self.kept.len() > Self::KEPT {
            self.kept.pop_front();
        }
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Happened> {
        self.kept.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}

/// What lies over the roster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Place {
    /// Nothing.
    #[default]
    Roster,
    /// The page of a contact.
    Contact(AccountNumber, String),
    /// The settings.
    Settings,
    /// The page about the app.
    About,
}

/// What is shown of who was online when.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    /// Of whom: the contact whose page is open.
    pub(crate) of: Option<(AccountNumber, String)>,
    /// Whether a day or a week is shown.
    pub(crate) span: TimelineSpan,
    /// What is known; `None` until it is read.
    pub(crate) past: Option<Past>,
    pub(crate) timeline: Option<TimelineView>,
    pub(crate) usual: Option<UsualView>,
    /// Where all of it is kept, and how many bytes that is.
    pub(crate) path: Option<PathBuf>,
    pub(crate) bytes: Option<u64>,
    /// Where some of it was written to, to take away; in words.
    pub(crate) exported: Option<String>,
}

impl Remembered {
    /// Another page is open: nothing of its contact is known yet.
    pub(crate) fn turn_to(&mut self, of: Option<(AccountNumber, String)>) {
        let (path, bytes) = (self.path.take(), self.bytes);
        *self = Self { of, path, bytes, ..Self::default() };
    }

    /// Whether it is of one of these people of an account.
    pub(crate) fn is_of(&self, number: AccountNumber, people: &[Seen]) -> bool {
        let of = self.of.as_ref().filter(|(account, _)| *account == number);
        of.is_some_and(|(_, id)| people.iter().any(|seen| seen.contact.id == *id))
    }
}

/// What the shell has told of the desktop.
#[derive(Debug, Clone, Default)]
pub(crate) struct DesktopFacts {
    /// Whether the app starts with the session; nothing where the desktop has no way for that.
    pub(crate) starts_at_login: Option<bool>,
    /// Lines for the page about the app, each with its label.
    pub(crate) lines: Vec<(String, String)>,
}

impl Model {
    /// The accounts that there is a roster for.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (AccountNumber, &Account)> {
        self.seats.iter().map(|(number, seat)| (*number, &seat.account)).filter(|(_, account)| account.known)
    }

    /// The account whose first sign-in is under way.
    pub(crate) fn attempt(&self) -> Option<(AccountNumber, &Account)> {
        let mut seats = self.seats.iter().map(|(number, seat)| (*number, &seat.account));
        seats.find(|(_, account)| !account.known)
    }

    /// Whether nobody is at the machine, for who wants to count as away then.
    pub(crate) fn is_left(&self) -> bool {
        self.attendance.is_left(self.settings.auto_away_minutes)
    }

    /// Whether we asked not to be disturbed: at one server, and so at all.
    pub(crate) fn is_not_to_be_disturbed(&self) -> bool {
        self.shown().any(|(_, account)| account.is_not_to_be_disturbed())
    }

    /// Which account has this session.
    pub(crate) fn seat_of(&self, session: &OpenSession) -> Option<AccountNumber> {
        let mut seats = self.seats.iter();
        seats.find(|(_, seat)| seat.account.session() == *session).map(|(number, _)| *number)
    }
}

/// An account and what goes with it beside its own state.
pub(crate) struct Seat {
    pub(crate) account: Account,
    pub(crate) tenure: Tenure,
    /// Where its connection stood when that was told last.
    pub(crate) told: Option<ConnectionState>,
    /// What was wrong beside a standing connection when that was told last.
    pub(crate) told_trouble: Option<Problem>,
}

/// What the assistant has learnt so far.
#[derive(Debug)]
pub(crate) struct Learning {
    pub(crate) number: AccountNumber,
    pub(crate) server: String,
    pub(crate) profile_name: String,
    pub(crate) observed: Observed,
    pub(crate) proposals: Vec<Proposal>,
    pub(crate) chosen: usize,
    /// What somebody has chosen or changed, in place of what is proposed.
    pub(crate) mapping: Option<Mapping>,
    /// Why the server cannot be listened to.
    pub(crate) failed: Option<String>,
}

impl Learning {
    /// How people are read now.
    pub(crate) fn mapping(&self) -> Option<&Mapping> {
        self.mapping.as_ref().or(self.proposals.get(self.chosen).map(|proposal| &proposal.mapping))
    }
}

/// On which terms somebody is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Tenure {
    pub(crate) keep: bool,
    pub(crate) plain_http: bool,
    pub(crate) local: bool,
}

/// The sign-in form as it stands, without the password.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    pub(crate) server: String,
    pub(crate) email: String,
    pub(crate) keep: bool,
    pub(crate) problem: Option<Problem>,
    pub(crate) hint: Option<String>,
    /// What is being done with it, if anything. What is reported under an earlier number is out of date.
    pub(crate) number: AccountNumber,
    /// The form is being checked, an account is being made, or what the server speaks is being found out.
    pub(crate) busy: bool,
    /// What is being done, in words.
    pub(crate) step: Option<String>,
    pub(crate) local_server: Option<ServerUrl>,
}

impl Draft {
    /// Remembers what was typed, so that nothing is lost when it does not work.
    pub(crate) fn typed(&mut self, request: &SignInRequest) {
        self.server = request.server.trim().to_owned();
        self.email = request.email.trim().to_owned();
        self.keep = request.keep;
        self.problem = None;
        self.step = None;
        self.busy = true;
    }

    /// Nothing is being done with it any more.
    pub(crate) fn rest(&mut self) {
        self.busy = false;
        self.step = None;
    }
}
