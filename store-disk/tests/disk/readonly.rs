//! A file system that is mounted read-only.

use session_core::{Error, Expect, Outcome, Store};
use store_disk::DiskStore;

use crate::{
    common::{at, create, data, key, record},
    mount::Mount,
};

#[tokio::test]
async fn a_read_only_mount_is_read_and_says_so_to_who_writes() {
    let Some(mount) = Mount::new("size=1m") else { return };
    let store = DiskStore::open(mount.path()).unwrap();
    let revision = create(&store, &key(1), "x").await;
    mount.remount("ro");

    let writes = [
        store.save(&key(1), &record("y"), Expect::Revision(revision), at(0)).await.map(drop),
        store.save(&key(2), &record("y"), Expect::Absent, at(0)).await.map(drop),
        store.touch(&key(1), revision, at(0), at(1_000), at(0)).await.map(drop),
        store.delete(&key(1)).await,
        store.delete_expired(at(1_000), 10).await.map(drop),
    ];
    for answer in writes {
        let Err(Error::Backend { outcome, source, .. }) = answer else { panic!("{answer:?}") };
        assert_eq!(outcome, Outcome::NotApplied);
        assert!(source.to_string().contains("mount it for writing"), "{source}");
    }
    assert_eq!(data(&store, &key(1)).await.as_deref(), Some("x"));
    assert_eq!(data(&DiskStore::open(mount.path()).unwrap(), &key(1)).await.as_deref(), Some("x"));
    assert_eq!(store.directory().unwrap().count(at(0)).await.unwrap(), 1);

    mount.remount("rw");
    store.save(&key(1), &record("y"), Expect::Revision(revision), at(0)).await.unwrap();
}
