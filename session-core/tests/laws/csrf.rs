//! CSRF tokens: bound to a session and its login, and alive across a rotation.

use std::time::Duration;

use session_core::{Config, Error, Found, SecretKey};

use crate::support::{Lab, add_one, commit, finish, finish_quietly};

#[test]
fn a_token_is_good_for_every_request_of_its_session() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let token = lab.open(&cookie).csrf_token().unwrap();
    assert!(lab.open(&cookie).verify_csrf_token(&token));
    assert!(lab.other_process().open(&cookie).verify_csrf_token(&token));
    let another = lab.open(&cookie).csrf_token().unwrap();
    assert_ne!(token, another);
    assert!(lab.open(&cookie).verify_csrf_token(&another));
    assert_eq!(token.len(), 64);
    assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
}

#[test]
fn a_token_of_another_session_and_what_is_none_are_refused() {
    let lab = Lab::new();
    let (ours, theirs) = (lab.visitor(), lab.visitor());
    let token = lab.open(&theirs).csrf_token().unwrap();
    let session = lab.open(&ours);
    let mut spoilt = session.csrf_token().unwrap();
    spoilt.replace_range(..1, if spoilt.starts_with('A') { "B" } else { "A" });
    for wrong in [token.as_str(), "", "csrf", &"A".repeat(64), &ours, &spoilt] {
        assert!(!session.verify_csrf_token(wrong), "{wrong}");
    }
}

#[test]
fn only_a_stored_session_has_tokens_and_making_one_stores_nothing() {
    let lab = Lab::new();
    let session = lab.open("");
    assert!(matches!(session.csrf_token(), Err(Error::Missing)));
    finish_quietly(&session);
    assert!(lab.store.keys().is_empty());

    session.insert("before_login", &true).unwrap();
    assert!(matches!(session.csrf_token(), Err(Error::Missing)));
    commit(&session).unwrap();
    let token = session.csrf_token().unwrap();
    let saves = lab.store.calls().saves;
    let next = lab.open(&finish(&session));
    assert!(next.verify_csrf_token(&token));
    next.csrf_token().unwrap();
    finish_quietly(&next);
    assert_eq!(lab.store.calls().saves, saves);
}

#[test]
fn a_token_from_before_a_rotation_works_with_both_tickets_and_until_the_next_one() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let token = lab.open(&cookie).csrf_token().unwrap();
    let rotating = lab.open(&cookie);
    rotating.rotate();
    let between = rotating.csrf_token().unwrap();
    let renewed = finish(&rotating);
    let after = rotating.csrf_token().unwrap();

    let late = lab.open(&cookie);
    assert_eq!(late.found(), Found::Late);
    let from_late = late.csrf_token().unwrap();
    for token in [&token, &between, &after, &from_late] {
        assert!(late.verify_csrf_token(token));
        assert!(lab.open(&renewed).verify_csrf_token(token));
    }

    // A form takes its time, which the grace of the ticket does not bound.
    lab.advance(Duration::from_secs(3600));
    assert!(lab.open(&renewed).verify_csrf_token(&token));
    let again = lab.open(&renewed);
    again.rotate();
    let newest = lab.open(&finish(&again));
    assert!(!newest.verify_csrf_token(&token));
    assert!(newest.verify_csrf_token(&after));
}

#[test]
fn a_login_voids_every_token_from_before_it() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let token = lab.open(&cookie).csrf_token().unwrap();
    let session = lab.open(&cookie);
    session.login("ada").unwrap();
    assert!(matches!(session.csrf_token(), Err(Error::Invalid { what: "CSRF token", .. })));
    let user = finish(&session);
    assert!(!session.verify_csrf_token(&token));
    assert!(!lab.open(&user).verify_csrf_token(&token));
    let token = session.csrf_token().unwrap();
    assert!(lab.open(&user).verify_csrf_token(&token));
    // Whoever still shows the old ticket is shut out, and gets no token either.
    let shut = lab.open(&cookie);
    assert!(matches!(shut.csrf_token(), Err(Error::Missing)));
    assert!(!shut.verify_csrf_token(&token));

    // The same user once more: a re-authentication begins anew as well.
    let session = lab.open(&user);
    session.login("ada").unwrap();
    assert!(!lab.open(&finish(&session)).verify_csrf_token(&token));
}

#[test]
fn a_token_ends_with_its_session() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let (session, other) = (lab.open(&cookie), lab.open(&cookie));
    let token = session.csrf_token().unwrap();
    session.kill();
    assert!(!session.verify_csrf_token(&token));
    assert!(matches!(session.csrf_token(), Err(Error::Missing)));
    commit(&session).unwrap();
    add_one(&other);
    assert!(matches!(commit(&other), Err(Error::Gone)));
    assert!(!other.verify_csrf_token(&token));
    assert!(!lab.open(&cookie).verify_csrf_token(&token));
}

#[test]
fn tokens_outlive_a_change_of_secret_keys_as_long_as_the_old_key_is_listed() {
    let [old, new] = ["o", "n"].map(|letter| SecretKey::new(letter.repeat(32)).unwrap());
    let keys = |secret_keys: Vec<SecretKey>| Config { secret_keys, ..Config::default() };
    let lab = Lab::with(keys(vec![old.clone()]));
    let cookie = lab.visitor();
    let token = lab.open(&cookie).csrf_token().unwrap();
    let both = Lab::on(lab.store.clone(), keys(vec![new, old]));
    assert!(both.open(&cookie).verify_csrf_token(&token));
    let newer = both.open(&cookie).csrf_token().unwrap();
    assert!(!lab.open(&cookie).verify_csrf_token(&newer));
}
