//! Damaged records: an error for whoever reads one, never no session, never another one.

use std::{fs, time::Duration};

use session_core::{Error, Expect, Key, Store};
use store_disk::DiskStore;

use crate::common::{Place, at, create, data, key, key_in, owned, record};

async fn is_corrupt(store: &DiskStore, key: &Key) -> bool {
    matches!(store.load(key, at(0)).await, Err(Error::Corrupt(_)))
}

/// Writes a record and then `change`s its bytes, keeping the time of the file.
async fn damaged(place: &Place, store: &DiskStore, key: &Key, change: impl FnOnce(&mut Vec<u8>)) {
    create(store, key, "data").await;
    let file = place.file(key);
    let (mut bytes, modified) = (fs::read(&file).unwrap(), fs::metadata(&file).unwrap().modified().unwrap());
    change(&mut bytes);
    fs::write(&file, bytes).unwrap();
    fs::File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
}

#[tokio::test]
async fn every_truncation_is_an_error() {
    let place = Place::new();
    let store = place.open();
    store.save(&key(1), &owned("data", "ann"), Expect::Absent, at(0)).await.unwrap();
    let whole = fs::read(place.file(&key(1))).unwrap();
    for bytes in 0..whole.len() {
        fs::write(place.file(&key(1)), &whole[..bytes]).unwrap();
        assert!(is_corrupt(&store, &key(1)).await, "{bytes}");
    }
}

#[tokio::test]
async fn every_single_bit_flip_is_an_error() {
    let place = Place::new();
    let store = place.open();
    store.save(&key(1), &owned("data", "ann"), Expect::Absent, at(0)).await.unwrap();
    let whole = fs::read(place.file(&key(1))).unwrap();
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(place.file(&key(1)), flipped).unwrap();
        assert!(is_corrupt(&store, &key(1)).await, "bit {bit}");
    }
}

#[tokio::test]
async fn a_record_copied_over_another_is_an_error() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key_in(1, 1), "one").await;
    create(&store, &key_in(1, 2), "two").await;
    fs::copy(place.file(&key_in(1, 1)), place.file(&key_in(1, 2))).unwrap();
    assert!(is_corrupt(&store, &key_in(1, 2)).await);
    assert_eq!(data(&store, &key_in(1, 1)).await.as_deref(), Some("one"));
}

#[tokio::test]
async fn a_huge_file_is_an_error_and_is_not_read() {
    let place = Place::new();
    let store = place.open();
    create(&store, &key(1), "data").await;
    fs::File::options().write(true).open(place.file(&key(1))).unwrap().set_len(1 << 40).unwrap();
    assert!(is_corrupt(&store, &key(1)).await);
}

#[tokio::test]
async fn a_damaged_record_is_not_written_over_and_can_be_deleted() {
    let place = Place::new();
    let store = place.open();
    let revision = create(&store, &key(1), "data").await;
    fs::write(place.file(&key(1)), "").unwrap();
    for expect in [Expect::Absent, Expect::Revision(revision)] {
        let save = store.save(&key(1), &record("over"), expect, at(0)).await;
        assert!(matches!(save, Err(Error::Corrupt(_))));
    }
    let touch = store.touch(&key(1), revision, at(1), at(2), at(0)).await;
    assert!(matches!(touch, Err(Error::Corrupt(_))));
    assert_eq!(fs::read(place.file(&key(1))).unwrap(), b"");
    store.delete(&key(1)).await.unwrap();
    create(&store, &key(1), "new").await;
}

#[tokio::test]
async fn a_sweep_sets_a_damaged_record_aside_once_it_looks_expired() {
    let place = Place::new();
    let store = place.open();
    damaged(&place, &store, &key(1), |bytes| bytes.truncate(20)).await;
    assert_eq!(store.delete_expired(at(999), 10).await.unwrap(), 0);
    assert!(is_corrupt(&store, &key(1)).await);
    assert_eq!(store.delete_expired(at(1_000), 10).await.unwrap(), 0);
    let stem = &key(1).to_string()[2..];
    assert_eq!(place.names(&key(1)), [format!("{stem}.corrupt")]);
    assert_eq!(store.load(&key(1), at(0)).await.unwrap(), None);
}

#[tokio::test]
async fn a_record_of_a_newer_version_is_never_set_aside_nor_swept() {
    let place = Place::new();
    let store = place.open();
    damaged(&place, &store, &key(1), |bytes| bytes[4] = 2).await;
    assert_eq!(store.delete_expired(at(5_000), 10).await.unwrap(), 0);
    let Err(error) = store.load(&key(1), at(0)).await else { panic!("it was served") };
    assert!(error.to_string().contains("newer version"), "{error}");
    assert_eq!(place.names(&key(1)).len(), 1);
}

#[tokio::test]
async fn what_is_set_aside_is_bounded_and_swept() {
    let place = Place::new();
    let store = place.open();
    for n in 0..20 {
        damaged(&place, &store, &key_in(1, n), |bytes| bytes.truncate(50)).await;
    }
    store.delete_expired(at(1_000), 100).await.unwrap();
    assert_eq!(place.names(&key_in(1, 0)).len(), 8);
    let month = Duration::from_secs(30 * 24 * 60 * 60);
    store.delete_expired(at(999) + month, 100).await.unwrap();
    assert_eq!(place.names(&key_in(1, 0)).len(), 8);
    store.delete_expired(at(1_000) + month, 100).await.unwrap();
    assert_eq!(place.names(&key_in(1, 0)).len(), 0);
}

#[tokio::test]
async fn one_damaged_record_hides_no_other() {
    let place = Place::new();
    let store = place.open();
    damaged(&place, &store, &key_in(1, 1), |bytes| bytes[44] ^= 1).await;
    create(&store, &key_in(1, 2), "good").await;
    let directory = store.directory().unwrap();
    let page = directory.page(None, 10, at(0)).await.unwrap();
    assert_eq!(page.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [key_in(1, 2)]);
    assert_eq!(directory.count(at(0)).await.unwrap(), 1);
    assert_eq!(store.delete_expired(at(1_000), 10).await.unwrap(), 2);
}
