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

/// What the processors have done since the machine was started.
#[derive(Debug, PartialEq)]
struct Ticks {
    idle: f64,
    total: f64,
}

impl Ticks {
    fn now() -> Result<Self> {
        let stat = fs::read_to_string("/proc/stat").context("the system does not tell what it does")?;
        Self::read(&stat).context("the system tells what it does in other words")
    }

    /// Reads `cpu  user nice system idle iowait …`.
    fn read(stat: &str) -> Option<Self> {
        let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
        let ticks: Vec<f64> = line.split_whitespace().map_while(|word| word.parse().ok()).collect();
        Some(Self { idle: ticks.get(3)? + ticks.get(4)?, total: ticks.iter().sum() })
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
}
