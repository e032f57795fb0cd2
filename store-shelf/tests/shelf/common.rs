//! What the tests of a file share.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use session_core::{Error, Expect, Key, Owner, Record, Revision, Store, Timestamp};
use store_shelf::{Durability, ShelfOptions, ShelfStore};

/// A folder that is removed with its test.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("sessions.redb")
    }

    /// Opens a store that leaves syncing to the system, which is quicker.
    pub(crate) fn open(&self) -> ShelfStore {
        ShelfStore::open_with(self.file(), quick()).unwrap()
    }

    /// Makes a file with one session, key 1 and data "x", and returns its bytes.
    pub(crate) async fn with_one_session(&self) -> Vec<u8> {
        let store = self.open();
        create(&store, &key(1), "x").await;
        store.close().await;
        std::fs::read(self.file()).unwrap()
    }
}

pub(crate) fn quick() -> ShelfOptions {
    ShelfOptions::default().durability(Durability::Process)
}

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) fn key(n: u64) -> Key {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&n.to_be_bytes());
    Key::from_bytes(bytes)
}

pub(crate) fn record(data: &str) -> Record {
    Record { data: Bytes::from(data.to_owned()), accessed_at: at(0), expires_at: at(1_000), owner: None }
}

pub(crate) fn owned(data: &str, owner: &str) -> Record {
    Record { owner: Some(Owner::new(owner).unwrap()), ..record(data) }
}

pub(crate) async fn create(store: &ShelfStore, key: &Key, data: &str) -> Revision {
    store.save(key, &record(data), Expect::Absent, at(0)).await.unwrap()
}

/// Returns the data of the session that is live at 0.
pub(crate) async fn data(store: &ShelfStore, key: &Key) -> Option<String> {
    let stored = store.load(key, at(0)).await.unwrap()?;
    Some(String::from_utf8(stored.record.data.to_vec()).unwrap())
}

/// Returns which of the keys 0 to 9 are in the file, live or dead.
pub(crate) async fn left(store: &ShelfStore) -> Vec<u64> {
    let page = store.directory().unwrap().page(None, 100, Timestamp::EPOCH).await.unwrap();
    (0..10).filter(|n| page.iter().any(|(found, _)| *found == key(*n))).collect()
}

/// Shows an error with its causes.
pub(crate) fn told(error: &Error) -> String {
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}
