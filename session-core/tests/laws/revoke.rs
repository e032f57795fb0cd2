//! A user's sessions: listed without a ticket, and ended.

use session_core::{Error, Found, Owner};

use crate::support::{Lab, finish, finish_quietly};

#[test]
fn a_users_sessions_are_listed_last_used_first_and_show_no_ticket() {
    let lab = Lab::new();
    let first = lab.user("ada");
    lab.advance(std::time::Duration::from_secs(1));
    let second = lab.user("ada");
    lab.user("bob");
    let session = lab.open(&second);
    session.set_label("Firefox on Linux").unwrap();
    finish_quietly(&session);

    let listed = pollster::block_on(lab.sessions.owned_by("ada")).unwrap();
    let [second_listed, first_listed] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!(second_listed.label.as_deref(), Some("Firefox on Linux"));
    assert_eq!(first_listed.label, None);
    assert_eq!(Some(first_listed.key), lab.open(&first).key());
    assert!(second_listed.accessed_at > first_listed.accessed_at);
    assert_eq!(second_listed.created_at, lab.now());
    for cookie in [first, second] {
        let secret = &cookie.split_once('=').unwrap().1[24..];
        assert!(!format!("{listed:?}").contains(secret));
    }
}

#[test]
fn a_user_ends_one_of_the_own_sessions_and_no_other() {
    let lab = Lab::new();
    let (ada, bob) = (lab.user("ada"), lab.user("bob"));
    let key = lab.open(&bob).key().unwrap();
    let revoke = |owner, key| pollster::block_on(lab.sessions.revoke(owner, key)).unwrap();
    assert!(!revoke("ada", &key));
    assert_eq!(lab.found(&bob), Found::Live);
    assert!(revoke("bob", &key));
    assert!(!revoke("bob", &key));
    assert_eq!((lab.found(&bob), lab.found(&ada)), (Found::Gone, Found::Live));
}

#[test]
fn a_user_has_no_more_sessions_than_allowed_and_keeps_the_last_used_ones() {
    let lab = Lab::new();
    let bob = lab.user("bob");
    let mut ada: Vec<_> = (0..5)
        .map(|_| {
            lab.advance(std::time::Duration::from_secs(1));
            lab.user("ada")
        })
        .collect();
    let limit =
        |cookie: &str, most| pollster::block_on(lab.sessions.revoke_excess(&lab.open(cookie), most)).unwrap();
    assert_eq!((limit(&ada[4], 6), limit(&ada[4], 5)), (0, 0));
    assert_eq!(limit(&ada[4], 4), 1);
    assert_eq!(lab.found(&ada.remove(0)), Found::Gone);
    // Whoever asks stays, however long ago it was used.
    assert_eq!(limit(&ada[0], 2), 2);
    let found: Vec<_> = ada.iter().map(|cookie| lab.found(cookie)).collect();
    assert_eq!(found, [Found::Live, Found::Gone, Found::Gone, Found::Live]);
    assert_eq!(limit(&ada[0], 0), 1);
    assert_eq!((lab.found(&ada[0]), lab.found(&ada[3])), (Found::Live, Found::Gone));
    assert_eq!((limit(&lab.visitor(), 1), limit("", 1), lab.found(&bob)), (0, 0, Found::Live));
}

#[test]
fn all_others_all_of_a_user_and_everything_end() {
    let lab = Lab::new();
    let ada: Vec<_> = (0..3).map(|_| lab.user("ada")).collect();
    let (bob, nobody) = (lab.user("bob"), lab.visitor());

    let own = lab.open(&ada[0]);
    assert_eq!(pollster::block_on(lab.sessions.revoke_others(&own)).unwrap(), 2);
    assert_eq!([0, 1, 2].map(|index| lab.found(&ada[index])), [Found::Live, Found::Gone, Found::Gone]);
    assert_eq!(pollster::block_on(lab.sessions.revoke_others(&lab.open(&nobody))).unwrap(), 0);
    assert_eq!(pollster::block_on(lab.sessions.revoke_all("ada")).unwrap(), 1);
    assert_eq!((lab.found(&bob), lab.found(&nobody)), (Found::Live, Found::Live));
    assert_eq!(pollster::block_on(lab.sessions.revoke_everything()).unwrap(), 2);
    assert!(lab.store.keys().is_empty());
}

#[test]
fn an_evicted_session_is_a_fresh_start() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let session = lab.open(&cookie);
    lab.store.evict(session.key().unwrap());
    session.insert("late", &1).unwrap();
    assert!(matches!(pollster::block_on(session.commit()), Err(Error::Gone)));
    let session = lab.open(&cookie);
    assert_eq!(session.found(), Found::Gone);
    session.insert("count", &1).unwrap();
    finish(&session);
}

#[test]
fn a_sweep_deletes_the_dead_alone() {
    let lab = Lab::new();
    lab.visitor();
    lab.advance(lab.sessions.config().timeout);
    let live = lab.visitor();
    assert_eq!(pollster::block_on(lab.sessions.sweep()).unwrap(), 1);
    assert_eq!(pollster::block_on(lab.sessions.sweep()).unwrap(), 0);
    assert_eq!(lab.found(&live), Found::Live);
}

#[test]
fn no_debug_shows_a_ticket_an_owner_or_a_value() {
    let lab = Lab::new();
    let cookie = lab.user("planted-owner");
    let session = lab.open(&cookie);
    session.insert("name", "planted-value").unwrap();
    session.login("planted-owner").unwrap();
    pollster::block_on(session.commit()).unwrap();
    let stored = lab.store.stored(session.key().unwrap()).unwrap();
    let owner = Owner::new("planted-owner").unwrap();
    let shown = format!("{session:?} {:?} {:?} {stored:?} {owner:?}", session.cookie(), lab.sessions);
    assert!(!shown.contains("planted"), "{shown}");
    assert!(!shown.contains(&cookie[24..]), "{shown}");
    // Nor does the store hold the secret of a ticket.
    let ticket = finish(&session);
    let secret = ticket.split_once('=').unwrap().1;
    assert!(
        !stored.record.data.windows(20).any(|bytes| secret.as_bytes().windows(20).any(|part| part == bytes))
    );
}
