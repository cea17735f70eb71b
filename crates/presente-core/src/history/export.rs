//! History as a file to take away: CSV for spreadsheets, JSON for programs.

use super::{Exported, Span, SpanState};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
};
use tokio::{fs::File, io::AsyncWriteExt as _};

/// How many names are tried for a new file.
const NAMES: u32 = 1_000;
const COLUMNS: &str = "server,account,person,name,state,from,until\r\n";

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// A table, as spreadsheets read it.
    Csv,
    /// An array of objects.
    Json,
}

impl ExportFormat {
    fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExportedSpan {
    pub(super) server: String,
    pub(super) account: String,
    pub(super) person: String,
    pub(super) name: String,
    pub(super) span: Span,
}

/// A file that is being written. One that is not finished is removed.
#[derive(Debug)]
pub(super) struct NewFile {
    file: File,
    path: tempfile::TempPath,
    format: ExportFormat,
    spans: usize,
}

impl NewFile {
    /// Creates a file of this day in a folder, under a name that is free.
    pub(super) async fn create(folder: &Path, day: Date, format: ExportFormat) -> io::Result<Self> {
        tokio::fs::create_dir_all(folder).await?;
        let mut options = tokio::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        for number in 1..=NAMES {
            let name = if number == 1 { String::new() } else { format!("-{number}") };
            let path = folder.join(format!("presente-{day}{name}.{}", format.extension()));
            match options.open(&path).await {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                Ok(mut file) => {
                    let path = tempfile::TempPath::try_from_path(path)?;
                    let begin = if format == ExportFormat::Csv { COLUMNS } else { "[" };
                    file.write_all(begin.as_bytes()).await?;
                    return Ok(Self { file, path, format, spans: 0 });
                }
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes more spans.
    pub(super) async fn write(&mut self, spans: &[ExportedSpan], zone: &TimeZone) -> io::Result<()> {
        let mut text = String::new();
        for span in spans {
            match self.format {
                ExportFormat::Csv => text.push_str(&csv_line(span, zone)),
                ExportFormat::Json => {
                    text.push_str(if self.spans == 0 { "\n" } else { ",\n" });
                    // Writing to a string does not fail.
                    let _ = write!(text, "{}", json_object(span, zone));
                }
            }
            self.spans += 1;
        }
        self.file.write_all(text.as_bytes()).await
    }

    /// Ends it.
    pub(super) async fn finish(mut self) -> io::Result<Exported> {
        if self.format == ExportFormat::Json {
            self.file.write_all(b"\n]\n").await?;
        }
        self.file.sync_all().await?;
        let path: PathBuf = self.path.keep()?;
        Ok(Exported { path, spans: self.spans })
    }
}

fn state(span: &Span) -> &'static str {
    match span.state {
        SpanState::Online => "online",
        SpanState::Away => "away",
        SpanState::Busy => "busy",
    }
}

/// A time in the words of RFC 3339, with the offset of the zone.
fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn csv_line(exported: &ExportedSpan, zone: &TimeZone) -> String {
    let ExportedSpan { server, account, person, name, span } = exported;
    let (from, until) =
        (time(span.from, zone), span.until.map(|until| time(until, zone)).unwrap_or_default());
    let cells = [server, account, person, name, state(span), &from, &until].map(csv_cell);
    format!("{}\r\n", cells.join(","))
}

/// A cell that is only ever read as text: a spreadsheet would reckon with what begins like a formula.
fn csv_cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    let text = format!("{guard}{text}");
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn json_object(exported: &ExportedSpan, zone: &TimeZone) -> serde_json::Value {
    let ExportedSpan { server, account, person, name, span } = exported;
    json!({
        "server": server,
        "account": account,
        "person": person,
        "name": name,
        "state": state(span),
        "from": time(span.from, zone),
        "until": span.until.map(|until| time(until, zone)),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_and_never_two() {
        for (text, cell) in [
            ("Ana", "Ana"),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2", "'-2"),
            ("+2", "'+2"),
            ("\tx", "'\tx"),
            ("a,b", "\"a,b\""),
            ("=\"x\",1", "\"'=\"\"x\"\",1\""),
            ("two\nlines", "\"two\nlines\""),
            ("", ""),
        ] {
            assert_eq!(csv_cell(text), cell, "{text:?}");
        }
    }

    #[test]
    fn times_say_their_offset() {
        let zone = TimeZone::get("America/Caracas").unwrap();
        assert_eq!(time("2026-11-16T08:00:00Z".parse().unwrap(), &zone), "2026-11-16T04:00:00-04:00");
        assert_eq!(
            time("2026-11-16T08:00:00Z".parse().unwrap(), &TimeZone::UTC),
            "2026-11-16T08:00:00+00:00"
        );
    }
}
