//! Tickets that are renewed because they are old.

use std::time::Duration;

use crate::support::{Fault, Lab, add_one, commit, finish, finish_quietly};
use session_core::{Config, Found};

const INTERVAL: Duration = Duration::from_secs(15 * 60);
const TICK: Duration = Duration::from_millis(1);

fn lab() -> Lab {
    Lab::with(Config { rotation_interval: Some(INTERVAL), ..Config::default() })
}

#[test]
fn an_old_ticket_is_renewed_by_whoever_reads_and_again_an_interval_later() {
    let lab = lab();
    let mut cookie = lab.visitor();
    for _ in 0..3 {
        lab.advance(INTERVAL - TICK);
        let young = lab.open(&cookie);
        finish_quietly(&young);
        assert!(!young.wants_commit());
        lab.advance(TICK);
        let old = lab.open(&cookie);
        assert!(old.wants_commit() && !old.has_changes());
        let renewed = finish(&old);
        assert_eq!((lab.found(&cookie), lab.found(&renewed)), (Found::Late, Found::Live));
        cookie = renewed;
        // The first use of the new ticket is noted.
        finish_quietly(&lab.open(&cookie));
    }
    assert_eq!(lab.count(&cookie), Some(0));
}

#[test]
fn without_an_interval_the_application_alone_renews() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    lab.advance(lab.sessions.config().timeout - TICK);
    finish_quietly(&lab.open(&cookie));
    assert_eq!(lab.found(&cookie), Found::Live);
}

#[test]
fn a_renewal_goes_with_the_changes_of_its_request_in_one_save() {
    let lab = lab();
    let cookie = lab.visitor();
    lab.advance(INTERVAL);
    let session = lab.open(&cookie);
    add_one(&session);
    let saves = lab.store.calls().saves;
    let renewed = finish(&session);
    assert_eq!((lab.store.calls().saves - saves, lab.count(&renewed)), (1, Some(1)));
}

#[test]
fn a_login_and_a_rotation_begin_the_interval_anew() {
    let lab = lab();
    for renew in [
        |lab: &Lab, cookie: &str| {
            let session = lab.open(cookie);
            session.login("ada").unwrap();
            finish(&session)
        },
        |lab: &Lab, cookie: &str| {
            let session = lab.open(cookie);
            session.rotate();
            finish(&session)
        },
    ] {
        let cookie = lab.visitor();
        lab.advance(INTERVAL - TICK);
        let renewed = renew(&lab, &cookie);
        finish_quietly(&lab.open(&renewed));
        lab.advance(INTERVAL - TICK);
        finish_quietly(&lab.open(&renewed));
        lab.advance(TICK);
        assert_ne!(finish(&lab.open(&renewed)), renewed);
    }
}

#[test]
fn of_requests_at_once_one_renews_and_none_loses_its_changes() {
    for other_process in [false, true] {
        let lab = lab();
        let other = if other_process { lab.other_process() } else { lab.clone() };
        let cookie = lab.visitor();
        lab.advance(INTERVAL);
        let (first, second) = (lab.open(&cookie), other.open(&cookie));
        add_one(&first);
        add_one(&second);
        let renewed = finish(&first);
        finish_quietly(&second);
        assert_eq!(lab.count(&renewed), Some(2));
        // The browser that has not got the new ticket yet goes on with the old one, and is given no third one.
        let late = lab.open(&cookie);
        assert_eq!(late.found(), Found::Late);
        finish_quietly(&late);
    }
}

#[test]
fn a_commit_that_no_response_follows_renews_nothing() {
    let lab = lab();
    let cookie = lab.visitor();
    lab.advance(INTERVAL);
    let session = lab.open(&cookie);
    add_one(&session);
    commit(&session).unwrap();
    assert_eq!(lab.found(&cookie), Found::Live);
    assert_ne!(finish(&session), cookie);
    add_one(&session);
    lab.advance(INTERVAL);
    let saves = lab.store.calls().saves;
    commit(&session).unwrap();
    assert_eq!(lab.store.calls().saves - saves, 1);
    assert_eq!(lab.found(&cookie), Found::Late);
}

#[test]
fn a_renewal_that_fails_is_no_error_and_tried_again() {
    let lab = lab();
    let cookie = lab.visitor();
    lab.advance(INTERVAL);
    for _ in 0..2 {
        lab.store.script([Fault::NotApplied]);
        finish_quietly(&lab.open(&cookie));
        assert_eq!(lab.found(&cookie), Found::Live);
    }
    let renewed = finish(&lab.open(&cookie));
    assert_eq!(lab.found(&renewed), Found::Live);
}

#[test]
fn a_session_that_is_killed_is_not_renewed() {
    let lab = lab();
    let cookie = lab.visitor();
    lab.advance(INTERVAL);
    let (session, in_flight) = (lab.open(&cookie), lab.open(&cookie));
    session.kill();
    pollster::block_on(session.finish()).unwrap();
    assert!(lab.store.keys().is_empty());
    finish_quietly(&in_flight);
    assert!(lab.store.keys().is_empty());
}
