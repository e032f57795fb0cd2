//! A store in memory that fails or hangs when a test says so.

use std::{
    collections::HashMap,
    future::pending,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Record, Result, Revision, Store, Stored, Timestamp};
use store_memory::MemoryStore;

/// A call of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Call {
    Load,
    Save,
    Touch,
    Delete,
    Sweep,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Fails,
    Hangs,
    /// The call takes so long, and then it is done.
    Takes(std::time::Duration),
}

/// A store in memory that fails or hangs when a test says so, and counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scripted {
    inner: MemoryStore,
    faults: Arc<Mutex<HashMap<Call, Fault>>>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Scripted {
    pub(crate) fn fault(&self, call: Call, fault: Fault) {
        self.faults.lock().unwrap().insert(call, fault);
    }

    pub(crate) fn heal(&self) {
        self.faults.lock().unwrap().clear();
    }

    /// Returns the calls since it was last asked.
    pub(crate) fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    async fn begin(&self, call: Call) -> Result<()> {
        self.calls.lock().unwrap().push(call);
        let fault = self.faults.lock().unwrap().get(&call).copied();
        match fault {
            None => Ok(()),
            Some(Fault::Fails) => Err(Error::backend("the scripted store", "go on", "the disk is on fire")),
            Some(Fault::Hangs) => pending().await,
            Some(Fault::Takes(time)) => {
                tokio::time::sleep(time).await;
                Ok(())
            }
        }
    }
}

#[async_trait]
impl Store for Scripted {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        self.begin(Call::Load).await?;
        self.inner.load(key, now).await
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        self.begin(Call::Save).await?;
        self.inner.save(key, record, expect, now).await
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        self.begin(Call::Touch).await?;
        self.inner.touch(key, expect, accessed_at, expires_at, now).await
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        self.begin(Call::Delete).await?;
        self.inner.delete(key).await
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        self.begin(Call::Sweep).await?;
        self.inner.delete_expired(now, limit).await
    }
}
