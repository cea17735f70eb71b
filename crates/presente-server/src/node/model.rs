//! Several nodes, a stream between them and clients that hear changes, against a model that keeps nothing but the raw
//! facts: who has signed in where, with which sockets, and which nodes live.
//!
//! Steps are random (a failure tells its seed): sign-ins and -outs, sockets that come, go and fall silent,
//! availability, choices, expiry, revocation, nodes that die and start, a stream that is read late or loses a piece,
//! deltas that are lost, doubled and put out of order. Every so often everything comes to rest; then every node, every
//! journal and every client's proven copy must show exactly what the facts say.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::{collections::VecDeque, time::UNIX_EPOCH};

use presente_wire::{Answer, Availability, Delta, Digest, Epoch, Replica};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::*;
use crate::{
    cluster::SILENCE,
    journal::{Journal, Push},
    presence::{Entry, Farewell, Rule},
    store::Account,
};

const GRACE: Duration = Duration::from_secs(4);
const LIFE: Duration = Duration::from_secs(3000);
const LISTEN: Duration = Duration::from_secs(300);
/// Steps of one game.
const STEPS: usize = 10_000;
const USERS: usize = 6;
const NODES: usize = 3;
const SOCKETS_PER_USER: usize = 5;
const AVAILABILITIES: [Availability; 3] =
    [Availability::Online, Availability::Away, Availability::DoNotDisturb];

/// What is so of a session, whatever anybody believes.
#[derive(Debug, Clone)]
struct Session {
    user: usize,
    signed_in: bool,
    /// It needed no socket when it began. Such ones sign in anew and are not resumed.
    stays: bool,
    /// Milliseconds since the beginning.
    expires: u64,
    /// What every node that has seen it knows by itself, by the node's run.
    at: BTreeMap<u64, AtNode>,
}

/// A session as one node has seen it.
#[derive(Debug, Clone, Default)]
struct AtNode {
    sockets: BTreeMap<u64, Availability>,
    last: Availability,
    grace_until: u64,
    /// It was signed in there and needs no socket.
    stays: bool,
}

impl AtNode {
    fn availability(&self) -> Availability {
        Availability::merged(self.sockets.values().copied()).unwrap_or(self.last)
    }
}

/// A node that lives, with the list that its clients are told.
struct Living {
    node: Node,
    journal: Journal,
    /// How far it has read the stream.
    read: usize,
    last_beat: u64,
    /// Whether it has been told of a gap and has not looked at the database since.
    doubts: bool,
    client: Client,
}

/// A client that hears changes over a bad line.
struct Client {
    replica: Replica,
    line: VecDeque<Delta>,
}

struct World {
    rng: StdRng,
    start: Instant,
    now: u64,
    sessions: BTreeMap<i64, Session>,
    choices: Vec<Choices>,
    nodes: BTreeMap<u64, Living>,
    stream: Vec<Envelope>,
    next_run: u64,
    next_session: i64,
    next_socket: u64,
}

fn name(user: usize) -> String {
    format!("u{user}")
}

impl World {
    fn new(seed: u64) -> Self {
        let mut world = Self {
            rng: StdRng::seed_from_u64(seed),
            start: Instant::now(),
            now: 0,
            sessions: BTreeMap::new(),
            choices: vec![Choices::default(); USERS],
            nodes: BTreeMap::new(),
            stream: Vec::new(),
            next_run: 0,
            next_session: 1,
            next_socket: 1,
        };
        for _ in 0..NODES {
            world.start_node();
        }
        world
    }

    fn clock(&self, millis: u64) -> Now {
        let since = Duration::from_millis(millis);
        Now { at: self.start + since, wall: UNIX_EPOCH + since }
    }

    fn wall(&self, millis: u64) -> SystemTime {
        self.clock(millis).wall
    }

