//! What holds when many threads use one store.

#![cfg(test)]

use std::{
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use pollster::block_on;
use session_core::{Directory, Error, Expect, Key, Owner, Record, Revision, Store, Timestamp};
use store_memory::{MemoryOptions, MemoryStore};

const THREADS: u8 = 8;
const NOW: Timestamp = Timestamp::from_millis(1_000);
const KEY: Key = Key::from_bytes([7; 16]);

/// Runs `work` with the numbers 0 to 7 in as many threads, which start together.
fn together(work: impl Fn(u8) + Sync) {
    let barrier = Barrier::new(usize::from(THREADS));
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (work, barrier) = (&work, &barrier);
            scope.spawn(move || {
                barrier.wait();
                work(number);
            });
        }
    });
}

fn record(data: &[u8], owner: Option<&Owner>) -> Record {
    let expires_at = Timestamp::from_millis(2_000);
    Record { data: data.to_vec().into(), accessed_at: NOW, expires_at, owner: owner.cloned() }
}

fn create(store: &MemoryStore, key: &Key) -> Result<Revision, Error> {
    block_on(store.save(key, &record(&[0; 8], None), Expect::Absent, NOW))
}

#[test]
fn of_many_creates_of_one_key_exactly_one_wins() {
    for round in 0..200 {
        one_create_wins(&MemoryStore::new(), round);
        let full = MemoryStore::with_options(MemoryOptions::default().max_sessions(3));
        (0..3).for_each(|turn| _ = create(&full, &spread(0, turn)).unwrap());
        one_create_wins(&full, round);
        assert_eq!(block_on(full.count(NOW)).unwrap(), 3, "round {round}");
    }
}

fn one_create_wins(store: &MemoryStore, round: u32) {
    let won = AtomicUsize::new(0);
    together(|_| match create(store, &KEY) {
        Ok(_) => _ = won.fetch_add(1, Ordering::SeqCst),
        Err(error) => assert!(matches!(error, Error::Exists), "{error}"),
    });
    assert_eq!(won.into_inner(), 1, "round {round}");
}

#[test]
fn increments_by_compare_and_swap_add_up() {
    let store = MemoryStore::new();
    create(&store, &KEY).unwrap();
    together(|_| (0..500).for_each(|_| increment(&store)));
    let stored = block_on(store.load(&KEY, NOW)).unwrap().unwrap();
    assert_eq!(*stored.record.data, 4_000_u64.to_be_bytes());
}

fn increment(store: &MemoryStore) {
    loop {
        let stored = block_on(store.load(&KEY, NOW)).unwrap().unwrap();
        let count = u64::from_be_bytes((*stored.record.data).try_into().unwrap());
        let next = record(&(count + 1).to_be_bytes(), None);
        match block_on(store.save(&KEY, &next, Expect::Revision(stored.revision), NOW)) {
            Ok(_) => return,
            Err(error) => assert!(matches!(error, Error::Conflict), "{error}"),
        }
    }
}

#[test]
fn a_delete_is_final_for_the_saves_and_touches_that_race_it() {
    for round in 0..200 {
        let store = MemoryStore::new();
        let revision = create(&store, &KEY).unwrap();
        together(|number| match number {
            0 => block_on(store.delete(&KEY)).unwrap(),
            1..4 => _ = write_on(revision, |at| block_on(store.touch(&KEY, at, NOW, Timestamp::MAX, NOW))),
            _ => {
                let record = record(b"late", None);
                _ = write_on(revision, |at| block_on(store.save(&KEY, &record, Expect::Revision(at), NOW)));
            }
        });
        assert_eq!(block_on(store.load(&KEY, NOW)).unwrap(), None, "round {round}");
    }
}

/// Writes again and again, each time on the revision before, until a write is refused.
fn write_on(mut revision: Revision, write: impl Fn(Revision) -> Result<Revision, Error>) -> Error {
    for _ in 0..50 {
        match write(revision) {
            Ok(next) => revision = next,
            Err(error) => return error,
        }
    }
    Error::Conflict
}

