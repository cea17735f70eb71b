//! The state machine: hears changes and moments, and decides.

use super::{
    AccountNumber, AlertSettings, Circumstances, Key, Kind, Log, Outcome,
    gather::Gather,
    memory::{Gone, Memories, UNSEEN},
    quiet::Hush,
    shown::Shown,
    standing::is_awaited,
};
use crate::roster::{Availability, Change, ChangeKind, Contact};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// That somebody went is not told any more when it is older than this: the machine slept.
const LATE: SignedDuration = SignedDuration::from_secs(30);
/// A clock that goes back by less is a clock that is being put right.
const CLOCK_WOBBLE: SignedDuration = SignedDuration::from_secs(2);
/// For how long somebody is unsteady who came back at once.
const UNSTEADY: SignedDuration = SignedDuration::from_mins(30);
/// How long somebody who is unsteady must be gone at most before that counts.
const MAX_UNSTEADY_HOLD: SignedDuration = SignedDuration::from_mins(2);
/// Who was missed longer ago than this is no news when the connection is back: everybody who came meanwhile is not told
/// of either.
const MISSED_LATELY: SignedDuration = SignedDuration::from_hours(2);
/// How often is forgotten what makes no difference any more.
const PRUNE_EVERY: SignedDuration = SignedDuration::from_mins(10);

/// Decides whom to tell of and when, for all accounts.
#[derive(Debug, Default)]
pub struct Policy {
    pub(super) memories: Memories,
    /// Those who came lately, by what is said of them.
    pub(super) gathers: BTreeMap<Kind, Gather>,
    pub(super) shown: Shown,
    /// Who came, or became available, while alerts were quiet, and is still there.
    pub(super) missed: BTreeMap<Key, Missed>,
    /// The accounts whose lists are heard.
    hears: BTreeSet<AccountNumber>,
    /// Whether alerts were quiet when this was looked at last.
    pub(super) hush: Option<Hush>,
    pub(super) log: Log,
    /// How many alerts there were about several at once.
    pub(super) batches: u64,
    last: Option<Timestamp>,
    prune_at: Option<Timestamp>,
}

/// Somebody who came, or became available, while alerts were quiet.
#[derive(Debug)]
pub(super) struct Missed {
    pub(super) kind: Kind,
    pub(super) contact: Arc<Contact>,
    pub(super) at: Timestamp,
}

/// What has happened in one turn, before it is decided.
#[derive(Debug, Default)]
pub(super) struct Turn {
    pub(super) news: Vec<News>,
    pub(super) untrue: Vec<String>,
    pub(super) outcomes: Vec<Outcome>,
}

/// Something that people could be told of.
#[derive(Debug)]
pub(super) struct News {
    pub(super) account: AccountNumber,
    pub(super) contact: Arc<Contact>,
    pub(super) what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// Came; `brief` after a short absence.
    Came { brief: bool },
    /// Was there when the list came.
    Here,
    /// Is available, and was not.
    Reached { was: Availability },
    /// Went.
    Went,
}

impl Policy {
    /// Hears what has changed in an account's list. A silent list tells what was missed, and not what happens now: the
    /// first since the connection came up.
    pub fn observe(
        &mut self,
        at: &Circumstances<'_>,
        account: AccountNumber,
        silent: bool,
        changes: &[Change],
    ) -> Vec<Outcome> {
        let (at, mut turn) = self.begin(at);
        if self.hears.insert(account) && silent {
            self.missed.retain(|key, missed| {
                let is_lately = at.now.duration_since(missed.at) < MISSED_LATELY;
                key.0 != account || is_lately || is_awaited(&at, account, &missed.contact)
            });
        }
        for change in changes {
            let contact = &change.contact;
            let key = (account, contact.id.clone());
            match change.kind {
                ChangeKind::Joined => self.joined(&at, &key, contact, silent, &mut turn),
                ChangeKind::Left => self.left(&at, &key, contact, silent, &mut turn),
                ChangeKind::Changed if contact.online => self.reached(&key, contact, silent, &mut turn),
                ChangeKind::Changed => {}
            }
        }
        self.decide(&at, turn)
    }

