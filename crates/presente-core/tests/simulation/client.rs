//! The client: the real supervisor and sleep watch, asked and told as the controller and the account do it, with a
//! token that is fetched first and renewed when it is refused.

use crate::{
    context::{Context, MS, Micros, SECOND, What},
    link::{Link, Said},
};
use presente_core::connection::{Generation, SleepWatch, State, Supervisor};
use presente_link::Transport;
use std::time::Duration;
use tokio::time::Instant;

const SLEEP_CHECK: Duration = Duration::from_secs(5);
const CHECK_WITHIN: Duration = Duration::from_secs(5);
const SIGN_IN_WITHIN: Micros = 15 * SECOND;

pub struct Client {
    pub supervisor: Supervisor,
    sleep: SleepWatch,
    sleep_check: Instant,
    token: Option<u32>,
    token_is_fresh: bool,
    asks_for_token: bool,
    /// All links that are not over, those that are left too.
    pub links: Vec<Link>,
    /// The one that is heard.
    pub current: Option<usize>,
    opened: usize,
    learnt: Option<Transport>,
    pub busy_until: Micros,
    seen: Generation,
}

impl Client {
    pub fn new(cx: &mut Context) -> Self {
        let now = Instant::from_std(cx.instant());
        Self {
            supervisor: Supervisor::new(now),
            sleep: SleepWatch::new(cx.wall(), now),
            sleep_check: now + SLEEP_CHECK,
            token: None,
            token_is_fresh: false,
            asks_for_token: false,
            links: Vec::new(),
            current: None,
            opened: 0,
            learnt: None,
            busy_until: 0,
            seen: Generation::default(),
        }
    }

    fn now(cx: &Context) -> Instant {
        Instant::from_std(cx.instant())
    }

    /// When it has something to do.
    pub fn due_at(&self, cx: &Context) -> Micros {
        let own = self.supervisor.deadline().map_or(self.sleep_check, |at| at.min(self.sleep_check));
        let links = self.links.iter().filter_map(|link| link.due_at(cx));
        links.fold(cx.time_of(own.into_std()), Micros::min) + cx.scenario.lateness
    }

    /// Does what is due.
    pub fn on_time(&mut self, cx: &mut Context) {
        cx.judge.turn(cx.now);
        let now = Self::now(cx);
        self.supervisor.tick(now);
        let next = self.supervisor.deadline();
        cx.judge
            .holds(next.is_none_or(|at| at > now), || "(6) the supervisor's deadline has passed".to_owned());
        if now >= self.sleep_check {
            self.sleep_check = now + SLEEP_CHECK;
            let _ = self.supervisor.details(now, cx.wall());
            if self.sleep.woke(cx.wall(), now) {
                self.woke(cx);
            }
        }
        for link in &mut self.links {
            link.tick(cx);
        }
        self.drive(cx);
    }

    fn woke(&mut self, cx: &mut Context) {
        cx.note(|| "client: the machine slept".to_owned());
        cx.judge.saw("waking from sleep");
        cx.judge.new_streak();
        self.supervisor.kick("the machine slept", Self::now(cx));
        self.drop_link(cx);
    }

    pub fn network_changed(&mut self, cx: &mut Context) {
        match self.supervisor.state() {
            State::Waiting { .. } => {
                cx.judge.new_streak();
                self.supervisor.kick("the network changed", Self::now(cx));
            }
            State::Online { .. } => {
                let now = cx.instant();
                if let Some(link) = self.link() {
                    link.session.check(CHECK_WITHIN, now);
                    link.turn(cx);
                }
            }
            State::Idle | State::Connecting | State::Halted => {}
        }
        self.drive(cx);
    }

    /// A person starts what stands still.
    pub fn start(&mut self, cx: &mut Context) {
        if matches!(self.supervisor.state(), State::Idle | State::Halted) {
            cx.judge.new_streak();
            self.token = None;
            self.supervisor.start(Self::now(cx));
        }
        self.drive(cx);
    }

    pub fn stop(&mut self, cx: &mut Context) {
        self.drop_link(cx);
        self.supervisor.stop(Self::now(cx));
        self.drive(cx);
    }

    pub fn signed_in(&mut self, token: Option<u32>, cx: &mut Context) {
        self.asks_for_token = false;
        match token {
            Some(_) => (self.token, self.token_is_fresh) = (token, true),
            None if self.supervisor.is_online() => {}
            None => self.failed("no session", cx),
        }
        self.drive(cx);
    }

    fn failed(&mut self, reason: &str, cx: &mut Context) {
        let now = Self::now(cx);
        self.supervisor.failed(reason, now, &mut cx.rng);
        if self.supervisor.failures() <= 1 {
            cx.judge.new_streak();
        }
    }

    /// The link of that number, if it is not over.
    pub fn link_of(&mut self, number: usize) -> Option<&mut Link> {
        self.links.iter_mut().find(|link| link.number == number)
    }

    pub fn link(&mut self) -> Option<&mut Link> {
        self.current.and_then(|number| self.link_of(number))
    }

