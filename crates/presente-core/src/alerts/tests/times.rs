//! When people are told: holds, absences, cool-downs, those who come together, quiet times, and connections that fail.

use super::play::{Act, HERE, Play};
use crate::{
    alerts::{Kind, Occasion, Often, QuietHours, Rule, TellOf, Weekday},
    roster::Availability::{Away, Online},
};
use Act::{Comes, Goes, Is};
use jiff::{SignedDuration, ToSpan, civil::time};

const NOTHING: [&str; 0] = [];

fn goes_too() -> Rule {
    Rule { often: Often::Always, when: [Occasion::Comes, Occasion::Goes].into(), ..Rule::default() }
}

#[test]
fn a_silent_list_tells_nothing_and_is_remembered() {
    let mut play = Play::new();
    assert_eq!(play.hears(true, &[("ana", Comes), ("beto", Is(Away))]), NOTHING);
    play.rule("beto", Rule { when: [Occasion::IsBack].into(), ..goes_too() });
    assert_eq!(play.sees(&[("beto", Is(Online))]), ["p:1:beto: beto is back"]);
    assert_eq!(play.sees(&[("ana", Goes)]), NOTHING);
}

#[test]
fn who_is_gone_for_less_than_the_hold_neither_went_nor_came() {
    let mut play = Play::connected();
    play.settings.absence = 0;
    play.settings.cool_down = 0;
    play.rule("ana", goes_too());
    play.sees(&[("ana", Comes)]);
    for _ in 0..5 {
        play.seconds(60);
        assert_eq!(play.sees(&[("ana", Goes)]), NOTHING);
        assert_eq!(play.seconds(7), NOTHING);
        assert_eq!(play.sees(&[("ana", Comes)]), NOTHING);
    }
    play.sees(&[("ana", Goes)]);
    assert_eq!(play.seconds(8), ["p:1:ana: ana went offline"]);
    play.settings.hold = 0;
    assert_eq!(play.sees(&[("ana", Comes)]), ["p:1:ana: ana is online"]);
    assert_eq!(play.sees(&[("ana", Goes)]), ["p:1:ana: ana went offline"], "without a hold at once");
}

#[test]
fn who_has_just_been_gone_for_a_moment_must_be_gone_for_longer_until_that_counts() {
    let mut play = Play::connected();
    play.rule("ana", goes_too());
    play.sees(&[("ana", Comes)]);
    for (away, noticed) in [
        (20, &["p:1:ana: ana went offline", "p:1:ana goes away"][..]),
        (20, &[]),
        (59, &[]),
        (61, &["p:1:ana: ana went offline", "p:1:ana: ana is online"]),
    ] {
        play.seconds(600);
        let mut told = play.sees(&[("ana", Goes)]);
        told.extend(play.seconds(away));
        told.extend(play.sees(&[("ana", Comes)]));
        assert_eq!(told, noticed, "after {away} s");
    }
    play.seconds(1_801);
    play.sees(&[("ana", Goes)]);
    assert_eq!(play.seconds(8), ["p:1:ana: ana went offline"], "steady for half an hour");
}

#[test]
fn coming_is_told_after_a_real_absence_and_not_again_within_the_cool_down() {
    for (away, told, kept) in [
        (59, &[][..], &["ana is online · not told: had been gone only briefly"][..]),
        (60, &[], &["ana is online · not told: you had been told shortly before"]),
        (299, &[], &["ana is online · not told: you had been told shortly before"]),
        (300, &["p:1:ana: ana is online"], &[]),
    ] {
        let mut play = Play::connected();
        play.sees(&[("ana", Comes)]);
        play.sees(&[("ana", Goes)]);
        play.seconds(away);
        assert_eq!(play.sees(&[("ana", Comes)]), told, "after {away} s");
        assert_eq!(play.kept(), kept, "after {away} s");
    }
}

