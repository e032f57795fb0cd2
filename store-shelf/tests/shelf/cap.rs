//! A limit of sessions that the file is above, or that is none.

use session_core::{Expect, Key, Record, Store};
use store_shelf::ShelfStore;

use crate::common::{Place, at, data, key, left, quick, record};

fn capped(place: &Place, max: usize) -> ShelfStore {
    ShelfStore::open_with(place.file(), quick().max_sessions(max)).unwrap()
}

async fn save(store: &ShelfStore, key: &Key, record: Record, accessed_at: i64) {
    let record = Record { accessed_at: at(accessed_at), ..record };
    store.save(key, &record, Expect::Absent, at(0)).await.unwrap();
}

#[tokio::test]
async fn a_limit_of_zero_keeps_the_session_that_was_just_created() {
    let place = Place::new();
    let store = capped(&place, 0);
    for n in 0..3 {
        save(&store, &key(n), record("x"), 0).await;
        assert_eq!(left(&store).await, [n]);
    }
}

#[tokio::test]
async fn what_was_there_when_the_store_was_opened_counts() {
    let place = Place::new();
    {
        let store = place.open();
        for n in 0..5 {
            save(&store, &key(n), record("x"), i64::try_from(n).unwrap()).await;
        }
        store.close().await;
    }
    let store = capped(&place, 3);
    save(&store, &key(5), record("x"), 9).await;
    assert_eq!(left(&store).await, [3, 4, 5]);
    assert_eq!(data(&store, &key(5)).await.as_deref(), Some("x"));
}
