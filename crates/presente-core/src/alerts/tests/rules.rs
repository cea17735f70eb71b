//! Who is told of whom: rules, groups, favourites, and what goes with a rule.

use super::play::{Act, HERE, Play};
use crate::{
    alerts::{Alert, Kind, Occasion, Often, Outcome, Rule, TellOf, Who},
    controller::{AccountNumber, Urgency},
    roster::Availability::{Away, DoNotDisturb, Online},
};
use Act::{Comes, Goes, Is};

const NOTHING: [&str; 0] = [];

fn rule(often: Often, when: &[Occasion]) -> Rule {
    Rule { often, when: when.iter().copied().collect(), ..Rule::default() }
}

#[test]
fn a_contacts_rule_wins_over_the_groups_and_that_over_what_holds_for_everybody() {
    use Often::{Always, Default, Never};
    use TellOf::{Everybody, Favourites, Nobody};
    for (tell_of, favourite, own, group, is_told) in [
        (Everybody, false, None, None, true),
        (Favourites, false, None, None, false),
        (Favourites, true, None, None, true),
        (Nobody, true, None, None, false),
        (Nobody, false, Some(Always), None, true),
        (Nobody, false, None, Some(Always), true),
        (Nobody, false, Some(Default), Some(Always), true),
        (Nobody, false, Some(Never), Some(Always), false),
        (Everybody, true, Some(Never), None, false),
        (Everybody, true, None, Some(Never), false),
        (Everybody, true, Some(Always), Some(Never), true),
        (Everybody, false, Some(Default), Some(Default), true),
    ] {
        let mut play = Play::connected();
        play.settings.tell_of = tell_of;
        play.person("ana").favourite = favourite;
        play.person("ana").group = Some("Work".to_owned());
        if let Some(often) = own {
            play.often("ana", often);
        }
        if let Some(often) = group {
            play.settings.groups.insert("Work".to_owned(), rule(often, &[Occasion::Comes]));
        }
        let told = play.sees(&[("ana", Comes)]);
        assert_eq!(!told.is_empty(), is_told, "{tell_of:?}, {favourite}, own {own:?}, group {group:?}");
    }
}

#[test]
fn people_are_told_of_the_occasions_that_a_rule_names() {
    use Occasion::{BecomesFree, Comes as WhenComes, Goes as WhenGoes, IsBack};
    for (when, then, told) in [
        (&[WhenComes][..], &[Goes][..], &["p:1:ana goes away"][..]),
        (&[WhenComes, WhenGoes], &[Goes], &["p:1:ana: ana went offline"]),
        (&[BecomesFree], &[Is(DoNotDisturb), Is(Online)], &["p:1:ana: ana is free"]),
        (&[BecomesFree], &[Is(Away), Is(Online)], &["p:1:ana: ana is free"]),
        (&[BecomesFree, IsBack], &[Is(Away), Is(Online)], &["p:1:ana: ana is back"]),
        (&[IsBack], &[Is(DoNotDisturb), Is(Online)], &[]),
        (&[IsBack], &[Is(Away), Is(DoNotDisturb), Is(Online)], &[]),
        (&[IsBack], &[Is(Away), Is(Online), Is(Away)], &["p:1:ana: ana is back", "p:1:ana goes away"]),
        (&[IsBack], &[Is(Away), Goes, Is(Online)], &["p:1:ana: ana is back"]),
        (&[], &[Is(Away), Is(Online)], &[]),
    ] {
        let mut play = Play::connected();
        play.rule("ana", rule(Often::Always, when));
        play.sees(&[("ana", Is(Online))]);
        let mut noticed = Vec::new();
        for act in then {
            noticed.extend(play.sees(&[("ana", *act)]));
        }
        noticed.extend(play.seconds(60));
        assert_eq!(noticed, told, "of {when:?} after {then:?}");
    }
}

#[test]
fn once_is_told_the_next_time_and_then_the_rule_is_what_it_was() {
    let mut play = Play::connected();
    play.settings.tell_of = TellOf::Nobody;
    play.often("ana", Often::Never);
    play.often("ana", Often::Once);
    assert_eq!(play.sees(&[("ana", Comes)]), ["p:1:ana: ana is online"]);
    assert_eq!(play.person("ana").rule.as_ref().unwrap().often, Often::Never);
    play.sees(&[("ana", Goes)]);
    play.seconds(1_000);
    assert_eq!(play.sees(&[("ana", Comes)]), NOTHING);
}

#[test]
fn who_is_awaited_is_told_of_although_the_list_is_silent_or_they_were_told_of_a_moment_ago() {
    let mut play = Play::new();
    play.often("ana", Often::Once);
    assert_eq!(play.hears(true, &[("ana", Comes), ("beto", Comes)]), ["p:1:ana: ana is here already"]);
    play.sees(&[("ana", Goes)]);
    play.seconds(70);
    play.often("ana", Often::Once);
    assert_eq!(play.sees(&[("ana", Comes)]), ["p:1:ana: ana is online"], "within the cool-down");
    play.sees(&[("ana", Goes)]);
    play.seconds(100);
    play.often("ana", Often::Once);
    play.loses_connection();
    play.seconds(100);
    assert_eq!(play.hears(true, &[("ana", Comes)]), ["p:1:ana: ana is here already"], "came meanwhile");
}