    fn start_node(&mut self) {
        let run = self.next_run;
        self.next_run += 1;
        let bounds = Bounds { grace: GRACE, sockets_per_user: SOCKETS_PER_USER };
        let epoch = Epoch::new(u128::from(run).to_be_bytes());
        let node = Node::new(NodeId::new(&format!("{run:08}")), true, bounds, self.clock(self.now).at);
        let client = Client { replica: Replica::new(epoch), line: VecDeque::new() };
        let read = self.stream.len();
        let (journal, last_beat) = (Journal::new(epoch), self.now);
        self.nodes.insert(run, Living { node, journal, read, last_beat, doubts: false, client });
        self.turn(run, |node, _, fx| node.say(Said::Tell { who: None }, fx));
    }

    /// A turn of one node, with its effects.
    fn turn<T>(&mut self, run: u64, turn: impl FnOnce(&mut Node, Now, &mut Effects) -> T) -> T {
        let now = self.clock(self.now);
        let living = self.nodes.get_mut(&run).unwrap();
        let mut fx = Effects::default();
        let result = turn(&mut living.node, now, &mut fx);
        living.journal.note(&fx.merged);
        self.stream.extend(fx.said);
        for socket in fx.dismissed {
            self.forget_socket(socket.0, Farewell::Closed);
        }
        result
    }

    fn forget_socket(&mut self, socket: u64, farewell: Farewell) -> Option<(u64, i64)> {
        let grace = if farewell == Farewell::Closed { GRACE.as_millis() } else { 0 };
        let until = self.now + u64::try_from(grace).unwrap();
        for (&id, session) in &mut self.sessions {
            for (&run, at) in &mut session.at {
                let last = at.availability();
                if at.sockets.remove(&socket).is_some() {
                    if at.sockets.is_empty() {
                        (at.last, at.grace_until) = (last, until);
                    }
                    return Some((run, id));
                }
            }
        }
        None
    }

    fn account(user: usize) -> Account {
        let id = name(user);
        Account {
            id: id.as_str().into(),
            first_name: id.to_uppercase(),
            last_name: String::new(),
            email: format!("{id}@x"),
        }
    }

    fn entry(&self, id: i64) -> Entry {
        let session = &self.sessions[&id];
        Entry {
            session: SessionId(id),
            account: Arc::new(Self::account(session.user)),
            choices: self.choices[session.user].clone(),
            expires: self.clock(session.expires).at,
            signed_in: session.signed_in,
        }
    }

    fn any_node(&mut self) -> u64 {
        let index = self.rng.random_range(0..self.nodes.len());
        *self.nodes.keys().nth(index).unwrap()
    }

    fn any_session(&mut self) -> Option<i64> {
        if self.sessions.is_empty() {
            return None;
        }
        let index = self.rng.random_range(0..self.sessions.len());
        self.sessions.keys().nth(index).copied()
    }

    fn step(&mut self) {
        match self.rng.random_range(0..100) {
            0..12 => self.sign_in(),
            12..18 => self.sign_out(),
            18..22 => self.resume(),
            22..45 => self.attach(),
            45..62 => self.detach(),
            62..72 => self.set(),
            72..76 => self.choose(),
            76..78 => self.revoke(),
            78..79 if self.rng.random_ratio(1, 4) => self.kill_node(),
            79..80 if self.nodes.len() < NODES => self.start_node(),
            80..81 if self.rng.random_ratio(1, 8) => self.lose_a_piece(),
            81..90 => self.deliver(),
            90..94 => self.close_window(),
            94..99 => self.pass(),
            _ => {
                let far = self.rng.random_range(0..400_000);
                self.advance(far, false);
            }
        }
    }

    fn sign_in(&mut self) {
        if self.sessions.len() >= 3 * USERS {
            return;
        }
        let (run, user) = (self.any_node(), self.rng.random_range(0..USERS));
        let (id, stays) = (self.next_session, self.rng.random_ratio(1, 5));
        self.next_session += 1;
        let at = AtNode { grace_until: self.now + millis(GRACE), stays, ..AtNode::default() };
        let expires = self.now + millis(LIFE);
        let session = Session { user, signed_in: true, stays, expires, at: BTreeMap::from([(run, at)]) };
        self.sessions.insert(id, session);
        let entry = self.entry(id);
        let rule = if stays { Rule::UntilSignOut } else { Rule::Sockets };
        self.turn(run, |node, now, fx| {
            let step = node.presence.sign_in(now.at, &entry, rule, GRACE);
            node.conclude(step, fx);
        });
    }

