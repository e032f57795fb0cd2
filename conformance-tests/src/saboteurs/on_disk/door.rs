//! How a store is opened, and who is kept out.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use session_core::{Error, Result};

use super::{
    Flaw,
    files::{failed, sync},
    lock::Lock,
    private::new_folder,
};

/// What keeps others out, or says that the store was not closed, until it is dropped.
#[derive(Debug)]
pub(super) struct Door {
    _lock: Option<Lock>,
    mark: Option<PathBuf>,
    ours: Option<PathBuf>,
}

/// The locks that are those of the process.
static OURS: Mutex<BTreeMap<PathBuf, Lock>> = Mutex::new(BTreeMap::new());

impl Door {
    /// Makes the folder of a store if there is none, and closes the door behind us where it is not shared.
    pub(super) fn open(root: &Path, flaw: Flaw, is_shared: bool) -> Result<Self> {
        let is_new = !root.exists();
        if is_new {
            new_folder(root).map_err(failed("make its folder"))?;
        }
        let is_anchored = match flaw {
            Flaw::AnchorsNoRoot => true,
            Flaw::TrustsARootThatIsThere => !is_new,
            _ => false,
        };
        if !is_anchored {
            sync(&root.with_file_name(""))?;
        }
        if flaw == Flaw::PreparesANewFolderOnly && is_new {
            fs::create_dir(root.join("desk.staging")).map_err(failed("make its folder"))?;
        }
        if flaw == Flaw::EmptiesBeforeItRefuses {
            clear(root)?;
        }
        let lock = lock(root, flaw, is_shared)?;
        let mark = mark(root, flaw)?;
        let ours = (flaw == Flaw::UnlocksForAllItsHandles).then(|| root.to_owned());
        Ok(Self { _lock: lock, mark, ours })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Some(mark) = &self.mark {
            let _ = fs::remove_file(mark);
        }
        if let Some(root) = &self.ours {
            OURS.lock().unwrap_or_else(PoisonError::into_inner).remove(root);
        }
    }
}

fn lock(root: &Path, flaw: Flaw, is_shared: bool) -> Result<Option<Lock>> {
    if flaw == Flaw::StaysLocked {
        let taken = File::create_new(root.join("taken"));
        return taken.map(|_| None).map_err(|_| refused("another process has it open"));
    }
    if flaw == Flaw::LetsEverybodyIn || (is_shared && flaw != Flaw::SharesWithNobody) {
        return Ok(None);
    }
    let words = if flaw == Flaw::RefusesWithoutWords {
        "error 11"
    } else {
        "another process has it open: end that one"
    };
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    if ours.contains_key(root) {
        return Ok(None);
    }
    let taken = Lock::try_take(&root.join("door"))?.ok_or_else(|| refused(words))?;
    if flaw != Flaw::UnlocksForAllItsHandles {
        return Ok(Some(taken));
    }
    ours.insert(root.to_owned(), taken);
    Ok(None)
}

fn refused(words: &str) -> Error {
    Error::backend("saboteur", "open its folder", words)
}

/// Leaves a mark that is removed when the store is closed.
fn mark(root: &Path, flaw: Flaw) -> Result<Option<PathBuf>> {
    let mark = root.join("open");
    match flaw {
        Flaw::OpensWhatWasClosed if mark.exists() => Err(refused("it was not closed")),
        Flaw::ClearsWhatWasNotClosed if mark.exists() => clear(root).map(|()| Some(mark)),
        Flaw::OpensWhatWasClosed | Flaw::ClearsWhatWasNotClosed => {
            File::create(&mark).map_err(failed("leave a mark"))?;
            Ok(Some(mark))
        }
        // It is left by the first write.
        Flaw::WaitsUntilItWasClosed => Ok(Some(mark)),
        _ => Ok(None),
    }
}

/// Removes all folders of records.
fn clear(root: &Path) -> Result<()> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut folders = entries.filter(|path| path.is_dir());
    folders.try_for_each(fs::remove_dir_all).map_err(failed("clear its folder"))
}
