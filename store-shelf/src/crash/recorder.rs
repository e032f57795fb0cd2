//! A disk that remembers what was done to it, and fails when it is told to.

use std::{
    io,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard},
};

use redb::{BackendError, StorageBackend};
use session_core::Result;

use crate::{
    crash::disk::Disk,
    medium::{Medium, Opened},
};

/// What was done to the disk, and what was promised meanwhile.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Write(u64, Vec<u8>),
    Length(u64),
    Sync,
    /// A change begins: from here on a session may have this data, or be gone.
    Begun(u8, Option<String>),
    /// The change was answered `Ok`: from here on it has.
    Kept(u8, Option<String>),
}

/// What to fail at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Read,
    Write,
    Length,
    Sync,
}

#[derive(Debug, Default)]
struct State {
    events: Vec<Event>,
    /// The kind of operation that fails, and how many of it come before.
    fault: Option<(Kind, usize)>,
    has_failed: bool,
    /// How often it was opened.
    openings: usize,
    /// How many syncs were begun.
    syncs: usize,
}

/// A disk that remembers. A clone is a handle to the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder {
    disk: Arc<Disk>,
    state: Arc<Mutex<State>>,
    /// Who holds this holds up every sync.
    gate: Arc<Mutex<()>>,
}

impl Recorder {
    pub(crate) fn note(&self, event: Event) {
        self.state().events.push(event);
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.state().events.clone()
    }

    /// Has one operation fail, after `before` more of its kind.
    pub(crate) fn fail(&self, kind: Kind, before: usize) {
        self.state().fault = Some((kind, before));
    }

    /// Takes back a fault that did not come, and returns whether one came.
    pub(crate) fn has_failed(&self) -> bool {
        let mut state = self.state();
        state.fault = None;
        std::mem::take(&mut state.has_failed)
    }

    /// Holds up every sync until what this returns is dropped.
    pub(crate) fn hold_syncs(&self) -> MutexGuard<'_, ()> {
        self.gate.lock().unwrap()
    }

    pub(crate) fn syncs(&self) -> usize {
        self.state().syncs
    }

    pub(crate) fn openings(&self) -> usize {
        self.state().openings
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn step(&self, kind: Kind) -> io::Result<()> {
        let mut state = self.state();
        match &mut state.fault {
            Some((faulty, 0)) if *faulty == kind => {
                (state.fault, state.has_failed) = (None, true);
                Err(io::Error::other("on purpose"))
            }
            Some((faulty, before)) if *faulty == kind => {
                *before -= 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Medium for Recorder {
    fn open(&self) -> Result<Opened> {
        self.state().openings += 1;
        Ok(Opened { backend: Box::new(self.clone()), seal: None })
    }

    fn still_there(&self) -> Result<()> {
        Ok(())
    }
}

impl StorageBackend for Recorder {
    fn len(&self) -> io::Result<u64> {
        self.disk.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.step(Kind::Read)?;
        self.disk.read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.step(Kind::Length)?;
        self.note(Event::Length(length));
        self.disk.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.state().syncs += 1;
        drop(self.hold_syncs());
        self.step(Kind::Sync)?;
        self.note(Event::Sync);
        Ok(())
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.step(Kind::Write)?;
        self.note(Event::Write(offset, bytes.to_vec()));
        self.disk.write(offset, bytes)
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> std::result::Result<bool, BackendError> {
        self.disk.try_lock_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> std::result::Result<(), BackendError> {
        self.disk.unlock_range(start, end)
    }
}