    fn sign_out(&mut self) {
        let Some(id) = self.any_session() else { return };
        let run = self.any_node();
        let (until, session) = (self.now + millis(LISTEN), self.sessions.get_mut(&id).unwrap());
        if session.signed_in {
            session.signed_in = false;
            session.expires = session.expires.min(until);
        }
        let until = self.wall(until);
        self.turn(run, |node, now, fx| node.end(&[SessionId(id)], End::SignedOut(until), now, fx));
    }

    /// A listening session signs in again, at a node that knows it: that is where the request of its device goes.
    fn resume(&mut self) {
        let Some(id) = self.any_session() else { return };
        let (run, expires) = (self.any_node(), self.now + millis(LIFE));
        let session = self.sessions.get_mut(&id).unwrap();
        if session.stays {
            return;
        }
        (session.signed_in, session.expires) = (true, expires);
        let expires = self.wall(expires);
        self.turn(run, |node, now, fx| node.resume(SessionId(id), expires, now, fx));
    }

    fn attach(&mut self) {
        let Some(id) = self.any_session() else { return };
        let (run, socket) = (self.any_node(), self.next_socket);
        self.next_socket += 1;
        let mut entry = self.entry(id);
        match self.nodes[&run].node.ended(SessionId(id)) {
            Some(End::Revoked) => return,
            // As the register does it: what was heard a moment ago is newer than what was read.
            Some(End::SignedOut(_)) => entry.signed_in = false,
            None => {}
        }
        let at = self.sessions.get_mut(&id).unwrap().at.entry(run).or_default();
        at.sockets.insert(socket, Availability::Online);
        at.stays = false;
        let begins = self.turn(run, |node, now, fx| {
            let step = node.presence.attach(now.at, &entry, SocketId(socket));
            node.conclude(step, fx);
            node.presence.availability(SessionId(id), SocketId(socket))
        });
        // It begins as what its device was there before, if that is remembered; the machine's own tests look at that.
        let sockets = &mut self.sessions.get_mut(&id).unwrap().at.get_mut(&run).unwrap().sockets;
        sockets.entry(socket).and_modify(|availability| *availability = begins);
    }

    fn any_socket(&mut self) -> Option<(u64, i64, u64)> {
        let all: Vec<_> = self
            .sessions
            .iter()
            .flat_map(|(&id, session)| session.at.iter().map(move |(&run, at)| (id, run, at)))
            .flat_map(|(id, run, at)| at.sockets.keys().map(move |&socket| (run, id, socket)))
            .collect();
        (!all.is_empty()).then(|| all[self.rng.random_range(0..all.len())])
    }

    fn detach(&mut self) {
        let Some((run, id, socket)) = self.any_socket() else { return };
        let farewell = if self.rng.random_ratio(1, 4) { Farewell::Silent } else { Farewell::Closed };
        self.forget_socket(socket, farewell);
        self.turn(run, |node, now, fx| {
            let step = node.presence.detach(now.at, SessionId(id), SocketId(socket), farewell);
            node.conclude(step, fx);
        });
    }

    fn set(&mut self) {
        let Some((run, id, socket)) = self.any_socket() else { return };
        let availability = AVAILABILITIES[self.rng.random_range(0..3)];
        let at = self.sessions.get_mut(&id).unwrap().at.get_mut(&run).unwrap();
        at.sockets.insert(socket, availability);
        self.turn(run, |node, now, fx| {
            let step = node.presence.set(now.at, SessionId(id), SocketId(socket), availability);
            node.conclude(step, fx);
        });
    }

    fn choose(&mut self) {
        let (run, user) = (self.any_node(), self.rng.random_range(0..USERS));
        let invisible = self.rng.random_ratio(1, 3);
        let status_line = format!("line {}", self.rng.random_range(0..3));
        let choices = Choices { invisible, status_line };
        self.choices[user] = choices.clone();
        self.turn(run, |node, now, fx| node.choose(&name(user).as_str().into(), choices, now, fx));
    }

