//! A client that listens, and says when it has seen what is waited for.

use super::{
    goal::Goal,
    line::Line,
    socket::{Heard, Socket},
};
use anyhow::{Context, Result, ensure};
use http::{
    HeaderName, StatusCode,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING},
};
use presente_wire::{Answer, Applied, Delta, Hello, Position, Replica, Stale, Unproven, event};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{borrow::Cow, io::Read as _, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep},
};

/// The most that a snapshot may be, decompressed.
const LARGEST_SNAPSHOT: u64 = 64 << 20;

/// A listener has reached a goal.
#[derive(Debug, Clone, Copy)]
pub struct Reached {
    /// The number of the goal; 0: the listener has its first list.
    pub goal: u64,
    /// When.
    pub at: Instant,
}

/// What listeners share.
#[derive(Debug, Clone)]
pub struct Watch {
    /// What is waited for.
    pub goal: watch::Receiver<Goal>,
    /// Where it is said.
    pub reached: mpsc::UnboundedSender<Reached>,
}

impl Watch {
    /// Listens to whole lists until the connection ends.
    ///
    /// # Errors
    /// It has ended.
    pub async fn lists(self, mut socket: Socket) -> Result<()> {
        let mut last = 0;
        loop {
            let heard = socket.next().await?;
            self.look(&mut last, |goal| goal.sight.in_event(heard.event()));
        }
    }

    /// Listens to changes until the connection ends.
    ///
    /// # Errors
    /// It has ended, or the list cannot be had.
    pub async fn changes(self, mut socket: Socket, line: Line, token: String) -> Result<()> {
        let hello = socket.next().await?;
        let hello: Hello = argument(&hello, event::HELLO)?.context("the server does not speak in changes")?;
        let fetch = Fetch { line, token, path: hello.snap };
        let mut copy = Copy { replica: Replica::new(hello.e), wanted: hello.s };
        let mut fetching = Some(fetch.start(None, Duration::ZERO));
        let mut last = 0;
        loop {
            let outcome = tokio::select! {
                heard = socket.next() => copy.hear(&heard?)?,
                answer = finished(&mut fetching) => {
                    fetching = None;
                    copy.take(answer?)
                }
            };
            match outcome {
                Outcome::Applied(applied) => {
                    if applied == Applied::Replaced && last == 0 {
                        let _ = self.reached.send(Reached { goal: 0, at: Instant::now() });
                    }
                    self.look(&mut last, |goal| goal.sight.in_copy(&copy.replica, &applied));
                }
                Outcome::Fetch(known, jitter) if fetching.is_none() => {
                    fetching = Some(fetch.start(known, jitter));
                }
                Outcome::Fetch(..) | Outcome::Nothing => {}
            }
        }
    }

    fn look(&self, last: &mut u64, sees: impl FnOnce(&Goal) -> bool) {
        let goal = self.goal.borrow();
        if goal.number > *last && sees(&goal) {
            *last = goal.number;
            // Nobody waits any more at the end.
            let _ = self.reached.send(Reached { goal: goal.number, at: Instant::now() });
        }
    }
}

/// The answer of what is being fetched; never when nothing is.
async fn finished(fetching: &mut Option<JoinHandle<Result<Answer>>>) -> Result<Answer> {
    match fetching {
        Some(task) => task.await.context("fetching the list has ended")?,
        None => std::future::pending().await,
    }
}

/// What follows from something that the server said.
#[derive(Debug)]
enum Outcome {
    Nothing,
    Applied(Applied),
    /// The list is to be fetched after a random part of this time; what is known of it, if anything.
    Fetch(Option<Position>, Duration),
}

/// A copy of the server's list.
#[derive(Debug)]
struct Copy {
    replica: Replica,
    /// The server has got at least so far, and so must what is fetched.
    wanted: u64,
}

impl Copy {
    fn hear(&mut self, heard: &Heard) -> Result<Outcome> {
        if let Some(delta) = argument::<Delta>(heard, event::DELTA)? {
            let known = self.replica.position();
            return Ok(match self.replica.delta(delta) {
                Ok(applied) => Outcome::Applied(applied),
                Err(Unproven::Gap) => Outcome::Fetch(known, Duration::ZERO),
                Err(_) => Outcome::Fetch(None, Duration::ZERO),
            });
        }
        if let Some(Stale { t, jitter, .. }) = argument::<Stale>(heard, event::STALE)? {
            let known = self.replica.position();
            if known.is_some_and(|position| position.s >= t) {
                return Ok(Outcome::Nothing);
            }
            self.wanted = self.wanted.max(t);
            self.replica.is_stale();
            return Ok(Outcome::Fetch(known, Duration::from_millis(jitter)));
        }
        Ok(Outcome::Nothing)
    }

    fn take(&mut self, answer: Answer) -> Outcome {
        match self.replica.fetched(answer) {
            Ok(applied) if self.replica.position().is_some_and(|position| position.s >= self.wanted) => {
                Outcome::Applied(applied)
            }
            Ok(_) => Outcome::Fetch(self.replica.position(), Duration::ZERO),
            Err(_) => Outcome::Fetch(None, Duration::ZERO),
        }
    }
}

/// How the list is fetched.
#[derive(Debug, Clone)]
struct Fetch {
    line: Line,
    token: String,
    path: String,
}

