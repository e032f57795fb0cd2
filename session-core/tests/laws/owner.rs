//! A session belongs to one owner for ever.

use session_core::{Error, Found, Shut};

use crate::support::{Fault, Gate, Lab, add_one, commit, finish, finish_quietly, poll_once};

#[test]
fn a_login_as_another_owner_carries_nothing_over() {
    let lab = Lab::new();
    let cookie = lab.user("ada");
    let session = lab.open(&cookie);
    session.insert("theme", "dark").unwrap();
    session.set_label("Firefox").unwrap();
    session.login("bob").unwrap();
    session.insert("fresh", &true).unwrap();
    let bobs = finish(&session);
    let bobs = lab.open(&bobs);
    assert_eq!(bobs.names(), ["fresh"]);
    assert_eq!((bobs.owner().unwrap().as_str(), bobs.label()), ("bob", None));
    assert_eq!(lab.found(&cookie), Found::Gone);
    assert_eq!(lab.store.keys().len(), 1);
}

#[test]
fn logging_in_again_keeps_the_session_and_renews_the_ticket() {
    let lab = Lab::new();
    let cookie = lab.user("ada");
    let session = lab.open(&cookie);
    let key = session.key();
    session.login("ada").unwrap();
    let again = finish(&session);
    assert_ne!(again, cookie);
    let session = lab.open(&again);
    assert_eq!((session.key(), session.names()), (key, vec!["count".into()]));
    assert_eq!(lab.found(&cookie), Found::Shut(Shut::Login));
}

#[test]
fn every_login_is_remembered_with_its_time_and_begins_both_lifetimes_anew() {
    let hour = std::time::Duration::from_secs(3600);
    let lab = Lab::with(session_core::Config { timeout: hour, max_lifetime: hour * 2, ..Default::default() });
    let visitor = lab.visitor();
    assert_eq!(lab.open(&visitor).login_at(), None);
    let mut cookie = lab.user("ada");
    let first = lab.now();
    assert_eq!(lab.open(&cookie).login_at(), Some(first));
    lab.advance(hour / 2);
    // Use moves the idle end alone.
    finish_quietly(&lab.open(&cookie));
    assert_eq!(lab.open(&cookie).login_at(), Some(first));
    for _ in 0..6 {
        lab.advance(hour - std::time::Duration::from_millis(1));
        let session = lab.open(&cookie);
        session.login("ada").unwrap();
        cookie = finish(&session);
        assert_eq!((session.login_at(), session.created_at()), (Some(lab.now()), Some(first)));
    }
    assert_eq!(lab.open(&visitor).login_at(), None);
}

#[test]
fn an_owner_that_is_none_is_refused_at_that_line() {
    let session = Lab::new().open("");
    assert!(matches!(session.login(""), Err(Error::Invalid { what: "owner", .. })));
    assert!(matches!(session.login(&"x".repeat(256)), Err(Error::Invalid { what: "owner", .. })));
    assert_eq!(session.owner(), None);
}

#[test]
fn a_login_as_another_owner_while_the_first_is_being_kept_carries_nothing_over() {
    for cookie in [|_: &Lab| String::new(), Lab::visitor] {
        let lab = Lab::new();
        let session = lab.open(&cookie(&lab));
        let gate = Gate::default();
        session.login("ada").unwrap();
        session.insert("secret", "of ada").unwrap();
        lab.store.script([Fault::Wait(gate.clone())]);
        let mut saving = Box::pin(session.commit());
        assert!(poll_once(&mut saving).is_none());
        assert_eq!(session.owner().unwrap().as_str(), "ada");
        session.login("bob").unwrap();
        gate.open();
        let _ = poll_once(&mut saving);
        let bobs = lab.open(&finish(&session));
        assert_eq!((bobs.owner().unwrap().as_str(), bobs.len()), ("bob", 0));
        assert_eq!(lab.store.keys().len(), 1);
    }
}

#[test]
fn what_an_owner_left_in_a_handle_goes_into_no_session_of_another() {
    let lab = Lab::new();
    let session = lab.open(&lab.visitor());
    session.login("ada").unwrap();
    session.insert("secret", "of ada").unwrap();
    let again = lab.open(&finish(&session));
    again.login("ada").unwrap();
    finish(&again);
    // The ticket of this handle is from before the second login.
    add_one(&session);
    assert!(matches!(commit(&session), Err(Error::Gone)));
    session.login("bob").unwrap();
    assert_eq!(lab.open(&finish(&session)).len(), 0);
}