    fn revoke(&mut self) {
        let Some(id) = self.any_session() else { return };
        let run = self.any_node();
        self.sessions.remove(&id);
        self.turn(run, |node, now, fx| node.end(&[SessionId(id)], End::Revoked, now, fx));
    }

    fn kill_node(&mut self) {
        if self.nodes.len() == 1 {
            return;
        }
        let run = self.any_node();
        self.nodes.remove(&run);
        for session in self.sessions.values_mut() {
            session.at.remove(&run);
        }
    }

    /// The stream is trimmed under a reader that was too slow.
    fn lose_a_piece(&mut self) {
        let run = self.any_node();
        let skipped = self.rng.random_range(1..6);
        let living = self.nodes.get_mut(&run).unwrap();
        living.read = (living.read + skipped).min(self.stream.len());
    }

    /// A node reads on.
    fn deliver(&mut self) {
        let run = self.any_node();
        let most = self.rng.random_range(1..20);
        self.read(run, most);
    }

    fn read(&mut self, run: u64, most: usize) {
        for _ in 0..most {
            let living = self.nodes.get_mut(&run).unwrap();
            let Some(envelope) = self.stream.get(living.read).cloned() else { break };
            living.read += 1;
            if self.turn(run, |node, now, fx| node.hear(&envelope, now, fx)) {
                self.nodes.get_mut(&run).unwrap().doubts = true;
            }
        }
        if std::mem::take(&mut self.nodes.get_mut(&run).unwrap().doubts) {
            self.compare(run);
        }
    }

    /// A node compares its sessions with the database.
    fn compare(&mut self, run: u64) {
        let known = self.nodes[&run].node.presence.sessions(None);
        let alive = |id: &SessionId| self.sessions.get(&id.0).filter(|session| session.expires > self.now);
        let stored = known.iter().filter_map(|id| {
            let session = alive(id)?;
            Some(StoredSession {
                id: *id,
                account: Self::account(session.user),
                choices: self.choices[session.user].clone(),
                expires: self.wall(session.expires),
                signed_in: session.signed_in,
                had_socket: true,
            })
        });
        let stored = stored.collect();
        self.turn(run, |node, now, fx| node.adopt(&known, stored, now, fx));
    }

    /// A short while passes in good order.
    fn pass(&mut self) {
        let while_ = self.rng.random_range(50..900);
        self.advance(while_, true);
    }

    /// Time passes; every node beats and looks when it is due, and reads if `in_order`.
    fn advance(&mut self, millis: u64, in_order: bool) {
        let end = self.now + millis;
        while self.now < end {
            self.now = (self.now + 500).min(end);
            let now = self.now;
            self.sessions.retain(|_, session| session.expires > now);
            for run in self.nodes.keys().copied().collect::<Vec<_>>() {
                self.turn(run, |node, now, fx| {
                    let step = node.presence.tick(now.at);
                    node.conclude(step, fx);
                });
                if now - self.nodes[&run].last_beat >= 1000 {
                    self.nodes.get_mut(&run).unwrap().last_beat = now;
                    self.turn(run, |node, _, fx| node.say(Said::Beat, fx));
                }
                if in_order || self.rng.random_ratio(19, 20) {
                    self.read(run, usize::MAX);
                }
                if self.turn(run, |node, now, fx| node.look(now.at, fx)) {
                    self.compare(run);
                }
            }
            self.forget_the_past();
        }
    }

    /// Nobody reads what everybody has read.
    fn forget_the_past(&mut self) {
        let read = self.nodes.values().map(|living| living.read).min().unwrap_or_default();
        if read > 10_000 {
            self.stream.drain(..read);
            self.nodes.values_mut().for_each(|living| living.read -= read);
        }
    }

    /// A node tells its clients what has changed, over a line that loses, doubles and reorders.
    fn close_window(&mut self) {
        let run = self.any_node();
        let living = self.nodes.get_mut(&run).unwrap();
        match living.journal.close_window() {
            Some(Push::Delta(delta)) => match self.rng.random_range(0..100) {
                0 => {}
                1 => living.client.line.extend([delta.clone(), delta]),
                2 => living.client.line.push_front(delta),
                _ => living.client.line.push_back(delta),
            },
            Some(Push::Stale) => living.client.replica.is_stale(),
            None => {}
        }
        if self.rng.random_ratio(3, 4) {
            self.hear_changes(run);
        }
    }

