//! The figures as tables.

use super::{
    Subject,
    many::{Frames, Many},
    rest::Rest,
    run::{Figures, Outcome, Plan},
};
use crate::{
    numbers::{Percentiles, Spread, short},
    turns::head,
};
use std::fmt::Write;

/// A frame that took longer has missed its place on a screen of 60 pictures a second: the next one is due after 33 ms.
pub(super) const MISSED: f64 = 25.0;

/// Where the figures of a round are found; none where nothing was measured.
type Values = Box<dyn Fn(&Figures) -> Vec<f64>>;

/// One figure, as it is shown.
struct Column {
    name: &'static str,
    unit: &'static str,
    /// How many times less than the first row's it is, is told too.
    compared: bool,
    values: Values,
}

fn column(
    name: &'static str,
    unit: &'static str,
    compared: bool,
    values: impl Fn(&Figures) -> Vec<f64> + 'static,
) -> Column {
    Column { name, unit, compared, values: Box::new(values) }
}

fn of_rest(
    name: &'static str,
    unit: &'static str,
    compared: bool,
    value: impl Fn(&Rest) -> f64 + 'static,
) -> Column {
    column(name, unit, compared, move |figures| figures.rest.iter().map(&value).collect())
}

/// All tables, in Markdown.
pub fn markdown(plan: &Plan, outcome: &Outcome) -> String {
    let mut text = head(outcome.rounds.len(), &outcome.noise);
    if plan.rest.is_some() {
        let _ = write!(text, "\n### Memory, {} people online\n\n", plan.people);
        text += &table(plan, outcome, &memory());
        text += &where_it_is(plan, outcome);
        let _ = write!(text, "\n### While nothing happens, {} people online\n\n", plan.people);
        text += &table(plan, outcome, &idle());
    }
    if plan.starts > 0 {
        let _ = write!(text, "\n### Start, {} people online\n\n", plan.people);
        text += &table(plan, outcome, &start());
    }
    if plan.alerts > 0 {
        text += &notifications(plan, outcome);
    }
    if let (Some(size), Some(many)) = (plan.many, &outcome.many) {
        let _ = write!(text, "\n### {} contacts\n\n", size.people);
        text += &very_many(many, size.changes);
    }
    text
}

fn memory() -> [Column; 2] {
    [
        of_rest("in the tray", "MiB", true, |rest| rest.away.memory),
        of_rest("window open", "MiB", true, |rest| rest.open.memory),
    ]
}

/// In which processes the memory is, in the last round.
fn where_it_is(plan: &Plan, outcome: &Outcome) -> String {
    let mut text =
        String::from("\n| program | window | by the names of its processes, MiB |\n|---|---|---|\n");
    let last = outcome.rounds.last().into_iter().flatten();
    let subjects = plan.subjects.iter().zip(last).filter(|(subject, _)| **subject != Subject::Plugin);
    for (subject, figures) in subjects {
        for (window, parts) in
            figures.rest.iter().flat_map(|rest| ["open", "away"].into_iter().zip(&rest.where_it_is))
        {
            let parts: Vec<_> = parts.iter().map(|(name, mib)| format!("{name} {}", short(*mib))).collect();
            let _ = writeln!(text, "| {} | {window} | {} |", subject.name(), parts.join(", "));
        }
    }
    text
}

fn idle() -> [Column; 4] {
    [
        of_rest("processor, in the tray", "%", true, |rest| rest.away.cpu),
        of_rest("processor, window open", "%", true, |rest| rest.open.cpu),
        of_rest("wakes up in a second, in the tray", "", false, |rest| rest.away.wakes),
        of_rest("window open", "", false, |rest| rest.open.wakes),
    ]
}

fn start() -> [Column; 3] {
    [
        column("people on the screen", "ms", true, |figures| {
            figures.starts.iter().map(|start| start.people).collect()
        }),
        column("icon in the tray", "ms", false, |figures| {
            figures.starts.iter().filter_map(|start| start.icon).collect()
        }),
        column("processor time kept by the host", "%", false, |figures| {
            figures.starts.iter().map(|start| start.stolen * 100.0).collect()
        }),
    ]
}

/// What this program has of a figure in all rounds.
fn all(outcome: &Outcome, at: usize, values: &Values) -> Vec<f64> {
    outcome.rounds.iter().filter_map(|round| round.get(at)).flat_map(values).collect()
}

fn table(plan: &Plan, outcome: &Outcome, columns: &[Column]) -> String {
    let (mut text, mut rule) = (String::from("| program |"), String::from("|---|"));
    for column in columns {
        let _ = write!(text, " {} |", column.name);
        rule += "---:|";
        if column.compared {
            text += " less |";
            rule += "---:|";
        }
    }
    let _ = writeln!(text, "\n{rule}");
    for (at, subject) in plan.subjects.iter().enumerate().filter(|(_, subject)| **subject != Subject::Plugin)
    {
        let _ = write!(text, "| {} |", subject.name());
        for column in columns {
            let spread = |at| Spread::of(all(outcome, at, &column.values).into_iter());
            let (first, this) = (spread(0), spread(at));
            text += &if this.median.is_nan() {
                " – |".to_owned()
            } else {
                format!(" {} |", this.tell(column.unit))
            };
            if column.compared {
                let ratio = first.median / this.median;
                text +=
                    &if ratio.is_finite() { format!(" {}× |", short(ratio)) } else { " – |".to_owned() };
            }
        }
        text.push('\n');
    }
    text
}

