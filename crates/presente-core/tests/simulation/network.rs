//! The network between the client and the server: lines (TCP connections, each of which keeps its order), what
//! becomes of new ones, and what happens to those that stand.

use crate::{
    context::{Context, Down, MS, Micros, Request, SECOND, Up, What},
    scenario::{Scenario, Sockets},
};
use presente_link::{Failure, proto::Frame};
use rand::RngExt;

pub type WireId = usize;

/// What a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Get,
    Post,
    WebSocket,
}

/// What becomes of a new line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Works,
    Refused,
    /// Nobody answers.
    Hangs,
    /// The line opens, but nobody answers the request.
    Swallowed,
    Status(u16),
    /// 200 with nothing in it.
    Empty,
    /// 200 with "nothing new", at once.
    NothingNew,
    /// 200 with a page for people.
    Page,
    /// The WebSocket opens, but nothing that the server says in it arrives.
    Deaf,
}

/// How many kinds of trouble there are for a new line.
pub const BAD_FATES: usize = 7;

fn bad_fate(choice: usize, kind: Kind) -> Fate {
    match (choice, kind) {
        (0, _) => Fate::Refused,
        (1, _) => Fate::Hangs,
        (2, _) => Fate::Swallowed,
        (3, _) => Fate::Status(502),
        (_, Kind::WebSocket) => Fate::Deaf,
        (4, _) => Fate::Empty,
        (5, _) => Fate::Page,
        // Something that keeps answers to what only asks.
        (_, Kind::Get) => Fate::NothingNew,
        (_, Kind::Post) => Fate::Works,
    }
}

/// What becomes of new lines for a while.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    pub until: Micros,
    pub probability: f64,
    /// Always the same trouble.
    pub choice: Option<usize>,
}

impl Sockets {
    fn fate(self) -> Fate {
        match self {
            Self::Work => Fate::Works,
            Self::Refused => Fate::Status(400),
            Self::Swallowed => Fate::Swallowed,
            Self::Deaf => Fate::Deaf,
        }
    }
}

/// One TCP connection.
#[derive(Debug)]
pub struct Wire {
    /// Whose it is.
    pub link: usize,
    /// Nothing passes any more, and nobody is told.
    pub dead: bool,
    /// The client's end is open.
    pub held: bool,
    deaf: bool,
    /// When the last thing that is under way arrives.
    up_busy: Micros,
    down_busy: Micros,
}

/// How it stands with the network.
#[derive(Debug)]
pub struct Network {
    pub wires: Vec<Wire>,
    pub outage: Option<(Micros, bool)>,
    pub weather: Option<Weather>,
    pub slow: (Micros, Micros),
    /// Until when nothing gets through, up and down.
    pub stall: (Micros, Micros),
    /// The server's machine accepts connections.
    pub listening: bool,
    /// The server stands still.
    pub frozen: bool,
    latency: (Micros, Micros),
    jitter: Micros,
    trips: u64,
    sockets: Sockets,
}

impl Network {
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            wires: Vec::new(),
            outage: None,
            weather: None,
            slow: (0, 0),
            stall: (0, 0),
            listening: true,
            frozen: false,
            latency: scenario.latency,
            jitter: scenario.jitter,
            trips: scenario.trips,
            sockets: scenario.sockets,
        }
    }

    pub fn outage(&self, now: Micros) -> Option<bool> {
        self.outage.filter(|(until, _)| now < *until).map(|(_, refuses)| refuses)
    }

    fn is_held(&self, wire: WireId) -> bool {
        self.wires.get(wire).is_some_and(|wire| wire.held && !wire.dead)
    }
}

impl Context {
    /// Opens a line with a request.
    pub fn dial(&mut self, link: usize, request: Request) -> WireId {
        let kind = match request {
            Request::Get { .. } => Kind::Get,
            Request::Post { .. } => Kind::Post,
            Request::WebSocket { .. } => Kind::WebSocket,
        };
        let id = self.net.wires.len();
        let fate = self.fate(kind);
        self.note(|| format!("link {link} dials {id}: {request:?}, which {fate:?}"));
        self.judge.dialled(self.now, fate == Fate::NothingNew);
        let busy = self.now;
        let wire = Wire { link, dead: false, held: true, deaf: false, up_busy: busy, down_busy: busy };
        self.net.wires.push(wire);
        // A network without WebSocket harms no client that may do without.
        let expected = if kind == Kind::WebSocket { self.net.sockets.fate() } else { Fate::Works };
        if fate != expected {
            self.judge.harm(link, Micros::MAX);
        }
        let there = self.trip(true) * self.net.trips;
        let back = there + self.trip(false);
        let answer = |answer| What::AtClient(id, Down::Answer(answer));
        match fate {
            Fate::Works | Fate::Deaf => {
                self.net.wires[id].deaf = fate == Fate::Deaf;
                let at = self.arrival(id, true, there);
                self.at(at, What::AtServer(id, Up::Request(request)));
            }
            Fate::Refused => {
                let failure = Failure::Unreachable("refused".to_owned());
                self.after(back, What::AtClient(id, Down::Lost(failure)));
            }
            Fate::Hangs | Fate::Swallowed => {}
            Fate::Status(status) => {
                let failure = Failure::Status { status, message: String::new() };
                self.after(back, answer(Err(failure)));
            }
            Fate::Empty => self.after(back, answer(Ok(String::new()))),
            Fate::NothingNew => self.after(back, answer(Ok("6".to_owned()))),
            Fate::Page => self.after(back, answer(Ok("<html>Sign in to our Wi-Fi</html>".to_owned()))),
        }
        id
    }

