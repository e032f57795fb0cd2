//! Dropped calls.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use session_core::{Expect, Store};

use crate::common::{Place, at, create, data, key, record};

/// Polls a call once and drops it.
fn begin_and_drop<T>(call: impl Future<Output = T>) {
    let _: Poll<T> = pin!(call).poll(&mut Context::from_waker(Waker::noop()));
}

#[tokio::test]
async fn a_dropped_save_never_lands_after_a_later_one() {
    let place = Place::new();
    let store = place.open();
    let mut revision = create(&store, &key(1), "0").await;
    for n in 1..200 {
        let dropped = record(&format!("dropped {n}"));
        begin_and_drop(store.save(&key(1), &dropped, Expect::Revision(revision), at(0)));
        let stored = store.load(&key(1), at(0)).await.unwrap().unwrap();
        let kept = n.to_string();
        match store.save(&key(1), &record(&kept), Expect::Revision(stored.revision), at(0)).await {
            Ok(next) => {
                assert_eq!(data(&store, &key(1)).await, Some(kept));
                revision = next;
            }
            // The dropped one landed in between; nothing can come after this any more.
            Err(_) => revision = store.load(&key(1), at(0)).await.unwrap().unwrap().revision,
        }
    }
    assert!(place.names(&key(1)).len() <= 1, "{:?}", place.names(&key(1)));
}

#[tokio::test]
async fn a_dropped_delete_never_takes_a_session_that_was_created_later() {
    let place = Place::new();
    let store = place.open();
    for n in 0..200 {
        begin_and_drop(store.delete(&key(n)));
        create(&store, &key(n), "x").await;
    }
    assert_eq!(store.directory().unwrap().count(at(0)).await.unwrap(), 200);
}

#[tokio::test]
async fn a_thousand_dropped_calls_leave_nothing_behind() {
    let place = Place::new();
    let store = place.open();
    let revision = create(&store, &key(1), "x").await;
    for _ in 0..250 {
        begin_and_drop(store.save(&key(1), &record("dropped"), Expect::Absent, at(0)));
        begin_and_drop(store.touch(&key(1), revision, at(0), at(1_000), at(0)));
        begin_and_drop(store.load(&key(1), at(0)));
        begin_and_drop(store.delete_expired(at(0), 1));
    }
    let stored = store.load(&key(1), at(0)).await.unwrap().unwrap();
    store.save(&key(1), &record("last"), Expect::Revision(stored.revision), at(0)).await.ok();
    store.delete(&key(1)).await.unwrap();
    assert!(place.names(&key(1)).is_empty());
}

#[test]
fn a_write_that_was_begun_outlives_its_runtime() {
    let place = Place::new();
    let store = place.open();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let save = runtime.spawn({
        let store = store.clone();
        async move { create(&store, &key(1), "x").await }
    });
    drop((save, runtime));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        store.delete(&key(1)).await.unwrap();
        create(&store, &key(1), "y").await;
        assert_eq!(data(&store, &key(1)).await.as_deref(), Some("y"));
    });
}
