//! Where in a table the figure of a row stands.

use std::fmt;

use super::case::Case;

/// The place of a row in the table of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place<'a> {
    /// What is compared.
    pub(super) label: &'a str,
    pub(super) line: Line<'a>,
    pub(super) column: Column<'a>,
}

/// What is done, or which figure is shown of what is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Work(&'a str, u32),
    Figure(&'a str),
}

/// How much is done at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column<'a> {
    Tasks(u32),
    Load(&'a str),
}

impl<'a> Place<'a> {
    /// Reads the name of a row of a store or of the counter.
    pub(super) fn read(name: &'a str) -> Option<Self> {
        if name.starts_with("counter") {
            let (label, figure) = name.split_once(": ")?;
            let (figure, load) = figure.split_once(", ")?;
            return Some(Self { label, line: Line::Figure(figure), column: Column::Load(load) });
        }
        let Case { label, work, bytes, tasks, sessions: None } = Case::read(name)? else { return None };
        Some(Self { label, line: Line::Work(work, bytes), column: Column::Tasks(tasks) })
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Work(work, bytes @ ..1_024) => write!(f, "{work} {bytes} B"),
            Self::Work(work, bytes) => write!(f, "{work} {} KiB", bytes / 1_024),
            Self::Figure(figure) => f.write_str(figure),
        }
    }
}

impl fmt::Display for Column<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tasks(1) => f.write_str("1 task"),
            Self::Tasks(tasks) => write!(f, "{tasks} tasks"),
            Self::Load(load) => f.write_str(load),
        }
    }
}
