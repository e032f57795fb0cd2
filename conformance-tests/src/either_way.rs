//! Asking a store that answers at once in both ways.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use session_core::{
    AtOnce, Directory, Expect, Key, Objects, Record, Result, Revision, Store, Stored, Timestamp,
};

use crate::{backend::Opener, namespace::Namespace};

/// Opens a namespace, with a cap if there is one.
///
/// A store that answers at once is asked in both ways in turn, so that every law is one of both.
pub(crate) async fn open(
    opener: &dyn Opener,
    namespace: &Namespace,
    cap: Option<usize>,
) -> Result<Arc<dyn Store>> {
    let store = match cap {
        None => opener.open(namespace).await?,
        Some(max_sessions) => opener.open_capped(namespace, max_sessions).await?,
    };
    if store.at_once().is_none() {
        return Ok(store);
    }
    Ok(Arc::new(EitherWay { store, calls: AtomicU64::new(0) }))
}

struct EitherWay {
    store: Arc<dyn Store>,
    calls: AtomicU64,
}

impl EitherWay {
    /// Returns the facet for every other call, in an order that no case has by chance: that of the golden ratio's multiples.
    fn in_turn(&self) -> Option<&dyn AtOnce> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let is_turn = call.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 63 == 1;
        self.store.at_once().filter(|_| is_turn)
    }
}

#[async_trait]
impl Store for EitherWay {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        match self.in_turn() {
            Some(store) => store.load_at_once(key, now),
            None => self.store.load(key, now).await,
        }
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        match self.in_turn() {
            Some(store) => store.save_at_once(key, record, expect, now),
            None => self.store.save(key, record, expect, now).await,
        }
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        self.store.touch(key, expect, accessed_at, expires_at, now).await
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        self.store.delete(key).await
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        self.store.delete_expired(now, limit).await
    }

    fn directory(&self) -> Option<&dyn Directory> {
        self.store.directory()
    }

    fn objects(&self) -> Option<&dyn Objects> {
        self.store.objects()
    }

    fn at_once(&self) -> Option<&dyn AtOnce> {
        self.store.at_once()
    }
}

impl fmt::Debug for EitherWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.store.fmt(f)
    }
}
