//! A process measures itself: time, processor time, memory.

use crate::Figures;
use anyhow::{Context, Result};
use rustix::{
    process::{Resource, Rlimit, getrlimit, setrlimit},
    time::{ClockId, clock_gettime},
};
use std::time::{Duration, Instant};

/// A measurement that has begun.
#[derive(Debug)]
pub struct Meter {
    began: Instant,
    cpu_before: Duration,
    pss_before: f64,
    wall: Option<Duration>,
}

impl Meter {
    /// Begins.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn begin() -> Result<Self> {
        let pss_before = pss_kib()?;
        Ok(Self { cpu_before: cpu(), pss_before, began: Instant::now(), wall: None })
    }

    /// The wall's clock stops here; processor time and memory still count.
    pub fn stop_clock(&mut self) {
        self.wall = Some(self.began.elapsed());
    }

    /// Ends.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn end(self) -> Result<Figures> {
        let wall = self.wall.unwrap_or_else(|| self.began.elapsed());
        let cpu = cpu().saturating_sub(self.cpu_before);
        let pss_kib = pss_kib()? - self.pss_before;
        Ok(Figures { wall_us: wall.as_secs_f64() * 1e6, cpu_us: cpu.as_secs_f64() * 1e6, pss_kib })
    }
}

/// The processor time of this process, all its threads and those that have ended.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let part = |value: i64| u64::try_from(value).unwrap_or_default();
    Duration::from_secs(part(time.tv_sec)) + Duration::from_nanos(part(time.tv_nsec))
}

/// The memory of this process.
fn pss_kib() -> Result<f64> {
    let rollup =
        std::fs::read_to_string("/proc/self/smaps_rollup").context("the system does not tell of memory")?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).context("no PSS is told")?;
    line.trim().trim_end_matches(" kB").parse().context("the PSS is no number")
}

/// Lets this process have as many open files as the system allows it.
///
/// # Errors
/// The system does not.
pub fn allow_many_files() -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).context("no more open files")
}
