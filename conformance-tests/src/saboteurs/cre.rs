//! Flaws of a create.

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Result, Revision, Stored};

use super::{Flaw, Save, World, pause, saboteurs};

saboteurs! {
    a_create_looks_and_gives_way ACreateLooksAndGivesWay caught by "CRE-002": "A creation looks, lets others have their turn, and writes.";
    create_overwrites CreateOverwrites caught by "CRE-001": "A create replaces what is there.";
    create_answers_conflict CreateAnswersConflict caught by "CRE-001": "A create of a taken key is a conflict.";
    create_checks_first CreateChecksFirst caught by "CRE-002": "A create looks first and inserts later, under another lock.";
    create_over_the_dead CreateOverTheDead caught by "CRE-004": "A create replaces a dead session that is not swept.";
    first_revision_is_one FirstRevisionIsOne caught by "CRE-007": "Every session begins at revision 1.";
    swept_keys_stay_taken SweptKeysStayTaken caught by "CRE-005": "The key of a swept session is never free again.";
    create_answers_another_revision CreateAnswersAnotherRevision caught by "CRE-006": "A create answers another revision than the one it keeps.";
    first_revisions_are_too_high FirstRevisionsAreTooHigh caught by "CRE-007": "First revisions leave no room to count on.";
}

#[async_trait]
impl Flaw for CreateOverwrites {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            if call.expect == Expect::Absent {
                sessions.map.remove(call.key);
            }
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for CreateAnswersConflict {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let saved = world.with(|sessions| call.on(sessions));
        saved.map_err(|error| if matches!(error, Error::Exists) { Error::Conflict } else { error })
    }
}

#[async_trait]
impl Flaw for CreateChecksFirst {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.lock().judge(call.key, call.expect, call.now)?;
        pause();
        if call.expect != Expect::Absent {
            return world.with(|sessions| call.on(sessions));
        }
        world.lock().map.insert(*call.key, Stored { record: call.record.clone(), revision });
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for CreateOverTheDead {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            if call.expect == Expect::Absent && sessions.live(call.key, call.now).is_none() {
                sessions.map.remove(call.key);
            }
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for FirstRevisionIsOne {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        let Expect::Absent = call.expect else { return Ok(revision) };
        let one = Revision::from_i64(1)?;
        world.lock().map.entry(*call.key).and_modify(|stored| stored.revision = one);
        Ok(one)
    }
}

#[async_trait]
impl Flaw for SweptKeysStayTaken {
    async fn delete_expired(
        &self,
        world: &World,
        now: session_core::Timestamp,
        limit: usize,
    ) -> Result<usize> {
        world.with(|sessions| {
            let dead: Vec<Key> = sessions.dead(now).take(limit).collect();
            let swept = sessions.delete_expired(now, limit);
            sessions.damaged.extend(dead.into_iter().map(|key| (key, Vec::new())));
            Ok(swept)
        })
    }
}

#[async_trait]
impl Flaw for CreateAnswersAnotherRevision {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        if call.expect == Expect::Absent { revision.next() } else { Ok(revision) }
    }
}

#[async_trait]
impl Flaw for FirstRevisionsAreTooHigh {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        let Expect::Absent = call.expect else { return Ok(revision) };
        let high = Revision::from_i64(revision.as_i64() | 1 << 62)?;
        world.lock().map.entry(*call.key).and_modify(|stored| stored.revision = high);
        Ok(high)
    }
}

#[async_trait]
impl Flaw for ACreateLooksAndGivesWay {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let judged = world.lock().judge(call.key, call.expect, call.now)?;
        if call.expect == Expect::Absent {
            tokio::task::yield_now().await;
            world.lock().map.insert(*call.key, Stored { record: call.record.clone(), revision: judged });
            return Ok(judged);
        }
        world.with(|sessions| call.on(sessions))
    }
}
