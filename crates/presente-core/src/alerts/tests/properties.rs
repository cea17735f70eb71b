//! What must hold whatever people do.

use super::play::{Act, Play};
use crate::{
    alerts::{
        Kind,
        Occasion::{BecomesFree, Comes, Goes, IsBack},
        Often, QuietHours, Reason, Rule, Told, Weekday,
    },
    roster::Availability::{Away, DoNotDisturb, Online},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Something that happens, after some milliseconds: to somebody, or to our connection.
#[derive(Debug, Clone)]
enum Step {
    Person(u8, Act),
    Lost,
    List(Vec<(u8, Act)>),
    Snooze(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Comes),
        3 => Just(Act::Goes),
        1 => Just(Act::Is(Online)),
        1 => Just(Act::Is(Away)),
        1 => Just(Act::Is(DoNotDisturb)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0_u8..6, act()).prop_map(|(who, act)| Step::Person(who, act)),
        1 => Just(Step::Lost),
        1 => prop::collection::vec((0_u8..6, act()), 0..6).prop_map(Step::List),
        1 => (0_i64..2_000).prop_map(Step::Snooze),
    ]
}

fn wait() -> impl Strategy<Value = i64> {
    prop_oneof![0_i64..500, 500_i64..20_000, 20_000_i64..600_000]
}

fn name(who: u8) -> String {
    format!("p{who}")
}

/// Plays steps with somebody for each rule, and checks after each that what was told fits the log.
fn plays(
    steps: &[(i64, Step)],
    mut check: impl FnMut(&Play) -> Result<(), TestCaseError>,
) -> Result<Play, TestCaseError> {
    let mut play = Play::connected();
    let every = BTreeSet::from([Comes, Goes, BecomesFree, IsBack]);
    play.rule("p0", Rule { often: Often::Always, when: every.clone(), ..Rule::default() });
    play.rule("p1", Rule { often: Often::Always, when: every, even_when_quiet: true, ..Rule::default() });
    play.often("p2", Often::Never);
    for (wait, step) in steps {
        play.passes(SignedDuration::from_millis(*wait));
        check(&play)?;
        match step {
            Step::Person(who, act) => drop(play.sees(&[(&name(*who), *act)])),
            Step::Lost => drop(play.loses_connection()),
            Step::List(acts) => {
                let names: Vec<_> = acts.iter().map(|(who, act)| (name(*who), *act)).collect();
                let acts: Vec<_> = names.iter().map(|(name, act)| (name.as_str(), *act)).collect();
                play.hears(true, &acts);
            }
            Step::Snooze(seconds) => {
                play.settings.snoozed_until = Some(play.now + SignedDuration::from_secs(*seconds));
                play.ticks();
            }
        }
        check(&play)?;
    }
    play.passes(SignedDuration::from_hours(2));
    check(&play)?;
    Ok(play)
}

proptest! {
    #[test]
    fn nobody_is_told_of_twice_within_the_cool_down_nor_of_who_is_never_to_be_told_of(
        steps in prop::collection::vec((wait(), step()), 0..120),
    ) {
        let play = plays(&steps, |_| Ok(()))?;
        let mut last = BTreeMap::<(String, &str), Timestamp>::new();
        for entry in play.policy.log().entries().filter(|entry| entry.told == Told::Yes) {
            for who in &entry.who {
                prop_assert_ne!(&who.id, "p2");
                // What was missed may have been something else than coming.
                let event = if entry.kind == Kind::Missed { continue } else { entry.kind.event() };
                let before = last.insert((who.id.clone(), event), entry.at);
                let gap = before.map(|before| entry.at.duration_since(before));
                prop_assert!(gap.is_none_or(|gap| gap >= SignedDuration::from_secs(300)), "{} after {gap:?}", who.id);
            }
        }
    }

    #[test]
    fn while_alerts_are_snoozed_only_a_rule_that_says_so_is_told(
        steps in prop::collection::vec((wait(), step()), 0..120),
    ) {
        let mut seen = 0;
        plays(&steps, |play| {
            let until = play.settings.snoozed_until;
            for entry in play.policy.log().entries().filter(|entry| entry.number > seen) {
                let is_snoozed = until.is_some_and(|until| entry.at < until);
                let breaks_through = entry.who.iter().all(|who| who.id == "p1");
                prop_assert!(entry.told != Told::Yes || !is_snoozed || breaks_through, "{entry:?} until {until:?}");
            }
            seen = play.policy.log().entries().next_back().map_or(0, |entry| entry.number);
            Ok(())
        })?;
    }

    #[test]
    fn who_flaps_faster_than_the_hold_is_never_told_of(flaps in prop::collection::vec((0_i64..7_999, 1_i64..60_000), 1..40)) {
        let mut play = Play::new();
        play.settings.absence = 0;
        play.settings.cool_down = 0;
        play.rule("ana", Rule { often: Often::Always, when: [Comes, Goes].into(), ..Rule::default() });
        play.hears(true, &[("ana", Act::Comes)]);
        for (gone, there) in flaps {
            prop_assert!(play.sees(&[("ana", Act::Goes)]).is_empty());
            prop_assert!(play.passes(SignedDuration::from_millis(gone)).is_empty());
            prop_assert!(play.sees(&[("ana", Act::Comes)]).is_empty());
            prop_assert!(play.passes(SignedDuration::from_millis(there)).is_empty());
        }
    }

    #[test]
    fn an_alert_counts_everybody_who_came_within_its_window(waits in prop::collection::vec(0_i64..1_500, 1..60)) {
        let mut play = Play::connected();
        let (mut began, mut count) = (play.now, 0);
        for (number, wait) in waits.iter().enumerate() {
            if play.now.duration_since(began) > SignedDuration::from_secs(5) {
                (began, count) = (play.now, 0);
            }
            count += 1;
            let told = play.sees(&[(&format!("p{number}"), Act::Comes)]);
            prop_assert_eq!(told.len(), 1);
            let others = match count { 1 => " is online".to_owned(), 2 => " and 1 other are online".to_owned(), n => format!(" and {} others are online", n - 1) };
            prop_assert!(told[0].ends_with(&others), "{:?} is not {others}", told);
            play.passes(SignedDuration::from_millis(*wait));
        }
    }

    #[test]
    fn in_quiet_hours_nobody_is_told_of_anything_in_any_zone_and_on_any_day(
        zone in prop::sample::select(vec!["Europe/Madrid", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Asia/Gaza", "UTC"]),
        from in 0_i8..24, until in 0_i8..24, start in 1_767_225_600_i64..1_798_761_600,
        waits in prop::collection::vec(60_i64..40_000, 1..40),
    ) {
        let mut play = Play::connected();
        play.zone = TimeZone::get(zone).unwrap();
        play.now = Timestamp::from_second(start).unwrap();
        let (from, until) = (jiff::civil::time(from, 0, 0, 0), jiff::civil::time(until, 0, 0, 0));
        let weekdays = Weekday::ALL.into();
        play.settings.quiet = vec![QuietHours { from, until, weekdays, enabled: true }];
        for (number, wait) in waits.iter().enumerate() {
            play.sees(&[(&format!("p{number}"), Act::Comes)]);
            play.seconds(*wait);
        }
        for entry in play.policy.log().entries() {
            let wall = entry.at.to_zoned(play.zone.clone()).time();
            let within = if from < until { (from..until).contains(&wall) } else { wall >= from || wall < until };
            prop_assert!(!within || entry.told == Told::No(Reason::QuietHours), "{:?} at {wall}", entry.told);
        }
    }
}
