//! The kill matrix: every saboteur is caught by its case, and every numbered check fails for a saboteur.
//!
//! Trying every case on every saboteur takes many minutes. That is done on demand, and writes down a witness for each check: a
//! saboteur for which it fails. What runs every time are the witnesses alone, so a check that has become blind
//! shows at once, and so does one for which nobody wrote a saboteur.
//!
//! ```console
//! $ WRITE_MATRIX=all cargo test -p conformance-tests --test matrix -- --ignored
//! $ WRITE_MATRIX=NET cargo test -p conformance-tests --test matrix -- --ignored
//! ```
//!
//! The second one tries the saboteurs of one group only, and leaves what is known of the others as it is. Names of saboteurs
//! do as well as those of groups, and several are separated by commas.

#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

mod page;
mod pool;
mod witness;

use std::{env, time::Duration};

use conformance_tests::{Case, Group, Options, saboteurs, saboteurs::Saboteur};

use crate::witness::{Book, checks, run};

/// The witnesses of all checks about a store in one process.
const BOOK: Book = Book {
    witnesses: include_str!("witnesses.txt"),
    unfailed: include_str!("unfailed.txt"),
    path: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/matrix/witnesses.txt"),
    saboteurs: || saboteurs::all().collect(),
};

#[test]
fn every_saboteur_is_caught_by_its_case() {
    let options = options();
    let passing = pool::map(saboteurs::all().collect(), |saboteur| witness::passes(saboteur, &options));
    let passing: Vec<_> = passing.into_iter().flatten().collect();
    assert!(passing.is_empty(), "these pass the case that must catch them: {passing:#?}");
}

#[test]
fn every_check_fails_for_its_witness() {
    let options = options().threads(1);
    let blind = pool::map(BOOK.by_saboteur(), |witness| witness.unseen(&options)).concat();
    assert!(blind.is_empty(), "these checks hold for the saboteurs that were to fail them: {blind:#?}");
}

#[test]
fn every_check_has_a_witness_or_a_reason() {
    let mut reached = checks(&run(&saboteurs::honest(), brief()), |_| true);
    let of_a_server = brief().only(|case| case.group == Group::Net);
    reached.extend(checks(&run(&saboteurs::honest_behind_a_server(), of_a_server), |_| true));
    BOOK.assert_names(&reached);
}

#[test]
fn the_honest_stores_pass() {
    let report = run(&saboteurs::honest(), options());
    assert!(report.is_clean(), "{report}");
    let report = run(&saboteurs::honest_behind_a_server(), options().only(|case| case.group == Group::Net));
    assert!(report.is_clean(), "{report}");
}

#[test]
fn the_page_names_every_saboteur_and_its_case() {
    let rows = page::rows();
    for saboteur in saboteurs::all() {
        let begin = page::beginning(saboteur);
        assert!(
            rows.iter().any(|row| row.starts_with(&begin)),
            "{} is not on the page, or otherwise: WRITE_MATRIX=all writes it",
            saboteur.name
        );
    }
    assert_eq!(rows.len(), saboteurs::all().count(), "there are rows of saboteurs that are no more");
}

#[test]
#[ignore = "takes many minutes, and writes the page and the witnesses where WRITE_MATRIX names a group, or all"]
fn every_case_on_every_saboteur() {
    let names = env::var("WRITE_MATRIX").ok();
    let is_wanted = |saboteur: &&Saboteur| {
        let group = saboteur.caught_by.split('-').next().unwrap_or_default();
        let mut names = names.as_deref().unwrap_or("all").split(',');
        names.any(|name| ["all", group, saboteur.name].contains(&name))
    };
    // What fails both times does not hang on how a race goes.
    let wanted = saboteurs::all().filter(is_wanted).flat_map(|saboteur| [(saboteur, 0), (saboteur, 1)]);
    let reports = pool::map(wanted.collect(), |(saboteur, seed)| {
        // A store behind a server is wrong on the line alone, and slow in every other case.
        let is_on_the_line = saboteur.caught_by.starts_with("NET");
        let of_the_line = move |case: &Case| !is_on_the_line || case.group == Group::Net;
        (saboteur, run(saboteur, brief().threads(1).seed(seed).only(of_the_line)))
    });
    assert!(!reports.is_empty(), "no saboteur has a name or a case of {names:?}");
    if names.is_some() {
        page::write(&reports);
        BOOK.write(&reports);
    }
}

/// A race goes on until it is lost, and what hangs is given up soon.
fn options() -> Options {
    Options::default().watchdog(Duration::from_secs(10))
}

fn brief() -> Options {
    options().effort(Duration::from_millis(100))
}
