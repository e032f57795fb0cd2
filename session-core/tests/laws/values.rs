//! Values: read as if they were local, kept once, merged.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use session_core::{Config, Error, Found, Session};

use crate::support::{Lab, add_one, commit, finish, finish_quietly};

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct User {
    name: String,
    visits: u32,
}

#[test]
fn what_was_kept_is_found_by_the_next_request() {
    let lab = Lab::new();
    let session = lab.open("");
    let user = User { name: "Ada".into(), visits: 3 };
    session.insert("user", &user).unwrap();
    session.insert("empty", "").unwrap();
    let session = lab.open(&finish(&session));
    assert_eq!(session.get::<User>("user").unwrap(), Some(user));
    assert_eq!(session.names(), ["empty", "user"]);
    assert_eq!((session.len(), session.is_empty(), session.contains("empty")), (2, false, true));
    session.remove("user");
    assert_eq!(session.get::<User>("user").unwrap(), None);
    session.clear();
    assert!(session.is_empty());
    finish_quietly(&session);
}

#[test]
fn a_stored_record_shows_a_value_without_a_ticket() {
    let lab = Lab::new();
    lab.visitor();
    let [key] = lab.store.keys().try_into().unwrap();
    let stored = lab.store.stored(key).unwrap();
    assert_eq!(stored.value::<u64>(&key, "count").unwrap(), Some(0));
    assert_eq!(stored.value::<u64>(&key, "none").unwrap(), None);
    assert!(matches!(stored.value::<String>(&key, "count"), Err(Error::Type { .. })));
    lab.visitor();
    let other = lab.store.keys().into_iter().find(|other| *other != key).unwrap();
    assert!(matches!(stored.value::<u64>(&other, "count"), Err(Error::Corrupt(_))));
    lab.store.damage();
    assert!(matches!(lab.store.stored(key).unwrap().value::<u64>(&key, "count"), Err(Error::Corrupt(_))));
}

#[test]
fn equal_data_writes_nothing() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let saves = lab.store.calls().saves;
    let session = lab.open(&cookie);
    session.insert("count", &0_u64).unwrap();
    session.insert("gone", &1).unwrap();
    session.remove("gone");
    session.update("count", |_: &mut u64| ()).unwrap();
    finish_quietly(&session);
    assert_eq!(lab.store.calls().saves, saves);
    assert_eq!(lab.store.calls().touches, 0);
}

#[test]
fn the_later_commit_wins_though_it_equals_what_its_request_had_found() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let (slow, fast) = (lab.open(&cookie), lab.open(&cookie));
    fast.insert("count", &1).unwrap();
    finish_quietly(&fast);
    slow.insert("count", &0).unwrap();
    finish_quietly(&slow);
    assert_eq!(lab.count(&cookie), Some(0));
}

#[test]
fn different_names_never_clash_and_of_one_name_the_later_commit_wins() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let (one, two) = (lab.open(&cookie), lab.open(&cookie));
    one.insert("one", &1).unwrap();
    one.insert("both", "one").unwrap();
    two.insert("two", &2).unwrap();
    two.insert("both", "two").unwrap();
    two.remove("count");
    finish_quietly(&two);
    finish_quietly(&one);
    let session = lab.open(&cookie);
    assert_eq!(session.names(), ["both", "one", "two"]);
    assert_eq!(session.get::<String>("both").unwrap().unwrap(), "one");
}

#[test]
fn take_removes_what_it_took_and_spares_a_newer_value() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let session = lab.open(&cookie);
    session.insert("flash", "saved").unwrap();
    finish_quietly(&session);

    let (taking, newer) = (lab.open(&cookie), lab.open(&cookie));
    assert_eq!(taking.take::<String>("flash").unwrap().as_deref(), Some("saved"));
    assert_eq!(taking.take::<String>("flash").unwrap(), None);
    newer.insert("flash", "another").unwrap();
    finish_quietly(&newer);
    finish_quietly(&taking);
    let session = lab.open(&cookie);
    assert_eq!(session.take::<String>("flash").unwrap().as_deref(), Some("another"));
    finish_quietly(&session);
    assert!(!lab.open(&cookie).contains("flash"));
}

#[test]
fn a_value_of_another_type_is_an_error_and_stays() {
    let lab = Lab::new();
    let session = lab.open("");
    session.insert("user", &User::default()).unwrap();
    let error = session.get::<u64>("user").unwrap_err().to_string();
    assert_eq!(error, "session value `user` is a map of 2, not a u64");
    assert!(matches!(session.take::<u64>("user"), Err(Error::Type { .. })));
    assert!(matches!(session.update("user", |_: &mut u64| ()), Err(Error::Type { .. })));
    assert!(session.contains("user"));
    finish(&session);
}

#[test]
fn what_does_not_serialise_is_an_error_at_that_line_and_changes_nothing() {
    let lab = Lab::new();
    let session = lab.open("");
    let unserialisable = std::sync::Mutex::new(1);
    std::thread::scope(|scope| {
        let poison = || {
            let _guard = unserialisable.lock().unwrap();
            panic!("poisons the mutex");
        };
        scope.spawn(poison).join().unwrap_err();
    });
    assert!(matches!(session.insert("job", &unserialisable), Err(Error::Unserialisable { .. })));
    assert!(!session.contains("job"));
    finish_quietly(&session);
}

