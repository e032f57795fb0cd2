//! The kill matrix: every saboteur against every case, and every numbered check against every saboteur.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    time::Duration,
};

use conformance_tests::{Options, Report, Verdict, saboteurs};

/// Checks that no saboteur fails, each with the reason: `CAS-001.2: …`.
const UNFAILED: &str = include_str!("unfailed.txt");

/// What the documentation shows.
const MATRIX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/MATRIX.md");

#[test]
fn every_check_fails_for_a_saboteur_or_is_listed() {
    let honest = run(&saboteurs::honest());
    let reports: Vec<Report> = saboteurs::all().map(run).collect();
    if std::env::var_os("WRITE_MATRIX").is_some() {
        std::fs::write(MATRIX, page(&reports)).unwrap();
    }
    let reached = checks(&honest, |_| true);
    let failed: BTreeSet<String> = reports.iter().flat_map(|report| checks(report, |held| !held)).collect();
    let listed: BTreeSet<String> =
        UNFAILED.lines().filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect();
    let missing: Vec<_> = reached.difference(&failed).filter(|check| !listed.contains(*check)).collect();
    assert!(missing.is_empty(), "no saboteur fails these checks, and no reason is given: {missing:#?}");
    let unknown: Vec<_> = listed.difference(&reached).collect();
    assert!(unknown.is_empty(), "these checks are listed, and there are none of these names: {unknown:#?}");
}

#[test]
fn the_page_names_every_saboteur_and_its_case() {
    let page = std::fs::read_to_string(MATRIX).unwrap();
    for saboteur in saboteurs::all() {
        let row = page.lines().find(|line| line.contains(&format!("`{}`", saboteur.name)));
        let row =
            row.unwrap_or_else(|| panic!("{} is not on the page: WRITE_MATRIX=1 writes it", saboteur.name));
        assert!(row.contains(saboteur.caught_by), "{row}");
    }
}

fn run(saboteur: &saboteurs::Saboteur) -> Report {
    let options = Options::default().effort(Duration::from_millis(100)).watchdog(Duration::from_secs(5));
    pollster::block_on(saboteur.check(options))
}

/// Returns the names of checks, `CAS-001.2`, that were reached with a result.
fn checks(report: &Report, wanted: impl Fn(bool) -> bool) -> BTreeSet<String> {
    let of_case = |case: &conformance_tests::CaseReport| {
        let held = case.checks.iter().filter(|(_, held)| wanted(**held));
        held.map(|(number, _)| format!("{}.{number}", case.case.id)).collect::<Vec<_>>()
    };
    report.cases.iter().flat_map(of_case).collect()
}

/// Writes the page: each saboteur with the case that must catch it, and the groups in which it was caught.
fn page(reports: &[Report]) -> String {
    let mut page = "# Saboteurs\n\nStores that are wrong on purpose, each in one way, and how many cases of each group \
        they fail. The case in the second column\nmust fail every time; the others may depend on how a race goes.\n\n\
        | saboteur | caught by | its flaw | fails in |\n|---|---|---|---|\n"
        .to_owned();
    for (saboteur, report) in saboteurs::all().zip(reports) {
        let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
        for case in report.cases.iter().filter(|case| matches!(case.verdict, Verdict::Failed(_))) {
            *groups.entry(case.case.group.letters()).or_default() += 1;
        }
        let groups: Vec<_> = groups.iter().map(|(group, failed)| format!("{group} {failed}")).collect();
        let (name, caught_by, flaw) = (saboteur.name, saboteur.caught_by, saboteur.flaw);
        writeln!(page, "| `{name}` | {caught_by} | {flaw} | {} |", groups.join(", "))
            .expect("a string has room");
    }
    page
}
