//! The store itself.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use session_core::{
    Directory, Error, Expect, Key, Owner, Record, Result, Revision, Store, Stored, Timestamp,
};

use crate::{
    change,
    fault::{self, Refusal},
    file::OwnFile,
    medium::Medium,
    options::ShelfOptions,
    reader::Reader,
    shelf::Shelf,
    snapshot::Snapshot,
    sweep::{self, Swept},
    tables::Tables,
    writer::Writer,
};

/// Keeps all sessions in one file. A clone is a handle to the same store.
///
/// It has threads of its own and needs no runtime: any executor may poll it. When the last handle is dropped, its threads
/// do all that was begun, close the file and end, while whoever dropped it goes on. [`close`](ShelfStore::close)
/// waits for that.
#[derive(Clone, Debug)]
pub struct ShelfStore {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    path: PathBuf,
    shelf: Arc<Shelf>,
    writer: Writer,
    reader: Reader,
    max_sessions: Option<usize>,
}

impl ShelfStore {
    /// Opens the file at `path` with the [default options](ShelfOptions).
    ///
    /// The file is created if it is missing, for our user alone; its folder must be there. This blocks the caller,
    /// which belongs to the start of a program: for some tenths of a second, but after a crash until the whole file was read
    /// (see [`ShelfOptions::quick_repair`]).
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("sessions.redb");
    /// let store = store_shelf::ShelfStore::open(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Backend`] when the file cannot be created or opened, is open in another process or a second time in
    /// this one, is no file of sessions, is damaged or of a newer version, belongs to another user or is not closed to
    /// others. It is then left as it is.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, ShelfOptions::default())
    }

    /// Opens the file at `path` with `options`.
    ///
    /// ```
    /// use store_shelf::{Durability, ShelfOptions, ShelfStore};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("sessions.redb");
    /// let options = ShelfOptions::default().durability(Durability::Process).max_sessions(100_000);
    /// let store = ShelfStore::open_with(&path, options)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`open`](ShelfStore::open).
    pub fn open_with(path: impl AsRef<Path>, options: ShelfOptions) -> Result<Self> {
        let file = OwnFile::find(path.as_ref())?;
        Self::on(file.path().to_owned(), file, options)
    }

    pub(crate) fn on(path: PathBuf, medium: impl Medium, options: ShelfOptions) -> Result<Self> {
        let shelf = Arc::new(Shelf::open(medium, options)?);
        let (writer, reader) = (Writer::start(Arc::clone(&shelf))?, Reader::start()?);
        Ok(Self {
            parts: Arc::new(Parts { path, shelf, writer, reader, max_sessions: options.max_sessions }),
        })
    }

    /// Returns the file, as an absolute path.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("sessions.redb");
    /// assert_eq!(store_shelf::ShelfStore::open(&path)?.path(), path);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.parts.path
    }

    /// Does all that was begun and closes the file, for all clones of this handle.
    ///
    /// Every later call is refused. A program that ends without this loses nothing, but the next opening has to read the
    /// whole file, as after a crash.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("sessions.redb");
    /// let store = store_shelf::ShelfStore::open(&path)?;
    /// store.close().await;
    /// let again = store_shelf::ShelfStore::open(&path)?; // The file is free at once.
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(&self) {
        self.parts.writer.close().await;
    }

    /// Returns what is committed now; waits for it where the file is being opened again.
    async fn snapshot(&self) -> Result<Snapshot> {
        let snapshot = self.parts.shelf.snapshot();
        match snapshot {
            Ok(Some(snapshot)) => Ok(snapshot),
            Ok(None) => self.reopened().await,
            Err(_) => self.renewed().await,
        }
    }

    /// Has the file opened again, after which redb reads it anew, because reading it failed.
    async fn renewed(&self) -> Result<Snapshot> {
        self.parts.shelf.doubt();
        self.reopened().await
    }

    async fn reopened(&self) -> Result<Snapshot> {
        // This has its turn when the file is open, or answers why it cannot be opened.
        self.parts.writer.ask(|_| Ok(())).await?;
        self.parts.shelf.snapshot()?.ok_or_else(|| fault::not_applied("read its file", Refusal::Closed))
    }

    async fn list<T: Send + 'static>(
        &self,
        look: impl Fn(&Snapshot) -> Result<T> + Clone + Send + 'static,
    ) -> Result<T> {
        let (snapshot, first) = (self.snapshot().await?, look.clone());
        match self.parts.reader.run(move || first(&snapshot)).await {
            Err(Error::Backend { .. }) => {
                let snapshot = self.renewed().await?;
                self.parts.reader.run(move || look(&snapshot)).await
            }
            listed => listed,
        }
    }
}

#[async_trait]
impl Store for ShelfStore {
    async fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let loaded = self.snapshot().await?.load(key, now);
        match loaded {
            Err(Error::Backend { .. }) => self.renewed().await?.load(key, now),
            loaded => loaded,
        }
    }

    async fn save(&self, key: &Key, record: &Record, expect: Expect, now: Timestamp) -> Result<Revision> {
        let (key, record, max_sessions) = (*key, record.clone(), self.parts.max_sessions);
        let save =
            move |tables: &mut Tables<'_>| change::save(tables, &key, &record, expect, now, max_sessions);
        self.parts.writer.ask(save).await
    }

    async fn touch(
        &self,
        key: &Key,
        expect: Revision,
        accessed_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Revision> {
        let key = *key;
        let touch = move |tables: &mut Tables<'_>| {
            change::touch(tables, &key, expect, [accessed_at, expires_at], now)
        };
        self.parts.writer.ask(touch).await
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        let key = *key;
        self.parts.writer.ask(move |tables| tables.remove(&key).map(drop)).await
    }

    async fn delete_expired(&self, now: Timestamp, limit: usize) -> Result<usize> {
        let mut deleted = 0;
        while deleted < limit {
            let left = limit - deleted;
            let Swept { count, more } =
                self.parts.writer.ask(move |tables| sweep::sweep(tables, now, left)).await?;
            deleted += count;
            if !more {
                break;
            }
        }
        Ok(deleted)
    }

    fn directory(&self) -> Option<&dyn Directory> {
        Some(self)
    }
}

#[async_trait]
impl Directory for ShelfStore {
    async fn page(&self, after: Option<&Key>, limit: usize, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let after = after.copied();
        self.list(move |snapshot| snapshot.page(after.as_ref(), limit, now)).await
    }

    async fn owned_by(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let owner = owner.clone();
        self.list(move |snapshot| snapshot.owned_by(&owner, now)).await
    }

    async fn count(&self, now: Timestamp) -> Result<u64> {
        self.list(move |snapshot| snapshot.count(now)).await
    }
}
