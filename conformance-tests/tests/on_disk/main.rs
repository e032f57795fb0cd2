//! The matrix of saboteurs in files: every one is caught, and every numbered check about processes and power fails for one.
//!
//! A witness of a check is a saboteur for which it fails. To look for them again takes many minutes, for all of them or for those of
//! one group:
//!
//! ```console
//! $ WRITE_MATRIX=all cargo test -p conformance-tests --test on_disk -- --include-ignored
//! $ WRITE_MATRIX=MPR cargo test -p conformance-tests --test on_disk -- --include-ignored
//! ```

#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

#[path = "../matrix/pool.rs"]
mod pool;
#[path = "../matrix/witness.rs"]
mod witness;

use std::{collections::BTreeSet, env, fmt::Write, io::Write as _, time::Duration};

use conformance_tests::{Case, Group, Need, Options, saboteurs, saboteurs::Saboteur};

use crate::witness::{Book, checks, run};

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
fn every_check_fails_for_its_witness() {
    if !strace_is_here() {
        return;
    }
    let options = options();
    // What hangs is given up soon.
    let options = options.watchdog(Duration::from_secs(24)).threads(2);
    let blind = pool::map(BOOK.by_saboteur(), |witness| witness.unseen(&options)).concat();
    assert!(blind.is_empty(), "these checks hold for the saboteurs that were to fail them: {blind:#?}");
}

/// The case of a saboteur fails where one of its checks does; what remains are those that are no witness of their own case.
#[test]
fn every_saboteur_in_files_is_caught_by_its_case() {
    if !strace_is_here() {
        return;
    }
    let options = options();
    let no_witnesses = saboteurs::on_disk().filter(|saboteur| !is_witness_of_its_case(saboteur));
    let passing = pool::map(no_witnesses.collect(), |saboteur| witness::passes(saboteur, &options));
    let passing: Vec<_> = passing.into_iter().flatten().collect();
    assert!(passing.is_empty(), "{passing:#?}");
}

fn is_witness_of_its_case(saboteur: &Saboteur) -> bool {
    let mut witnesses = BOOK.witnesses.lines().filter_map(|line| line.split_once(' '));
    witnesses
        .any(|(check, name)| name == saboteur.name && check.split('.').next() == Some(saboteur.caught_by))
}

#[test]
fn the_honest_stores_in_files_pass_and_every_check_has_a_witness_or_a_reason() {
    if !strace_is_here() {
        return;
    }
    let options = options();
    let reports = pool::map(saboteurs::honest_on_disk().collect(), |honest| run(honest, options.clone()));
    for report in &reports {
        assert_eq!((report.tally().failed, report.tally().not_run), (0, 0), "{report}");
    }
    BOOK.assert_names(&reports.iter().flat_map(|report| checks(report, |_| true)).collect::<BTreeSet<_>>());
}

#[test]
fn the_page_names_every_saboteur_in_files_and_its_case() {
    if env::var_os("WRITE_MATRIX").is_some() {
        std::fs::write(PAGE, page()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(PAGE).unwrap(), page(), "WRITE_MATRIX=all writes the page");
}

#[test]
#[ignore = "takes many minutes, and writes the witnesses where WRITE_MATRIX names a group, a saboteur, or all"]
#[expect(clippy::print_stdout, reason = "what was asked for is shown")]
fn every_case_on_every_saboteur_in_files() {
    let (options, wanted) = (options(), env::var("WRITE_MATRIX").ok());
    let is_wanted = |saboteur: &&Saboteur| {
        let wanted = wanted.as_deref().unwrap_or("all");
        wanted == "all" || wanted == saboteur.name || saboteur.caught_by.starts_with(wanted)
    };
    let reports = pool::map(saboteurs::on_disk().filter(is_wanted).collect(), |saboteur| {
        (saboteur, run(saboteur, options.clone()))
    });
    reports.iter().for_each(|(_, report)| println!("{report}"));
    if wanted.is_some() {
        BOOK.write(&reports);
    }
}

/// How the cases about processes and power are run from here: second processes come to this test again. A call that does not
/// end is given up after a third of the time of its case.
fn options() -> Options {
    let options = Options::default().effort(Duration::from_millis(300)).watchdog(Duration::from_secs(45));
    options.threads(1).only(is_here)
}

fn is_here(case: &Case) -> bool {
    matches!(case.group, Group::Crs | Group::Mpr)
        || ["CAN-004", "COR-012", "SEC-001", "SEC-007"].contains(&case.id)
}

/// Returns whether the cases can be run; where they cannot, that is said and written down where a script asks for it.
#[expect(clippy::print_stderr, reason = "a test that the machine cannot run says so")]
fn strace_is_here() -> bool {
    let is_here = Need::Strace.is_on_this_machine();
    if !is_here {
        let line = format!("saboteurs in files: {}", Need::Strace.reason());
        eprintln!("NOT RUN: {line}");
        if let Some(path) = env::var_os("NOT_RUN_FILE") {
            let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
            writeln!(file.unwrap(), "{line}").unwrap();
        }
    }
    is_here
}

/// Writes the page: each saboteur with the case that must catch it.
fn page() -> String {
    let mut page = "# Saboteurs in files\n\nSmall stores in files, each wrong in one way, for the cases about killed processes, lost \
        power, several processes,\nand what lies in the folder. The case in the second column must fail, in one of a few runs \
        where it takes a race.\n\n\
        | saboteur | caught by | its flaw |\n|---|---|---|\n"
        .to_owned();
    for saboteur in saboteurs::on_disk() {
        let (name, caught_by, flaw) = (saboteur.name, saboteur.caught_by, saboteur.flaw);
        writeln!(page, "| `{name}` | {caught_by} | {flaw} |").unwrap();
    }
    page
}
