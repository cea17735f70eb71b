//! The machine: what it is, in general terms, and what else it is doing.

use anyhow::{Context, Result};
use std::{fs, thread, time::Duration};
use tokio::time::{Instant, sleep};

/// How long it is looked at what else the machine does.
const LOOK: Duration = Duration::from_millis(300);
/// Up to this much of it the machine counts as quiet.
const QUIET: f64 = 0.05;

/// Which machine this is: processors and system, no names.
pub fn description() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let system = name.map_or(std::env::consts::OS, |name| name.trim_matches('"'));
    format!("{cores} processors ({}), {system}", std::env::consts::ARCH)
}

/// Waits until the machine does little else, but no longer than `patience`; says how busy it is then: 0 to 1, all
/// processors together.
///
/// # Errors
/// The system does not tell.
pub async fn quiet(patience: Duration) -> Result<f64> {
    let until = Instant::now() + patience;
    loop {
        let before = Ticks::now()?;
        sleep(LOOK).await;
        let busy = Ticks::now()?.busy_since(&before);
        if busy <= QUIET || Instant::now() >= until {
            return Ok(busy);
        }
    }
}

/// How much of the processor time that was asked for a virtual machine was not given, because its host was busy with
/// others: "steal". What waits for several processes in turn is slower by far more than this share.
#[derive(Debug)]
pub struct Steal(Ticks);

impl Steal {
    /// From now on.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn from_now() -> Result<Self> {
        Ok(Self(Ticks::now()?))
    }

    /// The share until now, 0 to 1, of all processors together.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn share(&self) -> Result<f64> {
        Ok(Ticks::now()?.stolen_since(&self.0))
    }
}

/// What the processors have done since the machine was started.
#[derive(Debug, PartialEq)]
struct Ticks {
    idle: f64,
    stolen: f64,
    total: f64,
}

impl Ticks {
    fn now() -> Result<Self> {
        let stat = fs::read_to_string("/proc/stat").context("the system does not tell what it does")?;
        Self::read(&stat).context("the system tells what it does in other words")
    }

    /// Reads `cpu  user nice system idle iowait irq softirq steal …`. What the guests of this machine take stands in
    /// the first two as well.
    fn read(stat: &str) -> Option<Self> {
        let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
        let ticks: Vec<f64> = line.split_whitespace().map_while(|word| word.parse().ok()).take(8).collect();
        let stolen = ticks.get(7).copied().unwrap_or_default();
        Some(Self { idle: ticks.get(3)? + ticks.get(4)?, stolen, total: ticks.iter().sum() })
    }

    fn stolen_since(&self, before: &Self) -> f64 {
        let asked = (self.total - self.idle) - (before.total - before.idle);
        if asked <= 0.0 { 0.0 } else { ((self.stolen - before.stolen) / asked).clamp(0.0, 1.0) }
    }

    fn busy_since(&self, before: &Self) -> f64 {
        let total = self.total - before.total;
        if total <= 0.0 { 0.0 } else { (1.0 - (self.idle - before.idle) / total).clamp(0.0, 1.0) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn a_machine_is_busy_by_the_share_that_it_was_not_idle() {
        let before = Ticks::read("cpu  10 0 10 100 0 0\ncpu0 1 2 3 4 5").unwrap();
        let after = Ticks::read("cpu  30 0 30 160 0 0").unwrap();
        assert!((after.busy_since(&before) - 0.4).abs() < 1e-9);
        assert!(before.busy_since(&before).abs() < 1e-9);
        assert!(Ticks::read("intr 1 2").is_none());
    }

    #[test]
    fn what_the_host_kept_is_a_share_of_what_was_asked_for() {
        let before = Ticks::read("cpu  10 0 10 100 0 0 0 5 0 0").unwrap();
        let after = Ticks::read("cpu  30 0 30 900 0 0 0 15 7 0").unwrap();
        assert!((after.stolen_since(&before) - 0.2).abs() < 1e-9, "{after:?}");
        assert!(before.stolen_since(&before).abs() < 1e-9);
    }
}
