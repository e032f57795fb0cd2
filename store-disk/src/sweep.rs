//! Deleting expired sessions.
//!
//! The file time tells who looks dead, so what lives is never opened. Who looks dead is judged again by the writer thread
//! under the lock, in the step that deletes.

use std::sync::atomic::{AtomicU8, Ordering};

use session_core::{Error, Key, Result, Timestamp};

use crate::{
    folder::Folder,
    job::Task,
    layout::{Entry, Shard},
    mtime,
    root::Root,
    writer::Writer,
    writers::Writers,
};

/// How many deletions are handed to the writer thread at once, so that other writes come in between.
const BATCH: usize = 64;

/// Remembers where the last sweep ended, so that the next one does not look at the same folders again.
#[derive(Debug, Default)]
pub(crate) struct Sweeper {
    next: AtomicU8,
}

impl Sweeper {
    /// Deletes at most `limit` sessions that are dead at `now`, and returns how many.
    ///
    /// An error is kept for the end: one bad record or busy folder does not stop the sweep.
    pub(crate) fn sweep(
        &self,
        root: &Root,
        writers: &Writers,
        now: Timestamp,
        limit: usize,
    ) -> Result<usize> {
        root.still_there()?;
        let mut sweep = Sweep { root, writers, now, left: limit, error: None };
        let start = self.next.load(Ordering::Relaxed);
        for shard in (start..=u8::MAX).chain(0..start) {
            if sweep.left == 0 {
                break;
            }
            self.next.store(shard, Ordering::Relaxed);
            if let Err(error) = sweep.folder(Shard(shard)) {
                sweep.error.get_or_insert(error);
            }
        }
        match sweep.error {
            Some(error) if sweep.left == limit => Err(error),
            _ => Ok(limit - sweep.left),
        }
    }
}

/// One sweep on its way.
struct Sweep<'a> {
    root: &'a Root,
    writers: &'a Writers,
    now: Timestamp,
    left: usize,
    error: Option<Error>,
}

impl Sweep<'_> {
    fn folder(&mut self, shard: Shard) -> Result<()> {
        let Some(folder) = Folder::open(self.root, shard)? else { return Ok(()) };
        let entries = folder.list()?;
        if self.writers.counts() || entries.iter().any(|(_, entry)| !matches!(entry, Entry::Record(_))) {
            let [key, _] = shard.keys();
            Writer::wait(self.writers.of(shard).submit(key, Task::Tidy { now: self.now })?)?;
        }
        let mut dead = Vec::new();
        for (name, entry) in entries {
            match entry {
                Entry::Record(key) if self.looks_dead(&folder, &name)? => dead.push(key),
                _ => {}
            }
        }
        self.expire(shard, &dead)
    }

    fn looks_dead(&self, folder: &Folder, name: &str) -> Result<bool> {
        Ok(folder.stat(name)?.is_some_and(|stat| mtime::read(&stat) <= self.now))
    }

    fn expire(&mut self, shard: Shard, mut dead: &[Key]) -> Result<()> {
        while self.left > 0 && !dead.is_empty() {
            let (batch, rest) = dead.split_at(BATCH.min(self.left).min(dead.len()));
            dead = rest;
            let task = Task::Expire { now: self.now };
            let answers: Result<Vec<_>> =
                batch.iter().map(|key| self.writers.of(shard).submit(*key, task.clone())).collect();
            for answer in answers? {
                match Writer::wait(answer) {
                    Ok(None) => self.left -= 1,
                    // It was saved or deleted meanwhile, or is damaged: what others do with it is none of ours.
                    Ok(Some(_)) | Err(Error::Missing | Error::Corrupt(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}
