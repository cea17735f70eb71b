//! From the server's word that somebody has come to the notification. The word is taken as sent when a plain socket of this
//! process has read it; the notification as raised when the session bus hands on the call.

use super::{
    Subject,
    bus::{Ear, Said},
    stage::{Stage, guest},
};
use crate::server::{line::Line, socket::Socket};
use anyhow::{Context, Result, bail};
use std::{net::Ipv4Addr, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

/// Those who come and go, in turns.
const GUESTS: usize = 20;
/// What is not counted: what happens once in a process.
const WARM_UP: usize = 5;
/// How long a word or a notification may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two changes; everybody is asleep again by then.
const PAUSE: Duration = Duration::from_millis(150);

/// How long each of so many notifications took, milliseconds.
///
/// # Errors
/// The program does not start, or a notification does not come.
pub async fn alerts(subject: Subject, people: usize, count: usize) -> Result<Vec<f64>> {
    let stage = Stage::set(subject, people, GUESTS).await?;
    let mut ear = Ear::open(&stage.world).await?;
    let mut words = Words::listen(&stage).await?;
    let mut running = stage.start()?;
    running.shows_people().await?;
    running.out_of_sight().await?;
    let mut times = Vec::with_capacity(count);
    for number in 0..count + WARM_UP {
        let guest = guest(number % GUESTS);
        sleep(PAUSE).await;
        words.forget();
        ear.forget();
        stage.server.join(&guest.email).await?;
        let said = words.hear(&guest.email, true).await?;
        let is_told =
            |said: &Said| matches!(said, Said::Notification(title) if title.contains(&guest.last_name));
        let raised = ear.hears("a notification", PATIENCE, is_told).await?;
        if number >= WARM_UP {
            times.push(raised.saturating_duration_since(said).as_secs_f64() * 1e3);
        }
        sleep(PAUSE).await;
        stage.server.leave(&guest.email).await?;
        words.hear(&guest.email, false).await?;
    }
    running.stop().await?;
    Ok(times)
}

/// What the server says to a plain socket.
struct Words {
    heard: mpsc::UnboundedReceiver<(Instant, String)>,
    listener: JoinHandle<()>,
}

impl Drop for Words {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Words {
    async fn listen(stage: &Stage) -> Result<Self> {
        let line = Line::new(stage.address()?, Ipv4Addr::LOCALHOST, Arc::default());
        let mut socket = Socket::open(&line, "", false).await?;
        let (sender, heard) = mpsc::unbounded_channel();
        let listener = tokio::spawn(async move {
            while let Ok(heard) = socket.next().await {
                if sender.send((Instant::now(), heard.event().to_owned())).is_err() {
                    return;
                }
            }
        });
        Ok(Self { heard, listener })
    }

    fn forget(&mut self) {
        while self.heard.try_recv().is_ok() {}
    }

    /// Waits for a list with this person, or without; gives the moment when it came.
    async fn hear(&mut self, email: &str, is_here: bool) -> Result<Instant> {
        let listening = async {
            while let Some((at, event)) = self.heard.recv().await {
                if event.starts_with(r#"["usersConected""#) && event.contains(email) == is_here {
                    return Ok(at);
                }
            }
            bail!("the server has hung up")
        };
        timeout(PATIENCE, listening).await.context("the server says nothing")?
    }
}
