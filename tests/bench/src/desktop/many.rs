//! The window with very many contacts: whether it keeps up with the screen while somebody scrolls and while people come and
//! go, how long the longest message to the page is, and by how much the page grows in an hour.

use super::{
    crowd::Crowd,
    family::{by_name, mib, processor_time},
    page::asks,
    presente, tables,
};
use crate::{machine::Steal, numbers::float};
use anyhow::{Context, Result, bail};
use presente_core::alerts::TellOf;
use presente_tests::{
    desktop::{DrivenApp, World},
    pss_kib,
    wait::{PATIENCE, until},
};
use serde_json::{Value, json};
use std::time::Duration;
use thirtyfour::prelude::*;
use tokio::time::{Instant, sleep};

/// Name of the process of the page, as the system cuts it.
const WEB_PROCESS: &str = "WebKitWebProces";
/// How long very many people may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(60);
/// Changes a second, which people see.
const PACE: u32 = 100;
/// After so many parts of the changes it is looked how large the page is: whether it grows for ever.
const PARTS: usize = 10;
/// Rows are so high.
const ROW: u32 = 48;

/// So often pictures are looked at, at most.
const LOOKS: u32 = 4;
/// Up to this share of the processor time may be the host's: otherwise it is its pace that is measured.
const UNDISTURBED: f64 = 0.02;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// People online.
    pub people: u32,
    /// For how long somebody scrolls, or people come and go.
    pub time: Duration,
    /// Changes as fast as they go.
    pub changes: usize,
    /// Until things have settled.
    pub settle: Duration,
}

/// The pictures that the page has made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frames {
    /// The time of each, milliseconds.
    pub times: Vec<f64>,
    /// What the machine's host kept of the processor time meanwhile, 0 to 1.
    pub stolen: f64,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Many {
    /// From the start of the process to the list in the page, seconds.
    pub until_listed: f64,
    /// While nothing happens: what the screen itself does.
    pub still: Frames,
    /// While somebody scrolls.
    pub scrolling: Frames,
    /// While people come and go.
    pub changing: Frames,
    /// While somebody scrolls, and people come and go.
    pub both: Frames,
    /// The longest message to the page, characters.
    pub longest_message: f64,
    /// Messages to the page in a second, while people came and went.
    pub messages: f64,
    /// Processor time of app and window while people came and went, as a share of one processor; per cent.
    pub cpu: f64,
    /// Memory of the page before the changes, after each tenth of them, and when all has settled; MiB.
    pub page: Vec<f64>,
    /// Memory of app, window and page before and after the changes, MiB.
    pub all: [f64; 2],
    /// How long the changes took, seconds.
    pub took: f64,
}

/// Frames for `seconds`, scrolling by `step` pixels in each.
const FRAMES: &str = r"
  const [seconds, step, done] = arguments;
  const list = document.getElementById('list');
  const times = [];
  let last, begin, down = true;
  function frame(now) {
    begin ??= now;
    if (last !== undefined) times.push(now - last);
    last = now;
    if (step > 0) {
      if (list.scrollTop + list.clientHeight >= list.scrollHeight - step) down = false;
      if (list.scrollTop < step) down = true;
      list.scrollTop += down ? step : -step;
    }
    if (now - begin < seconds * 1000) requestAnimationFrame(frame);
    else done(times);
  }
  requestAnimationFrame(frame);
";

/// From now on messages to the page are counted and measured.
const LISTEN: &str = r"
  const [done] = arguments;
  window.heard = { count: 0, longest: 0 };
  const { callbacks } = window.__TAURI_INTERNALS__;
  for (const [id, callback] of [...callbacks]) {
    callbacks.set(id, (data) => {
      if (typeof data?.message === 'string') {
        window.heard.count += 1;
        window.heard.longest = Math.max(window.heard.longest, data.message.length);
      }
      return callback(data);
    });
  }
  done(callbacks.size);
";

const HEARD: &str = "arguments[0]([window.heard.count, window.heard.longest]);";
const LENGTH: &str = "arguments[0](document.getElementById('list')?.scrollHeight ?? 0);";

