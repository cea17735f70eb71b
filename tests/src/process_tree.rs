//! Which processes belong to one, and how much memory they take together; read from `/proc`.

use std::fs;

use anyhow::{Context, Result};

/// One process. The time it started tells it from a later one that was given the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) pid: u32,
    parent: u32,
    started: u64,
}

impl Member {
    fn of(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in brackets may hold anything, blanks and brackets too.
        let (_, after_name) = stat.rsplit_once(')')?;
        let mut fields = after_name.split_whitespace();
        let state = fields.next()?;
        let parent = fields.next()?.parse().ok()?;
        let started = fields.nth(17)?.parse().ok()?;
        (state != "Z").then_some(Self { pid, parent, started })
    }

    pub(crate) fn is_alive(self) -> bool {
        Self::of(self.pid).is_some_and(|now| now.started == self.started)
    }
}

/// Children, their children, and so on; without `pid` itself.
pub(crate) fn members_below(pid: u32) -> Vec<Member> {
    let everybody: Vec<Member> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(Member::of)
        .collect();
    let mut found: Vec<Member> = Vec::new();
    let mut parents = vec![pid];
    while let Some(parent) = parents.pop() {
        for child in everybody.iter().filter(|member| member.parent == parent) {
            found.push(*child);
            parents.push(child.pid);
        }
    }
    found
}

/// The numbers of all processes that `pid` started, and that these started.
#[must_use]
pub fn descendants(pid: u32) -> Vec<u32> {
    members_below(pid).into_iter().map(|member| member.pid).collect()
}

/// Memory of `pid` and all its descendants in KiB, what they share with others counted by its share (PSS).
///
/// # Errors
/// When `pid` itself cannot be read: it has ended, or is somebody else's. Descendants that end meanwhile count nothing.
pub fn pss_kib(pid: u32) -> Result<u64> {
    let own = pss_of_one(pid).with_context(|| format!("no memory figures of process {pid}"))?;
    Ok(own + descendants(pid).into_iter().filter_map(pss_of_one).sum::<u64>())
}

/// The same for each process, with its name: to see where the memory is.
#[must_use]
pub fn pss_by_process(pid: u32) -> Vec<(String, u64)> {
    let name =
        |pid: u32| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim().to_owned();
    let pids = std::iter::once(pid).chain(descendants(pid));
    pids.filter_map(|pid| Some((name(pid), pss_of_one(pid)?))).collect()
}

fn pss_of_one(pid: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn this_very_process_takes_memory_and_is_alive() {
        let me = std::process::id();
        assert!(pss_kib(me).unwrap() > 100, "a test program takes more than 100 KiB");
        assert!(Member::of(me).unwrap().is_alive());
    }

    #[test]
    fn a_process_that_does_not_exist_has_no_memory_figures() {
        assert!(pss_kib(u32::MAX).is_err());
    }
}
