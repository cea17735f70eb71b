//! One seed from its beginning to its end: what happens next is handed to whom it concerns.

use crate::{
    client::Client,
    context::{Context, Down, Micros, SECOND, What},
    network::Weather,
    scenario::{Fault, Scenario},
    server::Server,
};
use rand::RngExt;
use std::collections::{BTreeMap, VecDeque};

/// What a server may not say.
const GARBAGE: [&str; 12] =
    ["", "9", "4", "4x", "42", "42[", "42[1]", "44{", "40{}", "46-", "452-[\"e\"]", "0{\"sid\":\"again\"}"];

/// When a person looks whether all is well, once it should be.
const REFUSED_LATE: Micros = 10 * SECOND;

pub struct World {
    cx: Context,
    client: Client,
    server: Server,
    /// What concerns the client while its machine sleeps.
    deferred: VecDeque<What>,
    asleep_since: Micros,
    frozen_until: Micros,
    down_until: Micros,
}

/// What a seed came to: how long it was, in its own time, and what happened in it.
#[derive(Debug, Default)]
pub struct Outcome {
    pub lasted: Micros,
    pub connections: usize,
    pub seen: BTreeMap<&'static str, usize>,
}

impl World {
    pub fn new(seed: u64, recording: bool) -> Self {
        let mut cx = Context::new(seed, Scenario::of(seed), recording);
        let scenario = cx.scenario.clone();
        cx.note(|| format!("{scenario:?}"));
        for (at, fault) in scenario.faults {
            cx.at(at, What::Fault(fault));
        }
        cx.at(0, What::Person);
        cx.at(0, What::ClientEmit);
        // A refusal from the last moment of trouble may still be on its way.
        cx.at(cx.scenario.healthy_from + REFUSED_LATE, What::Person);
        cx.at(cx.scenario.settled_by(), What::Settled);
        cx.at(cx.scenario.quiet_from(), What::Quiet);
        let client = Client::new(&mut cx);
        Self {
            cx,
            client,
            server: Server::default(),
            deferred: VecDeque::new(),
            asleep_since: 0,
            frozen_until: 0,
            down_until: 0,
        }
    }

    /// Runs it; an error is what did not hold.
    pub fn run(&mut self) -> Result<Outcome, String> {
        let end = self.cx.scenario.end();
        loop {
            let queued = self.cx.next_at().unwrap_or(Micros::MAX);
            let client = if self.cx.asleep { Micros::MAX } else { self.client.due_at(&self.cx) };
            let at = queued.min(client);
            if at > end {
                break;
            }
            self.cx.now = at.max(self.cx.now);
            if queued <= client {
                if let Some(what) = self.cx.next() {
                    self.happens(what);
                }
            } else {
                self.client.on_time(&mut self.cx);
            }
            if let Some(verdict) = self.cx.judge.verdict() {
                return Err(verdict);
            }
        }
        self.judge_the_end();
        let lasted = self.cx.now;
        self.cx.judge.wires(self.cx.net.wires.len(), lasted);
        let seen = std::mem::take(&mut self.cx.judge.seen);
        match self.cx.judge.verdict() {
            Some(verdict) => Err(verdict),
            None => Ok(Outcome { lasted, connections: self.cx.net.wires.len(), seen }),
        }
    }

    pub fn record(&self) -> String {
        self.cx.record()
    }

    fn happens(&mut self, what: What) {
        match what {
            What::AtServer(..) | What::Timer { .. } => self.server.on(what, &mut self.cx),
            What::ServerGoesOn if self.cx.now >= self.frozen_until => self.thaw(),
            What::ServerStarts if self.cx.now >= self.down_until => self.cx.net.listening = true,
            What::ServerGoesOn | What::ServerStarts => {}
            What::Wake => self.wake(),
            What::Settled => self.cx.judge.settled = true,
            What::Quiet => self.cx.quiet = true,
            What::Fault(Fault::NetworkChanged | Fault::SlowConsumer { .. } | Fault::Pause { .. })
            | What::AtClient(..)
            | What::Taken(_)
            | What::SignedIn(_)
            | What::Consume(_)
            | What::Stale(..)
            | What::ClientEmit
            | What::Person => match self.cx.asleep {
                true => self.deferred.push_back(what),
                false => self.happens_to_client(what),
            },
            What::Fault(fault) => self.befall(fault),
        }
    }

    fn happens_to_client(&mut self, what: What) {
        let (client, cx) = (&mut self.client, &mut self.cx);
        match what {
            What::AtClient(wire, down) => {
                let line = &cx.net.wires[wire];
                // What was under way when the machine fell asleep, or the line died, never comes.
                if line.held && (!line.dead || matches!(down, Down::Lost(_))) {
                    let link = line.link;
                    if let Some(link) = client.link_of(link) {
                        link.on_line(wire, down, cx);
                    }
                }
            }
            What::Taken(wire) => {
                let link = cx.net.wires[wire].link;
                if let Some(link) = client.link_of(link) {
                    link.taken(wire, cx);
                }
            }
            What::SignedIn(token) => client.signed_in(token, cx),
            What::Consume(link) => client.consume(link, cx),
            What::Stale(generation, link) => client.stale(generation, link, cx),
            What::ClientEmit => {
                if let Some(link) = client.link()
                    && link.ended.is_none()
                    && !cx.quiet
                {
                    link.emit(cx);
                }
                if !cx.quiet {
                    let wait = cx.about(cx.scenario.pace);
                    cx.after(wait, What::ClientEmit);
                }
            }
            What::Person => client.start(cx),
            What::Fault(Fault::NetworkChanged) => client.network_changed(cx),
            What::Fault(Fault::SlowConsumer { lasts }) => {
                let until = (cx.now + lasts).min(cx.scenario.healthy_from);
                client.busy_until = client.busy_until.max(until);
            }
            What::Fault(Fault::Pause { lasts }) => {
                client.stop(cx);
                cx.after(lasts, What::Person);
            }
            _ => {}
        }
        self.client.drive(&mut self.cx);
    }

