//! Following by itself, against a server that remembers every list it ever had, over a way that loses, repeats and
//! garbles what it says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking"
)]

use super::*;
use presente_wire::{Availability, Digest, Epoch, Row, Snapshot};
use proptest::prelude::*;
use rand::{SeedableRng, rngs::StdRng};
use std::collections::BTreeMap;

type List = BTreeMap<String, Row>;

fn row(id: u8, status_line: u8) -> Row {
    Row {
        id: format!("u{id}"),
        first_name: format!("Somebody {id}"),
        last_name: String::new(),
        email: String::new(),
        availability: if status_line.is_multiple_of(2) { Availability::Online } else { Availability::Away },
        status_line: "x".repeat(usize::from(status_line)),
    }
}

/// A server with the whole of its history.
struct Server {
    run: u8,
    lists: Vec<List>,
}

impl Server {
    fn new() -> Self {
        Self { run: 1, lists: vec![List::new()] }
    }

    fn epoch(&self) -> Epoch {
        Epoch::new([self.run; 16])
    }

    fn sequence(&self) -> u64 {
        u64::try_from(self.lists.len() - 1).unwrap()
    }

    fn at(&self, position: Position) -> Option<&List> {
        let sequence = usize::try_from(position.s).unwrap();
        self.lists.get(sequence).filter(|_| position.e == self.epoch())
    }

    fn now(&self) -> &List {
        self.lists.last().unwrap()
    }

    /// Somebody comes, changes, or goes if that would change nothing.
    fn changes(&mut self, id: u8, status_line: u8) -> Delta {
        let mut next = self.now().clone();
        let row = row(id, status_line);
        if next.insert(row.id.clone(), row.clone()).as_ref() == Some(&row) {
            next.remove(&row.id);
        }
        self.lists.push(next);
        self.since(self.sequence() - 1)
    }

    fn since(&self, sequence: u64) -> Delta {
        let (before, now) = (&self.lists[usize::try_from(sequence).unwrap()], self.now());
        let of = |known: bool| {
            let rows = now.values().filter(|row| before.get(&row.id) != Some(row));
            rows.filter(|row| before.contains_key(&row.id) == known).cloned().collect()
        };
        Delta {
            e: self.epoch(),
            f: sequence,
            t: self.sequence(),
            j: of(false),
            u: of(true),
            l: before.keys().filter(|id| !now.contains_key(*id)).cloned().collect(),
            c: u64::try_from(now.len()).unwrap(),
            h: Digest::of(&self.epoch(), now.values()),
        }
    }

    fn answer(&self, from: Option<Position>) -> Answer {
        let known = from.filter(|from| self.at(*from).is_some());
        known.map_or_else(
            || {
                Answer::Snapshot(Snapshot {
                    e: self.epoch(),
                    s: self.sequence(),
                    c: u64::try_from(self.now().len()).unwrap(),
                    h: Digest::of(&self.epoch(), self.now().values()),
                    rows: self.now().values().cloned().collect(),
                })
            },
            |from| Answer::Delta(self.since(from.s)),
        )
    }

    fn hello(&self, resumed: bool) -> Hello {
        Hello {
            v: VERSION,
            e: self.epoch(),
            s: self.sequence(),
            caps: vec![Capability::Delta, Capability::Zstd, Capability::Set],
            snap: "/api/presence".to_owned(),
            resumed,
            jitter: 0,
            view: false,
            me: None,
        }
    }

    fn stale(&self, jitter: u64) -> Stale {
        Stale { e: self.epoch(), t: self.sequence(), jitter }
    }
}

/// A client, and what people are shown.
struct Client {
    following: Following,
    shown: List,
    now: Instant,
    rng: StdRng,
}

impl Client {
    fn greeted(hello: Hello) -> Self {
        let now = Instant::now();
        let following = Following::granted(hello, None, None, now).unwrap();
        Self { following, shown: List::new(), now, rng: StdRng::seed_from_u64(5) }
    }

    fn with_the_list_of(server: &Server) -> Self {
        let mut client = Self::greeted(server.hello(false));
        assert_eq!(client.wants(), Some(None), "the whole list");
        client.is_answered(Some(server.answer(None)));
        assert!(client.shows(server));
        client
    }

