//! A store in files: a folder for each first byte of a key, and a file for each session.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError, atomic::AtomicUsize},
    thread,
    time::Duration,
};

use async_trait::async_trait;
use session_core::{Directory, Expect, Key, Owner, Record, Result, Revision, Store, Stored, Timestamp};

use super::{Flaw, door::Door, files::sync, lock::Lock, memory::Memory};

/// A store in files with one flaw.
#[derive(Debug)]
pub(super) struct FileStore {
    pub(super) root: PathBuf,
    pub(super) flaw: Flaw,
    pub(super) writes: AtomicUsize,
    one_at_a_time: Mutex<()>,
    pub(super) memory: Mutex<Memory>,
    syncing: Mutex<()>,
    _door: Door,
}

impl FileStore {
    pub(super) fn open(root: PathBuf, flaw: Flaw, is_shared: bool) -> Result<Self> {
        let door = Door::open(&root, flaw, is_shared)?;
        let store = Self {
            root,
            flaw,
            writes: AtomicUsize::new(0),
            one_at_a_time: Mutex::default(),
            memory: Mutex::default(),
            syncing: Mutex::default(),
            _door: door,
        };
        store.recover()?;
        Ok(store)
    }

    /// Does something that nobody else changes anything meanwhile.
    fn locked<T>(&self, key: &Key, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let alone = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = Lock::take(&self.root, &self.record(key), self.flaw)?;
        let done = work();
        drop((lock, alone));
        if self.flaw == Flaw::RidesOnARunningSync && done.is_ok() {
            self.ride(&self.shard(key))?;
        }
        done
    }

    /// Syncs a folder, or waits for whatever sync has begun already.
    fn ride(&self, shard: &Path) -> Result<()> {
        if let Ok(_syncing) = self.syncing.try_lock() {
            thread::sleep(Duration::from_millis(3));
            return sync(shard);
        }
        drop(self.syncing.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }
}

#[async_trait]
impl Store for FileStore {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let known = self.memory().known.get(key).cloned();
        let found = match (self.flaw, known) {
            (Flaw::RemembersWhatItLoaded | Flaw::AnswersBeforeItWrites, Some(Some(known))) => Some(known),
            (Flaw::RemembersThatNothingWasThere, Some(None)) => None,
            _ => self.read(key)?,
        };
        self.remember(key, found.as_ref());
        Ok(found.filter(|stored| stored.record.is_live(now)))
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        let early = if self.flaw == Flaw::CreatesBeforeItLocks && expect == Expect::Absent {
            let found = self.read(key)?.map(|stored| stored.revision);
            thread::sleep(Duration::from_micros(500));
            Some(expect.judge(found, self.fresh()?)?)
        } else {
            None
        };
        if self.flaw == Flaw::AnswersBeforeItWrites {
            return self.save_later(key, record, expect, now);
        }
        self.locked(key, || self.save_now(key, record, expect, now, early))
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        self.locked(key, || self.touch_now(key, expect, (accessed_at, expires_at), now))
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        self.locked(key, || self.delete_now(key))
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        self.locked(&Key::from_bytes([0; Key::BYTES]), || self.sweep_now(now, limit))
    }

    fn directory(&self) -> Option<&dyn Directory> {
        Some(self)
    }
}

#[async_trait]
impl Directory for FileStore {
    async fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let later = self.listed(now).into_iter().filter(|(key, _)| after.is_none_or(|after| key > after));
        Ok(later.take(limit).collect())
    }

    async fn owned_by(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let mut owned = self.listed(now);
        owned.retain(|(_, stored)| stored.record.owner.as_ref() == Some(owner));
        Ok(owned)
    }

    async fn count(&self, now: Timestamp) -> Result<u64> {
        Ok(self.listed(now).len() as u64)
    }
}
