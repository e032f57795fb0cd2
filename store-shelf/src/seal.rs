//! The seal on a closed file: nobody wrote to it since.
//!
//! A large file with its seal need not be read as a whole when it is opened. The seal is an extended attribute, `user.store-shelf.closed`, which
//! says what file it is on, how long that is, and when it was last changed. Closing sets that time to one with a fraction of a second
//! at random, because two changes within one tick of the clock look alike otherwise. A copy has no seal, or not its own.

use std::{
    fs::File,
    io,
    ops::Bound,
    os::unix::fs::FileExt,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, UNIX_EPOCH},
};

use redb::{BackendError, StorageBackend, backends::FileBackend};
use rustix::{
    fs::{XattrFlags, fgetxattr, fremovexattr, fsetxattr, fstat},
    io::Errno,
};

const NAME: &str = "user.store-shelf.closed";

/// What is known of a file that is about to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seal {
    /// Nobody wrote to it since it was closed.
    Intact,
    /// Somebody did, or it is a copy.
    Broken,
    /// It was not closed, or its file system keeps no seals.
    Missing,
}

impl Seal {
    /// Looks at the seal of a file that nobody else may write to.
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        if was_left_open(file) {
            return Ok(Self::Missing);
        }
        let mut found = [0; 128];
        match fgetxattr(file, NAME, &mut found) {
            Ok(length) if found.get(..length) == Some(text(file)?.as_bytes()) => Ok(Self::Intact),
            Ok(_) | Err(Errno::NODATA | Errno::RANGE) => Ok(Self::Broken),
            Err(_) => Ok(Self::Missing),
        }
    }
}

/// Returns whether the file was not closed by who had it open last, which redb notes in the byte after its magic number.
pub(crate) fn was_left_open(file: &File) -> bool {
    flags(file).is_some_and(|flags| flags & 2 != 0)
}

fn flags(file: &File) -> Option<u8> {
    let mut start = [0; 10];
    file.read_exact_at(&mut start, 0).ok()?;
    match start {
        [b'r', b'e', b'd', b'b', .., flags] => Some(flags),
        _ => None,
    }
}

fn text(file: &File) -> io::Result<String> {
    let stat = fstat(file)?;
    Ok(format!("1 {} {} {} {}", stat.st_ino, stat.st_size, stat.st_mtime, stat.st_mtime_nsec))
}

/// A file that has no seal while it is written to, and a new one when it was closed.
#[derive(Debug)]
pub(crate) struct Sealed {
    file: File,
    backend: FileBackend,
    /// Whether it was written to, which is only after it was found to be ours and whole.
    is_written: AtomicBool,
}

impl Sealed {
    pub(crate) fn new(file: File, backend: FileBackend) -> Self {
        Self { file, backend, is_written: AtomicBool::new(false) }
    }

    /// Takes the seal away before the first change, so that no crash leaves it on a file that was changed.
    fn break_seal(&self) -> io::Result<()> {
        if self.is_written.load(Ordering::Relaxed) {
            return Ok(());
        }
        match fremovexattr(&self.file, NAME) {
            Ok(()) => self.file.sync_all()?,
            Err(Errno::NODATA | Errno::OPNOTSUPP) => {}
            Err(cause) => return Err(cause.into()),
        }
        self.is_written.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn seal(&self) -> io::Result<()> {
        // What it vouches for has to be on the disk before it is.
        self.file.sync_all()?;
        let seconds = u64::try_from(fstat(&self.file)?.st_mtime).map_err(io::Error::other)?;
        let fraction = getrandom::u32().map_err(io::Error::other)? % 1_000_000_000;
        self.file.set_modified(UNIX_EPOCH + Duration::new(seconds, fraction))?;
        fsetxattr(&self.file, NAME, text(&self.file)?.as_bytes(), XattrFlags::empty())?;
        self.file.sync_all()
    }
}

impl StorageBackend for Sealed {
    fn len(&self) -> io::Result<u64> {
        self.backend.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.backend.read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.break_seal()?;
        self.backend.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.backend.sync_data()
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.break_seal()?;
        self.backend.write(offset, bytes)
    }

    fn close(&self) -> io::Result<()> {
        let is_closed = flags(&self.file).is_some_and(|flags| flags & 2 == 0);
        if is_closed && self.is_written.load(Ordering::Relaxed) {
            // A large file without a seal is read as a whole when it is opened, and nothing else.
            let _ = self.seal();
        }
        self.backend.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.backend.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.backend.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.backend.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.backend.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.backend.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.backend.query_lock_range(start, end)
    }
}
