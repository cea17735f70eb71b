//! The limits as tables and properties: time is passed in, so nothing here waits.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use proptest::prelude::*;

use super::{rate::Spent, *};
use crate::address::ClientAddress;

fn address(last: u32) -> ClientAddress {
    ClientAddress(std::net::Ipv4Addr::from_bits(0x0a00_0000 | last).into())
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[test]
fn what_was_spent_comes_back_steadily() {
    let start = Instant::now();
    let (rate, mut spent) = (Rate::new(3, seconds(30)), Spent::default());
    for (at, expected) in [
        (0, Ok(())),
        (0, Ok(())),
        (0, Ok(())),
        (0, Err(seconds(10))),
        (9, Err(seconds(1))),
        (10, Ok(())),
        (10, Err(seconds(10))),
        (30, Ok(())),
        (30, Ok(())),
        (30, Err(seconds(10))),
        (300, Ok(())),
        (300, Ok(())),
        (300, Ok(())),
        (300, Err(seconds(10))),
    ] {
        assert_eq!(spent.take(rate, start + seconds(at)), expected, "after {at} s");
    }
}

#[test]
fn a_socket_is_heard_then_refused_then_closed() {
    let now = Instant::now();
    let mut budget = SocketBudget::default();
    let verdicts: Vec<_> = (0..301).map(|_| budget.event(now)).collect();
    assert!(verdicts[..100].iter().all(|verdict| *verdict == Verdict::Pass));
    assert!(verdicts[100..300].iter().all(|verdict| *verdict == Verdict::Refuse));
    assert_eq!(verdicts[300], Verdict::Close);
}

#[test]
fn a_list_too_many_is_answered_later_and_once() {
    let start = Instant::now();
    let mut budget = SocketBudget::default();
    let mut ask = |at: u64| budget.list(start + seconds(at));
    for _ in 0..5 {
        assert_eq!(ask(0), Asking::Now);
    }
    assert_eq!(ask(0), Asking::Later(seconds(4)));
    assert_eq!(ask(0), Asking::OnItsWay);
    assert_eq!(ask(3), Asking::OnItsWay);
    // The answer of 4 s has used up what came back until then.
    assert_eq!(ask(4), Asking::Later(seconds(4)));
    assert_eq!(ask(12), Asking::Now);
    assert_eq!(ask(40), Asking::Now);
}

#[test]
fn a_handshake_that_knocks_too_often_is_not_looked_at() {
    let now = Instant::now();
    let connects = Connects::default();
    let same = connects.clone();
    assert_eq!((0..20).filter(|_| same.admit(now)).count(), 10);
    assert!(!connects.admit(now));
    assert!(connects.admit(now + seconds(6)));
}

#[test]
fn who_speaks_too_much_takes_nothing_from_the_others() {
    let now = Instant::now();
    let speech = Speech::default();
    let person = |name: &str| Speaker::Person(name.into());
    assert_eq!((0..1_000).filter(|_| speech.admit(person("ana"), now)).count(), 20);
    assert!(speech.admit(person("leo"), now));
    assert!(speech.admit(Speaker::Address(address(1)), now));
    let everybody = (0..1_000).filter(|i| speech.admit(person(&i.to_string()), now)).count();
    assert_eq!(everybody, 100 - 22, "all together have a limit too");
}

#[test]
fn a_crowd_has_room_for_so_many_in_all_and_from_one_address() {
    let crowd = Crowd::new(3, 2);
    let (one, two) = (crowd.enter(Some(address(1))).unwrap(), crowd.enter(Some(address(1))).unwrap());
    assert_eq!(crowd.enter(Some(address(1))).err(), Some(Full::ForOne));
    let three = crowd.enter(Some(address(2))).unwrap();
    assert_eq!(crowd.enter(Some(address(3))).err(), Some(Full::ForAll));
    drop(one);
    let proxy = crowd.enter(None).unwrap();
    assert_eq!((crowd.len(), crowd.addresses()), (3, 2));
    drop((two, three, proxy));
    assert_eq!((crowd.len(), crowd.addresses()), (0, 0), "nothing is left behind");
}

#[test]
fn a_table_stays_small_whoever_comes() {
    let now = Instant::now();
    let mut table = RateTable::new(Rate::a_minute(1), 100);
    for key in 0..100_000 {
        let _ = table.take(key, now);
        assert!(table.len() <= 200);
    }
}

proptest! {
    #[test]
    fn no_period_ever_sees_more_than_twice_its_count(
        count in 1..20_u32,
        steps in prop::collection::vec(0..3_000_u64, 1..400),
    ) {
        let (period, start) = (seconds(20), Instant::now());
        let (rate, mut spent) = (Rate::new(count, period), Spent::default());
        let mut now = start;
        let mut granted = Vec::new();
        for step in steps {
            now += Duration::from_millis(step);
            match spent.take(rate, now) {
                Ok(()) => granted.push(now),
                Err(wait) => prop_assert!(!wait.is_zero() && wait <= period),
            }
        }
        for (i, first) in granted.iter().enumerate() {
            let within = granted[i..].iter().filter(|at| **at < *first + period).count();
            prop_assert!(within <= 2 * count as usize, "{within} in one period");
        }
    }

    #[test]
    fn a_table_with_room_says_what_one_bucket_for_each_would_say(
        steps in prop::collection::vec((0..20_u32, 0..2_000_u64), 1..500),
    ) {
        let rate = Rate::new(3, seconds(10));
        let mut table = RateTable::new(rate, 20);
        let mut each: HashMap<u32, Spent> = HashMap::new();
        let mut now = Instant::now();
        for (key, step) in steps {
            now += Duration::from_millis(step);
            let expected = each.entry(key).or_default().take(rate, now);
            prop_assert_eq!(table.take(key, now), expected);
        }
    }

    #[test]
    fn every_question_for_the_list_is_answered(gaps in prop::collection::vec(0..5_000_u64, 1..200)) {
        let mut budget = SocketBudget::default();
        let mut now = Instant::now();
        let mut due: Option<Instant> = None;
        for gap in gaps {
            now += Duration::from_millis(gap);
            match budget.list(now) {
                Asking::Now => prop_assert!(due.is_none_or(|due| due <= now)),
                Asking::Later(wait) => {
                    prop_assert!(wait <= seconds(20));
                    due = Some(now + wait);
                }
                Asking::OnItsWay => prop_assert!(due.is_some_and(|due| due > now), "nothing is on its way"),
            }
        }
    }

    #[test]
    fn a_crowd_counts_right_whoever_comes_and_goes(
        steps in prop::collection::vec((any::<bool>(), 0..4_u32, any::<prop::sample::Index>()), 1..200),
    ) {
        let crowd = Crowd::new(10, 4);
        let mut here: Vec<(u32, Place)> = Vec::new();
        for (comes, from, who) in steps {
            if comes {
                let of_one = here.iter().filter(|(other, _)| *other == from).count();
                let expected = match (here.len(), of_one) {
                    (10, _) => Some(Full::ForAll),
                    (_, 4) => Some(Full::ForOne),
                    _ => None,
                };
                match crowd.enter(Some(address(from))) {
                    Ok(place) => {
                        prop_assert_eq!(expected, None);
                        here.push((from, place));
                    }
                    Err(full) => prop_assert_eq!(expected, Some(full)),
                }
            } else if !here.is_empty() {
                let gone = who.index(here.len());
                here.swap_remove(gone);
            }
            prop_assert_eq!(crowd.len(), here.len());
        }
    }
}
