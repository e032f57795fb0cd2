//! The contract of a store, where the file has its part in it.

use session_core::{Error, Expect, Record, Revision, Store, Timestamp};

use crate::common::{Place, at, create, data, key, owned, record};

#[tokio::test]
async fn a_record_comes_back_as_it_was_saved() {
    let place = Place::new();
    let store = place.open();
    for size in [0, 1, 4_095, 4_096, 4_097, 1 << 20] {
        let record = Record { data: vec![7; size].into(), ..owned("", "ann") };
        let revision = store.save(&key(size as u64), &record, Expect::Absent, at(0)).await.unwrap();
        let stored = store.load(&key(size as u64), at(999)).await.unwrap().unwrap();
        assert_eq!((stored.record, stored.revision), (record, revision));
    }
}

#[tokio::test]
async fn everything_is_there_when_the_file_is_opened_again() {
    let place = Place::new();
    let store = place.open();
    let revision = create(&store, &key(1), "x").await;
    let revision = store.touch(&key(1), revision, at(5), at(2_000), at(1)).await.unwrap();
    store.close().await;
    let stored = place.open().load(&key(1), at(1_999)).await.unwrap().unwrap();
    assert_eq!(stored.revision, revision);
    assert_eq!(stored.record, Record { accessed_at: at(5), expires_at: at(2_000), ..record("x") });
}

#[tokio::test]
async fn a_save_names_the_revision_it_replaces() {
    let place = Place::new();
    let store = place.open();
    let first = create(&store, &key(1), "one").await;
    let second = store.save(&key(1), &record("two"), Expect::Revision(first), at(0)).await.unwrap();
    assert_eq!(second, first.next().unwrap());
    let stale = store.save(&key(1), &record("three"), Expect::Revision(first), at(0)).await;
    assert!(matches!(stale, Err(Error::Conflict)));
    let again = store.save(&key(1), &record("three"), Expect::Absent, at(0)).await;
    assert!(matches!(again, Err(Error::Exists)));
    let missing = store.save(&key(2), &record("three"), Expect::Revision(first), at(0)).await;
    assert!(matches!(missing, Err(Error::Missing)));
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("two"));
}

#[tokio::test]
async fn a_touch_sets_both_times_and_nothing_else() {
    let place = Place::new();
    let store = place.open();
    let first = store.save(&key(1), &owned("x", "ann"), Expect::Absent, at(0)).await.unwrap();
    let second = store.touch(&key(1), first, at(10), at(5_000), at(999)).await.unwrap();
    assert_eq!(second, first.next().unwrap());
    let stored = store.load(&key(1), at(4_999)).await.unwrap().unwrap();
    assert_eq!(stored.record, Record { accessed_at: at(10), expires_at: at(5_000), ..owned("x", "ann") });
    let stale = store.touch(&key(1), first, at(10), at(9_000), at(999)).await;
    assert!(matches!(stale, Err(Error::Conflict)));
}

#[tokio::test]
async fn a_dead_session_is_an_absent_one_but_its_key_is_taken() {
    let place = Place::new();
    let store = place.open();
    let revision = create(&store, &key(1), "x").await;
    assert!(store.load(&key(1), at(999)).await.unwrap().is_some());
    assert!(store.load(&key(1), at(1_000)).await.unwrap().is_none());
    let saved = store.save(&key(1), &record("y"), Expect::Revision(revision), at(1_000)).await;
    assert!(matches!(saved, Err(Error::Missing)));
    let touched = store.touch(&key(1), revision, at(1_000), at(2_000), at(1_000)).await;
    assert!(matches!(touched, Err(Error::Missing)));
    let created = store.save(&key(1), &record("y"), Expect::Absent, at(1_000)).await;
    assert!(matches!(created, Err(Error::Exists)));
}

#[tokio::test]
async fn a_revision_from_before_a_delete_never_fits_again() {
    let place = Place::new();
    let store = place.open();
    let old = create(&store, &key(1), "x").await;
    store.delete(&key(1)).await.unwrap();
    store.delete(&key(1)).await.unwrap();
    create(&store, &key(1), "y").await;
    let late = store.save(&key(1), &record("z"), Expect::Revision(old), at(0)).await;
    assert!(matches!(late, Err(Error::Conflict)));
}

#[tokio::test]
async fn times_at_both_ends_are_kept() {
    let place = Place::new();
    let store = place.open();
    let ends = Record { accessed_at: Timestamp::EPOCH, expires_at: Timestamp::MAX, ..record("x") };
    store.save(&key(1), &ends, Expect::Absent, at(0)).await.unwrap();
    assert_eq!(store.delete_expired(at(i64::MAX - 1), 10).await.unwrap(), 0);
    assert!(store.load(&key(1), at(i64::MAX - 1)).await.unwrap().is_some());
    assert_eq!(store.delete_expired(Timestamp::MAX, 10).await.unwrap(), 1);
}

#[tokio::test]
async fn data_above_all_bounds_is_refused_and_the_old_session_stays() {
    let place = Place::new();
    let store = place.open();
    let revision = create(&store, &key(1), "x").await;
    let large = Record { data: vec![0; (64 << 20) + 1].into(), ..record("") };
    for expect in [Expect::Revision(revision), Expect::Absent] {
        let key = if expect == Expect::Absent { key(2) } else { key(1) };
        assert!(matches!(store.save(&key, &large, expect, at(0)).await, Err(Error::TooLarge { .. })));
    }
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("x"));
}

#[tokio::test]
async fn refusals_do_not_spoil_the_others_of_their_batch() {
    let place = Place::new();
    let store = place.open();
    let old = create(&store, &key(1), "x").await;
    let wrong = Expect::Revision(Revision::from_i64(7).unwrap());
    let (x, y, z) = (record("x"), record("y"), record("z"));
    let (k1, k2, k3) = (key(1), key(2), key(3));
    let answers = tokio::join!(
        store.save(&k2, &y, Expect::Absent, at(0)),
        store.save(&k1, &x, wrong, at(0)),
        store.save(&k1, &y, Expect::Revision(old), at(0)),
        store.save(&k1, &z, Expect::Revision(old), at(0)),
        store.delete(&k3),
    );
    assert!(matches!(answers, (Ok(_), Err(Error::Conflict), Ok(_), Err(Error::Conflict), Ok(()))));
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("y"));
    assert_eq!(data(&store, &key(2)).await.as_deref(), Some("y"));
}