impl Fetch {
    fn start(&self, known: Option<Position>, within: Duration) -> JoinHandle<Result<Answer>> {
        let fetch = self.clone();
        tokio::spawn(async move {
            sleep(within.mul_f64(rand::random::<f64>())).await;
            fetch.get(known).await
        })
    }

    async fn get(&self, known: Option<Position>) -> Result<Answer> {
        let path = match known {
            Some(Position { e, s }) => format!("{}?e={e}&s={s}", self.path),
            None => self.path.clone(),
        };
        let token = (HeaderName::from_static("x-token"), self.token.as_str());
        let answer = self.line.get(&path, &[token, (ACCEPT_ENCODING, "zstd")]).await?;
        ensure!(answer.status == StatusCode::OK, "the list is not to be had: {}", answer.status);
        let zstd = answer.headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding == "zstd");
        if !zstd {
            return serde_json::from_slice(&answer.body).context("the list is none");
        }
        let mut body = Vec::new();
        zstd::Decoder::with_buffer(&*answer.body)?.take(LARGEST_SNAPSHOT).read_to_end(&mut body)?;
        serde_json::from_slice(&body).context("the list is none")
    }
}

/// The argument of an event, if it has this name.
fn argument<'h, T: Deserialize<'h>>(heard: &'h Heard, name: &str) -> Result<Option<T>> {
    // `["` and the name: others are not looked into.
    if !heard.event().get(2..).is_some_and(|rest| rest.starts_with(name)) {
        return Ok(None);
    }
    let (found, argument): (Cow<'_, str>, &RawValue) = serde_json::from_str(heard.event())?;
    if found == name { Ok(Some(serde_json::from_str(argument.get())?)) } else { Ok(None) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;
    use presente_wire::{Availability, Digest, Epoch, Row, Snapshot};

    fn epoch() -> Epoch {
        Epoch::new([7; 16])
    }

    fn rows(count: u64) -> Vec<Row> {
        let row = |number| Row {
            id: format!("{number}"),
            first_name: "Ana".into(),
            last_name: String::new(),
            email: format!("{number}@test.example"),
            availability: Availability::Online,
            status_line: String::new(),
        };
        (0..count).map(row).collect()
    }

    /// At sequence `s` so many people are online.
    fn snapshot(s: u64) -> Answer {
        let (e, rows) = (epoch(), rows(s));
        Answer::Snapshot(Snapshot { e, s, c: s, h: Digest::of(&e, &rows), rows })
    }

    /// Somebody joins at sequence `t`, the `t`th.
    fn delta(t: u64) -> Heard {
        let (e, f, all) = (epoch(), t - 1, rows(t));
        let h = Digest::of(&e, &all);
        let j = all.into_iter().next_back().into_iter().collect();
        Heard::of(event::DELTA, &Delta { e, f, t, j, u: Vec::new(), l: Vec::new(), c: t, h })
    }

    fn stale(t: u64) -> Heard {
        Heard::of(event::STALE, &Stale { e: epoch(), t, jitter: 40 })
    }

    fn copy() -> Copy {
        Copy { replica: Replica::new(epoch()), wanted: 2 }
    }

    #[test]
    fn changes_that_come_before_the_list_are_made_after_it() {
        let mut copy = copy();
        assert!(matches!(copy.hear(&delta(3)).unwrap(), Outcome::Applied(Applied::Nothing)));
        assert!(matches!(copy.take(snapshot(2)), Outcome::Applied(Applied::Replaced)));
        assert_eq!(copy.replica.rows().len(), 3);
        assert!(matches!(copy.hear(&delta(4)).unwrap(), Outcome::Applied(Applied::Changed(_))));
    }

    #[test]
    fn a_gap_is_asked_for_from_where_the_copy_stands() {
        let mut copy = copy();
        copy.take(snapshot(2));
        let Outcome::Fetch(Some(Position { s, .. }), _) = copy.hear(&delta(4)).unwrap() else {
            unreachable!("the third is missing")
        };
        assert_eq!(s, 2);
        assert!(matches!(copy.take(snapshot(4)), Outcome::Applied(_)));
    }

    #[test]
    fn a_list_that_is_older_than_what_the_server_has_told_is_fetched_again() {
        let mut copy = copy();
        copy.take(snapshot(2));
        assert!(matches!(copy.hear(&stale(2)).unwrap(), Outcome::Nothing), "it is there already");
        let Outcome::Fetch(Some(_), jitter) = copy.hear(&stale(9)).unwrap() else {
            unreachable!("the list is stale")
        };
        assert_eq!(jitter, Duration::from_millis(40));
        assert!(matches!(copy.take(snapshot(8)), Outcome::Fetch(Some(_), _)));
        assert!(matches!(copy.take(snapshot(9)), Outcome::Applied(Applied::Replaced)));
    }

    #[test]
    fn other_events_are_not_looked_into() {
        assert!(argument::<Delta>(&Heard::of("usersConected", &[1]), event::DELTA).unwrap().is_none());
        assert!(argument::<Delta>(&Heard::of("presence:deltas", &[1]), event::DELTA).unwrap().is_none());
        assert!(argument::<Delta>(&Heard::of(event::DELTA, &[1]), event::DELTA).is_err());
    }
}
