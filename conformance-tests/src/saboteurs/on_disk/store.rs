//! A store in files: a folder for each first byte of a key, and a file for each session.

use std::{
    future::pending,
    mem::ManuallyDrop,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError, Weak, atomic::AtomicUsize},
    thread,
    time::Duration,
};

use async_trait::async_trait;
use session_core::{
    Directory, Error, Expect, Key, Owner, Record, Result, Revision, Store, Stored, Timestamp,
};

use super::{Flaw, door::Door, files::sync, meet::meet, memory::Memory};

/// A store in files with one flaw.
#[derive(Debug)]
pub(super) struct FileStore {
    pub(super) root: PathBuf,
    pub(super) flaw: Flaw,
    pub(super) writes: AtomicUsize,
    one_at_a_time: tokio::sync::Mutex<()>,
    pub(super) memory: Mutex<Memory>,
    syncing: Mutex<()>,
    pub(super) itself: OnceLock<Weak<Self>>,
    _door: Door,
}

impl FileStore {
    pub(super) fn open(root: PathBuf, flaw: Flaw, is_shared: bool) -> Result<Self> {
        let door = Door::open(&root, flaw, is_shared)?;
        let store = Self {
            root,
            flaw,
            writes: AtomicUsize::new(0),
            one_at_a_time: tokio::sync::Mutex::default(),
            memory: Mutex::default(),
            syncing: Mutex::default(),
            itself: OnceLock::new(),
            _door: door,
        };
        store.recover()?;
        Ok(store)
    }

    /// Does something that nobody else changes anything meanwhile.
    pub(super) async fn locked<T>(&self, key: &Key, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let alone = self.one_at_a_time.lock().await;
        let lock = self.lock(key).await?;
        let done = work();
        if self.flaw == Flaw::KeepsTheLockWhenItFails && matches!(done, Err(Error::Backend { .. })) {
            let _kept = ManuallyDrop::new(alone);
            return done;
        }
        self.unlock(lock);
        self.memory().read.remove(key);
        drop(alone);
        if self.flaw == Flaw::RidesOnARunningSync && done.is_ok() {
            self.ride(&self.shard(key))?;
        }
        done
    }

    /// Does something that only this process does nothing beside.
    async fn alone_here<T>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let _alone = self.one_at_a_time.lock().await;
        work()
    }

    /// Syncs a folder, or waits for whatever sync has begun already.
    fn ride(&self, shard: &Path) -> Result<()> {
        if let Ok(_syncing) = self.syncing.try_lock() {
            let synced = sync(shard);
            // Others come meanwhile, whose changes this sync has not seen.
            thread::sleep(Duration::from_millis(3));
            return synced;
        }
        drop(self.syncing.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }

    /// Passes an answer on, or never does.
    async fn answer<T>(&self, answer: T, never: Flaw) -> T {
        if self.flaw == never {
            pending::<()>().await;
        }
        answer
    }
}

#[async_trait]
impl Store for FileStore {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let known = self.memory().known.get(key).cloned();
        let found = match (self.flaw, known) {
            (Flaw::RemembersWhatItLoaded | Flaw::AnswersBeforeItWrites, Some(Some(known))) => Some(known),
            (Flaw::RemembersThatNothingWasThere | Flaw::DeletesWhenClosed, Some(None)) => None,
            _ => self.read(key)?,
        };
        self.remember(key, found.as_ref());
        Ok(found.filter(|stored| stored.record.is_live(now)))
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        let mut early = None;
        if self.flaw == Flaw::CreatesBeforeItLocks && expect == Expect::Absent {
            let found = self.read(key)?.map(|stored| stored.revision);
            early = Some(expect.judge(found, self.fresh()?)?);
            meet(&self.root);
        }
        let is_creation = expect == Expect::Absent;
        let never = if is_creation { Flaw::NeverAnswersACreation } else { Flaw::NeverAnswersASave };
        let saved = match self.flaw {
            Flaw::AnswersBeforeItWrites => self.save_later(key, record, expect, now),
            Flaw::ARefusedSaveLandsLater => self.save_or_go_on(key, record, expect, now).await,
            Flaw::CreatesWithoutTheLock if is_creation => {
                self.alone_here(|| self.save_now(key, record, expect, now, None)).await
            }
            Flaw::StagesBeforeItLocks => {
                self.stage_early(key, record)?;
                self.locked(key, || self.save_what_was_staged(key, record, expect, now)).await
            }
            Flaw::ReleasesBeforeItPublishes => {
                let stored = self.locked(key, || self.judged(key, record, expect, now)).await?;
                meet(&self.root);
                self.publish(key, &stored, is_creation)
            }
            _ => self.locked(key, || self.save_now(key, record, expect, now, early)).await,
        };
        self.answer(saved, never).await
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        let times = (accessed_at, expires_at);
        let touch = || self.touch_now(key, expect, times, now);
        let touched = match self.flaw {
            Flaw::TouchesWithoutTheLock => self.alone_here(touch).await,
            _ => self.locked(key, touch).await,
        };
        self.answer(touched, Flaw::NeverAnswersATouch).await
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        let deleted = match self.flaw {
            Flaw::DeletesWithoutTheLock => self.delete_now(key),
            _ => self.locked(key, || self.delete_now(key)).await,
        };
        self.answer(deleted, Flaw::NeverAnswersADelete).await
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        let dead = (self.flaw == Flaw::SweepsByAStaleList).then(|| self.dead(now));
        let sweep = || self.sweep_now(dead, now, limit);
        let swept = self.locked(&Key::from_bytes([0; Key::BYTES]), sweep).await;
        self.answer(swept, Flaw::NeverAnswersASweep).await
    }

    fn directory(&self) -> Option<&dyn Directory> {
        Some(self)
    }
}

#[async_trait]
impl Directory for FileStore {
    async fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let later = self.listed(now)?.into_iter().filter(|(key, _)| after.is_none_or(|after| key > after));
        Ok(later.take(limit).collect())
    }

    async fn owned_by(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        if self.has_index() {
            return self.indexed(owner, now);
        }
        let mut owned = self.listed(now)?;
        owned.retain(|(_, stored)| stored.record.owner.as_ref() == Some(owner));
        Ok(owned)
    }

    async fn count(&self, now: Timestamp) -> Result<u64> {
        Ok(self.listed(now)?.len() as u64)
    }
}

impl Drop for FileStore {
    fn drop(&mut self) {
        self.write_what_waits();
        self.memory().doomed.drain(..).for_each(|record| drop(std::fs::remove_file(record)));
    }
}