    /// The connection is lost, and there is another one.
    fn comes_back(self, hello: Hello) -> Self {
        let Self { following, shown, now, rng } = self;
        let replica = following.into_replica();
        let offered = replica.position().filter(|_| replica.is_proven());
        let following = Following::granted(hello, Some(replica), offered, now).unwrap();
        Self { following, shown, now, rng }
    }

    fn takes(&mut self, heard: Heard) {
        match heard {
            Heard::Nothing => {}
            Heard::Whole => {
                let rows = self.following.replica().rows();
                self.shown = rows.map(|row| (row.id.clone(), row.clone())).collect();
            }
            Heard::Changed(changes) => {
                for change in changes {
                    match change {
                        Change::Is(row) => drop(self.shown.insert(row.id.clone(), row)),
                        Change::Left(id) => drop(self.shown.remove(&id)),
                    }
                }
            }
        }
    }

    fn hears(&mut self, delta: Delta) {
        let heard = self.following.delta(Some(delta), self.now, &mut self.rng);
        self.takes(heard);
    }

    fn is_answered(&mut self, answer: Option<Answer>) {
        let heard = self.following.fetched(answer, self.now, &mut self.rng);
        self.takes(heard);
    }

    /// What it wants fetched now, if anything.
    fn wants(&mut self) -> Option<Option<Position>> {
        self.following.tick(self.now)
    }

    fn after(&mut self, time: Duration) -> Option<Option<Position>> {
        self.now += time;
        self.wants()
    }

    fn shows(&self, server: &Server) -> bool {
        self.following.is_current() && self.shown == *server.now()
    }
}

fn second() -> Duration {
    Duration::from_secs(1)
}

#[test]
fn changes_are_heard_as_they_come_and_what_was_heard_is_not_heard_again() {
    let mut server = Server::new();
    let mut client = Client::with_the_list_of(&server);
    let came = server.changes(1, 0);
    client.hears(came.clone());
    assert!(client.shows(&server));
    client.hears(came);
    client.hears(server.changes(1, 1));
    client.hears(server.changes(1, 1));
    assert!(client.shows(&server) && client.shown.is_empty());
    assert_eq!(client.after(100 * second()), None, "nothing is fetched");
}

#[test]
fn what_comes_before_the_list_is_made_good_after_it() {
    let mut server = Server::new();
    server.changes(1, 0);
    let mut client = Client::greeted(server.hello(false));
    assert_eq!(client.wants(), Some(None));
    let early = server.answer(None);
    client.hears(server.changes(2, 0));
    assert_eq!(client.shown.len(), 0, "nothing is shown that is not proven");
    client.is_answered(Some(early));
    assert!(client.shows(&server));
}

#[test]
fn of_a_gap_only_what_is_missing_is_fetched_and_no_sooner_than_a_second_after_the_last_time() {
    let mut server = Server::new();
    let mut client = Client::with_the_list_of(&server);
    let here = client.following.replica().position();
    server.changes(1, 0);
    client.hears(server.changes(2, 0));
    assert!(!client.following.is_current());
    assert_eq!(client.wants(), None, "not yet");
    assert_eq!(client.after(second()), Some(here));
    client.is_answered(Some(server.answer(here)));
    assert!(client.shows(&server));
}

#[test]
fn changes_in_the_wrong_order_come_right() {
    let mut server = Server::new();
    let mut client = Client::with_the_list_of(&server);
    let (first, second_one) = (server.changes(1, 0), server.changes(2, 0));
    client.hears(second_one);
    client.hears(first);
    let from = client.after(second()).expect("it is fetched");
    client.is_answered(Some(server.answer(from)));
    assert!(client.shows(&server));
}

#[test]
fn a_list_that_is_not_the_servers_is_fetched_whole() {
    let mut server = Server::new();
    let mut client = Client::with_the_list_of(&server);
    let mut lie = server.changes(1, 0);
    lie.j[0].first_name = "Somebody else".to_owned();
    client.hears(lie);
    assert_eq!(client.shown.len(), 0, "the lie is not shown");
    assert_eq!(client.after(second()), Some(None));
    client.is_answered(Some(server.answer(None)));
    assert!(client.shows(&server));
}

