//! Waiting for the lock of a folder.

use std::time::{Duration, Instant};

use rustix::fs;
use session_core::{Error, Result};

use crate::{
    fault::{self, Refusal},
    file_lock::FileLock,
    folder::Folder,
    layout,
};

/// A place in the line of the processes that wait for the lock of one folder.
///
/// There are two locks: whoever holds `turn` is the next to take `lock`. Without the first, a process that writes
/// all the time would take the lock again before the others, which only look now and then, ever see it free.
#[derive(Debug)]
pub(crate) struct Line {
    turn: Option<FileLock>,
    since: Instant,
}

impl Line {
    /// Returns a place at the end of the line.
    #[expect(clippy::disallowed_methods, reason = "a wait is measured, whatever time it is")]
    pub(crate) fn enter() -> Self {
        Self { turn: None, since: Instant::now() }
    }

    /// Moves up as far as is possible without waiting, and returns the lock when it was free.
    ///
    /// # Errors
    ///
    /// When the lock was not free for longer than `timeout`.
    pub(crate) fn advance(&mut self, folder: &Folder, timeout: Duration) -> Result<Option<FileLock>> {
        if self.turn.is_none() {
            self.turn = try_take(folder, layout::TURN)?;
        }
        let lock = match self.turn {
            Some(_) => try_take(folder, layout::LOCK)?,
            None => None,
        };
        if lock.is_some() {
            self.turn = None;
        } else if self.since.elapsed() > timeout {
            return Err(busy());
        }
        Ok(lock)
    }
}

fn busy() -> Error {
    fault::not_applied("lock one of its folders in time", Refusal::Busy)
}

fn try_take(folder: &Folder, name: &str) -> Result<Option<FileLock>> {
    let failed = |cause| fault::not_applied("lock one of its folders", cause);
    let file = folder.lock_file(name)?;
    // A lock file that somebody else deleted excludes nobody: look again.
    if fs::fstat(&file).map_err(|cause| fault::not_applied("look at a lock file", cause))?.st_nlink == 0 {
        return Ok(None);
    }
    FileLock::try_take(file).map_err(failed)
}
