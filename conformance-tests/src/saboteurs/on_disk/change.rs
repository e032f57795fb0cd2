//! What a write does while nobody else changes anything: it finds, judges, writes and remembers.

use std::{fs, thread, time::Duration};

use session_core::{Error, Expect, Key, Record, Result, Revision, Stored, Timestamp};

use super::{
    Flaw,
    files::{Write_, failed},
    store::FileStore,
};
use crate::reference::encode;

impl FileStore {
    pub(super) fn save_now(
        &self,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
        early: Option<Revision>,
    ) -> Result<Revision> {
        let found = self.find(key)?.filter(|stored| expect.counts(stored.record.expires_at, now));
        let judged = expect.judge(found.map(|stored| stored.revision), self.fresh()?);
        let revision = match (judged, early) {
            (Err(Error::Exists), Some(revision)) => revision,
            (Err(Error::Missing), _) if self.flaw == Flaw::ALateSaveRevives => self.fresh()?,
            (judged, _) => judged?,
        };
        if matches!(self.flaw, Flaw::LocksItsOwnProcess | Flaw::LocksTheRecord) {
            thread::sleep(Duration::from_millis(1));
        }
        let stored = Stored { record: record.clone(), revision };
        let kind = if expect == Expect::Absent { Write_::Create } else { Write_::Save };
        self.write(key, &stored, kind)?;
        self.remember(key, Some(&stored));
        Ok(revision)
    }

    /// Answers at once and writes a moment later.
    pub(super) fn save_later(
        &self,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
    ) -> Result<Revision> {
        let found = self.find(key)?.filter(|stored| expect.counts(stored.record.expires_at, now));
        let revision = expect.judge(found.map(|stored| stored.revision), self.fresh()?)?;
        let stored = Stored { record: record.clone(), revision };
        self.remember(key, Some(&stored));
        let (shard, record, bytes) = (self.shard(key), self.record(key), encode(key, &stored));
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            fs::create_dir_all(&shard).and_then(|()| fs::write(&record, bytes))
        });
        Ok(revision)
    }

    pub(super) fn touch_now(
        &self,
        key: &Key,
        expect: Revision,
        times: (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Result<Revision> {
        let found = self.find(key)?.filter(|stored| stored.record.is_live(now)).ok_or(Error::Missing)?;
        let revision = Expect::Revision(expect).judge(Some(found.revision), expect)?;
        let mut record = found.record;
        record.expires_at = times.1;
        if self.flaw == Flaw::TouchesInTwoSteps {
            self.write(key, &Stored { record: record.clone(), revision: expect }, Write_::Touch)?;
        }
        record.accessed_at = times.0;
        let stored = Stored { record, revision };
        self.write(key, &stored, Write_::Touch)?;
        self.remember(key, Some(&stored));
        Ok(revision)
    }

    pub(super) fn delete_now(&self, key: &Key) -> Result<()> {
        let record = self.record(key);
        self.remember(key, None);
        if !record.exists() {
            return Ok(());
        }
        if self.flaw == Flaw::EmptiesBeforeItDeletes {
            fs::write(&record, "").map_err(failed("empty a record"))?;
        }
        fs::remove_file(&record).map_err(failed("delete a record"))?;
        if self.flaw == Flaw::DeletesUnsynced { Ok(()) } else { self.sync_names(&self.shard(key)) }
    }

    /// Finds what a write is judged by.
    fn find(&self, key: &Key) -> Result<Option<Stored>> {
        let known = self.memory().known.get(key).cloned().flatten();
        match (self.flaw, known) {
            (Flaw::JudgesByMemory | Flaw::AnswersBeforeItWrites, Some(known)) => Ok(Some(known)),
            _ => self.read(key),
        }
    }

    pub(super) fn fresh(&self) -> Result<Revision> {
        if self.flaw == Flaw::RevisionsBeginAtOne { Revision::from_i64(1) } else { Revision::first() }
    }
}
