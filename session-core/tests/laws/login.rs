//! What a login shuts out, and that it is never lost.

use std::time::Duration;

use session_core::{CookieChange, Error, Found, Shut};

use crate::support::{Fault, Gate, Lab, add_one, commit, cookie_of, finish, finish_quietly, poll_once};

const GRACE: Duration = Duration::from_secs(30);

#[test]
fn the_old_ticket_opens_nothing_after_a_login() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let session = lab.open(&cookie);
    session.login("ada").unwrap();
    let logged_in = finish(&session);

    assert_eq!(lab.open(&logged_in).owner().unwrap().as_str(), "ada");
    assert_eq!(lab.count(&logged_in), Some(0));
    let shut = lab.open(&cookie);
    assert_eq!(shut.found(), Found::Shut(Shut::Login));
    assert_eq!((shut.owner(), shut.len(), shut.key()), (None, 0, None));
    lab.advance(GRACE);
    assert_eq!(lab.found(&cookie), Found::New);
}

#[test]
fn a_login_is_not_saved_again_when_its_ticket_comes_back() {
    let lab = Lab::new();
    let cookie = lab.user("ada");
    let saves = lab.store.calls().saves;
    finish_quietly(&lab.open(&cookie));
    assert_eq!(lab.store.calls().saves, saves);
}

#[test]
fn a_request_from_before_a_login_sees_and_changes_nothing_and_gets_no_cookie() {
    for rotated_after in [false, true] {
        let lab = Lab::new();
        let cookie = lab.visitor();
        let before = lab.open(&cookie);
        let session = lab.open(&cookie);
        session.login("ada").unwrap();
        session.insert("secret", "of ada").unwrap();
        let mut newest = finish(&session);
        if rotated_after {
            let rotating = lab.open(&newest);
            rotating.rotate();
            newest = finish(&rotating);
        }

        before.insert("theme", "dark").unwrap();
        before.rotate();
        assert!(matches!(commit(&before), Err(Error::Gone)));
        assert_eq!(before.cookie(), CookieChange::Keep);
        assert_eq!(before.get::<String>("secret").unwrap(), None);
        assert_eq!(before.get::<u64>("count").unwrap(), None);
        assert!(!lab.open(&newest).contains("theme"));
        assert_eq!(lab.found(&newest), Found::Live);
    }
}

#[test]
fn a_request_from_before_a_login_may_end_the_session() {
    for rotated_after in [false, true] {
        let lab = Lab::new();
        let cookie = lab.visitor();
        let before = lab.open(&cookie);
        let session = lab.open(&cookie);
        session.login("ada").unwrap();
        let newest = finish(&session);
        if rotated_after {
            let rotating = lab.open(&newest);
            rotating.rotate();
            finish(&rotating);
        }
        before.kill();
        commit(&before).unwrap();
        assert!(lab.store.keys().is_empty());
    }
}

#[test]
fn a_request_that_arrives_with_the_ticket_from_before_a_login_may_end_the_session() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let session = lab.open(&cookie);
    session.login("ada").unwrap();
    finish(&session);
    let shut = lab.open(&cookie);
    shut.kill();
    finish_quietly(&shut);
    assert!(lab.store.keys().is_empty());
}

#[test]
fn a_late_login_becomes_a_session_of_its_own() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let labelled = lab.open(&cookie);
    labelled.set_label("Firefox").unwrap();
    finish_quietly(&labelled);
    let late = lab.open(&cookie);
    let rotating = lab.open(&cookie);
    rotating.rotate();
    let renewed = finish(&rotating);

    late.insert("theme", "dark").unwrap();
    late.login("ada").unwrap();
    let own = finish(&late);
    let (own, other) = (lab.open(&own), lab.open(&renewed));
    assert_ne!(own.key(), other.key());
    assert_eq!(own.owner().unwrap().as_str(), "ada");
    assert_eq!(own.names(), ["count", "theme"]);
    assert_eq!(own.label().unwrap(), "Firefox");
    assert_eq!((other.owner(), other.names()), (None, vec!["count".into()]));
}

#[test]
fn a_login_that_another_login_overtook_becomes_a_session_of_its_own() {
    for other_owner in ["ada", "bob"] {
        let lab = Lab::new();
        let cookie = lab.visitor();
        let (one, two) = (lab.open(&cookie), lab.open(&cookie));
        one.login("ada").unwrap();
        one.insert("secret", "of ada").unwrap();
        let first = finish(&one);
        two.insert("theme", "dark").unwrap();
        two.login(other_owner).unwrap();
        let second = finish(&two);
        assert_eq!(lab.open(&first).names(), ["count", "secret"]);
        assert_eq!(lab.open(&second).names(), ["count", "theme"]);
        assert_eq!(lab.open(&second).owner().unwrap().as_str(), other_owner);
    }
}

#[test]
fn a_login_on_a_killed_session_becomes_a_new_one_of_its_changes_alone() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let (login, logout) = (lab.open(&cookie), lab.open(&cookie));
    logout.kill();
    commit(&logout).unwrap();
    login.insert("theme", "dark").unwrap();
    login.login("ada").unwrap();
    let own = finish(&login);
    assert_eq!(lab.open(&own).names(), ["theme"]);
    assert_eq!(lab.open(&own).owner().unwrap().as_str(), "ada");
    assert_eq!(lab.found(&cookie), Found::Gone);
}

