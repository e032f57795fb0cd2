//! The store.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use session_core::{
    AtOnce, Directory, Expect, Key, Objects, Record, Result, Revision, Store, Stored, Timestamp, tell_evicted,
};

use crate::{MemoryOptions, cap::Cap, lookups::Access, shard::Ended, shards::Shards, slots::Slot};

/// Keeps sessions in the memory of this process.
///
/// A clone is a handle to the same sessions. Every call is done when it is first polled; no runtime is needed.
///
/// ```
/// use session_core::{Error, Expect, Key, Record, Store, Timestamp};
/// use store_memory::MemoryStore;
///
/// # pollster::block_on(async {
/// let (key, now) = (Key::from_bytes([7; 16]), Timestamp::from_millis(1_000));
/// let expires_at = Timestamp::from_millis(2_000);
/// let record = Record { data: "cart".into(), accessed_at: now, expires_at, owner: None };
///
/// let store = MemoryStore::new();
/// let first = store.save(&key, &record, Expect::Absent, now).await?;
/// let second = store.save(&key, &record, Expect::Revision(first), now).await?;
///
/// let late = store.save(&key, &record, Expect::Revision(first), now).await;
/// assert!(matches!(late, Err(Error::Conflict)));
/// assert_eq!(store.load(&key, now).await?.unwrap().revision, second);
/// assert_eq!(store.load(&key, expires_at).await?, None);
/// # Ok::<(), Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct MemoryStore(Arc<Shared>);

/// What the handles of one store share.
struct Shared {
    shards: Shards,
    cap: Cap,
}

impl MemoryStore {
    /// A sweep lets go of a shard's lock after this many, so that requests get in between.
    const SWEPT_AT_ONCE: usize = 256;

    /// Returns an empty store without a cap.
    #[must_use]
    pub fn new() -> Self {
        Self::with_options(MemoryOptions::default())
    }

    /// Returns an empty store that keeps to `options`.
    #[must_use]
    pub fn with_options(options: MemoryOptions) -> Self {
        let access = if options.max_sessions.is_some() { Access::Ordered } else { Access::Unordered };
        Self(Arc::new(Shared { shards: Shards::new(access), cap: Cap::new(options.max_sessions) }))
    }

    pub(crate) fn shards(&self) -> &Shards {
        &self.0.shards
    }

    fn create(&self, key: &Key, record: Record, now: Timestamp) -> Result<Revision> {
        let fresh = Revision::first()?;
        let mut shard = self.shards().of(key);
        let revision = shard.judge_create(key, fresh)?;
        if !self.0.cap.take_place() {
            drop(shard);
            return self.create_in_place_of_another(key, record, fresh, now);
        }
        shard.create(key, record, revision);
        Ok(revision)
    }

    fn create_in_place_of_another(
        &self,
        key: &Key,
        record: Record,
        fresh: Revision,
        now: Timestamp,
    ) -> Result<Revision> {
        let mut shards = self.shards().all();
        // The locks were let go meanwhile: the key may be taken now, or a place be free.
        let revision = shards.of(key).judge_create(key, fresh)?;
        let evicted = if self.0.cap.take_place() { None } else { shards.evict(now) };
        shards.of(key).create(key, record, revision);
        drop(shards);
        if let Some(key) = evicted.as_ref().and_then(|evicted| evicted.live(now)) {
            tell_evicted(key);
        }
        drop(evicted);
        Ok(revision)
    }

    fn sweep(&self, number: usize, now: Timestamp, limit: usize) -> Vec<Ended> {
        let mut shard = self.0.shards.number(number);
        let ended = shard.delete_expired(now, limit);
        self.0.cap.give_back(ended.len());
        ended
    }

    fn replace(&self, key: &Key, record: Record, expect: Revision, now: Timestamp) -> Result<Revision> {
        let (revision, old) = self.shards().of(key).replace(key, record, expect, now)?;
        drop(old);
        Ok(revision)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        self.load_at_once(key, now)
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        self.save_at_once(key, record, expect, now)
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        self.shards().of(key).touch(key, expect, accessed_at, expires_at, now)
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        let mut shard = self.shards().of(key);
        let ended = shard.delete(key);
        self.0.cap.give_back(usize::from(ended.is_some()));
        drop(shard);
        drop(ended);
        Ok(())
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        let mut deleted = 0;
        for number in Shards::numbers() {
            while deleted < limit {
                let ended = self.sweep(number, now, Self::SWEPT_AT_ONCE.min(limit - deleted));
                if ended.is_empty() {
                    break;
                }
                deleted += ended.len();
            }
        }
        Ok(deleted)
    }

    fn directory(&self) -> Option<&dyn Directory> {
        Some(self)
    }

    fn objects(&self) -> Option<&dyn Objects> {
        Some(self)
    }

    fn at_once(&self) -> Option<&dyn AtOnce> {
        Some(self)
    }
}

impl AtOnce for MemoryStore {
    fn load_at_once(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        Ok(self.shards().of(key).live(key, now).map(Slot::stored))
    }

    fn save_at_once(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        let record = lean(record);
        match expect {
            Expect::Absent => self.create(key, record, now),
            Expect::Revision(expect) => self.replace(key, record, expect, now),
        }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("max_sessions", &self.0.cap.max()).finish_non_exhaustive()
    }
}

/// Copies what is to be kept, for the caller's bytes may be a small part of a large buffer.
///
/// The copy becomes shared by reference count when it is first loaded, which costs 24 bytes once; loading never copies.
fn lean(record: &Record) -> Record {
    Record {
        data: Bytes::copy_from_slice(&record.data),
        accessed_at: record.accessed_at,
        expires_at: record.expires_at,
        owner: record.owner.clone(),
    }
}
