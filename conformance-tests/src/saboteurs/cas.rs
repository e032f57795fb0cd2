//! Flaws of writes that name a revision.

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Record, Result, Revision, Stored, Timestamp};

use super::{Flaw, Save, Touch, World, pause, saboteurs};

saboteurs! {
    a_save_made_already_is_ok_again ASaveMadeAlreadyIsOkAgain caught by "CAS-001": "A save whose record is there at the revision it would make is answered Ok.";
    blind_save BlindSave caught by "CAS-001": "A save does not look at the revision.";
    revision_goes_by_two RevisionGoesByTwo caught by "CAS-002": "A save answers the next revision and keeps the one after it.";
    higher_revisions_fit HigherRevisionsFit caught by "CAS-003": "A save at a revision above the right one is carried out.";
    half_a_revision_is_compared HalfARevisionIsCompared caught by "CAS-003": "Of a revision only the lower 32 bits are compared.";
    checks_outside_the_lock ChecksOutsideTheLock caught by "CAS-004": "A save judges under one lock and writes under the next.";
    revision_per_key_goes_on RevisionPerKeyGoesOn caught by "CAS-005": "A key that is created again begins at the revision of its first life.";
    resurrects Resurrects caught by "CAS-007": "A write that finds its session deleted meanwhile puts it back.";
    dead_is_a_conflict DeadIsAConflict caught by "CAS-008": "A save on a dead session is a conflict.";
    torn_read TornRead caught by "CAS-014": "A load reads the data under one lock and the revision under the next.";
    save_answers_the_old_revision SaveAnswersTheOldRevision caught by "CRE-006": "A save answers the revision that it replaced.";
    save_is_always_a_conflict SaveIsAlwaysAConflict caught by "CRUD-003": "A save at the right revision is a conflict all the same.";
    every_fifth_load_is_old EveryFifthLoadIsOld caught by "CAS-014": "Every fifth load finds the session as it was created.";
}

#[async_trait]
impl Flaw for BlindSave {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let found = sessions.live(call.key, call.now).map(|stored| Expect::Revision(stored.revision));
            let expect =
                if call.expect == Expect::Absent { call.expect } else { found.unwrap_or(call.expect) };
            Save { expect, ..call }.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for RevisionGoesByTwo {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        if let (Expect::Revision(_), Some(stored)) = (call.expect, world.lock().map.get_mut(call.key)) {
            stored.revision = revision.next()?;
        }
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for HigherRevisionsFit {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let found = sessions.live(call.key, call.now).map(|stored| stored.revision);
            let expect = match (call.expect, found) {
                (Expect::Revision(named), Some(found)) if named > found => Expect::Revision(found),
                (expect, _) => expect,
            };
            Save { expect, ..call }.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for HalfARevisionIsCompared {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let low = |revision: Revision| revision.as_i64() & 0xffff_ffff;
            let found = sessions.live(call.key, call.now).map(|stored| stored.revision);
            let expect = match (call.expect, found) {
                (Expect::Revision(named), Some(found)) if low(named) == low(found) => Expect::Revision(found),
                (expect, _) => expect,
            };
            Save { expect, ..call }.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for ChecksOutsideTheLock {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.lock().judge(call.key, call.expect, call.now)?;
        pause();
        world.lock().map.insert(*call.key, Stored { record: call.record.clone(), revision });
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for RevisionPerKeyGoesOn {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        let Expect::Absent = call.expect else { return Ok(revision) };
        let same = u32::from_be_bytes(*call.key.as_bytes().first_chunk().unwrap_or(&[0; 4]));
        let revision = Revision::from_i64(i64::from(same))?;
        world.lock().map.entry(*call.key).and_modify(|stored| stored.revision = revision);
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for Resurrects {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let found = world.lock().load(call.key, call.now)?.ok_or(Error::Missing)?;
        world.lock().judge(call.key, Expect::Revision(call.expect), call.now)?;
        pause();
        let mut sessions = world.lock();
        if sessions.map.get(call.key).is_some_and(|stored| stored.revision != call.expect) {
            return Err(Error::Conflict);
        }
        let (revision, Touch { accessed_at, expires_at, .. }) = (call.expect.next()?, call);
        let record = Record { accessed_at, expires_at, ..found.record };
        sessions.map.insert(*call.key, Stored { record, revision });
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for DeadIsAConflict {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| match call.on(sessions) {
            Err(Error::Missing) if sessions.map.contains_key(call.key) => Err(Error::Conflict),
            saved => saved,
        })
    }
}

#[async_trait]
impl Flaw for TornRead {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let found = world.lock().load(key, now)?;
        pause();
        let newest = world.lock().load(key, now)?;
        Ok(found
            .zip(newest)
            .map(|(found, newest)| Stored { record: found.record, revision: newest.revision }))
    }
}

#[async_trait]
impl Flaw for SaveAnswersTheOldRevision {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        if let Expect::Revision(old) = call.expect { Ok(old) } else { Ok(revision) }
    }
}

#[async_trait]
impl Flaw for SaveIsAlwaysAConflict {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        if let Expect::Revision(_) = call.expect {
            world.lock().judge(call.key, call.expect, call.now)?;
            return Err(Error::Conflict);
        }
        world.with(|sessions| call.on(sessions))
    }
}

#[async_trait]
impl Flaw for EveryFifthLoadIsOld {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let revision = call.on(sessions)?;
            if call.expect == Expect::Absent {
                sessions.memory.first.insert(*call.key, Stored { record: call.record.clone(), revision });
            }
            Ok(revision)
        })
    }

    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let mut sessions = world.lock();
        let found = sessions.load(key, now)?;
        sessions.memory.loads += 1;
        let old = sessions
            .memory
            .first
            .get(key)
            .filter(|_| sessions.memory.loads.is_multiple_of(5) && found.is_some());
        Ok(old.cloned().or(found))
    }
}

#[async_trait]
impl Flaw for ASaveMadeAlreadyIsOkAgain {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let made = sessions.live(call.key, call.now).filter(|found| found.record == *call.record);
            match (made.map(|found| found.revision), call.expect) {
                (Some(there), Expect::Revision(before)) if before.next()? == there => Ok(there),
                _ => call.on(sessions),
            }
        })
    }
}
