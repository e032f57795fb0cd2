//! Every saboteur is caught, every time, and the honest store never is.

use std::time::Duration;

use conformance_tests::{Options, saboteurs};

#[test]
fn every_saboteur_is_caught_by_its_case() {
    let mut missed = Vec::new();
    for saboteur in saboteurs::all() {
        let options =
            Options::default().watchdog(Duration::from_secs(5)).only(|case| case.id == saboteur.caught_by);
        let report = pollster::block_on(saboteur.check(options));
        if report.is_clean() {
            missed.push(format!("{} passes {:?}", saboteur.name, saboteur.caught_by));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn the_honest_store_passes() {
    let report = pollster::block_on(saboteurs::honest().check(Options::default()));
    assert!(report.is_clean(), "{report}");
}
