//! Very many people at our server, who come and go as fast as somebody wants.

use crate::server::{host::Host, line::Line, people::Person};
use anyhow::{Context, Result};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};

/// So many requests are on their way at once.
const AT_ONCE: usize = 12;
/// Between two handfuls of changes at a steady pace.
const HANDFUL: Duration = Duration::from_millis(50);

/// Somebody, and the token of who is here.
#[derive(Debug)]
struct Member {
    person: Person,
    line: Line,
    token: Option<String>,
}

impl Member {
    /// Comes if away, goes if here.
    async fn turns(mut self) -> Result<Self> {
        self.token = match self.token.take() {
            None => Some(self.line.sign_in(&self.person).await?),
            Some(token) => {
                self.line.sign_out(&self.person, &token).await?;
                None
            }
        };
        Ok(self)
    }
}

/// The people, and their server.
#[derive(Debug)]
pub(super) struct Crowd {
    host: Host,
    /// The one whose turn it is comes first.
    members: std::collections::VecDeque<Member>,
}

impl Crowd {
    /// So many people, all of whom are here, and an account for one more.
    pub(super) async fn gather(count: u32) -> Result<(Self, Person)> {
        let mut people = Person::first(count + 1);
        let owner = people.pop().context("nobody")?;
        let host = Host::start_open(&[people.as_slice(), std::slice::from_ref(&owner)].concat()).await?;
        let members = people.into_iter().map(|person| {
            let line = Line::new(host.address(), person.address(), Arc::default());
            Member { person, line, token: None }
        });
        let members = members.collect();
        let mut crowd = Self { host, members };
        crowd.turn(usize::try_from(count)?).await?;
        Ok((crowd, owner))
    }

    /// Where the server is.
    pub(super) fn address(&self) -> String {
        format!("http://{}", self.host.address())
    }

    /// So many changes, each by somebody else, as fast as they go.
    pub(super) async fn turn(&mut self, count: usize) -> Result<()> {
        let mut left = count;
        while left > 0 {
            let round = left.min(self.members.len());
            let turning: Vec<Member> = self.members.drain(..round).collect();
            let turned: Vec<Member> =
                stream::iter(turning).map(Member::turns).buffered(AT_ONCE).try_collect().await?;
            self.members.extend(turned);
            left -= round;
        }
        Ok(())
    }

    /// So many changes a second, until this is dropped.
    pub(super) async fn turn_steadily(&mut self, per_second: u32) -> Result<()> {
        let handful = usize::try_from(per_second)? * usize::try_from(HANDFUL.as_millis())? / 1000;
        let mut next = Instant::now();
        loop {
            self.turn(handful.max(1)).await?;
            next += HANDFUL;
            sleep_until(next).await;
        }
    }

    /// Ends the server.
    pub(super) async fn end(self) -> Result<()> {
        self.host.end().await
    }
}
