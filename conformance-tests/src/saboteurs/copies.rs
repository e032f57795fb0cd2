//! Flaws of stores that keep a copy: caches, queues and writes that are made twice.

use std::thread;

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Result, Revision, Stored, Timestamp};

use super::{Flaw, Save, Touch, World, saboteurs};
use crate::reference::Sessions;

saboteurs! {
    a_cache_outlives_a_delete ACacheOutlivesADelete caught by "KIL-005": "What was loaded before a delete is loaded after it.";
    a_cache_misses_touches ACacheMissesTouches caught by "COM-005": "What was loaded before a touch is loaded after it.";
    a_load_is_one_behind ALoadIsOneBehind caught by "ROT-001": "A load shows what was there before the last save.";
    delete_lands_late DeleteLandsLate caught by "KIL-001": "A delete is answered Ok and carried out with the next write.";
    delete_gives_up DeleteGivesUp caught by "KIL-001": "A delete that meets a save is answered Ok and leaves the session.";
    a_save_lands_again_over_a_later_one ASaveLandsAgainOverALaterOne caught by "COM-008": "Every fourth save is made once more after the next one.";
    a_save_lands_again_after_a_delete ASaveLandsAgainAfterADelete caught by "KIL-005": "The last save is made once more after a delete.";
    touch_undoes_a_delete TouchUndoesADelete caught by "KIL-005": "A touch of a deleted session brings it back.";
    login_undoes_a_delete LoginUndoesADelete caught by "KIL-001": "A save with an owner brings a deleted session back.";
    a_sweep_puts_a_copy_back ASweepPutsACopyBack caught by "COM-008": "A sweep works on a copy of all sessions, and puts that in their place.";
    a_slow_save_does_not_look_again ASlowSaveDoesNotLookAgain caught by "CAS-004": "A save judges, waits a moment, and writes whatever came in between.";
}

#[async_trait]
impl Flaw for ACacheOutlivesADelete {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let mut sessions = world.lock();
        let found = sessions.load(key, now)?;
        match found {
            Some(found) => drop(sessions.memory.copies.insert(*key, found)),
            None => {
                return Ok(sessions.memory.copies.get(key).filter(|copy| copy.record.is_live(now)).cloned());
            }
        }
        sessions.load(key, now)
    }
}

#[async_trait]
impl Flaw for ACacheMissesTouches {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let mut sessions = world.lock();
        if let Some(copy) = sessions.memory.copies.get(key).filter(|copy| copy.record.is_live(now)) {
            return Ok(Some(copy.clone()));
        }
        let found = sessions.load(key, now)?;
        sessions.memory.copies.extend(found.clone().map(|found| (*key, found)));
        Ok(found)
    }

    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            sessions.memory.copies.remove(call.key);
            call.on(sessions)
        })
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.with(|sessions| {
            sessions.memory.copies.remove(key);
            sessions.delete(key)
        });
        Ok(())
    }
}

#[async_trait]
impl Flaw for ALoadIsOneBehind {
    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let mut sessions = world.lock();
        let before = sessions.memory.copies.remove(key).filter(|copy| copy.record.is_live(now));
        Ok(sessions.load(key, now)?.map(|found| before.unwrap_or(found)))
    }

    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let before = sessions.live(call.key, call.now).cloned();
            let revision = call.on(sessions)?;
            sessions.memory.copies.extend(before.map(|before| (*call.key, before)));
            Ok(revision)
        })
    }
}

#[async_trait]
impl Flaw for DeleteLandsLate {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            carry_out(sessions);
            call.on(sessions)
        })
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.with(|sessions| {
            carry_out(sessions);
            sessions.memory.doomed.push(*key);
        });
        Ok(())
    }
}

fn carry_out(sessions: &mut Sessions) {
    for key in std::mem::take(&mut sessions.memory.doomed) {
        sessions.delete(&key);
    }
}

#[async_trait]
impl Flaw for DeleteGivesUp {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        let found = |sessions: &Sessions| sessions.map.get(key).map(|stored| stored.revision);
        let before = found(&world.lock());
        pause();
        world.with(|sessions| found(sessions) == before && sessions.delete(key));
        Ok(())
    }
}

/// Lets other threads run, so that what is not under one lock comes apart.
fn pause() {
    (0..20).for_each(|_| thread::yield_now());
}

#[async_trait]
impl Flaw for ASaveLandsAgainOverALaterOne {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let revision = call.on(sessions)?;
            if let Some(copy) = sessions.memory.copies.remove(call.key) {
                sessions.map.insert(*call.key, Stored { record: copy.record, revision });
            } else if call.expect != Expect::Absent && revision.as_i64() % 4 == 0 {
                let record = call.record.clone();
                sessions.memory.copies.insert(*call.key, Stored { record, revision });
            }
            Ok(revision)
        })
    }
}

/// Keeps a copy of what a save kept.
fn save_and_copy(sessions: &mut Sessions, call: Save<'_>) -> Result<Revision> {
    let revision = call.on(sessions)?;
    sessions.memory.copies.insert(*call.key, Stored { record: call.record.clone(), revision });
    Ok(revision)
}

#[async_trait]
impl Flaw for ASaveLandsAgainAfterADelete {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| match save_and_copy(sessions, call) {
            Err(Error::Missing) => {
                let copy = sessions.memory.copies.remove(call.key);
                sessions.map.extend(copy.map(|copy| (*call.key, copy)));
                Err(Error::Missing)
            }
            answer => answer,
        })
    }
}

#[async_trait]
impl Flaw for TouchUndoesADelete {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| save_and_copy(sessions, call))
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            if let Some(copy) = sessions.memory.copies.get(call.key).cloned() {
                sessions.map.entry(*call.key).or_insert(copy);
            }
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for LoginUndoesADelete {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| match (call.on(sessions), call.expect) {
            (Err(Error::Missing), Expect::Revision(revision)) if call.record.owner.is_some() => {
                let stored = Stored { record: call.record.clone(), revision: revision.next()? };
                sessions.map.insert(*call.key, stored);
                revision.next()
            }
            (answer, _) => answer,
        })
    }
}

#[async_trait]
impl Flaw for ASweepPutsACopyBack {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let mut copy = world.lock().clone();
        pause();
        let deleted = copy.delete_expired(now, limit);
        *world.lock() = copy;
        Ok(deleted)
    }
}

#[async_trait]
impl Flaw for ASlowSaveDoesNotLookAgain {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.lock().judge(call.key, call.expect, call.now)?;
        pause();
        world.with(|sessions| {
            sessions.map.insert(*call.key, Stored { record: call.record.clone(), revision })
        });
        Ok(revision)
    }
}