#[test]
fn the_cap_is_never_exceeded_and_always_used_up() {
    const CAP: u64 = 50;
    let store = MemoryStore::with_options(MemoryOptions::default().max_sessions(50));
    let done = AtomicUsize::new(0);
    together(|number| {
        if number == 0 {
            while done.load(Ordering::SeqCst) < usize::from(THREADS) - 1 {
                assert!(block_on(store.count(Timestamp::EPOCH)).unwrap() <= CAP);
            }
            return;
        }
        (0..1_000).for_each(|turn| churn(&store, number, turn));
        done.fetch_add(1, Ordering::SeqCst);
    });
    for turn in 0..CAP {
        create(&store, &spread(200, turn)).unwrap();
    }
    assert_eq!(block_on(store.count(Timestamp::EPOCH)).unwrap(), CAP);
}

/// Creates one session, now and then deletes an older one or sweeps.
fn churn(store: &MemoryStore, number: u8, turn: u64) {
    create(store, &spread(number, turn)).unwrap();
    match turn % 16 {
        0 => block_on(store.delete(&spread(number, turn / 2))).unwrap(),
        8 => _ = block_on(store.delete_expired(Timestamp::from_millis(2_000), 3)).unwrap(),
        _ => {}
    }
}

/// Spreads the keys of a thread over all shards.
fn spread(number: u8, turn: u64) -> Key {
    let mut bytes = u128::from(turn).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes();
    bytes[15] = number;
    Key::from_bytes(bytes)
}

#[test]
fn a_session_that_is_written_meanwhile_is_never_missed_by_its_owner_nor_by_a_page() {
    let store = MemoryStore::new();
    let owner = Owner::new("ada").unwrap();
    let keys: Vec<_> = (0..40).map(|turn| spread(0, turn)).collect();
    for key in &keys {
        block_on(store.save(key, &record(b"", Some(&owner)), Expect::Absent, NOW)).unwrap();
    }
    together(|number| match number {
        0 => (0..500).for_each(|_| assert_eq!(block_on(store.owned_by(&owner, NOW)).unwrap().len(), 40)),
        1 => (0..500)
            .for_each(|_| assert_eq!(walk(&store).iter().filter(|key| keys.contains(key)).count(), 40)),
        2..5 => keys.iter().cycle().take(4_000).for_each(|key| rewrite(&store, key)),
        // Others come and go, which moves slots about.
        _ => (0..4_000).for_each(|turn| {
            create(&store, &spread(number, turn)).unwrap();
            block_on(store.delete(&spread(number, turn))).unwrap();
        }),
    });
}

#[test]
fn one_of_two_sessions_that_swap_owners_is_always_owned() {
    let store = MemoryStore::new();
    let owner = Owner::new("ada").unwrap();
    let keys = [spread(0, 1), spread(0, 2)];
    let mut revisions = keys.map(|key| create(&store, &key).unwrap());
    let mut give = |which: usize, owner| {
        let record = record(b"", owner);
        let saved = store.save(&keys[which], &record, Expect::Revision(revisions[which]), NOW);
        revisions[which] = block_on(saved).unwrap();
    };
    give(0, Some(&owner));
    let done = AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            for turn in 0..5_000 {
                give((turn + 1) % 2, Some(&owner));
                give(turn % 2, None);
            }
            done.store(1, Ordering::SeqCst);
        });
        while done.load(Ordering::SeqCst) == 0 {
            assert!(!block_on(store.owned_by(&owner, NOW)).unwrap().is_empty());
        }
    });
}

fn rewrite(store: &MemoryStore, key: &Key) {
    let stored = block_on(store.load(key, NOW)).unwrap().unwrap();
    let expect = Expect::Revision(stored.revision);
    match block_on(store.save(key, &stored.record, expect, NOW)) {
        Ok(_) | Err(Error::Conflict) => {}
        Err(error) => panic!("{error}"),
    }
}

/// Returns all keys, by small pages.
fn walk(store: &MemoryStore) -> Vec<Key> {
    let mut keys = Vec::new();
    loop {
        let page = block_on(store.page(keys.last(), 7, NOW)).unwrap();
        keys.extend(page.iter().map(|(key, _)| *key));
        if page.len() < 7 {
            return keys;
        }
    }
}
