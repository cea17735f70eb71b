//! The figures as tables.

use super::run::{Figures, Outcome, Plan};
use crate::{
    numbers::{Spread, short},
    turns::head,
};
use std::fmt::Write;

/// Where a figure is found; nothing where it was not measured.
type Value = Box<dyn Fn(&Figures) -> Option<f64>>;

/// One figure, as it is shown.
struct Column {
    name: &'static str,
    unit: &'static str,
    /// Heading of how many times less than the first row's it is; nothing where that is not told.
    less: Option<&'static str>,
    value: Value,
}

fn column(
    name: &'static str,
    unit: &'static str,
    less: Option<&'static str>,
    value: impl Fn(&Figures) -> Option<f64> + 'static,
) -> Column {
    Column { name, unit, less, value: Box::new(value) }
}

/// All tables, in Markdown.
pub fn markdown(plan: &Plan, outcome: &Outcome) -> String {
    let mut text = head(outcome.rounds.len(), &outcome.noise);
    for (at, count) in plan.storms.iter().enumerate() {
        let storm = move |figures: &Figures| figures.storms.get(at).copied();
        let columns = [
            column("bytes", "MB", Some("fewer bytes"), move |figures| {
                storm(figures).map(|storm| storm.bytes / 1e6)
            }),
            column("processor time of the server", "s", Some("less"), move |figures| {
                storm(figures).map(|storm| storm.cpu)
            }),
            column("until all have the list", "s", None, move |figures| {
                storm(figures).map(|storm| storm.consistent)
            }),
        ];
        let _ = write!(text, "\n### {count} come back at once\n\n{}", table(plan, outcome, &columns));
    }
    if let Some(size) = plan.large {
        let _ = write!(text, "\n### {} idle sockets\n\n", size.sockets);
        text += &table(plan, outcome, &[memory()]);
        let _ = write!(text, "\n### {} sockets, {} people, one change\n\n", size.sockets, size.people);
        text += &table(plan, outcome, &change());
    }
    if let Some(size) = plan.stalled {
        let _ = write!(text, "\n### {} listen, {} never read\n\n", size.listeners, size.stalled);
        text += &table(plan, outcome, &never_read());
    }
    text
}

fn memory() -> Column {
    column("memory of a socket", "KiB", Some("less"), |figures| figures.large.map(|large| large.memory))
}

fn change() -> [Column; 3] {
    [
        column("half know after", "ms", None, |figures| figures.large.map(|large| large.change.p50 * 1e3)),
        column("99 % know after", "ms", None, |figures| figures.large.map(|large| large.change.p99 * 1e3)),
        column("bytes", "MB", Some("fewer bytes"), |figures| figures.large.map(|large| large.bytes / 1e6)),
    ]
}

fn never_read() -> [Column; 3] {
    [
        column("99 % know after", "ms", None, |figures| figures.stalled.map(|seen| seen.without * 1e3)),
        column("with the others", "ms", None, |figures| figures.stalled.map(|seen| seen.with * 1e3)),
        column("times as long", "×", None, |figures| figures.stalled.map(|seen| seen.with / seen.without)),
    ]
}

fn table(plan: &Plan, outcome: &Outcome, columns: &[Column]) -> String {
    let (mut text, mut rule) = (String::from("| server and clients |"), String::from("|---|"));
    for column in columns {
        if let Some(less) = column.less {
            let _ = write!(text, " {less} |");
            rule += "---:|";
        }
        let _ = write!(text, " {} |", column.name);
        rule += "---:|";
    }
    let _ = writeln!(text, "\n{rule}");
    for (at, contestant) in plan.contestants.iter().enumerate() {
        let _ = write!(text, "| {} |", contestant.name());
        for column in columns {
            let of = |at: usize| {
                let rounds = outcome.rounds.iter();
                rounds.map(move |round| round.get(at).and_then(&column.value).unwrap_or(f64::NAN))
            };
            if column.less.is_some() {
                // Round by round: what one was slowed down by, the other was too.
                let ratios = Spread::of(of(0).zip(of(at)).map(|(first, this)| first / this));
                // What is too little to be seen has no proportion.
                let seen = ratios.median.is_finite() && ratios.median > 0.0;
                let _ =
                    if seen { write!(text, " {}× |", short(ratios.median)) } else { write!(text, " – |") };
            }
            let _ = write!(text, " {} |", Spread::of(of(at)).tell(column.unit));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::{Contestant, storm::Storm};
    use crate::turns::Noise;

    #[test]
    fn ratios_are_those_of_the_same_round() {
        let figures = |bytes: f64| Figures {
            storms: vec![Storm { bytes: bytes * 1e6, cpu: 1.0, consistent: 2.0 }],
            ..Figures::default()
        };
        let round = |bytes: f64| vec![figures(bytes), figures(bytes / 10.0)];
        let outcome =
            Outcome { rounds: vec![round(100.0), round(3.0), round(1000.0)], noise: Noise::default() };
        let contestants = vec![Contestant::Node, Contestant::Unchanged];
        let plan = Plan { storms: vec![300], large: None, stalled: None, contestants, ..Plan::full(3) };
        let text = markdown(&plan, &outcome);
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
        assert_eq!(
            rows,
            [
                "| server and clients | fewer bytes | bytes | less | processor time of the server | until all have the list |",
                "| Node, unchanged clients | 1.00× | 100 MB (3.00–1000) | 1.00× | 1.00 s (1.00–1.00) | 2.00 s (2.00–2.00) |",
                "| presente-server, unchanged clients | 10.0× | 10.0 MB (0.30–100) | 1.00× | 1.00 s (1.00–1.00) | 2.00 s (2.00–2.00) |",
            ]
        );
    }
}
