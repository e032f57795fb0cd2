//! Locks between processes, on files that are never replaced.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use session_core::{Error, Result};

use super::{Flaw, files::failed};

/// A lock that ends with the value, and with its process.
#[derive(Debug)]
pub(super) enum Lock {
    OnFile(#[expect(dead_code, reason = "the lock is held as long as the file is open")] File),
    IsFile(PathBuf),
    None,
}

/// How often a busy lock is looked at, a millisecond apart.
const LOOKS: usize = 300;

impl Lock {
    /// Takes the lock of a store for a write to `record`.
    pub(super) fn take(root: &Path, record: &Path, flaw: Flaw) -> Result<Self> {
        match flaw {
            Flaw::LocksItsOwnProcess => Ok(Self::None),
            Flaw::LockIsAFile => Self::create(root.join("locked")),
            Flaw::LocksTheRecord if !record.exists() => Ok(Self::None),
            Flaw::LocksTheRecord => Self::wait(record, flaw),
            _ => Self::wait(&root.join("lock"), flaw),
        }
    }

    fn create(path: PathBuf) -> Result<Self> {
        for _ in 0..LOOKS {
            if File::create_new(&path).is_ok() {
                return Ok(Self::IsFile(path));
            }
            thread::sleep(Duration::from_millis(1));
        }
        Err(busy())
    }

    fn wait(path: &Path, flaw: Flaw) -> Result<Self> {
        let file = open(path)?;
        let mut looks = if flaw == Flaw::BreaksALock { 20 } else { LOOKS };
        while !try_lock(&file)? {
            looks = if flaw == Flaw::WaitsForEver { LOOKS } else { looks - 1 };
            match flaw {
                Flaw::GoesOnWithoutTheLock => return Ok(Self::None),
                Flaw::BreaksALock if looks == 0 => return Ok(Self::None),
                _ if looks == 0 => return Err(busy()),
                _ => thread::sleep(Duration::from_millis(1)),
            }
        }
        Ok(Self::OnFile(file))
    }

    /// Takes the lock if it is free.
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
    File::options().create(true).truncate(false).write(true).open(path).map_err(failed("open a lock"))
}

#[expect(clippy::disallowed_methods, reason = "a store in files that is wrong on purpose locks on its own")]
fn try_lock(file: &File) -> Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(fs::TryLockError::WouldBlock) => Ok(false),
        Err(fs::TryLockError::Error(cause)) => Err(failed("lock a file")(cause)),
    }
}

fn busy() -> Error {
    Error::backend("saboteur", "take a lock", "another process holds it")
}