fn notifications(plan: &Plan, outcome: &Outcome) -> String {
    let rounds = outcome.rounds.len();
    let mut text =
        format!("\n### From the server's word to the notification, {} times\n\n", plan.alerts * rounds);
    text += "| program | half within | 99 % within | all within |\n|---|---:|---:|---:|\n";
    for (at, subject) in plan.subjects.iter().enumerate() {
        let values: Values = Box::new(|figures| figures.alerts.clone());
        let times = all(outcome, at, &values);
        let most = times.iter().copied().fold(f64::NAN, f64::max);
        let Percentiles { p50, p99 } = Percentiles::of(times);
        let [p50, p99, most] = [p50, p99, most].map(short);
        let _ = writeln!(text, "| {} | {p50} ms | {p99} ms | {most} ms |", subject.name());
    }
    text
}

fn very_many(many: &Many, changes: usize) -> String {
    let mut text = String::from(
        "| while | pictures | half within | 99 % within | longest | missed | processor time kept by the host |\n\
         |---|---:|---:|---:|---:|---:|---:|\n",
    );
    let rows = [
        ("nothing happens", &many.still),
        ("somebody scrolls", &many.scrolling),
        ("100 people a second come or go", &many.changing),
        ("both", &many.both),
    ];
    for (name, frames) in rows {
        text += &row(name, frames);
    }
    let page = many.page.iter().map(|mib| format!("{mib:.0}")).collect::<Vec<_>>().join(", ");
    let [all, all_after] = many.all.map(short);
    let _ = write!(
        text,
        "\n| what | figure |\n|---|---:|\n\
         | from the start to the whole list | {} s |\n\
         | longest message to the page | {} characters |\n\
         | messages to the page in a second while 100 people came or went in each | {} |\n\
         | processor time of all processes meanwhile | {} % |\n\
         | the page before {changes} changes in {} s, after each tenth of them, and in the end | {page} MiB |\n\
         | all processes before and after | {all} MiB, {all_after} MiB |\n",
        short(many.until_listed),
        short(many.longest_message),
        short(many.messages),
        short(many.cpu),
        short(many.took),
    );
    text
}

fn row(name: &str, frames: &Frames) -> String {
    let most = frames.times.iter().copied().fold(f64::NAN, f64::max);
    let Percentiles { p50, p99 } = Percentiles::of(frames.times.clone());
    let [p50, p99, most, missed, stolen] =
        [p50, p99, most, frames.over(MISSED), frames.stolen * 100.0].map(short);
    let count = frames.times.len();
    format!("| {name} | {count} | {p50} ms | {p99} ms | {most} ms | {missed} % | {stolen} % |\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desktop::{rest, start::Start};
    use std::time::Duration;

    fn figures(memory: f64, people: f64, alert: f64) -> Figures {
        let at_rest = rest::Figures { memory, cpu: 0.1, wakes: 2.0 };
        let where_it_is = [std::collections::BTreeMap::new(), std::collections::BTreeMap::new()];
        Figures {
            rest: Some(Rest { open: at_rest, away: at_rest, where_it_is }),
            starts: vec![Start { icon: None, people, stolen: 0.0 }],
            alerts: vec![alert, alert * 2.0],
        }
    }

    #[test]
    fn each_program_is_compared_with_the_first() {
        let round = |memory: f64| vec![figures(memory, 900.0, 8.0), figures(memory / 10.0, 300.0, 2.0)];
        let outcome =
            Outcome { rounds: vec![round(300.0), round(310.0), round(290.0)], ..Outcome::default() };
        let subjects = vec![Subject::Chromium, Subject::Presente];
        let times = rest::Times { settle: Duration::ZERO, idle: Duration::ZERO };
        let plan = Plan { subjects, rest: Some(times), many: None, ..Plan::full(3) };
        let text = markdown(&plan, &outcome);
        let row = "| presente | 30.0 MiB (29.0–31.0) | 10.0× | 30.0 MiB (29.0–31.0) | 10.0× |";
        assert!(text.contains(row), "{text}");
        assert!(text.contains("| presente | 300 ms (300–300) | 3.00× | – | 0.00 % (0.00–0.00) |"), "{text}");
        assert!(text.contains("| a page in Chromium | 8.00 ms | 16.0 ms | 16.0 ms |"), "{text}");
        assert!(text.contains("300 times"), "{text}");
    }

    #[test]
    fn what_the_plug_in_does_not_change_is_not_shown_of_it() {
        let outcome = Outcome {
            rounds: vec![vec![figures(1.0, 1.0, 1.0), figures(1.0, 1.0, 1.0)]],
            ..Outcome::default()
        };
        let subjects = vec![Subject::Chromium, Subject::Plugin];
        let plan = Plan { subjects, many: None, ..Plan::smallest() };
        let text = markdown(&plan, &outcome);
        assert_eq!(text.matches(Subject::Plugin.name()).count(), 1, "{text}");
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    }
}
