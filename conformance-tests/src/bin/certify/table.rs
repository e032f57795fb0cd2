//! The table of a store.

use std::{collections::BTreeMap, fmt::Write};

use conformance_tests::{CaseReport, Group, Report, Tally, Verdict};

use crate::{Certified, levels};

/// Returns the table of one store as text: a line for each group, the reasons, and every finding.
pub(crate) fn of(certified: &Certified) -> String {
    let report = &certified.report;
    let mut text = format!("\n{}\n{:-<72}\n", report.store, "");
    text += &line("group", ["passed", "failed", "skipped", "not run"].map(str::to_owned), "why");
    for (group, tally, why) in rows(report) {
        text += &line(group.letters(), counts(tally), &why);
    }
    text += &line("all", counts(report.tally()), "");
    for failed in report.failed() {
        let _ = writeln!(text, "{failed}");
    }
    let _ = write!(text, "levels: {} (seed {})", levels::words(certified), report.seed);
    text
}

fn line(group: &str, columns: [String; 4], why: &str) -> String {
    let [passed, failed, skipped, not_run] = columns;
    format!("{group:<6}{passed:>8}{failed:>8}{skipped:>9}{not_run:>9}  {why}\n")
}

fn counts(tally: Tally) -> [String; 4] {
    [tally.passed, tally.failed, tally.skipped, tally.not_run].map(|count| match count {
        0 => "-".to_owned(),
        count => count.to_string(),
    })
}

/// Returns the groups that have cases, with their tallies and why cases were left out.
pub(crate) fn rows(report: &Report) -> Vec<(Group, Tally, String)> {
    let groups = Group::ALL.iter().map(|group| {
        let cases: Vec<&CaseReport> = report.cases.iter().filter(|case| case.case.group == *group).collect();
        (*group, Tally::of(cases.iter().map(|case| &case.verdict)), reasons(&cases))
    });
    groups.filter(|(_, tally, _)| *tally != Tally::default()).collect()
}

/// Returns why cases were skipped or not run, each reason with how often it was the one.
fn reasons(cases: &[&CaseReport]) -> String {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases {
        if let Verdict::Skipped(reason) | Verdict::Excepted(reason) | Verdict::NotRun(reason) = &case.verdict
        {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    reasons.iter().map(|(reason, count)| format!("{count}: {reason}")).collect::<Vec<_>>().join("; ")
}
