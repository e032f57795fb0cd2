//! What a rotation keeps, and what the old ticket is worth afterwards.

use std::time::Duration;

use crate::support::{Fault, Gate, Lab, add_one, commit, cookie_of, finish, finish_quietly, poll_once};
use session_core::{Error, Found, Shut};

const GRACE: Duration = Duration::from_secs(30);
const TICK: Duration = Duration::from_millis(1);

#[test]
fn a_request_in_flight_keeps_its_changes_across_a_rotation() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let in_flight = lab.open(&cookie);
    let rotating = lab.open(&cookie);
    rotating.rotate();
    let renewed = finish(&rotating);

    add_one(&in_flight);
    finish_quietly(&in_flight);
    assert_eq!(lab.count(&renewed), Some(1));
}

#[test]
fn the_old_ticket_reads_and_adds_until_the_grace_is_over_and_then_opens_nothing() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let rotating = lab.open(&cookie);
    rotating.rotate();
    let renewed = finish(&rotating);

    // The new ticket is seen for the first time, which one save notes.
    finish_quietly(&lab.open(&renewed));
    let saves = lab.store.calls().saves;
    finish_quietly(&lab.open(&renewed));
    assert_eq!(lab.store.calls().saves, saves);

    lab.advance(GRACE - TICK);
    let late = lab.open(&cookie);
    assert_eq!(late.found(), Found::Late);
    add_one(&late);
    finish_quietly(&late);
    assert_eq!(lab.count(&renewed), Some(1));

    lab.advance(TICK);
    assert_eq!(lab.found(&cookie), Found::New);
    assert_eq!(lab.count(&cookie), None);
}

#[test]
fn a_visitor_whose_new_ticket_got_lost_is_not_stranded() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let rotating = lab.open(&cookie);
    rotating.rotate();
    let _lost_on_the_way = finish(&rotating);

    lab.advance(Duration::from_secs(3_600));
    let late = lab.open(&cookie);
    assert_eq!(late.found(), Found::Late);
    add_one(&late);
    finish_quietly(&late);
    assert_eq!(lab.count(&cookie), Some(1));
    // And may end it.
    let late = lab.open(&cookie);
    late.kill();
    finish_quietly(&late);
    assert!(lab.store.keys().is_empty());
}

#[test]
fn only_one_of_two_rotations_gets_a_cookie() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let (one, two) = (lab.open(&cookie), lab.open(&cookie));
    one.rotate();
    two.rotate();
    add_one(&two);
    let renewed = finish(&one);
    finish_quietly(&two);
    assert_eq!(lab.found(&renewed), Found::Live);
    assert_eq!(lab.count(&renewed), Some(1));
}

#[test]
fn rotations_in_one_round_are_judged_one_by_one() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let (first, one, two) = (lab.open(&cookie), lab.open(&cookie), lab.open(&cookie));
    let gate = Gate::default();
    lab.store.script([Fault::Wait(gate.clone())]);
    add_one(&first);
    one.rotate();
    two.rotate();
    let (mut a, mut b, mut c) = (Box::pin(first.finish()), Box::pin(one.finish()), Box::pin(two.finish()));
    assert!(poll_once(&mut a).is_none());
    assert!(poll_once(&mut b).is_none());
    assert!(poll_once(&mut c).is_none());
    gate.open();
    assert!(poll_once(&mut a).is_some());
    let renewed = cookie_of(&poll_once(&mut b).unwrap().unwrap());
    assert_eq!(poll_once(&mut c).unwrap().unwrap(), session_core::CookieChange::Keep);
    assert_eq!(lab.store.calls().saves, 3);
    assert_eq!(lab.found(&renewed), Found::Live);
}

