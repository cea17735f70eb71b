//! The figures as tables.

use crate::{
    Case, Figures,
    compare::{Comparison, Contestant, Outcome},
    machine,
};
use std::fmt::Write;

/// Median, smallest and largest of some numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    fn of(numbers: impl Iterator<Item = f64>) -> Self {
        let mut numbers: Vec<f64> = numbers.collect();
        numbers.sort_by(f64::total_cmp);
        let at = |index: usize| numbers.get(index).copied().unwrap_or(f64::NAN);
        let (count, half) = (numbers.len(), numbers.len() / 2);
        let median =
            if count % 2 == 1 { at(half) } else { f64::midpoint(at(half.wrapping_sub(1)), at(half)) };
        Self { median, least: at(0), most: at(count.wrapping_sub(1)) }
    }

    fn tell(self, unit: &str) -> String {
        let [median, least, most] = [self.median, self.least, self.most].map(short);
        format!("{median} {unit} ({least}–{most})")
    }
}

/// A number with three digits that mean something.
fn short(number: f64) -> String {
    match number.abs() {
        size if size >= 99.95 => format!("{number:.0}"),
        size if size >= 9.995 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

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
pub fn markdown(outcome: &Outcome, quick: bool) -> String {
    let mut text = String::new();
    let rounds = outcome.comparisons.first().map_or(0, |comparison| comparison.rounds.len());
    let kind = if quick { "A quick look, once" } else { "In turns" };
    let rounds = if quick { String::new() } else { format!(", {rounds} rounds") };
    let _ = writeln!(
        text,
        "{}. {kind}{rounds}: medians, and in brackets the smallest and the largest.",
        machine::description(),
    );
    if !outcome.noise.is_empty() {
        let noise = Spread::of(outcome.noise.iter().map(|busy| busy * 100.0)).tell("%");
        let _ =
            writeln!(text, "Just before each measurement the machine was {noise} busy with other things.");
    }
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
    fn the_middle_and_the_ends_of_numbers_are_told() {
        let spread = |numbers: &[f64]| Spread::of(numbers.iter().copied()).tell("ms");
        assert_eq!(spread(&[3.0, 1.0, 2.0]), "2.00 ms (1.00–3.00)");
        assert_eq!(spread(&[4.0, 1.0]), "2.50 ms (1.00–4.00)");
        assert_eq!(spread(&[123.4]), "123 ms (123–123)");
    }

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
