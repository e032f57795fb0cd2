//! The open file, and how it is opened again.

use std::{
    fmt,
    fs::File,
    panic::{self, AssertUnwindSafe},
    sync::{
        PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use redb::{Builder, Database, ReadableDatabase as _, StorageBackend, WriteTransaction};
use session_core::Result;

use crate::{
    fault::{self, Refusal, failed_to, not_opened},
    held::Held,
    medium::{Medium, Opened},
    options::ShelfOptions,
    schema,
    seal::Seal,
    snapshot::Snapshot,
};

/// The largest file that is read as a whole whenever it is opened: that takes a tenth of a second. A larger one is read
/// when somebody wrote to it after it was closed.
const VERIFIED_BYTES_MAX: u64 = 64 << 20;

/// The open file. Only the writer thread opens, writes and closes it.
pub(crate) struct Shelf {
    medium: Box<dyn Medium>,
    options: ShelfOptions,
    database: RwLock<Option<Database>>,
    /// A read failed, and redb does nothing more after that until the file is opened again.
    is_doubted: AtomicBool,
}

/// Makes an empty file of sessions.
pub(crate) fn make(file: impl StorageBackend) -> Result<()> {
    let database = builder(1 << 20).create_with_backend(file).map_err(not_opened)?;
    schema::create(&database)
}

impl Shelf {
    pub(crate) fn open(medium: impl Medium, options: ShelfOptions) -> Result<Self> {
        let database = open(&medium, &options)?;
        let is_doubted = AtomicBool::new(false);
        Ok(Self { medium: Box::new(medium), options, database: RwLock::new(Some(database)), is_doubted })
    }

    /// Returns what is committed now, `None` while the file is not open.
    pub(crate) fn snapshot(&self) -> Result<Option<Snapshot>> {
        let database = self.database();
        let transaction = database.as_ref().map(Database::begin_read);
        Ok(transaction.transpose().map_err(failed_to("read its file"))?.map(Snapshot::new))
    }

    /// Begins a transaction that writes, and opens the file for it when it is not open or fails.
    pub(crate) fn begin(&self) -> Result<WriteTransaction> {
        self.medium.still_there()?;
        if self.is_doubted.swap(false, Ordering::Relaxed) {
            self.close();
        }
        if self.database().is_none() {
            let database = open(&*self.medium, &self.options)?;
            *self.database_mut() = Some(database);
        }
        let transaction = match self.database().as_ref() {
            Some(database) => database.begin_write().map_err(failed_to("begin a write"))?,
            None => return Err(fault::not_applied("begin a write", Refusal::Closed)),
        };
        Ok(self.set_up(transaction))
    }

    fn set_up(&self, mut transaction: WriteTransaction) -> WriteTransaction {
        transaction.set_quick_repair(self.options.quick_repair);
        transaction
    }

    /// Has the file opened again before the next write.
    pub(crate) fn doubt(&self) {
        self.is_doubted.store(true, Ordering::Relaxed);
    }

    /// Closes the file. What was begun to be read ends with an error.
    pub(crate) fn close(&self) {
        let database = self.database_mut().take();
        // Closing writes to the disk, or panics where a damaged file made redb panic before.
        let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(database)));
    }

    fn database(&self) -> RwLockReadGuard<'_, Option<Database>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn database_mut(&self) -> RwLockWriteGuard<'_, Option<Database>> {
        self.database.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf")
            .field("medium", &self.medium)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Opens the file, and writes to it only once it is known to be ours and whole.
fn open(medium: &dyn Medium, options: &ShelfOptions) -> Result<Database> {
    let Opened { backend, seal } = medium.open()?;
    let held =
        Held::new(backend, options.durability).map_err(|cause| fault::not_applied("open its file", cause))?;
    let is_new = StorageBackend::len(&held).is_ok_and(|length| length == 0);
    let opened = panic::catch_unwind(AssertUnwindSafe(|| {
        let mut database =
            builder(options.cache_bytes).create_with_backend(held.clone()).map_err(not_opened)?;
        if is_new {
            schema::create(&database)?;
        }
        schema::check(&database)?;
        verify(&mut database, &held, seal.as_ref())?;
        Ok(database)
    }));
    let database = opened.unwrap_or_else(|_| Err(fault::not_applied("open its file", Refusal::Damaged)))?;
    held.release().map_err(|cause| fault::not_applied("open its file", cause))?;
    Ok(database)
}

/// Refuses a file with a damaged page, which takes reading it as a whole.
///
/// What redb does with such a page in its own tables ranges from an error to the end of the process.
fn verify(database: &mut Database, file: &Held, seal: Option<&File>) -> Result<()> {
    let is_small = StorageBackend::len(file).is_ok_and(|length| length <= VERIFIED_BYTES_MAX);
    if !is_small && !is_broken(seal)? {
        return Ok(());
    }
    match database.check_integrity().map_err(not_opened)? {
        true => Ok(()),
        false => Err(fault::not_applied("open its file", Refusal::Damaged)),
    }
}

/// Returns whether the file has a seal that does not fit it.
fn is_broken(seal: Option<&File>) -> Result<bool> {
    let seal = seal.map_or(Ok(Seal::Missing), Seal::of);
    seal.map(|seal| seal == Seal::Broken).map_err(|cause| fault::not_applied("open its file", cause))
}

fn builder(cache_bytes: usize) -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(cache_bytes);
    builder
}
