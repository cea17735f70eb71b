//! Somebody who comes and goes while others listen: the change that they are to see.

use super::{crowd::Crowd, goal::Sight, line::Line, people::Person, socket::Socket};
use anyhow::{Context, Result};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinHandle, time::Instant};

/// How long until all have seen it.
const PATIENCE: Duration = Duration::from_secs(180);

/// Somebody who comes and goes.
#[derive(Debug)]
pub struct Guest {
    person: Person,
    line: Line,
    offers: bool,
    here: Option<Here>,
}

#[derive(Debug)]
struct Here {
    token: String,
    ask: Arc<Notify>,
    asked: Arc<Notify>,
    socket: JoinHandle<Result<()>>,
}

impl Drop for Here {
    fn drop(&mut self) {
        self.socket.abort();
    }
}

impl Guest {
    /// Somebody who is not here yet.
    pub fn new(person: Person, crowd: &Crowd) -> Self {
        Self { line: crowd.line(&person), person, offers: crowd.hears_changes(), here: None }
    }

    /// Comes if away, goes if here; says how long it took, from the first byte of it, until each listener saw it,
    /// seconds.
    ///
    /// # Errors
    /// The server or a listener fails.
    pub async fn turns(&mut self, crowd: &mut Crowd) -> Result<Vec<f64>> {
        let email = self.person.email.clone();
        let sight = if self.here.is_none() { Sight::Here(email) } else { Sight::Gone(email) };
        let goal = crowd.aim(sight);
        let begin = Instant::now();
        match self.here.take() {
            None => self.here = Some(self.comes().await?),
            Some(here) => self.goes(here).await?,
        }
        let times = crowd.all_reach(goal, crowd.size(), PATIENCE).await?;
        Ok(times.into_iter().map(|at| (at - begin).as_secs_f64()).collect())
    }

    /// As clients of the field do it: sign in, connect, say that there is something to tell.
    async fn comes(&self) -> Result<Here> {
        let token = self.line.sign_in(&self.person).await?;
        let mut socket = Socket::open(&self.line, &token, self.offers).await?;
        socket.ask().await?;
        let (ask, asked) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (told, done) = (Arc::clone(&ask), Arc::clone(&asked));
        let socket = tokio::spawn(async move {
            loop {
                tokio::select! {
                    heard = socket.next() => drop(heard?),
                    () = told.notified() => {
                        socket.ask().await?;
                        done.notify_one();
                    }
                }
            }
        });
        Ok(Here { token, ask, asked, socket })
    }

    /// And the same when they leave.
    async fn goes(&self, mut here: Here) -> Result<()> {
        self.line.sign_out(&self.person, &here.token).await?;
        here.ask.notify_one();
        tokio::select! {
            () = here.asked.notified() => Ok(()),
            ended = &mut here.socket => {
                ended.context("a guest")??;
                Ok(())
            }
        }
    }
}
