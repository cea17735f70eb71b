//! The matrix as a page.

use std::{fmt::Write, time::Duration};

use super::{Client, Figures, Row, Verdict, Way};

/// What came of one row, with one client on one way.
#[derive(Debug, Clone)]
pub struct Played {
    /// The row.
    pub row: &'static Row,
    /// Who played it.
    pub client: Client,
    /// On which way.
    pub way: Way,
    /// How that went.
    pub verdict: Verdict,
}

/// The whole page, in Markdown.
#[must_use]
pub fn page(played: &[Played]) -> String {
    let mut page = String::from(INTRODUCTION);
    // Writing to a string does not fail.
    let _ = results(&mut page, played);
    let _ = failures(&mut page, played);
    let _ = not_offered(&mut page, played);
    let _ = measured(&mut page, played);
    page
}

const INTRODUCTION: &str = "# The matrix that a link is judged by

Written by `cargo xtask matrix`; not to be edited by hand. Every row is played against a real Node `socket.io` 4.8.4
server behind a proxy with faults, by three clients in processes of their own: `presente-link` and `rust_socketio` 0.6
(in its fence) under our supervisor, and `socket.io-client` 4.8.4, left to its own defaults.

Ways: `websocket` and `polling` use one transport only; `upgrade` begins with polling and goes over to WebSocket;
`fallback` begins with WebSocket and takes polling where that does not work.

Every row also ends with these: an event goes there and back, the server has one connection of the client and never
had more, the client's process lives, and the attempts were at most 60 in a minute and about one a second.

";

fn columns() -> impl Iterator<Item = (Client, Way)> {
    Client::ALL.into_iter().flat_map(|client| client.ways().iter().map(move |way| (client, *way)))
}

fn results(page: &mut String, played: &[Played]) -> std::fmt::Result {
    writeln!(page, "## Results\n")?;
    write!(page, "| row | what must hold |")?;
    for (client, way) in columns() {
        write!(page, " {} {} |", client.name(), way.name())?;
    }
    writeln!(page, "\n|---|---|{}", "---|".repeat(columns().count()))?;
    for row in super::all_rows() {
        if !played.iter().any(|it| it.row.slug == row.slug) {
            continue;
        }
        write!(page, "| {} | {} |", row.slug, row.holds)?;
        for (client, way) in columns() {
            let cell = played.iter().find(|it| it.is(row, client, way)).map_or("", |it| mark(&it.verdict));
            write!(page, " {cell} |")?;
        }
        writeln!(page)?;
    }
    writeln!(page, "\nAn empty cell: the row makes no sense on this way.\n")
}

fn mark(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Pass(_) => "pass",
        Verdict::Fail(..) => "**FAIL**",
        Verdict::NotOffered(_) => "not offered",
        Verdict::NotApplicable => "",
    }
}

fn failures(page: &mut String, played: &[Played]) -> std::fmt::Result {
    for client in Client::ALL {
        writeln!(page, "## Where {} fails\n", client.name())?;
        let mut any = false;
        for row in super::all_rows() {
            for (ways, reason) in reasons(played, row, client) {
                any = true;
                writeln!(page, "- **{}** ({ways}): {reason}", row.slug)?;
            }
        }
        writeln!(page, "{}", if any { "" } else { "Nowhere.\n" })?;
    }
    Ok(())
}

/// What failed in a row, ways with the same reason together.
fn reasons(played: &[Played], row: &Row, client: Client) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for it in played.iter().filter(|it| it.row.slug == row.slug && it.client == client) {
        let Verdict::Fail(reason, _) = &it.verdict else { continue };
        let reason = short(reason);
        match found.iter_mut().find(|(_, other)| *other == reason) {
            Some((ways, _)) => *ways = format!("{ways}, {}", it.way.name()),
            None => found.push((it.way.name().to_owned(), reason)),
        }
    }
    found
}

