//! What a process remembers of a store in files.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::{MutexGuard, PoisonError},
};

use session_core::{Key, Stored, Timestamp};

use super::{lock::Lock, store::FileStore};

/// What a process remembers.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Folders whose names are known to last.
    pub(super) anchored: HashSet<PathBuf>,
    /// What only a store that is wrong remembers.
    pub(super) known: HashMap<Key, Option<Stored>>,
    pub(super) ends: HashMap<Key, Timestamp>,
    pub(super) listed: Option<Vec<Key>>,
    pub(super) read: HashMap<Key, Stored>,
    pub(super) created: i64,
    pub(super) kept: Option<Lock>,
    pub(super) unsynced: Vec<PathBuf>,
    pub(super) synced: HashSet<PathBuf>,
    pub(super) unwritten: Vec<(PathBuf, Vec<u8>)>,
    pub(super) doomed: Vec<PathBuf>,
}

impl FileStore {
    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn remember(&self, key: &Key, stored: Option<&Stored>) {
        let mut memory = self.memory();
        memory.known.insert(*key, stored.cloned());
        if let Some(stored) = stored {
            memory.ends.entry(*key).or_insert(stored.record.expires_at);
        }
    }
}