#[test]
fn another_run_of_the_server_is_followed_after_its_whole_list() {
    let mut server = Server::new();
    server.changes(1, 0);
    let mut client = Client::with_the_list_of(&server);
    server = Server { run: 2, ..Server::new() };
    client.hears(server.changes(9, 0));
    let from = client.after(second()).expect("it is fetched");
    client.is_answered(Some(server.answer(from)));
    assert!(client.shows(&server));
    client.hears(server.changes(8, 0));
    assert!(client.shows(&server));
}

#[test]
fn a_list_that_comes_from_another_of_several_servers_is_had_by_the_socket() {
    let mut server = Server::new();
    server.changes(1, 0);
    let neighbour = Server { run: 2, ..Server::new() };
    let mut client = Client::greeted(server.hello(false));
    assert_eq!((client.wants(), client.following.way()), (Some(None), Way::Http));
    client.is_answered(Some(neighbour.answer(None)));
    assert!(!client.following.is_behind(), "nothing is wrong");
    assert_eq!((client.wants(), client.following.way()), (Some(None), Way::Socket));
    client.is_answered(Some(server.answer(None)));
    assert!(client.shows(&server));
    client.hears(server.changes(8, 0));
    assert!(client.shows(&server));
}

/// A change every 200 ms for half an hour, of a hundred one lost, one doubled and one late; an answer takes 50 ms.
#[test]
fn over_a_bad_line_the_list_is_right_again_within_two_seconds() {
    let (step, window) = (Duration::from_millis(10), Duration::from_millis(200));
    let (mut server, mut fate) = (Server::new(), StdRng::seed_from_u64(11));
    let mut client = Client::with_the_list_of(&server);
    client.following.jitter = Duration::from_millis(500);
    let (mut late, mut asked) = (Vec::new(), None);
    let (mut wrong_since, mut longest, mut faults) = (None, Duration::ZERO, 0);
    let start = client.now;
    let mut next_change = start;
    while client.now < start + Duration::from_secs(1800) {
        if client.now >= next_change {
            next_change += window;
            let delta = server.changes(fate.random_range(0..40), fate.random_range(0..4));
            match fate.random_range(0..100) {
                0 => faults += 1,
                1 => [delta.clone(), delta].into_iter().for_each(|delta| client.hears(delta)),
                2 => late.push(delta),
                _ => {
                    client.hears(delta);
                    late.drain(..).for_each(|delta| client.hears(delta));
                }
            }
        }
        if let Some(from) = client.after(step) {
            asked = Some((client.now + Duration::from_millis(50), from));
        }
        if let Some((_, from)) = asked.take_if(|(at, _)| client.now >= *at) {
            client.is_answered(Some(server.answer(from)));
        }
        match (client.shows(&server), wrong_since) {
            (true, _) => wrong_since = None,
            (false, None) => wrong_since = Some(client.now),
            (false, Some(since)) => longest = longest.max(client.now - since),
        }
    }
    assert!(faults > 50, "{faults} changes were lost");
    assert!(longest > Duration::ZERO && longest <= Duration::from_secs(2), "wrong for {longest:?}");
}

#[test]
fn a_list_out_of_date_is_caught_up_within_the_time_that_the_server_names() {
    let mut server = Server::new();
    let mut client = Client::with_the_list_of(&server);
    let here = client.following.replica().position();
    (1..9).for_each(|id| drop(server.changes(id, 0)));
    client.following.stale(server.stale(8_000), client.now, &mut client.rng);
    assert!(!client.following.is_current() && !client.following.is_behind());
    let at = client.following.deadline().expect("it will be fetched");
    assert!(at <= client.now + 8 * second(), "within the jitter");
    assert_eq!(client.after(8 * second()), Some(here));
    // Somebody comes while the answer is on its way.
    let answer = server.answer(here);
    client.hears(server.changes(9, 0));
    client.is_answered(Some(answer));
    assert!(client.shows(&server));
    client.following.stale(server.stale(0), client.now, &mut client.rng);
    assert!(client.following.is_current(), "that is known already");
}

#[test]
fn an_answer_that_was_overtaken_is_no_failure_and_fetched_again() {
    let mut server = Server::new();
    let mut client = Client::with_the_list_of(&server);
    server.changes(1, 0);
    client.following.stale(server.stale(0), client.now, &mut client.rng);
    let from = client.after(second()).unwrap();
    let old = server.answer(from);
    server.changes(2, 0);
    client.following.stale(server.stale(0), client.now, &mut client.rng);
    client.is_answered(Some(old));
    assert!(!client.following.is_current() && !client.following.is_behind());
    let from = client.after(second()).expect("again");
    client.is_answered(Some(server.answer(from)));
    assert!(client.shows(&server));
}

