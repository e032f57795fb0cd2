//! How a request finds its session.

use std::time::Duration;

use session_core::{Config, Error, Found, SecretKey, SessionId, Shut, Timestamp};

use crate::support::{Calls, Lab, NOON, add_one, commit, finish, finish_quietly};

const TICK: Duration = Duration::from_millis(1);

#[test]
fn an_untouched_visitor_costs_no_record_no_cookie_and_no_write() {
    let lab = Lab::new();
    let lab = Lab { sessions: lab.sessions.clone().initial("count", &0).unwrap(), ..lab };
    let session = lab.open("");
    assert_eq!(session.get::<u64>("count").unwrap(), Some(0));
    assert!(session.is_new());
    session.insert("count", &1).unwrap();
    session.insert("count", &0).unwrap();
    finish_quietly(&session);
    assert_eq!(lab.store.calls(), Default::default());
}

#[test]
fn what_is_no_ticket_starts_a_fresh_session_and_is_never_adopted() {
    let lab = Lab::new();
    let unknown = SessionId::generate().unwrap().key();
    let well_formed = "A".repeat(48);
    for (value, found) in [
        ("/etc/passwd", Found::Malformed),
        ("../../x", Found::Malformed),
        ("%0A", Found::Malformed),
        ("", Found::Malformed),
        (&"a".repeat(5_000), Found::Malformed),
        (&unknown.to_string(), Found::Malformed),
        (&well_formed, Found::Gone),
        ("\"quoted\"", Found::Malformed),
        ("nul\0nul", Found::Malformed),
    ] {
        let session = lab.open(&format!("__Host-id={value}"));
        assert_eq!(session.found(), found, "{value}");
        add_one(&session);
        let cookie = finish(&session);
        assert!(value.is_empty() || !cookie.contains(value), "{value}");
        assert_ne!(session.key(), value.parse::<SessionId>().ok().map(|id| id.key()));
    }
}

#[test]
fn a_malformed_cookie_beside_the_good_one_does_not_hide_it() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    for header in [
        format!("__Host-id=../../x; {cookie}"),
        format!("{cookie}; __Host-id=../../x"),
        format!("other; =; ;;{cookie}"),
        format!("{cookie}; {cookie}"),
        format!("__Host-id={}; {cookie}", "A".repeat(48)),
    ] {
        assert_eq!(lab.found(&header), Found::Live, "{header}");
    }
    let split = pollster::block_on(lab.sessions.open(&["__Host-id=x", &cookie], None)).unwrap();
    assert_eq!(split.found(), Found::Live);
}

#[test]
fn two_different_live_tickets_shut_the_request_out() {
    let lab = Lab::new();
    let (one, two) = (lab.visitor(), lab.visitor());
    let both = format!("{one}; {two}");
    let session = lab.open(&both);
    assert_eq!(session.found(), Found::Shut(Shut::Ambiguous));
    assert!(session.is_empty());
    add_one(&session);
    assert!(matches!(commit(&session), Err(Error::Gone)));
    session.kill();
    finish_quietly(&session);
    assert_eq!((lab.count(&one), lab.count(&two)), (Some(0), Some(0)));
}

#[test]
fn at_most_four_tickets_are_looked_up() {
    let lab = Lab::new();
    let unknown = |letter: char| format!("__Host-id={}; ", letter.to_string().repeat(48));
    let cookie = lab.visitor();
    let three: String = ('A'..='C').map(unknown).collect();
    assert_eq!(lab.found(&format!("{three}{cookie}")), Found::Live);
    let many: String = ('A'..='Z').map(unknown).collect();
    let loads = lab.store.calls().loads;
    assert_eq!(lab.found(&format!("{many}{cookie}")), Found::Gone);
    assert_eq!(lab.store.calls().loads - loads, 4);
}

#[test]
fn a_damaged_record_is_left_alone_and_the_visitor_starts_anew() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let [key] = lab.store.keys().try_into().unwrap();
    lab.store.damage();
    let damaged = lab.store.stored(key);
    let session = lab.open(&cookie);
    assert_eq!(session.found(), Found::Corrupt);
    add_one(&session);
    finish(&session);
    assert_eq!(lab.store.stored(key), damaged);
    assert_eq!(lab.store.keys().len(), 2);
}

#[test]
fn a_store_that_fails_is_never_an_empty_session() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    lab.store.fail_loads(1);
    let opened = pollster::block_on(lab.sessions.open(&[&cookie], None));
    assert!(matches!(opened, Err(Error::Backend { .. })));
}

#[test]
fn idle_sessions_die_to_the_millisecond() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    lab.advance(lab.sessions.config().timeout - TICK);
    assert_eq!(lab.found(&cookie), Found::Live);
    lab.advance(TICK);
    assert_eq!(lab.found(&cookie), Found::Gone);
}

