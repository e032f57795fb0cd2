//! Writes that are not one step.

use std::sync::{Mutex, PoisonError, TryLockError};

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Record, Result, Revision, Stored, Timestamp};

use crate::saboteurs::{Flaw, Save, Touch, World, interlude, saboteurs};

saboteurs! {
    judges_before_it_waits JudgesBeforeItWaits caught by "LIN-001": "A save judges, waits, and writes what it had judged.";
    two_creators TwoCreators caught by "LIN-001": "Two creations at once are both answered Ok.";
    delete_undone_by_a_save DeleteUndoneByASave caught by "LIN-001": "A save that was judged before a delete writes after it.";
    touch_writes_back_old_data TouchWritesBackOldData caught by "LIN-001": "A touch reads a session, waits, and writes it back.";
    save_lost_in_a_crowd SaveLostInACrowd caught by "LIN-001": "A save that meets another one is answered Ok and dropped.";
    conflict_with_itself ConflictWithItself caught by "LIN-001": "A save that landed among others is answered Conflict.";
    data_swapped DataSwapped caught by "LIN-001": "Two acknowledged saves leave the data of the first at the revision of the second.";
    sweeps_what_it_had_listed SweepsWhatItHadListed caught by "LIN-003": "A sweep deletes what was dead when it looked.";
    evicts_at_every_save EvictsAtEverySave caught by "LIN-007": "A save of a session that is there evicts another one where the cap is reached.";
    creates_over_the_dead CreatesOverTheDead caught by "LIN-003": "A creation replaces a dead session that nobody swept.";
    saves_share_a_buffer SavesShareABuffer caught by "LIN-002": "Two saves of different sessions at once write the data of one of them.";
    touched_in_two_steps TouchedInTwoSteps caught by "LIN-001": "A touch sets one time in a first step and the other in a second one.";
}

#[async_trait]
impl Flaw for JudgesBeforeItWaits {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, record, expect, now } = call;
        let revision = world.lock().judge(key, expect, now)?;
        interlude().await;
        world.lock().map.insert(*key, Stored { record: record.clone(), revision });
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for TwoCreators {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, expect, now, .. } = call;
        if expect != Expect::Absent {
            return world.with(|sessions| call.on(sessions));
        }
        world.lock().judge(key, expect, now)?;
        interlude().await;
        let mut sessions = world.lock();
        sessions.map.remove(key);
        call.on(&mut sessions)
    }
}

#[async_trait]
impl Flaw for DeleteUndoneByASave {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, record, expect, now } = call;
        let revision = world.lock().judge(key, expect, now)?;
        interlude().await;
        let mut sessions = world.lock();
        if sessions.map.contains_key(key) {
            return call.on(&mut sessions);
        }
        sessions.map.insert(*key, Stored { record: record.clone(), revision });
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for TouchWritesBackOldData {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let Touch { key, expect, accessed_at, expires_at, now } = call;
        let revision = world.lock().judge(key, Expect::Revision(expect), now)?;
        let read = world.lock().live(key, now).cloned().ok_or(Error::Missing)?;
        interlude().await;
        let record = Record { accessed_at, expires_at, ..read.record };
        world.lock().map.insert(*key, Stored { record, revision });
        Ok(revision)
    }
}

/// Whoever saves at this moment.
#[derive(Default)]
struct Saving(Mutex<()>);

#[async_trait]
impl Flaw for SaveLostInACrowd {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, expect, now, .. } = call;
        let saving = world.part::<Saving>();
        let Ok(_saving) = saving.0.try_lock() else { return world.lock().judge(key, expect, now) };
        let revision = world.with(|sessions| call.on(sessions));
        std::thread::yield_now();
        revision
    }
}

#[async_trait]
impl Flaw for ConflictWithItself {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { expect, .. } = call;
        let saving = world.part::<Saving>();
        let alone = match saving.0.try_lock() {
            Ok(alone) => Some(alone),
            Err(TryLockError::Poisoned(poisoned)) => Some(PoisonError::into_inner(poisoned)),
            Err(TryLockError::WouldBlock) => None,
        };
        let revision = world.with(|sessions| call.on(sessions));
        std::thread::yield_now();
        if alone.is_none() && expect != Expect::Absent {
            revision.and(Err(Error::Conflict))
        } else {
            revision
        }
    }
}

#[async_trait]
impl Flaw for DataSwapped {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, record, expect, now } = call;
        let revision = {
            let mut sessions = world.lock();
            let data = sessions.map.get(key).map(|stored| stored.record.data.clone());
            let old = Record { data: data.unwrap_or_else(|| record.data.clone()), ..record.clone() };
            sessions.save(key, &old, expect, now)?
        };
        interlude().await;
        if let Some(stored) = world.lock().map.get_mut(key) {
            stored.record.data = record.data.clone();
        }
        Ok(revision)
    }
}

#[async_trait]
impl Flaw for SweepsWhatItHadListed {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let dead: Vec<Key> = world.lock().dead(now).take(limit).collect();
        interlude().await;
        let mut sessions = world.lock();
        Ok(dead.iter().filter(|key| sessions.delete(key)).count())
    }
}

#[async_trait]
impl Flaw for CreatesOverTheDead {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, expect, now, .. } = call;
        let mut sessions = world.lock();
        if sessions.live(key, now).is_none() && expect == Expect::Absent {
            sessions.map.remove(key);
        }
        call.on(&mut sessions)
    }
}

#[async_trait]
impl Flaw for EvictsAtEverySave {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let Save { key, expect, .. } = call;
        let mut sessions = world.lock();
        let revision = call.on(&mut sessions)?;
        if sessions.max_sessions.is_some_and(|max| sessions.map.len() >= max) && expect != Expect::Absent {
            let other = sessions.map.keys().find(|other| *other != key).copied();
            other.map(|other| sessions.delete(&other));
        }
        Ok(revision)
    }
}

/// What is about to be written, by whoever came last.
type Buffer = Mutex<bytes::Bytes>;

#[async_trait]
impl Flaw for SavesShareABuffer {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let buffer = world.part::<Buffer>();
        *buffer.lock().unwrap_or_else(PoisonError::into_inner) = call.record.data.clone();
        interlude().await;
        let data = buffer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        world.with(|sessions| call.of(&Record { data, ..call.record.clone() }, sessions))
    }
}

#[async_trait]
impl Flaw for TouchedInTwoSteps {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let old = world.lock().live(call.key, call.now).map(|stored| stored.record.expires_at);
        let touched = world
            .with(|sessions| Touch { expires_at: old.unwrap_or(call.expires_at), ..call }.on(sessions))?;
        interlude().await;
        let mut sessions = world.lock();
        if let Some(stored) = sessions.map.get_mut(call.key).filter(|stored| stored.revision == touched) {
            stored.record.expires_at = call.expires_at;
        }
        Ok(touched)
    }
}
