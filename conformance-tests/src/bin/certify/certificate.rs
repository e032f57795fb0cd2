//! The certificates.

use std::fmt::Write;

use conformance_tests::Verdict;
use serde_json::{Value, json};

use crate::{Certified, edition::Edition, levels, table};

/// Returns what came of every case, for programs.
pub(crate) fn json(certified: &Certified) -> String {
    let (report, edition) = (&certified.report, Edition::of_this_suite());
    let levels: Vec<Value> = levels::standings(certified)
        .into_iter()
        .map(|(level, standing)| json!({ "level": format!("{level:?}"), "standing": standing.words() }))
        .collect();
    let tally = report.tally();
    let cases: Vec<Value> = report
        .cases
        .iter()
        .map(|case| {
            json!({
                "id": case.case.id,
                "verdict": case.verdict.word(),
                "reason": reason(&case.verdict),
                "ms": u64::try_from(case.took.as_millis()).unwrap_or(u64::MAX),
            })
        })
        .collect();
    let report = json!({
        "store": report.store,
        "suite": { "version": edition.version, "cases": edition.cases, "sha256": edition.sha256 },
        "seed": report.seed,
        "levels": levels,
        "passed": tally.passed,
        "failed": tally.failed,
        "skipped": tally.skipped,
        "not_run": tally.not_run,
        "cases": cases,
    });
    format!("{report:#}\n")
}

/// Returns why a case failed, was skipped or not run; nothing for one that passed.
fn reason(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Passed => None,
        Verdict::Skipped(reason) | Verdict::Excepted(reason) | Verdict::NotRun(reason) => {
            Some(reason.clone())
        }
        Verdict::Failed(findings) => {
            Some(findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        }
    }
}

const HEAD: &str = "# Conformance

What the suite found on our stores; `cargo run -p conformance-tests --bin certify` writes this page. A case is skipped when
the store does not claim what it is about, and not run when the machine lacks what it needs. A level is kept when each of its
cases that the store's claims call for passed, missed when one failed, and not shown when one was not run or the store
does not fit it.

The digest is over a line `ID title level` for each case, sorted: another one means that other laws were tried.
";

/// Returns the page for people: what each store claims and keeps, group by group.
pub(crate) fn page(all: &[Certified]) -> String {
    let mut page = format!("{HEAD}\n{}.\n", Edition::of_this_suite());
    for certified in all {
        let (report, tally) = (&certified.report, certified.report.tally());
        let _ = write!(page, "\n## {}\n\nLevels: {}.\n\n", report.store, levels::words(certified));
        page += "| group | passed | failed | skipped | not run | why |\n|---|---|---|---|---|---|\n";
        for (group, tally, why) in table::rows(report) {
            let (letters, about) = (group.letters(), group.about());
            let _ = writeln!(
                page,
                "| {letters}: {about} | {} | {} | {} | {} | {why} |",
                tally.passed, tally.failed, tally.skipped, tally.not_run
            );
        }
        let _ = writeln!(
            page,
            "| all | {} | {} | {} | {} | |",
            tally.passed, tally.failed, tally.skipped, tally.not_run
        );
        for failed in report.failed() {
            let _ = write!(page, "\n```text\n{failed}\n```\n");
        }
    }
    page
}
