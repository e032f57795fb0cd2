//! Saboteurs in files: every one is caught.
//!
//! Which one fails which check about processes and power is written down, and tried every time. To look for the witnesses again takes minutes:
//!
//! ```console
//! $ WRITE_MATRIX=all cargo test -p conformance-tests --test on_disk -- --include-ignored
//! ```

#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

#[path = "../matrix/pool.rs"]
mod pool;
#[path = "../matrix/witness.rs"]
#[allow(dead_code, reason = "the matrix uses more of it")]
mod witness;

use std::{env, fmt::Write, time::Duration};

use conformance_tests::{Case, Group, Options, Verdict, saboteurs, saboteurs::Saboteur};

use crate::witness::{Book, run};

/// The witnesses of the checks about processes and power.
const BOOK: Book = Book {
    witnesses: include_str!("witnesses.txt"),
    unfailed: include_str!("unfailed.txt"),
    path: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/on_disk/witnesses.txt"),
    saboteurs: || saboteurs::on_disk().collect(),
};

/// What the documentation shows.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/ON_DISK.md");

#[test]
fn every_saboteur_in_files_is_caught_by_its_case() {
    let options = options();
    let missed = pool::map(saboteurs::on_disk().collect(), |saboteur: &Saboteur| {
        let report = run(saboteur, options.clone().only(|case| case.id == saboteur.caught_by));
        let case = report.case(saboteur.caught_by);
        let is_caught =
            case.is_some_and(|case| matches!(case.verdict, Verdict::Failed(_) | Verdict::NotRun(_)));
        (!is_caught).then(|| format!("{} passes {}: {report}", saboteur.name, saboteur.caught_by))
    });
    let missed: Vec<_> = missed.into_iter().flatten().collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn every_check_fails_for_its_witness() {
    let options = options();
    let blind = pool::map(BOOK.by_saboteur(), |witness| witness.unseen(&options)).concat();
    assert!(blind.is_empty(), "these checks hold for the saboteurs that were to fail them: {blind:#?}");
}

#[test]
fn the_honest_stores_in_files_pass() {
    let options = options();
    let reports = pool::map(saboteurs::honest_on_disk().collect(), |honest| run(honest, options.clone()));
    for report in &reports {
        assert!(report.is_clean(), "{report}");
    }
}

#[test]
fn the_page_names_every_saboteur_in_files_and_its_case() {
    if env::var_os("WRITE_MATRIX").is_some() {
        std::fs::write(PAGE, page()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(PAGE).unwrap(), page(), "WRITE_MATRIX=all writes the page");
}

#[test]
#[ignore = "takes minutes, and writes the witnesses where WRITE_MATRIX is set"]
fn every_case_on_every_saboteur_in_files() {
    let options = options();
    let reports =
        pool::map(saboteurs::on_disk().collect(), |saboteur| (saboteur, run(saboteur, options.clone())));
    if env::var_os("WRITE_MATRIX").is_some() {
        BOOK.write(&reports);
    }
}

/// How the cases about processes and power are run from here: second processes come to this test again.
fn options() -> Options {
    let options = Options::default().effort(Duration::from_millis(300)).watchdog(Duration::from_secs(45));
    let options = options.threads(1).only(is_here);
    // In a second process this call serves the store that is meant and does not return, before other threads begin.
    for honest in saboteurs::honest_on_disk() {
        run(honest, options.clone().only(|_| false));
    }
    options
}

fn is_here(case: &Case) -> bool {
    matches!(case.group, Group::Crs | Group::Mpr)
}

/// Writes the page: each saboteur with the case that must catch it.
fn page() -> String {
    let mut page = "# Saboteurs in files\n\nSmall stores in files, each wrong in one way, for the cases about killed processes, lost \
        power and several processes. The case\nin the second column must fail every time.\n\n\
        | saboteur | caught by | its flaw |\n|---|---|---|\n"
        .to_owned();
    for saboteur in saboteurs::on_disk() {
        let (name, caught_by, flaw) = (saboteur.name, saboteur.caught_by, saboteur.flaw);
        writeln!(page, "| `{name}` | {caught_by} | {flaw} |").unwrap();
    }
    page
}