#[test]
fn the_rule_of_a_group_that_holds_once_holds_for_whoever_is_first() {
    let mut play = Play::connected();
    play.settings.tell_of = TellOf::Nobody;
    for id in ["ana", "beto", "carla"] {
        play.person(id).group = Some("Work".to_owned());
    }
    play.settings.groups.insert("Work".to_owned(), rule(Often::Once, &[Occasion::Comes]));
    assert_eq!(play.sees(&[("ana", Comes), ("beto", Comes)]), ["b:1: ana and 1 other are online"]);
    assert_eq!(play.sees(&[("carla", Comes)]), NOTHING);
}

#[test]
fn a_sound_is_made_where_it_is_wished_and_once_for_those_who_come_together() {
    let mut play = Play::connected();
    play.rule("beto", Rule { sound: Some(true), ..rule(Often::Always, &[Occasion::Comes]) });
    play.rule("dani", Rule { sound: Some(true), ..rule(Often::Always, &[Occasion::Comes]) });
    assert_eq!(play.sees(&[("ana", Comes)]), ["p:1:ana: ana is online"]);
    assert_eq!(play.sees(&[("beto", Comes)]), ["p:1:ana: beto and 1 other are online, with a sound"]);
    assert_eq!(play.sees(&[("dani", Comes)]), ["p:1:ana: beto and 2 others are online"]);
    play.seconds(10);
    play.settings.sound = true;
    play.rule("eva", Rule { sound: Some(false), ..rule(Often::Always, &[Occasion::Comes]) });
    assert_eq!(play.sees(&[("eva", Comes)]), ["p:1:eva: eva is online"]);
    play.seconds(10);
    assert_eq!(play.sees(&[("fede", Comes)]), ["p:1:fede: fede is online, with a sound"]);
}

#[test]
fn a_command_is_run_only_if_commands_are_allowed_and_needs_no_notification() {
    let command = Some(vec!["lamp".to_owned(), "on".to_owned()]);
    for (allowed, notification, noticed) in [
        (false, true, &["p:1:ana: Anita is online"][..]),
        (true, true, &["runs [\"lamp\", \"on\"] as Anita comes", "p:1:ana: Anita is online"]),
        (true, false, &["runs [\"lamp\", \"on\"] as Anita comes"]),
    ] {
        let mut play = Play::connected();
        play.settings.allow_commands = allowed;
        play.person("ana").alias = "Anita".to_owned();
        let wish = Rule { command: command.clone(), notification, ..rule(Often::Always, &[Occasion::Comes]) };
        play.rule("ana", wish);
        assert_eq!(play.sees(&[("ana", Comes)]), noticed);
    }
}

#[test]
fn who_is_named_is_a_favourite_else_who_has_a_rule_else_who_is_first_by_name() {
    let mut play = Play::connected();
    play.often("beto", Often::Always);
    play.person("carla").favourite = true;
    assert_eq!(play.sees(&[("ana", Comes)]), ["p:1:ana: ana is online"]);
    assert_eq!(play.sees(&[("beto", Comes)]), ["p:1:ana: beto and 1 other are online"]);
    assert_eq!(play.sees(&[("carla", Comes)]), ["p:1:ana: carla and 2 others are online"]);
    assert_eq!(play.sees(&[("dani", Comes)]), ["p:1:ana: carla and 3 others are online"]);
}

#[test]
fn who_is_named_depends_neither_on_the_order_of_a_list_nor_on_how_many_lists_told_it() {
    for order in [["zoe", "Ángel", "beto", "Ana"], ["Ana", "beto", "zoe", "Ángel"]] {
        for lists in [1, 2, 4] {
            let mut play = Play::connected();
            play.person("zoe").alias = "Carla".to_owned();
            let acts = order.map(|id| (id, Comes));
            let told: Vec<_> = acts.chunks(4 / lists).flat_map(|list| play.sees(list)).collect();
            let last = told.last().unwrap();
            assert!(last.ends_with(": Ana and 3 others are online"), "{order:?} in {lists}: {last}");
            if lists == 1 {
                let entry = play.policy.log().entries().next().unwrap();
                let names: Vec<_> = entry.who.iter().map(|who| who.name.as_str()).collect();
                assert_eq!(names, ["Ana", "Ángel", "beto", "Carla"], "in the log");
            }
        }
    }
}

#[test]
fn an_alert_of_one_says_where_and_one_of_several_who_else() {
    let body = |others: usize| {
        let name = |number| format!("p{number}");
        let who =
            (0..=others.min(9)).map(|number| Who { account: HERE, id: name(number), name: name(number) });
        let (tag, kind, who) = (String::new(), Kind::Came, who.collect());
        Alert { tag, kind, who, others, urgency: Urgency::Normal, sound: false }.body(|_| "school".to_owned())
    };
    assert_eq!([body(0), body(1), body(4)], ["school", "p1", "p1, p2, p3, p4"]);
    assert_eq!(body(5), "p1, p2, p3, p4, …");
}

#[test]
fn people_of_several_accounts_are_told_of_in_one_breath_and_an_account_that_is_gone_is_forgotten() {
    let mut play = Play::connected();
    let there = AccountNumber(2);
    play.hears_of(there, true, &[]);
    play.sees(&[("ana", Comes)]);
    assert_eq!(play.hears_of(there, false, &[("ana", Comes)]), ["p:1:ana: ana and 1 other are online"]);
    play.sees(&[("beto", Comes)]);
    play.seconds(10);
    play.hears_of(there, false, &[("carla", Comes)]);
    let forgotten = play.policy.forget(there);
    assert_eq!(forgotten, [Outcome::Withdraw("p:2:carla".to_owned())]);
    assert!(play.policy.log().entries().all(|entry| entry.who.iter().all(|who| who.account == HERE)));
}
