//! Locks between processes, on files that are never replaced.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

use session_core::{Error, Key, Result};
use tokio::time::sleep;

use super::{Flaw, files::failed, private::options, store::FileStore};

/// A lock that ends with the value, and with its process.
#[derive(Debug)]
pub(super) enum Lock {
    OnFile(#[expect(dead_code, reason = "the lock is held as long as the file is open")] File),
    IsFile(PathBuf),
    None,
}

/// How often a busy lock is looked at, a millisecond apart: long enough for two processes that take turns on a busy machine.
const LOOKS: usize = 2_000;

/// The same where nobody gives the lock back.
const LOOKS_IN_VAIN: usize = 100;

impl FileStore {
    /// Takes the lock of the store for a write to a session.
    pub(super) async fn lock(&self, key: &Key) -> Result<Lock> {
        let record = self.record(key);
        for looks in 0.. {
            if self.memory().kept.is_some() {
                return Ok(Lock::None);
            }
            if let Some(lock) = Lock::look(&self.root, &record, self.flaw)? {
                return Ok(lock);
            }
            match self.flaw {
                Flaw::GoesOnWithoutTheLock => break,
                Flaw::BreaksALock if looks == 20 => break,
                Flaw::WaitsForEver | Flaw::WaitsForALockFile | Flaw::KeepsTheLock => {}
                Flaw::LockIsAFile if looks == LOOKS_IN_VAIN => return Err(busy()),
                _ if looks == LOOKS => return Err(busy()),
                _ => {}
            }
            sleep(Duration::from_millis(1)).await;
        }
        Ok(Lock::None)
    }

    /// Gives the lock back.
    pub(super) fn unlock(&self, lock: Lock) {
        match (self.flaw, &lock) {
            (Flaw::KeepsTheLock, Lock::OnFile(_)) => self.memory().kept = Some(lock),
            _ => drop(lock),
        }
    }
}

impl Lock {
    /// Takes the lock if it is free.
    fn look(root: &Path, record: &Path, flaw: Flaw) -> Result<Option<Self>> {
        match flaw {
            Flaw::LocksItsOwnProcess => Ok(Some(Self::None)),
            Flaw::LockIsAFile | Flaw::WaitsForALockFile => Ok(Self::create(root.join("locked"))),
            Flaw::LocksTheRecord if !record.exists() => Ok(Some(Self::None)),
            Flaw::LocksTheRecord => Self::try_take(record),
            Flaw::RemovesTheLockItHolds => {
                let (path, taken) = (root.join("lock"), Self::try_take(&root.join("lock"))?);
                let _ = taken.is_some().then(|| fs::remove_file(path));
                Ok(taken)
            }
            _ => Self::try_take(&root.join("lock")),
        }
    }

    fn create(path: PathBuf) -> Option<Self> {
        File::create_new(&path).is_ok().then(|| Self::IsFile(path))
    }

    /// Takes the lock on a file if it is free.
    pub(super) fn try_take(path: &Path) -> Result<Option<Self>> {
        let file = open(path)?;
        Ok(try_lock(&file)?.then_some(Self::OnFile(file)))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Self::IsFile(path) = self {
            let _ = fs::remove_file(path);
        }
    }
}

fn open(path: &Path) -> Result<File> {
    options().create(true).truncate(false).open(path).map_err(failed("open a lock"))
}

#[expect(clippy::disallowed_methods, reason = "a store in files that is wrong on purpose locks on its own")]
fn try_lock(file: &File) -> Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(fs::TryLockError::WouldBlock) => Ok(false),
        Err(fs::TryLockError::Error(cause)) => Err(failed("lock a file")(cause)),
    }
}

pub(super) fn busy() -> Error {
    Error::backend("saboteur", "take a lock", "another process holds it")
}
