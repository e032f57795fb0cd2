//! A save that is answered before it is given up.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use session_core::{Expect, Key, Record, Result, Revision, Timestamp};
use tokio::time::timeout;

use super::{lock::busy, store::FileStore};

/// How long a save waits before it says that the lock is busy.
const PATIENCE: Duration = Duration::from_millis(200);

impl FileStore {
    /// Returns the store, which knows itself: some of its work outlives the call.
    pub(super) fn knowing_itself(self) -> Arc<Self> {
        let store = Arc::new(self);
        let _ = store.itself.set(Arc::downgrade(&store));
        store
    }

    /// Saves, or says that the lock is busy and saves when it is free.
    pub(super) async fn save_or_go_on(
        &self,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
    ) -> Result<Revision> {
        let itself = self.itself.get().and_then(Weak::upgrade).ok_or_else(busy)?;
        let (key, record) = (*key, record.clone());
        let save =
            async move { itself.locked(&key, || itself.save_now(&key, &record, expect, now, None)).await };
        match timeout(PATIENCE, tokio::spawn(save)).await {
            Ok(Ok(saved)) => saved,
            _ => Err(busy()),
        }
    }
}
