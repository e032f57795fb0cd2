//! Bytes in memory that are cheap to copy: pages are shared until they are written to.

use std::{
    io::{self, ErrorKind},
    sync::{Arc, Mutex},
};

use redb::{BackendError, StorageBackend};

const PAGE: usize = 4_096;

/// The bytes of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bytes {
    pages: Vec<Option<Arc<[u8; PAGE]>>>,
    length: u64,
}

impl Bytes {
    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    pub(crate) fn set_len(&mut self, length: u64) {
        let (pages, rest) = split(length);
        self.pages.resize(pages + usize::from(rest > 0), None);
        if let (true, Some(Some(last))) = (rest > 0, self.pages.last_mut()) {
            Arc::make_mut(last)[rest..].fill(0);
        }
        self.length = length;
    }

    pub(crate) fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if offset + out.len() as u64 > self.length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let mut rest = out;
        let (mut page, mut start) = split(offset);
        while !rest.is_empty() {
            let (part, after) = rest.split_at_mut(rest.len().min(PAGE - start));
            match &self.pages[page] {
                Some(bytes) => part.copy_from_slice(&bytes[start..start + part.len()]),
                None => part.fill(0),
            }
            (rest, page, start) = (after, page + 1, 0);
        }
        Ok(())
    }

    pub(crate) fn write(&mut self, offset: u64, bytes: &[u8]) {
        self.set_len(self.length.max(offset + bytes.len() as u64));
        let mut rest = bytes;
        let (mut page, mut start) = split(offset);
        while !rest.is_empty() {
            let (part, after) = rest.split_at(rest.len().min(PAGE - start));
            let target = self.pages[page].get_or_insert_with(|| Arc::new([0; PAGE]));
            Arc::make_mut(target)[start..start + part.len()].copy_from_slice(part);
            (rest, page, start) = (after, page + 1, 0);
        }
    }
}

fn split(offset: u64) -> (usize, usize) {
    let offset = usize::try_from(offset).unwrap();
    (offset / PAGE, offset % PAGE)
}

/// A file of these bytes.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    pub(crate) bytes: Mutex<Bytes>,
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.lock().unwrap().len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.bytes.lock().unwrap().read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.bytes.lock().unwrap().set_len(length);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.bytes.lock().unwrap().write(offset, bytes);
        Ok(())
    }

    // One process, one opening at a time: nothing to lock.

    fn try_lock_range(&self, _: std::ops::Bound<u64>, _: std::ops::Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn unlock_range(&self, _: std::ops::Bound<u64>, _: std::ops::Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }
}
