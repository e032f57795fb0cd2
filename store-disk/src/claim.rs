//! A folder that this process alone may change.

use std::time::Duration;

use session_core::Result;

use crate::{file_lock::FileLock, folder::Folder, line::Line};

/// A folder whose lock is held, until the last one who works in it is done.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) folder: Folder,
    _lock: FileLock,
}

impl Claim {
    /// Takes the lock of `folder` if it is free, or moves up in the line.
    pub(crate) fn take(folder: Folder, line: &mut Line, timeout: Duration) -> Result<Option<Self>> {
        Ok(line.advance(&folder, timeout)?.map(|lock| Self { folder, _lock: lock }))
    }

    /// Takes the lock of `folder` if it is free at once.
    pub(crate) fn now(folder: Folder) -> Result<Option<Self>> {
        Self::take(folder, &mut Line::enter(), Duration::MAX)
    }
}
