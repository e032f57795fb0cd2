//! What a race leaves behind for ever: in lists and counts, in what a sweep finds, in the room there is.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Owner, Result, Revision, Stored, Timestamp};

use crate::saboteurs::{Flaw, Page, Save, Touch, World, pause, saboteurs};

saboteurs! {
    the_count_drifts_in_a_race TheCountDriftsInARace caught by "LIN-001": "A delete counts one less, if there was a session a moment before.";
    the_room_drifts_in_a_race TheRoomDriftsInARace caught by "LIN-007": "A delete makes room for one more, if there was a session a moment before.";
    a_delete_unlists_who_comes_next ADeleteUnlistsWhoComesNext caught by "LIN-001": "A delete takes a key off the pages a moment later, whoever has it by then.";
    who_was_raced_for_is_swept_by_none WhoWasRacedForIsSweptByNone caught by "LIN-003": "A delete takes a key out of the index of sweeps a moment later, whoever has it by then.";
    sweeps_go_by_the_end_of_who_came_last SweepsGoByTheEndOfWhoCameLast caught by "LIN-003": "The end that sweeps go by is noted a moment after a write, in whatever order writers come back.";
    the_owner_index_is_written_after_the_record TheOwnerIndexIsWrittenAfterTheRecord caught by "LIN-001": "A session leaves its owner's list a moment after a save, whoever owns it by then.";
}

/// How many more are counted than there are.
#[derive(Default)]
struct Drift(AtomicI64);

impl Drift {
    fn of(world: &World) -> i64 {
        world.part::<Self>().0.load(Ordering::SeqCst)
    }

    /// Deletes a session, and counts one less if it was there a moment before.
    fn delete(world: &World, key: &Key) {
        let was_there = world.lock().map.contains_key(key);
        pause();
        let is_there = world.with(|sessions| {
            let is_there = sessions.map.contains_key(key);
            sessions.delete(key);
            is_there
        });
        world.part::<Self>().0.fetch_add(i64::from(is_there) - i64::from(was_there), Ordering::SeqCst);
    }
}

#[async_trait]
impl Flaw for TheCountDriftsInARace {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        Drift::delete(world, key);
        Ok(())
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        Ok(world.lock().count(now).saturating_add_signed(Drift::of(world)))
    }
}

#[async_trait]
impl Flaw for TheRoomDriftsInARace {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let (max, drift) = (sessions.max_sessions, isize::try_from(Drift::of(world)).unwrap_or(0));
            sessions.max_sessions = max.map(|max| max.saturating_add_signed(-drift));
            let saved = call.on(sessions);
            sessions.max_sessions = max;
            saved
        })
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        Drift::delete(world, key);
        Ok(())
    }
}

/// The keys that an index misses.
type Missed = Mutex<HashSet<Key>>;

/// Saves, and a creation puts its key into the index.
fn save(world: &World, call: Save<'_>) -> Result<Revision> {
    let missed = world.part::<Missed>();
    world.with(|sessions| {
        let revision = call.on(sessions)?;
        if call.expect == Expect::Absent {
            missed.lock().unwrap_or_else(PoisonError::into_inner).remove(call.key);
        }
        Ok(revision)
    })
}

/// Deletes, and a moment later takes the key out of the index.
fn delete(world: &World, key: &Key) {
    world.with(|sessions| sessions.delete(key));
    pause();
    world.part::<Missed>().lock().unwrap_or_else(PoisonError::into_inner).insert(*key);
}

fn missed(world: &World) -> HashSet<Key> {
    world.part::<Missed>().lock().unwrap_or_else(PoisonError::into_inner).clone()
}

#[async_trait]
impl Flaw for ADeleteUnlistsWhoComesNext {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call)
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        delete(world, key);
        Ok(())
    }

    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let missed = missed(world);
        Ok(call.without(|key| missed.contains(key), &world.lock()))
    }
}

#[async_trait]
impl Flaw for WhoWasRacedForIsSweptByNone {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save(world, call)
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        delete(world, key);
        Ok(())
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let missed = missed(world);
        Ok(world.with(|sessions| {
            let dead: Vec<Key> = sessions.dead(now).filter(|key| !missed.contains(key)).take(limit).collect();
            dead.iter().filter(|key| sessions.delete(key)).count()
        }))
    }
}

/// Who is listed for whom.
type Owned = Mutex<HashSet<(Owner, Key)>>;

#[async_trait]
impl Flaw for TheOwnerIndexIsWrittenAfterTheRecord {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let owned = world.part::<Owned>();
        let new = call.record.owner.clone();
        let (revision, old) = world.with(|sessions| {
            let old = sessions.map.get(call.key).and_then(|stored| stored.record.owner.clone());
            let revision = call.on(sessions)?;
            if call.expect == Expect::Absent || old != new {
                let mut owned = owned.lock().unwrap_or_else(PoisonError::into_inner);
                owned.extend(new.clone().map(|new| (new, *call.key)));
            }
            Ok::<_, Error>((revision, old))
        })?;
        if let Some(old) = old.filter(|old| Some(old) != new.as_ref()) {
            pause();
            owned.lock().unwrap_or_else(PoisonError::into_inner).remove(&(old, *call.key));
        }
        Ok(revision)
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let owned = world.part::<Owned>();
        let mut listed = world.lock().owned_by(owner, now);
        let owned = owned.lock().unwrap_or_else(PoisonError::into_inner);
        listed.retain(|(key, _)| owned.contains(&(owner.clone(), *key)));
        Ok(listed)
    }
}

/// The ends that sweeps go by.
type Ends = Mutex<HashMap<Key, Timestamp>>;

/// Notes an end, a moment after the write that made a revision: one in four takes long.
fn note(world: &World, key: &Key, end: Timestamp, revision: Revision) {
    let pauses = if revision.as_i64() % 4 == 0 { 20 } else { 0 };
    (0..pauses).for_each(|_| pause());
    world.part::<Ends>().lock().unwrap_or_else(PoisonError::into_inner).insert(*key, end);
}

#[async_trait]
impl Flaw for SweepsGoByTheEndOfWhoCameLast {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        note(world, call.key, call.record.expires_at, revision);
        Ok(revision)
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let revision = world.with(|sessions| call.on(sessions))?;
        note(world, call.key, call.expires_at, revision);
        Ok(revision)
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        let ends = world.part::<Ends>();
        let ends = ends.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(world.with(|sessions| {
            let noted = |key: &Key| ends.get(key).is_none_or(|end| *end <= now);
            let dead: Vec<Key> = sessions.dead(now).filter(noted).take(limit).collect();
            dead.iter().filter(|key| sessions.delete(key)).count()
        }))
    }
}