    fn fate(&mut self, kind: Kind) -> Fate {
        match self.net.outage(self.now) {
            Some(true) => return Fate::Refused,
            Some(false) => return Fate::Hangs,
            None if !self.net.listening => return Fate::Refused,
            None => {}
        }
        if let Some(weather) = self.net.weather.filter(|weather| self.now < weather.until)
            && self.chance(weather.probability)
        {
            let choice = weather.choice.unwrap_or_else(|| self.rng.random_range(0..BAD_FATES));
            return bad_fate(choice, kind);
        }
        if kind == Kind::WebSocket { self.net.sockets.fate() } else { Fate::Works }
    }

    /// The client writes into a WebSocket.
    pub fn write(&mut self, wire: WireId, frames: Vec<Frame>) {
        for frame in frames {
            let trip = self.trip(true);
            if self.net.is_held(wire) {
                let at = self.arrival(wire, true, trip);
                self.at(at, What::AtServer(wire, Up::Frame(frame)));
            }
        }
        // A line that is dead takes what fits into its buffers.
        let taken = self.net.stall.0.max(self.now + MS / 10);
        self.at(taken, What::Taken(wire));
    }

    /// The server says something in a line.
    pub fn say(&mut self, wire: WireId, what: Down) {
        let trip = self.trip(false);
        if self.net.is_held(wire) {
            let at = self.arrival(wire, false, trip);
            let deaf = self.net.wires[wire].deaf && matches!(what, Down::Frame(_));
            if !deaf {
                self.at(at, What::AtClient(wire, what));
            }
        }
    }

    /// The client closes its end.
    pub fn hang_up(&mut self, wire: WireId) {
        if self.net.is_held(wire) {
            let trip = self.trip(true);
            let at = self.arrival(wire, true, trip);
            self.at(at, What::AtServer(wire, Up::Gone));
        }
        self.net.wires[wire].held = false;
    }

    /// A line breaks; `noticed` by both ends, or by none.
    pub fn cut(&mut self, wire: WireId, noticed: bool, words: &str) {
        if !self.net.is_held(wire) {
            return;
        }
        self.judge.harm(self.net.wires[wire].link, Micros::MAX);
        if noticed {
            let (up, down) = (self.trip(true), self.trip(false));
            let failure = Failure::Lost(words.to_owned());
            let at = self.arrival(wire, false, down);
            self.at(at, What::AtClient(wire, Down::Lost(failure)));
            let at = self.arrival(wire, true, up);
            self.at(at, What::AtServer(wire, Up::Gone));
        }
        self.net.wires[wire].dead = true;
    }

    /// All lines that stand.
    pub fn cut_all(&mut self, noticed: bool, words: &str) {
        // Those of long ago are gone; the client has a handful.
        for wire in self.net.wires.len().saturating_sub(40)..self.net.wires.len() {
            self.cut(wire, noticed, words);
        }
    }

    /// What a request for a session comes to, and when.
    pub fn session_request(&mut self, within: Micros) -> (Option<u32>, Micros) {
        let there_and_back = self.trip(true) * self.net.trips + self.trip(false);
        match self.fate(Kind::Get) {
            Fate::Works if !self.net.frozen => (Some(self.token), there_and_back),
            Fate::Works | Fate::Hangs | Fate::Swallowed | Fate::Deaf => (None, within),
            _ => (None, there_and_back),
        }
    }

    /// How long one trip takes.
    pub fn trip(&mut self, up: bool) -> Micros {
        let (base, jitter) =
            if up { (self.net.latency.0, self.net.jitter) } else { (self.net.latency.1, self.net.jitter) };
        let slow = if self.now < self.net.slow.0 { self.net.slow.1 } else { 0 };
        base + slow + self.rng.random_range(0..=jitter)
    }

    /// When something that is sent now arrives: never before what was sent earlier.
    fn arrival(&mut self, wire: WireId, up: bool, trip: Micros) -> Micros {
        let stall = if up { self.net.stall.0 } else { self.net.stall.1 };
        let wire = &mut self.net.wires[wire];
        let busy = if up { &mut wire.up_busy } else { &mut wire.down_busy };
        *busy = (stall.max(self.now) + trip).max(*busy);
        *busy
    }

    /// Harms whatever stands and whatever begins until then, and a while longer: what was late arrives.
    pub fn harm_until(&mut self, until: Micros) {
        let until = until + self.scenario.patience() + 25 * SECOND;
        self.judge.harm_all(until);
    }
}
