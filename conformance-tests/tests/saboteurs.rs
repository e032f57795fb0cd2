//! Every saboteur is caught, every time, and the honest store never is.

use std::time::Duration;

use conformance_tests::{Options, saboteurs};

#[test]
fn every_saboteur_is_caught_by_its_case() {
    block_on(async {
        for saboteur in saboteurs::all() {
            let options = Options::default().only(|case| case.id == saboteur.caught_by);
            let report = saboteur.check(options).await;
            assert!(!report.is_clean(), "{saboteur:?} passes {}: {report}", saboteur.caught_by);
        }
    });
}

#[test]
fn the_honest_store_passes() {
    block_on(async {
        let report = saboteurs::honest().check(Options::default().effort(Duration::from_secs(1))).await;
        assert!(report.is_clean(), "{report}");
    });
}

fn block_on(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime without timers needs nothing")
        .block_on(future);
}
