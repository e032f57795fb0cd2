//! What goes through all records: recovery, sweeps and lists.

use std::{fs, io, time::SystemTime};

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
                self.files(&shard, "staged").iter().for_each(|staged| drop(fs::remove_file(staged)));
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
                Err(cause) => return Err(failed("sweep a record")(cause)),
            }
        }
        Ok(swept)
    }

    /// Returns the keys of the dead, in their order.
    pub(super) fn dead(&self, now: Timestamp) -> Vec<Key> {
        self.keys().into_iter().filter(|key| self.end_of(key).is_some_and(|end| end <= now)).collect()
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
    fn keys(&self) -> Vec<Key> {
        let records = self.shards().into_iter().flat_map(|shard| self.files(&shard, "record"));
        let mut keys: Vec<_> = records.filter_map(|path| path.file_stem()?.to_str()?.parse().ok()).collect();
        keys.sort();
        keys
    }

    pub(super) fn listed(&self, now: Timestamp) -> Vec<(Key, Stored)> {
        let keys = self.keys();
        let keys = match self.flaw {
            Flaw::ListsWhatItListed => self.memory().listed.get_or_insert(keys).clone(),
            _ => keys,
        };
        let read = |key: Key| Some((key, self.read(&key).ok().flatten()?));
        keys.into_iter().filter_map(read).filter(|(_, stored)| stored.record.is_live(now)).collect()
    }
}
