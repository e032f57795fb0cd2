//! A file that is not as it was written.

use std::fs;

use redb::{ReadableTable as _, TableDefinition};
use session_core::{Error, Expect, Store};
use store_shelf::ShelfStore;

use crate::common::{Place, at, create, data, key, left, owned, quick, record, told};

const SESSIONS: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("sessions");

#[tokio::test]
async fn every_truncation_is_refused_and_the_file_untouched() {
    let place = Place::new();
    let whole = place.with_one_session().await;
    for length in (1..whole.len()).rev().step_by(whole.len() / 300) {
        fs::write(place.file(), &whole[..length]).unwrap();
        let error = told(&ShelfStore::open(place.file()).unwrap_err());
        assert!(
            error.contains("it is damaged") || error.contains("no file of sessions"),
            "{length}: {error}"
        );
        assert!(fs::read(place.file()).unwrap() == whole[..length], "{length}");
    }
}

/// Whatever one wrong bit does, nobody sees other data than was saved, and nothing panics.
#[tokio::test]
async fn a_flipped_bit_never_shows_as_other_data() {
    let place = Place::new();
    let whole = place.with_one_session().await;
    let used: Vec<_> = (0..whole.len()).filter(|byte| whole[*byte] != 0).collect();
    for (n, byte) in used.into_iter().enumerate() {
        let mut damaged = whole.clone();
        damaged[byte] ^= 1 << (n % 8);
        fs::write(place.file(), &damaged).unwrap();
        let Ok(store) = ShelfStore::open(place.file()) else {
            assert!(fs::read(place.file()).unwrap() == damaged, "{byte}");
            continue;
        };
        match store.load(&key(1), at(0)).await {
            Ok(None) | Err(Error::Corrupt(_) | Error::Backend { .. }) => {}
            Ok(Some(stored)) => assert_eq!(stored.record, record("x"), "{byte}"),
            Err(error) => panic!("{byte}: {error}"),
        }
        store.close().await;
    }
}

/// Makes a file with a whole record under key 2 and a damaged one under key 1.
async fn with_damaged_record(place: &Place) {
    let store = place.open();
    store.save(&key(1), &owned("x", "ann"), Expect::Absent, at(0)).await.unwrap();
    create(&store, &key(2), "whole").await;
    store.close().await;
    let database = redb::Database::open(place.file()).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut sessions = transaction.open_table(SESSIONS).unwrap();
        let mut bytes = sessions.get(key(1).as_bytes()).unwrap().unwrap().value().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        sessions.insert(key(1).as_bytes(), bytes.as_slice()).unwrap();
    }
    transaction.commit().unwrap();
}

#[tokio::test]
async fn a_damaged_record_is_an_error_keeps_its_key_and_does_not_hide_others() {
    let place = Place::new();
    with_damaged_record(&place).await;
    let store = place.open();
    assert!(matches!(store.load(&key(1), at(0)).await, Err(Error::Corrupt(_))));
    assert_eq!(data(&store, &key(2)).await.as_deref(), Some("whole"));
    let taken = store.save(&key(1), &record("x"), Expect::Absent, at(0)).await;
    assert!(matches!(taken, Err(Error::Corrupt(_))));
    let directory = store.directory().unwrap();
    assert_eq!(directory.page(None, 10, at(0)).await.unwrap().len(), 1);
    store.delete(&key(1)).await.unwrap();
    assert_eq!(directory.count(at(0)).await.unwrap(), 1);
    create(&store, &key(1), "x").await;
    assert_eq!(store.delete_expired(at(1_000), 10).await.unwrap(), 2);
}

#[tokio::test]
async fn a_damaged_record_is_swept_when_it_expired_and_evicted_in_its_turn() {
    let place = Place::new();
    with_damaged_record(&place).await;
    let store = place.open();
    assert_eq!(store.delete_expired(at(1_000), 10).await.unwrap(), 2);
    store.close().await;
    let place = Place::new();
    with_damaged_record(&place).await;
    let store = ShelfStore::open_with(place.file(), quick().max_sessions(1)).unwrap();
    create(&store, &key(3), "x").await;
    assert_eq!(left(&store).await, [3]);
    assert_eq!(store.directory().unwrap().count(at(0)).await.unwrap(), 1);
}
