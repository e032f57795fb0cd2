//! Who makes room when the store is at its cap.

#![cfg(test)]

use pollster::block_on;
use session_core::{Error, Expect, Key, Owner, Record, Revision, Store, Timestamp};
use store_memory::{MemoryOptions, MemoryStore};

const NOW: Timestamp = Timestamp::from_millis(1_000);
const LATER: i64 = 2_000;

/// A session under the key `[.0; 16]`: when it was accessed, when it expires, whether it has an owner.
type Row = (u8, i64, i64, Owned);

#[derive(Clone, Copy, PartialEq)]
enum Owned {
    Yes,
    No,
}
use Owned::{No, Yes};

#[test]
fn the_dead_go_first_then_the_unowned_then_the_owned_each_by_the_oldest_access() {
    // What is there, in the order in which it was written, and the order in which it makes room.
    let table: [(&[Row], &[u8]); 6] = [
        (&[(9, 30, LATER, No), (5, 10, LATER, No), (7, 20, LATER, No)], &[5, 7, 9]),
        (&[(1, 10, LATER, Yes), (2, 30, LATER, No), (3, 20, LATER, No)], &[3, 2, 1]),
        (&[(1, 30, LATER, Yes), (200, 10, LATER, Yes), (3, 20, LATER, Yes)], &[200, 3, 1]),
        (&[(1, 10, LATER, No), (2, 900, 999, Yes), (3, 900, 998, No)], &[3, 2, 1]),
        (&[(1, 10, LATER, No), (2, 900, 1_000, Yes), (3, 5, 1_001, Yes)], &[2, 1, 3]),
        (&[(8, 10, LATER, No), (6, 10, LATER, No), (250, 10, LATER, No)], &[6, 8, 250]),
    ];
    for (sessions, order) in table {
        let store = store(sessions.len());
        for row in sessions {
            create(&store, *row);
        }
        // The newcomers, of the latest access and owned, stay to the end.
        for (newcomer, evicted) in (100..).zip(order) {
            assert!(is_there(&store, *evicted), "{evicted} of {order:?}");
            create(&store, (newcomer, 1_000, LATER, Yes));
            assert!(!is_there(&store, *evicted), "{evicted} of {order:?}");
        }
    }
}

#[test]
fn the_session_being_created_stays_even_if_it_is_the_first_by_every_rule() {
    for cap in [0, 1] {
        let store = store(cap);
        create(&store, (1, 900, LATER, Yes));
        create(&store, (2, 1, LATER, No));
        assert!(is_there(&store, 2) && !is_there(&store, 1), "a cap of {cap}");
    }
}

#[test]
fn a_touch_and_a_save_move_a_session_back_in_the_order_and_an_older_access_forward() {
    let store = store(3);
    let [one, two, three] = [1, 2, 3].map(|key| create(&store, (key, 10 * i64::from(key), LATER, No)));
    let [accessed_at, expires_at] = [40, LATER].map(Timestamp::from_millis);
    block_on(store.touch(&key(1), one, accessed_at, expires_at, NOW)).unwrap();
    block_on(store.save(&key(2), &record(50, LATER, No), Expect::Revision(two), NOW)).unwrap();
    block_on(store.save(&key(3), &record(60, LATER, No), Expect::Revision(three), NOW)).unwrap();
    // Written last, but of an access that was before all others.
    create(&store, (4, 5, LATER, No));
    assert!(!is_there(&store, 1));
    for (newcomer, evicted) in [(101, 4), (102, 2), (103, 3)] {
        create(&store, (newcomer, 70, LATER, Yes));
        assert!(!is_there(&store, evicted), "{evicted}");
    }
}

#[test]
fn a_session_that_gets_an_owner_is_evicted_later() {
    let store = store(2);
    let revision = create(&store, (1, 10, LATER, No));
    create(&store, (2, 20, LATER, No));
    block_on(store.save(&key(1), &record(10, LATER, Yes), Expect::Revision(revision), NOW)).unwrap();
    create(&store, (3, 30, LATER, No));
    assert!(is_there(&store, 1) && !is_there(&store, 2));
}

#[test]
fn a_refused_create_evicts_nobody() {
    let store = store(2);
    create(&store, (1, 10, LATER, No));
    create(&store, (2, 20, 999, No));
    let refused = block_on(store.save(&key(2), &record(30, LATER, No), Expect::Absent, NOW));
    assert!(matches!(refused, Err(Error::Exists)));
    assert!(is_there(&store, 1) && is_there(&store, 2));
}

#[test]
fn a_place_that_became_free_is_used_before_anyone_is_evicted() {
    let store = store(2);
    create(&store, (1, 10, LATER, No));
    create(&store, (2, 20, 999, No));
    block_on(store.delete(&key(1))).unwrap();
    block_on(store.delete(&key(1))).unwrap();
    create(&store, (3, 10, LATER, No));
    assert!(is_there(&store, 2));
    assert_eq!(block_on(store.delete_expired(NOW, 10)).unwrap(), 1);
    create(&store, (4, 10, LATER, No));
    assert!(is_there(&store, 3) && is_there(&store, 4));
}

fn store(cap: usize) -> MemoryStore {
    MemoryStore::with_options(MemoryOptions::default().max_sessions(cap))
}

const fn key(number: u8) -> Key {
    Key::from_bytes([number; 16])
}

fn record(accessed_at: i64, expires_at: i64, owned: Owned) -> Record {
    Record {
        data: "data".into(),
        accessed_at: Timestamp::from_millis(accessed_at),
        expires_at: Timestamp::from_millis(expires_at),
        owner: (owned == Yes).then(|| Owner::new("ada").unwrap()),
    }
}

fn create(store: &MemoryStore, (number, accessed_at, expires_at, owned): Row) -> Revision {
    let record = record(accessed_at, expires_at, owned);
    block_on(store.save(&key(number), &record, Expect::Absent, NOW)).unwrap()
}

/// Returns whether a record lies there, live or dead: at the epoch none of them is dead.
fn is_there(store: &MemoryStore, number: u8) -> bool {
    block_on(store.load(&key(number), Timestamp::EPOCH)).unwrap().is_some()
}
