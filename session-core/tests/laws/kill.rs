//! Killed stays killed.

use session_core::{CookieChange, Error, Found};

use crate::support::{Fault, Gate, Lab, add_one, commit, cookie_of, finish, finish_quietly, poll_once};

#[track_caller]
fn assert_removed(change: &CookieChange) {
    let CookieChange::Remove(header) = change else { panic!("the cookie is not removed: {change:?}") };
    assert!(header.as_str().starts_with("__Host-id=;"));
}

#[test]
fn a_kill_deletes_the_session_and_removes_the_cookie() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let session = lab.open(&cookie);
    session.kill();
    assert!(session.is_empty());
    assert_removed(&pollster::block_on(session.finish()).unwrap());
    assert!(lab.store.keys().is_empty());
    assert_eq!(lab.found(&cookie), Found::Gone);
}

#[test]
fn requests_in_flight_do_not_bring_a_killed_session_back() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let (writing, rotating, reading, logout) =
        (lab.open(&cookie), lab.open(&cookie), lab.open(&cookie), lab.open(&cookie));
    logout.kill();
    commit(&logout).unwrap();

    add_one(&writing);
    assert!(matches!(commit(&writing), Err(Error::Gone)));
    rotating.rotate();
    finish_quietly(&rotating);
    lab.advance(std::time::Duration::from_secs(3_600));
    finish_quietly(&reading);
    assert_eq!(lab.store.calls().touches, 1, "the reader tried to touch it");
    assert!(lab.store.keys().is_empty());
}

#[test]
fn a_kill_does_not_wait_in_line_and_a_save_under_way_does_not_bring_the_session_back() {
    for after in [false, true] {
        let lab = Lab::new();
        let cookie = lab.visitor();
        let gate = Gate::default();
        let fault = if after { Fault::WaitAfter(gate.clone()) } else { Fault::Wait(gate.clone()) };
        let (writing, logout) = (lab.open(&cookie), lab.open(&cookie));
        lab.store.script([fault]);
        add_one(&writing);
        let mut saving = Box::pin(writing.commit());
        assert!(poll_once(&mut saving).is_none());
        logout.kill();
        assert!(poll_once(&mut Box::pin(logout.commit())).unwrap().is_ok());
        gate.open();
        let saved = poll_once(&mut saving).unwrap();
        assert_eq!(saved.is_ok(), after, "a save that came first was kept, and then deleted");
        assert!(lab.store.keys().is_empty());
    }
}

#[test]
fn a_kill_of_a_session_that_was_never_stored_costs_nothing() {
    let lab = Lab::new();
    let session = lab.open("");
    session.insert("count", &1).unwrap();
    session.kill();
    finish_quietly(&session);
    assert_eq!(lab.store.calls().deletes + lab.store.calls().saves, 0);
}

#[test]
fn a_kill_of_a_session_that_this_request_stored_leaves_no_cookie() {
    let lab = Lab::new();
    let session = lab.open("");
    session.insert("count", &1).unwrap();
    commit(&session).unwrap();
    session.kill();
    finish_quietly(&session);
    assert!(lab.store.keys().is_empty());
}

#[test]
fn changes_after_a_kill_start_a_new_session_from_the_initializer() {
    let lab = Lab::new();
    let lab = Lab { sessions: lab.sessions.clone().initial("theme", "light").unwrap(), ..lab };
    let cookie = lab.user("ada");
    let session = lab.open(&cookie);
    session.insert("before", &1).unwrap();
    session.kill();
    assert_eq!(session.get::<String>("theme").unwrap().as_deref(), Some("light"));
    session.insert("after", &2).unwrap();
    let fresh = finish(&session);
    let fresh = lab.open(&fresh);
    assert_eq!(fresh.names(), ["after", "theme"]);
    assert_eq!((fresh.owner(), fresh.label()), (None, None));
    assert_eq!(lab.found(&cookie), Found::Gone);
}

#[test]
fn the_new_session_is_not_stored_before_the_old_one_is_deleted() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let session = lab.open(&cookie);
    session.kill();
    session.insert("after", &2).unwrap();
    lab.store.fail_deletes(1);
    let saves = lab.store.calls().saves;
    assert!(commit(&session).is_err());
    assert_eq!(lab.store.calls().saves, saves);
    assert_eq!(lab.found(&cookie), Found::Live);
    // The kill still stands, and so do the changes after it.
    let fresh = finish(&session);
    assert_eq!(lab.open(&fresh).names(), ["after"]);
    assert_eq!(lab.found(&cookie), Found::Gone);
}

#[test]
fn a_handler_that_is_dropped_has_not_killed() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    lab.open(&cookie).kill();
    assert_eq!(lab.found(&cookie), Found::Live);
}

#[test]
fn a_discard_keeps_the_kill() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let session = lab.open(&cookie);
    session.kill();
    session.insert("after", &1).unwrap();
    session.discard();
    assert_removed(&pollster::block_on(session.finish()).unwrap());
    assert!(lab.store.keys().is_empty());
}

#[test]
fn a_kill_while_the_first_save_is_under_way_deletes_what_that_stored() {
    let lab = Lab::new();
    let gate = Gate::default();
    let session = lab.open("");
    session.insert("count", &1).unwrap();
    lab.store.script([Fault::WaitAfter(gate.clone())]);
    let mut saving = Box::pin(session.commit());
    assert!(poll_once(&mut saving).is_none());
    session.kill();
    let killing = session.clone();
    let mut killing = Box::pin(killing.finish());
    assert!(poll_once(&mut killing).is_none());
    gate.open();
    assert_eq!(poll_once(&mut killing).unwrap().unwrap(), CookieChange::Keep);
    assert!(poll_once(&mut saving).unwrap().is_ok());
    assert!(lab.store.keys().is_empty());
}

#[test]
fn a_late_kill_deletes_and_leaves_the_cookie_alone() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let rotating = lab.open(&cookie);
    rotating.rotate();
    let renewed = finish(&rotating);
    let late = lab.open(&cookie);
    late.kill();
    finish_quietly(&late);
    assert_eq!(lab.found(&renewed), Found::Gone);
}

#[test]
fn a_kill_after_a_rotation_in_the_same_request_removes_the_cookie() {
    let lab = Lab::new();
    let session = lab.open(&lab.visitor());
    session.rotate();
    commit(&session).unwrap();
    cookie_of(&session.cookie());
    session.kill();
    assert_removed(&pollster::block_on(session.finish()).unwrap());
}

#[test]
fn a_kill_does_not_wait_for_the_handles_own_save() {
    let lab = Lab::new();
    let session = lab.open(&lab.visitor());
    let gate = Gate::default();
    lab.store.script([Fault::Wait(gate.clone())]);
    add_one(&session);
    let mut saving = Box::pin(session.commit());
    assert!(poll_once(&mut saving).is_none());
    session.kill();
    assert_removed(&poll_once(&mut Box::pin(session.finish())).unwrap().unwrap());
    gate.open();
    poll_once(&mut saving).unwrap().unwrap_err();
    assert!(lab.store.keys().is_empty());
}
