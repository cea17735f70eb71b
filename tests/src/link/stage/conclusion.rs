//! What must hold at the end of every row, whatever it was about.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tokio::time::Instant;

use super::{SOON, Stage, Way};

const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);
/// Attempts that a first second may hold: a connection that breaks off and an attempt at once are no storm.
const FIRST_SECOND: usize = 3;

impl Stage {
    /// Checks what every row ends with: an event goes there and back, the server has one connection of this client and
    /// never had more, and attempts were rare.
    ///
    /// # Errors
    /// One of these does not hold.
    pub async fn conclude(&mut self) -> Result<()> {
        self.count_attempts();
        if !self.ends_offline {
            self.echoes().await.context("at the end of the row")?;
            let patience = self.patience() + SECOND;
            self.live(1, patience).await?;
        }
        if self.server.is_some() {
            let most_live = self.most_live().await?;
            self.figures.most_live = self.figures.most_live.max(most_live);
        }
        let ended = self.subject.as_mut().and_then(|subject| subject.has_ended());
        ensure!(ended.is_none(), "the client's process has ended: {}", ended.unwrap_or_default());
        let most_live = self.figures.most_live;
        let allowed = self.most_allowed();
        ensure!(most_live <= allowed, "the server had {most_live} connections of the client at one time");
        if self.encrypted {
            return Ok(());
        }
        self.attempts_are_rare()
    }

    /// How many connections of the client the server may have at one time. A handshake by polling that a kick has cut
    /// short is one to the server until it hears nothing more; the client never learnt its name and cannot end it.
    fn most_allowed(&self) -> u64 {
        let gives_up_handshakes = self.kicks > 0 && self.way != Way::Websocket;
        1 + u64::from(gives_up_handshakes)
    }

    /// An event goes to the server and back.
    ///
    /// # Errors
    /// It does not.
    pub async fn echoes(&mut self) -> Result<()> {
        let marker = format!("marker {}", self.proxy().connections().len());
        self.subject()?.order("emit", json!({ "event": "echo", "args": [marker] }))?;
        let came = self.subject()?;
        came.next("event", SOON, |word| word["event"] == "echo" && word["args"][0] == marker.as_str())
            .await?;
        Ok(())
    }

    /// When attempts were made: handshakes, and connections that were cut off before they could say anything.
    fn attempts(&self) -> Vec<Instant> {
        let requests = self.proxy().requests();
        let handshakes = requests.iter().filter(|request| request.is_handshake()).map(|request| request.at);
        let mut attempts: Vec<Instant> = handshakes.chain(self.proxy().silent_connections()).collect();
        attempts.sort();
        attempts
    }

    /// Writes down the most attempts in any minute.
    pub fn count_attempts(&mut self) {
        if self.encrypted {
            return;
        }
        let attempts = self.attempts();
        let in_minute_from = |first: &Instant| {
            attempts.iter().filter(|at| *at >= first && at.duration_since(*first) < MINUTE).count()
        };
        let worst = attempts.iter().map(in_minute_from).max().unwrap_or_default();
        self.figures.worst_minute = worst.saturating_sub(self.kicks * self.way.handshakes_per_attempt());
    }

    /// At most 60 attempts in a minute, and after the first second not more than one a second.
    fn attempts_are_rare(&self) -> Result<()> {
        let per_attempt = self.way.handshakes_per_attempt();
        let allowed = 60 * per_attempt;
        ensure!(self.figures.worst_minute <= allowed, "{} attempts in a minute", self.figures.worst_minute);
        let attempts = self.attempts();
        let Some(first) = attempts.first() else { return Ok(()) };
        let took = first.elapsed();
        let seconds = usize::try_from(took.as_secs()).unwrap_or(usize::MAX);
        let allowed = (FIRST_SECOND + seconds + self.kicks).saturating_mul(per_attempt);
        let count = attempts.len();
        ensure!(count <= allowed, "{count} attempts in {:.1} s", took.as_secs_f64());
        Ok(())
    }

    /// Watches for `window` what the client does while nothing can work: about one connection a second at most,
    /// whether or not it says anything in it.
    ///
    /// # Errors
    /// There were more.
    pub async fn stays_calm(&mut self, window: Duration) -> Result<()> {
        let before = self.proxy().connections().len();
        let requests_before = self.proxy().requests().len();
        #[allow(
            clippy::disallowed_methods,
            reason = "there is no condition: what must not happen is waited for"
        )]
        tokio::time::sleep(window).await;
        let seconds = usize::try_from(window.as_secs()).unwrap_or(usize::MAX);
        let allowed = (FIRST_SECOND + seconds) * self.way.handshakes_per_attempt();
        for (what, count) in [
            ("connections", self.proxy().connections().len() - before),
            ("requests", self.proxy().requests().len() - requests_before),
        ] {
            ensure!(count <= allowed, "{count} {what} in {seconds} s while nothing could work");
        }
        Ok(())
    }
}