#[test]
fn use_keeps_a_session_alive_until_its_absolute_end_to_the_millisecond() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let born = lab.now();
    let max_lifetime = lab.sessions.config().max_lifetime;
    while lab.now() + Duration::from_secs(3_600) < born + max_lifetime {
        lab.advance(Duration::from_secs(3_600));
        finish_quietly(&lab.open(&cookie));
    }
    lab.clock.set(Timestamp::from_millis((born + max_lifetime).as_millis() - 1));
    assert_eq!(lab.found(&cookie), Found::Live);
    lab.advance(TICK);
    assert_eq!(lab.found(&cookie), Found::Gone);
}

#[test]
fn the_absolute_lifetime_counts_from_the_login() {
    let lab = Lab::with(Config { timeout: Duration::from_secs(30 * 86_400), ..Config::default() });
    let cookie = lab.visitor();
    lab.advance(Duration::from_secs(86_400));
    let session = lab.open(&cookie);
    session.login("ada").unwrap();
    let cookie = finish(&session);
    lab.clock.set(NOON + (Duration::from_secs(31 * 86_400) - TICK));
    assert_eq!(lab.found(&cookie), Found::Live);
    lab.advance(TICK);
    assert_eq!(lab.found(&cookie), Found::Gone);
}

#[test]
fn a_session_is_touched_once_an_interval_and_dies_at_most_that_early() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let minute = Duration::from_secs(60);
    lab.advance(minute - TICK);
    finish_quietly(&lab.open(&cookie));
    assert_eq!(lab.store.calls().touches, 0);
    lab.advance(TICK);
    finish_quietly(&lab.open(&cookie));
    finish_quietly(&lab.open(&cookie));
    assert_eq!(lab.store.calls().touches, 1);
    lab.advance(lab.sessions.config().timeout - TICK);
    assert_eq!(lab.found(&cookie), Found::Live);
}

#[test]
fn a_use_costs_one_load_and_at_most_one_touch() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    lab.advance(Duration::from_secs(60));
    let before = lab.store.calls();
    finish_quietly(&lab.open(&cookie));
    let (loads, touches) = (before.loads + 1, before.touches + 1);
    assert_eq!(lab.store.calls(), Calls { loads, touches, ..before });
}

#[test]
fn touches_that_meet_end_with_the_newest_time() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    lab.advance(Duration::from_secs(120));
    let (one, two) = (lab.open(&cookie), lab.other_process().open(&cookie));
    finish_quietly(&one);
    finish_quietly(&two);
    assert_eq!(lab.store.calls().touches, 2, "the second one met a conflict, and had nothing to add");
    let [key] = lab.store.keys().try_into().unwrap();
    assert_eq!(lab.store.stored(key).unwrap().record.accessed_at, lab.now());
}

#[test]
fn a_replay_never_shortens_a_lifetime() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let slow = lab.open(&cookie);
    let lengthening = lab.open(&cookie);
    let week = Duration::from_secs(7 * 86_400);
    lengthening.set_timeout(week).unwrap();
    lab.advance(Duration::from_secs(30));
    finish_quietly(&lengthening);
    let used_at = lab.now();
    // A machine whose clock is behind.
    lab.clock.set(NOON);
    add_one(&slow);
    finish_quietly(&slow);
    let [key] = lab.store.keys().try_into().unwrap();
    let record = lab.store.stored(key).unwrap().record;
    assert_eq!((record.accessed_at, record.expires_at), (used_at, used_at + week));
}

#[test]
fn a_session_of_its_own_timeout_dies_by_that() {
    let lab = Lab::new();
    let cookie = lab.visitor();
    let session = lab.open(&cookie);
    session.set_timeout(Duration::from_secs(10)).unwrap();
    finish_quietly(&session);
    lab.advance(Duration::from_secs(10) - TICK);
    assert_eq!(lab.found(&cookie), Found::Live);
    lab.advance(TICK);
    assert_eq!(lab.found(&cookie), Found::Gone);
}

#[test]
fn sessions_of_an_older_secret_key_open_and_move_to_the_newest_with_the_next_rotation_or_login() {
    let key = |letter: &str| SecretKey::new(letter.repeat(32)).unwrap();
    let with = |keys: &[&str]| Config {
        secret_keys: keys.iter().map(|letter| key(letter)).collect(),
        ..Config::default()
    };
    let lab = Lab::with(with(&["a"]));
    let (staying, rotated, logged_in) = (lab.visitor(), lab.visitor(), lab.visitor());
    let both = Lab::on(lab.store.clone(), with(&["b", "a"]));
    finish_quietly(&both.open(&staying));
    let session = both.open(&rotated);
    session.rotate();
    let rotated = finish(&session);
    let session = both.open(&logged_in);
    session.login("ada").unwrap();
    let logged_in = finish(&session);

    let newer = Lab::on(lab.store.clone(), with(&["b"]));
    assert_eq!(newer.found(&staying), Found::New);
    assert_eq!((newer.found(&rotated), newer.found(&logged_in)), (Found::Live, Found::Live));
    let other = Lab::on(lab.store, Config::default());
    assert_eq!(other.found(&rotated), Found::Shut(Shut::Secret));
}
