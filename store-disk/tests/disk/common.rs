//! What the tests of a folder share.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use session_core::{Expect, Key, Owner, Record, Revision, Store, Timestamp};
use store_disk::{DiskOptions, DiskStore, Durability};

/// A folder that is removed with its test.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("sessions")
    }

    /// Opens a store that leaves syncing to the system, which is quicker.
    pub(crate) fn open(&self) -> DiskStore {
        open(&self.root())
    }

    pub(crate) fn file(&self, key: &Key) -> PathBuf {
        file(&self.root(), key)
    }

    /// Returns the names of the files in the folder of `key`, without the locks.
    pub(crate) fn names(&self, key: &Key) -> Vec<String> {
        let folder = self.file(key).parent().unwrap().to_owned();
        let names =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| name != "lock" && name != "turn").collect();
        names.sort();
        names
    }
}

pub(crate) fn open(root: &Path) -> DiskStore {
    DiskStore::open_with(root, quick()).unwrap()
}

pub(crate) fn quick() -> DiskOptions {
    DiskOptions::default().durability(Durability::Process)
}

pub(crate) fn file(root: &Path, key: &Key) -> PathBuf {
    let text = key.to_string();
    root.join(&text[..2]).join(format!("{}.session", &text[2..]))
}

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// Returns a key in the folder `folder`.
pub(crate) fn key_in(folder: u8, n: u64) -> Key {
    let mut bytes = [0; 16];
    bytes[0] = folder;
    bytes[8..].copy_from_slice(&n.to_be_bytes());
    Key::from_bytes(bytes)
}

/// Returns keys spread over all folders.
pub(crate) fn key(n: u64) -> Key {
    let [.., folder] = n.to_be_bytes();
    key_in(folder, n)
}

pub(crate) fn record(data: &str) -> Record {
    Record { data: Bytes::from(data.to_owned()), accessed_at: at(0), expires_at: at(1_000), owner: None }
}

pub(crate) fn owned(data: &str, owner: &str) -> Record {
    Record { owner: Some(Owner::new(owner).unwrap()), ..record(data) }
}

pub(crate) async fn create(store: &DiskStore, key: &Key, data: &str) -> Revision {
    store.save(key, &record(data), Expect::Absent, at(0)).await.unwrap()
}

/// Returns the data of the session that is live at 0.
pub(crate) async fn data(store: &DiskStore, key: &Key) -> Option<String> {
    let stored = store.load(key, at(0)).await.unwrap()?;
    Some(String::from_utf8(stored.record.data.to_vec()).unwrap())
}
