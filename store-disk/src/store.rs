//! The store itself.

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use session_core::{
    Directory, Error, Expect, Key, Owner, Record, Result, Revision, Store, Stored, Timestamp,
};

use crate::{
    cached, crew::Crew, directory::Listing, job::Task, layout::Shard, options::DiskOptions, read, root::Root,
    sweep::Sweeper, writer::Writer, writers::Writers,
};

/// The most threads that load at the same time.
const READERS: usize = 4;

/// The most threads that sweep and list at the same time.
const SCANNERS: usize = 2;

/// Keeps each session in a file of its own. A clone is a handle to the same store.
///
/// It has threads of its own and needs no runtime: any executor may poll it. They end when the last handle is dropped
/// and all writes that were begun are done.
#[derive(Clone, Debug)]
pub struct DiskStore {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    root: Arc<Root>,
    writers: Writers,
    readers: Crew,
    scanners: Crew,
    sweeper: Sweeper,
    lock_timeout: Duration,
}

impl DiskStore {
    /// Opens the folder at `path` with the [default options](DiskOptions).
    ///
    /// The folder is created if it is missing, for our user alone; its parent must be there. A few small steps on the
    /// disk block the caller, which belongs to the start of a program.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("sessions");
    /// let store = store_disk::DiskStore::open(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Backend`] when the folder cannot be created or opened, belongs to another user or is not closed to
    /// others.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, DiskOptions::default())
    }

    /// Opens the folder at `path` with `options`.
    ///
    /// With a limit of sessions this reads the head of every record, which takes a minute or so for a million of
    /// them on a cold disk.
    ///
    /// ```
    /// use store_disk::{DiskOptions, DiskStore, Durability};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("sessions");
    /// let options = DiskOptions::default().durability(Durability::Process).max_sessions(100_000);
    /// let store = DiskStore::open_with(&path, options)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`open`](DiskStore::open).
    pub fn open_with(path: impl AsRef<Path>, options: DiskOptions) -> Result<Self> {
        let root = Arc::new(Root::open(path.as_ref())?);
        let parts = Parts {
            writers: Writers::start(&root, &options)?,
            root,
            readers: Crew::new("store-disk-read", READERS),
            scanners: Crew::new("store-disk-scan", SCANNERS),
            sweeper: Sweeper::default(),
            lock_timeout: options.lock_timeout,
        };
        Ok(Self { parts: Arc::new(parts) })
    }

    /// Returns the folder, as an absolute path.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("sessions");
    /// assert_eq!(store_disk::DiskStore::open(&path)?.path(), path);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn path(&self) -> &Path {
        self.parts.root.path()
    }

    fn writer(&self, key: &Key) -> &Writer {
        self.parts.writers.of(Shard::of(key))
    }

    async fn list<T: Send + 'static>(
        &self,
        now: Timestamp,
        look: impl FnOnce(&Listing) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let listing =
            Listing { root: Arc::clone(&self.parts.root), lock_timeout: self.parts.lock_timeout, now };
        self.parts.scanners.run(move || look(&listing)).await
    }
}

#[async_trait]
impl Store for DiskStore {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        if let Some(stored) = cached::load(&self.parts.root, key) {
            return Ok(Some(stored).filter(|stored| stored.record.is_live(now)));
        }
        let (root, key) = (Arc::clone(&self.parts.root), *key);
        self.parts.readers.run(move || read::load(&root, &key, now)).await
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        let task = Task::Save { record: record.clone(), expect, now };
        self.writer(key).ask(*key, task).await?.ok_or(Error::Missing)
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        let task = Task::Touch { expect, accessed_at, expires_at, now };
        self.writer(key).ask(*key, task).await?.ok_or(Error::Missing)
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        self.writer(key).ask(*key, Task::Delete).await.map(drop)
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        let parts = Arc::clone(&self.parts);
        let sweep = move || parts.sweeper.sweep(&parts.root, &parts.writers, now, limit);
        self.parts.scanners.run(sweep).await
    }

    fn directory(&self) -> Option<&dyn Directory> {
        Some(self)
    }
}

#[async_trait]
impl Directory for DiskStore {
    async fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let after = after.copied();
        self.list(now, move |listing| listing.page(after.as_ref(), limit)).await
    }

    async fn owned_by(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let owner = owner.clone();
        self.list(now, move |listing| listing.owned_by(&owner)).await
    }

    async fn count(&self, now: Timestamp) -> Result<u64> {
        self.list(now, Listing::count).await
    }
}
