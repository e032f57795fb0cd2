//! store-shelf, as it is opened by default.

use std::path::Path;

use session_core::{Expect, Key, Revision, Store, Timestamp};
use store_shelf::ShelfStore;

use crate::load::{Keeps, Record, key};

pub(crate) struct Shelf {
    store: ShelfStore,
}

impl Shelf {
    pub(crate) fn open(path: &Path) -> Self {
        Self { store: ShelfStore::open(path).unwrap() }
    }
}

impl Keeps for Shelf {
    async fn save(&self, n: usize, record: Record, expected: Option<i64>) -> i64 {
        let [accessed_at, expires_at] = [record.accessed_at, record.expires_at].map(Timestamp::from_millis);
        let record = session_core::Record { data: record.data.into(), accessed_at, expires_at, owner: None };
        let expect = expected.map_or(Expect::Absent, |n| Expect::Revision(Revision::from_i64(n).unwrap()));
        let saved = self.store.save(&Key::from_bytes(key(n)), &record, expect, accessed_at).await;
        saved.unwrap().as_i64()
    }

    async fn load(&self, n: usize) -> usize {
        let loaded = self.store.load(&Key::from_bytes(key(n)), Timestamp::EPOCH).await;
        loaded.unwrap().unwrap().record.data.len()
    }
}