    /// Takes what a link has said.
    pub fn consume(&mut self, number: usize, cx: &mut Context) {
        if cx.now < self.busy_until {
            return cx.at(self.busy_until, What::Consume(number));
        }
        while let Some(link) = self.link_of(number) {
            let generation = link.generation;
            let Some(said) = link.take() else { break };
            link.turn(cx);
            self.on_link(generation, number, said, cx);
        }
        self.drive(cx);
    }

    /// What a link says after it was dropped was under way already.
    pub fn stale(&mut self, generation: Generation, number: usize, cx: &mut Context) {
        self.on_link(generation, number, Said::Connected(Transport::Polling), cx);
        self.on_link(generation, number, Said::Closed("the connection's task is gone".to_owned()), cx);
        self.drive(cx);
    }

    fn on_link(&mut self, generation: Generation, number: usize, said: Said, cx: &mut Context) {
        let now = Self::now(cx);
        if let Said::Event { name, payload, ack } = &said {
            self.on_event(number, name, payload, *ack, cx);
        }
        if generation != self.supervisor.generation() || self.current.is_none() {
            return cx.judge.saw("a stale word");
        }
        let current = self.current;
        cx.judge.holds(current == Some(number), || {
            format!("(4) link {number} is heard, and the one that holds is {current:?}")
        });
        match said {
            Said::Connected(transport) => {
                self.supervisor.opened(transport, now);
                self.token_is_fresh = false;
                cx.note(|| format!("client: online by link {number}"));
            }
            Said::TransportChanged(transport) => self.supervisor.transport_changed(transport),
            Said::RoundTrip(time) => self.supervisor.answered(time, now),
            Said::Refused(message) => self.on_refused(&message, cx),
            Said::Event { .. } => {}
            Said::Closed(reason) => {
                cx.note(|| format!("client: link {number} is lost: {reason}"));
                self.drop_link(cx);
                self.failed(&reason, cx);
            }
        }
    }

    fn on_event(
        &mut self,
        number: usize,
        name: &str,
        payload: &presente_link::Payload,
        ack: Option<i64>,
        cx: &mut Context,
    ) {
        let now = cx.instant();
        let Some(link) = self.link_of(number).filter(|_| name == "n") else { return };
        let came = payload.read::<(u64,)>().ok().map(|(number,)| number);
        let expected = link.came;
        link.came += 1;
        let attachments = payload.attachments().iter().all(|data| data.len() == 3);
        cx.judge.holds(came == Some(expected) && attachments, || {
            format!("(3) link {number} heard event {came:?} in place of number {expected}")
        });
        if let (Some(ack), Some(came)) = (ack, came)
            && let Ok(payload) = presente_link::Payload::new(&(came,))
        {
            // To a connection that has ended it is lost.
            let _ = link.session.answer(link.namespace, ack, &payload, now);
            link.turn(cx);
        }
    }

    fn on_refused(&mut self, message: &str, cx: &mut Context) {
        let (fresh, now) = (self.token_is_fresh, Self::now(cx));
        self.drop_link(cx);
        cx.judge.new_streak();
        cx.judge.saw(if fresh { "a fresh token refused" } else { "an old token refused" });
        if fresh {
            self.supervisor.halt(message, now);
        } else {
            self.token = None;
            self.supervisor.again(message, now);
        }
    }

    fn drop_link(&mut self, cx: &mut Context) {
        self.token_is_fresh = false;
        let Some(number) = self.current.take() else { return };
        if let Some(link) = self.link_of(number) {
            let generation = link.generation;
            cx.after(MS, What::Stale(generation, number));
            link.leave(cx);
        }
    }

    /// Brings what is so towards what is wished.
    pub fn drive(&mut self, cx: &mut Context) {
        self.see_attempts(cx);
        if self.supervisor.state() == State::Connecting && !self.asks_for_token {
            match self.token {
                None => self.sign_in(cx),
                Some(token) if self.current.is_none() => self.open(token, cx),
                Some(_) => {}
            }
        }
        for link in &self.links {
            link.check(cx);
            self.learnt = link.worked.or(self.learnt);
        }
        self.links.retain(|link| link.ended.is_none() || (link.left.is_none() && !link.inbox.is_empty()));
        let held = self.links.iter().filter(|link| link.left.is_none()).count();
        cx.judge.holds(held <= 1, || format!("(4) {held} links are held at once"));
        let online = self.supervisor.is_online() && self.current.is_some();
        cx.judge.holds(online || !cx.judge.settled, || {
            "(1) all is well, and the client is not online".to_owned()
        });
    }

    fn see_attempts(&mut self, cx: &mut Context) {
        if self.supervisor.generation() != self.seen {
            self.seen = self.supervisor.generation();
            let state = self.supervisor.state();
            cx.note(|| format!("client: {state:?}"));
            if state == State::Connecting {
                cx.judge.attempt(cx.instant());
            }
        }
    }

    fn sign_in(&mut self, cx: &mut Context) {
        self.asks_for_token = true;
        let (answer, wait) = cx.session_request(SIGN_IN_WITHIN);
        cx.after(wait, What::SignedIn(answer));
    }

    fn open(&mut self, token: u32, cx: &mut Context) {
        let number = self.opened;
        self.opened += 1;
        let generation = self.supervisor.generation();
        let mut link = Link::open(number, generation, self.learnt, token, cx);
        link.turn(cx);
        self.links.push(link);
        self.current = Some(number);
    }
}
