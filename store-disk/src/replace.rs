//! A write is staged in a file of its own, synced, and then renamed over the record in one step.

use std::{fs::File, io::Write, rc::Rc};

use rustix::{fs, io::Errno};
use session_core::{Error, Key, Record, Result, Revision, Timestamp};

use crate::{claim::Claim, fault, folder::PRIVATE, format, layout, mtime};

/// A record that is written but not yet to be seen. Dropped unpublished, it leaves nothing.
#[derive(Debug)]
pub(crate) struct Staged {
    claim: Rc<Claim>,
    name: String,
    record: String,
    file: File,
    published: bool,
}

impl Staged {
    /// Writes `record` to a new file beside the one it is to replace.
    pub(crate) fn write(claim: &Rc<Claim>, key: &Key, record: &Record, revision: Revision) -> Result<Self> {
        let bytes = format::encode(key, record, revision)?;
        let name = layout::staged(key, nonce()?);
        let file =
            claim.folder.stage(&name).map_err(|cause| fault::not_applied("create a staged file", cause))?;
        let staged =
            Self { claim: Rc::clone(claim), name, record: layout::record(key), file, published: false };
        staged.fill(&bytes, record.expires_at)?;
        Ok(staged)
    }

    fn fill(&self, bytes: &[u8], expires_at: Timestamp) -> Result<()> {
        let failed = |cause: Errno| fault::not_applied("prepare a staged file", cause);
        // The umask may have taken bits away that we need ourselves.
        fs::fchmod(&self.file, PRIVATE).map_err(failed)?;
        (&self.file).write_all(bytes).map_err(|cause| fault::not_applied("write a staged file", cause))?;
        // A sweep then sees who is dead without opening anything.
        fs::futimens(&self.file, &mtime::times(expires_at)).map_err(failed)
    }

    /// Waits until what was written is on the medium. After an error the bytes may be lost: it is never tried again.
    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync_all().map_err(|cause| fault::not_applied("sync a staged file", cause))
    }

    /// Puts the staged record in the place of the old one.
    pub(crate) fn publish(mut self) -> Result<()> {
        self.claim
            .folder
            .rename(&self.name, &self.record)
            .map_err(|cause| fault::not_applied("rename a staged file", cause))?;
        self.published = true;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.published {
            // What cannot be removed now is removed by a sweep.
            let _ = self.claim.folder.unlink(&self.name);
        }
    }
}

/// Returns a number that no other staged file has, so that a leftover is never written to.
fn nonce() -> Result<u64> {
    getrandom::u64().map_err(|cause| Error::backend("store-disk", "find a name for a staged file", cause))
}
