//! Watches what must hold, whatever happens. The first thing that does not is the verdict.

use crate::{
    context::{Micros, SECOND},
    scenario::{MINUTE, Scenario},
};
use presente_core::connection::{ATTEMPT_GAP, BACKOFF_MAX};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

/// Turns of the client by its own timers that are plenty in one second.
const TURNS: u32 = 400;
/// Requests that are plenty in one second where the server has nothing new to say.
const REQUESTS: u32 = 5;

#[derive(Debug)]
pub struct Judge {
    verdict: Option<String>,
    /// For each link: until when its end would be no wonder.
    harmed: Vec<Micros>,
    harmed_all: Micros,
    attempts: VecDeque<Instant>,
    /// Since when nothing but waiting decides about attempts, and how many there were.
    streak: Option<(Instant, u32)>,
    links_begun: VecDeque<Micros>,
    believed: Micros,
    turns: (Micros, u32),
    requests: (Micros, u32),
    pub settled: bool,
    /// How often what may happen did.
    pub seen: BTreeMap<&'static str, usize>,
}

impl Judge {
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            verdict: None,
            harmed: Vec::new(),
            harmed_all: 0,
            attempts: VecDeque::new(),
            streak: None,
            links_begun: VecDeque::new(),
            // Until a server has noticed that a client is gone.
            believed: scenario.patience() + 5 * SECOND,
            turns: (0, 0),
            requests: (0, 0),
            settled: false,
            seen: BTreeMap::new(),
        }
    }

    pub fn verdict(&mut self) -> Option<String> {
        self.verdict.take()
    }

    pub fn holds(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds && self.verdict.is_none() {
            self.verdict = Some(otherwise());
        }
    }

    /// Something happened that should, in one seed or another.
    pub fn saw(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    /// The end of this link, until then, is no wonder.
    pub fn harm(&mut self, link: usize, until: Micros) {
        if let Some(harmed) = self.harmed.get_mut(link) {
            *harmed = until.max(*harmed);
        }
    }

    /// The same for all, those that will begin until then too.
    pub fn harm_all(&mut self, until: Micros) {
        self.harmed_all = self.harmed_all.max(until);
        for harmed in self.harmed.iter_mut().rev().take(8) {
            *harmed = until.max(*harmed);
        }
    }

    pub fn link_begins(&mut self, now: Micros) {
        let until = if now < self.harmed_all { self.harmed_all } else { 0 };
        self.harmed.push(until);
        self.links_begun.push_back(now);
    }

    pub fn is_harmed(&self, link: usize, now: Micros) -> bool {
        now < self.harmed.get(link).copied().unwrap_or(0).max(self.harmed_all)
    }

    /// A link has ended, not by us.
    pub fn link_ends(&mut self, link: usize, why: &str, now: Micros) {
        let harmed = self.is_harmed(link, now);
        self.holds(harmed, || format!("(3) link {link} ended although nothing had happened to it: {why}"));
    }

    /// The supervisor has begun an attempt.
    pub fn attempt(&mut self, now: Instant) {
        if let Some(last) = self.attempts.back() {
            let gap = now - *last;
            self.holds(gap >= ATTEMPT_GAP, || format!("(2) two attempts within {gap:?}"));
        }
        self.attempts.push_back(now);
        while self.attempts.front().is_some_and(|first| (now - *first).as_secs() >= 60) {
            self.attempts.pop_front();
        }
        let in_a_minute = self.attempts.len();
        self.holds(in_a_minute <= 60, || format!("(2) {in_a_minute} attempts in a minute"));
        let (since, count) = self.streak.get_or_insert((now, 0));
        *count += 1;
        let (count, lasted) = (f64::from(*count), (now - *since).as_secs_f64());
        // Waits are anywhere up to their ceiling, so half of it on average; and chance has its way.
        let expected = lasted / (BACKOFF_MAX.as_secs_f64() / 2.0);
        let most = 12.0 + expected + 6.0 * expected.sqrt();
        self.holds(count <= most, || format!("(2) {count} attempts in {lasted} s of failing"));
    }

    /// Something other than waiting decides when the next attempt is.
    pub fn new_streak(&mut self) {
        self.streak = None;
    }

    pub fn dialled(&mut self, now: Micros, nothing_new: bool) {
        if nothing_new {
            let count = count(&mut self.requests, now);
            self.holds(count <= REQUESTS, || format!("(6) {count} requests in a second for nothing new"));
        }
    }

    /// The client does what is due.
    pub fn turn(&mut self, now: Micros) {
        let count = count(&mut self.turns, now);
        self.holds(count <= TURNS, || format!("(6) {count} turns in a second"));
    }

    /// How many sessions the server believes in, with nothing that keeps it from noticing.
    pub fn believed(&mut self, sessions: usize, now: Micros) {
        if now < self.harmed_all {
            return;
        }
        while self.links_begun.front().is_some_and(|begun| begun + self.believed < now) {
            self.links_begun.pop_front();
        }
        // One that holds; and each attempt may have left two, one by either transport.
        let most = 1 + 2 * self.links_begun.len();
        self.holds(sessions <= most, || {
            format!("(4) the server believes in {sessions} sessions of the client")
        });
    }

    /// A bound that stands for however long it takes: the network's requests grow with time, not with trouble.
    pub fn wires(&mut self, wires: usize, now: Micros) {
        let most = 200 + now / SECOND * 30 + now / MINUTE * 100;
        let wires = u64::try_from(wires).unwrap_or(u64::MAX);
        self.holds(wires <= most, || format!("(6) {wires} connections opened in {} s", now / SECOND));
    }
}

/// Counts within a second.
fn count((second, count): &mut (Micros, u32), now: Micros) -> u32 {
    if *second != now / SECOND {
        (*second, *count) = (now / SECOND, 0);
    }
    *count += 1;
    *count
}
