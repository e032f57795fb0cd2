//! The contract of a store, as far as it is about one handle.

use session_core::{Error, Expect, Record, Store};

use crate::common::{self, Place, at, create, data, key, owned, record};

#[tokio::test]
async fn what_was_saved_is_loaded_until_it_expires() {
    let place = Place::new();
    let store = place.open();
    let revision = store.save(&key(1), &owned("data", "ann"), Expect::Absent, at(0)).await.unwrap();
    let stored = store.load(&key(1), at(999)).await.unwrap().unwrap();
    assert_eq!((stored.record, stored.revision), (owned("data", "ann"), revision));
    assert_eq!(store.load(&key(1), at(1_000)).await.unwrap(), None);
    assert_eq!(store.load(&key(2), at(0)).await.unwrap(), None);
}

#[tokio::test]
async fn what_was_saved_is_there_after_opening_again() {
    let place = Place::new();
    create(&place.open(), &key(1), "kept").await;
    assert_eq!(data(&place.open(), &key(1)).await.as_deref(), Some("kept"));
}

#[tokio::test]
async fn an_empty_record_and_a_large_one_are_kept() {
    let place = Place::new();
    let store = place.open();
    for (n, size) in [0, 1, 65_536, 5_000_000].into_iter().enumerate() {
        let data = "x".repeat(size);
        create(&store, &key(n as u64), &data).await;
        assert_eq!(common::data(&store, &key(n as u64)).await, Some(data));
    }
}

#[tokio::test]
async fn every_write_is_a_compare_and_swap() {
    let place = Place::new();
    let store = place.open();
    let first = create(&store, &key(1), "one").await;
    let second = store.save(&key(1), &record("two"), Expect::Revision(first), at(0)).await.unwrap();
    assert_eq!(second, first.next().unwrap());
    let late = store.save(&key(1), &record("late"), Expect::Revision(first), at(0)).await;
    assert!(matches!(late, Err(Error::Conflict)));
    let late = store.touch(&key(1), first, at(1), at(2), at(0)).await;
    assert!(matches!(late, Err(Error::Conflict)));
    let again = store.save(&key(1), &record("again"), Expect::Absent, at(0)).await;
    assert!(matches!(again, Err(Error::Exists)));
    let absent = store.save(&key(2), &record("absent"), Expect::Revision(first), at(0)).await;
    assert!(matches!(absent, Err(Error::Missing)));
    let absent = store.touch(&key(1_002), first, at(1), at(2), at(0)).await;
    assert!(matches!(absent, Err(Error::Missing)));
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("two"));
}

#[tokio::test]
async fn a_touch_sets_both_times_and_leaves_the_rest() {
    let place = Place::new();
    let store = place.open();
    let first = store.save(&key(1), &owned("data", "ann"), Expect::Absent, at(0)).await.unwrap();
    let second = store.touch(&key(1), first, at(500), at(2_000), at(500)).await.unwrap();
    let stored = store.load(&key(1), at(1_999)).await.unwrap().unwrap();
    let expected = Record { accessed_at: at(500), expires_at: at(2_000), ..owned("data", "ann") };
    assert_eq!((stored.record, stored.revision), (expected, second));
    assert_eq!(second, first.next().unwrap());
}

#[tokio::test]
async fn a_dead_session_is_missing_and_its_key_is_taken() {
    let place = Place::new();
    let store = place.open();
    let revision = create(&store, &key(1), "dead").await;
    let save = store.save(&key(1), &record("x"), Expect::Revision(revision), at(1_000)).await;
    assert!(matches!(save, Err(Error::Missing)));
    let touch = store.touch(&key(1), revision, at(1_000), at(9_000), at(1_000)).await;
    assert!(matches!(touch, Err(Error::Missing)));
    let create = store.save(&key(1), &record("x"), Expect::Absent, at(1_000)).await;
    assert!(matches!(create, Err(Error::Exists)));
}

#[tokio::test]
async fn a_deleted_session_is_gone_and_deleting_it_again_is_fine() {
    let place = Place::new();
    let store = place.open();
    let revision = create(&store, &key(1), "x").await;
    store.delete(&key(1)).await.unwrap();
    store.delete(&key(1)).await.unwrap();
    store.delete(&key(200)).await.unwrap();
    assert_eq!(data(&store, &key(1)).await, None);
    let late = store.save(&key(1), &record("late"), Expect::Revision(revision), at(0)).await;
    assert!(matches!(late, Err(Error::Missing)));
    create(&store, &key(1), "new").await;
    let late = store.save(&key(1), &record("late"), Expect::Revision(revision), at(0)).await;
    assert!(matches!(late, Err(Error::Conflict)));
}

#[tokio::test]
async fn parallel_changes_of_one_session_are_each_counted_once() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "0").await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..32 {
                    increment(&store).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("256"));
}

async fn increment(store: &store_disk::DiskStore) {
    loop {
        let stored = store.load(&key(1), at(0)).await.unwrap().unwrap();
        let count: u32 = str::from_utf8(&stored.record.data).unwrap().parse().unwrap();
        let next = record(&(count + 1).to_string());
        match store.save(&key(1), &next, Expect::Revision(stored.revision), at(0)).await {
            Ok(_) => return,
            Err(Error::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn any_executor_will_do() {
    let place = Place::new();
    let store = place.open();
    let mut save = Box::pin(async { create(&store, &key(1), "x").await });
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    while save.as_mut().poll(&mut context).is_pending() {
        std::thread::yield_now();
    }
}
