//! What becomes of a save that puts a secret in force and fails.

use crate::support::{Fault, Lab, add_one, commit, finish};
use session_core::{Error, Found};

#[test]
fn an_unknown_rotation_after_another_one_is_resolved_by_its_own_secret() {
    for fault in [Fault::UnknownLanded, Fault::UnknownLost, Fault::LandsLate, Fault::LandsLater] {
        let lab = Lab::new();
        let session = lab.open(&lab.visitor());
        session.rotate();
        let session = lab.open(&finish(&session));
        session.rotate();
        add_one(&session);
        lab.store.script([fault.clone()]);
        let renewed = finish(&session);
        assert_eq!(lab.found(&renewed), Found::Live, "{fault:?}");
        assert_eq!(lab.count(&renewed), Some(1), "{fault:?}");
    }
}

#[test]
fn a_rotation_that_certainly_failed_is_an_error_at_once_and_waits_for_the_next_commit() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let session = lab.open(&cookie);
    session.rotate();
    let before = lab.store.calls();
    lab.store.script([Fault::NotApplied]);
    assert!(matches!(commit(&session), Err(Error::Backend { .. })));
    assert_eq!(lab.store.calls().saves, before.saves + 1);
    assert_eq!(lab.store.calls().loads, before.loads);
    assert_eq!(lab.found(&cookie), Found::Live);

    let renewed = finish(&session);
    assert_eq!(lab.found(&renewed), Found::Live);
    assert_eq!(lab.found(&cookie), Found::Late);
}
