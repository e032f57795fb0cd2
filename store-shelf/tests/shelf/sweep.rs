//! Deleting expired sessions.

use session_core::{Expect, Record, Store};

use crate::common::{Place, at, create, key, owned, record};

#[tokio::test]
async fn only_the_dead_are_deleted_the_first_to_expire_first() {
    let place = Place::new();
    let store = place.open();
    for n in 0..10 {
        let expires_at = at(100 + i64::try_from(n).unwrap());
        let record = Record { expires_at, ..owned("x", "ann") };
        store.save(&key(n), &record, Expect::Absent, at(0)).await.unwrap();
    }
    assert_eq!(store.delete_expired(at(99), 10).await.unwrap(), 0);
    assert_eq!(store.delete_expired(at(106), 3).await.unwrap(), 3);
    assert_eq!(store.delete_expired(at(106), 0).await.unwrap(), 0);
    assert!(store.load(&key(2), at(0)).await.unwrap().is_none());
    assert!(store.load(&key(3), at(0)).await.unwrap().is_some());
    assert_eq!(store.delete_expired(at(106), 10).await.unwrap(), 4);
    assert_eq!(store.directory().unwrap().count(at(0)).await.unwrap(), 3);
}

#[tokio::test]
async fn a_session_that_was_touched_or_saved_is_not_deleted_at_its_old_time() {
    let place = Place::new();
    let store = place.open();
    let [touched, saved] = [create(&store, &key(1), "x").await, create(&store, &key(2), "x").await];
    store.touch(&key(1), touched, at(0), at(2_000), at(0)).await.unwrap();
    let later = Record { expires_at: at(2_000), ..record("y") };
    store.save(&key(2), &later, Expect::Revision(saved), at(0)).await.unwrap();
    assert_eq!(store.delete_expired(at(1_999), 10).await.unwrap(), 0);
    assert_eq!(store.delete_expired(at(2_000), 10).await.unwrap(), 2);
}

#[tokio::test]
async fn more_than_fit_into_one_transaction_are_deleted_by_one_call() {
    let place = Place::new();
    let store = place.open();
    let saves: Vec<_> = (0..1_200)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { create(&store, &key(n), "x").await })
        })
        .collect();
    for save in saves {
        save.await.unwrap();
    }
    assert_eq!(store.delete_expired(at(1_000), 1_100).await.unwrap(), 1_100);
    assert_eq!(store.delete_expired(at(1_000), usize::MAX).await.unwrap(), 100);
    assert_eq!(store.delete_expired(at(1_000), usize::MAX).await.unwrap(), 0);
}

#[tokio::test]
async fn two_sweeps_at_once_share_the_dead() {
    let place = Place::new();
    let store = place.open();
    for n in 0..20 {
        create(&store, &key(n), "x").await;
    }
    let (one, two) = tokio::join!(store.delete_expired(at(1_000), 15), store.delete_expired(at(1_000), 15));
    assert_eq!(one.unwrap() + two.unwrap(), 20);
}
