//! Flaws of calls that do their work in two steps, one of them beside the record, and may be dropped in between.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use session_core::{Error, Expect, Key, Object, Owner, Result, Revision, Stored, Timestamp};

use crate::{
    reference::Sessions,
    saboteurs::{Flaw, Page, Save, Touch, World, interlude, saboteurs},
};

saboteurs! {
    a_dropped_create_is_on_no_page ADroppedCreateIsOnNoPage caught by "CAN-009": "A create that is dropped half-way is loaded, and is on no page.";
    a_dropped_save_is_nobodys ADroppedSaveIsNobodys caught by "CAN-009": "A save with another owner that is dropped half-way is in no owner's list.";
    a_dropped_delete_is_counted ADroppedDeleteIsCounted caught by "CAN-009": "A delete that is dropped half-way leaves its session in the count.";
    a_dropped_touch_is_not_swept ADroppedTouchIsNotSwept caught by "CAN-010": "A touch that is dropped half-way has moved the end only that sweeps go by.";
    a_dropped_touch_is_swept ADroppedTouchIsSwept caught by "CAN-010": "A touch that is dropped half-way has moved the end, but not the one that sweeps go by.";
    a_dropped_delete_takes_the_objects ADroppedDeleteTakesTheObjects caught by "CAN-011": "A delete that is dropped half-way has dropped the objects and left the session.";
    a_dropped_delete_leaves_the_objects ADroppedDeleteLeavesTheObjects caught by "CAN-011": "A delete that is dropped half-way has left the objects for whoever creates the session again.";
    a_dropped_create_keeps_its_room ADroppedCreateKeepsItsRoom caught by "CAN-012": "A create that is dropped half-way takes up room for ever.";
}

/// What is on its way between the two steps.
type OnTheWay = Mutex<BTreeSet<Key>>;

fn lock<T>(part: &Mutex<T>) -> MutexGuard<'_, T> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

fn on_the_way(world: &World) -> BTreeSet<Key> {
    lock(&world.part::<OnTheWay>()).clone()
}

/// Saves, and does the rest a moment later.
async fn save_then(world: &World, call: Save<'_>, is_late: bool) -> Result<Revision> {
    let late = world.part::<OnTheWay>();
    let revision = world.with(|sessions| {
        let revision = call.on(sessions)?;
        if is_late {
            lock(&late).insert(*call.key);
        }
        Ok::<_, Error>(revision)
    })?;
    interlude().await;
    lock(&late).remove(call.key);
    Ok(revision)
}

#[async_trait]
impl Flaw for ADroppedCreateIsOnNoPage {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        save_then(world, call, call.expect == Expect::Absent).await
    }

    async fn page(&self, world: &World, call: Page<'_>) -> Result<Vec<(Key, Stored)>> {
        let late = on_the_way(world);
        Ok(call.without(|key| late.contains(key), &world.lock()))
    }
}

#[async_trait]
impl Flaw for ADroppedSaveIsNobodys {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        let before = world.lock().map.get(call.key).map(|stored| stored.record.owner.clone());
        save_then(world, call, before.is_some_and(|owner| owner != call.record.owner)).await
    }

    async fn owned_by(&self, world: &World, owner: &Owner, now: Timestamp) -> Result<Vec<(Key, Stored)>> {
        let late = on_the_way(world);
        let mut owned = world.lock().owned_by(owner, now);
        owned.retain(|(key, _)| !late.contains(key));
        Ok(owned)
    }
}

/// How many are counted that are not there.
type Ghosts = Mutex<u64>;

#[async_trait]
impl Flaw for ADroppedDeleteIsCounted {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        let was_there = world.with(|sessions| u64::from(sessions.delete(key)));
        let ghosts = world.part::<Ghosts>();
        *lock(&ghosts) += was_there;
        interlude().await;
        *lock(&ghosts) -= was_there;
        Ok(())
    }

    async fn count(&self, world: &World, now: Timestamp) -> Result<u64> {
        let ghosts = *lock(&world.part::<Ghosts>());
        Ok(world.lock().count(now) + ghosts)
    }
}

/// Ends that sweeps go by in place of those in the records.
type Ends = Mutex<BTreeMap<Key, Timestamp>>;

/// Sweeps by these ends, and where there is none by that of the record.
fn sweep_by(ends: &Ends, world: &World, now: Timestamp, limit: usize) -> usize {
    let mut ends = lock(ends);
    world.with(|sessions| {
        let dead = sessions.map.iter().filter(|(key, stored)| {
            let end = ends.get(*key).copied().unwrap_or(stored.record.expires_at);
            end <= now
        });
        let dead: Vec<Key> = dead.map(|(key, _)| *key).take(limit).collect();
        for key in &dead {
            ends.remove(key);
            sessions.delete(key);
        }
        dead.len()
    })
}

#[async_trait]
impl Flaw for ADroppedTouchIsNotSwept {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let ends = world.part::<Ends>();
        world.lock().judge(call.key, Expect::Revision(call.expect), call.now)?;
        lock(&ends).insert(*call.key, call.expires_at);
        interlude().await;
        let touched = world.with(|sessions| call.on(sessions));
        lock(&ends).remove(call.key);
        touched
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(sweep_by(&world.part::<Ends>(), world, now, limit))
    }
}

#[async_trait]
impl Flaw for ADroppedTouchIsSwept {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        let ends = world.part::<Ends>();
        let old = world.lock().map.get(call.key).map(|stored| stored.record.expires_at);
        let revision = world.with(|sessions| call.on(sessions))?;
        lock(&ends).extend(old.map(|end| (*call.key, end)));
        interlude().await;
        lock(&ends).remove(call.key);
        Ok(revision)
    }

    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(sweep_by(&world.part::<Ends>(), world, now, limit))
    }
}

#[async_trait]
impl Flaw for ADroppedDeleteTakesTheObjects {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.with(|sessions| {
            let stored = sessions.map.get(key).cloned();
            sessions.delete(key);
            sessions.map.extend(stored.map(|stored| (*key, stored)));
        });
        interlude().await;
        world.with(|sessions| sessions.delete(key));
        Ok(())
    }
}

#[async_trait]
impl Flaw for ADroppedDeleteLeavesTheObjects {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        let of_the_session = |sessions: &Sessions| -> Vec<((Key, String), Object)> {
            let all = sessions.objects.iter().filter(|((session, _), _)| session == key);
            all.map(|(name, object)| (name.clone(), Arc::clone(object))).collect()
        };
        world.with(|sessions| {
            let objects = of_the_session(sessions);
            sessions.delete(key);
            sessions.objects.extend(objects);
        });
        interlude().await;
        world.with(|sessions| sessions.delete(key));
        Ok(())
    }
}

/// How many creations are on their way.
type Reserved = Mutex<usize>;

#[async_trait]
impl Flaw for ADroppedCreateKeepsItsRoom {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        if call.expect != Expect::Absent {
            return world.with(|sessions| call.on(sessions));
        }
        let reserved = world.part::<Reserved>();
        *lock(&reserved) += 1;
        interlude().await;
        let others = *lock(&reserved) - 1;
        let saved = world.with(|sessions| {
            let max = sessions.max_sessions;
            sessions.max_sessions = max.map(|max| max.saturating_sub(others));
            let saved = call.on(sessions);
            sessions.max_sessions = max;
            saved
        });
        *lock(&reserved) -= 1;
        saved
    }
}
