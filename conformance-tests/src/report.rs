//! What came of running cases.

use std::{collections::BTreeMap, fmt, time::Duration};

use crate::case::Case;

/// What came of running the suite on one store.
#[derive(Debug)]
pub struct Report {
    /// The name of the store.
    pub store: &'static str,
    /// The seed that runs it again.
    pub seed: u64,
    /// One entry for each case, in the order of the registry.
    pub cases: Vec<CaseReport>,
}

/// What came of one case.
#[derive(Debug)]
pub struct CaseReport {
    /// The case.
    pub case: &'static Case,
    /// What came of it.
    pub verdict: Verdict,
    /// Every numbered check that was reached, and whether it always held.
    pub checks: BTreeMap<u32, bool>,
    /// How long it took.
    pub took: Duration,
}

/// What came of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every check held.
    Passed,
    /// Something did not hold; never empty.
    Failed(Vec<Finding>),
    /// The store does not claim what the case is about.
    Skipped(String),
    /// The store names the case as one that it does not fit. It counts as skipped.
    Excepted(String),
    /// This machine lacks what the case needs.
    NotRun(String),
}

/// One thing that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The number of the check, or none when the case could not go on.
    pub check: Option<u32>,
    /// What was found, in words.
    pub message: String,
}

impl Report {
    /// Returns whether no case failed.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.failed().next().is_none()
    }

    /// Returns the cases that failed.
    pub fn failed(&self) -> impl Iterator<Item = &CaseReport> {
        self.cases.iter().filter(|case| matches!(case.verdict, Verdict::Failed(_)))
    }

    /// Returns what came of the case with this id.
    #[must_use]
    pub fn case(&self, id: &str) -> Option<&CaseReport> {
        self.cases.iter().find(|report| report.case.id == id)
    }

    /// Returns how many cases ended in each way.
    #[must_use]
    pub fn tally(&self) -> Tally {
        Tally::of(self.cases.iter().map(|case| &case.verdict))
    }
}

/// How many cases ended in each way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Every check held.
    pub passed: usize,
    /// Something did not hold.
    pub failed: usize,
    /// The store does not claim it, or names it as one that it does not fit.
    pub skipped: usize,
    /// The machine cannot run it.
    pub not_run: usize,
}

impl Tally {
    /// Counts verdicts.
    pub fn of<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Self {
        let mut tally = Self::default();
        for verdict in verdicts {
            *match verdict {
                Verdict::Passed => &mut tally.passed,
                Verdict::Failed(_) => &mut tally.failed,
                Verdict::Skipped(_) | Verdict::Excepted(_) => &mut tally.skipped,
                Verdict::NotRun(_) => &mut tally.not_run,
            } += 1;
        }
        tally
    }
}

impl Verdict {
    /// Returns the verdict in one word: `passed`, `failed`, `skipped` or `not_run`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::Skipped(_) | Self::Excepted(_) => "skipped",
            Self::NotRun(_) => "not_run",
        }
    }
}

impl fmt::Display for Report {
    /// Writes every failed case with its findings, and the tally.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for report in self.failed() {
            writeln!(f, "{report}")?;
        }
        let Tally { passed, failed, skipped, not_run } = self.tally();
        write!(
            f,
            "{}: {passed} passed, {failed} failed, {skipped} skipped, {not_run} not run (seed {})",
            self.store, self.seed
        )
    }
}

impl fmt::Display for CaseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.case.id, self.case.title())?;
        match &self.verdict {
            Verdict::Passed => f.write_str("passed"),
            Verdict::Skipped(reason) | Verdict::Excepted(reason) => write!(f, "skipped, {reason}"),
            Verdict::NotRun(reason) => write!(f, "not run, {reason}"),
            Verdict::Failed(findings) => {
                f.write_str("failed")?;
                findings.iter().try_for_each(|finding| write!(f, "\n  {finding}"))
            }
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.check {
            Some(number) => write!(f, "check {number}: {}", self.message),
            None => write!(f, "stopped: {}", self.message),
        }
    }
}
