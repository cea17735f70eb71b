//! A program with all the processes that it has started: what they take together.

use crate::{numbers::float, server::host::cpu};
use anyhow::{Context, Result};
use presente_tests::{descendants, pss_by_process, pss_kib};
use std::{collections::BTreeMap, fs, time::Duration};
use tokio::time::{Instant, sleep};

/// What a family takes while nothing happens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rest {
    /// Memory, what is shared with other programs counted in part; MiB.
    pub memory: f64,
    /// Processor time, as a share of one processor; per cent.
    pub cpu: f64,
    /// How often one of its threads woke up, each second.
    pub wakes: f64,
}

/// Measures a family for so long.
///
/// # Errors
/// The program has ended.
pub(super) async fn rest(pid: u32, time: Duration) -> Result<Rest> {
    let memory = mib(pss_kib(pid)?);
    let (begin, cpu, woke) = (Instant::now(), processor_time(pid)?, wakes(pid));
    sleep(time).await;
    let seconds = begin.elapsed().as_secs_f64();
    let cpu = processor_time(pid)?.saturating_sub(cpu).as_secs_f64() / seconds * 100.0;
    let woke = float(woken(&woke, &wakes(pid)));
    Ok(Rest { memory, cpu, wakes: woke / seconds })
}

/// Memory by the names of the processes, MiB: to see where it is.
pub(super) fn by_name(pid: u32) -> BTreeMap<String, f64> {
    let mut all = BTreeMap::new();
    for (name, kib) in pss_by_process(pid) {
        *all.entry(name).or_default() += mib(kib);
    }
    all
}

pub(super) fn mib(kib: u64) -> f64 {
    float(kib) / 1024.0
}

/// The processor time that a family has taken so far, the system's work for it included.
///
/// # Errors
/// The program has ended.
pub(super) fn processor_time(pid: u32) -> Result<Duration> {
    let ticks = rustix::param::clock_ticks_per_second();
    let of = |pid: u32| cpu(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?, ticks);
    let own = of(pid).with_context(|| format!("no processor time of process {pid}"))?;
    Ok(own + descendants(pid).into_iter().filter_map(of).sum::<Duration>())
}

/// How often each thread that is there has gone to sleep of its own accord, which is how often it woke up; by its number.
fn wakes(pid: u32) -> BTreeMap<String, u64> {
    let threads = |pid: u32| fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let of = |thread: fs::DirEntry| {
        let status = fs::read_to_string(thread.path().join("status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
        Some((thread.file_name().to_string_lossy().into_owned(), line.trim().parse().ok()?))
    };
    std::iter::once(pid).chain(descendants(pid)).flat_map(threads).filter_map(of).collect()
}

/// How often they woke up since; threads that have ended meanwhile take what they did with them.
fn woken(before: &BTreeMap<String, u64>, now: &BTreeMap<String, u64>) -> u64 {
    now.iter().map(|(thread, count)| count.saturating_sub(before.get(thread).copied().unwrap_or(0))).sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[tokio::test]
    async fn this_very_program_takes_memory_and_time_and_wakes_up() {
        let me = std::process::id();
        let rest = rest(me, Duration::from_millis(20)).await.unwrap();
        assert!(rest.memory > 0.1 && !wakes(me).is_empty(), "{rest:?}");
        assert!(!by_name(me).is_empty());
    }

    #[test]
    fn threads_may_come_and_go_while_they_are_counted() {
        let counts =
            |threads: &[(&str, u64)]| threads.iter().map(|(id, count)| ((*id).to_owned(), *count)).collect();
        assert_eq!(woken(&counts(&[("1", 10), ("2", 500)]), &counts(&[("1", 13), ("3", 4)])), 7);
    }
}
