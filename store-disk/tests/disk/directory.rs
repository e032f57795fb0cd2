//! Listing.

use session_core::{Expect, Key, Owner, Store};
use store_disk::DiskStore;

use crate::{
    common::{Place, at, create, key, key_in, open, owned},
    mount::Mount,
};

async fn keys(store: &DiskStore, after: Option<&Key>, limit: usize) -> Vec<Key> {
    let page = store.directory().unwrap().page(after, limit, at(0)).await.unwrap();
    page.into_iter().map(|(key, _)| key).collect()
}

#[tokio::test]
async fn pages_are_in_the_order_of_keys_and_join_without_a_gap() {
    let place = Place::new();
    let store = place.open();
    let mut expected: Vec<_> = (0..600).map(key).collect();
    for key in &expected {
        create(&store, key, "x").await;
    }
    expected.sort();
    let (mut seen, mut after) = (Vec::<Key>::new(), None);
    loop {
        let page = keys(&store, after.as_ref(), 7).await;
        seen.extend(&page);
        let Some(last) = page.last() else { break };
        after = Some(*last);
    }
    assert_eq!(seen, expected);
    assert!(keys(&store, None, 0).await.is_empty());
    assert_eq!(keys(&store, None, usize::MAX).await, expected);
}

#[tokio::test]
async fn the_dead_are_neither_listed_nor_counted() {
    let place = Place::new();
    let store = place.open();
    store.save(&key(1), &owned("x", "ann"), Expect::Absent, at(0)).await.unwrap();
    let (directory, ann) = (store.directory().unwrap(), Owner::new("ann").unwrap());
    for (now, count) in [(999, 1), (1_000, 0)] {
        assert_eq!(directory.count(at(now)).await.unwrap(), count);
        assert_eq!(directory.page(None, 10, at(now)).await.unwrap().len() as u64, count);
        assert_eq!(directory.owned_by(&ann, at(now)).await.unwrap().len() as u64, count);
    }
}

#[tokio::test]
async fn the_sessions_of_an_owner_are_found_in_the_order_of_keys() {
    let place = Place::new();
    let store = place.open();
    for n in (0..20).rev() {
        let owner = if n % 3 == 0 { "ann" } else { "ann2" };
        store.save(&key(n), &owned("x", owner), Expect::Absent, at(0)).await.unwrap();
    }
    let found = store.directory().unwrap().owned_by(&Owner::new("ann").unwrap(), at(0)).await.unwrap();
    assert_eq!(found.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [0, 3, 6, 9, 12, 15, 18].map(key));
}

/// Saves and touches sessions of one folder without pause while they are listed.
async fn nothing_is_missed(store: &DiskStore) {
    let (keys, ann) = ((0..100).map(|n| key_in(1, n)).collect::<Vec<_>>(), Owner::new("ann").unwrap());
    let mut revisions = Vec::new();
    for key in &keys {
        revisions.push(store.save(key, &owned("x", "ann"), Expect::Absent, at(0)).await.unwrap());
    }
    let writing = tokio::spawn({
        let (store, keys) = (store.clone(), keys.clone());
        async move {
            loop {
                for (key, revision) in keys.iter().zip(&mut revisions) {
                    let saved = owned("y", "ann");
                    *revision = store.save(key, &saved, Expect::Revision(*revision), at(0)).await.unwrap();
                    *revision = store.touch(key, *revision, at(1), at(1_000), at(0)).await.unwrap();
                }
            }
        }
    });
    let directory = store.directory().unwrap();
    for _ in 0..100 {
        assert_eq!(directory.owned_by(&ann, at(0)).await.unwrap().len(), keys.len());
        assert_eq!(directory.count(at(0)).await.unwrap(), keys.len() as u64);
        assert_eq!(directory.page(None, 1_000, at(0)).await.unwrap().len(), keys.len());
    }
    writing.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_saved_or_touched_meanwhile_is_never_missed() {
    let place = Place::new();
    nothing_is_missed(&place.open()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_is_it_missed_on_a_file_system_in_memory() {
    let Some(mount) = Mount::new("size=4m") else { return };
    nothing_is_missed(&open(mount.path())).await;
}
