//! Asks the policy of alerts whom to tell of, and carries out what it answers.

use super::{Controller, Notification, Update};
use crate::{
    account::Account,
    alerts::{AlertSettings, Circumstances, Outcome, Policy, Rule, RuleOf},
    display_name::clean,
    effects::AccountNumber,
    model::Model,
    people::{MAX_ALIAS_CHARS, Person, PersonKey},
    roster::Change,
};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

/// The longest snooze that may be asked for, minutes.
const MAX_SNOOZE_MINUTES: u16 = 7 * 24 * 60;
/// A moment that is this near is waited for all the same: timers are no finer.
const FINEST: Duration = Duration::from_millis(1);

impl Controller {
    /// Has the policy look at what has changed in a list.
    pub(super) fn alert_of(&mut self, number: AccountNumber, silent: bool, changes: &[Change]) {
        self.consult(|policy, at| policy.observe(at, number, silent, changes));
    }

    /// The policy knows somebody by another identity from now on.
    pub(super) fn alerts_know_as(&mut self, number: AccountNumber, was: &str, is: &str) {
        self.model.alerts.renamed(number, was, is);
    }

    /// An account is gone.
    pub(super) fn forget_alerts(&mut self, number: AccountNumber) {
        let outcomes = self.model.alerts.forget(number);
        self.carry_out(outcomes);
    }

    /// Somebody looks at the list.
    pub(super) fn alerts_are_seen(&mut self) {
        self.model.alerts.looked();
    }

    /// What is due about alerts, and what has become different around them.
    pub(super) fn look_at_alerts(&mut self) {
        let lost = self.model.seats.iter().filter(|(_, seat)| !seat.account.is_online());
        let lost: Vec<_> = lost.map(|(number, _)| *number).collect();
        for number in lost {
            let outcomes = self.model.alerts.lost(number);
            self.carry_out(outcomes);
        }
        let undisturbed = self.model.is_not_to_be_disturbed();
        let due = self.model.alerts.deadline().is_some_and(|at| at <= self.clock.now());
        if due || undisturbed != self.undisturbed {
            self.undisturbed = undisturbed;
            self.consult(Policy::tick);
        }
    }

    /// When something about alerts is due.
    pub(super) fn alerts_due(&self) -> Option<Instant> {
        let left = self.model.alerts.deadline()?.duration_since(self.clock.now());
        Some(Instant::now() + Duration::try_from(left).unwrap_or_default().max(FINEST))
    }

    /// Tells nobody of anything for so many minutes; of everything again, with none or 0.
    pub(super) fn snooze(&mut self, minutes: Option<u16>) {
        let minutes = minutes.filter(|minutes| *minutes > 0).map(|minutes| minutes.min(MAX_SNOOZE_MINUTES));
        let lasts = minutes.map(|minutes| Duration::from_secs(u64::from(minutes) * 60));
        let until = lasts.and_then(|lasts| self.clock.now().checked_add(lasts).ok());
        self.model.settings.alerts.snoozed_until = until;
        self.consult(Policy::tick);
        self.save_settings();
    }

    /// Takes over what people wish about alerts; the caller saves it. Groups and snooze have commands of their own.
    pub(super) fn change_alerts(&mut self, alerts: AlertSettings) {
        let kept = std::mem::take(&mut self.model.settings.alerts);
        let changed = AlertSettings { groups: kept.groups, snoozed_until: kept.snoozed_until, ..alerts };
        self.model.settings.alerts = changed.within_bounds();
        self.consult(Policy::tick);
    }

    /// Gives a group a rule of its own, or none.
    pub(super) fn set_group_rule(&mut self, group: &str, rule: Option<Rule>) {
        let group = clean(group, MAX_ALIAS_CHARS);
        let groups = &mut self.model.settings.alerts.groups;
        let before = groups.remove(&group).unwrap_or_default();
        let rule = rule.map(|rule| rule.in_place_of(&before)).filter(|rule| !rule.is_default());
        groups.extend(rule.map(|rule| (group, rule)));
        self.save_settings();
    }

    fn consult(&mut self, ask: impl FnOnce(&mut Policy, &Circumstances<'_>) -> Vec<Outcome>) {
        // It is lent out while the rest of the model is looked at.
        let mut policy = std::mem::take(&mut self.model.alerts);
        let zone = self.clock.time_zone();
        let people = people(&self.model);
        let person = |account: AccountNumber, id: &str| people.get(&account)?.get(id).copied();
        let at = Circumstances {
            now: self.clock.now(),
            zone: &zone,
            settings: &self.model.settings.alerts,
            do_not_disturb: self.model.is_not_to_be_disturbed(),
            person: &person,
        };
        let outcomes = ask(&mut policy, &at);
        self.model.alerts = policy;
        self.carry_out(outcomes);
    }

    fn carry_out(&mut self, outcomes: Vec<Outcome>) {
        let mut fulfilled = false;
        for outcome in outcomes {
            match outcome {
                Outcome::Tell(alert) => {
                    let notification = Notification {
                        title: alert.title(&self.texts),
                        body: alert.body(|number| self.label_of(number)),
                        category: alert.category(),
                        target: alert.target(),
                        tag: alert.tag,
                        urgency: alert.urgency,
                        sound: alert.sound,
                    };
                    self.surface.show(Update::Notify(notification));
                }
                Outcome::Withdraw(tag) => self.surface.show(Update::Withdraw(tag)),
                Outcome::Run { argv, kind, who } => {
                    let env = vec![
                        ("PRESENTE_NAME", who.name),
                        ("PRESENTE_EVENT", kind.event().to_owned()),
                        ("PRESENTE_SERVER", self.label_of(who.account)),
                    ];
                    self.surface.show(Update::RunCommand { argv, env });
                }
                Outcome::Fulfilled(rule) => {
                    self.rule_is_fulfilled(rule);
                    fulfilled = true;
                }
            }
        }
        if fulfilled {
            self.save_settings();
        }
    }

    /// A rule that holds once is again what it was before.
    fn rule_is_fulfilled(&mut self, rule: RuleOf) {
        match rule {
            RuleOf::Contact(account, id) => {
                let Some(seat) = self.model.seats.get(&account) else { return };
                let key = PersonKey::new(&seat.account.session(), &id);
                self.model.settings.note_of(&key, |person| {
                    person.rule = person.rule.take().map(|rule| rule.after_telling());
                    person.rule.take_if(|rule| rule.is_default());
                });
            }
            RuleOf::Group(group) => {
                let groups = &mut self.model.settings.alerts.groups;
                let after = groups.remove(&group).map(|rule| rule.after_telling());
                groups.extend(after.filter(|rule| !rule.is_default()).map(|rule| (group, rule)));
            }
        }
    }
}

/// What is noted of people, by account and identity.
fn people(model: &Model) -> BTreeMap<AccountNumber, BTreeMap<&str, &Person>> {
    let noted = |account: &Account| {
        let session = account.session();
        let people = model.settings.people_of(&session);
        people.map(|person| (person.key.id.as_str(), person)).collect()
    };
    model.seats.iter().map(|(number, seat)| (*number, noted(&seat.account))).collect()
}
