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

/// The tables stand between these lines.
const BEGIN: &str = "<!-- The tables of `cargo xtask bench link` begin here. -->";
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
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// The link, beside other Socket.IO clients.
    Link,
}

/// Measures, shows the tables and writes them down.
///
/// # Errors
/// Something cannot be installed, built, run or written.
pub(crate) fn bench(choice: &Choice) -> Result<()> {
    packages::ensure(&[Need::Tests])?;
    install_node_packages()?;
    let What::Link = choice.what;
    child::run(cargo().args(["build", "--release", "--package", "presente-bench"]))?;
    let mut bench = Command::new(target().join("release/presente-bench"));
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
    let page = root().join("docs/BENCHMARKS.md");
    let text = fs::read_to_string(&page).context("cannot read docs/BENCHMARKS.md")?;
    let text = with_tables(&text, &tables).context("docs/BENCHMARKS.md has no place for the tables")?;
    fs::write(&page, text).context("cannot write docs/BENCHMARKS.md")
}

/// The page with other tables.
fn with_tables(page: &str, tables: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", tables.trim()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn only_what_stands_between_the_markers_is_rewritten() {
        let page = format!("above\n{BEGIN}\nold\n{END}\nbelow\n");
        let new = with_tables(&page, "new\n").unwrap();
        assert_eq!(new, format!("above\n{BEGIN}\n\nnew\n\n{END}\nbelow\n"));
        assert_eq!(with_tables(&new, "new").unwrap(), new, "twice is as once");
        assert!(with_tables("no place", "new").is_none());
    }

    #[test]
    fn the_page_in_the_docs_has_a_place_for_the_tables() {
        let page = fs::read_to_string(root().join("docs/BENCHMARKS.md")).unwrap();
        assert!(with_tables(&page, "new").is_some());
    }
}
