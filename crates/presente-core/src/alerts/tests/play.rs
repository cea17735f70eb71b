//! A policy under test, the people it hears of, and what somebody at the machine is told.

use crate::{
    alerts::{AlertSettings, Circumstances, Often, Outcome, Policy, Rule, RuleOf, Told},
    controller::AccountNumber,
    people::{Person, PersonKey},
    roster::{Availability, Change, ChangeKind, Contact},
    server_url::ServerUrl,
    texts::Texts,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::{collections::BTreeMap, sync::Arc};

/// The account unless another one is meant.
pub(super) const HERE: AccountNumber = AccountNumber(1);

/// What happens to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Comes,
    Goes,
    Is(Availability),
}

/// A policy under test, and what is around it.
pub(super) struct Play {
    pub(super) policy: Policy,
    pub(super) settings: AlertSettings,
    pub(super) zone: TimeZone,
    pub(super) now: Timestamp,
    pub(super) do_not_disturb: bool,
    people: BTreeMap<(AccountNumber, String), Person>,
    /// What the list said last.
    listed: BTreeMap<(AccountNumber, String), Arc<Contact>>,
    texts: Texts,
    logged: u64,
}

impl Play {
    pub(super) fn new() -> Self {
        Self {
            policy: Policy::default(),
            settings: AlertSettings::default(),
            zone: TimeZone::UTC,
            // A Monday, at noon.
            now: "2026-10-19T12:00:00Z".parse().unwrap(),
            do_not_disturb: false,
            people: BTreeMap::new(),
            listed: BTreeMap::new(),
            texts: Texts::for_locale("en"),
            logged: 0,
        }
    }

    /// The same where the first list, an empty one, has come.
    pub(super) fn connected() -> Self {
        let mut play = Self::new();
        assert_eq!(play.hears(true, &[]), Vec::<String>::new());
        play
    }

    /// What is noted of somebody.
    pub(super) fn person(&mut self, id: &str) -> &mut Person {
        let server = ServerUrl::parse("https://a.example").unwrap();
        let key = PersonKey { server, login: "me@x".to_owned(), id: id.to_owned() };
        self.people.entry((HERE, id.to_owned())).or_insert_with(|| Person::new(key))
    }

    pub(super) fn rule(&mut self, id: &str, rule: Rule) {
        let person = self.person(id);
        let before = person.rule.take().unwrap_or_default();
        person.rule = Some(rule.in_place_of(&before));
    }

    pub(super) fn often(&mut self, id: &str, often: Often) {
        self.rule(id, Rule { often, ..Rule::default() });
    }

    fn consult(&mut self, ask: impl FnOnce(&mut Policy, &Circumstances<'_>) -> Vec<Outcome>) -> Vec<Outcome> {
        let people = &self.people;
        let at = Circumstances {
            now: self.now,
            zone: &self.zone,
            settings: &self.settings,
            do_not_disturb: self.do_not_disturb,
            person: &|account, id| people.get(&(account, id.to_owned())),
        };
        ask(&mut self.policy, &at)
    }

    /// A list, or a part of one, in which this has happened. Returns what somebody notices.
    pub(super) fn hears(&mut self, silent: bool, acts: &[(&str, Act)]) -> Vec<String> {
        self.hears_of(HERE, silent, acts)
    }

    pub(super) fn hears_of(
        &mut self,
        account: AccountNumber,
        silent: bool,
        acts: &[(&str, Act)],
    ) -> Vec<String> {
        let changes: Vec<_> = acts.iter().filter_map(|(id, act)| self.change(account, id, *act)).collect();
        let outcomes = self.consult(|policy, at| policy.observe(at, account, silent, &changes));
        self.notices(outcomes)
    }

    /// The same of a list that is not silent.
    pub(super) fn sees(&mut self, acts: &[(&str, Act)]) -> Vec<String> {
        self.hears(false, acts)
    }

    /// Time goes by, and what is due is done in time.
    pub(super) fn passes(&mut self, time: SignedDuration) -> Vec<String> {
        let (end, mut noticed) = (self.now + time, Vec::new());
        while let Some(due) = self.policy.deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            noticed.extend(self.ticks());
            assert!(self.policy.deadline().is_none_or(|next| next > due), "what is due is done: {due}");
        }
        self.now = end;
        noticed
    }

    pub(super) fn seconds(&mut self, seconds: i64) -> Vec<String> {
        self.passes(SignedDuration::from_secs(seconds))
    }

    pub(super) fn ticks(&mut self) -> Vec<String> {
        let outcomes = self.consult(Policy::tick);
        self.notices(outcomes)
    }

    pub(super) fn loses_connection(&mut self) -> Vec<String> {
        let outcomes = self.policy.lost(HERE);
        self.notices(outcomes)
    }

    /// What was not told since this was asked last, and why.
    pub(super) fn kept(&mut self) -> Vec<String> {
        let entries = self.policy.log().entries().filter(|entry| entry.number > self.logged);
        let kept = entries.filter(|entry| entry.told != Told::Yes);
        let kept = kept.map(|entry| entry.sentence(&self.texts)).collect();
        self.logged = self.policy.log().entries().next_back().map_or(0, |entry| entry.number);
        kept
    }

    /// Follows what is fulfilled, and says the rest in words.
    fn notices(&mut self, outcomes: Vec<Outcome>) -> Vec<String> {
        let mut noticed = Vec::new();
        for outcome in outcomes {
            match outcome {
                Outcome::Tell(alert) => {
                    let sound = if alert.sound { ", with a sound" } else { "" };
                    noticed.push(format!("{}: {}{sound}", alert.tag, alert.title(&self.texts)));
                }
                Outcome::Withdraw(tag) => noticed.push(format!("{tag} goes away")),
                Outcome::Run { argv, kind, who } => {
                    noticed.push(format!("runs {argv:?} as {} {}", who.name, kind.event()));
                }
                Outcome::Fulfilled(RuleOf::Contact(_, id)) => {
                    let rule = &mut self.person(&id).rule;
                    *rule = rule.take().map(|rule| rule.after_telling());
                }
                Outcome::Fulfilled(RuleOf::Group(group)) => {
                    let rule = self.settings.groups.get_mut(&group).expect("only what there is");
                    *rule = rule.after_telling();
                }
            }
        }
        noticed
    }

    /// As a roster tells what is new: nothing, where nothing is.
    fn change(&mut self, account: AccountNumber, id: &str, act: Act) -> Option<Change> {
        let key = (account, id.to_owned());
        let was = self.listed.get(&key).filter(|contact| contact.online).cloned();
        let (online, availability) = match act {
            Act::Comes => (true, None),
            Act::Goes => (false, None),
            Act::Is(availability) => (true, Some(availability)),
        };
        let contact = Arc::new(Contact {
            id: id.into(),
            name: id.into(),
            email: None,
            online,
            availability,
            status_line: None,
            since: None,
            picture: None,
        });
        let kind = match (&was, online) {
            (None, true) => ChangeKind::Joined,
            (Some(_), false) => ChangeKind::Left,
            (Some(was), true) if was.availability != availability => ChangeKind::Changed,
            _ => return None,
        };
        self.listed.insert(key, contact.clone());
        Some(Change { kind, contact })
    }
}
