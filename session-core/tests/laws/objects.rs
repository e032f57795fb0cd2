//! Live objects end with their session.

use std::sync::Arc;

use session_core::{Config, Error, Session, Sessions};
use store_memory::MemoryStore;

use crate::support::{Lab, commit, finish};

/// Returns a stored session on a store that keeps objects.
fn stored() -> (Sessions, String, Session) {
    let sessions = Sessions::new(MemoryStore::new(), Config::default()).unwrap();
    let session = pollster::block_on(sessions.open(&[""], None)).unwrap();
    session.insert("count", &0).unwrap();
    let cookie = finish(&session);
    (sessions, cookie, session)
}

#[test]
fn an_object_is_shared_with_later_requests_until_it_is_removed() {
    let (sessions, cookie, session) = stored();
    let object = Arc::new(String::from("connection"));
    session.insert_object("link", object.clone()).unwrap();
    let later = pollster::block_on(sessions.open(&[cookie], None)).unwrap();
    assert!(Arc::ptr_eq(&later.object::<String>("link").unwrap().unwrap(), &object));
    assert!(matches!(later.object::<u64>("link"), Err(Error::Type { wanted: "u64", .. })));
    later.remove_object("link").unwrap();
    assert_eq!(session.object::<String>("link").unwrap(), None);
}

#[test]
fn an_object_is_dropped_with_its_session_and_a_kill_hides_it_at_once() {
    let (_, _, session) = stored();
    let object = Arc::new(());
    session.insert_object("link", object.clone()).unwrap();
    session.kill();
    assert!(matches!(session.object::<()>("link"), Err(Error::Missing)));
    assert!(matches!(session.insert_object("link", Arc::new(1)), Err(Error::Missing)));
    commit(&session).unwrap();
    assert_eq!(Arc::strong_count(&object), 1);
}

#[test]
fn objects_need_a_stored_session_and_a_store_that_keeps_them() {
    let (sessions, ..) = stored();
    let new = pollster::block_on(sessions.open(&[""], None)).unwrap();
    assert!(matches!(new.insert_object("link", Arc::new(1)), Err(Error::Missing)));
    let lab = Lab::new();
    let session = lab.open(&lab.visitor());
    assert!(matches!(session.insert_object("link", Arc::new(1)), Err(Error::Unsupported(_))));
}
