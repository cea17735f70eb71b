//! docs/COMPATIBILITY.md: what came of every variant and step.

use super::{
    stage::Step,
    variants::{Kind, Variant},
};
use presente_tests::node::Dialect;
use std::{fmt, path::Path};

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    Yes,
    No,
    /// The dialect has nothing of the kind.
    NotThere,
    /// An earlier step failed.
    Untried,
}

impl Cell {
    fn text(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "**no**",
            Self::NotThere => "–",
            Self::Untried => "?",
        }
    }
}

/// A variant and what came of it.
pub(super) struct Row {
    section: &'static str,
    words: String,
    cells: [Cell; Step::ALL.len()],
}

impl Row {
    pub(super) fn of(variant: &Variant) -> Self {
        let section = match (&variant.kind, variant.dialect) {
            (Kind::Ours { .. }, _) => "`presente-server`",
            (_, Dialect::Reference) => "`usersConected`",
            (_, Dialect::UsuariosActivos) => "`usuarios-activos`",
            (_, Dialect::Friendly) => "a dialect without a preset",
            _ => "nickname",
        };
        Self { section, words: variant.words.clone(), cells: [Cell::Untried; Step::ALL.len()] }
    }

    pub(super) fn set(&mut self, step: Step, cell: Cell) {
        self.cells[step as usize] = cell;
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.section, self.words)
    }
}

const HEAD: &str = "# Compatibility

Written by `cargo xtask test compat`; not to be edited by hand. Each row is a server of [a dialect](PROTOCOL.md), run by
Node with Express and Socket.IO 4.8 (or 3.1, where it says so) or our own, and all that is told of it is its address. The
client is the app without its window, with a settings file and a keyring; the other person is an unmodified
`socket.io-client`, and what each sees of the other is looked at from both ends. `presente-cli` follows at the same
server, without `--profile`.

";

const STEPS: &str = "
`–`: the dialect has nothing of the kind. In rows that name a profile of one's own, that profile lies in the folder of
the person's profiles, beside the presets, and is found like these.
";

/// Writes it. It is the same from every run in which the same came out.
pub(super) fn write(rows: &[Row]) {
    let mut text = HEAD.to_owned();
    for step in Step::ALL {
        text += &format!("- **{}**: {}\n", step.heading(), step.meaning());
    }
    text += STEPS;
    let headings: Vec<_> = Step::ALL.iter().map(|step| step.heading()).collect();
    for section in rows.chunk_by(|one, other| one.section == other.section) {
        text += &format!("\n## {}\n\n", section[0].section);
        text += &format!("| server | {} |\n|---|{}\n", headings.join(" | "), "---|".repeat(headings.len()));
        for Row { words, cells, .. } in section {
            let cells: Vec<_> = cells.iter().map(|cell| cell.text()).collect();
            text += &format!("| {words} | {} |\n", cells.join(" | "));
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/COMPATIBILITY.md");
    std::fs::write(path, text).unwrap();
}