#[test]
fn a_lost_login_of_a_session_with_an_owner_is_an_error_at_the_end_of_the_request_too() {
    let lab = Lab::new();
    let cookie = lab.user("ada");
    let (again, logout) = (lab.open(&cookie), lab.open(&cookie));
    logout.kill();
    commit(&logout).unwrap();
    again.login("ada").unwrap();
    assert!(matches!(pollster::block_on(again.finish()), Err(Error::Gone)));
    assert_eq!(again.cookie(), CookieChange::Keep);
    assert!(lab.store.keys().is_empty());
}

#[test]
fn a_login_in_a_round_shuts_out_the_lists_after_it() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let handles: Vec<_> = (0..5).map(|_| lab.open(&cookie)).collect();
    let [blocker, before, login, after, rotate] = handles.try_into().unwrap();
    let gate = Gate::default();
    lab.store.script([Fault::Wait(gate.clone())]);
    add_one(&blocker);
    add_one(&before);
    login.login("ada").unwrap();
    add_one(&after);
    rotate.rotate();
    let mut commits: Vec<_> =
        [&blocker, &before, &login, &after, &rotate].map(|session| Box::pin(session.commit())).into();
    assert!(commits.iter_mut().all(|commit| poll_once(commit).is_none()));
    gate.open();
    let outcomes: Vec<_> = commits.iter_mut().map(|commit| poll_once(commit).unwrap()).collect();
    assert!(matches!(outcomes[..], [Ok(()), Ok(()), Ok(()), Err(Error::Gone), Err(Error::Gone)]));
    assert_eq!((after.cookie(), rotate.cookie()), (CookieChange::Keep, CookieChange::Keep));
    let logged_in = cookie_of(&login.cookie());
    assert_eq!(lab.count(&logged_in), Some(2));
    assert_eq!(before.get::<u64>("count").unwrap(), Some(2));
    // The one whose changes went in before the login is shut out from now on.
    add_one(&before);
    assert!(matches!(commit(&before), Err(Error::Gone)));
}

#[test]
fn an_unknown_login_is_resolved_whether_it_landed_was_lost_or_lands_late() {
    for fault in [Fault::UnknownLanded, Fault::UnknownLost, Fault::LandsLate, Fault::LandsLater] {
        let lab = Lab::new();
        let session = lab.open(&lab.visitor());
        session.login("ada").unwrap();
        add_one(&session);
        lab.store.script([fault.clone()]);
        let logged_in = finish(&session);
        assert_eq!(lab.open(&logged_in).owner().unwrap().as_str(), "ada", "{fault:?}");
        assert_eq!(lab.count(&logged_in), Some(1), "{fault:?}");
    }
}

#[test]
fn a_kill_that_an_unknown_login_meets_wins() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let gate = Gate::default();
    let login = lab.open(&cookie);
    login.login("ada").unwrap();
    lab.store.script([Fault::WaitAndLose(gate.clone())]);
    let mut logging_in = Box::pin(login.finish());
    assert!(poll_once(&mut logging_in).is_none());
    let logout = lab.other_process().open(&cookie);
    logout.kill();
    commit(&logout).unwrap();
    gate.open();
    let own = cookie_of(&poll_once(&mut logging_in).unwrap().unwrap());
    assert_ne!(lab.open(&own).key(), logout.key());
    assert_eq!(lab.found(&cookie), Found::Gone);
}

#[test]
fn a_secret_that_was_never_the_sessions_is_just_wrong_after_a_login() {
    let lab = Lab::new();
    let cookie = lab.user("ada");
    let forged = format!("{}{}", &cookie[..cookie.len() - 4], "AAAA");
    assert_eq!(lab.found(&forged), Found::Shut(Shut::Secret));
}

#[test]
fn a_handle_that_a_login_shut_out_does_not_keep_the_session_alive() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let before = lab.open(&cookie);
    let session = lab.open(&cookie);
    let key = session.key().unwrap();
    session.login("ada").unwrap();
    finish(&session);
    let used_at = lab.now();
    lab.advance(Duration::from_secs(3_600));
    finish_quietly(&before);
    assert_eq!(lab.store.stored(key).unwrap().record.accessed_at, used_at);
}

#[test]
fn a_cookie_that_a_login_overtook_before_the_response_left_is_not_sent() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let (rotating, login) = (lab.open(&cookie), lab.open(&cookie));
    rotating.rotate();
    commit(&rotating).unwrap();
    cookie_of(&rotating.cookie());
    login.kill();
    commit(&login).unwrap();
    add_one(&rotating);
    finish_quietly(&rotating);
}

#[test]
fn a_login_after_a_dropped_commit_is_kept_though_the_session_has_ended() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let (saving, session, logout) = (lab.open(&cookie), lab.open(&cookie), lab.open(&cookie));
    let gate = Gate::default();
    lab.store.script([Fault::Wait(gate.clone())]);
    add_one(&saving);
    add_one(&session);
    let mut first = Box::pin(saving.commit());
    assert!(poll_once(&mut first).is_none());
    assert!(poll_once(&mut Box::pin(session.commit())).is_none());
    logout.kill();
    commit(&logout).unwrap();
    gate.open();
    poll_once(&mut first).unwrap().unwrap_err();
    session.login("ada").unwrap();
    let own = lab.open(&finish(&session));
    assert_eq!((own.owner().unwrap().as_str(), own.len()), ("ada", 0));
}
