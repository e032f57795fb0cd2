//! What a session of ours costs in memory, by an allocator that counts: `ours-heap heap NAME PLACE SESSIONS BYTES`.

mod keys;

use std::{alloc::System, env, time::Duration};

use harness::{Values, answer_rounds};
use session_core::{Clock, Expect, Record, Store, SystemClock};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use store_memory::MemoryStore;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[tokio::main]
async fn main() {
    let arguments: Vec<usize> = env::args().skip(4).map(|number| number.parse().expect("a number")).collect();
    let [sessions, bytes] = arguments[..] else { panic!("the last two arguments are SESSIONS BYTES") };
    answer_rounds(async |_| (bytes_in_use(sessions, bytes).await, Duration::ZERO)).await;
}

/// Returns how many bytes are in use when there are so many sessions.
async fn bytes_in_use(sessions: usize, bytes: usize) -> u64 {
    let values: std::collections::BTreeMap<_, _> = Values::of(bytes).pairs.into_iter().collect();
    let region = Region::new(ALLOCATOR);
    let store = MemoryStore::new();
    for place in 0..sessions {
        let now = SystemClock.now();
        let data = rmp_serde::to_vec(&values).unwrap().into();
        let record =
            Record { data, accessed_at: now, expires_at: now + Duration::from_secs(3_600), owner: None };
        store.save(&keys::key(place), &record, Expect::Absent, now).await.unwrap();
    }
    let change = region.change();
    (change.bytes_allocated - change.bytes_deallocated) as u64
}
