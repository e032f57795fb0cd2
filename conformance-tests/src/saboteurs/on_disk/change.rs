//! What a write does while nobody else changes anything: it finds, judges, writes and remembers.

use std::fs;

use session_core::{Error, Expect, Key, Record, Result, Revision, Stored, Timestamp};

use super::{
    Flaw,
    files::{Write_, failed, sync, unknown},
    meet::meet,
    private::new_file,
    store::FileStore,
};
use crate::reference::{decode, encode};

impl FileStore {
    pub(super) fn save_now(
        &self,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
        early: Option<Revision>,
    ) -> Result<Revision> {
        let stored = match (self.judged(key, record, expect, now), early) {
            (Err(Error::Exists), Some(revision)) => Stored { record: record.clone(), revision },
            (Err(Error::Missing), _) if self.flaw == Flaw::ALateSaveRevives => {
                Stored { record: record.clone(), revision: self.fresh()? }
            }
            (judged, _) => judged?,
        };
        let is_alone = !matches!(
            self.flaw,
            Flaw::LocksItsOwnProcess
                | Flaw::LocksTheRecord
                | Flaw::GoesOnWithoutTheLock
                | Flaw::RemovesTheLockItHolds
        );
        if !is_alone {
            meet(&self.root);
        }
        self.publish(key, &stored, expect == Expect::Absent)
    }

    /// Judges a save, and returns what it is to write.
    pub(super) fn judged(
        &self,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
    ) -> Result<Stored> {
        let found = self.find(key)?.filter(|stored| expect.counts(stored.record.expires_at, now));
        let judged = expect.judge(found.map(|stored| stored.revision), self.fresh()?);
        if self.flaw == Flaw::KeepsWhatWasRefused && judged.is_err() {
            // It had been staged before.
            self.make(&self.shard(key))?;
            new_file(&self.staged(&self.record(key))?).map_err(failed("stage a record"))?;
        }
        let revision = judged?;
        Ok(Stored { record: record.clone(), revision })
    }

    /// Writes and remembers.
    pub(super) fn publish(&self, key: &Key, stored: &Stored, is_creation: bool) -> Result<Revision> {
        if matches!(self.flaw, Flaw::IndexesBeforeItWrites | Flaw::SyncsNoIndex) {
            self.index(key, stored)?;
        }
        self.write(key, stored, if is_creation { Write_::Create } else { Write_::Save })?;
        if self.flaw == Flaw::IndexesAfterItWrote {
            self.index(key, stored)?;
        }
        self.remember(key, Some(stored));
        Ok(stored.revision)
    }

    /// Answers at once; the next save writes, or the end of the store.
    pub(super) fn save_later(
        &self,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
    ) -> Result<Revision> {
        self.write_what_waits();
        let stored = self.judged(key, record, expect, now)?;
        self.remember(key, Some(&stored));
        self.memory().unwritten.push((self.record(key), encode(key, &stored)));
        Ok(stored.revision)
    }

    /// Writes what was answered already.
    pub(super) fn write_what_waits(&self) {
        let unwritten = std::mem::take(&mut self.memory().unwritten);
        for (record, bytes) in unwritten {
            let _ = fs::create_dir_all(record.with_file_name(""));
            let _ = fs::write(&record, bytes).and_then(|()| fs::File::open(&record)?.sync_all());
        }
    }

    /// Stages a save under a name that all processes use; what becomes of it is decided under the lock.
    pub(super) fn stage_early(&self, key: &Key, record: &Record) -> Result<()> {
        let stored = Stored { record: record.clone(), revision: self.fresh()? };
        self.make(&self.shard(key))?;
        let staged = self.record(key).with_extension("staged");
        let draft = staged.with_extension(format!("{:x}.draft", stored.revision.as_i64()));
        let is_staged = fs::write(&draft, encode(key, &stored)).and_then(|()| fs::rename(&draft, &staged));
        is_staged.map_err(failed("stage a record"))?;
        meet(&self.root);
        Ok(())
    }

