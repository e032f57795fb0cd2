//! What goes through all records: recovery, sweeps and lists.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use session_core::{Key, Result, Revision, Stored, Timestamp};

use super::{
    Flaw,
    files::{failed, sync},
    store::FileStore,
};

impl FileStore {
    pub(super) fn recover(&self) -> Result<()> {
        match self.flaw {
            Flaw::PublishesLeftovers => {
                for staged in self.shards().iter().flat_map(|shard| self.files(shard, "staged")) {
                    let record = staged.with_extension("").with_extension("record");
                    fs::rename(&staged, record).map_err(failed("publish what was staged"))?;
                }
            }
            Flaw::WritesInPlaceAndCanUndo => {
                for undo in self.shards().iter().flat_map(|shard| self.files(shard, "undo")) {
                    fs::rename(&undo, undo.with_extension("record")).map_err(failed("put a record back"))?;
                    sync(&undo.with_file_name(""))?;
                }
            }
            Flaw::ClearsWhatOthersStage => {
                let staged = self.shards().into_iter().flat_map(|shard| self.files(&shard, "staged"));
                staged.for_each(|staged| drop(fs::remove_file(staged)));
            }
            Flaw::OpensByMovingEverything => {
                self.shards().iter().try_for_each(|shard| self.move_and_back(shard))?;
            }
            Flaw::RewritesWhatItFinds => {
                for record in self.shards().iter().flat_map(|shard| self.files(shard, "record")) {
                    let anew = record.with_extension("staged");
                    let bytes = fs::read(&record).and_then(|bytes| fs::write(&anew, bytes));
                    bytes.and_then(|()| fs::rename(&anew, &record)).map_err(failed("rewrite a record"))?;
                }
            }
            Flaw::LeavesADraft => {
                let draft = self.root.join(format!("{:x}.draft", Revision::first()?.as_i64()));
                fs::write(&draft, "draft")
                    .and_then(|()| fs::remove_file(&draft))
                    .map_err(failed("make a draft"))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns what is to be swept; `dead` are those of which that was found out before.
    pub(super) fn sweep_now(&self, dead: Option<Vec<Key>>, now: Timestamp, limit: usize) -> Result<usize> {
        let mut swept = 0;
        for shard in self.shards() {
            if self.flaw != Flaw::LeavesTempFiles {
                let staged = self.files(&shard, "staged");
                staged.iter().for_each(|staged| drop(fs::remove_file(staged)));
                swept += if self.flaw == Flaw::CountsWhatWasStaged { staged.len() } else { 0 };
            }
            if self.flaw == Flaw::SweepsByMovingTheLiving {
                self.move_and_back(&shard)?;
            }
        }
        let list = self.root.join("swept.list");
        let mut gone = fs::read_to_string(&list).unwrap_or_default();
        for key in dead.unwrap_or_else(|| self.dead(now)) {
            if swept == limit || gone.contains(&key.to_string()) {
                continue;
            }
            if self.flaw == Flaw::SweepsByAList {
                gone.push_str(&key.to_string());
                fs::write(&list, &gone).map_err(failed("write a list"))?;
            }
            match fs::remove_file(self.record(&key)) {
                Ok(()) => swept += 1,
                // What was found to be dead without the lock may be gone by now.
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
                Err(_) if self.flaw == Flaw::OverlooksAFailedRemoval => swept += 1,
                Err(cause) => return Err(failed("sweep a record")(cause)),
            }
        }
        Ok(swept)
    }

    /// Returns the keys of the dead, in their order.
    pub(super) fn dead(&self, now: Timestamp) -> Vec<Key> {
        self.keys()
            .unwrap_or_default()
            .into_iter()
            .filter(|key| self.end_of(key).is_some_and(|end| end <= now))
            .collect()
    }

    /// Returns when a session ends, as a sweep sees it.
    fn end_of(&self, key: &Key) -> Option<Timestamp> {
        match self.flaw {
            Flaw::SetsTheEndAfterwards => {
                let time = fs::metadata(self.record(key)).and_then(|there| there.modified()).ok()?;
                let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
                Some(Timestamp::from_millis(i64::try_from(since.as_millis()).ok()?))
            }
            _ => {
                let stored = self.read(key).ok().flatten()?;
                let first = self.memory().ends.get(key).copied();
                Some(first.filter(|_| self.flaw == Flaw::SweepsByMemory).unwrap_or(stored.record.expires_at))
            }
        }
    }

    /// Returns the keys of all records, in their order.
    fn keys(&self) -> Result<Vec<Key>> {
        let mut keys = Vec::new();
        for (shard, is_folder) in names(&self.root)? {
            if is_folder && shard.extension().is_none() {
                let mut records = names(&shard)?;
                records.retain(|(path, _)| path.extension().is_some_and(|found| found == "record"));
                keys.extend(
                    records.iter().filter_map(|(path, _)| path.file_stem()?.to_str()?.parse::<Key>().ok()),
                );
            }
        }
        keys.sort();
        Ok(keys)
    }

    pub(super) fn listed(&self, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let goes_without = self.flaw == Flaw::ListsWhatItCanRead;
        let keys = if goes_without { self.keys().unwrap_or_default() } else { self.keys()? };
        let keys = match self.flaw {
            Flaw::ListsWhatItListed => self.memory().listed.get_or_insert(keys).clone(),
            _ => keys,
        };
        let mut listed = Vec::new();
        for key in keys {
            match self.read_for_a_list(&key) {
                Ok(found) => listed.extend(found.map(|stored| (key, stored))),
                Err(_) if goes_without => {}
                Err(error) => return Err(error),
            }
        }
        listed.retain(|(_, stored)| stored.record.is_live(now));
        Ok(listed)
    }

    fn read_for_a_list(&self, key: &Key) -> Result<Option<Stored>> {
        let known = self.memory().read.get(key).cloned();
        if known.is_some() && self.flaw == Flaw::ReadsOnceForItsLists {
            return Ok(known);
        }
        let found = self.read(key)?;
        self.memory().read.extend(found.clone().map(|found| (*key, found)));
        Ok(found)
    }
}

/// Returns what is in a folder, and whether it is a folder; one that was removed meanwhile is empty.
fn names(folder: &Path) -> Result<Vec<(PathBuf, bool)>> {
    let listed = fs::read_dir(folder).and_then(|entries| {
        let named =
            entries.map(|entry| entry.and_then(|entry| Ok((entry.path(), entry.file_type()?.is_dir()))));
        named.collect::<io::Result<Vec<_>>>()
    });
    match listed {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed.map_err(failed("list a folder")),
    }
}