    fn befall(&mut self, fault: Fault) {
        let cx = &mut self.cx;
        cx.note(|| format!("{fault:?}"));
        let now = cx.now;
        match fault {
            Fault::Cut { all: true, noticed } => cx.cut_all(noticed, "reset"),
            Fault::Cut { all: false, noticed } => {
                let last = cx.net.wires.len();
                if last > 0 {
                    let wire = cx.rng.random_range(last.saturating_sub(3)..last);
                    cx.cut(wire, noticed, "reset");
                }
            }
            Fault::Outage { lasts, refuses, cuts } => {
                cx.net.outage = Some((now + lasts, refuses));
                if let Some(noticed) = cuts {
                    cx.cut_all(noticed, "no network");
                }
            }
            Fault::Weather { lasts, probability, choice } => {
                cx.net.weather = Some(Weather { until: now + lasts, probability, choice });
            }
            Fault::Stall { lasts, up: true } => {
                cx.net.stall.0 = cx.net.stall.0.max(now + lasts);
                cx.harm_until(now + lasts);
            }
            Fault::Stall { lasts, up: false } => {
                cx.net.stall.1 = cx.net.stall.1.max(now + lasts);
                cx.harm_until(now + lasts);
            }
            Fault::Slow { lasts, extra } => {
                cx.net.slow = (now + lasts, extra);
                cx.harm_until(now + lasts);
            }
            Fault::Sleep { lasts, gone } => self.fall_asleep(lasts, gone),
            Fault::WallClock { by } => cx.wall_offset += by * i64::try_from(SECOND).unwrap(),
            other => self.befall_server(other),
        }
    }

    fn befall_server(&mut self, fault: Fault) {
        let (cx, server) = (&mut self.cx, &mut self.server);
        let now = cx.now;
        match fault {
            Fault::Restart { lasts, noticed } => {
                cx.cut_all(noticed, "the server ended");
                cx.harm_until(now + lasts);
                server.restart();
                (cx.net.listening, cx.net.frozen) = (false, false);
                self.down_until = self.down_until.max(now + lasts);
                cx.after(lasts, What::ServerStarts);
            }
            Fault::Freeze { lasts } => {
                cx.net.frozen = true;
                cx.harm_until(now + lasts);
                self.frozen_until = self.frozen_until.max(now + lasts);
                cx.after(lasts, What::ServerGoesOn);
            }
            Fault::RefuseAll { lasts } => {
                server.refuses_until = now + lasts;
                cx.cut_all(true, "moved");
            }
            _ if cx.net.frozen => {}
            other => {
                let Some((id, session)) = server.connected() else { return };
                cx.judge.harm(session.link, Micros::MAX);
                match other {
                    Fault::CloseSession => server.close(id, "somebody says so", cx),
                    Fault::Garbage => {
                        let garbage = GARBAGE[cx.rng.random_range(0..GARBAGE.len())];
                        server.say(id, garbage, cx);
                    }
                    Fault::Disconnect => server.disconnect(id, cx),
                    Fault::ExpireToken => {
                        cx.token += 1;
                        server.disconnect(id, cx);
                    }
                    _ => {}
                }
            }
        }
    }

    fn thaw(&mut self) {
        self.cx.net.frozen = false;
        for what in std::mem::take(&mut self.server.deferred) {
            self.server.on(what, &mut self.cx);
        }
    }

    fn fall_asleep(&mut self, lasts: Micros, gone: bool) {
        if self.cx.asleep {
            return;
        }
        let now = self.cx.now;
        self.cx.harm_until(now + lasts);
        if gone {
            self.cx.cut_all(false, "asleep");
        }
        self.cx.asleep = true;
        self.asleep_since = now;
        self.cx.after(lasts, What::Wake);
    }

    fn wake(&mut self) {
        self.cx.slept += self.cx.now - self.asleep_since;
        self.cx.asleep = false;
        self.cx.note(|| "the machine wakes".to_owned());
        for what in std::mem::take(&mut self.deferred) {
            self.happens_to_client(what);
        }
    }

    /// At the end one connection stands, and everything that was sent on it has come.
    fn judge_the_end(&mut self) {
        let sessions = self.server.sessions.len();
        self.cx.judge.holds(sessions == 1, || format!("(4) in the end the server has {sessions} sessions"));
        let Some((_, session)) = self.server.connected() else {
            return self.cx.judge.holds(false, || "(1) in the end the server has no client".to_owned());
        };
        let (said, heard, asks) = (session.said, session.heard, session.asked.len());
        let of_client = self.client.link().map(|link| (link.number, link.came, link.sent, link.asked.len()));
        // What was harmed may have lost garbage's neighbours, but it has ended then.
        self.cx.judge.holds(of_client == Some((session.link, said, heard, 0)) && asks == 0, || {
            format!("(3) in the end (link, came, sent, asked) is {of_client:?}; the server has said {said}, heard {heard} and asked {asks}")
        });
    }
}
