#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use proptest::prelude::*;

use super::*;
use crate::row::Availability;

const EPOCH: [u8; 16] = [7; 16];

fn row(id: u8, availability: Availability) -> Row {
    Row {
        id: format!("u{id}"),
        first_name: format!("Somebody {id}"),
        last_name: String::new(),
        email: String::new(),
        availability,
        status_line: String::new(),
    }
}

/// A server's list with the whole of its history.
struct Server {
    epoch: Epoch,
    history: Vec<BTreeMap<String, Row>>,
}

impl Server {
    fn new() -> Self {
        Self { epoch: Epoch::new(EPOCH), history: vec![BTreeMap::new()] }
    }

    fn sequence(&self) -> u64 {
        u64::try_from(self.history.len() - 1).unwrap()
    }

    fn now(&self) -> &BTreeMap<String, Row> {
        self.history.last().unwrap()
    }

    fn toggle(&mut self, id: u8, availability: Availability) -> Delta {
        let mut next = self.now().clone();
        let row = row(id, availability);
        if next.insert(row.id.clone(), row.clone()).as_ref() == Some(&row) {
            next.remove(&row.id);
        }
        self.history.push(next);
        self.since(self.sequence() - 1)
    }

    fn since(&self, sequence: u64) -> Delta {
        let before = &self.history[usize::try_from(sequence).unwrap()];
        let now = self.now();
        let is = |known: bool| -> Vec<Row> {
            let changed = now.values().filter(|row| before.get(&row.id) != Some(row));
            changed.filter(|row| before.contains_key(&row.id) == known).cloned().collect()
        };
        Delta {
            e: self.epoch,
            f: sequence,
            t: self.sequence(),
            j: is(false),
            u: is(true),
            l: before.keys().filter(|id| !now.contains_key(*id)).cloned().collect(),
            c: u64::try_from(now.len()).unwrap(),
            h: Digest::of(&self.epoch, now.values()),
        }
    }

    fn snapshot(&self) -> Answer {
        Answer::Snapshot(Snapshot {
            e: self.epoch,
            s: self.sequence(),
            c: u64::try_from(self.now().len()).unwrap(),
            h: Digest::of(&self.epoch, self.now().values()),
            rows: self.now().values().cloned().collect(),
        })
    }

    fn answer(&self, from: Option<Position>) -> Answer {
        from.map_or_else(|| self.snapshot(), |position| Answer::Delta(self.since(position.s)))
    }

    fn fresh_replica(&self) -> Replica {
        let mut replica = Replica::new(self.epoch);
        replica.fetched(self.snapshot()).unwrap();
        replica
    }

    fn is_shown_by(&self, replica: &Replica) -> bool {
        replica.is_proven() && replica.rows().eq(self.now().values())
    }
}

const ONLINE: Availability = Availability::Online;

#[test]
fn what_comes_before_the_snapshot_is_made_good_after_it() {
    let mut server = Server::new();
    server.toggle(1, ONLINE);
    let snapshot = server.snapshot();
    let mut replica = Replica::new(server.epoch);
    assert_eq!(replica.delta(server.toggle(2, ONLINE)), Ok(Applied::Nothing));
    assert_eq!(replica.fetched(snapshot), Ok(Applied::Replaced));
    assert!(server.is_shown_by(&replica));
}

#[test]
fn a_change_says_who_came_and_who_left_and_twice_says_nothing() {
    let mut server = Server::new();
    let mut replica = server.fresh_replica();
    let came = server.toggle(1, ONLINE);
    assert_eq!(replica.delta(came.clone()), Ok(Applied::Changed(vec![Change::Is(row(1, ONLINE))])));
    assert_eq!(replica.delta(came), Ok(Applied::Nothing));
    let left = server.toggle(1, ONLINE);
    assert_eq!(replica.delta(left), Ok(Applied::Changed(vec![Change::Left("u1".into())])));
}

#[test]
fn a_gap_is_found_and_only_what_is_missing_is_fetched() {
    let mut server = Server::new();
    let mut replica = server.fresh_replica();
    let _lost = server.toggle(1, ONLINE);
    assert_eq!(replica.delta(server.toggle(2, ONLINE)), Err(Unproven::Gap));
    let position = replica.position();
    assert_eq!(position, Some(Position { e: server.epoch, s: 0 }));
    assert_eq!(replica.fetched(server.answer(position)), Ok(Applied::Replaced));
    assert!(server.is_shown_by(&replica));
}

#[test]
fn a_list_that_is_not_the_servers_is_never_built_upon() {
    let mut server = Server::new();
    let mut replica = server.fresh_replica();
    let mut lie = server.toggle(1, ONLINE);
    lie.j[0].first_name = "Somebody else".into();
    assert_eq!(replica.delta(lie), Err(Unproven::Mismatch));
    assert_eq!(replica.position(), None);
    let catch_up = Answer::Delta(server.since(1));
    assert_eq!(replica.clone().fetched(catch_up), Err(Unproven::Gap));
    assert_eq!(replica.fetched(server.snapshot()), Ok(Applied::Replaced));
    assert!(server.is_shown_by(&replica));
}

#[test]
fn the_same_person_twice_in_a_snapshot_is_no_list() {
    let server = Server::new();
    let rows = vec![row(1, ONLINE), row(1, ONLINE)];
    let h = Digest::of(&server.epoch, &rows);
    let answer = Answer::Snapshot(Snapshot { e: server.epoch, s: 1, c: 2, h, rows });
    assert_eq!(Replica::new(server.epoch).fetched(answer), Err(Unproven::Mismatch));
}

#[test]
fn another_run_of_the_server_is_another_list() {
    let mut server = Server::new();
    let mut replica = server.fresh_replica();
    server.epoch = Epoch::new([8; 16]);
    assert_eq!(replica.delta(server.toggle(1, ONLINE)), Err(Unproven::OtherEpoch));
    replica.begin(server.epoch);
    assert_eq!(replica.position(), None);
    assert_eq!(replica.fetched(server.snapshot()), Ok(Applied::Replaced));
    assert!(server.is_shown_by(&replica));
}

proptest! {
    /// However deltas are lost, doubled and put out of order: a proven copy is the list at its sequence, and one fetch
    /// of what is missing makes it the list of now.
    #[test]
    fn a_proven_copy_is_what_the_server_had(
        steps in prop::collection::vec((0..6u8, 0..3u8, 0..8u8), 1..80),
    ) {
        let mut server = Server::new();
        let mut replica = server.fresh_replica();
        let mut held: Vec<Delta> = Vec::new();
        for (id, availability, fate) in steps {
            let availability = [ONLINE, Availability::Away, Availability::DoNotDisturb][usize::from(availability)];
            let delta = server.toggle(id, availability);
            let arriving = match fate {
                0 => vec![],
                1 => vec![delta.clone(), delta],
                2 => { held.push(delta); vec![] }
                3 => std::iter::once(delta).chain(held.drain(..)).collect(),
                _ => vec![delta],
            };
            for delta in arriving {
                if replica.delta(delta).is_err() {
                    let answer = server.answer(replica.position());
                    let _ = replica.fetched(answer);
                    prop_assert!(server.is_shown_by(&replica));
                }
                if let Some(position) = replica.position() {
                    let then = &server.history[usize::try_from(position.s).unwrap()];
                    prop_assert!(replica.rows().eq(then.values()), "at {}", position.s);
                }
            }
        }
        let _ = replica.fetched(server.answer(replica.position()));
        prop_assert!(server.is_shown_by(&replica));
    }
}