#[test]
fn those_who_come_together_are_told_of_in_one_alert() {
    let names: Vec<String> = (0..20).map(|number| format!("p{number:02}")).collect();
    let all: Vec<_> = names.iter().map(|name| (name.as_str(), Comes)).collect();
    let mut play = Play::connected();
    assert_eq!(play.sees(&all), ["b:1: p00 and 19 others are online"]);
    let mut play = Play::connected();
    for (at, one) in all.iter().enumerate() {
        let noticed = play.sees(&[*one]);
        let told = match at {
            0 => "p00 is online".to_owned(),
            1 => "p00 and 1 other are online".to_owned(),
            others => format!("p00 and {others} others are online"),
        };
        assert_eq!(noticed, [format!("p:1:p00: {told}")], "the same tag, so one on the screen");
        play.passes(SignedDuration::from_millis(200));
    }
    play.seconds(2);
    assert_eq!(play.sees(&[("late", Comes)]), ["p:1:late: late is online"], "on its own");
}

#[test]
fn a_stream_of_arrivals_is_cut_after_five_seconds() {
    let mut play = Play::connected();
    let tags = (0..8).map(|number| {
        let told = play.sees(&[(&format!("p{number}"), Comes)]);
        play.passes(SignedDuration::from_millis(1_400));
        told[0].split(": ").next().unwrap().to_owned()
    });
    let tags: Vec<_> = tags.collect();
    assert_eq!(tags, ["p:1:p0", "p:1:p0", "p:1:p0", "p:1:p0", "p:1:p4", "p:1:p4", "p:1:p4", "p:1:p4"]);
}

#[test]
fn what_is_not_true_any_more_goes_away_unless_somebody_has_looked() {
    let mut play = Play::connected();
    play.sees(&[("ana", Comes)]);
    play.seconds(10);
    play.sees(&[("beto", Comes), ("carla", Comes)]);
    play.sees(&[("ana", Goes), ("beto", Goes)]);
    assert_eq!(play.seconds(10), ["p:1:ana goes away"], "of the two one is still there");
    play.sees(&[("carla", Goes)]);
    assert_eq!(play.seconds(10), ["b:1 goes away"]);
    play.seconds(600);
    play.sees(&[("ana", Comes)]);
    play.policy.looked();
    play.sees(&[("ana", Goes)]);
    assert_eq!(play.seconds(10), NOTHING);
    play.rule("ana", goes_too());
    play.seconds(600);
    play.sees(&[("ana", Comes)]);
    play.seconds(600);
    play.sees(&[("ana", Goes)]);
    assert_eq!(play.seconds(10), ["p:1:ana: ana went offline"]);
    assert_eq!(play.sees(&[("ana", Comes)]), ["p:1:ana goes away"], "back so soon that it is not told");
}

#[test]
fn while_the_connection_is_down_nobody_goes_and_who_was_merely_unseen_has_not_come() {
    let mut play = Play::connected();
    for id in ["ana", "beto", "carla"] {
        play.rule(id, goes_too());
    }
    play.sees(&[("ana", Comes), ("beto", Comes), ("carla", Comes)]);
    play.seconds(600);
    // The server goes down, and takes some along before our own connection is lost.
    play.sees(&[("ana", Goes)]);
    play.seconds(2);
    assert_eq!(play.loses_connection(), NOTHING);
    assert_eq!(play.seconds(30), NOTHING);
    // It is up again, and we are among the first.
    assert_eq!(play.hears(true, &[("beto", Goes), ("carla", Goes)]), ["b:1 goes away"]);
    play.seconds(20);
    assert_eq!(play.sees(&[("ana", Comes), ("beto", Comes)]), NOTHING);
    play.seconds(60);
    assert_eq!(play.sees(&[("carla", Comes)]), ["p:1:carla: carla is online"], "really came");
    assert_eq!(play.hears(true, &[("dora", Comes)]), NOTHING, "before the list: it belongs to it");
}

