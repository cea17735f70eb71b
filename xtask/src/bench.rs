//! The benchmark: builds it as what is shipped is built, runs it, and keeps its tables in docs/BENCHMARKS.md.

use std::{
    fs,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::{
    child::{self, cargo},
    packages::{self, Need},
    root, target,
    test::install_node_packages,
};

/// The tables stand between a line of their own ([`What::begin`]) and the next one like this.
const END: &str = "<!-- They end here. -->";

/// What to measure, and how thoroughly.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// What to measure.
    what: What,
    /// Once, with less; for a look.
    #[arg(long)]
    quick: bool,
    /// How often everything is measured.
    #[arg(long, conflicts_with = "quick")]
    rounds: Option<u32>,
    /// With programs as they are built for tests: whether it works. Nothing is written down.
    #[arg(long)]
    debug_builds: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// The link, beside other Socket.IO clients.
    Link,
    /// The server, beside a Node server of the same dialect.
    Server,
    /// The app, beside a page in a browser; and with very many contacts.
    Desktop,
}

impl What {
    /// The line above its tables.
    fn begin(self) -> &'static str {
        match self {
            Self::Link => "<!-- The tables of `cargo xtask bench link` begin here. -->",
            Self::Server => "<!-- The tables of `cargo xtask bench server` begin here. -->",
            Self::Desktop => "<!-- The tables of `cargo xtask bench desktop` begin here. -->",
        }
    }

    /// The program that measures it.
    fn program(self) -> &'static str {
        match self {
            Self::Link => "presente-bench",
            Self::Server => "bench-server",
            Self::Desktop => "bench-desktop",
        }
    }

    /// What is built for it, one command after the other: what is measured is built as it is shipped, by itself.
    fn builds(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Link => &[&["--package", "presente-bench"]],
            Self::Server => &[&["--package", "presente-bench", "--package", "presente-server"]],
            Self::Desktop => &[
                &["--package", "presente", "--features", "tauri/custom-protocol"],
                &["--package", "presente-bench", "--package", "presente-server"],
            ],
        }
    }

    /// What the system must bring along.
    fn needs(self) -> &'static [Need] {
        match self {
            Self::Link | Self::Server => &[Need::Tests],
            Self::Desktop => &[Need::App, Need::InvisibleScreen, Need::Tests],
        }
    }
}

/// Measures, shows the tables and writes them down.
///
/// # Errors
/// Something cannot be installed, built, run or written.
pub(crate) fn bench(choice: &Choice) -> Result<()> {
    packages::ensure(choice.what.needs())?;
    install_node_packages()?;
    let (profile, folder) = if choice.debug_builds { ("dev", "debug") } else { ("release", "release") };
    for build in choice.what.builds() {
        child::run(cargo().args(["build", "--bins", "--profile", profile]).args(*build))?;
    }
    let mut bench = Command::new(target().join(folder).join(choice.what.program()));
    if choice.quick {
        bench.arg("--quick");
    }
    if let Some(rounds) = choice.rounds {
        bench.arg("--rounds").arg(rounds.to_string());
    }
    let output = bench.stderr(Stdio::inherit()).output().context("cannot run the benchmark")?;
    if !output.status.success() {
        bail!("the benchmark failed ({})", output.status);
    }
    let tables = String::from_utf8(output.stdout).context("the tables are not text")?;
    println!("{tables}");
    if choice.debug_builds {
        return Ok(());
    }
    let page = root().join("docs/BENCHMARKS.md");
    let text = fs::read_to_string(&page).context("cannot read docs/BENCHMARKS.md")?;
    let text =
        with_tables(&text, choice.what, &tables).context("docs/BENCHMARKS.md has no place for the tables")?;
    fs::write(&page, text).context("cannot write docs/BENCHMARKS.md")
}

/// The page with other tables.
fn with_tables(page: &str, what: What, tables: &str) -> Option<String> {
    let begin = what.begin();
    let (before, rest) = page.split_once(begin)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{begin}\n\n{}\n\n{END}{after}", tables.trim()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn only_what_stands_between_the_markers_is_rewritten() {
        let (link, server) = (What::Link.begin(), What::Server.begin());
        let page = format!("above\n{server}\nold\n{END}\nbetween\n{link}\nother\n{END}\nbelow\n");
        let new = with_tables(&page, What::Server, "new\n").unwrap();
        let expected = format!("above\n{server}\n\nnew\n\n{END}\nbetween\n{link}\nother\n{END}\nbelow\n");
        assert_eq!(new, expected);
        assert_eq!(with_tables(&new, What::Server, "new").unwrap(), new, "twice is as once");
        assert!(with_tables(&new, What::Link, "new").unwrap().contains("between"));
        assert!(with_tables("no place", What::Link, "new").is_none());
    }

    #[test]
    fn the_page_in_the_docs_has_a_place_for_all_tables() {
        let page = fs::read_to_string(root().join("docs/BENCHMARKS.md")).unwrap();
        for what in What::value_variants() {
            assert!(with_tables(&page, *what, "new").is_some(), "{what:?}");
        }
    }
}
