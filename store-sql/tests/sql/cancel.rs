//! Dropped calls.

use std::{
    pin::pin,
    task::{Context, Waker},
};

use session_core::{Error, Expect, Store};
use store_sql::SqlOptions;

use crate::{
    common::{at, create, data, key, record},
    held::held_up,
    place::{ALL, each},
};

/// Polls a call once and drops it: from then on, it is under way.
fn begin_and_drop<T>(call: impl Future<Output = T>) {
    let _ = pin!(call).poll(&mut Context::from_waker(Waker::noop()));
}

#[tokio::test]
async fn a_dropped_creation_never_lands_after_a_delete_that_was_answered() {
    each(&ALL, async |place| {
        let store = place.open().await;
        for n in 0..20 {
            held_up(place, async || {
                begin_and_drop(store.save(&key(n), &record("late"), Expect::Absent, at(0)));
            })
            .await;
            store.delete(&key(n)).await.unwrap();
            // Were it still under way, it would be over before others that came after it.
            for other in 100..110 {
                create(&store, &key(other), "x").await;
                store.delete(&key(other)).await.unwrap();
            }
            assert_eq!(data(&store, &key(n)).await, None);
        }
    })
    .await;
}

#[tokio::test]
async fn a_dropped_delete_never_hits_the_next_session() {
    each(&ALL, async |place| {
        let store = place.open().await;
        create(&store, &key(1), "old").await;
        for n in 0..20 {
            held_up(place, async || begin_and_drop(store.delete(&key(1)))).await;
            create(&store, &key(1), &n.to_string()).await;
            create(&store, &key(2), "other").await;
            store.delete(&key(2)).await.unwrap();
            assert_eq!(data(&store, &key(1)).await, Some(n.to_string()));
        }
    })
    .await;
}

#[tokio::test]
async fn dropped_calls_leave_no_connection_and_no_transaction_behind() {
    each(&ALL, async |place| {
        let store = place.open_with(SqlOptions::default().max_connections(2)).await;
        for n in 0..300 {
            begin_and_drop(store.save(&key(n), &record("x"), Expect::Absent, at(0)));
            begin_and_drop(store.load(&key(n), at(0)));
            begin_and_drop(store.delete(&key(n)));
        }
        for n in 0..300 {
            // Its turn comes after those that were dropped.
            create(&store, &key(n), "kept").await;
        }
        let other = place.open().await;
        for n in 0..300 {
            assert_eq!(data(&other, &key(n)).await.as_deref(), Some("kept"));
        }
        let again = store.save(&key(1), &record("x"), Expect::Absent, at(0)).await;
        assert!(matches!(again, Err(Error::Exists)));
    })
    .await;
}
