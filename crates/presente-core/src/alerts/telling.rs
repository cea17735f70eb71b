//! From what has happened to what people are told: by the rules, at the right time, in one breath.

use super::{
    Alert, Circumstances, Kind, MAX_NAMED, Occasion, Often, Outcome, Reason, Told, Who,
    gather::Gather,
    policy::{Missed, News, Policy, Turn, What, seconds},
    standing::{ByName, Rank, Standing},
};
use crate::{controller::Urgency, roster::Availability};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// The tag of what was missed.
const MISSED_TAG: &str = "missed";

/// Somebody people are told of.
struct Named {
    rank: Rank,
    who: Who,
    /// By a notification.
    shown: bool,
    sound: bool,
}

impl Policy {
    /// Decides what has happened in a turn.
    pub(super) fn decide(&mut self, at: &Circumstances<'_>, mut turn: Turn) -> Vec<Outcome> {
        if self.hush.is_none() && !at.do_not_disturb && !self.missed.is_empty() {
            self.tell_missed(at, &mut turn);
        }
        let mut told = BTreeMap::<Kind, Vec<Named>>::new();
        let mut kept = BTreeMap::<(Kind, Reason), Vec<(Rank, Who)>>::new();
        for news in std::mem::take(&mut turn.news) {
            let standing = Standing::of(at, news.account, &news.contact);
            let kind = kind_of(news.what, &standing);
            if !standing.is_for(kind) {
                continue;
            }
            match self.why_not(at, &standing, kind, news.what) {
                Some(reason) => {
                    self.is_missed(at.now, kind, reason, news);
                    kept.entry((kind, reason)).or_default().push((standing.rank, standing.who));
                }
                None => {
                    let named = self.carry_out(at, standing, kind, &mut turn.outcomes);
                    told.entry(kind).or_default().push(named);
                }
            }
        }
        for ((kind, reason), who) in kept {
            let (who, others) = in_order(who);
            self.log.write(at.now, kind, who, others, Told::No(reason));
        }
        for (kind, named) in told {
            self.tell(at.now, kind, named, &mut turn);
        }
        turn.into_outcomes()
    }

    /// Why people are not told of something that they wish to be told of.
    fn why_not(
        &self,
        at: &Circumstances<'_>,
        standing: &Standing<'_>,
        kind: Kind,
        what: What,
    ) -> Option<Reason> {
        let rule = standing.rule.as_ref()?;
        // Who is waiting for somebody has said so since they were told last.
        let cool_down = match rule.often {
            Often::Once => SignedDuration::from_secs(1),
            _ => seconds(at.settings.cool_down),
        };
        let memory = self.memories.get(&standing.who.key());
        let told_lately = memory.is_some_and(|memory| memory.was_told(kind.occasion(), cool_down, at.now));
        match (rule.often, what) {
            (Often::Never, _) => Some(Reason::Never),
            (_, What::Came { brief: true }) => Some(Reason::BriefAbsence),
            _ if told_lately => Some(Reason::ToldLately),
            _ if rule.even_when_quiet => None,
            _ if at.do_not_disturb => Some(Reason::DoNotDisturb),
            _ => self.hush.map(|hush| hush.reason),
        }
    }

    /// What is not told because alerts are quiet may be told of when they are not any more.
    fn is_missed(&mut self, at: Timestamp, kind: Kind, reason: Reason, news: News) {
        let is_quiet = matches!(reason, Reason::QuietHours | Reason::Snoozed | Reason::DoNotDisturb);
        if is_quiet && kind != Kind::Went {
            let key = (news.account, news.contact.id.clone());
            self.missed.insert(key, Missed { kind, contact: news.contact, at });
        }
    }

    /// Somebody is told of: what goes with that beside the notification.
    fn carry_out(
        &mut self,
        at: &Circumstances<'_>,
        standing: Standing<'_>,
        kind: Kind,
        outcomes: &mut Vec<Outcome>,
    ) -> Named {
        let Standing { who, rank, rule, of } = standing;
        let key = who.key();
        self.memories.of(&key).is_told(kind.occasion(), at.now);
        self.missed.remove(&key);
        let mut named = Named { rank, who, shown: true, sound: at.settings.sound };
        let Some(rule) = rule else { return named };
        named.shown = rule.notification;
        named.sound = rule.sound.unwrap_or(at.settings.sound);
        if let Some(argv) = rule.command.clone().filter(|_| at.settings.allow_commands) {
            outcomes.push(Outcome::Run { argv, kind, who: named.who.clone() });
        }
        let fulfilled = of.filter(|_| rule.often == Often::Once).map(Outcome::Fulfilled);
        outcomes.extend(fulfilled.filter(|fulfilled| !outcomes.contains(fulfilled)));
        named
    }

