//! Sweeping.

use std::fs;

use session_core::{Expect, Record, Store};

use crate::common::{Place, at, create, data, key, key_in, record};

#[tokio::test]
async fn a_sweep_deletes_the_dead_and_no_other_in_batches() {
    let place = Place::new();
    let store = place.open();
    for n in 0..50 {
        let record = Record { expires_at: at(if n % 2 == 0 { 100 } else { 200 }), ..record("x") };
        store.save(&key(n), &record, Expect::Absent, at(0)).await.unwrap();
    }
    assert_eq!(store.delete_expired(at(99), 100).await.unwrap(), 0);
    assert_eq!(store.delete_expired(at(100), 0).await.unwrap(), 0);
    let mut batches = Vec::new();
    loop {
        let deleted = store.delete_expired(at(100), 10).await.unwrap();
        batches.push(deleted);
        if deleted < 10 {
            break;
        }
    }
    assert_eq!(batches, [10, 10, 5]);
    assert_eq!(store.directory().unwrap().count(at(100)).await.unwrap(), 25);
    assert_eq!(store.load(&key(0), at(0)).await.unwrap(), None);
}

#[tokio::test]
async fn more_than_one_batch_of_the_dead_in_one_folder_is_deleted() {
    let place = Place::new();
    let store = place.open();
    for n in 0..150 {
        create(&store, &key_in(3, n), "x").await;
    }
    assert_eq!(store.delete_expired(at(1_000), 1_000).await.unwrap(), 150);
    assert!(place.names(&key_in(3, 0)).is_empty());
}

#[tokio::test]
async fn a_session_whose_file_looks_dead_but_is_live_stays() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "x").await;
    let file = fs::File::options().write(true).open(place.file(&key(1))).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(store.delete_expired(at(999), 10).await.unwrap(), 0);
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("x"));
}

#[tokio::test]
async fn a_session_that_is_touched_before_a_sweep_comes_to_it_is_never_deleted() {
    let place = Place::new();
    let store = place.open();
    let sweeping = tokio::spawn({
        let store = store.clone();
        async move {
            loop {
                store.delete_expired(at(500), 10).await.unwrap();
            }
        }
    });
    for _ in 0..300 {
        // Dead for the sweep, live for the touch: either may come first.
        let dead = Record { expires_at: at(500), ..record("x") };
        let revision = store.save(&key(1), &dead, Expect::Absent, at(0)).await.unwrap();
        if store.touch(&key(1), revision, at(0), at(1_000), at(0)).await.is_ok() {
            store.delete_expired(at(500), 10).await.unwrap();
            assert_eq!(data(&store, &key(1)).await.as_deref(), Some("x"));
        }
        store.delete(&key(1)).await.unwrap();
    }
    sweeping.abort();
}

#[tokio::test]
async fn two_sweeps_at_once_count_each_session_once() {
    let place = Place::new();
    let (one, two) = (place.open(), place.open());
    for n in 0..60 {
        create(&one, &key(n), "x").await;
    }
    let (first, second) =
        tokio::join!(one.delete_expired(at(1_000), 100), two.delete_expired(at(1_000), 100));
    assert_eq!(first.unwrap() + second.unwrap(), 60);
}

#[tokio::test]
async fn a_sweep_goes_on_where_the_last_one_stopped() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key_in(0x10, 1), "x").await;
    create(&store, &key_in(0x20, 1), "x").await;
    assert_eq!(store.delete_expired(at(1_000), 1).await.unwrap(), 1);
    assert_eq!(data(&store, &key_in(0x10, 1)).await, None);
    // What dies behind the sweep has to wait for its next round.
    create(&store, &key_in(0x08, 1), "x").await;
    assert_eq!(store.delete_expired(at(1_000), 1).await.unwrap(), 1);
    assert_eq!(data(&store, &key_in(0x20, 1)).await, None);
    assert_eq!(data(&store, &key_in(0x08, 1)).await.as_deref(), Some("x"));
    assert_eq!(store.delete_expired(at(1_000), 1).await.unwrap(), 1);
}

#[tokio::test]
async fn what_a_killed_process_staged_is_swept() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "x").await;
    let stem = key(1).to_string()[2..].to_owned();
    let leftover = place.file(&key(1)).with_file_name(format!("{stem}.0123456789abcdef.staged"));
    fs::write(&leftover, "half a rec").unwrap();
    assert_eq!(store.delete_expired(at(0), 10).await.unwrap(), 0);
    assert_eq!(place.names(&key(1)), [format!("{stem}.session")]);
}

#[tokio::test]
async fn sweeps_never_remove_what_is_being_staged() {
    let place = Place::new();
    let (store, sweeper) = (place.open(), place.open());
    let mut revision = create(&store, &key(1), "x").await;
    let sweeping = tokio::spawn(async move {
        loop {
            sweeper.delete_expired(at(0), 10).await.unwrap();
        }
    });
    let stem = key(1).to_string()[2..].to_owned();
    let leftover = place.file(&key(1)).with_file_name(format!("{stem}.0123456789abcdef.staged"));
    for _ in 0..200 {
        // A leftover makes every sweep look for more of them.
        fs::write(&leftover, "").unwrap();
        revision = store.save(&key(1), &record("x"), Expect::Revision(revision), at(0)).await.unwrap();
    }
    sweeping.abort();
}
