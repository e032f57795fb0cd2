//! What every handle of one set of sessions shares.

use std::sync::Arc;

use crate::{
    Clock, Config, Expect, Key, Record, Result, Revision, Store, Stored, Timestamp,
    commit::Lines,
    event::{Event, Verb, call},
    frame::Loaded,
    initial::Initializer,
    sessions::{Suspicion, Suspicions},
};

/// What every handle of one set of sessions shares.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) config: Config,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) initializer: Initializer,
    pub(crate) lines: Lines,
    pub(crate) suspicions: Arc<Suspicions>,
}

impl Context {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns whether a suspicion about this session is to be a warning.
    pub(crate) fn is_news(&self, suspicion: Suspicion, key: &Key) -> bool {
        self.suspicions.is_news(suspicion, *key, self.now())
    }

    pub(crate) async fn load(&self, key: &Key) -> Result<Option<Loaded>> {
        self.load_at(key, self.now()).await
    }

    pub(crate) async fn load_at(&self, key: &Key, now: Timestamp) -> Result<Option<Loaded>> {
        let stored = self.load_stored(key, now).await?;
        stored.map(|stored| Loaded::decode(key, stored)).transpose()
    }

    pub(crate) async fn load_stored(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        match self.store.at_once() {
            Some(store) => call(Verb::Load, Some(key), async { store.load_at_once(key, now) }).await,
            None => call(Verb::Load, Some(key), self.store.load(key, now)).await,
        }
    }

    pub(crate) async fn save(
        &self,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
    ) -> Result<Revision> {
        call(Verb::Save, Some(key), self.store.save(key, record, expect, now)).await
    }

    pub(crate) async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        let touch = self.store.touch(key, expect, accessed_at, expires_at, now);
        call(Verb::Touch, Some(key), touch).await
    }

    pub(crate) async fn delete(&self, key: &Key) -> Result<()> {
        call(Verb::Delete, Some(key), self.store.delete(key)).await
    }

    pub(crate) async fn delete_expired(&self, limit: usize) -> Result<usize> {
        let deletion = self.store.delete_expired(self.now(), limit);
        let deleted = call(Verb::DeleteExpired, None, deletion).await?;
        if deleted > 0 {
            Event::Swept { deleted }.say();
        }
        Ok(deleted)
    }
}
