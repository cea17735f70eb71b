//! The merged list by hand: what the model finds at random, here one by one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;

fn row(id: &str, availability: Availability) -> Row {
    Row {
        id: id.to_owned(),
        first_name: id.to_uppercase(),
        last_name: String::new(),
        email: String::new(),
        availability,
        status_line: String::new(),
    }
}

/// Another node, which numbers what it says.
struct Other {
    id: NodeId,
    number: u64,
}

impl Other {
    fn new(name: &str) -> Self {
        Self { id: NodeId::new(name), number: 0 }
    }

    fn says(&mut self, said: Said) -> Envelope {
        self.number += u64::from(said.is_numbered());
        Envelope { node: self.id.clone(), number: self.number, said }
    }

    fn whole(&mut self, ids: &[&str]) -> Envelope {
        let rows = ids.iter().map(|id| row(id, Availability::Online)).collect();
        self.says(Said::Whole { part: 0, last: true, rows })
    }

    fn comes(&mut self, id: &str) -> Envelope {
        self.says(Said::Changed { is: vec![row(id, Availability::Online)], left: Vec::new() })
    }
}

struct Stage {
    members: Members,
    me: NodeId,
    start: Instant,
}

impl Stage {
    fn new() -> Self {
        let (me, start) = (NodeId::new("m"), Instant::now());
        Self { members: Members::new(me.clone(), start), me, start }
    }

    fn at(&self, millis: u64) -> Instant {
        self.start + Duration::from_millis(millis)
    }

    fn hear(&mut self, millis: u64, envelope: &Envelope) -> Heard {
        self.members.hear(self.at(millis), envelope)
    }

    /// What we said comes back to us.
    fn hear_myself(&mut self, millis: u64) {
        let echo = Envelope { node: self.me.clone(), number: 0, said: Said::Beat };
        self.hear(millis, &echo);
    }

    fn online(&self) -> Vec<&str> {
        self.members.everybody().map(|row| row.id.as_str()).collect()
    }
}

#[test]
fn a_node_that_is_met_is_asked_for_everything_and_its_people_are_seen() {
    let (mut stage, mut other) = (Stage::new(), Other::new("o"));
    let met = stage.hear(0, &other.says(Said::Beat));
    assert_eq!((met.ask, met.gap), (Some(other.id.clone()), true));
    assert_eq!(stage.hear(10, &other.says(Said::Beat)).ask, None, "it was just asked");
    stage.hear(20, &other.whole(&["ana", "beto"]));
    assert_eq!(stage.online(), ["ana", "beto"]);
    stage.hear(30, &other.comes("carla"));
    assert_eq!(stage.online(), ["ana", "beto", "carla"]);
}

#[test]
fn a_gap_is_found_by_the_next_word_or_the_next_beat_and_mended_by_everything() {
    let (mut stage, mut other) = (Stage::new(), Other::new("o"));
    stage.hear(0, &other.whole(&["ana"]));
    let _lost = other.comes("beto");
    let found = stage.hear(1000, &other.says(Said::Beat));
    assert_eq!((found.ask, found.gap), (Some(other.id.clone()), true));
    assert_eq!(stage.hear(1010, &other.comes("carla")).changes, [], "nothing is built upon a gap");
    stage.hear(1020, &other.whole(&["beto", "carla"]));
    assert_eq!(stage.online(), ["beto", "carla"], "and ana is gone");
    let again = stage.hear(1030, &other.says(Said::Beat));
    assert_eq!((again.ask, again.gap), (None, false));
}

#[test]
fn everything_in_parts_counts_when_the_last_part_is_there() {
    let (mut stage, mut other) = (Stage::new(), Other::new("o"));
    let part = |other: &mut Other, part, last, id| {
        other.says(Said::Whole { part, last, rows: vec![row(id, Availability::Online)] })
    };
    stage.hear(0, &part(&mut other, 0, false, "ana"));
    assert!(stage.online().is_empty());
    stage.hear(1, &part(&mut other, 1, true, "beto"));
    assert_eq!(stage.online(), ["ana", "beto"]);
    part(&mut other, 0, false, "carla");
    assert!(stage.hear(2, &part(&mut other, 1, true, "diego")).gap, "its beginning is missing");
    assert_eq!(stage.online(), ["ana", "beto"]);
}

#[test]
fn a_silent_node_goes_with_its_people_but_not_while_the_bus_is_away() {
    let (mut stage, mut other) = (Stage::new(), Other::new("o"));
    stage.hear(0, &other.whole(&["ana"]));
    stage.members.tick(stage.at(20_000));
    assert_eq!(stage.online(), ["ana"], "we do not hear ourselves either");
    stage.hear_myself(20_000);
    stage.members.tick(stage.at(22_000));
    assert_eq!(stage.online(), ["ana"], "it may need a moment to come back as well");
    for millis in [21_000, 22_000, 23_000] {
        stage.hear_myself(millis);
    }
    let gone = stage.members.tick(stage.at(23_100));
    assert!(gone.gap);
    assert_eq!(stage.online(), Vec::<&str>::new());
    assert_eq!(stage.members.count(), 1);
}

#[test]
fn a_node_that_is_back_on_the_bus_a_beat_later_than_we_are_keeps_its_people() {
    let (mut stage, mut other) = (Stage::new(), Other::new("o"));
    stage.hear(100, &other.whole(&["ana"]));
    stage.hear_myself(1_000);
    // Not long enough for the bus to count as away.
    for millis in [3_400, 4_400] {
        stage.hear_myself(millis);
        assert!(!stage.members.tick(stage.at(millis)).gap, "at {millis} ms");
    }
    stage.hear(4_500, &other.says(Said::Beat));
    for millis in [5_400, 6_400] {
        stage.hear_myself(millis);
        stage.members.tick(stage.at(millis));
    }
    assert_eq!(stage.online(), ["ana"]);
    for millis in [7_400, 8_400] {
        stage.hear_myself(millis);
        stage.members.tick(stage.at(millis));
    }
    assert!(stage.online().is_empty(), "it has said nothing for 3.9 s, and the bus was there");
}

#[test]
fn somebody_on_two_nodes_is_there_until_both_say_otherwise() {
    let (mut stage, mut one, mut two) = (Stage::new(), Other::new("a"), Other::new("z"));
    stage.hear(0, &one.whole(&["ana"]));
    stage.hear(0, &two.says(Said::Whole { part: 0, last: true, rows: vec![row("ana", Availability::Away)] }));
    assert_eq!(stage.members.shown("ana").unwrap().availability, Availability::Online);
    assert!(!stage.members.is_leader(), "the least name leads");
    stage.hear(1, &one.says(Said::Leave));
    assert_eq!(stage.members.shown("ana").unwrap().availability, Availability::Away);
    assert!(stage.members.is_leader());
    stage.hear(2, &two.says(Said::Changed { is: Vec::new(), left: vec!["ana".to_owned()] }));
    assert!(stage.online().is_empty() && stage.members.people.is_empty(), "nothing of her is kept");
}
