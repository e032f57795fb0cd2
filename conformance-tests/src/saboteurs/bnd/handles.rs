//! Flaws of a cap that two handles keep.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use session_core::{Expect, Key, Result, Revision, Stored, Timestamp};

use crate::{
    reference::Sessions,
    saboteurs::{Flaw, Save, World, saboteurs},
};

saboteurs! {
    each_handle_counts_its_own EachHandleCountsItsOwn caught by "BND-017": "At a cap, each handle counts the sessions that it has created itself.";
    a_handle_loads_what_another_evicted AHandleLoadsWhatAnotherEvicted caught by "BND-017": "What one handle has evicted is loaded by the others.";
    a_delete_makes_room_for_its_handle ADeleteMakesRoomForItsHandle caught by "BND-017": "What one handle has deleted takes up room for the others.";
}

fn lock<T>(part: &Mutex<T>) -> MutexGuard<'_, T> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Carries out a save as if the cap were another one.
fn save_at(sessions: &mut Sessions, call: Save<'_>, cap: impl FnOnce(usize) -> usize) -> Result<Revision> {
    let max = sessions.max_sessions;
    sessions.max_sessions = max.map(cap);
    let saved = call.on(sessions);
    sessions.max_sessions = max;
    saved
}

/// What each opening has created.
type Created = Mutex<HashMap<usize, BTreeSet<Key>>>;

#[async_trait]
impl Flaw for EachHandleCountsItsOwn {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let created = world.part::<Created>();
        world.with(|sessions| {
            let mut created = lock(&created);
            let own = created.entry(world.opening).or_default();
            own.retain(|key| sessions.map.contains_key(key));
            let others = sessions.map.len().saturating_sub(own.len());
            let revision = save_at(sessions, call, |max| max + others)?;
            own.extend((call.expect == Expect::Absent).then_some(*call.key));
            Ok(revision)
        })
    }
}

/// Sessions that were evicted and not created again, each with the opening that evicted it.
type Ghosts = Mutex<BTreeMap<Key, (usize, Stored)>>;

#[async_trait]
impl Flaw for AHandleLoadsWhatAnotherEvicted {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let ghosts = world.part::<Ghosts>();
        world.with(|sessions| {
            let mut ghosts = lock(&ghosts);
            let before = sessions.max_sessions.map(|_| sessions.map.clone()).unwrap_or_default();
            let revision = call.on(sessions)?;
            let gone = before.into_iter().filter(|(key, _)| !sessions.map.contains_key(key));
            ghosts.extend(gone.map(|(key, stored)| (key, (world.opening, stored))));
            ghosts.remove(call.key);
            Ok(revision)
        })
    }

    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        let ghosts = world.part::<Ghosts>();
        let ghost = lock(&ghosts).get(key).filter(|(opening, _)| *opening != world.opening).cloned();
        let ghost = ghost.map(|(_, stored)| stored).filter(|stored| stored.record.is_live(now));
        Ok(world.lock().load(key, now)?.or(ghost))
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        lock(&world.part::<Ghosts>()).remove(key);
        world.with(|sessions| sessions.delete(key));
        Ok(())
    }
}

/// By which opening each session was deleted whose room is taken up.
type Deleted = Mutex<BTreeMap<Key, usize>>;

#[async_trait]
impl Flaw for ADeleteMakesRoomForItsHandle {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let deleted = world.part::<Deleted>();
        world.with(|sessions| {
            let mut deleted = lock(&deleted);
            let taken = deleted.values().filter(|opening| **opening != world.opening).count();
            let revision = save_at(sessions, call, |max| max.saturating_sub(taken))?;
            if call.expect == Expect::Absent {
                deleted.clear();
            }
            Ok(revision)
        })
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        if world.with(|sessions| sessions.delete(key)) {
            lock(&world.part::<Deleted>()).insert(*key, world.opening);
        }
        Ok(())
    }
}
