//! Holds back what redb writes until it is known whose file it is.
//!
//! Opening a file of redb writes to it: a flag at least, a repair after a crash. A file of another program must stay as it
//! is, and so must one that turns out to be damaged.

use std::{
    io::{self, Error, ErrorKind},
    ops::Bound,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use redb::{BackendError, StorageBackend};

use crate::options::Durability;

/// The bytes of a file with what is held back laid over them.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    file: Arc<dyn StorageBackend>,
    durability: Durability,
    /// What is held back, `None` once the file is known.
    changes: Arc<RwLock<Option<Changes>>>,
}

#[derive(Debug)]
struct Changes {
    /// How long the file is. It is not asked again, because every page of it may be read meanwhile.
    file_length: u64,
    /// How long it will be.
    length: u64,
    list: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Write(u64, Vec<u8>),
    Length(u64),
    Sync,
}

impl Held {
    pub(crate) fn new(file: Box<dyn StorageBackend>, durability: Durability) -> io::Result<Self> {
        let length = file.len()?;
        let changes = Changes { file_length: length, length, list: Vec::new() };
        Ok(Self { file: file.into(), durability, changes: Arc::new(RwLock::new(Some(changes))) })
    }

    /// Writes what was held back, in its order, and holds back nothing from here on.
    pub(crate) fn release(&self) -> io::Result<()> {
        let mut held = self.held_mut();
        for change in held.iter().flat_map(|changes| &changes.list) {
            match change {
                Change::Write(offset, bytes) => self.file.write(*offset, bytes)?,
                Change::Length(length) => self.file.set_len(*length)?,
                Change::Sync => self.sync()?,
            }
        }
        *held = None;
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        match self.durability {
            Durability::Power => self.file.sync_data(),
            Durability::Process => Ok(()),
        }
    }

    fn held(&self) -> RwLockReadGuard<'_, Option<Changes>> {
        self.changes.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn held_mut(&self) -> RwLockWriteGuard<'_, Option<Changes>> {
        self.changes.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds back `change`, or returns it because nothing is held back any more.
    fn hold(&self, change: Change) -> Option<Change> {
        match self.held_mut().as_mut() {
            Some(changes) => changes.push(change),
            None => return Some(change),
        }
        None
    }

    fn read_held(&self, offset: u64, out: &mut [u8], changes: &Changes) -> io::Result<()> {
        if offset + out.len() as u64 > changes.length {
            return Err(Error::from(ErrorKind::UnexpectedEof));
        }
        let (there, beyond) = out.split_at_mut(reach(changes.file_length, offset, out.len()));
        if !there.is_empty() {
            self.file.read(offset, there)?;
        }
        beyond.fill(0);
        for change in &changes.list {
            match change {
                Change::Write(at, bytes) => lay_over(out, offset, bytes, *at),
                Change::Length(length) => {
                    let (_, beyond) = out.split_at_mut(reach(*length, offset, out.len()));
                    beyond.fill(0);
                }
                Change::Sync => {}
            }
        }
        Ok(())
    }
}

impl Changes {
    fn push(&mut self, change: Change) {
        self.length = match &change {
            Change::Write(offset, bytes) => self.length.max(offset + bytes.len() as u64),
            Change::Length(length) => *length,
            Change::Sync => self.length,
        };
        self.list.push(change);
    }
}

/// Returns how many of `wanted` bytes from `offset` on lie below `length`.
fn reach(length: u64, offset: u64, wanted: usize) -> usize {
    usize::try_from(length.saturating_sub(offset)).map_or(wanted, |there| there.min(wanted))
}

/// Copies the part of `bytes`, which begin at `at`, that falls into `out`, which begins at `offset`.
fn lay_over(out: &mut [u8], offset: u64, bytes: &[u8], at: u64) {
    let skipped = reach(offset, at, bytes.len());
    let before = reach(at, offset, out.len());
    let (Some(bytes), Some(out)) = (bytes.get(skipped..), out.get_mut(before..)) else { return };
    out.iter_mut().zip(bytes).for_each(|(byte, new)| *byte = *new);
}

impl StorageBackend for Held {
    fn len(&self) -> io::Result<u64> {
        match self.held().as_ref() {
            Some(changes) => Ok(changes.length),
            None => self.file.len(),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match self.held().as_ref() {
            Some(changes) => self.read_held(offset, out, changes),
            None => self.file.read(offset, out),
        }
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.hold(Change::Length(length)).map_or(Ok(()), |_| self.file.set_len(length))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.hold(Change::Sync).map_or(Ok(()), |_| self.sync())
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if self.held().is_none() {
            return self.file.write(offset, bytes);
        }
        self.hold(Change::Write(offset, bytes.to_vec())).map_or(Ok(()), |_| self.file.write(offset, bytes))
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    // Without these nothing would keep a second process out.

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;

    use super::*;

    fn read(file: &dyn StorageBackend) -> Vec<u8> {
        let mut bytes = vec![9; usize::try_from(file.len().unwrap()).unwrap()];
        file.read(0, &mut bytes).unwrap();
        bytes
    }

    fn write(file: &dyn StorageBackend) {
        file.set_len(6).unwrap();
        file.write(1, b"abcd").unwrap();
        file.set_len(3).unwrap();
        file.set_len(7).unwrap();
        file.write(2, b"xy").unwrap();
        file.sync_data().unwrap();
    }

    #[test]
    fn what_is_held_back_is_read_as_if_it_were_there_and_then_written() {
        let held = Held::new(Box::new(InMemoryBackend::new()), Durability::Power).unwrap();
        write(&held);
        assert_eq!(read(&held), b"\0axy\0\0\0");
        let mut middle = [9; 3];
        held.read(1, &mut middle).unwrap();
        assert_eq!(&middle, b"axy");
        assert_eq!(held.file.len().unwrap(), 0);
        held.release().unwrap();
        assert_eq!(read(&*held.file), b"\0axy\0\0\0");
        held.write(0, b"z").unwrap();
        assert_eq!(read(&*held.file), b"zaxy\0\0\0");
        assert_eq!(read(&held), read(&*held.file));
    }

    #[test]
    fn nothing_is_read_beyond_the_end() {
        let held = Held::new(Box::new(InMemoryBackend::new()), Durability::Power).unwrap();
        write(&held);
        assert_eq!(held.read(5, &mut [0; 3]).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }
}
