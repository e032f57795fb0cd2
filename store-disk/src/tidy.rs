//! What killed processes left behind.

use session_core::{Result, Timestamp};

use crate::{folder::Folder, layout::Entry, quarantine};

/// Removes staged files nobody will publish, and records that were set aside long ago.
///
/// A file is staged only by who holds the lock of its folder, so to the holder of the lock every staged file that it did
/// not write itself is a leftover, however young.
pub(crate) fn tidy(folder: &Folder, now: Timestamp) -> Result<()> {
    for (name, entry) in folder.list()? {
        if entry == Entry::Staged {
            folder.unlink(&name)?;
        }
    }
    quarantine::forget_old(folder, now)
}