    fn hear_changes(&mut self, run: u64) {
        let living = self.nodes.get_mut(&run).unwrap();
        let mut is_right = living.client.replica.is_proven();
        while let Some(delta) = living.client.line.pop_front() {
            is_right &= living.client.replica.delta(delta).is_ok();
        }
        if !is_right {
            Self::fetch(living);
        }
    }

    fn fetch(living: &mut Living) {
        let missing = living.client.replica.position().and_then(|position| living.journal.since(position));
        let answer = missing.map_or_else(|| Answer::Snapshot(living.journal.snapshot()), Answer::Delta);
        living.client.replica.fetched(answer).unwrap();
    }

    /// Everything is read, every node that died is missed, and nothing is on its way.
    fn come_to_rest(&mut self) {
        let long = millis(SILENCE) + millis(GRACE) + 4000;
        self.advance(long, true);
        for run in self.nodes.keys().copied().collect::<Vec<_>>() {
            self.read(run, usize::MAX);
            let living = self.nodes.get_mut(&run).unwrap();
            if let Some(Push::Delta(delta)) = living.journal.close_window() {
                living.client.line.push_back(delta);
            }
            living.client.line.push_back(living.journal.reminder());
            self.hear_changes(run);
        }
    }

    /// Who is to be seen, and how, by the facts alone.
    fn truth(&self) -> BTreeMap<String, (Availability, String)> {
        let mut truth = BTreeMap::new();
        for (user, choices) in self.choices.iter().enumerate().filter(|(_, choices)| !choices.invisible) {
            let sessions =
                self.sessions.values().filter(|s| s.user == user && s.signed_in && self.now < s.expires);
            let here = sessions
                .flat_map(|session| session.at.iter().filter(|(run, _)| self.nodes.contains_key(run)))
                .filter(|(_, at)| at.stays || !at.sockets.is_empty() || self.now < at.grace_until);
            if let Some(availability) = Availability::merged(here.map(|(_, at)| at.availability())) {
                truth.insert(name(user), (availability, choices.status_line.clone()));
            }
        }
        truth
    }

    fn check(&self) {
        let truth = self.truth();
        for (run, living) in &self.nodes {
            let merged: BTreeMap<_, _> = living
                .node
                .members
                .everybody()
                .map(|row| (row.id.clone(), (row.availability, row.status_line.clone())))
                .collect();
            assert_eq!(merged, truth, "node {run} at {} ms, beside the facts", self.now);
            let told = living.journal.snapshot();
            let copy: Vec<&Row> = living.client.replica.rows().collect();
            assert!(living.client.replica.is_proven(), "the client of node {run}");
            assert_eq!(copy, told.rows.iter().collect::<Vec<_>>(), "the client of node {run}");
            assert_eq!(told.h, Digest::of(&told.e, &told.rows), "the digest of node {run}");
            assert_eq!(told.rows.len(), truth.len(), "the journal of node {run}");
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap()
}

/// Plays this many steps, with a look at everything after every hundred or so.
fn play(seed: u64, steps: usize) {
    let mut world = World::new(seed);
    for step in 0..steps {
        world.step();
        if step % 97 == 96 {
            world.come_to_rest();
            world.check();
        }
    }
}

/// Plays games of this many steps together, each with a seed of its own.
fn play_all(steps: usize) {
    if let Some(seed) = std::env::var("PRESENTE_SEED").ok().and_then(|seed| seed.parse().ok()) {
        return play(seed, STEPS);
    }
    for seed in 1..=u64::try_from(steps / STEPS).unwrap() {
        let played = std::panic::catch_unwind(|| play(seed, STEPS));
        assert!(played.is_ok(), "game {seed} failed; PRESENTE_SEED={seed} plays it again");
    }
}

#[test]
fn whatever_happens_all_nodes_and_their_clients_show_what_is_so() {
    play_all(40_000);
}

#[test]
#[ignore = "minutes; built for release it takes one"]
fn and_so_they_do_after_a_million_steps() {
    play_all(1_000_000);
}