#[test]
fn a_connection_goes_on_where_the_last_one_ended_and_fetches_nothing() {
    let mut server = Server::new();
    server.changes(1, 0);
    let mut client = Client::with_the_list_of(&server).comes_back(server.hello(true));
    assert!(client.following.is_current(), "nothing was missed");
    let missed = server.changes(2, 0);
    client = client.comes_back(server.hello(true));
    assert!(!client.following.is_current());
    client.hears(missed);
    assert!(client.shows(&server));
    assert_eq!(client.after(100 * second()), None, "nothing is fetched");
}

#[test]
fn what_the_server_promised_and_forgot_is_fetched() {
    let mut server = Server::new();
    let client = Client::with_the_list_of(&server);
    let here = client.following.replica().position();
    server.changes(1, 0);
    let mut client = client.comes_back(server.hello(true));
    assert_eq!(client.wants(), None, "it will come by itself");
    assert_eq!(client.after(RESUME_WITHIN), Some(here));
    client.is_answered(Some(server.answer(here)));
    assert!(client.shows(&server));
}

#[test]
fn what_cannot_be_resumed_is_caught_up_or_had_whole() {
    let mut server = Server::new();
    let client = Client::with_the_list_of(&server);
    let here = client.following.replica().position();
    server.changes(1, 0);
    let mut client = client.comes_back(server.hello(false));
    assert_eq!(client.wants(), Some(here), "the log may still have it");
    client.is_answered(Some(server.answer(here)));
    assert!(client.shows(&server));
    server = Server { run: 2, ..Server::new() };
    // It cannot know where a copy of another run stands, whatever it says.
    let mut client = client.comes_back(server.hello(true));
    assert_eq!(client.wants(), Some(None));
    client.is_answered(Some(server.answer(None)));
    assert!(client.shows(&server));
}

#[test]
fn what_cannot_be_had_is_tried_for_a_while_longer_apart_each_time_and_then_given_up() {
    let server = Server::new();
    let mut client = Client::greeted(server.hello(false));
    let begin = client.now;
    let mut tries = 0;
    while !client.following.is_hopeless() {
        if client.wants().is_some() {
            tries += 1;
            client.is_answered(None);
            assert!(client.following.is_behind(), "that is said");
        }
        client.now = client.following.deadline().expect("it goes on");
    }
    assert_eq!(tries, TRIES);
    assert!(client.now - begin >= 3 * second() && client.now - begin < 60 * second());
}

#[test]
fn a_server_whose_digests_are_never_right_is_given_up_too() {
    let mut server = Server::new();
    let mut client = Client::with_the_list_of(&server);
    for id in 0..5 {
        assert!(!client.following.is_hopeless(), "after {id}");
        let mut delta = server.changes(id, 0);
        delta.c += 1;
        client.hears(delta);
        let from = client.after(2 * second()).expect("it is fetched");
        client.is_answered(Some(server.answer(from)));
    }
    assert!(client.following.is_hopeless());
}

#[test]
fn grants_that_cannot_be_followed_are_none() {
    let good = Server::new().hello(false);
    let with = |change: fn(&mut Hello)| {
        let mut hello = good.clone();
        change(&mut hello);
        Following::granted(hello, None, None, Instant::now()).is_some()
    };
    assert!(with(|_| {}));
    assert!(!with(|hello| hello.v = 2));
    assert!(!with(|hello| hello.caps = vec![Capability::Set, Capability::Unknown]));
    for path in ["", "api/presence", "//evil.example/list", "https://evil.example/"] {
        let hello = Hello { snap: path.to_owned(), ..good.clone() };
        assert!(Following::granted(hello, None, None, Instant::now()).is_none(), "{path}");
    }
    assert!(!with(|hello| hello.snap = format!("/{}", "x".repeat(300))));
    let waits = Hello { jitter: u64::MAX, ..good };
    let following = Following::granted(waits, None, None, Instant::now()).unwrap();
    assert_eq!(following.jitter, MAX_JITTER, "nobody has us wait for ever");
}

#[path = "following_story_tests.rs"]
mod story;