/// The sentence alone, without the last words of a process, as one line that Markdown leaves alone.
fn short(reason: &str) -> String {
    let sentence = ["; at the end:", "; its last words:"].iter().fold(reason, |reason, last_words| {
        reason.split_once(last_words).map_or(reason, |(sentence, _)| sentence)
    });
    let line: String = sentence.chars().map(|c| if c.is_control() { ' ' } else { c }).take(240).collect();
    format!("`{}`", line.replace('`', "'"))
}

fn not_offered(page: &mut String, played: &[Played]) -> std::fmt::Result {
    writeln!(page, "## What is not offered\n")?;
    for client in Client::ALL {
        let mut reasons: Vec<&str> = Vec::new();
        for it in played.iter().filter(|it| it.client == client) {
            if let Verdict::NotOffered(reason) = it.verdict
                && !reasons.contains(&reason)
            {
                reasons.push(reason);
            }
        }
        if !reasons.is_empty() {
            writeln!(page, "- {}: {}", client.name(), reasons.join("; "))?;
        }
    }
    writeln!(page)
}

fn measured(page: &mut String, played: &[Played]) -> std::fmt::Result {
    writeln!(
        page,
        "## Measured\n\nThe worst of all rows that passed, and in which; most live connections of all rows.\n"
    )?;
    writeln!(
        page,
        "| client and way | noticed a silent server | back by itself | back when kicked | most live connections | most attempts in a minute |"
    )?;
    writeln!(page, "|---|---|---|---|---|---|")?;
    for (client, way) in columns() {
        let all: Vec<&Played> = played.iter().filter(|it| it.client == client && it.way == way).collect();
        let passed = |it: &&Played| matches!(it.verdict, Verdict::Pass(_));
        let mine: Vec<&Played> = all.iter().copied().filter(passed).collect();
        let silent = |it: &&Played| SILENT.contains(&it.row.slug);
        let silent: Vec<&Played> = mine.iter().copied().filter(silent).collect();
        writeln!(
            page,
            "| {} {} | {} | {} | {} | {} | {} |",
            client.name(),
            way.name(),
            worst(&silent, |it| it.noticed, seconds),
            worst(&mine, |it| it.back, seconds),
            worst(&mine, |it| it.back_when_kicked, seconds),
            most_live(&all),
            worst(&mine, |it| Some(it.worst_minute), |count| count.to_string()),
        )?;
    }
    let (interval, timeout) = super::stage::QUICK;
    writeln!(
        page,
        "\nServers of the rows about silence ping every {interval} ms and wait {timeout} ms; {:.1} s is allowed there.\n",
        Duration::from_millis(interval + timeout + 1000).as_secs_f64()
    )?;
    for it in played {
        for note in it.verdict.figures().map(|figures| figures.notes.as_slice()).unwrap_or_default() {
            writeln!(page, "- {} {}, {}: {note}", it.client.name(), it.way.name(), it.row.slug)?;
        }
    }
    Ok(())
}

/// The rows in which nobody says goodbye.
const SILENT: [&str; 3] = ["silent-server", "silent-while-emitting", "half-open"];

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

/// The largest figure, and in which row it was seen.
fn worst<T: Ord>(
    played: &[&Played],
    figure: impl Fn(&Figures) -> Option<T>,
    tell: impl Fn(T) -> String,
) -> String {
    let figures = played.iter().filter_map(|it| Some((figure(it.verdict.figures()?)?, it.row.slug)));
    figures.max().map(|(worst, slug)| format!("{} ({slug})", tell(worst))).unwrap_or_default()
}

/// The most connections; where there was never more than one, no row is worth naming.
fn most_live(played: &[&Played]) -> String {
    let most = worst(played, |it| (it.most_live > 1).then_some(it.most_live), |live| live.to_string());
    if most.is_empty() && !played.is_empty() { "1".to_owned() } else { most }
}

impl Played {
    fn is(&self, row: &Row, client: Client, way: Way) -> bool {
        self.row.slug == row.slug && self.client == client && self.way == way
    }
}
