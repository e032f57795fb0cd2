//! How far it is, on a terminal.

use conformance_tests::{CaseReport, Verdict};
use indicatif::{ProgressBar, ProgressStyle};

/// Shows how far it is, on a terminal; elsewhere it shows nothing.
#[derive(Clone)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn start(store: &'static str, cases: usize) -> Self {
        let bar = ProgressBar::new(cases as u64);
        if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:40} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(store);
        Self(bar)
    }

    /// Counts a case that has ended.
    pub(crate) fn tick(&self, case: &CaseReport) {
        self.0.inc(1);
        self.0.set_message(case.case.id);
        if matches!(case.verdict, Verdict::Failed(_)) {
            self.0.println(format!("{} failed", case.case.id));
        }
    }

    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}
