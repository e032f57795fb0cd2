//! Damaged records.
//!
//! Whoever reads one is told so, and it stays: nothing is written over it and it is never taken for no session. Once it
//! looks expired a sweep sets it aside, under the lock and after a second read, for somebody to look at.

use std::time::Duration;

use session_core::{Error, Key, Result, Timestamp};

use crate::{
    fault,
    folder::Folder,
    format::NEWER,
    layout::{self, Entry},
    mtime, read,
};

/// The most records that are set aside in one folder.
const ASIDE_MAX: usize = 8;

/// How long after its expiry a record stays set aside.
const ASIDE_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Reads a record again that was found to be damaged, sets it aside if it is, and returns the damage.
///
/// # Errors
///
/// When it could not be set aside.
pub(crate) fn confirm(folder: &Folder, key: &Key, first: Error) -> Result<Error> {
    match (first, read::head(folder, key)) {
        (Error::Corrupt(_), Err(Error::Corrupt(damage))) if damage != NEWER => {
            drop_oldest(folder)?;
            folder
                .rename(&layout::record(key), &layout::corrupt(key))
                .map_err(|cause| fault::not_applied("set a damaged record aside", cause))?;
            Ok(Error::Corrupt(damage))
        }
        (first, _) => Ok(first),
    }
}

/// Deletes what was set aside long ago.
pub(crate) fn forget_old(folder: &Folder, now: Timestamp) -> Result<()> {
    let mut old = aside(folder)?.into_iter().filter(|(expired_at, _)| now.since(*expired_at) >= ASIDE_FOR);
    old.try_for_each(|(_, name)| folder.unlink(&name).map(drop))
}

/// Makes room for one more record to be set aside.
fn drop_oldest(folder: &Folder) -> Result<()> {
    let mut aside = aside(folder)?;
    aside.sort();
    let surplus = (aside.len() + 1).saturating_sub(ASIDE_MAX);
    aside.iter().take(surplus).try_for_each(|(_, name)| folder.unlink(name).map(drop))
}

fn aside(folder: &Folder) -> Result<Vec<(Timestamp, String)>> {
    let names = folder.list()?.into_iter().filter(|(_, entry)| *entry == Entry::Corrupt);
    let mut aside = Vec::new();
    for (name, _) in names {
        aside.extend(folder.stat(&name)?.map(|stat| (mtime::read(&stat), name)));
    }
    Ok(aside)
}
