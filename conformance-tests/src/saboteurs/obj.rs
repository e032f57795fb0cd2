//! Flaws of live objects.

pub(super) mod ends;
pub(super) mod keys;
pub(super) mod others;
pub(super) mod race;
pub(super) mod turns;

use std::sync::Arc;

use async_trait::async_trait;
use session_core::{Key, Object, Result, Revision, Timestamp};

use super::{Flaw, Put, Save, Touch, World, saboteurs};

saboteurs! {
    objects_outlive_their_session ObjectsOutliveTheirSession caught by "OBJ-005": "A delete leaves the objects of the session.";
    objects_have_one_name ObjectsHaveOneName caught by "OBJ-001": "The name of an object is not looked at.";
    objects_of_the_dead_are_found ObjectsOfTheDeadAreFound caught by "OBJ-003": "Objects of a dead session are found.";
    the_first_object_wins TheFirstObjectWins caught by "OBJ-002": "An object under a name stays when another is put.";
    objects_are_dropped_under_the_lock ObjectsAreDroppedUnderTheLock caught by "OBJ-006": "Objects are dropped while the store is locked.";
    objects_belong_to_everybody ObjectsBelongToEverybody caught by "OBJ-001": "An object is found in every session.";
    a_put_hands_nothing_back APutHandsNothingBack caught by "OBJ-002": "A put does not hand back what it replaces.";
    a_remove_leaves_the_object ARemoveLeavesTheObject caught by "OBJ-002": "A remove hands the object out and keeps it.";
    an_absent_session_takes_objects AnAbsentSessionTakesObjects caught by "OBJ-003": "An object can be put where no session is.";
    a_save_ends_the_objects ASaveEndsTheObjects caught by "OBJ-004": "A save drops the objects of its session.";
    a_touch_ends_the_objects ATouchEndsTheObjects caught by "OBJ-004": "A touch drops the objects of its session.";
    a_sweep_ends_all_objects ASweepEndsAllObjects caught by "OBJ-004": "A sweep drops the objects of every session.";
}

#[async_trait]
impl Flaw for ObjectsOutliveTheirSession {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.lock().map.remove(key);
        Ok(())
    }
}

impl Flaw for ObjectsHaveOneName {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        world.with(|sessions| Put { name: "it", ..call }.on(sessions))
    }

    fn object(&self, world: &World, key: &Key, _: &str, now: Timestamp) -> Option<Object> {
        world.lock().object(key, "it", now)
    }
}

impl Flaw for ObjectsOfTheDeadAreFound {
    fn object(&self, world: &World, key: &Key, name: &str, _: Timestamp) -> Option<Object> {
        world.lock().object(key, name, Timestamp::EPOCH)
    }
}

impl Flaw for TheFirstObjectWins {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        let Put { key, name, object, now } = call;
        world.with(|sessions| {
            let old = sessions.object(key, name, now);
            sessions.put(key, name, old.clone().unwrap_or(object), now)?;
            Ok(old)
        })
    }
}

#[async_trait]
impl Flaw for ObjectsAreDroppedUnderTheLock {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        let mut sessions = world.lock();
        sessions.delete(key);
        sessions.gone.clear();
        Ok(())
    }
}

impl Flaw for ObjectsBelongToEverybody {
    fn object(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        let _ = (key, now);
        world.lock().objects.iter().find(|((_, other), _)| other == name).map(|(_, object)| object.clone())
    }
}

impl Flaw for APutHandsNothingBack {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        world.with(|sessions| call.on(sessions)).map(|_| None)
    }
}

impl Flaw for ARemoveLeavesTheObject {
    fn remove(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
        world.lock().object(key, name, now)
    }
}

impl Flaw for AnAbsentSessionTakesObjects {
    fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
        let Put { key, name, object, now } = call;
        world.with(|sessions| match sessions.put(key, name, Arc::clone(&object), now) {
            Err(_) => Ok(sessions.objects.insert((*key, name.to_owned()), object)),
            put => put,
        })
    }
}

#[async_trait]
impl Flaw for ASaveEndsTheObjects {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| {
            let kept = sessions.map.remove(call.key);
            sessions.delete(call.key);
            kept.map(|stored| sessions.map.insert(*call.key, stored));
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for ATouchEndsTheObjects {
    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| {
            sessions.objects.retain(|(key, _), _| key != call.key);
            call.on(sessions)
        })
    }
}

#[async_trait]
impl Flaw for ASweepEndsAllObjects {
    async fn delete_expired(&self, world: &World, now: Timestamp, limit: usize) -> Result<usize> {
        Ok(world.with(|sessions| {
            sessions.objects.clear();
            sessions.delete_expired(now, limit)
        }))
    }
}
