//! The figures as a page.

use std::{fmt::Write as _, time::Duration};

use super::{Case, Ghost};

const INTRODUCTION: &str = "# How long ghosts last

Written by `cargo xtask ghosts`; not to be edited by hand. Somebody goes without saying so, and is still shown: for how
long, at most, and usually? *On screen* is the list of another person at an unmodified `socket.io-client`; *in the
database* is `is_connected`, read past the server. Both are looked at about every 30 ms, and what counts is when somebody
was seen last. Those who go do so at any moment of the heartbeat. Programs are debug builds.

A server alone keeps its accounts in SQLite; three nodes stand on one PostgreSQL and one Redis, and each node is the
one that is killed in turn. A cable leads to a network namespace, in which the client runs; it is cut at the client's
end.

| what happens | runs | on screen: median | worst | in the database: median | worst | allowed | |
|---|---|---|---|---|---|---|---|
";

/// The whole page, in Markdown.
#[must_use]
pub fn page(played: &[(Case, Vec<Ghost>)]) -> String {
    let mut page = String::from(INTRODUCTION);
    for (case, ghosts) in played {
        let screen: Vec<Duration> = ghosts.iter().map(|ghost| ghost.on_screen).collect();
        let database: Vec<Duration> = ghosts.iter().map(|ghost| ghost.in_database).collect();
        // Writing to a string does not fail.
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            case.story(),
            ghosts.len(),
            seconds(median(&screen)),
            seconds(worst(&screen)),
            seconds(median(&database)),
            seconds(worst(&database)),
            seconds(case.allowed()),
            if within(*case, ghosts) { "holds" } else { "**does not hold**" },
        );
    }
    page
}

/// Whether none lasted longer than is allowed.
#[must_use]
pub fn within(case: Case, ghosts: &[Ghost]) -> bool {
    ghosts.iter().all(|ghost| ghost.longest() <= case.allowed())
}

fn worst(times: &[Duration]) -> Duration {
    times.iter().max().copied().unwrap_or_default()
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    let middle = times.len() / 2;
    let upper = times.get(middle).copied().unwrap_or_default();
    if times.len() % 2 == 1 {
        return upper;
    }
    let lower = middle.checked_sub(1).and_then(|index| times.get(index)).copied().unwrap_or_default();
    (lower + upper) / 2
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ghost(on_screen: u64, in_database: u64) -> Ghost {
        Ghost { on_screen: Duration::from_secs(on_screen), in_database: Duration::from_secs(in_database) }
    }

    #[test]
    fn the_page_has_medians_the_worst_and_whether_the_bound_holds() {
        let page = page(&[
            (Case::NodeKilled, vec![ghost(1, 2), ghost(3, 4), ghost(2, 3)]),
            (Case::ServerKilled, vec![ghost(1, 6), ghost(2, 2)]),
        ]);
        assert!(page.contains("| 3 | 2.0 s | 3.0 s | 3.0 s | 4.0 s | 5.0 s | holds |"), "{page}");
        assert!(page.contains("| 2 | 1.5 s | 2.0 s | 4.0 s | 6.0 s | 5.0 s | **does not hold** |"), "{page}");
    }
}
