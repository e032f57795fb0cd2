//! Many tasks at once.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use session_core::{Error, Expect, Store};
use store_shelf::ShelfStore;

use crate::common::{Place, at, create, data, key, record};

/// Adds one `times` times, each time trying again until nobody else was faster.
async fn increment(store: ShelfStore, times: usize) {
    for _ in 0..times {
        loop {
            let stored = store.load(&key(1), at(0)).await.unwrap().unwrap();
            let count: u32 = str::from_utf8(&stored.record.data).unwrap().parse().unwrap();
            let next = record(&(count + 1).to_string());
            match store.save(&key(1), &next, Expect::Revision(stored.revision), at(0)).await {
                Ok(_) => break,
                Err(Error::Conflict) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn increments_of_sixteen_tasks_add_up() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "0").await;
    let tasks: Vec<_> = (0..16).map(|_| tokio::spawn(increment(store.clone(), 32))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("512"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_that_begins_after_an_ok_sees_it() {
    let place = Place::new();
    let store = place.open();
    let mut revision = create(&store, &key(1), "0").await;
    let acknowledged = Arc::new(AtomicU64::new(0));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (store, acknowledged) = (store.clone(), Arc::clone(&acknowledged));
            tokio::spawn(async move {
                while acknowledged.load(Ordering::SeqCst) < 500 {
                    let least = acknowledged.load(Ordering::SeqCst);
                    let seen: u64 = data(&store, &key(1)).await.unwrap().parse().unwrap();
                    assert!(seen >= least, "{seen} after {least} was acknowledged");
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for count in 1..=500_u64 {
        let next = record(&count.to_string());
        revision = store.save(&key(1), &next, Expect::Revision(revision), at(0)).await.unwrap();
        acknowledged.store(count, Ordering::SeqCst);
    }
    for reader in readers {
        reader.await.unwrap();
    }
}
