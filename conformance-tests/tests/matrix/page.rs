//! The matrix as a page of the documentation.

use std::{collections::BTreeMap, fmt::Write};

use conformance_tests::{Report, Verdict, saboteurs, saboteurs::Saboteur};

/// What the documentation shows.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/MATRIX.md");

const HEAD: &str = "# Saboteurs

Stores that are wrong on purpose, each in one way, and how many cases of each group they fail. The case in the second column
must fail, in one of a few runs where it takes a race; the others may depend on how a race goes.

| saboteur | caught by | its flaw | fails in |
|---|---|---|---|
";

/// Returns the lines of the table, without its head.
pub(crate) fn rows() -> Vec<String> {
    let page = std::fs::read_to_string(PAGE).unwrap();
    page.lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect()
}

/// Returns how the row of a saboteur begins.
pub(crate) fn beginning(saboteur: &Saboteur) -> String {
    let Saboteur { name, caught_by, flaw, .. } = saboteur;
    format!("| `{name}` | {caught_by} | {flaw} | ")
}

/// Writes the page: each saboteur with the case that must catch it, and the groups in which it was caught.
///
/// The rows of saboteurs without a report stay.
pub(crate) fn write(reports: &[(&Saboteur, Report)]) {
    let (old, mut page) = (rows(), HEAD.to_owned());
    for saboteur in saboteurs::all() {
        let begin = beginning(saboteur);
        let report = reports.iter().find(|(reported, _)| reported.name == saboteur.name);
        let new = report.map(|(_, report)| format!("{begin}{} |", groups(report)));
        let row = new.or_else(|| old.iter().find(|row| row.starts_with(&begin)).cloned());
        row.into_iter().for_each(|row| writeln!(page, "{row}").unwrap());
    }
    std::fs::write(PAGE, page).unwrap();
}

fn groups(report: &Report) -> String {
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    for case in report.cases.iter().filter(|case| matches!(case.verdict, Verdict::Failed(_))) {
        *groups.entry(case.case.group.letters()).or_default() += 1;
    }
    groups.iter().map(|(group, failed)| format!("{group} {failed}")).collect::<Vec<_>>().join(", ")
}
