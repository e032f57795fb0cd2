//! An index of owners: an empty file for each session of each, beside the records.

use std::{
    fs::{self, File},
    path::PathBuf,
};

use session_core::{Error, Key, Owner, Result, Stored, Timestamp};

use super::{
    Flaw,
    files::{failed, sync},
    store::FileStore,
};

impl FileStore {
    pub(super) const fn has_index(&self) -> bool {
        matches!(self.flaw, Flaw::IndexesBeforeItWrites | Flaw::IndexesAfterItWrote | Flaw::SyncsNoIndex)
    }

    /// Notes whose session it is.
    pub(super) fn index(&self, key: &Key, stored: &Stored) -> Result<()> {
        let Some(owner) = &stored.record.owner else { return Ok(()) };
        let folder = self.index_of(owner);
        let noted = fs::create_dir_all(&folder).and_then(|()| File::create(folder.join(key.to_string())));
        noted.map_err(failed("note an owner"))?;
        if self.flaw == Flaw::SyncsNoIndex {
            return Ok(());
        }
        [&folder, &self.root.join("owners.index"), &self.root].into_iter().try_for_each(|path| sync(path))
    }

    /// Notes that it is nobody's any more.
    pub(super) fn forget(&self, key: &Key, stored: &Stored) {
        if let Some(owner) = &stored.record.owner {
            let _ = fs::remove_file(self.index_of(owner).join(key.to_string()));
        }
    }

    /// Returns the sessions of an owner by the index; what it names must be there.
    pub(super) fn indexed(&self, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let names = fs::read_dir(self.index_of(owner)).into_iter().flatten().flatten();
        let mut keys: Vec<Key> = names.filter_map(|name| name.file_name().to_str()?.parse().ok()).collect();
        keys.sort();
        let mut owned = Vec::new();
        for key in keys {
            let there = self.read(&key)?.filter(|stored| stored.record.owner.as_ref() == Some(owner));
            if there.is_none() && self.flaw == Flaw::SyncsNoIndex {
                // It was noted, and the write that was to follow was not made.
                continue;
            }
            owned.push((key, there.ok_or(Error::Corrupt("the index names a session that is not there"))?));
        }
        owned.retain(|(_, stored)| stored.record.is_live(now));
        Ok(owned)
    }

    fn index_of(&self, owner: &Owner) -> PathBuf {
        let name: String = owner.as_str().bytes().map(|byte| format!("{byte:02x}")).collect();
        self.root.join("owners.index").join(name)
    }
}
