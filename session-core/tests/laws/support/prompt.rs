//! The scripted store as one that answers at once.

use async_trait::async_trait;
use session_core::{AtOnce, Expect, Key, Record, Result, Revision, Store, Stored, Timestamp};

use super::{ScriptedStore, poll_once};

/// The scripted store as one that answers at once.
#[derive(Clone, Debug)]
pub(crate) struct PromptStore(pub(crate) ScriptedStore);

impl AtOnce for PromptStore {
    fn load_at_once(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        poll_once(&mut self.0.load(key, now)).unwrap()
    }

    fn save_at_once(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        poll_once(&mut self.0.save(key, record, expect, now)).unwrap()
    }
}

#[async_trait]
impl Store for PromptStore {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        self.0.load(key, now).await
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        self.0.save(key, record, expect, now).await
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        self.0.touch(key, expect, accessed_at, expires_at, now).await
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        self.0.delete(key).await
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        self.0.delete_expired(now, limit).await
    }

    fn at_once(&self) -> Option<&dyn AtOnce> {
        Some(self)
    }
}
