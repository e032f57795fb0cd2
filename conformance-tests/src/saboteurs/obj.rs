//! Flaws of live objects.

use async_trait::async_trait;
use session_core::{Key, Object, Result, Timestamp};

use super::{Flaw, World, saboteurs};

saboteurs! {
    objects_outlive_their_session ObjectsOutliveTheirSession caught by "OBJ-005": "A delete leaves the objects of the session.";
    objects_have_one_name ObjectsHaveOneName caught by "OBJ-001": "The name of an object is not looked at.";
    objects_of_the_dead_are_found ObjectsOfTheDeadAreFound caught by "OBJ-003": "Objects of a dead session are found.";
    the_first_object_wins TheFirstObjectWins caught by "OBJ-002": "An object under a name stays when another is put.";
    objects_are_dropped_under_the_lock ObjectsAreDroppedUnderTheLock caught by "OBJ-006": "Objects are dropped while the store is locked.";
}

#[async_trait]
impl Flaw for ObjectsOutliveTheirSession {
    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.lock().map.remove(key);
        Ok(())
    }
}

impl Flaw for ObjectsHaveOneName {
    fn put(
        &self,
        world: &World,
        key: &Key,
        _: &str,
        object: Object,
        now: Timestamp,
    ) -> Result<Option<Object>> {
        world.lock().put(key, "it", object, now)
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
    fn put(
        &self,
        world: &World,
        key: &Key,
        name: &str,
        object: Object,
        now: Timestamp,
    ) -> Result<Option<Object>> {
        let mut sessions = world.lock();
        let old = sessions.object(key, name, now);
        sessions.put(key, name, old.clone().unwrap_or(object), now)?;
        Ok(old)
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
