//! The end of a store.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

use session_core::{Error, Expect, Outcome, Store};
use store_shelf::ShelfStore;

use crate::common::{Place, at, create, data, key, record};

/// Polls a call once; on a busy machine the thread that writes may be done before that.
fn begin<T>(call: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    call.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn closing_does_all_that_was_begun_and_refuses_what_comes_later() {
    let place = Place::new();
    let store = place.open();
    let mut saves: Vec<_> = (0..100)
        .map(|n| {
            let store = store.clone();
            Box::pin(async move { create(&store, &key(n), "x").await })
        })
        .collect();
    saves.retain_mut(|save| begin(save.as_mut()).is_pending());
    store.close().await;
    for save in saves {
        save.await;
    }
    let late = store.save(&key(200), &record("x"), Expect::Absent, at(0)).await;
    assert!(matches!(late, Err(Error::Backend { outcome: Outcome::NotApplied, .. })));
    assert!(matches!(store.load(&key(1), at(0)).await, Err(Error::Backend { .. })));
    store.clone().close().await;
    assert_eq!(place.open().directory().unwrap().count(at(0)).await.unwrap(), 100);
}

#[tokio::test(flavor = "current_thread")]
async fn dropping_the_last_handle_finishes_what_was_begun_without_waiting_for_it() {
    let place = Place::new();
    let store = place.open();
    let mut save = Box::pin({
        let store = store.clone();
        async move { create(&store, &key(1), "x").await }
    });
    let _ = begin(save.as_mut());
    drop((store, save));
    // The thread has the file for a moment more, and skips or finishes what was dropped.
    let store = loop {
        match ShelfStore::open(place.file()) {
            Ok(store) => break store,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    let found = data(&store, &key(1)).await;
    assert!(found.is_none_or(|data| data == "x"));
}
