//! Many listeners at once.

use super::{
    Contestant,
    goal::{Goal, Sight},
    line::Line,
    listener::{Reached, Watch},
    people::Person,
    socket::Socket,
};
use anyhow::{Context, Result, bail};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

/// Between two looks at whether anything still comes.
const LOOK: Duration = Duration::from_millis(250);
/// What a listener may get in a quiet time: pings and what belongs to them, bytes.
const PINGS: u64 = 64;

/// The listeners of one server.
#[derive(Debug)]
pub struct Crowd {
    contestant: Contestant,
    server: SocketAddr,
    received: Arc<AtomicU64>,
    goal: watch::Sender<Goal>,
    watch: Watch,
    reached: mpsc::UnboundedReceiver<Reached>,
    listeners: JoinSet<Result<()>>,
}

impl Crowd {
    /// Nobody yet.
    pub fn new(contestant: Contestant, server: SocketAddr) -> Self {
        let (goal, goals) = watch::channel(Goal { number: 0, sight: Sight::Nothing });
        let (sender, reached) = mpsc::unbounded_channel();
        let watch = Watch { goal: goals, reached: sender };
        let (received, listeners) = (Arc::default(), JoinSet::new());
        Self { contestant, server, received, goal, watch, reached, listeners }
    }

    /// How this person reaches the server; what comes counts as the crowd's.
    pub fn line(&self, person: &Person) -> Line {
        Line::new(self.server, person.address(), Arc::clone(&self.received))
    }

    /// Bytes that have come so far.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Whether its listeners hear changes in place of lists.
    pub fn hears_changes(&self) -> bool {
        self.contestant == Contestant::Own
    }

    /// How many listeners there are.
    pub fn size(&self) -> usize {
        self.listeners.len()
    }

    /// Adds somebody who signs in, connects and asks for the list, all of it at `at`.
    pub fn comes_back(&mut self, person: Person, at: Instant) {
        let (line, watch, contestant) = (self.line(&person), self.watch.clone(), self.contestant);
        self.listeners.spawn(async move {
            sleep_until(at).await;
            let token = line.sign_in(&person).await?;
            let mut socket = Socket::open(&line, &token, contestant == Contestant::Own).await?;
            socket.ask().await?;
            listen(contestant, watch, socket, line, token).await
        });
    }

    /// Adds a socket that only listens, for somebody who is signed in. In changes there is a list to begin with; it is
    /// there when this returns.
    ///
    /// # Errors
    /// It is not let in.
    pub async fn listens(&mut self, person: &Person, token: &str) -> Result<()> {
        let line = self.line(person);
        let socket = Socket::open(&line, token, self.contestant == Contestant::Own).await?;
        let (watch, contestant, token) = (self.watch.clone(), self.contestant, token.to_owned());
        self.listeners.spawn(listen(contestant, watch, socket, line, token));
        if contestant == Contestant::Own {
            self.all_reach(0, 1, Duration::from_secs(60)).await?;
        }
        Ok(())
    }

    /// From now on everybody waits for this; gives the number of the goal.
    pub fn aim(&self, sight: Sight) -> u64 {
        let number = self.goal.borrow().number + 1;
        self.goal.send_replace(Goal { number, sight });
        number
    }

    /// Waits until `count` listeners have reached a goal; says when each did.
    ///
    /// # Errors
    /// It takes longer than `patience`, or a listener fails.
    pub async fn all_reach(&mut self, goal: u64, count: usize, patience: Duration) -> Result<Vec<Instant>> {
        let mut times = Vec::with_capacity(count);
        let until = Instant::now() + patience;
        while times.len() < count {
            tokio::select! {
                reached = self.reached.recv() => {
                    times.extend(reached.filter(|reached| reached.goal == goal).map(|reached| reached.at));
                }
                Some(ended) = self.listeners.join_next() => {
                    ended?.context("a listener")?;
                    bail!("a listener has ended");
                }
                () = sleep_until(until) => {
                    bail!("{} of {count} have seen what was to be seen within {patience:?}", times.len());
                }
            }
        }
        Ok(times)
    }

    /// Waits until nothing but pings has come for so long.
    ///
    /// # Errors
    /// Something still comes after `patience`.
    pub async fn quiet(&self, time: Duration, patience: Duration) -> Result<()> {
        let count = u64::try_from(self.size())?.saturating_add(1);
        let until = Instant::now() + patience;
        let (mut since, mut bytes) = (Instant::now(), self.received());
        while since.elapsed() < time {
            if Instant::now() > until {
                bail!("lists still come after {patience:?}");
            }
            sleep(LOOK).await;
            if self.received() - bytes > PINGS * count {
                (since, bytes) = (Instant::now(), self.received());
            }
        }
        Ok(())
    }
}

async fn listen(
    contestant: Contestant,
    watch: Watch,
    socket: Socket,
    line: Line,
    token: String,
) -> Result<()> {
    match contestant {
        Contestant::Node | Contestant::Unchanged => watch.lists(socket).await,
        Contestant::Own => watch.changes(socket, line, token).await,
    }
}