    /// Does what is due, and takes up changed settings.
    pub fn tick(&mut self, at: &Circumstances<'_>) -> Vec<Outcome> {
        let (at, turn) = self.begin(at);
        self.decide(&at, turn)
    }

    /// When [`Self::tick`] wants to be called.
    pub fn deadline(&self) -> Option<Timestamp> {
        let hush_ends = self.hush.map(|hush| hush.until).filter(|_| !self.missed.is_empty());
        self.memories.next().into_iter().chain(hush_ends).min()
    }

    /// The connection of an account is lost: until there is a list again, nothing is known of its people.
    pub fn lost(&mut self, account: AccountNumber) -> Vec<Outcome> {
        let mut turn = Turn::default();
        if self.hears.remove(&account) {
            for key in self.memories.held_of(account) {
                if let Some(gone) = &mut self.memories.of(&key).gone {
                    gone.unseen = true;
                }
                self.is_gone(&key, &mut turn);
            }
        }
        turn.untrue.into_iter().map(Outcome::Withdraw).collect()
    }

    /// The account is gone.
    pub fn forget(&mut self, account: AccountNumber) -> Vec<Outcome> {
        self.hears.remove(&account);
        self.memories.forget(account);
        self.missed.retain(|key, _| key.0 != account);
        self.log.forget(account);
        self.gathers.clear();
        self.shown.forget(account).into_iter().map(Outcome::Withdraw).collect()
    }

    /// A contact has another identity now, and is the same.
    pub fn renamed(&mut self, account: AccountNumber, was: &str, is: &str) {
        let (was, is) = ((account, was.into()), (account, is.into()));
        self.memories.rename(&was, &is);
        self.shown.rename(&was, &is);
        if let Some(missed) = self.missed.remove(&was) {
            self.missed.insert(is, missed);
        }
    }

    /// Somebody has looked at the list: what is shown may stay, and is not taken away any more.
    pub fn looked(&mut self) {
        self.shown.clear();
    }

    /// What people were told of, and what not and why.
    pub fn log(&self) -> &Log {
        &self.log
    }

