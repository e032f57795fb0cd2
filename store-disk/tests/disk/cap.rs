//! The limit of sessions.

use session_core::{Expect, Key, Record, Store};
use store_disk::DiskStore;

use crate::common::{Place, at, data, key, owned, quick, record};

fn capped(place: &Place, max: usize) -> DiskStore {
    DiskStore::open_with(place.root(), quick().max_sessions(max)).unwrap()
}

async fn save(store: &DiskStore, key: &Key, record: Record, accessed_at: i64) {
    let record = Record { accessed_at: at(accessed_at), ..record };
    store.save(key, &record, Expect::Absent, at(0)).await.unwrap();
}

/// Returns which of the keys 0 to 9 are in the folder.
fn left(place: &Place) -> Vec<u64> {
    (0..10).filter(|n| place.file(&key(*n)).exists()).collect()
}

#[tokio::test]
async fn the_dead_go_first_then_those_without_an_owner_then_the_oldest_access() {
    let place = Place::new();
    let store = capped(&place, 4);
    save(&store, &key(0), owned("x", "ann"), 1).await;
    save(&store, &key(1), record("x"), 3).await;
    save(&store, &key(2), record("x"), 2).await;
    let dead = Record { expires_at: at(0), ..owned("x", "ann") };
    save(&store, &key(3), dead, 9).await;
    save(&store, &key(4), owned("x", "ann"), 4).await;
    assert_eq!(left(&place), [0, 1, 2, 4]);
    save(&store, &key(5), owned("x", "ann"), 5).await;
    assert_eq!(left(&place), [0, 1, 4, 5]);
    save(&store, &key(6), owned("x", "ann"), 6).await;
    assert_eq!(left(&place), [0, 4, 5, 6]);
    save(&store, &key(7), record("x"), 7).await;
    assert_eq!(left(&place), [4, 5, 6, 7]);
    save(&store, &key(8), record("x"), 0).await;
    assert_eq!(left(&place), [4, 5, 6, 8]);
}

#[tokio::test]
async fn a_touch_and_a_delete_are_taken_into_account() {
    let place = Place::new();
    let store = capped(&place, 2);
    let first = store.save(&key(0), &record("x"), Expect::Absent, at(0)).await.unwrap();
    save(&store, &key(1), record("x"), 1).await;
    store.touch(&key(0), first, at(2), at(1_000), at(0)).await.unwrap();
    save(&store, &key(2), record("x"), 3).await;
    assert_eq!(left(&place), [0, 2]);
    store.delete(&key(0)).await.unwrap();
    save(&store, &key(3), record("x"), 4).await;
    assert_eq!(left(&place), [2, 3]);
}

#[tokio::test]
async fn parallel_creations_never_exceed_the_limit() {
    for max in [1, 3] {
        let place = Place::new();
        let store = capped(&place, max);
        let saves: Vec<_> = (0..50)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move { save(&store, &key(n), record("x"), 0).await })
            })
            .collect();
        for save in saves {
            save.await.unwrap();
        }
        assert_eq!(store.directory().unwrap().count(at(0)).await.unwrap(), max as u64);
    }
}

#[tokio::test]
async fn a_session_that_is_saved_while_it_is_evicted_does_not_come_back() {
    let place = Place::new();
    let store = capped(&place, 1);
    for n in 0..200 {
        let old = store.save(&key(n), &record("x"), Expect::Absent, at(0)).await.unwrap();
        let (first, old_key, new_key, record) = (key(5_000), key(n), key(1_000 + n), record("y"));
        // Held up together behind a first one, the two are carried out in one round.
        let (_, _, created) = tokio::join!(
            store.delete(&first),
            store.save(&old_key, &record, Expect::Revision(old), at(0)),
            store.save(&new_key, &record, Expect::Absent, at(0)),
        );
        created.unwrap();
        assert!(!place.file(&old_key).exists(), "{n}");
        store.delete(&new_key).await.unwrap();
    }
}

#[tokio::test]
async fn a_limit_of_zero_keeps_the_session_that_was_just_created() {
    let place = Place::new();
    let store = capped(&place, 0);
    for n in 0..3 {
        save(&store, &key(n), record("x"), 0).await;
        assert_eq!(left(&place), [n]);
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
    }
    let store = capped(&place, 3);
    save(&store, &key(5), record("x"), 9).await;
    assert_eq!(left(&place), [3, 4, 5]);
    assert_eq!(data(&store, &key(5)).await.as_deref(), Some("x"));
}

#[tokio::test]
async fn what_others_put_into_the_folder_counts_from_the_next_sweep_on() {
    let place = Place::new();
    let (store, other) = (capped(&place, 3), place.open());
    for n in 0..3 {
        save(&store, &key(n), record("x"), 5).await;
    }
    save(&other, &key(3), record("x"), 4).await;
    save(&other, &key(4), owned("x", "ann"), 6).await;
    other.delete(&key(0)).await.unwrap();
    assert_eq!(left(&place), [1, 2, 3, 4]);
    store.delete_expired(at(0), 10).await.unwrap();
    assert_eq!(left(&place), [1, 2, 4]);
    save(&store, &key(5), record("x"), 9).await;
    assert_eq!(left(&place).len(), 3);
}