    /// Judges a save and publishes whatever was staged for the session.
    pub(super) fn save_what_was_staged(
        &self,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
    ) -> Result<Revision> {
        let stored = self.judged(key, record, expect, now)?;
        let staged =
            fs::read(self.record(key).with_extension("staged")).map_err(failed("read what was staged"))?;
        let staged = decode(key, &staged).ok_or(Error::Corrupt("its checksum is wrong"))?;
        self.publish(
            key,
            &Stored { record: staged.record, revision: stored.revision },
            expect == Expect::Absent,
        )
    }

    pub(super) fn touch_now(
        &self,
        key: &Key,
        expect: Revision,
        times: (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Result<Revision> {
        let found = self.find(key)?.filter(|stored| stored.record.is_live(now)).ok_or(Error::Missing)?;
        let next = Expect::Revision(expect).judge(Some(found.revision), expect)?;
        let revision = if self.flaw == Flaw::TouchesKeepTheRevision { expect } else { next };
        let mut record = found.record;
        record.expires_at = times.1;
        if self.flaw == Flaw::TouchesInTwoSteps {
            self.write(key, &Stored { record: record.clone(), revision: expect }, Write_::Touch)?;
        }
        record.accessed_at = times.0;
        let stored = Stored { record, revision };
        if self.flaw == Flaw::IndexesAfterItWrote {
            self.forget(key, &stored);
        }
        self.write(key, &stored, Write_::Touch)?;
        if self.flaw == Flaw::IndexesAfterItWrote {
            self.index(key, &stored)?;
        }
        self.remember(key, Some(&stored));
        Ok(revision)
    }

    pub(super) fn delete_now(&self, key: &Key) -> Result<()> {
        let (record, shard) = (self.record(key), self.shard(key));
        self.remember(key, None);
        if self.has_index() {
            self.read(key)?.iter().for_each(|stored| self.forget(key, stored));
        }
        let is_there = match self.flaw {
            Flaw::DeletesNothingItCannotSee => record.exists(),
            _ => record.try_exists().map_err(failed("look for a record"))?,
        };
        if !is_there {
            // Whoever deleted it may have been killed before that lasts.
            let lasts = self.flaw == Flaw::DeletesNothingWithoutASync
                || !shard.try_exists().map_err(failed("look for a folder"))?;
            return if lasts { Ok(()) } else { self.sync_names(&shard) };
        }
        match self.flaw {
            Flaw::NotesBesideItsFolder => {
                fs::write(self.root.with_extension("log"), "deleted").map_err(failed("note a delete"))?;
            }
            Flaw::DeletesWhenClosed => {
                self.memory().doomed.push(record);
                return Ok(());
            }
            Flaw::EmptiesBeforeItDeletes => fs::write(&record, "").map_err(failed("empty a record"))?,
            Flaw::DeletesByMovingAside => {
                let aside = record.with_extension(format!("{:x}.aside", Revision::first()?.as_i64()));
                fs::rename(&record, &aside).map_err(failed("move a record aside"))?;
                return fs::remove_file(&aside)
                    .map_err(unknown("delete a record"))
                    .and_then(|()| sync(&shard));
            }
            _ => {}
        }
        fs::remove_file(&record).map_err(failed("delete a record"))?;
        if self.flaw == Flaw::RemovesEmptyFolders && fs::remove_dir(&shard).is_ok() {
            return sync(&self.root);
        }
        if self.flaw == Flaw::DeletesUnsynced { Ok(()) } else { self.sync_names(&shard) }
    }

    /// Finds what a write is judged by.
    fn find(&self, key: &Key) -> Result<Option<Stored>> {
        let known = self.memory().known.get(key).cloned();
        match (self.flaw, known) {
            (Flaw::JudgesByMemory | Flaw::AnswersBeforeItWrites, Some(Some(known))) => Ok(Some(known)),
            (Flaw::DeletesWhenClosed | Flaw::RemembersThatNothingWasThere, Some(None)) => Ok(None),
            _ => self.read(key),
        }
    }

    pub(super) fn fresh(&self) -> Result<Revision> {
        match self.flaw {
            Flaw::RevisionsBeginAtOne => Revision::from_i64(1),
            Flaw::CountsItsCreations => {
                let mut memory = self.memory();
                memory.created += 1;
                Revision::from_i64(memory.created)
            }
            _ => Revision::first(),
        }
    }
}