#[test]
fn a_wrong_secret_is_shut_out_within_the_grace_of_a_change_and_a_stranger_later() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let mut newest = cookie.clone();
    for _ in 0..2 {
        let rotating = lab.open(&newest);
        rotating.rotate();
        newest = finish(&rotating);
    }
    let shut = lab.open(&cookie);
    assert_eq!(shut.found(), Found::Shut(Shut::Secret));
    assert!(shut.is_empty());
    // A secret that is neither this one nor the last one may not even kill.
    shut.kill();
    finish_quietly(&shut);
    assert_eq!(lab.count(&newest), Some(0));
    // Nor keep anything.
    let shut = lab.open(&cookie);
    add_one(&shut);
    assert!(matches!(commit(&shut), Err(Error::Gone)));
    assert_eq!(lab.count(&newest), Some(0));

    lab.advance(GRACE);
    assert_eq!(lab.found(&cookie), Found::New);
}

#[test]
fn a_late_handle_gets_no_cookie_for_its_rotation() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let rotating = lab.open(&cookie);
    rotating.rotate();
    let renewed = finish(&rotating);
    let late = lab.open(&cookie);
    late.rotate();
    add_one(&late);
    finish_quietly(&late);
    assert_eq!(lab.found(&renewed), Found::Live);
    assert_eq!(lab.count(&renewed), Some(1));
}

#[test]
fn rotating_a_new_session_stores_nothing() {
    let lab = Lab::new();
    let session = lab.open("");
    session.rotate();
    finish_quietly(&session);
    assert!(lab.store.keys().is_empty());
}

#[test]
fn an_unknown_rotation_is_resolved_whether_it_landed_was_lost_or_lands_late() {
    for fault in [Fault::UnknownLanded, Fault::UnknownLost, Fault::LandsLate, Fault::LandsLater] {
        let lab = Lab::new();
        let cookie = lab.visitor();
        let session = lab.open(&cookie);
        session.rotate();
        add_one(&session);
        lab.store.script([fault.clone()]);
        let renewed = finish(&session);
        assert_eq!(lab.found(&renewed), Found::Live, "{fault:?}");
        assert_eq!(lab.count(&renewed), Some(1), "{fault:?}");
    }
}

#[test]
fn an_unknown_rotation_that_another_write_overtook_is_replayed_once() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let gate = Gate::default();
    let session = lab.open(&cookie);
    session.rotate();
    add_one(&session);
    lab.store.script([Fault::WaitAndLose(gate.clone())]);
    let mut rotating = Box::pin(session.finish());
    assert!(poll_once(&mut rotating).is_none());

    let other = lab.other_process().open(&cookie);
    add_one(&other);
    finish_quietly(&other);
    gate.open();
    let renewed = cookie_of(&poll_once(&mut rotating).unwrap().unwrap());
    assert_eq!(lab.found(&renewed), Found::Live);
    assert_eq!(lab.count(&renewed), Some(2));
}

#[test]
fn a_rotation_that_stays_unknown_is_an_error_and_strands_nobody() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let session = lab.open(&cookie);
    session.rotate();
    lab.store.script([Fault::UnknownLanded]);
    lab.store.fail_loads(1_000);
    assert!(commit(&session).unwrap_err().is_unknown());
    lab.store.fail_loads(0);
    assert_eq!(lab.found(&cookie), Found::Late);
}

#[test]
fn a_ticket_that_is_used_before_it_left_does_not_count_as_seen() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let session = lab.open(&cookie);
    session.rotate();
    commit(&session).unwrap();
    add_one(&session);
    finish(&session);
    lab.advance(Duration::from_secs(3_600));
    assert_eq!(lab.found(&cookie), Found::Late);
}

#[test]
fn the_grace_counts_from_the_first_sight() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let session = lab.open(&cookie);
    session.rotate();
    let renewed = finish(&session);
    let (one, two) = (lab.open(&renewed), lab.open(&renewed));
    finish_quietly(&one);
    lab.advance(GRACE - TICK);
    finish_quietly(&two);
    lab.advance(TICK);
    assert_eq!(lab.found(&cookie), Found::New);
}

#[test]
fn a_handle_that_became_late_may_kill_and_leaves_the_cookie_alone() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let (session, rotating) = (lab.open(&cookie), lab.open(&cookie));
    rotating.rotate();
    let renewed = finish(&rotating);
    add_one(&session);
    commit(&session).unwrap();
    session.kill();
    finish_quietly(&session);
    assert_eq!(lab.found(&renewed), Found::Gone);
}
