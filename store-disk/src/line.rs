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

#[cfg(test)]
mod tests {
    use session_core::Outcome;

    use super::*;
    use crate::{layout::Shard, root::Root};

    fn advance(line: &mut Line, folder: &Folder) -> Option<FileLock> {
        line.advance(folder, Duration::MAX).unwrap()
    }

    #[test]
    fn who_waits_comes_before_who_held_the_lock_and_wants_it_again() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::create(&Root::open(&place.path().join("sessions")).unwrap(), Shard(1)).unwrap();
        let held = advance(&mut Line::enter(), &folder).unwrap();
        let mut waiting = Line::enter();
        assert!(advance(&mut waiting, &folder).is_none());
        drop(held);
        assert!(advance(&mut Line::enter(), &folder).is_none());
        assert!(advance(&mut waiting, &folder).is_some());
        assert!(advance(&mut Line::enter(), &folder).is_some());
    }

    #[test]
    fn a_wait_ends_with_its_timeout() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::create(&Root::open(&place.path().join("sessions")).unwrap(), Shard(1)).unwrap();
        let _held = advance(&mut Line::enter(), &folder).unwrap();
        let late = Line::enter().advance(&folder, Duration::ZERO);
        assert!(matches!(late, Err(Error::Backend { outcome: Outcome::NotApplied, .. })));
    }
}
