//! Flaws of writes that name a revision.

use async_trait::async_trait;
use session_core::{Expect, Key, Record, Result, Revision, Stored, Timestamp};

use super::{Flaw, World, saboteurs};

saboteurs! {
    blind_save BlindSave caught by "CAS-001": "A save does not look at the revision.";
    checks_outside_the_lock ChecksOutsideTheLock caught by "CAS-004": "A save judges under one lock and writes under the next.";
}

#[async_trait]
impl Flaw for BlindSave {
    async fn save(
        &self,
        world: &World,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
    ) -> Result<Revision> {
        let mut sessions = world.lock();
        let expect = match (expect, sessions.live(key, now)) {
            (Expect::Revision(_), Some(stored)) => Expect::Revision(stored.revision),
            (expect, _) => expect,
        };
        sessions.save(key, record, expect, now)
    }
}

#[async_trait]
impl Flaw for ChecksOutsideTheLock {
    async fn save(
        &self,
        world: &World,
        key: &Key,
        record: &Record,
        expect: Expect,
        now: Timestamp,
    ) -> Result<Revision> {
        let revision = world.lock().judge(key, expect, now)?;
        world.lock().map.insert(*key, Stored { record: record.clone(), revision });
        Ok(revision)
    }
}
