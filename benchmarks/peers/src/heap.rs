//! What a session of a peer costs in memory, by an allocator that counts: `peers-heap heap NAME PLACE SESSIONS BYTES`.

mod record;

use std::{alloc::System, env, time::Duration};

use harness::{Values, answer_rounds};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tower_sessions::{MemoryStore, SessionStore};

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
    let mut one = record::record(&Values::of(bytes));
    let region = Region::new(ALLOCATOR);
    let store = MemoryStore::default();
    for place in 0..sessions {
        (one.id, one.expiry_date) = (record::id(place), record::expiry(0));
        store.create(&mut one).await.unwrap();
    }
    let change = region.change();
    (change.bytes_allocated - change.bytes_deallocated) as u64
}