    fn begin<'a>(&mut self, at: &Circumstances<'a>) -> (Circumstances<'a>, Turn) {
        let back = self.last.map_or(SignedDuration::ZERO, |last| last.duration_since(at.now));
        let mut at = *at;
        if back > CLOCK_WOBBLE {
            self.memories.put_back(back);
            self.gathers.clear();
            self.prune_at = None;
        } else {
            at.now = self.last.map_or(at.now, |last| last.max(at.now));
        }
        self.last = Some(at.now);
        let settings = at.settings;
        self.hush = Hush::at(at.now, at.zone, settings);
        if self.prune_at.is_none_or(|prune_at| at.now >= prune_at) {
            self.prune_at = at.now.checked_add(PRUNE_EVERY).ok();
            self.memories.prune(at.now, seconds(settings.absence), seconds(settings.cool_down));
        }
        let mut turn = Turn::default();
        while let Some((since, key, contact)) = self.memories.due(at.now) {
            self.is_gone(&key, &mut turn);
            if at.now.duration_since(since) <= LATE {
                turn.news.push(News { account: key.0, contact, what: What::Went });
            }
        }
        (at, turn)
    }

    fn joined(
        &mut self,
        at: &Circumstances<'_>,
        key: &Key,
        contact: &Arc<Contact>,
        silent: bool,
        turn: &mut Turn,
    ) {
        let gone = self.memories.is_there(key);
        let since = gone.as_ref().filter(|gone| !gone.unseen && !silent).map(|gone| gone.at);
        if since.is_some_and(|since| at.now.duration_since(since) < seconds(at.settings.absence)) {
            self.memories.of(key).unsteady_until = at.now.checked_add(UNSTEADY).ok();
        }
        if gone.as_ref().is_some_and(|gone| gone.held_until.is_some()) {
            // Neither went nor came.
            return self.reached(key, contact, silent, turn);
        }
        if let Some(reach) = contact.availability.filter(|reach| *reach != Availability::Online) {
            self.memories.of(key).reach = Some(reach);
        }
        turn.untrue.extend(self.shown.strike(key, |kind| kind == Kind::Went));
        let brief = gone.is_some_and(|gone| was_brief(&gone, at.now, at.settings));
        let what = if silent { What::Here } else { What::Came { brief } };
        // Of a whole list only few are awaited.
        if !silent || (!brief && is_awaited(at, key.0, contact)) {
            turn.news.push(News { account: key.0, contact: contact.clone(), what });
        }
    }

    fn left(
        &mut self,
        at: &Circumstances<'_>,
        key: &Key,
        contact: &Arc<Contact>,
        silent: bool,
        turn: &mut Turn,
    ) {
        let until = at.now.checked_add(self.hold(at, key)).unwrap_or(Timestamp::MAX);
        if !silent && until > at.now {
            return self.memories.hold(key, contact, at.now, until);
        }
        let gone = Gone { at: at.now, held_until: None, unseen: silent, contact: contact.clone() };
        self.memories.is_there(key);
        self.memories.of(key).gone = Some(gone);
        self.is_gone(key, turn);
        if !silent {
            turn.news.push(News { account: key.0, contact: contact.clone(), what: What::Went });
        }
    }

    /// How long somebody must be gone before that counts: longer for who has just been gone for a moment.
    fn hold(&self, at: &Circumstances<'_>, key: &Key) -> SignedDuration {
        let hold = seconds(at.settings.hold);
        let unsteady = self.memories.get(key).and_then(|memory| memory.unsteady_until);
        if hold.is_zero() || unsteady.is_none_or(|until| until <= at.now) {
            return hold;
        }
        hold.max(seconds(at.settings.absence).min(MAX_UNSTEADY_HOLD))
    }

    /// Somebody who is there can be reached in this way now.
    fn reached(&mut self, key: &Key, contact: &Arc<Contact>, silent: bool, turn: &mut Turn) {
        let reach = contact.availability.filter(|reach| *reach != Availability::Online);
        let was = self.memories.get(key).and_then(|memory| memory.reach);
        if was == reach {
            return;
        }
        self.memories.of(key).reach = reach;
        match (was, contact.availability) {
            (Some(was), Some(Availability::Online)) if !silent => {
                let what = What::Reached { was };
                turn.news.push(News { account: key.0, contact: contact.clone(), what });
            }
            (_, Some(Availability::Online) | None) => {}
            (_, Some(_)) => {
                let is_false = |kind| matches!(kind, Kind::Free | Kind::Back);
                turn.untrue.extend(self.shown.strike(key, is_false));
                if self.missed.get(key).is_some_and(|missed| is_false(missed.kind)) {
                    self.missed.remove(key);
                }
            }
        }
    }

    /// That somebody has gone counts now.
    fn is_gone(&mut self, key: &Key, turn: &mut Turn) {
        self.memories.of(key).reach = None;
        self.missed.remove(key);
        for gather in self.gathers.values_mut() {
            gather.remove(key);
        }
        turn.untrue.extend(self.shown.strike(key, |kind| kind != Kind::Went));
    }

    /// Of those who were missed: who is there, as far as is known.
    pub(super) fn missed_and_there(&mut self) -> Vec<(Key, Missed)> {
        let is_there = |key: &Key| {
            let gone = self.memories.get(key).and_then(|memory| memory.gone.as_ref());
            self.hears.contains(&key.0) && gone.is_none()
        };
        let keys: Vec<_> = self.missed.keys().filter(|key| is_there(key)).cloned().collect();
        keys.into_iter().filter_map(|key| self.missed.remove_entry(&key)).collect()
    }
}

/// Whether somebody was gone too short a time for their coming to be told.
fn was_brief(gone: &Gone, now: Timestamp, settings: &AlertSettings) -> bool {
    let least = seconds(settings.absence);
    let least = if gone.unseen { least.max(UNSEEN) } else { least };
    now.duration_since(gone.at) < least
}

/// A setting as a time.
pub(super) fn seconds(seconds: u32) -> SignedDuration {
    SignedDuration::from_secs(i64::from(seconds))
}
