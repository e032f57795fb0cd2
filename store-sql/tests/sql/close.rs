//! Stores that are closed.

use session_core::{Expect, Store};
use tokio::task::{JoinSet, yield_now};

use crate::{
    common::{at, create, data, key, record, words},
    held::held_up,
    place::{ALL, each},
};

#[tokio::test]
async fn a_closed_store_says_so() {
    each(&ALL, async |place| {
        let store = place.open().await;
        create(&store, &key(1), "x").await;
        store.close().await;
        let refused = [
            store.load(&key(1), at(0)).await.unwrap_err(),
            store.delete(&key(1)).await.unwrap_err(),
            store.delete_expired(at(0), 1).await.unwrap_err(),
        ];
        for refused in refused {
            assert!(words(&refused).contains("the store was closed"), "{}", words(&refused));
            assert!(!refused.is_unknown());
        }
        // Once more is no error.
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_begun_is_done_before_a_store_closes() {
    each(&ALL, async |place| {
        let store = place.open().await;
        let revision = create(&store, &key(1), "old").await;
        let (mut creates, mut closing) = (JoinSet::new(), JoinSet::new());
        held_up(place, async || {
            // Some wait for connections and for each other, and some for their turn.
            for n in 100..150 {
                let store = store.clone();
                creates.spawn(async move { store.save(&key(n), &record("x"), Expect::Absent, at(0)).await });
            }
            let (first, second) = (store.clone(), store.clone());
            creates.spawn(async move { first.touch(&key(1), revision, at(0), at(900), at(0)).await });
            creates.spawn(async move {
                let next = revision.next().unwrap();
                second.save(&key(1), &record("new"), Expect::Revision(next), at(0)).await
            });
            // All of them are polled before this goes on.
            yield_now().await;
            for _ in 0..2 {
                let store = store.clone();
                closing.spawn(async move { store.close().await });
            }
            yield_now().await;
            let refused = store.save(&key(2), &record("x"), Expect::Absent, at(0)).await.unwrap_err();
            assert!(words(&refused).contains("the store was closed"), "{}", words(&refused));
        })
        .await;
        for created in creates.join_all().await {
            created.unwrap();
        }
        closing.join_all().await;
        let other = place.open().await;
        assert_eq!(data(&other, &key(1)).await.as_deref(), Some("new"));
        assert_eq!(other.directory().unwrap().count(at(0)).await.unwrap(), 51);
    })
    .await;
}