/// Measures all of it, once.
///
/// # Errors
/// Server or app fail.
pub async fn many(size: Size) -> Result<Many> {
    let (mut crowd, owner) = Crowd::gather(size.people).await?;
    let world = World::builder().env("LC_ALL", "en_GB.UTF-8").start().await?;
    presente::set_up(&world, &crowd.address(), &owner.email, owner.password, TellOf::Nobody).await?;
    let begin = Instant::now();
    let app = world.app().drive().await?;
    let page = app.driver();
    listed(page, size.people).await.with_context(|| format!("the app wrote: {}", app.log().text()))?;
    let until_listed = begin.elapsed().as_secs_f64();
    page.set_script_timeout(size.time * 3 + PATIENCE).await?;
    let hears: u32 = asks(page, LISTEN, Vec::new()).await?;
    if hears == 0 {
        bail!("the page hears nobody");
    }
    sleep(size.settle).await;
    let still = least_disturbed(async || frames(page, size.time, false).await).await?;
    tell("still", &still);
    let scrolling = least_disturbed(async || frames(page, size.time, true).await).await?;
    tell("scrolling", &scrolling);
    let (before, cpu_before) = (heard(page).await?, processor_time(app.pid())?);
    let begin = Instant::now();
    let changing =
        least_disturbed(async || with_changes(&mut crowd, frames(page, size.time, false)).await).await?;
    let seconds = begin.elapsed().as_secs_f64();
    let cpu = processor_time(app.pid())?.saturating_sub(cpu_before).as_secs_f64() / seconds;
    let messages = (heard(page).await?.0 - before.0) / seconds;
    tell("changing", &changing);
    let both =
        least_disturbed(async || with_changes(&mut crowd, frames(page, size.time, true)).await).await?;
    tell("both", &both);
    sleep(size.settle).await;
    let memory_before = memory(&app)?;
    let (begin, mut page_memory) = (Instant::now(), vec![memory_before.0]);
    for _ in 0..PARTS {
        crowd.turn(size.changes / PARTS).await?;
        page_memory.push(memory(&app)?.0);
    }
    let took = begin.elapsed().as_secs_f64();
    sleep(size.settle).await;
    let memory_after = memory(&app)?;
    page_memory.push(memory_after.0);
    let (_, longest_message) = heard(page).await?;
    crowd.end().await?;
    Ok(Many {
        until_listed,
        still,
        scrolling,
        changing,
        both,
        longest_message,
        messages,
        cpu: cpu * 100.0,
        page: page_memory,
        all: [memory_before.1, memory_after.1],
        took,
    })
}

/// Waits until the list is as long as it has to be.
async fn listed(page: &WebDriver, people: u32) -> Result<()> {
    until("all of them in the list", ARRIVAL, async || {
        let height: u32 = asks(page, LENGTH, Vec::new()).await.ok()?;
        (height >= people.saturating_mul(ROW)).then_some(())
    })
    .await
}

async fn frames(page: &WebDriver, time: Duration, scrolls: bool) -> Result<Frames> {
    // Rows in each frame, so that all in sight are others within a third of a second.
    let step = if scrolls { 24 } else { 0 };
    let arguments: Vec<Value> = vec![json!(time.as_secs_f64()), json!(step)];
    let steal = Steal::from_now()?;
    let times = asks(page, FRAMES, arguments).await?;
    Ok(Frames { times, stolen: steal.share()? })
}

/// Looks until the machine had its processors to itself, or often enough; of these the look with the least taken away.
async fn least_disturbed(mut look: impl AsyncFnMut() -> Result<Frames>) -> Result<Frames> {
    let mut best = look().await?;
    for _ in 1..LOOKS {
        if best.stolen <= UNDISTURBED {
            break;
        }
        let next = look().await?;
        if next.stolen < best.stolen {
            best = next;
        }
    }
    Ok(best)
}

async fn with_changes(crowd: &mut Crowd, frames: impl Future<Output = Result<Frames>>) -> Result<Frames> {
    tokio::select! {
        changed = crowd.turn_steadily(PACE) => {
            changed?;
            bail!("people stopped coming and going")
        }
        frames = frames => frames,
    }
}

/// All of it takes long; what is known so far is told.
#[allow(clippy::print_stderr, reason = "a person waits, and wants to know for what")]
fn tell(what: &str, frames: &Frames) {
    let (slow, count) = (frames.over(tables::MISSED), frames.times.len());
    eprintln!(
        "{what}: {count} pictures, {slow:.1} % missed, {:.1} % kept by the host",
        frames.stolen * 100.0
    );
}

/// How many messages the page has had, and how long the longest was.
async fn heard(page: &WebDriver) -> Result<(f64, f64)> {
    asks(page, HEARD, Vec::new()).await
}

/// Memory of the page, and of everything; MiB.
fn memory(app: &DrivenApp) -> Result<(f64, f64)> {
    let page = by_name(app.pid()).get(WEB_PROCESS).copied().context("there is no process of the page")?;
    Ok((page, mib(pss_kib(app.pid())?)))
}

impl Frames {
    /// The share of frames that took longer than this, per cent.
    pub fn over(&self, ms: f64) -> f64 {
        let slow = self.times.iter().filter(|time| **time > ms).count();
        float(u64::try_from(slow).unwrap_or(u64::MAX)) * 100.0
            / float(u64::try_from(self.times.len().max(1)).unwrap_or(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_that_took_too_long_are_counted() {
        let frames = Frames { times: vec![16.0, 17.0, 33.0, 16.0], stolen: 0.0 };
        assert!((frames.over(16.7) - 50.0).abs() < f64::EPSILON);
        assert!((frames.over(20.0) - 25.0).abs() < f64::EPSILON);
        assert!(Frames::default().over(1.0).abs() < f64::EPSILON);
    }
}