#[test]
fn after_quiet_times_one_sentence_tells_who_was_missed_and_is_still_there() {
    let night = QuietHours {
        from: time(22, 0, 0, 0),
        until: time(7, 30, 0, 0),
        weekdays: Weekday::ALL.into(),
        enabled: true,
    };
    let mut play = Play::connected();
    play.settings.quiet = vec![night];
    play.seconds(11 * 3600);
    for id in ["ana", "beto", "carla", "dani"] {
        assert_eq!(play.sees(&[(id, Comes)]), NOTHING, "at {}", play.now);
        play.seconds(600);
    }
    play.sees(&[("ana", Goes)]);
    assert_eq!(play.kept().len(), 4);
    assert_eq!(play.seconds(6 * 3600), NOTHING);
    assert_eq!(play.seconds(3 * 3600), ["missed: While alerts were quiet: beto and 2 others came"]);
    assert_eq!(play.seconds(24 * 3600), NOTHING, "said once");
}

#[test]
fn snooze_and_do_not_disturb_are_quiet_and_break_through_is_as_the_rule_says() {
    let mut play = Play::connected();
    play.rule("boss", Rule { even_when_quiet: true, ..goes_too() });
    play.settings.snoozed_until = Some(play.now + 1.hour());
    assert_eq!(play.sees(&[("ana", Comes)]), NOTHING);
    assert_eq!(play.sees(&[("boss", Comes)]), ["p:1:boss: boss is online"]);
    assert_eq!(play.seconds(3600), ["missed: While alerts were quiet: ana came"]);
    play.do_not_disturb = true;
    assert_eq!(play.sees(&[("beto", Comes)]), NOTHING);
    assert_eq!(play.seconds(3600), NOTHING);
    play.do_not_disturb = false;
    assert_eq!(play.ticks(), ["missed: While alerts were quiet: beto came"]);
    assert_eq!(
        play.kept(),
        ["ana is online · not told: alerts were paused", "beto is online · not told: do not disturb"]
    );
}

#[test]
fn a_summary_waits_for_the_list_and_can_be_turned_off_but_who_is_awaited_is_told_of_all_the_same() {
    let mut play = Play::connected();
    play.settings.snoozed_until = Some(play.now + 1.hour());
    play.sees(&[("ana", Comes), ("beto", Comes)]);
    play.loses_connection();
    assert_eq!(play.seconds(5400), NOTHING, "nobody knows who is there");
    assert_eq!(play.hears(true, &[("beto", Goes)]), ["missed: While alerts were quiet: ana came"]);
    play.settings.summary = false;
    play.settings.tell_of = TellOf::Nobody;
    play.often("carla", Often::Once);
    play.settings.snoozed_until = Some(play.now + 1.hour());
    assert_eq!(play.sees(&[("carla", Comes), ("dani", Comes)]), NOTHING);
    assert_eq!(play.seconds(3600), ["p:1:carla: carla is here already"]);
}

#[test]
fn a_clock_that_is_put_back_keeps_nobody_waiting_and_one_that_jumps_ahead_says_nothing_stale() {
    let mut play = Play::connected();
    play.rule("ana", goes_too());
    play.sees(&[("ana", Comes)]);
    play.seconds(600);
    play.sees(&[("ana", Goes)]);
    play.now -= 1.hour();
    play.ticks();
    assert_eq!(play.seconds(8), ["p:1:ana: ana went offline"]);
    play.seconds(600);
    play.sees(&[("ana", Comes)]);
    play.seconds(600);
    play.sees(&[("ana", Goes)]);
    play.now += 8.hours();
    assert_eq!(play.ticks(), ["p:1:ana goes away"], "the machine slept: that is no news");
}

#[test]
fn somebody_who_is_called_otherwise_is_the_same() {
    let mut play = Play::connected();
    play.sees(&[("ana", Comes)]);
    play.sees(&[("ana", Goes)]);
    play.policy.renamed(HERE, "ana", "anita");
    assert_eq!(play.seconds(10), ["p:1:ana goes away"]);
    let entry = play.policy.log().entries().next_back().unwrap();
    assert_eq!((entry.kind, entry.who[0].name.as_str()), (Kind::Came, "ana"));
}
