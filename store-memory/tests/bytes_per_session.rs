//! What a session costs in memory, by a counting allocator.
//!
//! One test in a program of its own, because every allocation of the program counts.

#![cfg(test)]

use std::alloc::System;

use bytes::Bytes;
use pollster::block_on;
use session_core::{Expect, Key, Record, Store, Timestamp};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use store_memory::MemoryStore;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SESSIONS: u64 = 1_000_000;
const NOW: Timestamp = Timestamp::EPOCH;

#[test]
fn a_million_sessions_of_200_bytes_take_at_most_350_bytes_each() {
    let region = Region::new(ALLOCATOR);
    let store = MemoryStore::new();
    (0..SESSIONS).for_each(|number| save(&store, number));
    let saved = bytes_per_session(&region);
    (0..SESSIONS).for_each(|number| load(&store, number));
    let loaded = bytes_per_session(&region);
    assert!(saved <= 312 && loaded <= 336, "{saved} bytes as saved, {loaded} when loaded");

    assert_eq!(block_on(store.delete_expired(Timestamp::MAX, usize::MAX)).unwrap(), 1_000_000);
    let left = bytes_in_use(&region);
    assert!(left < 100_000, "{left} bytes are left of a store that is empty again");
}

fn save(store: &MemoryStore, number: u64) {
    // A small part of a large buffer, which must not be kept alive by it.
    let data = Bytes::from(vec![1; 2_000]).slice(700..900);
    // Times that are out of order, as sessions of many ages are.
    let expires_at = Timestamp::from_millis(1 + i64::try_from(number * 7_919 % SESSIONS).unwrap());
    let record = Record { data, accessed_at: NOW, expires_at, owner: None };
    block_on(store.save(&key(number), &record, Expect::Absent, NOW)).unwrap();
}

fn load(store: &MemoryStore, number: u64) {
    assert_eq!(block_on(store.load(&key(number), NOW)).unwrap().unwrap().record.data.len(), 200);
}

/// Spreads the numbers over all keys (by the fractional part of the golden ratio).
fn key(number: u64) -> Key {
    Key::from_bytes(u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes())
}

fn bytes_per_session(region: &Region<'_, System>) -> u64 {
    bytes_in_use(region) / SESSIONS
}

fn bytes_in_use(region: &Region<'_, System>) -> u64 {
    let change = region.change();
    u64::try_from(change.bytes_allocated - change.bytes_deallocated).unwrap()
}
