//! Live objects end with their session, outside every lock.

#![cfg(test)]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use pollster::block_on;
use session_core::{Error, Expect, Key, Object, Objects, Record, Store, Timestamp};
use store_memory::{MemoryOptions, MemoryStore};

const NOW: Timestamp = Timestamp::from_millis(1_000);
const EXPIRY: Timestamp = Timestamp::from_millis(2_000);
const KEY: Key = Key::from_bytes([7; 16]);

/// Calls every kind of method of the store when it is dropped, which hangs if any lock is held.
struct CallsBack {
    store: MemoryStore,
    dropped: Arc<AtomicUsize>,
}

impl Drop for CallsBack {
    fn drop(&mut self) {
        block_on(self.store.load(&KEY, NOW)).unwrap();
        block_on(self.store.directory().unwrap().count(NOW)).unwrap();
        self.store.get(&KEY, "object", NOW);
        self.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

/// How a session ends, in words and in a call.
type Ending = (&'static str, fn(&MemoryStore));

/// A store at its cap of one session, which has an object that calls back, and the count of such objects dropped.
fn store_with_object() -> (MemoryStore, Arc<AtomicUsize>) {
    let store = MemoryStore::with_options(MemoryOptions::default().max_sessions(1));
    let dropped = Arc::default();
    create(&store, &KEY);
    assert!(store.put(&KEY, "object", calls_back(&store, &dropped), NOW).unwrap().is_none());
    (store, dropped)
}

fn create(store: &MemoryStore, key: &Key) {
    let record = Record { data: "data".into(), accessed_at: NOW, expires_at: EXPIRY, owner: None };
    block_on(store.save(key, &record, Expect::Absent, NOW)).unwrap();
}

fn calls_back(store: &MemoryStore, dropped: &Arc<AtomicUsize>) -> Object {
    Arc::new(CallsBack { store: store.clone(), dropped: Arc::clone(dropped) })
}

#[test]
fn an_object_is_kept_by_name_and_served_until_it_is_removed() {
    let store = MemoryStore::new();
    create(&store, &KEY);
    store.put(&KEY, "number", Arc::new(1_u32), NOW).unwrap();
    store.put(&KEY, "text", Arc::new("text"), NOW).unwrap();

    let replaced = store.put(&KEY, "number", Arc::new(2_u32), NOW).unwrap().unwrap();
    assert_eq!(*replaced.downcast::<u32>().unwrap(), 1);
    assert_eq!(*store.get(&KEY, "number", NOW).unwrap().downcast::<u32>().unwrap(), 2);
    assert_eq!(*store.remove(&KEY, "number", NOW).unwrap().downcast::<u32>().unwrap(), 2);
    assert!(store.get(&KEY, "number", NOW).is_none());
    assert!(store.get(&KEY, "text", NOW).is_some());
}

#[test]
fn an_object_survives_every_write_of_its_session() {
    let (store, dropped) = store_with_object();
    let stored = block_on(store.load(&KEY, NOW)).unwrap().unwrap();
    let saved = store.save(&KEY, &stored.record, Expect::Revision(stored.revision), NOW);
    let saved = block_on(saved).unwrap();
    block_on(store.touch(&KEY, saved, NOW, EXPIRY, NOW)).unwrap();
    assert!(store.get(&KEY, "object", NOW).is_some());
    assert_eq!(dropped.load(Ordering::SeqCst), 0);
}

#[test]
fn an_object_is_dropped_with_its_session_however_that_ends() {
    let endings: [Ending; 3] = [
        ("deleted", |store| block_on(store.delete(&KEY)).unwrap()),
        ("swept", |store| assert_eq!(block_on(store.delete_expired(EXPIRY, 1)).unwrap(), 1)),
        ("evicted", |store| create(store, &Key::from_bytes([8; 16]))),
    ];
    for (ending, end) in endings {
        let (store, dropped) = store_with_object();
        end(&store);
        assert_eq!(dropped.load(Ordering::SeqCst), 1, "{ending}");

        create(&store, &KEY);
        assert!(store.get(&KEY, "object", NOW).is_none(), "{ending}");
    }
}

#[test]
fn an_object_that_is_refused_or_replaced_or_removed_is_dropped_outside_the_lock() {
    let (store, dropped) = store_with_object();
    let refused = store.put(&Key::from_bytes([8; 16]), "object", calls_back(&store, &dropped), NOW);
    assert!(matches!(refused, Err(Error::Missing)));
    drop(store.put(&KEY, "object", calls_back(&store, &dropped), NOW));
    drop(store.remove(&KEY, "object", NOW));
    assert_eq!(dropped.load(Ordering::SeqCst), 3);
}

#[test]
fn a_dead_session_has_no_objects() {
    let (store, dropped) = store_with_object();
    assert!(store.get(&KEY, "object", EXPIRY).is_none());
    assert!(store.remove(&KEY, "object", EXPIRY).is_none());
    assert!(matches!(store.put(&KEY, "object", Arc::new(1), EXPIRY), Err(Error::Missing)));
    assert_eq!(dropped.load(Ordering::SeqCst), 0);
}
