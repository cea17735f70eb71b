//! The figures as tables.

use crate::{
    Case, Figures,
    compare::{Comparison, Contestant, Outcome},
    numbers::{Spread, short},
    turns::head,
};
use std::fmt::Write;

/// One figure of a case, as it is shown.
struct Column {
    name: &'static str,
    unit: &'static str,
    value: fn(&Figures) -> f64,
}

const CPU: Column = Column { name: "processor time", unit: "ms", value: |figures| figures.cpu_us / 1000.0 };
const WALL: Column = Column { name: "time", unit: "ms", value: |figures| figures.wall_us / 1000.0 };
const MEMORY: Column = Column { name: "memory", unit: "KiB", value: |figures| figures.pss_kib };

/// All tables, in Markdown.
pub fn markdown(outcome: &Outcome) -> String {
    let rounds = outcome.comparisons.first().map_or(0, |comparison| comparison.rounds.len());
    let mut text = head(rounds, &outcome.noise);
    for comparison in &outcome.comparisons {
        let _ = write!(text, "\n### {}\n\n{}", heading(comparison), table(comparison));
    }
    text
}

fn heading(comparison: &Comparison) -> String {
    let count = comparison.count;
    match comparison.case {
        Case::Connect => format!("Connect, WebSocket at once (each of {count})"),
        Case::Upgrade => format!("Connect, polling first and then the upgrade (each of {count})"),
        Case::BurstDown => format!("{count} events from the server"),
        Case::BurstUp => format!("{count} events to the server"),
        Case::List => format!("One event with {count} people"),
        Case::Idle => format!("Memory of an idle connection (each of {count})"),
    }
}

fn table(comparison: &Comparison) -> String {
    let columns: &[Column] = if comparison.case == Case::Idle { &[MEMORY] } else { &[CPU, WALL] };
    let each = match comparison.case {
        Case::Connect | Case::Upgrade | Case::Idle => f64::from(comparison.count),
        Case::BurstDown | Case::BurstUp | Case::List => 1.0,
    };
    let mut head = String::from("| client |");
    for column in columns {
        let _ = write!(head, " {0}, ours = 1 | {0} |", column.name);
    }
    let rule = format!("|---|{}", "---:|---:|".repeat(columns.len()));
    let mut text = format!("{head}\n{rule}\n");
    for (at, contestant) in Contestant::ALL.into_iter().enumerate() {
        let _ = write!(text, "| {} |", contestant.name());
        for column in columns {
            let of =
                |at: usize| comparison.rounds.iter().filter_map(move |round| round.get(at).map(column.value));
            // Round by round: what one was slowed down by, the other was too.
            let ratio = Spread::of(of(at).zip(of(0)).map(|(theirs, ours)| theirs / ours));
            let absolute = Spread::of(of(at).map(|value| value / each));
            let _ = write!(text, " {} | {} |", short(ratio.median), absolute.tell(column.unit));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_those_of_the_same_round() {
        let figures = |cpu_us| Figures { wall_us: 1000.0, cpu_us, pss_kib: 0.0 };
        let round = |ours: f64| [figures(ours), figures(ours * 3.0), figures(ours / 2.0)];
        let rounds = vec![round(1000.0), round(10_000.0), round(2000.0)];
        let text = table(&Comparison { case: Case::List, count: 1, rounds });
        let rows: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| presente-link | 1.00 | 2.00 ms (1.00–10.0) | 1.00 | 1.00 ms (1.00–1.00) |",
                "| rust_socketio 0.6 | 3.00 | 6.00 ms (3.00–30.0) | 1.00 | 1.00 ms (1.00–1.00) |",
                "| socket.io-client 4.8 (Node) | 0.50 | 1.00 ms (0.50–5.00) | 1.00 | 1.00 ms (1.00–1.00) |",
            ]
        );
    }
}
