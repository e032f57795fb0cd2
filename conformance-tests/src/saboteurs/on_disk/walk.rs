//! What goes through all records: recovery, sweeps and lists.

use std::fs;

use session_core::{Key, Result, Revision, Stored, Timestamp};

use super::{Flaw, files::failed, store::FileStore};

impl FileStore {
    pub(super) fn recover(&self) -> Result<()> {
        match self.flaw {
            Flaw::PublishesLeftovers => {
                for staged in self.shards().iter().flat_map(|shard| self.files(shard, "staged")) {
                    let record = staged.with_extension("").with_extension("record");
                    fs::rename(&staged, record).map_err(failed("publish what was staged"))?;
                }
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

    pub(super) fn sweep_now(&self, now: Timestamp, limit: usize) -> Result<usize> {
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
        for key in self.keys() {
            let Ok(Some(stored)) = self.read(&key) else { continue };
            let first = self.memory().ends.get(&key).copied();
            let end = first.filter(|_| self.flaw == Flaw::SweepsByMemory).unwrap_or(stored.record.expires_at);
            if now < end || swept == limit || gone.contains(&key.to_string()) {
                continue;
            }
            if self.flaw == Flaw::SweepsByAList {
                gone.push_str(&key.to_string());
                fs::write(&list, &gone).map_err(failed("write a list"))?;
            }
            fs::remove_file(self.record(&key)).map_err(failed("sweep a record"))?;
            swept += 1;
        }
        Ok(swept)
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
