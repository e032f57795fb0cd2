//! A full disk.

use session_core::{Error, Expect, Store};
use store_disk::DiskStore;

use crate::{
    common::{at, create, data, key_in, record},
    mount::Mount,
};

/// Fills one folder until there is no room, and returns how many sessions were kept.
async fn fill(store: &DiskStore, size: usize) -> u64 {
    let data = "x".repeat(size);
    for n in 1..10_000 {
        match store.save(&key_in(1, n), &record(&data), Expect::Absent, at(0)).await {
            Ok(_) => {}
            Err(Error::Full) => return n - 1,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("it never was full")
}

async fn a_full_disk(options: &str, size: usize) {
    let Some(mount) = Mount::new(options) else { return };
    let store = DiskStore::open(mount.path()).unwrap();
    let revision = create(&store, &key_in(1, 0), "old").await;
    let kept = fill(&store, size).await;
    assert!(kept > 2, "{kept}");

    let large = record(&"y".repeat(size));
    let full = store.save(&key_in(1, 0), &large, Expect::Revision(revision), at(0)).await;
    assert!(matches!(full, Err(Error::Full)), "{full:?}");
    let full = store.save(&key_in(2, 0), &large, Expect::Absent, at(0)).await;
    assert!(matches!(full, Err(Error::Full)), "{full:?}");
    assert_eq!(data(&store, &key_in(1, 0)).await.as_deref(), Some("old"));
    let staged = std::fs::read_dir(mount.path().join("01")).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(staged.filter(|name| name.to_str().unwrap().ends_with(".staged")).count(), 0);

    store.delete(&key_in(1, 1)).await.unwrap();
    store.delete(&key_in(1, 2)).await.unwrap();
    store.save(&key_in(1, 0), &large, Expect::Revision(revision), at(0)).await.unwrap();
    assert_eq!(store.directory().unwrap().count(at(0)).await.unwrap(), kept - 1);
}

#[tokio::test]
async fn without_bytes_left_the_old_session_stays_deleting_works_and_room_is_used_again() {
    a_full_disk("size=256k", 20_000).await;
}

#[tokio::test]
async fn without_inodes_left_the_old_session_stays_deleting_works_and_room_is_used_again() {
    a_full_disk("size=4m,nr_inodes=20", 100).await;
}