    /// Tells of those of whom the same is to be said, together with those who came a moment ago.
    fn tell(&mut self, now: Timestamp, kind: Kind, named: Vec<Named>, turn: &mut Turn) {
        let fresh: Vec<_> = named.iter().map(|named| (named.rank, named.who.clone())).collect();
        let (who, others) = in_order(fresh);
        self.log.write(now, kind, who, others, Told::Yes);
        let named: Vec<_> = named.into_iter().filter(|named| named.shown).collect();
        let Some(first) = named.first() else { return };
        let open = self.gathers.remove(&kind).filter(|gather| gather.is_open(now));
        let mut gather = open.unwrap_or_else(|| {
            let is_one = named.len() == 1;
            self.batches += u64::from(!is_one);
            let tag =
                if is_one { self.shown.tag_of(&first.who.key()) } else { format!("b:{}", self.batches) };
            Gather::new(kind, tag, now)
        });
        let sound = !gather.sounded && named.iter().any(|named| named.sound);
        gather.sounded |= sound;
        for named in named {
            gather.add(named.rank, named.who, now);
        }
        let (who, others) = gather.told();
        let urgency = if kind == Kind::Went { Urgency::Low } else { Urgency::Normal };
        self.show(Alert { tag: gather.tag.clone(), kind, who, others, urgency, sound }, turn);
        self.gathers.insert(kind, gather);
    }

    fn show(&mut self, alert: Alert, turn: &mut Turn) {
        turn.untrue.extend(self.shown.show(&alert));
        turn.outcomes.push(Outcome::Tell(alert));
    }

    /// Alerts are not quiet any more: tells of who came meanwhile and is still there. Who is awaited is told of by
    /// themselves.
    fn tell_missed(&mut self, at: &Circumstances<'_>, turn: &mut Turn) {
        let mut who = Vec::new();
        for (key, missed) in self.missed_and_there() {
            let standing = Standing::of(at, key.0, &missed.contact);
            if standing.is_awaited() {
                turn.news.push(News { account: key.0, contact: missed.contact, what: What::Here });
            } else if at.settings.summary && standing.is_for(Kind::Missed) {
                self.memories.of(&key).is_told(missed.kind.occasion(), at.now);
                who.push((standing.rank, standing.who));
            }
        }
        if who.is_empty() {
            return;
        }
        let (who, others) = in_order(who);
        self.log.write(at.now, Kind::Missed, who.clone(), others, Told::Yes);
        let tag = MISSED_TAG.to_owned();
        let alert = Alert { tag, kind: Kind::Missed, who, others, urgency: Urgency::Low, sound: false };
        self.show(alert, turn);
    }
}

impl Turn {
    /// What comes of it: first what is not true any more, unless something else takes its place.
    fn into_outcomes(self) -> Vec<Outcome> {
        let Self { untrue, outcomes, .. } = self;
        let is_replaced = |tag: &String| {
            outcomes.iter().any(|outcome| matches!(outcome, Outcome::Tell(alert) if alert.tag == *tag))
        };
        let withdrawn: Vec<_> =
            untrue.into_iter().filter(|tag| !is_replaced(tag)).map(Outcome::Withdraw).collect();
        withdrawn.into_iter().chain(outcomes).collect()
    }
}

/// What is said of what has happened, by what people wish to hear.
fn kind_of(what: What, standing: &Standing<'_>) -> Kind {
    let says = |occasion| standing.rule.as_ref().is_some_and(|rule| rule.is_for(occasion));
    match what {
        What::Came { .. } => Kind::Came,
        What::Here => Kind::Here,
        What::Went => Kind::Went,
        What::Reached { was: Availability::Away } if says(Occasion::IsBack) => Kind::Back,
        What::Reached { .. } => Kind::Free,
    }
}

/// Those who are named, the first first, and how many there are beside that one.
fn in_order(mut who: Vec<(Rank, Who)>) -> (Vec<Who>, usize) {
    let others = who.len().saturating_sub(1);
    who.sort_by_cached_key(|(rank, who)| (*rank, ByName::of(who)));
    who.truncate(MAX_NAMED);
    (who.into_iter().map(|(_, who)| who).collect(), others)
}