#[test]
fn a_session_above_the_limit_is_refused_with_its_size_and_the_old_one_stays() {
    let lab = Lab::with(Config { max_bytes: 2_048, ..Config::default() });
    let cookie = lab.visitor();
    let session = lab.open(&cookie);
    session.insert("large", &"x".repeat(3_000)).unwrap();
    let error = commit(&session).unwrap_err();
    assert!(matches!(error, Error::TooLarge { size: 3_001..3_200, max: 2_048 }), "{error}");
    assert_eq!(lab.open(&cookie).names(), ["count"]);
    // The changes wait, so that the handler can make them smaller.
    session.insert("large", &"x".repeat(1_000)).unwrap();
    commit(&session).unwrap();
    assert_eq!(lab.open(&cookie).names(), ["count", "large"]);
}

#[test]
fn the_limit_is_exact() {
    let lab = Lab::new();
    let session = lab.open(&lab.visitor());
    let fill = |bytes: usize| {
        session.insert("large", &"x".repeat(bytes)).unwrap();
        match commit(&session) {
            Ok(()) => lab.store.stored(session.key().unwrap()).unwrap().record.data.len(),
            Err(Error::TooLarge { size, .. }) => size,
            Err(error) => panic!("{error}"),
        }
    };
    let overhead = fill(60_000) - 60_000;
    assert_eq!(fill(65_536 - overhead), 65_536);
    assert_eq!(lab.store.stored(session.key().unwrap()).unwrap().record.data.len(), 65_536);
    assert_eq!(fill(65_537 - overhead), 65_537);
    assert_eq!(lab.store.stored(session.key().unwrap()).unwrap().record.data.len(), 65_536);
    session.discard();
}

#[test]
fn a_session_that_a_lowered_limit_left_too_large_may_shrink_and_log_in() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let session = lab.open(&cookie);
    session.insert("large", &"x".repeat(9_000)).unwrap();
    session.insert("small", &"x".repeat(100)).unwrap();
    finish_quietly(&session);
    let lowered = Lab::on(lab.store, Config { max_bytes: 1_024, ..Config::default() });
    let session = lowered.open(&cookie);
    session.remove("small");
    finish_quietly(&session);
    session.login("ada").unwrap();
    let cookie = finish(&session);
    let session = lowered.open(&cookie);
    session.insert("more", &true).unwrap();
    assert!(matches!(commit(&session), Err(Error::TooLarge { .. })));
    session.discard();
}

#[test]
fn the_initializer_fills_a_new_session_and_alone_stores_nothing() {
    let lab = Lab::new();
    let sessions = lab.sessions.clone().initial("count", &7).unwrap().initializer(|new| {
        new.insert("theme", "light")?;
        new.insert("count", &8)
    });
    let lab = Lab { sessions, ..lab };
    finish_quietly(&lab.open(""));
    assert!(lab.store.keys().is_empty());
    let session = lab.open("");
    add_one(&session);
    let session = lab.open(&finish(&session));
    assert_eq!(session.get::<u64>("count").unwrap(), Some(9));
    assert_eq!(session.get::<String>("theme").unwrap().unwrap(), "light");
}

#[test]
fn an_initializer_that_fails_is_an_error() {
    let lab = Lab::new();
    let sessions = lab.sessions.initializer(|_| Err(Error::Full));
    let opened = pollster::block_on(sessions.open(&[""], None));
    assert!(matches!(opened, Err(Error::Full)));
}

#[test]
fn a_label_that_is_too_long_and_a_timeout_that_is_none_are_refused() {
    let session = Lab::new().open("");
    assert!(session.set_label(&"x".repeat(256)).is_err());
    assert!(session.set_timeout(Duration::from_micros(999)).is_err());
    finish_quietly(&session);
}

#[test]
fn a_login_a_label_or_a_timeout_alone_is_kept() {
    let changes: [fn(&Session); 3] = [
        |session| session.login("ada").unwrap(),
        |session| session.set_label("Firefox").unwrap(),
        |session| session.set_timeout(Duration::from_secs(60)).unwrap(),
    ];
    for change in changes {
        let lab = Lab::new();
        let session = lab.open("");
        change(&session);
        assert_eq!(lab.found(&finish(&session)), Found::Live);
    }
}

#[test]
fn a_label_counts_towards_the_limit() {
    let lab = Lab::with(Config { max_bytes: 1_024, ..Config::default() });
    let session = lab.open(&lab.visitor());
    session.insert("filler", &"x".repeat(850)).unwrap();
    commit(&session).unwrap();
    session.set_label(&"x".repeat(255)).unwrap();
    assert!(matches!(commit(&session), Err(Error::TooLarge { max: 1_024, .. })));
    session.remove("filler");
    commit(&session).unwrap();
    assert_eq!(session.label().unwrap().len(), 255);
}
